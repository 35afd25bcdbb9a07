//! SES's events, which reach us twice over: by an EventBridge rule, and by SNS in case the rule is off. Both
//! fill one queue, so that an event which the table refuses comes again within a minute, and is not lost.

use std::collections::{BTreeMap, HashMap};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use cartback::evidence::{MailEvent, MailEventKind, Way, note_mail_event};
use cartback::ports::{CartStore, Source};
use cartback::record::RecordError;
use cartback::sequence::Evidence;
use cartback::stage::Stage;
use cartback_aws::metrics::{self, Amount};
use jiff::{SignedDuration, Timestamp};
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

/// An event, and what it meant to its stage; `None` if it was of no mail of ours.
pub type Noted = Option<(MailEvent, Evidence)>;

/// What an invocation did.
#[derive(Debug, Clone)]
pub struct Report {
    /// The messages of a queue that are to come again: those that the table refused, and those that cannot be read,
    /// which end in the dead-letter queue.
    pub response: SqsBatchResponse,
    /// When.
    now: Timestamp,
    figures: BTreeMap<Stage, Figures>,
}

/// What SES told of one stage's mails.
#[derive(Debug, Clone, Copy, Default)]
struct Figures {
    /// Second mails of one stage.
    n_duplicates: usize,
    n_delivered: usize,
    n_bounced: usize,
    n_complained: usize,
    /// The longest time from SES taking a mail to its word being worked off; `None` if nothing tells.
    lag: Option<SignedDuration>,
}

impl Report {
    fn at(now: Timestamp) -> Self {
        Self {
            response: SqsBatchResponse::default(),
            now,
            figures: BTreeMap::new(),
        }
    }

    fn add(&mut self, noted: Noted) {
        let Some((event, evidence)) = noted else {
            return;
        };
        let figures = self.figures.entry(event.stage).or_default();
        figures.n_duplicates += usize::from(evidence == Evidence::Duplicate);
        // Each event comes by both ways; its lag is that of the later one, and it is counted once.
        let n = usize::from(event.way == Way::First);
        match event.kind {
            // When others happened is not always known to the second; an acceptance is.
            MailEventKind::Send => {
                let lag = self.now.duration_since(event.at).max(SignedDuration::ZERO);
                figures.lag = figures.lag.max(Some(lag));
            }
            MailEventKind::Delivery => figures.n_delivered += n,
            MailEventKind::HardBounce => figures.n_bounced += n,
            MailEventKind::Complaint => figures.n_complained += n,
            MailEventKind::DeliveryDelay
            | MailEventKind::SoftBounce
            | MailEventKind::Reject
            | MailEventKind::Click => {}
        }
    }

    /// The report as lines for CloudWatch, one a stage; none if there is nothing to tell.
    #[must_use]
    pub fn metrics(&self) -> Vec<String> {
        let line = |(stage, figures): (&Stage, &Figures)| {
            let counts = [
                ("duplicates", figures.n_duplicates),
                ("delivered", figures.n_delivered),
                ("bounced", figures.n_bounced),
                ("complained", figures.n_complained),
            ];
            let counts = counts.map(|(name, n)| (name, Amount::Count(n)));
            let lag = figures.lag.map(|lag| {
                let seconds = u64::try_from(lag.as_secs()).unwrap_or(0);
                ("evidence_lag_seconds", Amount::Seconds(seconds))
            });
            metrics::line(stage.name(), counts.into_iter().chain(lag), self.now)
        };
        self.figures.iter().filter_map(line).collect()
    }
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

/// Works off what the function was invoked with at `now`.
///
/// # Errors
/// [`RecordError`] when the table refused a single event; whoever handed it over hands it over again.
pub async fn handle<S: CartStore>(
    store: &S,
    trigger: &Trigger,
    now: Timestamp,
) -> Result<Report, RecordError> {
    let mut report = Report::at(now);
    match trigger {
        Trigger::One(message) => report.add(note_message(store, message).await?),
        Trigger::Queue(batch) => {
            for message in &batch.records {
                match note_queued(store, message).await {
                    Ok(noted) => report.add(noted),
                    Err(error) => {
                        let id = message.message_id.clone().unwrap_or_default();
                        error!(message.id = %id, %error, "SES event left in the queue");
                        report.response.batch_item_failures.push(failure(id));
                    }
                }
            }
        }
    }
    Ok(report)
}

async fn note_queued<S: CartStore>(store: &S, message: &SqsMessage) -> Result<Noted, Source> {
    let body = message.body.as_deref().unwrap_or_default();
    if body.starts_with(GREETING) {
        return Ok(None);
    }
    // serde's text could quote an address.
    let message: Message = serde_json::from_str(body).map_err(|_| "not an event of SES")?;
    Ok(note_message(store, &message).await?)
}

async fn note_message<S: CartStore>(store: &S, message: &Message) -> Result<Noted, RecordError> {
    let (detail, way) = message.read();
    note(store, detail, way).await
}

fn failure(id: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = id;
    failure
}

/// Notes one event, which came by `way`, and says what it meant. Events that are not of our mails,
/// or of no use, are passed over.
///
/// # Errors
/// [`RecordError`] when the table does not answer; noting the event again is always safe.
pub async fn note<S: CartStore>(store: &S, event: &Detail, way: Way) -> Result<Noted, RecordError> {
    let Some(event) = read(event, way) else {
        warn!(event.kind = %event.event_type, "SES event passed over: no tags of ours, or a kind of no use");
        return Ok(None);
    };
    let evidence = note_mail_event(store, &event, event.at).await?;
    Ok(evidence.map(|evidence| (event, evidence)))
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

#[cfg(test)]
mod tests {
    use cartback::ids::{Attempt, CartKey, ContactKey};

    use super::*;

    const NOON: Timestamp = Timestamp::constant(1_795_348_800, 0);

    fn event(kind: MailEventKind, way: Way, seconds_ago: i64) -> MailEvent {
        let cart: CartKey = "demo_00000000000000000000000001".parse().unwrap();
        MailEvent {
            contact: ContactKey::nobody(cart.shop()),
            cart,
            stage: Stage::Nudge,
            attempt: Attempt::from_bytes([7; 16]),
            kind,
            way,
            at: NOON - SignedDuration::from_secs(seconds_ago),
        }
    }

    fn lines(events: &[(MailEventKind, Way, i64)]) -> Vec<serde_json::Value> {
        let mut report = Report::at(NOON);
        for (kind, way, seconds_ago) in events {
            let event = event(*kind, *way, *seconds_ago);
            report.add(Some((event, Evidence::Settled)));
        }
        let lines = report.metrics();
        let lines = lines.iter().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    }

    #[test]
    fn the_lag_is_that_of_the_latest_word_that_a_mail_was_taken() {
        use MailEventKind::{Delivery, Send};
        let told = lines(&[
            (Send, Way::First, 3),
            (Send, Way::Second, 42),
            (Send, Way::First, -5),
            (Delivery, Way::First, 600),
        ]);
        let [line] = &told[..] else {
            panic!("{told:?}")
        };
        assert_eq!(line["evidence_lag_seconds"], 42);
        assert_eq!(
            lines(&[(Send, Way::First, -5)])[0]["evidence_lag_seconds"],
            0
        );
        let without = lines(&[(Delivery, Way::First, 600)]);
        assert!(without[0]["evidence_lag_seconds"].is_null());
    }

    #[test]
    fn what_is_told_by_both_ways_is_counted_once() {
        use MailEventKind::{Complaint, Delivery, HardBounce, SoftBounce};
        let told = lines(&[
            (Delivery, Way::First, 1),
            (HardBounce, Way::First, 1),
            (HardBounce, Way::Second, 1),
            (Complaint, Way::Second, 1),
            (Complaint, Way::First, 1),
            (SoftBounce, Way::First, 1),
        ]);
        let line = &told[0];
        for name in ["delivered", "bounced", "complained"] {
            assert_eq!(line[name], 1, "{name} in {line}");
        }
        assert_eq!(lines(&[(SoftBounce, Way::First, 1)]).len(), 0);
    }
}
