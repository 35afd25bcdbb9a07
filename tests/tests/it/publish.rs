//! Changes of the table in, facts out, and just the records of failed facts back.

use aws_lambda_events::dynamodb::{Event, EventRecord};
use cartback_aws::bus::EventBridgeBus;
use cartback_aws::clients;
use cartback_tests::wire::{Reply, Request, Wire};
use publish::handler::{facts, handle};
use serde_json::{Value, json};

const STREAM: &str = include_str!("../../../functions/publish/fixtures/stream.json");

#[test]
fn the_sample_records_mean_what_happened() {
    let told: Vec<Vec<&str>> = records()
        .iter()
        .map(|record| {
            facts(record)
                .unwrap()
                .iter()
                .map(|fact| fact.kind.name())
                .collect()
        })
        .collect();
    let expected: [&[&str]; 6] = [
        &[],
        &[],
        &["CartAbandoned", "ReminderSent"],
        &["ReminderSkipped", "CartRecovered"],
        &["ContactSuppressed"],
        &[],
    ];
    assert_eq!(told, expected);
}

#[test]
fn the_same_record_makes_the_same_facts() {
    for record in records() {
        assert_eq!(facts(&record).unwrap(), facts(&record).unwrap());
    }
}

#[test]
fn a_record_of_something_else_means_nothing() {
    let other = changed(2, "/dynamodb/NewImage/sk/S", json!("SOMETHING"));
    assert_eq!(facts(&other).unwrap(), []);
    let gone = changed(2, "/dynamodb/NewImage", json!({}));
    assert_eq!(facts(&gone).unwrap(), []);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_comes_again_and_stops_nobody() {
    for (pointer, value) in [
        ("/dynamodb/NewImage/body/S", json!("{")),
        ("/dynamodb/NewImage/body", json!({ "N": "1" })),
        ("/dynamodb/NewImage/body", json!({ "B": "eyJ9" })),
        ("/dynamodb/OldImage/body/S", json!("{")),
    ] {
        let mut event = event();
        event.records[2] = changed(2, pointer, value);
        let wire = Wire::start(|request| answer(request, &[]));
        let told = handle(&bus(&wire), &event).await;
        assert_eq!(
            serde_json::to_value(&told).unwrap(),
            failures(&[2]),
            "{pointer}"
        );
        assert_eq!(wire.requests().len(), 1, "the others are told");
    }
}

#[tokio::test]
async fn a_batch_that_went_well_names_no_record() {
    let wire = Wire::start(|request| answer(request, &[]));
    let told = handle(&bus(&wire), &event()).await;
    assert_eq!(
        serde_json::to_value(&told).unwrap(),
        json!({ "batchItemFailures": [] })
    );
    assert_eq!(wire.requests().len(), 1);
}

#[tokio::test]
async fn a_partly_failed_batch_names_just_the_records_of_the_failed_facts() {
    let cases: [(&[&str], &[usize]); 4] = [
        (&["ReminderSent"], &[2]),
        (&["CartAbandoned", "ReminderSent"], &[2]),
        (&["CartRecovered", "ContactSuppressed"], &[3, 4]),
        (&["CartAbandoned", "ContactSuppressed"], &[2, 4]),
    ];
    for (refused, expected) in cases {
        let wire = Wire::start(move |request| answer(request, refused));
        let told = handle(&bus(&wire), &event()).await;
        assert_eq!(
            serde_json::to_value(&told).unwrap(),
            failures(expected),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn a_bus_that_is_not_there_fails_every_record_with_facts() {
    let wire =
        Wire::start(|_| Reply::Status(400, r#"{"__type":"ValidationException"}"#.to_owned()));
    let told = handle(&bus(&wire), &event()).await;
    assert_eq!(serde_json::to_value(&told).unwrap(), failures(&[2, 3, 4]));
}

fn failures(places: &[usize]) -> Value {
    let records = records();
    let item = |place: &usize| json!({ "itemIdentifier": records[*place].change.sequence_number });
    json!({ "batchItemFailures": places.iter().map(item).collect::<Vec<_>>() })
}

/// The sample record at `place` with another value at `pointer`.
fn changed(place: usize, pointer: &str, value: Value) -> EventRecord {
    let event: Value = serde_json::from_str(STREAM).unwrap();
    let mut record = event["Records"][place].clone();
    *record.pointer_mut(pointer).unwrap() = value;
    serde_json::from_value(record).unwrap()
}

fn event() -> Event {
    serde_json::from_str(STREAM).unwrap()
}

fn records() -> Vec<EventRecord> {
    event().records
}

fn bus(wire: &Wire) -> EventBridgeBus {
    EventBridgeBus::new(clients::eventbridge(&clients::local(&wire.url)), "cartback")
}

/// What EventBridge answers when it refuses the facts of these kinds.
fn answer(request: &Request, refused: &[&str]) -> Reply {
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let result = |entry: &Value| {
        if refused.contains(&entry["DetailType"].as_str().unwrap()) {
            json!({ "ErrorCode": "InternalFailure", "ErrorMessage": "try again" })
        } else {
            json!({ "EventId": "11710aed-b79e-4468-a20b-bb3c0c3b4860" })
        }
    };
    let results: Vec<Value> = body["Entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(result)
        .collect();
    let n_failed = results
        .iter()
        .filter(|result| result["EventId"].is_null())
        .count();
    Reply::Status(
        200,
        json!({ "FailedEntryCount": n_failed, "Entries": results }).to_string(),
    )
}
