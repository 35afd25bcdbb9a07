//! Writes: conditional on the version seen, atomic where two states change, and clear about whether
//! anything was stored.

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    ConditionCheck, ConsumedCapacity, Put, ReturnConsumedCapacity, TransactWriteItem,
};
use cartback::ids::Attempt;
use cartback::ports::{Seen, Source, Write, WriteError};
use futures_util::future::try_join_all;

use super::DynamoStore;
use super::item::{self, Guarded, Item, Key};
use crate::failure::Doubt;

/// Codes, of a call or of one action of a transaction, that mean somebody was faster. A token known
/// with another content is our own attempt, stored before: the reader finds out.
const CONFLICTS: [&str; 5] = [
    "ConditionalCheckFailed",
    "ConditionalCheckFailedException",
    "IdempotentParameterMismatchException",
    "TransactionConflict",
    "TransactionConflictException",
];

/// What a transaction has beside its states.
#[derive(Default)]
struct Further {
    checks: Vec<ConditionCheck>,
    history: Vec<Item>,
    claim: Vec<TransactWriteItem>,
}

impl DynamoStore {
    pub(super) async fn store(&self, write: &Write) -> Result<(), WriteError> {
        let cart = write
            .cart
            .as_ref()
            .map(|cart| Guarded::cart(cart, self.n_shards))
            .transpose();
        let contact = write.contact.as_ref().map(Guarded::contact).transpose();
        let history = item::history(write).map_err(WriteError::Unavailable)?;
        match (cart.map_err(unfit)?, contact.map_err(unfit)?) {
            (Some(cart), Some(contact)) => {
                let checks = write.seen.iter().map(|seen| self.unchanged(seen));
                let checks = checks.collect::<Result<_, _>>()?;
                let claim = match &write.claim {
                    Some(claim) => self.claim_actions(claim)?,
                    None => Vec::new(),
                };
                let further = Further {
                    checks,
                    history,
                    claim,
                };
                self.store_together(vec![cart, contact], further, write.attempt)
                    .await
            }
            (Some(state), None) | (None, Some(state)) if write.is_atomic && !history.is_empty() => {
                let further = Further {
                    history,
                    ..Further::default()
                };
                self.store_together(vec![state], further, None).await
            }
            // The state goes first. A crash in between loses only a line of history: a storefront's, which
            // its retry writes, or why a reminder waits; the other way round a line would tell of what never was.
            (Some(state), None) | (None, Some(state)) => {
                let (condition, seen) = (state.condition(), state.condition_values());
                self.put(state.item, Some(condition), seen).await?;
                self.put_history(history).await
            }
            (None, None) => self.put_history(history).await,
        }
    }

    pub(super) async fn delete(&self, key: &Key) -> Result<(), WriteError> {
        let doubt = Doubt::default();
        let answer = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .customize()
            .interceptor(doubt.clone())
            .send()
            .await;
        let error = |error| classify(error, false, &doubt);
        answer.map(drop).map_err(error)
    }

    pub(super) async fn put(
        &self,
        item: Item,
        condition: Option<&str>,
        condition_values: Option<Item>,
    ) -> Result<(), WriteError> {
        let doubt = Doubt::default();
        let answer = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .set_condition_expression(condition.map(str::to_owned))
            .set_expression_attribute_values(condition_values)
            .set_return_consumed_capacity(self.wanted_capacity())
            .customize()
            .interceptor(doubt.clone())
            .send()
            .await;
        match answer {
            Ok(output) => {
                self.meter(output.consumed_capacity());
                Ok(())
            }
            Err(error) => {
                let is_conflict = error.code().is_some_and(|code| CONFLICTS.contains(&code));
                Err(classify(error, is_conflict, &doubt))
            }
        }
    }

    /// A write has a handful of lines, and each may be stored again.
    async fn put_history(&self, history: Vec<Item>) -> Result<(), WriteError> {
        let puts = history.into_iter().map(|line| self.put(line, None, None));
        // What came before this line is stored: whatever refused it, "nothing was stored" is not true.
        let stored = try_join_all(puts).await;
        stored.map(drop).map_err(|error| match error {
            WriteError::Unavailable(source) => WriteError::Unknown(source),
            error @ (WriteError::Conflict | WriteError::Unknown(_)) => {
                WriteError::Unknown(error.into())
            }
        })
    }

    async fn store_together(
        &self,
        states: Vec<Guarded>,
        further: Further,
        attempt: Option<Attempt>,
    ) -> Result<(), WriteError> {
        let guarded = states.into_iter().map(|state| {
            let put = Put::builder()
                .condition_expression(state.condition())
                .set_expression_attribute_values(state.condition_values());
            put.set_item(Some(state.item))
        });
        let lines = further
            .history
            .into_iter()
            .map(|line| Put::builder().set_item(Some(line)));
        let mut actions = Vec::new();
        for put in guarded.chain(lines) {
            let put = put.table_name(&self.table).build().map_err(unfit)?;
            actions.push(TransactWriteItem::builder().put(put).build());
        }
        let doubt = Doubt::default();
        let check = |check| TransactWriteItem::builder().condition_check(check).build();
        actions.extend(further.checks.into_iter().map(check));
        actions.extend(further.claim);
        let answer = self
            .client
            .transact_write_items()
            .set_transact_items(Some(actions))
            .set_client_request_token(attempt.map(|attempt| attempt.to_string()))
            .set_return_consumed_capacity(self.wanted_capacity())
            .customize()
            .interceptor(doubt.clone())
            .send()
            .await;
        match answer {
            Ok(output) => {
                self.meter(output.consumed_capacity());
                Ok(())
            }
            Err(error) => {
                let is_conflict = is_transaction_conflict(&error);
                Err(classify(error, is_conflict, &doubt))
            }
        }
    }

    fn unchanged(&self, seen: &Seen) -> Result<ConditionCheck, WriteError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(Key::cart(&seen.cart).attributes()))
            .condition_expression("v = :seen")
            .expression_attribute_values(":seen", item::number(seen.version));
        check.build().map_err(unfit)
    }

    pub(super) fn wanted_capacity(&self) -> Option<ReturnConsumedCapacity> {
        self.consumed
            .as_ref()
            .map(|_| ReturnConsumedCapacity::Total)
    }

    pub(super) fn meter<'a>(&self, capacities: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        if let Some(consumed) = &self.consumed {
            add(&consumed.writes, capacities);
        }
    }

    pub(super) fn meter_read<'a>(
        &self,
        capacities: impl IntoIterator<Item = &'a ConsumedCapacity>,
    ) {
        if let Some(consumed) = &self.consumed {
            add(&consumed.reads, capacities);
        }
    }
}

fn add<'a>(total: &AtomicU64, capacities: impl IntoIterator<Item = &'a ConsumedCapacity>) {
    for capacity in capacities {
        // Units are a fraction in the SDK and whole thousandths here; `Duration` converts without arithmetic.
        let units = Duration::try_from_secs_f64(capacity.capacity_units().unwrap_or_default());
        let thousandths = units.unwrap_or_default().as_millis();
        let thousandths = u64::try_from(thousandths).unwrap_or_default();
        total.fetch_add(thousandths, Ordering::Relaxed);
    }
}

fn is_transaction_conflict(error: &SdkError<TransactWriteItemsError>) -> bool {
    let reasons = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons()
        }
        _ => &[],
    };
    let codes = reasons.iter().filter_map(|reason| reason.code());
    codes
        .chain(error.code())
        .any(|code| CONFLICTS.contains(&code))
}

pub(super) fn classify<E>(error: SdkError<E>, is_conflict: bool, doubt: &Doubt) -> WriteError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    // Our own success may hide behind a conflict, when the SDK repeated a request whose reply was
    // lost. The caller reads again either way.
    if is_conflict {
        return WriteError::Conflict;
    }
    let is_under_way = error.code() == Some("TransactionInProgressException");
    let is_cut_short = matches!(error, SdkError::TimeoutError(_));
    if is_under_way || is_cut_short || doubt.is_set() {
        WriteError::Unknown(error.into())
    } else {
        WriteError::Unavailable(error.into())
    }
}

/// Could not even be put into a request.
pub(super) fn unfit(error: impl Into<Source>) -> WriteError {
    WriteError::Unavailable(error.into())
}
