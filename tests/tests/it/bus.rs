//! What goes out to EventBridge, and which facts count as told.

use cartback::fact::{Fact, FactKind};
use cartback_aws::bus::EventBridgeBus;
use cartback_aws::clients;
use cartback_tests::samples::NOON;
use cartback_tests::wire::{Reply, Request, Wire};
use serde_json::{Value, json};

#[tokio::test]
async fn twenty_five_facts_take_three_calls() {
    let wire = Wire::start(|request| answer(request, &[]));
    assert_eq!(bus(&wire).put(&facts(25)).await, [] as [usize; 0]);
    let sizes: Vec<usize> = wire
        .requests()
        .iter()
        .map(|request| entries(request).len())
        .collect();
    assert_eq!(sizes, [10, 10, 5]);
}

#[tokio::test]
async fn only_the_refused_facts_of_a_call_have_failed() {
    let wire = Wire::start(|request| answer(request, &["fact-3", "fact-12", "fact-19"]));
    assert_eq!(bus(&wire).put(&facts(20)).await, [3, 12, 19]);
}

#[tokio::test]
async fn a_refused_call_fails_its_own_facts_only() {
    let wire = Wire::start(|request| {
        if request.body.contains("fact-10") {
            Reply::Status(400, r#"{"__type":"ValidationException"}"#.to_owned())
        } else {
            answer(request, &[])
        }
    });
    assert_eq!(bus(&wire).put(&facts(22)).await, Vec::from_iter(10..20));
}

#[tokio::test]
async fn nothing_to_tell_takes_no_call() {
    let wire = Wire::start(|_| Reply::Close);
    assert_eq!(bus(&wire).put(&[]).await, [] as [usize; 0]);
    assert!(wire.requests().is_empty());
}

#[tokio::test]
async fn a_fact_carries_its_id_kind_time_and_particulars() {
    let wire = Wire::start(|request| answer(request, &[]));
    bus(&wire).put(&facts(1)).await;
    let entry = &entries(&wire.requests()[0])[0];
    assert_eq!(entry["EventBusName"], "cartback");
    assert_eq!(entry["Source"], "cartback");
    assert_eq!(entry["DetailType"], "CartRecovered");
    assert_eq!(entry["Time"], NOON.as_second());
    let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    let time = "2026-11-22T12:00:00Z";
    assert_eq!(
        detail,
        json!({ "id": "fact-0", "time": time, "data": { "n": 0 } })
    );
}

fn bus(wire: &Wire) -> EventBridgeBus {
    EventBridgeBus::new(clients::eventbridge(&clients::local(&wire.url)), "cartback")
}

fn facts(n_facts: usize) -> Vec<Fact> {
    let fact = |n| Fact {
        id: format!("fact-{n}"),
        kind: FactKind::CartRecovered,
        time: NOON,
        detail: json!({ "n": n }),
    };
    (0..n_facts).map(fact).collect()
}

fn entries(request: &Request) -> Vec<Value> {
    let body: Value = serde_json::from_str(&request.body).unwrap();
    body["Entries"].as_array().unwrap().clone()
}

/// What EventBridge answers when it refuses the facts of these ids.
fn answer(request: &Request, refused: &[&str]) -> Reply {
    let result = |entry: &Value| {
        let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
        if refused.contains(&detail["id"].as_str().unwrap()) {
            json!({ "ErrorCode": "InternalFailure", "ErrorMessage": "try again" })
        } else {
            json!({ "EventId": "11710aed-b79e-4468-a20b-bb3c0c3b4860" })
        }
    };
    let results: Vec<Value> = entries(request).iter().map(result).collect();
    let n_failed = results
        .iter()
        .filter(|result| result["EventId"].is_null())
        .count();
    Reply::Status(
        200,
        json!({ "FailedEntryCount": n_failed, "Entries": results }).to_string(),
    )
}
