//! The table with DynamoDB's semantics: versions, transactions of all or nothing, and an index that
//! follows later. Writes are told to the history as they commit.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use cartback::cart::Cart;
use cartback::contact::Contact;
use cartback::ids::{CartKey, ContactKey};
use cartback::offer::Claim;
use cartback::part::Part;
use cartback::ports::{DueCart, Write};
use cartback::pulse::{Counts, Pulse, hour_of};
use cartback::sequence::StageLog;
use cartback::stage::Stage;
use jiff::Timestamp;

use crate::history::{Claimed, Fact};
use crate::lives::timestamp;
use crate::shelf::Shelf;

/// Shards of the index, for ticks that work off a part of it.
const N_SHARDS: u16 = 4;

/// Which versions a write is conditional on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conditions {
    /// The cart's.
    pub cart: bool,
    /// The contact's.
    pub contact: bool,
    /// That what is claimed can be had.
    pub claim: bool,
}

/// The stored items.
#[derive(Debug, Default)]
pub struct Table {
    carts: HashMap<CartKey, Cart>,
    contacts: HashMap<ContactKey, Contact>,
    counts: BTreeMap<Timestamp, Counts>,
    index: Index,
    /// Codes and budgets.
    pub shelf: Shelf,
}

/// When it is seen, the cart's version, the cart, and where the index lists it from then on.
type Change = (i64, u64, CartKey, Option<(Stage, i64)>);

#[derive(Debug, Default)]
struct Index {
    shown: HashMap<CartKey, (u64, Option<(Stage, i64)>)>,
    by_stage: [BTreeSet<(i64, CartKey)>; 3],
    /// Changes on their way into the index, the first to be seen on top.
    coming: BinaryHeap<Reverse<Change>>,
}

impl Table {
    /// The stored cart.
    #[must_use]
    pub fn cart(&self, key: &CartKey) -> Option<&Cart> {
        self.carts.get(key)
    }

    /// The stored person.
    #[must_use]
    pub fn contact(&self, key: &ContactKey) -> Option<&Contact> {
        self.contacts.get(key)
    }

    /// Drops a person's item, as a time to live would.
    pub fn forget(&mut self, key: &ContactKey) {
        self.contacts.remove(key);
    }

    /// Adds to the counts of the hour of `at`.
    pub fn count(&mut self, at: Timestamp, counts: &Counts) {
        self.counts.entry(hour_of(at)).or_default().add(counts);
    }

    /// What was counted in the hours before `hour`.
    pub fn counts_before(&self, hour: Timestamp) -> impl Iterator<Item = (Timestamp, Counts)> {
        let counts = self.counts.range(..hour);
        counts.map(|(hour, counts)| (*hour, counts.clone()))
    }

    /// Adds to `pulse` what was counted from `hour` on.
    pub fn add_counts_since(&self, hour: Timestamp, pulse: &mut Pulse) {
        for (hour, counts) in self.counts.range(hour..) {
            let sum = pulse.hours.entry(*hour).or_default();
            let told_at = sum.told_at.max(counts.told_at);
            sum.add(counts);
            sum.told_at = told_at;
        }
    }

    /// What the index lists in this `part` of `stage` at `now_ms` as due up to `until_ms`.
    pub fn due(
        &mut self,
        stage: Stage,
        part: Part,
        until_ms: i64,
        limit: usize,
        now_ms: i64,
    ) -> Vec<DueCart> {
        self.index.catch_up(now_ms);
        let listed = self.index.by_stage[position(stage)].iter();
        listed
            .take_while(|(due_ms, _)| *due_ms <= until_ms)
            .filter(|(_, key)| part.has(key.shard(N_SHARDS)))
            .take(limit)
            .map(|(due_ms, key)| DueCart {
                due_at: timestamp(*due_ms),
                key: key.clone(),
            })
            .collect()
    }

    /// When a tick would next find something, in milliseconds since 1970.
    pub fn next_due_ms(&mut self, now_ms: i64) -> Option<i64> {
        self.index.catch_up(now_ms);
        let shown = self.index.by_stage.iter().filter_map(BTreeSet::first);
        let shown = shown.map(|(due_ms, _)| *due_ms);
        // Only a change that lists the cart can make a tick useful.
        let coming = self.index.coming.iter().filter_map(|Reverse(change)| {
            let (_, due_ms) = change.3?;
            Some(due_ms.max(change.0))
        });
        shown.chain(coming).min()
    }

    /// Stores `write` if the `conditions` hold; the index follows `lag_ms` later. `false` if others
    /// wrote first. What it ended goes to `tell`.
    pub fn write(
        &mut self,
        write: Write,
        conditions: Conditions,
        now_ms: i64,
        lag_ms: i64,
        mut tell: impl FnMut(Fact),
    ) -> bool {
        let cart_holds = !conditions.cart
            || write
                .cart
                .as_ref()
                .is_none_or(|cart| self.cart_version(&cart.key) == cart.version);
        let contact_holds = !conditions.contact
            || write
                .contact
                .as_ref()
                .is_none_or(|contact| self.contact_version(&contact.key) == contact.version);
        let others_hold = write
            .seen
            .iter()
            .all(|seen| self.cart_version(&seen.cart) == seen.version);
        let claim_holds = !conditions.claim
            || write
                .claim
                .as_ref()
                .is_none_or(|claim| self.shelf.has(claim));
        if !cart_holds || !contact_holds || !others_hold || !claim_holds {
            return false;
        }
        if let Some(claim) = &write.claim {
            self.shelf.take(claim);
            tell_claimed(claim, write.cart.as_ref(), &mut tell);
        }
        if let Some(mut contact) = write.contact {
            contact.version = self.contact_version(&contact.key) + 1;
            self.contacts.insert(contact.key.clone(), contact);
        }
        if let Some(mut cart) = write.cart {
            cart.version = self.cart_version(&cart.key) + 1;
            if write.attempt.is_some() {
                tell_reserved(&cart, &mut tell);
            }
            let known = self
                .carts
                .get(&cart.key)
                .map_or(&[][..], |cart| &cart.sequence.log);
            tell_ended(&cart, known, &mut tell);
            self.index.follow(&cart, now_ms + lag_ms);
            self.carts.insert(cart.key.clone(), cart);
        }
        true
    }

    fn cart_version(&self, key: &CartKey) -> u64 {
        self.carts.get(key).map_or(0, |cart| cart.version)
    }

    fn contact_version(&self, key: &ContactKey) -> u64 {
        self.contacts.get(key).map_or(0, |contact| contact.version)
    }
}

impl Index {
    fn follow(&mut self, cart: &Cart, at_ms: i64) {
        let due = cart.sequence.due();
        let due = due.map(|(stage, due_at)| (stage, due_at.as_millisecond()));
        self.coming
            .push(Reverse((at_ms, cart.version, cart.key.clone(), due)));
    }

    fn catch_up(&mut self, now_ms: i64) {
        while let Some(Reverse(change)) = self.coming.peek() {
            if now_ms < change.0 {
                return;
            }
            let Some(Reverse((_, version, key, due))) = self.coming.pop() else {
                return;
            };
            let shown = self.shown.entry(key.clone()).or_default();
            // Of two changes of one item the later one wins, however they travel.
            if version <= shown.0 {
                continue;
            }
            if let (_, Some((stage, due_ms))) = *shown {
                self.by_stage[position(stage)].remove(&(due_ms, key.clone()));
            }
            if let Some((stage, due_ms)) = due {
                self.by_stage[position(stage)].insert((due_ms, key));
            }
            *shown = (version, due);
        }
    }
}

fn tell_reserved(cart: &Cart, tell: &mut impl FnMut(Fact)) {
    let (Some(pending), Some(person)) = (cart.sequence.pending(), &cart.facts.person) else {
        return;
    };
    let Some(attempt) = pending.attempts.last() else {
        return;
    };
    tell(Fact::Reserved {
        cart: cart.key.clone(),
        stage: pending.stage,
        person: person.value.key.clone(),
        attempt: *attempt,
        channel: pending.channel,
    });
}

fn tell_claimed(claim: &Claim, cart: Option<&Cart>, tell: &mut impl FnMut(Fact)) {
    let person = cart.and_then(|cart| cart.facts.person.as_ref());
    let (Some((_, code)), Some(spend), Some(person)) = (&claim.code, &claim.spend, person) else {
        return;
    };
    tell(Fact::Claimed(Claimed {
        cart: claim.cart.clone(),
        stage: claim.stage,
        person: person.value.key.clone(),
        code: code.expose().to_owned(),
        month: spend.month.as_str().to_owned(),
        amount_minor: spend.amount_minor,
    }));
}

fn tell_ended(cart: &Cart, known: &[StageLog], tell: &mut impl FnMut(Fact)) {
    for log in cart.sequence.log.iter().filter(|log| !known.contains(log)) {
        tell(Fact::Ended {
            cart: cart.key.clone(),
            stage: log.stage,
            outcome: log.outcome.clone(),
        });
    }
}

fn position(stage: Stage) -> usize {
    match stage {
        Stage::Nudge => 0,
        Stage::FollowUp => 1,
        Stage::Final => 2,
    }
}
