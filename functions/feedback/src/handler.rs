//! SES events as an EventBridge rule delivers them.

use std::collections::HashMap;

use cartback::evidence::{MailEvent, MailEventKind, note_mail_event};
use cartback::ports::CartStore;
use cartback::record::RecordError;
use jiff::Timestamp;
use serde::Deserialize;
use tracing::warn;

/// An EventBridge event with an SES event inside. Source: SES guide, "event examples".
#[derive(Debug, Clone, Deserialize)]
pub struct SesEvent {
    /// When EventBridge took it.
    pub time: Timestamp,
    /// SES's event.
    pub detail: Detail,
}

/// SES's event.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Detail {
    /// Such as `Send` or `Bounce`.
    pub event_type: String,
    /// Which mail.
    pub mail: MailHead,
    /// More, for a bounce.
    #[serde(default)]
    pub bounce: Option<Bounce>,
}

/// Which mail an event is about.
#[derive(Debug, Clone, Deserialize)]
pub struct MailHead {
    /// Our tags and SES's own, each with its values.
    #[serde(default)]
    pub tags: HashMap<String, Vec<String>>,
}

/// What kind of bounce.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bounce {
    /// `Permanent`, `Transient` or `Undetermined`.
    pub bounce_type: String,
}

/// Notes one event. Events that are not of our mails, or of no use, are passed over.
///
/// # Errors
/// [`RecordError`] when the table does not answer; EventBridge delivers the event again.
pub async fn handle<S: CartStore>(
    store: &S,
    event: &SesEvent,
    now: Timestamp,
) -> Result<(), RecordError> {
    match read(event) {
        Some(mail_event) => note_mail_event(store, &mail_event, now).await,
        None => {
            warn!(event.kind = %event.detail.event_type, "SES event passed over: no tags of ours, or a kind of no use");
            Ok(())
        }
    }
}

fn read(event: &SesEvent) -> Option<MailEvent> {
    let tag = |name: &str| {
        event
            .detail
            .mail
            .tags
            .get(name)
            .and_then(|values| values.first())
    };
    Some(MailEvent {
        cart: tag("cart")?.parse().ok()?,
        stage: tag("stage")?.parse().ok()?,
        attempt: tag("attempt")?.parse().ok()?,
        kind: kind(&event.detail)?,
        at: event.time,
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
