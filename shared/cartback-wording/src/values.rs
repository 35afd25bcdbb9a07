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
const MAIL: &[&str] = &[
    "first_name",
    "restore_url",
    "unsubscribe_url",
    "preferences_url",
];
const OFFER: &[&str] = &[
    "statements",
    "statements.offer",
    "statements.offer.text",
    "statements.offer.code",
    "statements.offer.end",
];
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
    "offer",
    "offer.text",
    "offer.code",
    "offer.end",
    "tapped",
    "others",
    "done",
    "is_stopped",
    "is_all_stopped",
    "paused_until",
    "languages",
    "why",
    "why.stage",
    "why.at",
    "why.per_week",
    "why.agreed_at",
    "why.is_ordered",
    "why.has_offer",
    "why.digest",
];

/// What the template `name`, such as `nudge/body.mjml`, may ask for. A partial stands in every mail, so
/// it gets what all of them have, and the answers of the nudge in its own.
#[must_use]
pub fn known_values(name: &str) -> BTreeSet<&'static str> {
    let own: &[&[&str]] = match name.split('/').next().unwrap_or_default() {
        "nudge" => &[CART, MAIL, NUDGE],
        "follow_up" => &[CART, MAIL, FOLLOW_UP, OFFER],
        "final" => &[CART, MAIL, FINAL, OFFER],
        "partials" if name.contains("answers") => &[NUDGE],
        "partials" if name.contains("offer") => &[OFFER],
        "partials" => &[CART, MAIL],
        _ => &[CART, PAGE],
    };
    let all = [SPEECH, BRAND].into_iter().chain(own.iter().copied());
    all.flatten().copied().collect()
}
