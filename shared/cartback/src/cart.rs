//! A cart: the commutative, idempotent fold of its events, and its place in the reminder sequence.
//! Every permutation of a history, with any duplicates, ends in the same facts.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::decide::SkipReason;
use crate::email::EmailAddress;
use crate::event::{
    Behaviour, CartEvent, Change, CheckoutStep, ContactDetails, Contents, Costs, Order, Origin,
};
use crate::ids::{Attempt, CartId, CartKey, ContactKey};
use crate::policy::Policy;
use crate::rhythm::Rhythm;
use crate::sequence::{Evidence, Sequence};
use crate::stage::Stage;
use crate::stamp::{Stamp, Stamped, keep_latest, keep_newest};

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
    /// That order was cancelled.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_order_cancelled: bool,
    /// The storefront deleted it; a newer snapshot brings it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Stamp>,
    /// The latest visit through a restore link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored: Option<Restored>,
    /// The source marked one of its events as a test.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_test: bool,
    /// A machine seems to be behind it, by what its page called itself.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_machine: bool,
    /// When the page told something, at most the latest [`crate::rhythm::MAX_BEATS`]; see [`crate::rhythm`].
    #[serde(default, skip_serializing_if = "Rhythm::is_empty")]
    pub rhythm: Rhythm,
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
            CartStatus::Erased => self.sequence.close(SkipReason::Erased, now),
            CartStatus::Deleted => {}
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

    /// Forgets the person and the contents; the name and the outcomes stay, as counts need them.
    pub fn erase(&mut self, now: Timestamp) {
        self.facts.erase();
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

impl CartFacts {
    fn new(first_event_at: Timestamp) -> Self {
        Self {
            created_at: first_event_at,
            active_at: None,
            contents: None,
            person: None,
            step: None,
            costs: None,
            payment: None,
            order: None,
            order_claimed_at: None,
            is_order_cancelled: false,
            deleted: None,
            restored: None,
            is_test: false,
            is_machine: false,
            rhythm: Rhythm::default(),
            behaviour: None,
            is_erased: false,
        }
    }

    /// Folds in `event`, in which `contact` is the key of the person it names. The caller plans the
    /// sequence when all events of a message are in.
    pub fn apply(&mut self, event: &CartEvent, contact: Option<&ContactKey>) {
        if self.is_erased || !event.is_credible() {
            return;
        }
        let stamp = Stamp::of(event);
        self.created_at = self.created_at.min(event.at);
        self.is_test |= event.is_test;
        if let (Some(key), Some(details)) = (contact, &event.contact) {
            keep_newest(&mut self.person, stamp, Person::new(key.clone(), details));
        }
        match &event.change {
            Change::CartUpdated(contents) => {
                keep_newest(&mut self.contents, stamp, contents.clone())
            }
            Change::ContactIdentified => {}
            Change::StepReached { step, costs } => {
                self.step = self.step.max(Some(*step));
                if let Some(costs) = costs {
                    keep_newest(&mut self.costs, stamp, *costs);
                }
            }
            Change::PageReported(behaviour) => {
                let known = self.behaviour.unwrap_or_default();
                self.behaviour = Some(known.max(*behaviour));
            }
            Change::PaymentFailed => keep_newest(&mut self.payment, stamp, Payment::Failed),
            Change::PaymentPending => keep_newest(&mut self.payment, stamp, Payment::Pending),
            Change::OrderPlaced(order) if event.origin == Origin::Shop => {
                self.keep_first_order(stamp, order);
            }
            Change::OrderPlaced(_) => {
                let known = self.order_claimed_at.unwrap_or(event.at);
                self.order_claimed_at = Some(known.min(event.at));
            }
            Change::OrderCancelled => self.is_order_cancelled = true,
            Change::CartDeleted => self.deleted = self.deleted.max(Some(stamp)),
            Change::ErasureRequested => self.erase(),
            Change::ConsentChanged(_) => {}
        }
        if is_activity(&event.change) {
            keep_latest(&mut self.active_at, event.at);
            if event.origin != Origin::Shop {
                self.rhythm.beat(event.at);
            }
        }
        self.is_machine |= event.origin == Origin::Machine;
    }

    /// Whether a machine seems to be behind it, by its own word or by its rhythm.
    #[must_use]
    pub fn is_of_machine(&self) -> bool {
        self.is_machine || self.rhythm.is_mechanical()
    }

    /// Time of the shopper's last action, or of the first event if they did nothing yet; stages count
    /// from it.
    #[must_use]
    pub fn last_activity_at(&self) -> Timestamp {
        self.active_at.unwrap_or(self.created_at)
    }

    /// What the cart is to the shop.
    #[must_use]
    pub fn status(&self) -> CartStatus {
        if self.is_erased {
            return CartStatus::Erased;
        }
        if self.order.is_some() {
            return CartStatus::Ordered;
        }
        let contents_at = self.contents.as_ref().map(|contents| contents.stamp);
        match self.deleted {
            Some(deleted) if contents_at < Some(deleted) => CartStatus::Deleted,
            _ => CartStatus::Open,
        }
    }

    /// Whether there is someone to write to and something to write about. Consent is decided later.
    #[must_use]
    pub fn is_mailable(&self) -> bool {
        self.status() == CartStatus::Open
            && !self.is_test
            && !self.is_of_machine()
            && self.order_claimed_at.is_none()
            && self.person.is_some()
            && self
                .contents
                .as_ref()
                .is_some_and(|contents| !contents.value.lines.is_empty())
    }

    /// How the order came about; `None` without one.
    #[must_use]
    pub fn attribution(&self) -> Option<Attribution> {
        let order = self.order.as_ref()?;
        let is_recovered = self.restored.is_some_and(|visit| {
            let lead = order.stamp.at.duration_since(visit.at);
            !lead.is_negative() && lead <= ATTRIBUTION_WINDOW
        });
        Some(if is_recovered {
            Attribution::Recovered
        } else {
            Attribution::Ordered
        })
    }

    fn keep_first_order(&mut self, stamp: Stamp, order: &Order) {
        if self.order.as_ref().is_none_or(|held| stamp < held.stamp) {
            self.order = Some(Stamped {
                stamp,
                value: order.clone(),
            });
        }
    }

    /// One canonical value whatever was known before, so that erasure commutes with every event.
    fn erase(&mut self) {
        *self = Self {
            is_erased: true,
            ..Self::new(Timestamp::UNIX_EPOCH)
        };
    }
}

/// Whether the shopper did something; what the shop or we do does not postpone a reminder.
fn is_activity(change: &Change) -> bool {
    match change {
        Change::CartUpdated(_)
        | Change::ContactIdentified
        | Change::StepReached { .. }
        | Change::PageReported(_)
        | Change::PaymentFailed
        | Change::PaymentPending => true,
        Change::ConsentChanged(_)
        | Change::OrderPlaced(_)
        | Change::OrderCancelled
        | Change::CartDeleted
        | Change::ErasureRequested => false,
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}
