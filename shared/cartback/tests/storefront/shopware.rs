use ::cartback::consent::{ConsentBasis, ConsentState};
use ::cartback::event::{CartEvent, Change};
use ::cartback::storefront::shopware::Shopware;
use ::cartback::storefront::{Malformed, Parsed};
use serde_json::{Value, json};

use super::{at, events, headers, kinds, names, parse};

fn fixture(name: &str) -> Value {
    serde_json::from_slice(&super::fixture("shopware", name)).unwrap()
}

fn parsed(body: &Value) -> Result<Parsed, Malformed> {
    parse(&Shopware, &headers(&[]), body.to_string().as_bytes())
}

fn accepted(body: &Value) -> Vec<CartEvent> {
    events(parsed(body).unwrap())
}

#[test]
fn a_placed_order_names_its_cart_and_keeps_its_cents() {
    let events = accepted(&fixture("checkout.order.placed"));
    assert_eq!(
        (kinds(&events), names(&events[0]), events[0].at),
        (
            vec!["order.placed"],
            vec!["tok-51d0", "8f69d4874c53486a95383b2126161738"],
            at("2026-07-01T10:09:00.557Z")
        )
    );
    assert_eq!(events[0].id, "0198a1");
    let Change::OrderPlaced(order) = &events[0].change else {
        panic!()
    };
    assert_eq!(
        (order.id.as_str(), order.total.unwrap().to_string()),
        ("10077", "107.90 EUR".to_owned())
    );
}

#[test]
fn every_event_becomes_what_it_tells() {
    for (name, expected) in [
        ("checkout.order.placed", "order.placed"),
        ("order.state.cancelled", "order.placed order.cancelled"),
        ("order_transaction.state.failed", "payment.failed"),
        ("checkout.customer.login", "contact.identified"),
        ("newsletter.confirm", "consent.changed"),
        ("checkout.customer.deleted", "erasure.requested"),
    ] {
        let told = kinds(&accepted(&fixture(name))).join(" ");
        assert_eq!(told, expected, "{name}");
    }
}

#[test]
fn a_refund_has_its_amount_if_it_is_of_all() {
    for (state, expected) in [("refunded", Some(10_790)), ("refunded_partially", None)] {
        let mut body = fixture("checkout.order.placed");
        body["data"]["event"] = json!(format!("state_enter.order_transaction.state.{state}"));
        let events = accepted(&body);
        assert_eq!(kinds(&events), ["order.placed", "order.refunded"]);
        let Change::OrderRefunded(refund) = &events[1].change else {
            panic!()
        };
        let amount = refund.amount.map(|amount| amount.minor);
        assert_eq!((refund.id.as_str(), amount), ("0198a1", expected));
    }
}

#[test]
fn only_a_confirmed_newsletter_is_consent() {
    use ConsentBasis::{DoubleOptIn, Express, None as NoBasis};
    use ConsentState::{Granted, Refused};
    for (event, status, expected) in [
        ("newsletter.confirm", "optIn", Some((Granted, DoubleOptIn))),
        ("newsletter.register", "direct", Some((Granted, Express))),
        ("newsletter.register", "notSet", None),
        ("newsletter.unsubscribe", "optOut", Some((Refused, NoBasis))),
    ] {
        let mut body = fixture("newsletter.confirm");
        body["data"]["event"] = json!(event);
        body["data"]["payload"]["newsletterRecipient"]["status"] = json!(status);
        let told = match parsed(&body).unwrap() {
            Parsed::Ignored(_) | Parsed::Products(_) | Parsed::Fetch => None,
            Parsed::Events(events) => match &events[0].change {
                Change::ConsentChanged(consent) => Some((consent.state, consent.basis)),
                other => panic!("{other:?}"),
            },
        };
        assert_eq!(told, expected, "{event} {status}");
    }
}

#[test]
fn nothing_that_is_wrong_with_it_holds_an_order_back() {
    for (field, value) in [
        ("id", Value::Null),
        ("customFields", json!([])),
        ("currency", Value::Null),
        ("amountTotal", json!("a lot")),
        ("orderDateTime", json!(7)),
        ("orderCustomer", Value::Null),
        ("orderNumber", json!({})),
    ] {
        let mut body = fixture("checkout.order.placed");
        body["data"]["payload"]["order"][field] = value;
        assert_eq!(kinds(&accepted(&body)), ["order.placed"], "{field}");
    }
}

#[test]
fn what_tells_nothing_of_a_cart_is_ignored() {
    for data in [
        json!({ "event": "product.written", "payload": [{ "entity": "product" }] }),
        json!({ "event": "checkout.order.placed", "payload": null }),
        json!({ "event": "checkout.order.placed", "payload": { "order": {} } }),
        json!({ "event": "checkout.customer.login", "payload": { "customer": { "email": "ada@example.com" } } }),
        json!({ "event": "app.activated" }),
    ] {
        let told = parsed(&json!({ "data": data }));
        assert!(matches!(told, Ok(Parsed::Ignored(_))), "{data}");
    }
    assert_eq!(parsed(&json!({})).unwrap_err().path, "data.event");
}
