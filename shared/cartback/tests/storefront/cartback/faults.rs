use serde_json::{Value, json};

use super::{cart, refused, with};

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn a_fault_in_a_cart_names_its_path_and_the_remedy() {
    let huge = "90000000000000000";
    for (path, value, expected) in [
        (
            "/cart/items/1/price",
            json!(19.9),
            "cart.items[1].price: is a number; send money without a sign as text in quotes, such as \"49.00\"",
        ),
        (
            "/cart/items/1/price",
            json!(19),
            "cart.items[1].price: is a number; send money without a sign as text in quotes, such as \"49.00\"",
        ),
        (
            "/cart/items/1/price",
            json!("-1"),
            "cart.items[1].price: has a wrong value; send money without a sign",
        ),
        (
            "/cart/items/1/price",
            json!("1,5"),
            "cart.items[1].price: has a wrong value; send money without a sign",
        ),
        (
            "/cart/items/1/price",
            json!("1.005"),
            "cart.items[1].price: has more decimals than EUR has; send at most 2",
        ),
        (
            "/cart/items/1/price",
            json!("99999999999999999999"),
            "cart.items[1].price: is too large",
        ),
        (
            "/cart/items/0/price",
            json!(huge),
            "cart.items: cost too much together",
        ),
        ("/cart/total", json!("-1"), "cart.total: has a wrong value"),
        (
            "/cart/items/0/quantity",
            json!(0),
            "cart.items[0].quantity: is out of range; send 1 to 9999",
        ),
        (
            "/cart/items/0/quantity",
            json!(10_000),
            "cart.items[0].quantity: is out of range",
        ),
        (
            "/cart/items/0/quantity",
            json!("2"),
            "cart.items[0].quantity: is a text; send a whole number",
        ),
        (
            "/cart/items/0/title",
            json!(" \n"),
            "cart.items[0].title: is empty",
        ),
        ("/cart/items/0/id", json!(""), "cart.items[0].id: is no id"),
        (
            "/cart/items/0/url",
            json!("x".repeat(2001)),
            "cart.items[0].url: is too long",
        ),
        (
            "/cart/items",
            Value::Null,
            "cart.items: is null; send an array",
        ),
        (
            "/cart/currency",
            json!("XAU"),
            "cart.currency: is no currency with minor units",
        ),
        ("/cart/id", json!("has space"), "cart.id: is no cart id"),
        ("/cart", json!({}), "cart.id: is missing"),
        (
            "/at",
            json!("2026-07-01T12:00:00"),
            "at: is no time; send RFC 3339 with an offset",
        ),
        ("/id", json!(""), "id: is no id"),
        (
            "/type",
            json!("cart.created"),
            "type: is no event type; send cart.updated, ",
        ),
    ] {
        let message = refused(&with(cart(), path, value));
        assert!(message.starts_with(expected), "{path}: {message}");
    }
}

#[test]
fn a_fault_in_a_person_names_its_path_and_repeats_nothing() {
    let contact =
        |contact: Value| json!({"type": "contact.identified", "cart_id": "c", "contact": contact});
    for (message, expected) in [
        (contact(json!({})), "contact.email: is missing"),
        (
            contact(json!({"email": null})),
            "contact.email: is null; send a text",
        ),
        (
            contact(json!({"email": "secret@ada"})),
            "contact.email: not an e-mail address",
        ),
        (
            contact(json!({"email": ["secret@example.com"]})),
            "contact.email: is an array; send a text",
        ),
        (
            contact(json!("secret@example.com")),
            "contact: is a text; send an object",
        ),
        (
            contact(json!({"email": "a@example.com", "time_zone": "secret"})),
            "contact.time_zone: is no time zone",
        ),
        (
            contact(json!({"email": "a@example.com", "country": "secret"})),
            "contact.country: is no country",
        ),
        (
            contact(json!({"email": "a@example.com", "locale": "secret secret"})),
            "contact.locale: is no language tag",
        ),
        (
            json!({"type": "checkout.step_reached", "cart_id": "c", "step": "secret"}),
            "step: has a wrong value; send one of `contact`",
        ),
        (
            json!({"type": "consent.changed", "contact": {"email": "a@example.com"}, "consent": {"state": "granted"}}),
            "consent.basis: is missing",
        ),
        (json!({"type": "secret"}), "type: is no event type"),
        (json!({}), "type: is missing"),
        (json!("secret"), ".: is a text; send an object"),
    ] {
        let fault = refused(&message);
        assert!(fault.starts_with(expected), "{message}: {fault}");
        assert!(!fault.contains("secret"), "{fault}");
    }
}
