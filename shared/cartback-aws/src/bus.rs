//! Facts for whoever listens, on an EventBridge bus. At least once and in no order: the id tells a
//! repeated fact, the time an old one.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::DisplayErrorContext;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use cartback::fact::Fact;
use serde_json::json;
use tracing::warn;

/// Who speaks, for the patterns of rules.
const SOURCE: &str = "cartback";

/// `PutEvents` takes at most ten entries per call.
const MAX_ENTRIES: usize = 10;

/// Puts facts on one EventBridge bus.
#[derive(Debug, Clone)]
pub struct EventBridgeBus {
    client: Client,
    bus_name: String,
}

impl EventBridgeBus {
    /// The bus of this name, or of this ARN.
    #[must_use]
    pub fn new(client: Client, bus_name: impl Into<String>) -> Self {
        Self {
            client,
            bus_name: bus_name.into(),
        }
    }

    /// Opens the connection during the cold start, when a function has a whole processor for nothing, by
    /// putting nothing, which the bus refuses.
    pub async fn connect(&self) {
        let _ = self.client.put_events().send().await;
    }

    /// Puts `facts` on the bus and returns the indices of those that may not be there, in order; empty
    /// when all are. The detail of an event is `{"id", "time", "data"}`.
    pub async fn put(&self, facts: &[Fact]) -> Vec<usize> {
        let mut failed = Vec::new();
        for (n, batch) in facts.chunks(MAX_ENTRIES).enumerate() {
            let missing = self.put_batch(batch).await;
            failed.extend(missing.into_iter().map(|index| n * MAX_ENTRIES + index));
        }
        failed
    }

    async fn put_batch(&self, batch: &[Fact]) -> Vec<usize> {
        let entries = batch.iter().map(|fact| self.entry(fact)).collect();
        let answer = self.client.put_events().set_entries(Some(entries)).send();
        let results = match answer.await {
            Ok(output) => output.entries.unwrap_or_default(),
            Err(error) => {
                warn!(
                    error = %DisplayErrorContext(&error),
                    "The bus took none of {} facts", batch.len()
                );
                return (0..batch.len()).collect();
            }
        };
        // An entry without an answer is not known to be there either.
        let is_there = |index: &usize| {
            results
                .get(*index)
                .is_some_and(|result| result.event_id().is_some())
        };
        let failed: Vec<usize> = (0..batch.len()).filter(|index| !is_there(index)).collect();
        if !failed.is_empty() {
            let codes: Vec<_> = results
                .iter()
                .filter_map(|entry| entry.error_code())
                .collect();
            warn!(
                ?codes,
                "The bus refused {} of {} facts",
                failed.len(),
                batch.len()
            );
        }
        failed
    }

    fn entry(&self, fact: &Fact) -> PutEventsRequestEntry {
        let detail = json!({ "id": fact.id, "time": fact.time, "data": fact.detail });
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus_name)
            .source(SOURCE)
            .detail_type(fact.kind.name())
            .time(DateTime::from_secs(fact.time.as_second()))
            .detail(detail.to_string())
            .build()
    }
}
