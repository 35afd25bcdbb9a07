//! What became of each stage of a cart, and what evidence meant to it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::decide::SkipReason;
use crate::ids::Attempt;
use crate::sequence::Pending;
use crate::stage::Stage;

/// How a stage ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageLog {
    /// Which.
    pub stage: Stage,
    /// When we knew.
    pub at: Timestamp,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Further attempts whose mail SES accepted too, in the order in which we learnt of them; nearly
    /// always empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duplicates: Vec<Attempt>,
    /// What was tried before the stage gave way to a newer cart, to go on from there if it is planned again;
    /// nearly always nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried: Option<Pending>,
}

/// What became of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// SES accepted the mail.
    Sent {
        /// Which attempt did it.
        attempt: Attempt,
    },
    /// Decided against, and why.
    Skipped {
        /// The rule that fired.
        reason: SkipReason,
    },
    /// Could not be sent: rejected by SES, or not rendered three times.
    Failed,
    /// Nobody knows; counted, and treated as sent.
    Presumed {
        /// The last attempt.
        attempt: Option<Attempt>,
    },
}

/// What an SES event that carries an attempt meant to the cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// It ended the stage, or corrected its log: write the cart.
    Settled,
    /// Already known.
    Known,
    /// A further mail of the stage was accepted, the corner that no protocol closes, and the log has it
    /// now: write the cart, and count it.
    Duplicate,
}

impl StageLog {
    /// Whether SES is known to have accepted the mail of `attempt`.
    pub(super) fn is_sent_by(&self, attempt: Attempt) -> bool {
        self.outcome == Outcome::Sent { attempt } || self.duplicates.contains(&attempt)
    }
}
