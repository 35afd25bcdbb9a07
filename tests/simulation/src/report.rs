//! What the checker found: which promise was broken how often, and what else is worth a figure.

use std::collections::HashMap;

/// A broken promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Promise {
    /// A second mail of one cart and stage was accepted.
    Duplicate,
    /// A mail was accepted whose attempt had no right to send, or long after it had got it.
    Unreserved,
    /// A right to send was committed after an acknowledged order.
    AfterOrder,
    /// A right to send was committed after an acknowledged stop or erasure.
    AfterStop,
    /// A due stage has no end, or was noted as sent although nothing left.
    Loss,
    /// A mail left before its stage's window, or after the catch-up limit.
    OutOfWindow,
    /// More mails than the week allows, or too soon after another.
    OverCap,
    /// A right to send was committed for a cart of a person who has used another one since.
    OlderCart,
    /// A right to send was committed at night.
    QuietHours,
    /// A right to send was committed while something held the shop's reminders back.
    WhileBraked,
    /// A stage ended for want of a free moment where nothing stood in its way.
    Withheld,
    /// A code was given twice or shown unclaimed, a budget exceeded, or an offer given for leaving again.
    Offer,
    /// The world never came to rest.
    Endless,
}

/// What the checker found in one history or in many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// How often each promise was broken, by [`Promise`].
    pub broken: HashMap<Promise, u64>,
    /// The first break, for the one who looks for its cause.
    pub first: Option<String>,
    /// Stages of carts that came to an end.
    pub n_stages: u64,
    /// Accepted mails.
    pub n_mails: u64,
    /// Stages presumed sent of which no mail was accepted: the miss that a policy may choose.
    pub n_missed: u64,
    /// The same of notifications, of which nobody tells.
    pub n_unheard: u64,
    /// Stages skipped because an outage lasted beyond their window.
    pub n_too_late: u64,
    /// Stages that ended for want of a free moment while something may have held the shop back.
    pub n_withheld: u64,
    /// Offers that were claimed.
    pub n_offers: u64,
    /// Mails begun when that was over and forgotten.
    pub n_resumed: u64,
}

impl Report {
    /// How often `promise` was broken.
    #[must_use]
    pub fn count(&self, promise: Promise) -> u64 {
        self.broken.get(&promise).copied().unwrap_or(0)
    }

    /// How often any promise was broken.
    #[must_use]
    pub fn n_broken(&self) -> u64 {
        self.broken.values().sum()
    }

    /// Adds what was found in another history.
    pub fn add(&mut self, other: Self) {
        for (promise, n) in other.broken {
            *self.broken.entry(promise).or_default() += n;
        }
        self.first = self.first.take().or(other.first);
        self.n_stages += other.n_stages;
        self.n_mails += other.n_mails;
        self.n_missed += other.n_missed;
        self.n_unheard += other.n_unheard;
        self.n_too_late += other.n_too_late;
        self.n_withheld += other.n_withheld;
        self.n_resumed += other.n_resumed;
        self.n_offers += other.n_offers;
    }
}
