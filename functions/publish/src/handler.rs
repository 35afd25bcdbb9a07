//! DynamoDB stream records in, facts on the bus, the records of failed facts back.

use std::collections::BTreeSet;

use aws_lambda_events::dynamodb::{Event, EventRecord};
use cartback::fact::{Fact, facts_of_cart, facts_of_contact, facts_of_request};
use cartback::ports::ReadError;
use cartback_aws::bus::EventBridgeBus;
use cartback_aws::store::{inflate, parse};
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

/// Puts the facts of `event` on the bus. A fact that the bus refuses, or a record that cannot be read,
/// fails its own record only; the facts' stable ids make the repeats of its neighbours recognisable.
pub async fn handle(bus: &EventBridgeBus, event: &Event) -> BatchAnswer {
    let mut found: Vec<(&EventRecord, Fact)> = Vec::new();
    let mut failed: Vec<&EventRecord> = Vec::new();
    for record in &event.records {
        match facts(record) {
            Ok(facts) => found.extend(facts.into_iter().map(|fact| (record, fact))),
            Err(error) => {
                error!(%error, "A change of the table cannot be read; its record comes again");
                failed.push(record);
            }
        }
    }
    let announced: Vec<Fact> = found.iter().map(|(_, fact)| fact.clone()).collect();
    let refused = bus.put(&announced).await;
    failed.extend(refused.iter().map(|index| found[*index].0));
    match refused.len() {
        0 => info!(n_facts = announced.len(), "Facts published"),
        n_refused => error!(
            n_refused,
            n_facts = announced.len(),
            "Facts refused by the bus; their records come again"
        ),
    }
    BatchAnswer::of(&failed)
}

impl BatchAnswer {
    fn of(failed: &[&EventRecord]) -> Self {
        let identifier = |record: &&EventRecord| record.change.sequence_number.clone();
        let identifiers: BTreeSet<_> = failed.iter().filter_map(identifier).collect();
        let item = |item_identifier| FailedItem { item_identifier };
        Self {
            batch_item_failures: identifiers.into_iter().map(item).collect(),
        }
    }
}

/// What one change of the table means; empty for most.
///
/// # Errors
/// [`ReadError::Corrupt`] when an image is not what this version of the program writes.
pub fn facts(record: &EventRecord) -> Result<Vec<Fact>, ReadError> {
    let old = &record.change.old_image;
    let new = &record.change.new_image;
    match sort_key(new) {
        Some("CART") => told(old, new, facts_of_cart),
        Some("CONTACT") => told(old, new, facts_of_contact),
        Some(key) if key.starts_with("REQUEST#") => told(old, new, facts_of_request),
        _ => Ok(Vec::new()),
    }
}

fn told<T: DeserializeOwned>(
    old: &serde_dynamo::Item,
    new: &serde_dynamo::Item,
    tell: fn(Option<&T>, &T) -> Vec<Fact>,
) -> Result<Vec<Fact>, ReadError> {
    let old: Option<T> = body(old)?;
    let new: Option<T> = body(new)?;
    Ok(new.map(|new| tell(old.as_ref(), &new)).unwrap_or_default())
}

fn sort_key(image: &serde_dynamo::Item) -> Option<&str> {
    match image.get("sk") {
        Some(serde_dynamo::AttributeValue::S(key)) => Some(key),
        _ => None,
    }
}

/// The value that `image` holds; `None` if there is no image.
fn body<T: DeserializeOwned>(image: &serde_dynamo::Item) -> Result<Option<T>, ReadError> {
    match image.get("body") {
        Some(serde_dynamo::AttributeValue::S(json)) => parse(json.as_bytes()).map(Some),
        Some(serde_dynamo::AttributeValue::B(deflated)) => inflate(deflated).map(Some),
        _ if image.is_empty() => Ok(None),
        _ => Err(ReadError::Corrupt("no body of the right type".into())),
    }
}
