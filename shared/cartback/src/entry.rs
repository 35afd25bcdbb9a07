//! The history of a cart: one small line for each message that came in, each decision, each mail
//! event and each visit. For people and counts; no rule reads it. Nothing personal in it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cart::Payment;
use crate::decide::{Channel, Decision};
use crate::ids::{Attempt, CartKey};
use crate::offer::OfferVerdict;
use crate::reason::Answer;
use crate::stage::Stage;

/// One line of a cart's history. Reads back as a [`Line`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Whose history. Kept in the key.
    #[serde(skip)]
    pub cart: CartKey,
    /// When we took note of it.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// A line as it is stored, under a key that names its cart.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Line {
    at: Timestamp,
    #[serde(flatten)]
    what: What,
}

/// What a line of history tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// A storefront's message came in.
    Received {
        /// The source's id.
        id: String,
        /// When it happened at the source.
        happened_at: Timestamp,
        /// Kinds of the events it held, such as `cart.updated`.
        kinds: Vec<String>,
    },
    /// A due reminder was decided on.
    Decided(DecisionRecord),
    /// SES told of a mail: `delivery`, `bounce`, `complaint` and the like; `duplicate` if it was the
    /// second of its stage.
    Mailed {
        /// Which stage's mail.
        stage: Stage,
        /// Which attempt.
        attempt: Attempt,
        /// SES's word in lower case.
        event: String,
    },
    /// A reminder was given up: the dead letter, for people to look into.
    GivenUp {
        /// Which stage's.
        stage: Stage,
        /// What was wrong; nothing personal.
        fault: String,
    },
    /// The shopper went on from a restore link to the checkout.
    Restored {
        /// By the mail of this stage's attempt.
        attempt: Attempt,
    },
    /// The shopper said what was in the way.
    Answered {
        /// By the mail of this attempt.
        attempt: Attempt,
        /// What they said.
        answer: Answer,
    },
}

/// What was decided, why, and on which facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// Which stage was due.
    pub stage: Stage,
    /// What was decided.
    #[serde(flatten)]
    pub decision: Decision,
    /// The last news of a payment; after a failed one this is why the person is written to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
    /// The attempt, if it was to send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
    /// By which way, if it was to send.
    #[serde(default, skip_serializing_if = "Channel::is_mail")]
    pub channel: Channel,
    /// What was decided about an offer, if it was to send and there was something to decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferVerdict>,
    /// First 16 hex digits of SHA-256 over the facts and the policy, to tell whether two decisions
    /// saw the same.
    pub digest: String,
}

impl Line {
    /// The line in the history of `cart`.
    #[must_use]
    pub fn of(self, cart: &CartKey) -> Entry {
        Entry::new(cart, self.at, self.what)
    }
}

impl Entry {
    /// A line in the history of `cart`.
    #[must_use]
    pub fn new(cart: &CartKey, at: Timestamp, what: What) -> Self {
        Self {
            cart: cart.clone(),
            at,
            what,
        }
    }

    /// What makes the line unique within its cart; lines sort by time.
    #[must_use]
    pub fn sort_key(&self) -> String {
        // Fixed width, so that text order is time order.
        let at = format!("{:.3}", self.at);
        match &self.what {
            What::Received {
                id, happened_at, ..
            } => format!("EVENT#{happened_at:.3}#{id}"),
            What::Decided(record) => {
                let attempt = record.attempt.map(|attempt| format!("#{attempt}"));
                format!(
                    "DECISION#{at}#{}{}",
                    record.stage,
                    attempt.unwrap_or_default()
                )
            }
            What::Mailed {
                stage,
                attempt,
                event,
            } => format!("MAIL#{at}#{stage}#{attempt}#{event}"),
            What::GivenUp { stage, .. } => format!("FAULT#{at}#{stage}"),
            What::Restored { attempt } => format!("VISIT#{at}#{attempt}"),
            What::Answered { attempt, .. } => format!("VISIT#{at}#{attempt}#answer"),
        }
    }
}
