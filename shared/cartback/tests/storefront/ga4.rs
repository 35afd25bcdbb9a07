use ::cartback::event::{CartEvent, Change, CheckoutStep, Origin};
use ::cartback::storefront::ga4::Ga4;
use ::cartback::storefront::secret::Secret;
use ::cartback::storefront::signature::{SignatureError, hex_hmac};
use ::cartback::storefront::{Message, Parsed, Storefront};
use serde_json::{Value, json};

use super::{at, contents, events, fixture, headers, kinds, parse};

fn sample(name: &str) -> Value {
    serde_json::from_slice(&fixture("ga4", name)).unwrap()
}

fn told(body: &Value) -> Parsed {
    parse(&Ga4, &headers(&[]), body.to_string().as_bytes()).unwrap()
}

fn accepted(body: &Value) -> Vec<CartEvent> {
    events(told(body))
}

#[test]
fn a_batch_is_the_steps_and_carts_of_one_visitor() {
    let events = accepted(&sample("batch"));
    assert_eq!(
        kinds(&events),
        [
            "cart.updated",
            "checkout.step_reached",
            "cart.updated",
            "checkout.step_reached"
        ]
    );
    assert!(
        events
            .iter()
            .all(|event| event.carts[0].as_str() == "cart-1")
    );
    assert!(
        events
            .iter()
            .all(|event| event.origin == Origin::Browser && event.contact.is_none())
    );
    assert_eq!(events[0].at, at("2026-07-01T12:00:00Z"));
    assert_eq!(contents(&events).total_minor, 10_970);
    let Change::StepReached { step, costs } = &events[3].change else {
        panic!()
    };
    assert_eq!(
        (*step, costs.unwrap().shipping.unwrap().minor),
        (CheckoutStep::Shipping, 490)
    );
    assert_ne!(events[0].id, events[2].id);
}

#[test]
fn a_purchase_is_a_claim_that_names_nobody() {
    let events = accepted(&sample("purchase"));
    assert_eq!(kinds(&events), ["order.placed"]);
    assert_eq!(
        (events[0].origin, &events[0].contact),
        (Origin::Browser, &None)
    );
    let Change::OrderPlaced(order) = &events[0].change else {
        panic!()
    };
    assert_eq!(
        (order.id.as_str(), order.total.unwrap().minor),
        ("1001", 11_460)
    );
}

#[test]
fn without_a_cart_an_event_is_filed_under_its_visitor() {
    let mut batch = sample("purchase");
    batch["events"][0]["params"]["cart_id"] = json!(null);
    assert_eq!(
        accepted(&batch)[0].carts[0].as_str(),
        "ga4.1234567890.1719835200"
    );
    batch["client_id"] = json!("");
    assert!(matches!(told(&batch), Parsed::Ignored(_)));
    assert!(matches!(
        told(&json!({ "client_id": "c", "events": [{ "name": "scroll" }] })),
        Parsed::Ignored(_)
    ));
}

#[test]
fn the_body_is_signed_by_the_tag_server() {
    let body = fixture("ga4", "purchase");
    let secrets = [Secret("hush".to_owned())];
    let verify = |signature: &str| {
        let headers = headers(&[("X-Cartback-Signature", signature)]);
        Ga4.verify(
            &secrets,
            Message {
                headers: &headers,
                body: &body,
            },
            &[],
        )
    };
    assert_eq!(verify(&hex_hmac("hush", &[&body])), Ok(()));
    assert_eq!(
        verify(&hex_hmac("push", &[&body])),
        Err(SignatureError::Mismatch)
    );
    assert_eq!(
        verify(""),
        Err(SignatureError::Header("x-cartback-signature"))
    );
}
