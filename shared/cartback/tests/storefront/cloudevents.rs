use ::cartback::event::CartEvent;
use ::cartback::storefront::cloudevents::CloudEvents;
use ::cartback::storefront::{Parsed, Storefront};
use http::HeaderMap;
use serde_json::{Value, json};

use super::{at, events, fixture, headers, kinds, parse};

fn structured() -> Value {
    serde_json::from_slice(&fixture("cloudevents", "structured")).unwrap()
}

fn told(body: &Value) -> Result<Parsed, String> {
    let headers = headers(&[
        (
            "content-type",
            "application/cloudevents+json; charset=utf-8",
        ),
        ("webhook-id", "msg_1"),
    ]);
    parse(&CloudEvents, &headers, body.to_string().as_bytes()).map_err(|fault| fault.to_string())
}

fn accepted(body: &Value) -> Vec<CartEvent> {
    events(told(body).unwrap())
}

fn binary(change: &[(&'static str, &str)]) -> HeaderMap {
    let mut all = headers(&[
        ("content-type", "application/json"),
        ("webhook-id", "msg_1"),
        ("ce-specversion", "1.0"),
        ("ce-id", "msg_1"),
        ("ce-type", "cartback.cart.updated"),
        ("ce-source", "/shop"),
        ("ce-time", "1999-01-01T00:00:00Z"),
    ]);
    for (name, value) in change {
        all.insert(*name, value.parse().unwrap());
    }
    all
}

#[test]
fn an_envelope_tells_what_its_event_leaves_out() {
    let events = accepted(&structured());
    assert_eq!(kinds(&events), ["cart.updated", "contact.identified"]);
    assert_eq!(events[0].at, at("2026-07-01T10:00:00Z"));
    assert_eq!(events[0].id, "https://shop.example/carts#A234-1234-1234");
    let mut own = structured();
    own["data"]["at"] = json!("2026-07-01T09:00:00Z");
    own["data"]["type"] = json!("cart.updated");
    assert_eq!(accepted(&own)[0].at, at("2026-07-01T09:00:00Z"));
}

#[test]
fn an_event_is_its_sources_and_its_id() {
    let id = |source: &str, id: &str| {
        let mut event = structured();
        event["source"] = json!(source);
        event["id"] = json!(id);
        accepted(&event)[0].id.clone()
    };
    assert_ne!(id("/a", "1"), id("/b", "1"));
    assert_ne!(id("/a", "1"), id("/a", "2"));
    assert!(id("/with space", "1").starts_with("sha256:"));
    assert!(id("/long", &"x".repeat(200)).starts_with("sha256:"));
}

#[test]
fn data_in_base64_is_data() {
    use base64::Engine;
    let mut event = structured();
    let data = event.as_object_mut().unwrap().remove("data").unwrap();
    let text = base64::engine::general_purpose::STANDARD.encode(data.to_string());
    event["data_base64"] = json!(text);
    assert_eq!(
        kinds(&accepted(&event)),
        ["cart.updated", "contact.identified"]
    );
}

#[test]
fn a_fault_names_its_place_in_the_envelope() {
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut event = structured();
        change(&mut event);
        told(&event).unwrap_err()
    };
    for (fault, expected) in [
        (
            refused(&|it| it["data"]["cart"]["items"][0]["price"] = json!(49.0)),
            "data.cart.items[0].price: is a number; send money without a sign as text in quotes, such as \"49.00\"",
        ),
        (
            refused(&|it| it["specversion"] = json!("0.3")),
            "specversion: is not the one that we know; send \"1.0\"",
        ),
        (
            refused(&|it| it["data"] = json!("x")),
            "data: is no object; send an event there",
        ),
        (
            refused(&|it| drop(it.as_object_mut().unwrap().remove("data"))),
            "data: is missing; send the event there",
        ),
        (
            refused(&|it| drop(it.as_object_mut().unwrap().remove("source"))),
            "source: is missing",
        ),
        (
            refused(&|it| it["data"]["type"] = json!("order.placed")),
            "type: of the event and of its envelope differ; send the event's type in both",
        ),
    ] {
        assert_eq!(fault, expected);
    }
    let batch = headers(&[("content-type", "application/cloudevents-batch+json")]);
    assert!(parse(&CloudEvents, &batch, b"[]").is_err());
}

#[test]
fn of_a_binary_event_only_what_is_signed_is_believed() {
    let body = fixture("cloudevents", "binary");
    let events = events(parse(&CloudEvents, &binary(&[]), &body).unwrap());
    assert_eq!(kinds(&events), ["cart.updated", "contact.identified"]);
    assert_eq!(
        (events[0].at, events[0].id.as_str()),
        (at("2026-07-01T10:00:00Z"), "msg_1")
    );
    for forged in [
        ("ce-id", "msg_2"),
        ("ce-type", "order.placed"),
        ("ce-specversion", "2.0"),
    ] {
        assert!(
            parse(&CloudEvents, &binary(&[forged]), &body).is_err(),
            "{forged:?}"
        );
    }
}

#[test]
fn a_sender_that_asks_first_is_let_in() {
    let ask = headers(&[
        ("webhook-request-origin", "events.example"),
        ("webhook-request-rate", "120"),
    ]);
    let answer = CloudEvents.handshake(&ask).unwrap();
    assert_eq!(answer["webhook-allowed-origin"], "events.example");
    assert_eq!(answer["webhook-allowed-rate"], "*");
    assert_eq!(CloudEvents.handshake(&headers(&[])), None);
}
