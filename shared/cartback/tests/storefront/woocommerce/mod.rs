//! WooCommerce: what all topics share; orders and carts have their files.

mod carts;
mod orders;
mod products;

use ::cartback::event::CartEvent;
use ::cartback::storefront::woocommerce::WooCommerce;
use ::cartback::storefront::{Malformed, Message, Parsed, Storefront};
use serde_json::{Value, json};

use super::{RECEIVED_AT, at, events, headers, kinds, parse};

fn fixture(name: &str) -> Value {
    serde_json::from_slice(&super::fixture("woocommerce", name)).unwrap()
}

fn parsed(topic: &str, body: &str) -> Result<Parsed, Malformed> {
    let headers = headers(&[
        ("X-WC-Webhook-Topic", topic),
        ("X-WC-Webhook-Source", "https://shop.example/"),
    ]);
    parse(&WooCommerce, &headers, body.as_bytes())
}

fn accepted(topic: &str, body: &Value) -> Vec<CartEvent> {
    events(parsed(topic, &body.to_string()).unwrap())
}

#[test]
fn a_ping_is_greeted_and_nothing_else_is() {
    let greeting = |body: &[u8], pairs: &[(&str, &str)]| {
        let headers = headers(pairs);
        let message = Message {
            headers: &headers,
            body,
        };
        WooCommerce.greeting(message).is_some()
    };
    assert!(greeting(b"webhook_id=4", &[]));
    for body in [
        &b"webhook_id="[..],
        b"webhook_id=4&id=5",
        b"webhook_id=123456789012345678901",
        b" webhook_id=4",
        b"{\"id\":4}",
        b"",
    ] {
        assert!(!greeting(body, &[]), "{body:?}");
    }
    assert!(!greeting(
        b"webhook_id=4",
        &[("X-WC-Webhook-Signature", "x")]
    ));
}

#[test]
fn what_is_of_no_use_is_ignored_whatever_its_body() {
    for topic in [
        "customer.created",
        "customer.updated",
        "coupon.created",
        "coupon.deleted",
        "action.woocommerce_add_to_cart",
        "nonsense",
    ] {
        let parsed = parsed(topic, "not json");
        assert!(matches!(parsed, Ok(Parsed::Ignored(_))), "{topic}");
    }
    assert_eq!(
        parse(&WooCommerce, &headers(&[]), b"{}").unwrap_err().path,
        "."
    );
}

#[test]
fn a_deleted_customer_is_forgotten_if_there_is_an_address() {
    let body = fixture("customer-deleted").to_string();
    assert!(matches!(
        parsed("customer.deleted", &body),
        Ok(Parsed::Ignored(_))
    ));
    let told = accepted(
        "customer.deleted",
        &json!({ "id": 25, "email": "ada@example.com", "first_name": "Ada" }),
    );
    assert_eq!(kinds(&told), ["erasure.requested"]);
    assert_eq!(told[0].contact.as_ref().unwrap().first_name, None);
}

#[test]
fn a_message_is_known_by_shop_topic_and_bytes_and_not_by_its_delivery() {
    let body = fixture("order-pending").to_string();
    let id = |source: &str, topic: &str, body: &str, delivery: &str| {
        let headers = headers(&[
            ("X-WC-Webhook-Source", source),
            ("X-WC-Webhook-Topic", topic),
            ("X-WC-Webhook-Delivery-ID", delivery),
        ]);
        events(parse(&WooCommerce, &headers, body.as_bytes()).unwrap())
            .remove(0)
            .id
    };
    let first = id("https://a.example/", "order.updated", &body, "1");
    assert_eq!(first, id("https://a.example/", "order.updated", &body, "2"));
    for other in [
        id("https://b.example/", "order.updated", &body, "1"),
        id("https://a.example/", "order.created", &body, "1"),
        id(
            "https://a.example/",
            "order.updated",
            &format!("{body} "),
            "1",
        ),
    ] {
        assert_ne!(first, other);
    }
}

#[test]
fn a_time_is_read_from_its_gmt_twin_and_never_later_than_reception() {
    let time = |modified: Value, created: Value| {
        let mut body = fixture("order-pending");
        body["date_modified_gmt"] = modified;
        body["date_created_gmt"] = created;
        accepted("order.updated", &body)[0].at
    };
    let (good, other) = (json!("2026-07-01T10:06:30"), json!("2026-07-01T10:00:00"));
    assert_eq!(time(good, other.clone()), at("2026-07-01T10:06:30Z"));
    assert_eq!(
        time(json!("0000-00-00T00:00:00"), other.clone()),
        at("2026-07-01T10:00:00Z")
    );
    assert_eq!(time(json!("2031-01-01T00:00:00"), other), at(RECEIVED_AT));
    assert_eq!(time(json!(""), Value::Null), at(RECEIVED_AT));
}
