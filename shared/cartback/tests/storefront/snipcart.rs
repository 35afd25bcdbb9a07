//! Snipcart: a token that proves, and orders.

use ::cartback::event::{CartEvent, Change};
use ::cartback::storefront::fetch::{Next, Reply};
use ::cartback::storefront::secret::Secret;
use ::cartback::storefront::signature::SignatureError;
use ::cartback::storefront::snipcart::Snipcart;
use ::cartback::storefront::{Malformed, Message, Parsed, Storefront};
use serde_json::{Value, json};

use super::{asked, at, headers, kinds, next, parse, recorded, reply};

const COMPLETED: &[u8] = include_bytes!("../../fixtures/storefront/snipcart/order-completed.json");
const CANCELLED: &[u8] =
    include_bytes!("../../fixtures/storefront/snipcart/order-status-changed.json");

pub(super) fn talk(body: &[u8], replies: &[Reply]) -> Result<Next, Malformed> {
    let given = headers(&[("x-snipcart-requesttoken", "aB3-_x")]);
    let access = json!({ "secret_key": "hush" });
    next(&Snipcart, &access, &given, body, replies)
}

fn events(body: &[u8]) -> Vec<CartEvent> {
    recorded(talk(body, &[reply(200, b"{}")]).unwrap())
}

/// The completed order with `change` made to its JSON.
fn changed(change: impl FnOnce(&mut Value)) -> Parsed {
    let mut body: Value = serde_json::from_slice(COMPLETED).unwrap();
    change(&mut body);
    parse(&Snipcart, &headers(&[]), body.to_string().as_bytes()).unwrap()
}

#[test]
fn a_message_is_never_believed_before_snipcart_is_asked() {
    let verify = |token: &str| {
        let headers = headers(&[("x-snipcart-requesttoken", token)]);
        let message = Message {
            headers: &headers,
            body: COMPLETED,
        };
        let secret = Secret("hush".to_owned());
        Snipcart.verify(&[secret], message, &[at("2026-07-10T00:00:00Z")])
    };
    assert_eq!(verify("aB3-_x"), Err(SignatureError::Unproven));
    let long = "a".repeat(129);
    for token in ["..", ".", "a/b", "a%2fb", "a?b", "a b", "a.b", &long] {
        let refused = Err(SignatureError::Header("x-snipcart-requesttoken"));
        assert_eq!(verify(token), refused, "{token}");
    }
}

#[test]
fn its_token_is_asked_about_once_with_the_key() {
    let Next::Ask(question) = talk(COMPLETED, &[]).unwrap() else {
        panic!()
    };
    assert!(question.is_once() && !question.is_public());
    let (name, value) = &question.headers()[0];
    assert_eq!((*name, value.text()), ("authorization", "Basic aHVzaDo="));
    let asked = asked(talk(COMPLETED, &[]).unwrap());
    assert_eq!(
        asked,
        "https://app.snipcart.com/api/requestvalidation/aB3-_x"
    );
    assert_eq!(talk(COMPLETED, &[reply(404, b"")]), Ok(Next::Unknown));
    for status in [204, 400, 422] {
        assert!(talk(COMPLETED, &[reply(status, b"")]).is_err(), "{status}");
    }
}

#[test]
fn an_order_is_that_of_its_token_and_person() {
    let events = events(COMPLETED);
    assert_eq!(kinds(&events), ["order.placed"]);
    let event = &events[0];
    assert_eq!(event.at, at("2026-07-09T23:58:00Z"));
    assert_eq!(
        event.carts[0].as_str(),
        "0f2d6c1e-1111-4222-8333-944455556666"
    );
    let person = event.contact.as_ref().unwrap();
    assert_eq!(person.email.expose(), "Ada@example.com");
    assert_eq!(person.country.as_deref(), Some("KW"));
    assert!(!event.is_test);
    let Change::OrderPlaced(order) = &event.change else {
        panic!()
    };
    assert_eq!(order.id, "SNIP-2001");
    // 12.3455 dinars: three decimals, and the fourth rounds.
    assert_eq!(order.total.unwrap().to_string(), "12.346 KWD");
}

#[test]
fn a_cancelled_order_was_an_order() {
    assert_eq!(
        kinds(&events(CANCELLED)),
        ["order.placed", "order.cancelled"]
    );
}

#[test]
fn a_parcel_without_the_orders_date_stops_nothing() {
    let parsed = changed(|body| {
        body["eventName"] = json!("order.status.changed");
        body["to"] = json!("Shipped");
        body["content"]["completionDate"] = json!(null);
    });
    assert!(matches!(parsed, Parsed::Ignored(_)), "{parsed:?}");
}

#[test]
fn a_payment_is_what_it_is() {
    for (status, expected) in [
        ("Paid", "order.placed"),
        ("Deferred", "order.placed"),
        ("Authorized", "order.placed"),
        ("Pending", "payment.pending"),
        ("Failed", "payment.failed"),
        ("Expired", "payment.failed"),
    ] {
        let completed = changed(|body| body["content"]["paymentStatus"] = json!(status));
        assert_eq!(kinds(&super::events(completed)), [expected], "{status}");
        let later = changed(|body| {
            body["eventName"] = json!("order.paymentStatus.changed");
            body["to"] = json!(status);
        });
        assert_eq!(kinds(&super::events(later)), [expected], "{status}");
    }
}

#[test]
fn a_refund_is_that_of_its_orders_token() {
    let parsed = changed(|body| {
        body["eventName"] = json!("order.refund.created");
        body["content"] =
            json!({ "id": "r-1", "orderToken": "order-1", "amount": 4.9, "currency": "eur" });
    });
    let events = super::events(parsed);
    let Change::OrderRefunded(refund) = &events[0].change else {
        panic!()
    };
    assert_eq!(refund.id, "r-1");
    assert_eq!(refund.amount.unwrap().to_string(), "4.90 EUR");
    assert_eq!(events[0].carts[0].as_str(), "order-1");
}

#[test]
fn a_test_order_is_marked_and_what_we_do_not_need_is_ignored() {
    for mode in ["Test", "test", "Sandbox"] {
        let parsed = changed(|body| body["mode"] = json!(mode));
        assert!(super::events(parsed)[0].is_test, "{mode}");
    }
    for mode in [json!(null), json!(""), json!({})] {
        let parsed = changed(|body| body["mode"] = mode.clone());
        assert!(super::events(parsed)[0].is_test, "{mode}");
    }
    let parsed = changed(|body| body["eventName"] = json!("shippingrates.fetch"));
    assert_eq!(
        parsed,
        Parsed::Ignored("event shippingrates.fetch is not needed".to_owned())
    );
    let parsed = changed(|body| body["content"] = json!(null));
    assert!(matches!(parsed, Parsed::Ignored(_)), "{parsed:?}");
}
