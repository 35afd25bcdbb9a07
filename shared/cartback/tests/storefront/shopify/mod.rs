//! What all topics share; each kind has its file.

mod carts;
mod customers;
mod orders;
mod products;

use ::cartback::event::CartEvent;
use ::cartback::storefront::shopify::Shopify;
use ::cartback::storefront::{Malformed, Parsed};
use serde_json::{Value, json};

use super::{RECEIVED_AT, at, events, headers, parse};

fn fixture(name: &str) -> Value {
    let path = format!(
        "{}/fixtures/storefront/shopify/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn parsed(topic: &str, body: &str) -> Result<Parsed, Malformed> {
    let headers = headers(&[("X-Shopify-Topic", topic), ("X-Shopify-Webhook-Id", "wh-1")]);
    parse(&Shopify, &headers, body.as_bytes())
}

fn accepted(topic: &str, body: &Value) -> Vec<CartEvent> {
    events(parsed(topic, &body.to_string()).unwrap())
}

fn raw(topic: &str, name: &str) -> Vec<CartEvent> {
    let path = format!(
        "{}/fixtures/storefront/shopify/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    events(parsed(topic, &std::fs::read_to_string(path).unwrap()).unwrap())
}

fn names(event: &CartEvent) -> Vec<String> {
    event.carts.iter().map(ToString::to_string).collect()
}

fn ignored(topic: &str, body: &Value) -> bool {
    matches!(parsed(topic, &body.to_string()), Ok(Parsed::Ignored(_)))
}

#[test]
fn what_is_of_no_use_is_ignored_whatever_its_body() {
    for topic in [
        "refunds/create",
        "customers_marketing_consent/update",
        "app/uninstalled",
        "products/delete",
        "inventory_levels/update",
        "nonsense",
    ] {
        assert!(
            matches!(parsed(topic, "not json"), Ok(Parsed::Ignored(_))),
            "{topic}"
        );
    }
}

#[test]
fn a_time_that_cannot_be_read_gives_way_to_the_next() {
    let time = |updated_at: &str, created_at: &str, triggered_at: &str| {
        let body = json!({"token": "c", "line_items": [], "updated_at": updated_at, "created_at": created_at});
        let body = body.to_string();
        let headers = headers(&[
            ("Shopify-Topic", "carts/update"),
            ("Shopify-Triggered-At", triggered_at),
        ]);
        events(parse(&Shopify, &headers, body.as_bytes()).unwrap())[0].at
    };
    let (good, other, third) = (
        "2026-07-01T12:00:00+02:00",
        "2026-07-01T09:00:00Z",
        "2026-07-01T08:00:00.123456789Z",
    );
    assert_eq!(time(good, other, third), at("2026-07-01T10:00:00Z"));
    assert_eq!(time("2026-07-01T12:00:00+99:00", other, third), at(other));
    assert_eq!(time("", "yesterday", third), at(third));
    assert_eq!(time("", "", "?"), at(RECEIVED_AT));
    assert_eq!(time("2031-01-01T00:00:00Z", "", ""), at(RECEIVED_AT));
}

#[test]
fn a_message_has_the_id_of_its_delivery_else_of_its_event_else_of_its_bytes() {
    let body = fixture("carts-update").to_string();
    let id = |pairs: &[(&str, &str)]| {
        let mut headers = headers(pairs);
        headers.insert("x-shopify-topic", "carts/update".parse().unwrap());
        events(parse(&Shopify, &headers, body.as_bytes()).unwrap())
            .remove(0)
            .id
    };
    assert_eq!(
        id(&[("X-Shopify-Webhook-Id", "w"), ("X-Shopify-Event-Id", "e")]),
        "w"
    );
    assert_eq!(
        id(&[("Shopify-Webhook-Id", "w"), ("X-Shopify-Event-Id", "e")]),
        "w"
    );
    assert_eq!(id(&[("Shopify-Event-Id", "e")]), "e");
    assert!(id(&[]).starts_with("sha256:"));
}

#[test]
fn a_test_is_marked_by_its_header_or_its_order() {
    let headers = headers(&[
        ("X-Shopify-Topic", "carts/update"),
        ("X-Shopify-Test", "True"),
    ]);
    let body = fixture("carts-update").to_string();
    assert!(events(parse(&Shopify, &headers, body.as_bytes()).unwrap())[0].is_test);
    let mut order = fixture("orders-create");
    assert!(!accepted("orders/create", &order)[0].is_test);
    order["test"] = json!(true);
    assert!(accepted("orders/create", &order)[0].is_test);
}
