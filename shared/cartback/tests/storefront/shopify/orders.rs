use ::cartback::event::Change;
use serde_json::json;

use super::super::{at, kinds};
use super::{accepted, fixture, ignored, names, raw};

#[test]
fn a_completed_checkout_is_an_order_even_if_nothing_else_can_be_read() {
    let mut body = fixture("checkouts-update-completed");
    body["line_items"][0]["price"] = json!("?");
    let events = accepted("checkouts/update", &body);
    assert_eq!(kinds(&events), ["order.placed"]);
    assert_eq!(
        (names(&events[0]), events[0].at),
        (
            vec!["chk-51d0".to_owned(), "cart-7f3a".to_owned()],
            at("2026-07-01T10:06:00Z")
        )
    );
    let Change::OrderPlaced(order) = &events[0].change else {
        panic!()
    };
    assert_eq!(
        (order.id.as_str(), order.total.unwrap().minor),
        ("checkout:chk-51d0", 13_438)
    );
    assert!(events[0].contact.is_some());
}

#[test]
fn an_order_keeps_all_digits_and_the_time_it_was_placed() {
    let events = raw("orders/create", "orders-create");
    assert_eq!(
        (kinds(&events), names(&events[0])),
        (
            vec!["order.placed"],
            vec!["chk-51d0".to_owned(), "cart-7f3a".to_owned()]
        )
    );
    // Not `updated_at`: what happens to the parcel later must not stop the person's next cart.
    assert_eq!(events[0].at, at("2026-07-01T10:06:02Z"));
    let Change::OrderPlaced(order) = &events[0].change else {
        panic!()
    };
    assert_eq!(order.id, "9007199254740993100");
    assert_eq!(order.total.unwrap().to_string(), "134.38 EUR");
}

#[test]
fn an_order_without_tokens_stops_its_person() {
    let events = raw("orders/paid", "orders-create-without-tokens");
    assert!(events[0].carts.is_empty() && events[0].contact.is_some());
    let mut anonymous = fixture("orders-create-without-tokens");
    for field in ["email", "contact_email", "customer"] {
        anonymous[field] = json!("");
    }
    assert!(ignored("orders/create", &anonymous));
}

#[test]
fn a_cancelled_order_was_an_order() {
    let events = raw("orders/cancelled", "orders-cancelled");
    assert_eq!(kinds(&events), ["order.placed", "order.cancelled"]);
    assert_eq!(events[1].at, at("2026-07-02T06:00:00Z"));
}

#[test]
fn an_order_names_the_cart_that_the_shops_own_theme_named() {
    let mut body = fixture("orders-create-without-tokens");
    body["note_attributes"] = json!([null, { "name": "gift", "value": "yes" }, { "name": "cartback_cart", "value": "own-1" }]);
    assert_eq!(names(&accepted("orders/create", &body)[0]), ["own-1"]);
    body["note_attributes"] = json!({ "cartback_cart": "own-1" });
    assert!(accepted("orders/create", &body)[0].carts.is_empty());
}

#[test]
fn an_updated_order_tells_of_its_refunds_alone() {
    let mut body = fixture("orders-create");
    assert!(ignored("orders/updated", &body));
    let paid_back = |amount: &str| json!({ "kind": "refund", "status": "success", "amount": amount, "currency": "EUR" });
    body["refunds"] = json!([
        { "id": 929_361_464, "created_at": "2026-07-05T10:00:00Z", "transactions": [
            paid_back("10.00"), paid_back("5.50"), { "kind": "refund", "status": "failure", "amount": "99.00", "currency": "EUR" },
        ] },
        null,
        { "id": 929_361_465, "created_at": "2026-07-06T10:00:00Z", "transactions": [] },
        { "created_at": "2026-07-07T10:00:00Z" },
    ]);
    let events = accepted("orders/updated", &body);
    assert_eq!(
        kinds(&events),
        ["order.placed", "order.refunded", "order.refunded"]
    );
    assert_eq!(events[0].at, at("2026-07-01T10:06:02Z"));
    let refunds: Vec<_> = events[1..]
        .iter()
        .map(|event| match &event.change {
            Change::OrderRefunded(refund) => (
                refund.id.as_str(),
                refund.amount.map(|amount| amount.minor),
                event.at,
            ),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        refunds,
        [
            ("929361464", Some(1550), at("2026-07-05T10:00:00Z")),
            ("929361465", None, at("2026-07-06T10:00:00Z")),
        ]
    );
    assert_eq!(names(&events[1]), names(&events[0]));
}
