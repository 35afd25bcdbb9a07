//! The fold: every event, in any order and with any repeats, ends in the same facts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{ATTRIBUTION_WINDOW, Attribution, CartFacts, CartStatus, Payment, Person};
use crate::event::{CartEvent, Change, Order, Origin, Refund};
use crate::ids::{CartKey, ContactKey};
use crate::money::Money;
use crate::push::{PushState, PushSubscription};
use crate::rhythm::Rhythm;
use crate::stamp::{Stamp, Stamped, keep_latest, keep_newest};

/// Refunds of one order that are told apart.
const MAX_REFUNDS: usize = 50;

/// Others who were named for a cart; more are no shoppers.
const MAX_OTHERS: usize = 10;

/// Other names that a cart remembers.
const MAX_NAMES: usize = 40;

impl CartFacts {
    pub(super) fn new(first_event_at: Timestamp) -> Self {
        Self {
            created_at: first_event_at,
            active_at: None,
            contents: None,
            person: None,
            others: BTreeSet::new(),
            step: None,
            costs: None,
            payment: None,
            order: None,
            order_claimed_at: None,
            last_order_at: None,
            is_order_cancelled: false,
            refunds: BTreeMap::new(),
            names: BTreeSet::new(),
            deleted: None,
            checkout_deleted: None,
            restored: None,
            answered: None,
            is_test: false,
            is_machine: false,
            rhythm: Rhythm::default(),
            behaviour: None,
            push: None,
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
            self.keep_person(stamp, Person::new(key.clone(), details));
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
            Change::PushAllowed(to) => {
                keep_newest(&mut self.push, stamp, PushState::Allowed(to.clone()));
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
            Change::OrderRefunded(refund) => self.keep_refund(stamp, refund),
            Change::CartDeleted => self.deleted = self.deleted.max(Some(stamp)),
            Change::ErasureRequested => self.erase(),
            Change::CheckoutDeleted => {
                self.checkout_deleted = self.checkout_deleted.max(Some(stamp));
            }
            Change::ConsentChanged(_) | Change::DataRequested | Change::ShopErasureRequested => {}
        }
        if is_activity(&event.change) {
            keep_latest(&mut self.active_at, event.at);
            if event.origin != Origin::Shop {
                self.rhythm.beat(event.at);
            }
        }
        self.is_machine |= event.origin == Origin::Machine;
    }

    /// Who is named last is behind the cart; who was before is kept beside.
    fn keep_person(&mut self, stamp: Stamp, person: Person) {
        self.others.insert(person.key.clone());
        let known = self.person.as_ref().map(|person| person.value.key.clone());
        self.others.extend(known);
        keep_newest(&mut self.person, stamp, person);
        if let Some(person) = &self.person {
            self.others.remove(&person.value.key);
        }
        while MAX_OTHERS < self.others.len() {
            self.others.pop_last();
        }
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

    /// What the cart is to the shop. What was cancelled or paid back was ordered, though the news of the
    /// order may come later.
    #[must_use]
    pub fn status(&self) -> CartStatus {
        if self.is_erased {
            return CartStatus::Erased;
        }
        if self.order.is_some() || self.is_order_cancelled || !self.refunds.is_empty() {
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

    /// Where the cart's browser takes notifications, if it does.
    #[must_use]
    pub fn subscription(&self) -> Option<&PushSubscription> {
        self.push.as_ref()?.value.subscription()
    }

    /// Forgets the subscription `to`, which its push service knows no more; `false` if it is not the one
    /// that is kept. A later permission brings the browser back.
    pub fn note_push_gone(&mut self, to: &PushSubscription) -> bool {
        let kept = self.push.as_mut();
        let dead = kept.filter(|push| push.value.subscription() == Some(to));
        dead.map(|push| push.value = PushState::Gone).is_some()
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

    /// Who is or was behind the cart.
    #[must_use]
    pub fn people(&self) -> BTreeSet<ContactKey> {
        let person = self.person.as_ref().map(|person| &person.value.key);
        person.into_iter().chain(&self.others).cloned().collect()
    }

    /// What the shop keeps of the order: its total less what was paid back, nothing of a cancelled one.
    /// `None` if an amount is not known or of another currency.
    #[must_use]
    pub fn net_total(&self) -> Option<Money> {
        let total = self.order.as_ref()?.value.total?;
        if self.is_order_cancelled {
            return Some(Money { minor: 0, ..total });
        }
        let mut net = total;
        for refund in self.refunds.values() {
            let amount = refund
                .value
                .filter(|back| back.currency == total.currency)?;
            net.minor = net.minor.saturating_sub(amount.minor).max(0);
        }
        Some(net)
    }

    /// Takes over what is known of the same order under another of its names.
    pub fn learn_order(&mut self, other: &Self) {
        if self.is_erased || other.is_erased {
            return;
        }
        if let Some(order) = &other.order {
            self.keep_first_order(order.stamp, &order.value);
        }
        self.last_order_at = self.last_order_at.max(other.last_order_at);
        self.is_test |= other.is_test;
        self.is_order_cancelled |= other.is_order_cancelled;
        for (id, held) in &other.refunds {
            let refund = Refund {
                id: id.clone(),
                amount: held.value,
            };
            self.keep_refund(held.stamp, &refund);
        }
    }

    /// Takes over that the storefront deleted a checkout of `other`, which is the same cart by another name.
    pub fn learn_deletion(&mut self, other: &Self) {
        if !self.is_erased {
            self.deleted = self.deleted.max(other.checkout_deleted);
        }
    }

    /// Remembers further names of the cart; of more than `MAX_NAMES` the smallest keys.
    pub fn note_names<'a>(&mut self, names: impl IntoIterator<Item = &'a CartKey>) {
        if self.is_erased {
            return;
        }
        self.names.extend(names.into_iter().cloned());
        while MAX_NAMES < self.names.len() {
            self.names.pop_last();
        }
    }

    fn keep_refund(&mut self, stamp: Stamp, refund: &Refund) {
        let held = self.refunds.remove(&refund.id);
        let mut newest = held;
        keep_newest(&mut newest, stamp, refund.amount);
        self.refunds
            .extend(newest.map(|kept| (refund.id.clone(), kept)));
        while MAX_REFUNDS < self.refunds.len() {
            self.refunds.pop_last();
        }
    }

    fn keep_first_order(&mut self, stamp: Stamp, order: &Order) {
        keep_latest(&mut self.last_order_at, stamp.at);
        if self.order.as_ref().is_none_or(|held| stamp < held.stamp) {
            self.order = Some(Stamped {
                stamp,
                value: order.clone(),
            });
        }
    }

    /// One canonical value whatever was known before, so that erasure commutes with every event.
    pub(super) fn erase(&mut self) {
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
        | Change::PushAllowed(_)
        | Change::OrderPlaced(_)
        | Change::OrderCancelled
        | Change::OrderRefunded(_)
        | Change::CartDeleted
        | Change::CheckoutDeleted
        | Change::ErasureRequested
        | Change::DataRequested
        | Change::ShopErasureRequested => false,
    }
}
