//! A person in one shop, as far as it concerns all of their carts: whether we may write, and what we
//! sent. Every reservation for the person rewrites this item, so an order or a stop that was
//! acknowledged before is always seen. Address and name are kept with the cart ([`crate::cart::Person`]),
//! where each event refreshes them without a second write.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::consent::{Consent, ConsentState};
use crate::ids::{CartKey, ContactKey};
use crate::offer::OfferNote;
use crate::stage::Stage;
use crate::stamp::{Stamp, Stamped, keep_latest, keep_newest};

/// Mails older than this no longer count for the caps.
pub const CAP_WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Soft bounces within [`SOFT_BOUNCE_MEMORY`] that make an address undeliverable.
const MAX_SOFT_BOUNCES: u8 = 3;

/// After this time without another one, soft bounces are forgotten: full mailboxes get emptied.
const SOFT_BOUNCE_MEMORY: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Carts of one person: more than anybody fills while they are kept, and few enough that a reservation
/// can rely on all of them (DynamoDB takes 100 actions in a transaction).
pub const MAX_CARTS: usize = 50;

/// What is known of one person in one shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Who.
    pub key: ContactKey,
    /// How often the stored item was written; 0 if it never was. Kept beside the body.
    #[serde(skip)]
    pub version: u64,
    /// The newest answer; `None` if there never was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Stamped<Consent>>,
    /// Set once and never lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Stop>,
    /// The latest order, by the storefront's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_order_at: Option<Timestamp>,
    /// Reservations of the last seven days, oldest first; one for each cart and stage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mails: Vec<MailNote>,
    /// Recent temporary delivery failures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soft_bounces: Option<SoftBounces>,
    /// Carts of this person, by key, at most [`MAX_CARTS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carts: Vec<CartKey>,
    /// Until when reminders rest, as the person asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_until: Option<Timestamp>,
    /// BCP 47 language that the person chose, over what storefronts tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Offers of the last 365 days, and those that the last order may have used, oldest first; one for
    /// each cart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<OfferNote>,
}

/// Why and since when a person gets nothing more from us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// Why.
    pub reason: StopReason,
    /// Since when.
    pub at: Timestamp,
}

/// Why a person gets nothing more from us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// They said so, by link or by their mail program (RFC 8058).
    Unsubscribed,
    /// They want no mail of the shop at all but about orders; the shop is told by a fact.
    AllMail,
    /// They reported a mail as spam.
    Complained,
    /// The address does not exist, or keeps failing.
    Bounced,
    /// They asked to be forgotten.
    Erased,
}

/// A reservation made for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailNote {
    /// When.
    pub at: Timestamp,
    /// For which cart.
    pub cart: CartKey,
    /// For which stage.
    pub stage: Stage,
}

/// Temporary delivery failures, forgotten after a while without another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoftBounces {
    /// How many since the last pause.
    pub n: u8,
    /// The latest one.
    pub last_at: Timestamp,
}

impl StopReason {
    /// Of two stops the one that reaches further holds.
    fn reach(self) -> u8 {
        match self {
            Self::Unsubscribed | Self::Complained | Self::Bounced => 0,
            Self::AllMail => 1,
            Self::Erased => 2,
        }
    }
}

impl Contact {
    /// Someone of whom nothing is known yet.
    #[must_use]
    pub fn new(key: ContactKey) -> Self {
        Self {
            key,
            version: 0,
            consent: None,
            stop: None,
            last_order_at: None,
            mails: Vec::new(),
            soft_bounces: None,
            carts: Vec::new(),
            paused_until: None,
            locale: None,
            offers: Vec::new(),
        }
    }

    /// The answer as of now: no record is `Unknown`.
    #[must_use]
    pub fn consent_state(&self) -> ConsentState {
        self.consent
            .as_ref()
            .map_or(ConsentState::Unknown, |consent| consent.value.state)
    }

    /// Folds in an answer.
    pub fn answer(&mut self, stamp: Stamp, consent: Consent) {
        if !self.is_erased() {
            keep_newest(&mut self.consent, stamp, consent);
        }
    }

    /// Folds in an order of the person, whatever cart it came from.
    pub fn order(&mut self, at: Timestamp) {
        if !self.is_erased() {
            keep_latest(&mut self.last_order_at, at);
        }
    }

    /// Remembers that `cart` is theirs, so that their newest cart is known and an erasure finds all.
    pub fn own(&mut self, cart: &CartKey) {
        if self.can_own(cart)
            && let Err(place) = self.carts.binary_search(cart)
        {
            self.carts.insert(place, cart.clone());
        }
    }

    /// Whether `cart` is theirs or there is room for it. What nobody can find again is not filed under
    /// a person.
    #[must_use]
    pub fn can_own(&self, cart: &CartKey) -> bool {
        let is_known = self.carts.binary_search(cart).is_ok();
        !self.is_erased() && (is_known || self.carts.len() < MAX_CARTS)
    }

    /// The same for a cart that a page alone files under them. Pages leave room for those that the shop
    /// signs: anybody can type an address, a hundred times over.
    #[must_use]
    pub fn can_own_of_page(&self, cart: &CartKey) -> bool {
        let is_known = self.carts.binary_search(cart).is_ok();
        self.can_own(cart) && (is_known || self.carts.len() < MAX_CARTS / 2)
    }

    /// Makes room: the carts of `gone` are no longer stored.
    pub fn disown(&mut self, gone: &[CartKey]) {
        self.carts.retain(|cart| !gone.contains(cart));
    }

    /// Stops all reminders. The first stop stays, but an erasure supersedes every other, and a word on
    /// all mail every other but an erasure.
    pub fn stop(&mut self, reason: StopReason, at: Timestamp) {
        let held = self.stop.map(|stop| stop.reason.reach());
        if held.is_none_or(|held| held < reason.reach()) {
            self.stop = Some(Stop { reason, at });
        }
    }

    /// Forgets the person: the key and the stop stay, so that the objection is honoured, and the keys
    /// of the carts, so that an erasure that was cut short can be finished.
    pub fn erase(&mut self, at: Timestamp) {
        self.stop(StopReason::Erased, at);
        self.consent = None;
        self.last_order_at = None;
        self.mails.clear();
        self.soft_bounces = None;
        self.paused_until = None;
        self.locale = None;
        self.offers.clear();
    }

    /// Whether the person asked to be forgotten.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.stop
            .is_some_and(|stop| stop.reason == StopReason::Erased)
    }

    /// Counts a temporary delivery failure; the third within two weeks of each other stops. One that is
    /// no later than the last is a repeat: SES's events come more than once and in any order.
    pub fn soft_bounce(&mut self, at: Timestamp) {
        let n = match self.soft_bounces {
            _ if self.is_erased() => return,
            Some(held) if at <= held.last_at => return,
            Some(held) if at.duration_since(held.last_at) < SOFT_BOUNCE_MEMORY => {
                held.n.saturating_add(1)
            }
            _ => 1,
        };
        self.soft_bounces = Some(SoftBounces { n, last_at: at });
        if MAX_SOFT_BOUNCES <= n {
            self.stop(StopReason::Bounced, at);
        }
    }

    /// Notes the reservation of a mail. A second try of the same cart and stage replaces the first.
    pub fn note_mail(&mut self, cart: &CartKey, stage: Stage, now: Timestamp) {
        self.mails.retain(|note| {
            now.duration_since(note.at) < CAP_WINDOW && !(note.cart == *cart && note.stage == stage)
        });
        self.mails.push(MailNote {
            at: now,
            cart: cart.clone(),
            stage,
        });
    }

    /// Mails of the last seven days other than the one for `cart` and `stage`, oldest first.
    pub fn other_mails(
        &self,
        cart: &CartKey,
        stage: Stage,
        now: Timestamp,
    ) -> impl Iterator<Item = &MailNote> {
        self.mails.iter().filter(move |note| {
            now.duration_since(note.at) < CAP_WINDOW && !(note.cart == *cart && note.stage == stage)
        })
    }
}

#[cfg(test)]
mod tests;
