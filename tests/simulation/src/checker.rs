//! Judges a history by the promises alone. It knows the policy and what was acknowledged, reserved,
//! accepted and ended; it does not see the table. Limits that no settings change are written out here once
//! more: a constant of the product that changes by mistake must not change its judge.

use std::collections::HashMap;

use cartback::decide::{Channel, SkipReason};
use cartback::ids::{Attempt, CartKey, ContactKey};
use cartback::policy::Policy;
use cartback::sequence::Outcome;
use cartback::stage::Stage;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::history::{Fact, Kind, Line, News};
use crate::lives::MAX_SKEW_MS;
use crate::promised::Given;
use crate::report::{Promise, Report};
use crate::setting::{HOUR_MS, MINUTE_MS};
use crate::trouble::Trouble;

/// A decision may be this much older than what follows from it: an invocation's life and two clocks.
const TOLERANCE_MS: i64 = 60_000 + 2 * MAX_SKEW_MS;

/// A stage without an end for this long after its window was forgotten: longer than any outage here.
const FORGOTTEN_MS: i64 = 36 * HOUR_MS;

/// An order stops reminders of what its buyer did up to so long after it.
const SHADOW_MS: i64 = HOUR_MS;

/// Over which mails to one person are counted.
const WEEK_MS: i64 = 7 * 24 * HOUR_MS;

/// A reservation may be used for 20 seconds; then a request may take half a minute here.
const SENDING_MS: i64 = 52_000;

#[derive(Default)]
struct CartSeen {
    contents: Option<(i64, bool)>,
    person: Option<(i64, ContactKey)>,
    /// What the shopper did, as far as it is acknowledged: when it was, and when it happened.
    told_ms: Vec<(i64, i64)>,
    /// Source times of everything that the shopper did, known to us by then or not.
    all_active_ms: Vec<i64>,
    ordered_ms: Option<i64>,
    deleted_ms: Option<i64>,
    is_erased: bool,
    /// A payment was under way at some time.
    is_paying: bool,
    /// Source times of everything that takes the cart from its person or from mailing, known to us by
    /// then or not.
    all_ends_ms: Vec<i64>,
    stages: [StageSeen; 3],
}

#[derive(Default)]
struct StageSeen {
    /// The last right to send, since when, and how.
    reserved: Option<(Attempt, i64, Channel)>,
    n_accepted: u32,
    outcome: Option<Outcome>,
}

#[derive(Default)]
struct PersonSeen {
    is_stopped: bool,
    is_erased: bool,
    ordered_ms: Option<i64>,
    /// The latest reservation of each cart and stage.
    reserved: Vec<(i64, CartKey, Stage)>,
}

struct Checker<'a> {
    policy: &'a Policy,
    carts: HashMap<CartKey, CartSeen>,
    people: HashMap<ContactKey, PersonSeen>,
    trouble: Option<Trouble>,
    given: Given,
    report: Report,
}

/// Checks `history`, which is in order of time, against the promises under `policy`.
#[must_use]
pub fn check(history: &[Line], policy: &Policy) -> Report {
    let mut checker = Checker {
        policy,
        carts: HashMap::new(),
        people: HashMap::new(),
        trouble: None,
        given: Given::default(),
        report: Report::default(),
    };
    for line in history {
        if let Fact::Acknowledged(news) = &line.fact {
            let cart = checker.carts.entry(news.cart.clone()).or_default();
            if is_activity(news.kind) {
                cart.all_active_ms.push(news.at_ms);
            }
            if is_end(news.kind) {
                cart.all_ends_ms.push(news.at_ms);
            }
            cart.is_paying |= news.kind == Kind::Paying;
        }
    }
    for line in history {
        checker.see(line);
    }
    checker.conclude();
    checker.report
}

impl Checker<'_> {
    fn see(&mut self, line: &Line) {
        let at_ms = line.at_ms;
        if let Some(cart) = self.given.broken_by(&line.fact, self.policy) {
            self.note(Promise::Offer, at_ms, Some(&cart));
        }
        match &line.fact {
            Fact::Acknowledged(news) => self.learn(at_ms, news),
            Fact::Stopped(person) => self.person(person).is_stopped = true,
            Fact::Reserved {
                cart,
                stage,
                person,
                attempt,
                channel,
            } => {
                self.stage(cart, *stage).reserved = Some((*attempt, at_ms, *channel));
                self.see_reserved(at_ms, cart, *stage, person);
            }
            Fact::Accepted {
                cart,
                stage,
                attempt,
                ..
            } => {
                self.see_used(at_ms, cart, *stage, *attempt);
                self.see_accepted(at_ms, cart, *stage);
            }
            Fact::Claimed(_) => self.report.n_offers += 1,
            Fact::Ended {
                cart,
                stage,
                outcome,
            } => self.see_ended(at_ms, cart, *stage, outcome),
            Fact::Troubled(trouble) => self.trouble = Some(*trouble),
            Fact::Crashed => {}
            Fact::Endless => self.note(Promise::Endless, at_ms, None),
        }
    }

    fn learn(&mut self, told_ms: i64, news: &News) {
        let cart = self.carts.entry(news.cart.clone()).or_default();
        let at_ms = news.at_ms;
        if let Some(person) = &news.person
            && cart
                .person
                .as_ref()
                .is_none_or(|(known_ms, _)| *known_ms <= at_ms)
        {
            cart.person = Some((at_ms, person.clone()));
        }
        if is_activity(news.kind) {
            cart.told_ms.push((told_ms, at_ms));
        }
        match news.kind {
            Kind::Filled | Kind::Emptied => {
                let is_filled = news.kind == Kind::Filled;
                cart.contents = cart.contents.max(Some((at_ms, is_filled)));
            }
            Kind::Ordered => cart.ordered_ms = cart.ordered_ms.max(Some(at_ms)),
            Kind::Deleted => cart.deleted_ms = cart.deleted_ms.max(Some(at_ms)),
            Kind::Erased => cart.is_erased = true,
            Kind::Active | Kind::Paying | Kind::Consent => {}
        }
        let (ordered_ms, behind) = (cart.ordered_ms, cart.person.clone());
        let behind = behind.map(|(_, person)| person);
        for person in [news.person.clone(), behind].into_iter().flatten() {
            let seen = self.person(&person);
            seen.ordered_ms = seen.ordered_ms.max(ordered_ms);
            seen.is_erased |= news.kind == Kind::Erased;
        }
    }

    fn see_reserved(&mut self, at_ms: i64, key: &CartKey, stage: Stage, person: &ContactKey) {
        let cart = self.carts.entry(key.clone()).or_default();
        // What is on its way to us may be known to the worker before we have acknowledged it.
        let active_ms = cart.active_before(at_ms);
        let is_ordered = cart.ordered_ms.is_some();
        let seen = self.people.entry(person.clone()).or_default();
        let is_ordered_elsewhere = seen
            .ordered_ms
            .is_some_and(|ordered_ms| active_ms.is_none_or(|ms| ms <= ordered_ms + SHADOW_MS));
        let is_stopped = seen.is_stopped || seen.is_erased;
        let gap_ms = self.policy.caps.gap.as_secs() * 1_000 - TOLERANCE_MS;
        let week_ms = WEEK_MS - TOLERANCE_MS;
        seen.reserved
            .retain(|(_, cart, other)| !(cart == key && *other == stage));
        let others = seen
            .reserved
            .iter()
            .map(|(other_ms, _, _)| at_ms - other_ms);
        let is_too_soon = others.clone().any(|since_ms| since_ms < gap_ms);
        let n_week = others.filter(|since_ms| *since_ms < week_ms).count();
        seen.reserved.push((at_ms, key.clone(), stage));
        if active_ms.is_some_and(|ms| self.has_newer(at_ms, key, ms, person)) {
            self.note(Promise::OlderCart, at_ms, Some(key));
        }
        if is_ordered || is_ordered_elsewhere {
            self.note(Promise::AfterOrder, at_ms, Some(key));
        }
        if is_stopped {
            self.note(Promise::AfterStop, at_ms, Some(key));
        }
        if is_too_soon || usize::from(self.policy.caps.per_week) <= n_week {
            self.note(Promise::OverCap, at_ms, Some(key));
        }
        if self.is_quiet(at_ms) && self.is_quiet(at_ms - TOLERANCE_MS) {
            self.note(Promise::QuietHours, at_ms, Some(key));
        }
        let Some(trouble) = self.trouble else {
            return;
        };
        if trouble.must_hold(stage, at_ms, TOLERANCE_MS) {
            self.note(Promise::WhileBraked, at_ms, Some(key));
        }
        self.report.n_resumed += u64::from(trouble.is_over(at_ms));
    }

    /// Whether a mailable cart of `person` is acknowledged to have been used after `active_ms`, the last
    /// action in the cart `key`. What is on its way to us may have ended that cart already.
    fn has_newer(&self, at_ms: i64, key: &CartKey, active_ms: i64, person: &ContactKey) -> bool {
        self.carts.iter().any(|(other, cart)| {
            let is_theirs = cart
                .person
                .as_ref()
                .is_some_and(|(_, known)| known == person);
            let is_filled = cart.contents.is_some_and(|(_, is_filled)| is_filled);
            let is_mailable = is_filled && !cart.all_ends_ms.iter().any(|ms| *ms <= at_ms);
            let used_ms = cart.told_ms.iter().map(|(_, ms)| *ms).max();
            let is_newer = used_ms.is_some_and(|ms| (active_ms, key) < (ms, other));
            other != key && is_theirs && is_mailable && is_newer
        })
    }

    /// A mail leaves by the right to send that its attempt holds, and soon.
    fn see_used(&mut self, at_ms: i64, key: &CartKey, stage: Stage, attempt: Attempt) {
        let reserved = self.stage(key, stage).reserved;
        let is_held = reserved.is_some_and(|(holder, since_ms, _)| {
            holder == attempt && at_ms - since_ms <= SENDING_MS
        });
        if !is_held {
            self.note(Promise::Unreserved, at_ms, Some(key));
        }
    }

    fn see_accepted(&mut self, at_ms: i64, key: &CartKey, stage: Stage) {
        self.report.n_mails += 1;
        let cart = self.carts.entry(key.clone()).or_default();
        let seen = &mut cart.stages[position(stage)];
        seen.n_accepted += 1;
        let is_duplicate = 1 < seen.n_accepted;
        let (opens_ms, closes_ms) = window_ms(stage);
        let (opens_ms, closes_ms) = (opens_ms - TOLERANCE_MS, closes_ms + TOLERANCE_MS);
        // The decision is older than the mail, and what came in between is not held against it.
        let decided_ms = at_ms - TOLERANCE_MS;
        let is_early = cart
            .told_ms
            .iter()
            .any(|(told_ms, ms)| *told_ms <= decided_ms && at_ms < ms + opens_ms);
        let is_late = cart
            .active_before(at_ms)
            .is_none_or(|ms| ms + closes_ms < at_ms);
        if is_duplicate {
            self.note(Promise::Duplicate, at_ms, Some(key));
        }
        if is_early || is_late {
            self.note(Promise::OutOfWindow, at_ms, Some(key));
        }
    }

    fn see_ended(&mut self, at_ms: i64, key: &CartKey, stage: Stage, outcome: &Outcome) {
        let cart = self.carts.entry(key.clone()).or_default();
        let last_ms = window_ms(stage).1 + FORGOTTEN_MS;
        let is_overdue = cart
            .active_before(at_ms)
            .is_some_and(|ms| ms + last_ms < at_ms);
        let seen = &mut cart.stages[position(stage)];
        if seen.outcome.is_none() && is_overdue {
            self.note(Promise::Loss, at_ms, Some(key));
            return;
        }
        let is_news = seen.outcome.is_none();
        seen.outcome = Some(outcome.clone());
        if matches!(outcome, Outcome::Sent { .. }) && seen.n_accepted == 0 {
            self.note(Promise::Loss, at_ms, Some(key));
        }
        let reason = SkipReason::NoFreeMoment;
        if is_news && stage == Stage::Nudge && *outcome == (Outcome::Skipped { reason }) {
            self.see_withheld(at_ms, key);
        }
    }

    /// No free moment: a brake, a mail to the same person, a payment or the night must be why.
    fn see_withheld(&mut self, at_ms: i64, key: &CartKey) {
        if self
            .trouble
            .is_some_and(|trouble| trouble.may_hold(Stage::Nudge, at_ms))
        {
            self.report.n_withheld += 1;
            return;
        }
        let cart = self.carts.entry(key.clone()).or_default();
        let person = cart
            .person
            .as_ref()
            .and_then(|(_, person)| self.people.get(person));
        let is_explained = cart.is_paying
            || person.is_none_or(|person| !person.reserved.is_empty())
            || self.is_quiet(at_ms)
            || self.is_quiet(at_ms - TOLERANCE_MS);
        if !is_explained {
            self.note(Promise::Withheld, at_ms, Some(key));
        }
    }

    /// What must hold when all is over.
    fn conclude(&mut self) {
        let carts = std::mem::take(&mut self.carts);
        for (key, cart) in &carts {
            for seen in &cart.stages {
                self.count_end(seen);
                // A cart that is deleted once its mail was refused for sure has nothing that could end.
                let may_be_open = seen.n_accepted != 0 || !cart.is_deleted();
                if seen.reserved.is_some() && seen.outcome.is_none() && may_be_open {
                    self.note(Promise::Loss, 0, Some(key));
                }
            }
            if self.is_open(cart) && !has_ended(cart) {
                self.note(Promise::Loss, 0, Some(key));
            }
        }
    }

    fn count_end(&mut self, seen: &StageSeen) {
        self.report.n_stages += u64::from(seen.outcome.is_some());
        let is_missed = matches!(seen.outcome, Some(Outcome::Presumed { .. }));
        if is_missed && seen.n_accepted == 0 {
            match seen.reserved {
                Some((_, _, Channel::Push)) => self.report.n_unheard += 1,
                _ => self.report.n_missed += 1,
            }
        }
        let reason = SkipReason::WindowMissed;
        self.report.n_too_late += u64::from(seen.outcome == Some(Outcome::Skipped { reason }));
    }

    /// Whether the cart could still become an order, so that each of its stages must have an end.
    fn is_open(&self, cart: &CartSeen) -> bool {
        let Some((_, person)) = &cart.person else {
            return false;
        };
        let is_erased = self
            .people
            .get(person)
            .is_some_and(|person| person.is_erased);
        let is_filled = cart.contents.is_some_and(|(_, is_filled)| is_filled);
        let is_gone = cart.is_deleted() || cart.is_erased || is_erased;
        is_filled && cart.ordered_ms.is_none() && !is_gone
    }

    fn is_quiet(&self, at_ms: i64) -> bool {
        let at = Timestamp::from_millisecond(at_ms).unwrap();
        let time = TimeZone::UTC.to_datetime(at).time();
        // Here the night always has midnight in it.
        self.policy
            .quiet_hours
            .is_some_and(|quiet| quiet.from <= time || time < quiet.until)
    }

    fn stage(&mut self, key: &CartKey, stage: Stage) -> &mut StageSeen {
        let cart = self.carts.entry(key.clone()).or_default();
        &mut cart.stages[position(stage)]
    }

    fn person(&mut self, key: &ContactKey) -> &mut PersonSeen {
        self.people.entry(key.clone()).or_default()
    }

    fn note(&mut self, promise: Promise, at_ms: i64, cart: Option<&CartKey>) {
        *self.report.broken.entry(promise).or_default() += 1;
        self.report
            .first
            .get_or_insert_with(|| format!("{promise:?} at {at_ms} of {cart:?}"));
    }
}

impl CartSeen {
    /// Whether the storefront deleted it, and told of no newer contents.
    fn is_deleted(&self) -> bool {
        let contents_ms = self.contents.map(|(at_ms, _)| at_ms);
        self.deleted_ms
            .is_some_and(|deleted_ms| contents_ms < Some(deleted_ms))
    }

    /// The shopper's last action before `at_ms`.
    fn active_before(&self, at_ms: i64) -> Option<i64> {
        let known = self.all_active_ms.iter().copied();
        known.filter(|ms| *ms <= at_ms).max()
    }
}

/// Whether each stage has an end, up to one that ends them all.
fn has_ended(cart: &CartSeen) -> bool {
    for seen in &cart.stages {
        match &seen.outcome {
            None => return false,
            Some(Outcome::Skipped { reason }) if reason.ends_sequence() => return true,
            Some(_) => {}
        }
    }
    true
}

fn is_activity(kind: Kind) -> bool {
    match kind {
        Kind::Filled | Kind::Emptied | Kind::Active | Kind::Paying => true,
        Kind::Consent | Kind::Ordered | Kind::Deleted | Kind::Erased => false,
    }
}

fn is_end(kind: Kind) -> bool {
    match kind {
        Kind::Emptied | Kind::Ordered | Kind::Deleted | Kind::Erased => true,
        Kind::Filled | Kind::Active | Kind::Paying | Kind::Consent => false,
    }
}

/// Since the shopper's last action: from when a stage's mail may go, and until when at the latest.
fn window_ms(stage: Stage) -> (i64, i64) {
    match stage {
        Stage::Nudge => (30 * MINUTE_MS, 3 * HOUR_MS),
        Stage::FollowUp => (6 * HOUR_MS, 24 * HOUR_MS),
        Stage::Final => (24 * HOUR_MS, 72 * HOUR_MS),
    }
}

fn position(stage: Stage) -> usize {
    match stage {
        Stage::Nudge => 0,
        Stage::FollowUp => 1,
        Stage::Final => 2,
    }
}
