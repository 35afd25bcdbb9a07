use ::cartback::event::{Change, CheckoutStep};
use serde_json::{Value, json};

use super::super::{at, contents, kinds, names};
use super::{accepted, fixture, parsed};

const TOPIC: &str = "action.cartback_cart";

#[test]
fn the_snippets_cart_has_its_own_name_and_what_the_shopper_saw() {
    let events = accepted(TOPIC, &fixture("cart"));
    assert_eq!(
        kinds(&events),
        [
            "cart.updated",
            "contact.identified",
            "checkout.step_reached"
        ]
    );
    assert_eq!(
        (names(&events[0]), events[0].at),
        (
            vec!["3f0e9a52-7f0b-4c50-9d53-8b8f5a3f1c11"],
            at("2026-07-01T09:58:00.250Z")
        )
    );
    let contents = contents(&events);
    assert_eq!(contents.total().to_string(), "85.90 EUR");
    assert_eq!(
        contents.checkout_url.as_deref(),
        Some("https://shop.example/checkout/")
    );
    let (blanket, mug) = (&contents.lines[0], &contents.lines[1]);
    assert_eq!(blanket.title, "Wool Blanket – Navy");
    assert_eq!(
        (blanket.price_minor, blanket.compare_at_minor),
        (3900, Some(4500))
    );
    assert!(blanket.url.is_some() && blanket.image_url.is_some());
    assert_eq!(
        (mug.variant.as_deref(), mug.compare_at_minor),
        (Some("Blue / M"), None)
    );
    let step = CheckoutStep::Contact;
    assert_eq!(events[2].change, Change::StepReached { step, costs: None });
}

#[test]
fn an_emptied_cart_is_told() {
    let events = accepted(TOPIC, &fixture("cart-emptied"));
    let contents = contents(&events);
    assert_eq!((contents.lines.len(), contents.total_minor), (0, 0));
}

#[test]
fn the_shops_minor_unit_is_not_the_currencys() {
    for (code, minor_unit, units, expected) in [
        ("EUR", json!(2), "1290", "12.90 EUR"),
        ("JPY", json!(0), "1290", "1290 JPY"),
        ("KWD", json!(3), "1290", "1.290 KWD"),
        // A shop that hides its decimals.
        ("EUR", json!(0), "13", "13.00 EUR"),
        ("JOD", json!("2"), "129", "1.290 JOD"),
    ] {
        let prices =
            json!({ "price": units, "currency_code": code, "currency_minor_unit": minor_unit });
        let cart =
            json!({ "items": [{ "id": 1, "name": "Mug", "quantity": 1, "prices": prices }] });
        let body = json!({ "arg": { "cart_id": "c", "cart": cart } });
        assert_eq!(
            contents(&accepted(TOPIC, &body)).total().to_string(),
            expected
        );
    }
}

#[test]
fn a_line_that_cannot_be_read_does_not_lose_the_cart() {
    let mut body = fixture("cart");
    body["arg"]["cart"]["items"] =
        json!([null, 7, { "quantity": 0 }, body["arg"]["cart"]["items"][1]]);
    body["arg"]["cart"]["totals"] = Value::Null;
    body["arg"]["cart"]["billing_address"] = json!([]);
    let events = accepted(TOPIC, &body);
    assert_eq!(kinds(&events), ["cart.updated"]);
    assert_eq!(contents(&events).total().to_string(), "12.90 EUR");
}

#[test]
fn a_cart_without_a_name_or_without_itself_is_refused() {
    for (body, path) in [
        (json!({ "arg": { "cart": {} } }), "arg.cart_id"),
        (json!({ "arg": { "cart_id": "c" } }), "arg.cart"),
        (json!({ "arg": 7 }), "arg"),
    ] {
        assert_eq!(parsed(TOPIC, &body.to_string()).unwrap_err().path, path);
    }
}
