use ::cartback::cart::CartStatus;
use ::cartback::consent::ConsentState;
use ::cartback::event::{CartEvent, Change, CheckoutStep};
use ::cartback::storefront::commercelayer::CommerceLayer;
use ::cartback::storefront::{Malformed, Parsed};
use serde_json::{Value, json};

use super::{RECEIVED_AT, at, contents, events, headers, kinds, names, parse, status};

fn fixture(name: &str) -> Value {
    serde_json::from_slice(&super::fixture("commercelayer", name)).unwrap()
}

fn parsed(topic: &str, body: &Value) -> Result<Parsed, Malformed> {
    let headers = headers(&[("X-CommerceLayer-Topic", topic)]);
    parse(&CommerceLayer, &headers, body.to_string().as_bytes())
}

fn accepted(topic: &str, body: &Value) -> Vec<CartEvent> {
    events(parsed(topic, body).unwrap())
}

fn is_ignored(topic: &str, body: &Value) -> bool {
    matches!(parsed(topic, body), Ok(Parsed::Ignored(_)))
}

#[test]
fn a_pending_order_is_a_cart_with_its_checkout() {
    let events = accepted("orders.pending", &fixture("orders-pending"));
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
        (vec!["xYzAbCdEfG"], at("2026-07-01T10:05:00.456Z"))
    );
    let contents = contents(&events);
    // The discount is off, the shipment is no item.
    assert_eq!(contents.total().to_string(), "102.90 EUR");
    let lines: Vec<_> = contents
        .lines
        .iter()
        .map(|line| (line.id.as_str(), line.title.as_str(), line.price_minor))
        .collect();
    assert_eq!(
        lines,
        [
            ("BLANKET-NAVY", "Wool Blanket", 3650),
            ("MUG-BLUE", "Enamel Mug", 3490)
        ]
    );
    assert!(contents.checkout_url.is_some());
    let person = events[1].contact.as_ref().unwrap();
    assert_eq!(
        (person.first_name.as_deref(), person.country.as_deref()),
        (Some("Ada"), Some("DE"))
    );
    let Change::StepReached {
        step: CheckoutStep::Address,
        costs: Some(costs),
    } = events[2].change
    else {
        panic!("{:?}", events[2])
    };
    assert_eq!((costs.shipping.unwrap().minor, costs.tax), (490, None));
}

#[test]
fn the_status_says_what_happened_and_not_the_topic() {
    const CART: &str = "cart.updated contact.identified checkout.step_reached";
    let paying = format!("{CART} payment.pending");
    let at = "2026-07-01T10:09:00Z";
    for (status, payment, placed_at, expected) in [
        ("draft", "unpaid", None, CART),
        ("placing", "unpaid", None, &paying),
        ("pending", "authorized", None, &paying),
        ("placed", "paid", Some(at), "order.placed"),
        ("approved", "paid", Some(at), "order.placed"),
        ("editing", "paid", Some(at), "order.placed"),
        ("brand_new", "?", None, "order.placed"),
        ("cancelled", "voided", None, "cart.deleted"),
        (
            "cancelled",
            "refunded",
            Some(at),
            "order.placed order.cancelled",
        ),
    ] {
        for topic in ["orders.create", "orders.place", "orders.tagged"] {
            let mut body = fixture("orders-pending");
            let order = &mut body["data"]["attributes"];
            order["status"] = json!(status);
            order["payment_status"] = json!(payment);
            order["placed_at"] = json!(placed_at);
            let told = kinds(&accepted(topic, &body)).join(" ");
            assert_eq!(told, expected, "{status} {payment}");
        }
    }
}

#[test]
fn an_order_happened_when_it_was_placed() {
    let events = accepted("orders.approve", &fixture("orders-placed"));
    assert_eq!(events[0].at, at("2026-07-01T10:09:00Z"));
    let Change::OrderPlaced(order) = &events[0].change else {
        panic!()
    };
    assert_eq!(
        (order.id.as_str(), order.total.unwrap().to_string()),
        ("35310566", "107.80 EUR".to_owned())
    );
    let cancelled = accepted("orders.cancel", &fixture("orders-cancelled"));
    assert_eq!(kinds(&cancelled), ["order.placed", "order.cancelled"]);
    assert_eq!(cancelled[1].at, at("2026-07-03T10:09:00Z"));
}

#[test]
fn an_order_that_was_never_placed_is_cancelled_without_having_been_one() {
    let pending = accepted("orders.pending", &fixture("orders-pending"));
    let mut body = fixture("orders-pending");
    body["data"]["attributes"]["status"] = json!("cancelled");
    let cancelled = accepted("orders.cancel", &body);
    assert_eq!(status(&[pending, cancelled].concat()), CartStatus::Deleted);
}

#[test]
fn an_included_refund_that_succeeded_is_told() {
    let mut body = fixture("orders-placed");
    let refund = |id: &str, cents: i64, succeeded: bool| {
        json!({ "id": id, "type": "refunds",
        "attributes": { "amount_cents": cents, "succeeded": succeeded, "updated_at": "2026-07-05T10:00:00Z" } })
    };
    let included = body["included"].as_array_mut().unwrap();
    included.extend([refund("r1", 500, true), refund("r2", 900, false)]);
    let events = accepted("orders.refund", &body);
    assert_eq!(kinds(&events), ["order.placed", "order.refunded"]);
    let Change::OrderRefunded(refund) = &events[1].change else {
        panic!()
    };
    assert_eq!(
        (refund.id.as_str(), refund.amount.unwrap().minor),
        ("r1", 500)
    );
    assert_eq!(events[1].at, at("2026-07-05T10:00:00Z"));
}

#[test]
fn a_destroyed_draft_is_a_deleted_cart_and_a_destroyed_order_stays_one() {
    let draft = accepted("orders.destroy", &fixture("orders-pending"));
    assert_eq!(
        (kinds(&draft), draft[0].at),
        (vec!["cart.deleted"], at(RECEIVED_AT))
    );
    let mut nameless = fixture("orders-pending");
    nameless["data"]["id"] = json!(null);
    assert!(is_ignored("orders.destroy", &nameless));
    let order = accepted("orders.destroy", &fixture("orders-placed"));
    assert_eq!(kinds(&order), ["order.placed"]);
}

#[test]
fn items_that_are_not_included_are_not_told_as_gone() {
    let mut body = fixture("orders-pending");
    body["included"] = Value::Null;
    assert_eq!(
        kinds(&accepted("orders.pending", &body)),
        ["contact.identified", "checkout.step_reached"]
    );
    body["data"]["attributes"]["skus_count"] = json!(0);
    let events = accepted("orders.pending", &body);
    assert!(contents(&events).lines.is_empty());
}

#[test]
fn nothing_that_is_wrong_with_it_holds_an_order_back() {
    for (place, value) in [
        ("/included", json!([null, 7, { "type": "line_items" }])),
        ("/data/relationships", json!(7)),
        ("/data/meta", Value::Null),
        ("/data/id", Value::Null),
        ("/data/attributes/currency_code", json!("?")),
        ("/data/attributes/total_amount_with_taxes_cents", json!(1.5)),
        ("/data/attributes/placed_at", json!("yesterday")),
        ("/data/attributes/customer_email", json!("")),
    ] {
        let mut body = fixture("orders-placed");
        *body.pointer_mut(place).unwrap() = value;
        assert_eq!(
            kinds(&accepted("orders.place", &body)),
            ["order.placed"],
            "{place}"
        );
    }
    assert!(is_ignored("orders.place", &json!({ "data": {} })));
}

#[test]
fn cents_are_the_minor_units_of_the_currency() {
    for (currency, expected) in [
        ("EUR", "102.90 EUR"),
        ("JPY", "10290 JPY"),
        ("KWD", "10.290 KWD"),
    ] {
        let mut body = fixture("orders-pending");
        body["data"]["attributes"]["currency_code"] = json!(currency);
        let events = accepted("orders.pending", &body);
        assert_eq!(contents(&events).total().to_string(), expected);
    }
}

#[test]
fn only_some_subscriptions_are_consent() {
    let mut body = fixture("customer_subscriptions");
    let state = |topic: &str, body: &Value| match &accepted(topic, body)[0].change {
        Change::ConsentChanged(consent) => consent.state,
        other => panic!("{other:?}"),
    };
    let (create, destroy) = (
        "customer_subscriptions.create",
        "customer_subscriptions.destroy",
    );
    assert_eq!(state(create, &body), ConsentState::Granted);
    assert_eq!(accepted(create, &body)[0].at, at("2026-07-01T09:00:00Z"));
    assert_eq!(state(destroy, &body), ConsentState::Refused);
    // Later than the grant, or it would undo nothing.
    assert_eq!(accepted(destroy, &body)[0].at, at(RECEIVED_AT));
    assert!(is_ignored("customer_subscriptions.update", &body));
    body["data"]["attributes"]["reference"] = json!("back in stock");
    assert!(is_ignored(create, &body));
    body["data"]["attributes"]["reference"] = json!("newsletter");
    body["data"]["attributes"]["customer_email"] = json!("");
    assert!(is_ignored(create, &body));
}

#[test]
fn a_destroyed_customer_is_forgotten() {
    let events = accepted("customers.destroy", &fixture("customers-destroy"));
    assert_eq!(kinds(&events), ["erasure.requested"]);
    assert!(is_ignored("customers.destroy", &json!({})));
}

#[test]
fn what_is_of_no_use_is_ignored_whatever_its_body() {
    for topic in ["customers.create", "shipments.ship", "nonsense"] {
        assert!(is_ignored(topic, &json!("no document")), "{topic}");
    }
    assert!(parse(&CommerceLayer, &headers(&[]), b"{}").is_err());
}

#[test]
fn the_test_mode_is_a_test() {
    let mut body = fixture("orders-pending");
    assert!(!accepted("orders.pending", &body)[0].is_test);
    body["data"]["meta"]["mode"] = json!("test");
    assert!(
        accepted("orders.pending", &body)
            .iter()
            .all(|event| event.is_test)
    );
}
