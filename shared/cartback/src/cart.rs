//! A cart: the commutative, idempotent fold of its events, and its place in the reminder sequence.
//! Every permutation of a history, with any duplicates, ends in the same facts.

mod facts;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::decide::SkipReason;
use crate::email::EmailAddress;
use crate::event::{Behaviour, CartEvent, CheckoutStep, ContactDetails, Contents, Costs, Order};
use crate::ids::{Attempt, CartId, CartKey, ContactKey};
use crate::money::Money;
use crate::offer::Offer;
use crate::policy::Policy;
use crate::push::PushState;
use crate::reason::Answered;
use crate::rhythm::Rhythm;
use crate::sequence::{Evidence, Sequence};
use crate::stage::Stage;
use crate::stamp::{Stamp, Stamped};

/// A visit through a restore link counts for an order placed within this time.
pub const ATTRIBUTION_WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

/// One cart of one shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cart {
    /// Its key, opaque.
    pub key: CartKey,
    /// The storefront's id.
    pub id: CartId,
    /// How often the stored item was written; 0 if it never was. Kept beside the body.
    #[serde(skip)]
    pub version: u64,
    /// What the storefront told of it.
    #[serde(flatten)]
    pub facts: CartFacts,
    /// Its reminders.
    #[serde(default, rename = "seq")]
    pub sequence: Sequence,
    /// Offers that its reminders carry, at most one for each stage, in the order in which they were
    /// claimed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<Offer>,
}

/// What the storefront, and the shopper by our links, told of a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartFacts {
    /// Time of the first event.
    pub created_at: Timestamp,
    /// Time of the shopper's last action, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    active_at: Option<Timestamp>,
    /// The newest snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contents: Option<Stamped<Contents>>,
    /// The person behind it, as last described.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Stamped<Person>>,
    /// Others who were named for it: one of them may be the same shopper by another address, so they learn
    /// of its orders.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub others: BTreeSet<ContactKey>,
    /// The furthest step of the checkout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<CheckoutStep>,
    /// The newest costs shown on top of the items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub costs: Option<Stamped<Costs>>,
    /// The newest news of a payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Stamped<Payment>>,
    /// The first order made of it. A tombstone: no cart event lifts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Stamped<Order>>,
    /// A page told first of an order then. No proof of one, but reason enough to write no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_claimed_at: Option<Timestamp>,
    /// Time of the latest order made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_order_at: Option<Timestamp>,
    /// That order was cancelled.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_order_cancelled: bool,
    /// What was paid back of that order, by the refund's id: at most 50, of more those of the smallest
    /// ids. The newest word on each counts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refunds: BTreeMap<String, Stamped<Option<Money>>>,
    /// Other names under which the storefront knows this cart or its order.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub names: BTreeSet<CartKey>,
    /// The storefront deleted it; a newer snapshot brings it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Stamp>,
    /// The storefront deleted a checkout of it then, and did not say which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkout_deleted: Option<Stamp>,
    /// The latest visit through a restore link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored: Option<Restored>,
    /// What the shopper said was in the way, by the nudge's links; the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Answered>,
    /// The source marked one of its events as a test.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_test: bool,
    /// A machine seems to be behind it, by what its page called itself.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_machine: bool,
    /// When the page told something, at first; see [`crate::rhythm`].
    #[serde(default, skip_serializing_if = "Rhythm::is_empty")]
    pub rhythm: Rhythm,
    /// Whether the shopper's browser takes notifications, and where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<Stamped<PushState>>,
    /// What the page has met with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behaviour: Option<Behaviour>,
    /// The person behind it was erased, and the cart's contents with them.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_erased: bool,
}

/// The person behind a cart: where to write and how to speak. Shows only the key when printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their key, by which all of their carts are one person's.
    pub key: ContactKey,
    /// Where mail goes.
    pub email: EmailAddress,
    /// First name as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// BCP 47 language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// IANA time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// ISO 3166-1 alpha-2 country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The address is of a provider of throw-away ones.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_disposable: bool,
}

/// News of a payment that is not (yet) an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    /// Refused.
    Failed,
    /// Under way.
    Pending,
}

/// A visit through the restore link of a reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Restored {
    /// When the shopper went on to the checkout.
    pub at: Timestamp,
    /// The reminder's attempt.
    pub attempt: Attempt,
}

/// What a cart is to the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CartStatus {
    /// May still become an order.
    Open,
    /// Has become one.
    Ordered,
    /// Gone at the storefront.
    Deleted,
    /// Its person was erased.
    Erased,
}

/// How an order came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribution {
    /// The shopper went on from a reminder's link to the checkout within seven days before.
    Recovered,
    /// Ordered all the same; no claim of ours.
    Ordered,
}

impl Cart {
    /// A cart of which nothing but its name and the time of an event is known.
    #[must_use]
    pub fn new(key: CartKey, id: CartId, first_event_at: Timestamp) -> Self {
        Self {
            key,
            id,
            version: 0,
            facts: CartFacts::new(first_event_at),
            sequence: Sequence::default(),
            offers: Vec::new(),
        }
    }

    /// Folds in `event`, in which `contact` is the key of the person it names, and plans the first
    /// stage or closes the sequence accordingly.
    pub fn apply(
        &mut self,
        event: &CartEvent,
        contact: Option<&ContactKey>,
        policy: &Policy,
        now: Timestamp,
    ) {
        let used_at = self.facts.last_activity_at();
        self.facts.apply(event, contact);
        self.follow(used_at, policy, now);
    }

    /// Brings the sequence in line with facts that were folded in since the cart was last used at
    /// `used_at`.
    pub fn follow(&mut self, used_at: Timestamp, policy: &Policy, now: Timestamp) {
        let is_used_again = used_at < self.facts.last_activity_at();
        let is_open = self.facts.status() == CartStatus::Open;
        if let Some(stage) = self
            .sequence
            .lost_stage()
            .filter(|_| is_used_again && is_open)
        {
            let due_at = self.stage_due_at(stage, policy).max(now);
            self.sequence.revive(due_at);
        }
        self.plan(policy, now);
    }

    /// T0 and T7: brings the sequence in line with the facts.
    pub fn plan(&mut self, policy: &Policy, now: Timestamp) {
        match self.facts.status() {
            CartStatus::Ordered => self.sequence.close(SkipReason::OrderPlaced, now),
            CartStatus::Erased => self.erase(now),
            CartStatus::Deleted => self.sequence.disarm(),
            CartStatus::Open => {
                if self.facts.is_mailable() {
                    self.sequence
                        .arm(self.stage_due_at(Stage::Nudge, policy).max(now));
                }
            }
        }
    }

    /// When `stage` falls due, counted from the last activity. Carts spread over the stage's jitter,
    /// so that a sale's end does not put all of them into one minute.
    #[must_use]
    pub fn stage_due_at(&self, stage: Stage, policy: &Policy) -> Timestamp {
        let jitter_s = i64::from(self.key.shard(u16::MAX)) % policy.jitter(stage).as_secs().max(1);
        let delay = policy.delay(stage, self.is_high_value(policy));
        self.facts.last_activity_at() + delay + SignedDuration::from_secs(jitter_s)
    }

    /// Whether the total is at or above the shop's threshold, in the threshold's currency.
    #[must_use]
    pub fn is_high_value(&self, policy: &Policy) -> bool {
        let total = self
            .facts
            .contents
            .as_ref()
            .map(|contents| contents.value.total());
        match (total, policy.high_value_threshold) {
            (Some(total), Some(threshold)) => {
                total.currency == threshold.currency && threshold.minor <= total.minor
            }
            _ => false,
        }
    }

    /// T3 and T5: SES accepted the mail of `attempt`; plans what follows.
    #[must_use]
    pub fn accept(
        &mut self,
        stage: Stage,
        attempt: Attempt,
        policy: &Policy,
        now: Timestamp,
    ) -> Evidence {
        let evidence = self.sequence.accept(stage, attempt, now);
        self.advance(policy, now);
        evidence
    }

    /// Plans the stage after one that has just ended; closes the sequence of a cart that has.
    pub fn advance(&mut self, policy: &Policy, now: Timestamp) {
        self.plan(policy, now);
        let due_at = |stage| self.stage_due_at(stage, policy).max(now);
        let next = self
            .sequence
            .next_stage()
            .map(|stage| (stage, due_at(stage)));
        self.sequence.advance(next);
    }

    /// The shopper went on from the link of `attempt` to the checkout. A visit after the order brought
    /// nothing back, and would hide the one that did.
    pub fn restore(&mut self, attempt: Attempt, at: Timestamp) {
        let order = self.facts.order.as_ref();
        if self.facts.is_erased || order.is_some_and(|order| order.stamp.at < at) {
            return;
        }
        let visit = Restored { at, attempt };
        self.facts.restored = Some(self.facts.restored.map_or(visit, |known| known.max(visit)));
    }

    /// The shopper said what was in the way. The latest word holds, in whatever order they arrive.
    pub fn answer(&mut self, answered: Answered) {
        if !self.facts.is_erased {
            self.facts.answered = self.facts.answered.max(Some(answered));
        }
    }

    /// Forgets the person, the contents, the offers and the storefront's name of the cart; the key and the outcomes
    /// stay, as late events and counts need them.
    pub fn erase(&mut self, now: Timestamp) {
        self.id = CartId::erased();
        self.facts.erase();
        self.offers.clear();
        self.sequence.close(SkipReason::Erased, now);
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl Person {
    fn new(key: ContactKey, details: &ContactDetails) -> Self {
        Self {
            key,
            email: details.email.clone(),
            first_name: details.first_name.clone(),
            locale: details.locale.clone(),
            time_zone: details.time_zone.clone(),
            country: details.country.clone(),
            is_disposable: details.email.is_disposable(),
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}
