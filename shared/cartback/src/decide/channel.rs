//! By which way a reminder leaves: decided with the rest, never by who sends.

use serde::{Deserialize, Serialize};

use super::Facts;
use crate::policy::Policy;
use crate::stage::Stage;

/// By which way a reminder leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// To the person's address.
    #[default]
    Mail,
    /// As a notification in the shopper's browser.
    Push,
}

/// By which way the reminder of `facts` leaves, which is to be sent. Caps, nights and consent were the
/// same for both.
///
/// A nudge goes to a browser that takes notifications, once: whatever a first try came to that does not
/// end the stage, the next goes by mail.
#[must_use]
pub fn channel(facts: &Facts<'_>, policy: &Policy) -> Channel {
    let pending = facts.cart.sequence.pending();
    let is_first = pending.is_none_or(|it| it.attempts.is_empty() && it.refusals == 0);
    let is_taken = facts.cart.facts.subscription().is_some();
    if facts.stage == Stage::Nudge && policy.push && is_taken && is_first {
        Channel::Push
    } else {
        Channel::Mail
    }
}

impl Channel {
    /// Whether it is the usual way.
    #[must_use]
    pub fn is_mail(&self) -> bool {
        *self == Self::Mail
    }
}
