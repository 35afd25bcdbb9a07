//! The mailer of the local runner: keeps mails instead of sending them, and tells of each as SES would.
//! Nothing leaves the machine.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use cartback::mail::Mail;
use cartback::ports::{Mailer, PushError, SendError};
use cartback::push::Push;
use feedback::handler::Detail;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::clock::Clock;
use crate::Failure;

/// The partition of the table in which mails are kept, away from everything that Cartback reads.
const PARTITION: &str = "OUTBOX";

/// Domain of the addresses that SES answers in a known way. Source: SES guide, "mailbox simulator".
const SIMULATOR: &str = "@simulator.amazonses.com";

#[derive(Clone)]
pub(crate) struct Outbox {
    client: Client,
    table: String,
    clock: Arc<Clock>,
    next_id: Arc<AtomicU64>,
    /// Mails of which SES has not told yet.
    untold: Arc<Mutex<Vec<KeptMail>>>,
}

/// A mail as it was kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeptMail {
    pub(crate) id: String,
    shop: String,
    /// The cart's key; people ask by the storefront's id.
    pub(crate) cart: String,
    stage: String,
    to: String,
    from: String,
    subject: String,
    pub(crate) sent_at: Timestamp,
    headers: Map<String, Value>,
    text: String,
    html: String,
    tags: Map<String, Value>,
}

impl Outbox {
    /// Goes on after the mails that the table holds.
    pub(crate) async fn open(
        client: Client,
        table: String,
        clock: Arc<Clock>,
    ) -> Result<Self, Failure> {
        let outbox = Self {
            client,
            table,
            clock,
            next_id: Arc::default(),
            untold: Arc::default(),
        };
        let n_told = outbox.n_told().await?;
        for mail in outbox.mails().await? {
            // A process that was killed may have left gaps: count on from the last, not from the number.
            let number: u64 = mail.id.parse()?;
            outbox.next_id.store(number + 1, Ordering::Relaxed);
            if n_told <= number {
                outbox.lock().push(mail);
            }
        }
        Ok(outbox)
    }

    /// What SES would tell of the mails that it has not told of yet: each mail's events in order.
    pub(crate) fn take_untold(&self) -> Result<Vec<Vec<Detail>>, Failure> {
        let untold = std::mem::take(&mut *self.lock());
        untold.iter().map(ses_events).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<KeptMail>> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that every mail so far was told of.
    pub(crate) async fn note_told(&self) -> Result<(), Failure> {
        let n_told = self.next_id.load(Ordering::Relaxed);
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(told_key()))
            .item("n", AttributeValue::N(n_told.to_string()))
            .send()
            .await?;
        Ok(())
    }

    async fn n_told(&self) -> Result<u64, Failure> {
        let kept = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(told_key()))
            .send()
            .await?;
        let number = kept.item().and_then(|item| item.get("n")?.as_n().ok());
        Ok(number.map_or(Ok(0), |digits| digits.parse())?)
    }

    async fn put(&self, mail: &KeptMail) -> Result<(), Failure> {
        self.client
            .put_item()
            .table_name(&self.table)
            .item("pk", AttributeValue::S(PARTITION.to_owned()))
            .item("sk", AttributeValue::S(mail.id.clone()))
            .item("mail", AttributeValue::S(serde_json::to_string(mail)?))
            .send()
            .await?;
        Ok(())
    }

    /// All mails, oldest first.
    pub(crate) async fn mails(&self) -> Result<Vec<KeptMail>, Failure> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(PARTITION.to_owned()))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut mails = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item?;
            let text = item
                .get("mail")
                .and_then(|value| value.as_s().ok())
                .ok_or("a kept mail has no text")?;
            mails.push(serde_json::from_str(text)?);
        }
        Ok(mails)
    }
}

impl Mailer for Outbox {
    async fn permit(&self, _: SignedDuration) -> bool {
        true
    }

    async fn push(&self, _: &Push) -> Result<(), PushError> {
        Err(PushError::Refused("there is no push service here".into()))
    }

    async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        let number = self.next_id.fetch_add(1, Ordering::Relaxed);
        let text = |(name, value): (&'static str, String)| (name.to_owned(), Value::String(value));
        let mut headers: Map<_, _> = mail.headers.iter().cloned().map(text).collect();
        headers.insert(
            "Reply-To".to_owned(),
            Value::String(mail.reply_to.expose().to_owned()),
        );
        let kept = KeptMail {
            id: format!("{number:08}"),
            shop: mail.cart.shop().to_string(),
            cart: mail.cart.to_string(),
            stage: mail.stage.to_string(),
            to: mail.to.expose().to_owned(),
            from: mail.from.clone(),
            subject: mail.subject.clone(),
            sent_at: self.clock.peek(),
            headers,
            text: mail.text.clone(),
            html: mail.html.clone(),
            tags: mail.tags().into_iter().map(text).collect(),
        };
        self.put(&kept).await.map_err(SendError::Unknown)?;
        self.lock().push(kept);
        Ok(())
    }
}

/// Where the number is kept up to which mails were told of.
fn told_key() -> HashMap<String, AttributeValue> {
    let name = AttributeValue::S(format!("{PARTITION}_TOLD"));
    HashMap::from([("pk".to_owned(), name.clone()), ("sk".to_owned(), name)])
}

/// The events that SES emits for `mail`.
fn ses_events(mail: &KeptMail) -> Result<Vec<Detail>, Failure> {
    let local_part = mail
        .to
        .strip_suffix(SIMULATOR)
        .map(|local| local.split('+').next().unwrap_or(local));
    let kinds: &[&str] = match local_part {
        Some("bounce" | "suppressionlist") => &["Send", "Bounce"],
        Some("complaint") => &["Send", "Delivery", "Complaint"],
        _ => &["Send", "Delivery"],
    };
    let tags: Map<_, _> = mail
        .tags
        .iter()
        .map(|(name, value)| (name.clone(), json!([value])))
        .collect();
    let sent_at = mail.sent_at;
    let event = |kind: &&str| {
        let mail = json!({ "messageId": mail.id, "timestamp": sent_at, "tags": tags });
        let mut event = json!({ "eventType": kind, "mail": mail });
        if *kind == "Bounce" {
            event["bounce"] = json!({
                "bounceType": "Permanent", "bounceSubType": "General", "timestamp": sent_at,
            });
        }
        Ok(serde_json::from_value(event)?)
    };
    kinds.iter().map(event).collect()
}
