//! DynamoDB stream records in, facts on the bus, the records of failed facts back.

use aws_lambda_events::dynamodb::{Event, EventRecord};
use cartback::cart::Cart;
use cartback::contact::Contact;
use cartback::fact::{Fact, facts_of_cart, facts_of_contact};
use cartback_aws::bus::EventBridgeBus;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::{error, info};

/// Which records are to be delivered again: `ReportBatchItemFailures`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchAnswer {
    /// Empty if all went well.
    pub batch_item_failures: Vec<FailedItem>,
}

/// A record to be delivered again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FailedItem {
    /// The record's sequence number.
    pub item_identifier: String,
}

/// Puts the facts of `event` on the bus. A fact that the bus refuses fails its own record only; the
/// facts' stable ids make the repeats of its neighbours recognisable.
pub async fn handle(bus: &EventBridgeBus, event: &Event) -> BatchAnswer {
    let found: Vec<(&EventRecord, Fact)> = event
        .records
        .iter()
        .flat_map(|record| facts(record).into_iter().map(move |fact| (record, fact)))
        .collect();
    let announced: Vec<Fact> = found.iter().map(|(_, fact)| fact.clone()).collect();
    let failed = bus.put(&announced).await;
    let mut answer = BatchAnswer::default();
    for index in &failed {
        let identifier = found[*index]
            .0
            .change
            .sequence_number
            .clone()
            .unwrap_or_default();
        answer.batch_item_failures.push(FailedItem {
            item_identifier: identifier,
        });
    }
    answer.batch_item_failures.dedup();
    match failed.len() {
        0 => info!(n_facts = announced.len(), "Facts published"),
        n_failed => error!(
            n_failed,
            n_facts = announced.len(),
            "Facts refused by the bus; their records come again"
        ),
    }
    answer
}

/// What one change of the table means; empty for most.
#[must_use]
pub fn facts(record: &EventRecord) -> Vec<Fact> {
    let old = &record.change.old_image;
    let new = &record.change.new_image;
    match sort_key(new) {
        Some("CART") => body::<Cart>(new)
            .map(|new| facts_of_cart(body(old).as_ref(), &new))
            .unwrap_or_default(),
        Some("CONTACT") => body::<Contact>(new)
            .map(|new| facts_of_contact(body(old).as_ref(), &new))
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn sort_key(image: &serde_dynamo::Item) -> Option<&str> {
    match image.get("sk") {
        Some(serde_dynamo::AttributeValue::S(key)) => Some(key),
        _ => None,
    }
}

fn body<T: DeserializeOwned>(image: &serde_dynamo::Item) -> Option<T> {
    match image.get("body") {
        Some(serde_dynamo::AttributeValue::S(body)) => serde_json::from_str(body).ok(),
        _ => None,
    }
}
