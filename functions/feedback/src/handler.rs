//! SES's events, which reach us twice over: by an EventBridge rule, and by SNS in case the rule is off. Both
//! fill one queue, so that an event which the table refuses comes again within a minute, and is not lost.

use std::collections::HashMap;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use cartback::evidence::{MailEvent, MailEventKind, Way, note_mail_event};
use cartback::ports::{CartStore, Source};
use cartback::record::RecordError;
use jiff::Timestamp;
use serde::Deserialize;
use tracing::{error, warn};

/// SES says so, in plain text, to a topic that it was just pointed at.
const GREETING: &str = "Successfully validated SNS topic";

/// What invokes the function.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Trigger {
    /// One event, from a rule without a queue or by hand.
    One(Box<Message>),
    /// A queue.
    Queue(SqsEvent),
}

/// One event of SES, by either way.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Message {
    /// As EventBridge delivers.
    Rule(SesEvent),
    /// As SNS delivers, raw.
    Topic(Detail),
}

/// An EventBridge event with an SES event inside. Source: SES guide, "event examples".
#[derive(Debug, Clone, Deserialize)]
pub struct SesEvent {
    /// SES's event.
    pub detail: Detail,
}

/// SES's event, the same on both ways.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Detail {
    /// Such as `Send` or `Bounce`.
    pub event_type: String,
    /// Which mail.
    pub mail: MailHead,
    /// When it was delivered.
    #[serde(default)]
    pub delivery: Option<Happening>,
    /// When it was found to be slow.
    #[serde(default)]
    pub delivery_delay: Option<Happening>,
    /// When and how it bounced.
    #[serde(default)]
    pub bounce: Option<Bounce>,
    /// When the recipient complained.
    #[serde(default)]
    pub complaint: Option<Happening>,
    /// When a link was followed.
    #[serde(default)]
    pub click: Option<Happening>,
}

/// Which mail an event is about.
#[derive(Debug, Clone, Deserialize)]
pub struct MailHead {
    /// When SES accepted it.
    pub timestamp: Timestamp,
    /// Our tags and SES's own, each with its values.
    #[serde(default)]
    pub tags: HashMap<String, Vec<String>>,
}

/// When something happened to a mail.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Happening {
    /// By SES's clock.
    pub timestamp: Timestamp,
}

/// What kind of bounce.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bounce {
    /// `Permanent`, `Transient` or `Undetermined`.
    pub bounce_type: String,
    /// By SES's clock.
    pub timestamp: Timestamp,
}

impl Message {
    fn read(&self) -> (&Detail, Way) {
        match self {
            Self::Rule(event) => (&event.detail, Way::First),
            Self::Topic(detail) => (detail, Way::Second),
        }
    }
}

impl Detail {
    /// When it happened: said by SES, and so the same on both ways.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        let bounced = self.bounce.as_ref().map(|bounce| bounce.timestamp);
        let others = [
            self.delivery,
            self.delivery_delay,
            self.complaint,
            self.click,
        ];
        let happened = others
            .into_iter()
            .flatten()
            .map(|happening| happening.timestamp);
        bounced
            .into_iter()
            .chain(happened)
            .next()
            .unwrap_or(self.mail.timestamp)
    }
}

/// Works off what the function was invoked with, and names the messages of a queue that are to come again:
/// those that the table refused, and those that cannot be read, which end in the dead-letter queue.
///
/// # Errors
/// [`RecordError`] when the table refused a single event; whoever handed it over hands it over again.
pub async fn handle<S: CartStore>(
    store: &S,
    trigger: &Trigger,
) -> Result<SqsBatchResponse, RecordError> {
    let mut response = SqsBatchResponse::default();
    let batch = match trigger {
        Trigger::One(message) => {
            let (detail, way) = message.read();
            note(store, detail, way).await?;
            return Ok(response);
        }
        Trigger::Queue(batch) => batch,
    };
    for message in &batch.records {
        if let Err(error) = note_queued(store, message).await {
            let id = message.message_id.clone().unwrap_or_default();
            error!(message.id = %id, %error, "SES event left in the queue");
            response.batch_item_failures.push(failure(id));
        }
    }
    Ok(response)
}

async fn note_queued<S: CartStore>(store: &S, message: &SqsMessage) -> Result<(), Source> {
    let body = message.body.as_deref().unwrap_or_default();
    if body.starts_with(GREETING) {
        return Ok(());
    }
    // serde's text could quote an address.
    let message: Message = serde_json::from_str(body).map_err(|_| "not an event of SES")?;
    let (detail, way) = message.read();
    Ok(note(store, detail, way).await?)
}

fn failure(id: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = id;
    failure
}

/// Notes one event, which came by `way`. Events that are not of our mails, or of no use, are passed over.
///
/// # Errors
/// [`RecordError`] when the table does not answer; noting the event again is always safe.
pub async fn note<S: CartStore>(store: &S, event: &Detail, way: Way) -> Result<(), RecordError> {
    match read(event, way) {
        Some(mail_event) => note_mail_event(store, &mail_event, mail_event.at).await,
        None => {
            warn!(event.kind = %event.event_type, "SES event passed over: no tags of ours, or a kind of no use");
            Ok(())
        }
    }
}

fn read(event: &Detail, way: Way) -> Option<MailEvent> {
    let tag = |name: &str| event.mail.tags.get(name).and_then(|values| values.first());
    Some(MailEvent {
        cart: tag("cart")?.parse().ok()?,
        contact: tag("contact")?.parse().ok()?,
        stage: tag("stage")?.parse().ok()?,
        attempt: tag("attempt")?.parse().ok()?,
        kind: kind(event)?,
        way,
        at: event.at(),
    })
}

fn kind(detail: &Detail) -> Option<MailEventKind> {
    Some(match detail.event_type.as_str() {
        "Send" => MailEventKind::Send,
        "Delivery" => MailEventKind::Delivery,
        "DeliveryDelay" => MailEventKind::DeliveryDelay,
        "Bounce" if detail.bounce.as_ref()?.bounce_type == "Permanent" => MailEventKind::HardBounce,
        "Bounce" => MailEventKind::SoftBounce,
        "Complaint" => MailEventKind::Complaint,
        "Reject" => MailEventKind::Reject,
        "Click" => MailEventKind::Click,
        _ => return None,
    })
}
