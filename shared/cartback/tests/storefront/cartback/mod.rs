//! Our own format: what is accepted and what becomes of it; refusals have their file.

mod faults;
mod products;

use ::cartback::consent::{ConsentBasis, ConsentState};
use ::cartback::event::{CartEvent, Change, CheckoutStep, Refund};
use ::cartback::storefront::cartback::Cartback;
use ::cartback::storefront::{Malformed, Parsed};
use serde_json::{Value, json};

use super::{RECEIVED_AT, at, contents, events, headers, kinds, parse};

fn parsed(message: &Value) -> Result<Parsed, Malformed> {
    let headers = headers(&[("webhook-id", "msg_1")]);
    parse(&Cartback, &headers, message.to_string().as_bytes())
}

fn accepted(message: &Value) -> Vec<CartEvent> {
    events(parsed(message).unwrap())
}

fn refused(message: &Value) -> String {
    match parsed(message) {
        Err(malformed) => malformed.to_string(),
        Ok(parsed) => panic!("accepted: {parsed:?}"),
    }
}

fn cart() -> Value {
    json!({
        "type": "cart.updated",
        "at": "2026-07-01T12:00:00+02:00",
        "cart": {
            "id": "c-1",
            "currency": "eur",
            "items": [
                {"id": "sku-1", "title": "Linen shirt", "variant": "Blue / M", "quantity": 2, "price": "49.00",
                 "compare_at_price": "59.00", "url": "https://shop.example.com/p/1"},
                {"id": "sku-2", "title": "Belt", "quantity": 1, "price": "19.9"}
            ]
        }
    })
}

/// `message` with `value` at the JSON pointer `path`.
fn with(mut message: Value, path: &str, value: Value) -> Value {
    let (parent, field) = path.rsplit_once('/').unwrap();
    message.pointer_mut(parent).unwrap()[field] = value;
    message
}

#[test]
fn a_cart_is_read_exactly() {
    let events = accepted(&cart());
    assert_eq!(kinds(&events), ["cart.updated"]);
    let contents = contents(&events);
    assert_eq!(
        (contents.currency.code(), contents.total_minor),
        ("EUR", 11_790)
    );
    assert_eq!(contents.lines[0].compare_at_minor, Some(5900));
    assert_eq!(
        (contents.lines[1].price_minor, contents.lines[1].quantity),
        (1990, 1)
    );
    assert_eq!(events[0].carts, ["c-1".parse().unwrap()]);
    assert_eq!(
        (events[0].id.as_str(), events[0].at),
        ("msg_1", at("2026-07-01T10:00:00Z"))
    );
    assert!(!events[0].is_test);
}

#[test]
fn a_cart_with_contact_and_consent_is_three_events_of_one_message() {
    let message = with(
        with(
            cart(),
            "/contact",
            json!({"email": "Ada@Example.com", "name": " Ada ", "locale": "de_AT",
            "time_zone": "europe/vienna", "country": "at"}),
        ),
        "/consent",
        json!({"state": "granted", "basis": "express", "source": "box"}),
    );
    let events = accepted(&message);
    assert_eq!(
        kinds(&events),
        ["cart.updated", "contact.identified", "consent.changed"]
    );
    let contact = events[1].contact.clone().unwrap();
    assert_eq!(contact.email.expose(), "Ada@example.com");
    assert_eq!(contact.first_name.as_deref(), Some("Ada"));
    assert_eq!(contact.locale.as_deref(), Some("de-AT"));
    assert_eq!(contact.time_zone.as_deref(), Some("Europe/Vienna"));
    assert_eq!(contact.country.as_deref(), Some("AT"));
    assert!(
        events
            .iter()
            .all(|event| event.id == events[0].id && event.at == events[0].at)
    );
    assert_eq!(
        refused(&with(cart(), "/consent", json!({"state": "refused"}))),
        "consent: is nobody's; send `contact` with it"
    );
}

#[test]
fn every_kind_becomes_its_change() {
    let of = |message: Value| accepted(&message).remove(0);
    let step = of(
        json!({"type": "checkout.step_reached", "cart_id": "c", "step": "shipping",
        "costs": {"shipping": "4.90", "currency": "EUR"}}),
    );
    let Change::StepReached {
        step: CheckoutStep::Shipping,
        costs: Some(costs),
    } = step.change
    else {
        panic!("{step:?}")
    };
    assert_eq!((costs.shipping.unwrap().minor, costs.tax), (490, None));
    let consent = of(
        json!({"type": "consent.changed", "contact": {"email": "a@example.com"},
        "consent": {"state": "refused", "text_version": "2026-01"}}),
    );
    let Change::ConsentChanged(given) = &consent.change else {
        panic!("{consent:?}")
    };
    assert_eq!(
        (given.state, given.basis),
        (ConsentState::Refused, ConsentBasis::None)
    );
    assert!(consent.carts.is_empty() && consent.contact.is_some());
    for (message, change) in [
        (
            json!({"type": "payment.failed", "cart_id": "c", "reason": "declined"}),
            Change::PaymentFailed,
        ),
        (
            json!({"type": "payment.pending", "cart_id": "c"}),
            Change::PaymentPending,
        ),
        (
            json!({"type": "cart.deleted", "cart_id": "c"}),
            Change::CartDeleted,
        ),
        (
            json!({"type": "order.cancelled", "cart_id": "c", "order": {"id": "7"}}),
            Change::OrderCancelled,
        ),
        (
            json!({"type": "erasure.requested", "contact": {"email": "a@example.com"}}),
            Change::ErasureRequested,
        ),
        (
            json!({"type": "contact.identified", "cart_id": "c", "contact": {"email": "a@example.com"}}),
            Change::ContactIdentified,
        ),
    ] {
        assert_eq!(of(message).change, change);
    }
    let unnamed = json!({"type": "order.cancelled", "order": {"id": "7"}});
    assert!(matches!(parsed(&unnamed), Ok(Parsed::Ignored(_))));
}

#[test]
fn an_order_stops_its_carts_and_its_person() {
    let order = accepted(
        &json!({"type": "order.placed", "cart_id": "c-1", "cart_ids": ["c-2", "c-1"],
        "order": {"id": "1001", "total": "117.90", "email": "ada@example.com"}}),
    );
    assert_eq!(
        order[0].carts,
        ["c-1".parse().unwrap(), "c-2".parse().unwrap()]
    );
    assert!(order[0].contact.is_some());
    let Change::OrderPlaced(placed) = &order[0].change else {
        panic!("{order:?}")
    };
    assert_eq!(
        (
            placed.id.as_str(),
            placed.total.unwrap().to_string().as_str()
        ),
        ("1001", "117.90 EUR")
    );
    let person_only =
        json!({"type": "order.placed", "order": {"id": "7", "email": "ada@example.com"}});
    assert!(accepted(&person_only)[0].carts.is_empty());
}

#[test]
fn an_order_is_not_lost_for_its_address() {
    let order = |cart: Value, email: &str| json!({"type": "order.placed", "cart_id": cart, "order": {"id": "7", "email": email}});
    for email in ["", "not an address"] {
        assert_eq!(accepted(&order(json!("c"), email))[0].contact, None);
    }
    assert!(refused(&order(Value::Null, "not an address")).starts_with("order.email: "));
    assert!(refused(&order(Value::Null, "")).starts_with("cart_id: is missing"));
}

#[test]
fn an_event_is_never_later_than_its_reception() {
    for (given, expected) in [
        ("2026-07-10T00:04:00Z", RECEIVED_AT),
        ("2027-01-01T00:00:00Z", RECEIVED_AT),
        ("2026-07-09T23:00:00-01:00", RECEIVED_AT),
        ("2026-07-09T23:59:59Z", "2026-07-09T23:59:59Z"),
    ] {
        assert_eq!(
            accepted(&with(cart(), "/at", json!(given)))[0].at,
            at(expected),
            "{given}"
        );
    }
    assert_eq!(
        accepted(&with(cart(), "/at", Value::Null))[0].at,
        at(RECEIVED_AT)
    );
}

#[test]
fn the_id_is_that_of_the_body_then_of_the_header_then_of_the_bytes() {
    let body = cart().to_string();
    assert_eq!(
        accepted(&with(cart(), "/id", json!("evt-9")))[0].id,
        "evt-9"
    );
    for header in [headers(&[]), headers(&[("webhook-id", "has space")])] {
        let id = events(parse(&Cartback, &header, body.as_bytes()).unwrap())
            .remove(0)
            .id;
        assert!(id.starts_with("sha256:") && id.len() == 71, "{id}");
    }
    assert!(accepted(&with(cart(), "/test", json!(true)))[0].is_test);
}

#[test]
fn long_texts_are_cut_and_unknown_fields_ignored() {
    let long = "é".repeat(500);
    let mut message = with(cart(), "/cart/items/0/title", json!(long));
    message = with(message, "/cart/items/0/variant", json!(long));
    message = with(
        message,
        "/contact",
        json!({"email": "a@example.com", "name": long, "vip": true}),
    );
    message = with(message, "/shop_version", json!({"any": [1.5]}));
    let events = accepted(&message);
    let line = &contents(&events).lines[0];
    assert_eq!(line.title.chars().count(), 200);
    assert_eq!(line.variant.as_ref().unwrap().chars().count(), 100);
    assert_eq!(
        events[1]
            .contact
            .as_ref()
            .unwrap()
            .first_name
            .as_ref()
            .unwrap()
            .chars()
            .count(),
        60
    );
}

#[test]
fn an_emptied_cart_is_a_cart() {
    let events = accepted(&with(cart(), "/cart/items", json!([])));
    assert_eq!(
        (contents(&events).lines.len(), contents(&events).total_minor),
        (0, 0)
    );
}

#[test]
fn a_refund_is_read_exactly_and_without_a_cart_changes_none() {
    let message = json!({
        "type": "order.refunded",
        "cart_id": "c-1",
        "order": { "id": "1001" },
        "refund": { "id": "r-1", "amount": "20.5" },
    });
    let refund = |amount: Option<&str>| {
        Change::OrderRefunded(Refund {
            id: "r-1".to_owned(),
            amount: amount.map(|amount| amount.parse().unwrap()),
        })
    };
    assert_eq!(accepted(&message)[0].change, refund(Some("20.50 EUR")));
    let yen = with(
        message.clone(),
        "/refund",
        json!({ "id": "r-1", "amount": "20", "currency": "JPY" }),
    );
    assert_eq!(accepted(&yen)[0].change, refund(Some("20 JPY")));
    let unknown = with(message.clone(), "/refund", json!({ "id": "r-1" }));
    assert_eq!(accepted(&unknown)[0].change, refund(None));
    let lost = with(message.clone(), "/cart_id", Value::Null);
    assert!(matches!(parsed(&lost), Ok(Parsed::Ignored(_))));
    for (path, value, fault) in [
        ("/refund/id", json!(""), "refund.id: is no id"),
        (
            "/refund/amount",
            json!("1.005"),
            "refund.amount: has more decimals",
        ),
        (
            "/refund/currency",
            json!("EURO"),
            "refund.currency: is no currency",
        ),
        ("/refund", Value::Null, "refund: "),
    ] {
        let told = refused(&with(message.clone(), path, value));
        assert!(told.starts_with(fault), "{told}");
    }
}

#[test]
fn a_request_for_data_names_the_person_and_no_cart() {
    let message = json!({ "type": "data.requested", "contact": { "email": "ada@example.com" } });
    let events = accepted(&message);
    assert_eq!(kinds(&events), ["data.requested"]);
    assert!(events[0].carts.is_empty() && events[0].contact.is_some());
}
