//! What really happened, by the one true clock that no worker sees. The checker reads nothing else.

use cartback::decide::Channel;
use cartback::event::Change;
use cartback::ids::{Attempt, CartKey, ContactKey};
use cartback::sequence::Outcome;
use cartback::stage::Stage;

use crate::trouble::Trouble;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// What.
    pub fact: Fact,
}

/// Things that the checker judges by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The storefront got its answer: the event is ours from now on.
    Acknowledged(News),
    /// An unsubscribe, a complaint or a hard bounce of a person was acknowledged.
    Stopped(ContactKey),
    /// The table committed a right to send.
    Reserved {
        /// Which cart.
        cart: CartKey,
        /// Which stage.
        stage: Stage,
        /// Who would get the mail.
        person: ContactKey,
        /// By which attempt.
        attempt: Attempt,
        /// As a mail or as a notification.
        channel: Channel,
    },
    /// The table committed a claim on an offer.
    Claimed(Claimed),
    /// The provider accepted a mail.
    Accepted {
        /// About which cart.
        cart: CartKey,
        /// Of which stage.
        stage: Stage,
        /// Of which attempt.
        attempt: Attempt,
        /// The code that it shows.
        code: Option<String>,
    },
    /// The table committed what became of a stage, for the first time or as a correction.
    Ended {
        /// Of which cart.
        cart: CartKey,
        /// Which stage.
        stage: Stage,
        /// What became of it.
        outcome: Outcome,
    },
    /// Something befalls the shop; the first line of such a history.
    Troubled(Trouble),
    /// An invocation was killed.
    Crashed,
    /// The simulation did not come to rest.
    Endless,
}

/// What a reservation took of the shop's offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// For which cart.
    pub cart: CartKey,
    /// For which stage.
    pub stage: Stage,
    /// Who would get the mail.
    pub person: ContactKey,
    /// The code.
    pub code: String,
    /// Of which month's budget.
    pub month: String,
    /// How much of it.
    pub amount_minor: i64,
}

/// What an acknowledged event told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Of which cart.
    pub cart: CartKey,
    /// The person that the event named.
    pub person: Option<ContactKey>,
    /// When it happened at the storefront, in milliseconds since 1970.
    pub at_ms: i64,
    /// What.
    pub kind: Kind,
}

/// What kind of event it was, as far as promises depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A snapshot with items.
    Filled,
    /// A snapshot without.
    Emptied,
    /// The shopper did something else.
    Active,
    /// A payment is under way.
    Paying,
    /// An answer about consent.
    Consent,
    /// An order.
    Ordered,
    /// The storefront deleted the cart.
    Deleted,
    /// The person is to be forgotten.
    Erased,
}

impl Kind {
    /// The kind of an event that tells `change`.
    #[must_use]
    pub fn of(change: &Change) -> Self {
        match change {
            Change::CartUpdated(contents) if contents.lines.is_empty() => Self::Emptied,
            Change::CartUpdated(_) => Self::Filled,
            Change::PaymentPending => Self::Paying,
            Change::ContactIdentified
            | Change::StepReached { .. }
            | Change::PageReported(_)
            | Change::PaymentFailed => Self::Active,
            Change::ConsentChanged(_)
            | Change::CheckoutDeleted
            | Change::PushAllowed(_)
            | Change::DataRequested
            | Change::ShopErasureRequested => Self::Consent,
            Change::OrderPlaced(_) | Change::OrderCancelled | Change::OrderRefunded(_) => {
                Self::Ordered
            }
            Change::CartDeleted => Self::Deleted,
            Change::ErasureRequested => Self::Erased,
        }
    }
}
