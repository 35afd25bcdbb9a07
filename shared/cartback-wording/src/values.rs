//! The values that templates may show, by the file's name. What is not here cannot be said.

use std::collections::BTreeSet;

const SPEECH: &[&str] = &["t", "lang", "dir", "start", "end"];
const BRAND: &[&str] = &[
    "brand",
    "brand.name",
    "brand.url",
    "brand.logo_url",
    "brand.button",
    "brand.button.fill",
    "brand.button.text",
    "brand.button.dark_fill",
    "brand.button.dark_text",
    "brand.support_email",
    "brand.postal_address",
];
const CART: &[&str] = &[
    "cart",
    "cart.items",
    "cart.n_more",
    "cart.total",
    "cart.savings",
];
const MAIL: &[&str] = &["first_name", "restore_url", "unsubscribe_url"];
const NUDGE: &[&str] = &["reason", "person", "answers"];
const FOLLOW_UP: &[&str] = &["reason", "facts", "statements", "statements.free_shipping"];
const FINAL: &[&str] = &[
    "statements",
    "statements.deadline",
    "statements.deadline_preview",
    "statements.free_shipping",
    "statements.orders",
];
const PAGE: &[&str] = &[
    "action",
    "restore_url",
    "news",
    "free_shipping",
    "tapped",
    "others",
];

/// What the template `name`, such as `nudge/body.mjml`, may ask for. A partial stands in every mail, so
/// it gets what all of them have, and the answers of the nudge in its own.
#[must_use]
pub fn known_values(name: &str) -> BTreeSet<&'static str> {
    let own: &[&[&str]] = match name.split('/').next().unwrap_or_default() {
        "nudge" => &[CART, MAIL, NUDGE],
        "follow_up" => &[CART, MAIL, FOLLOW_UP],
        "final" => &[CART, MAIL, FINAL],
        "partials" if name.contains("answers") => &[NUDGE],
        "partials" => &[CART, MAIL],
        _ => &[CART, PAGE],
    };
    let all = [SPEECH, BRAND].into_iter().chain(own.iter().copied());
    all.flatten().copied().collect()
}
