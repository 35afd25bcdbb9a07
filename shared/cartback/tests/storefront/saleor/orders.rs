//! Saleor's orders: placed, cancelled, paid back.

use ::cartback::cart::Cart;
use ::cartback::event::Change;
use ::cartback::ids::CartKey;
use ::cartback::storefront::Parsed;
use serde_json::{Value, json};

use super::super::{at, kinds};
use super::{TOKEN, accepted, raw, sample, told};

#[test]
fn an_order_stops_the_checkout_that_it_came_from() {
    let events = raw("order_created", "order_created");
    assert_eq!(kinds(&events), ["order.placed"]);
    assert_eq!(events[0].carts[0].as_str(), TOKEN);
    assert_eq!(events[0].at, at("2026-07-01T12:30:00.5Z"));
    assert_eq!(
        events[0].contact.as_ref().unwrap().email.expose(),
        "ada@example.com"
    );
    let Change::OrderPlaced(order) = &events[0].change else {
        panic!()
    };
    assert_eq!(
        (order.id.as_str(), order.total.unwrap().minor),
        ("T3JkZXI6NzE1", 11_270)
    );
}

#[test]
fn a_cancelled_or_expired_order_was_one() {
    let order = sample("order_created");
    for event in ["order_cancelled", "ORDER_EXPIRED"] {
        let events = accepted(event, &order);
        assert_eq!(kinds(&events), ["order.placed", "order.cancelled"]);
        assert_eq!(events[1].at, at("2026-07-01T12:30:00.9Z"));
    }
}

#[test]
fn an_order_is_not_refused_for_what_it_lacks() {
    let notice = raw("notify_user", "order_confirmation-notice");
    assert_eq!(kinds(&notice), ["order.placed"]);
    for (order, expected) in [
        (
            json!({ "checkoutId": "c-1", "lines": "?", "total": 7 }),
            true,
        ),
        (
            json!({ "userEmail": " ADA@example.com ", "checkoutId": null }),
            true,
        ),
        (
            json!({ "userEmail": "", "user": { "email": "ada@example.com" } }),
            true,
        ),
        (json!({ "userEmail": "no address" }), false),
        (json!({ "checkoutId": "c-1", "status": "DRAFT" }), false),
        (json!({}), false),
    ] {
        let parsed = told("order_created", &json!({ "order": order.clone() })).unwrap();
        assert_eq!(matches!(parsed, Parsed::Events(_)), expected, "{order}");
    }
}

#[test]
fn a_refunded_order_tells_the_sum_that_was_paid_back() {
    for event in ["order_refunded", "order_fully_refunded"] {
        let events = raw(event, "order_refunded");
        assert_eq!(kinds(&events), ["order.placed", "order.refunded"]);
        assert_eq!(events[0].at, at("2026-07-01T12:10:00.25Z"));
        assert_eq!(events[1].at, at("2026-07-05T09:00:00.5Z"));
        assert_eq!(events[1].carts[0].as_str(), TOKEN);
        assert_eq!(refunded(&events[1].change), Some("49.00 EUR".to_owned()));
    }
    let mut order = sample("order_refunded");
    order["order"]["totalRefunded"] = Value::Null;
    let events = accepted("order_refunded", &order);
    assert_eq!(refunded(&events[1].change), None);
}

#[test]
fn the_sum_of_two_refunds_takes_the_place_of_the_first() {
    let first = sample("order_refunded");
    let mut second = first.clone();
    second["issuedAt"] = json!("2026-07-06T09:00:00Z");
    second["order"]["totalRefunded"]["amount"] = json!(60);
    let events: Vec<_> = [&second, &first]
        .into_iter()
        .flat_map(|order| accepted("order_refunded", order))
        .collect();
    let shop = "demo".parse().unwrap();
    let name = &events[0].carts[0];
    let mut cart = Cart::new(CartKey::new(&shop, name), name.clone(), events[0].at);
    for event in &events {
        cart.facts.apply(event, None);
    }
    // Of 112.70.
    assert_eq!(cart.facts.net_total().unwrap().minor, 5_270);
}

fn refunded(change: &Change) -> Option<String> {
    let Change::OrderRefunded(refund) = change else {
        panic!("{change:?}")
    };
    refund.amount.map(|amount| amount.to_string())
}
