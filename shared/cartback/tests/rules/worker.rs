//! One due cart in a worker's hands: what is written, what leaves, and what others do in between.

use std::sync::atomic::Ordering;

use cartback::cart::Payment;
use cartback::decide::{Decision, DeferReason, SkipReason};
use cartback::entry::What;
use cartback::event::Change;
use cartback::ids::{Attempt, CartKey};
use cartback::memory::MemoryStore;
use cartback::ports::{CartStore, Write};
use cartback::product::{Price, Product, ProductReading};
use cartback::remind::Reminded;
use cartback::sequence::{Outcome, Phase};
use cartback::stage::Stage;
use jiff::Timestamp;

use crate::desk::{Desk, Fate, run};
use crate::samples::{
    DAY, HOUR, MINUTE, SECOND, cart, cart_key, contact, contact_key, event, noon, usd,
};

pub(crate) fn key() -> CartKey {
    cart_key("c1")
}

/// When the sample cart's nudge is due.
pub(crate) fn due_at() -> Timestamp {
    Desk::new().cart(&key()).sequence.due().unwrap().1
}

pub(crate) fn outcome(desk: &Desk) -> Outcome {
    let cart = desk.cart(&key());
    cart.sequence.outcome(Stage::Nudge).unwrap().outcome.clone()
}

fn decisions(desk: &Desk) -> Vec<(Decision, Option<Attempt>)> {
    let decided = desk
        .lines(&key())
        .into_iter()
        .filter_map(|what| match what {
            What::Decided(record) => Some((record.decision, record.attempt)),
            _ => None,
        });
    decided.collect()
}

/// Another writer stores the sample cart as it is.
pub(crate) fn touch(store: &MemoryStore) {
    let cart = run(store.cart(&key())).unwrap();
    let write = Write {
        cart,
        ..Write::default()
    };
    run(store.write(&write)).unwrap();
}

#[test]
fn an_accepted_mail_is_decided_on_reserved_noted_and_logged() {
    let desk = Desk::new();
    let reminded = desk.remind(&key(), due_at()).unwrap();
    assert_eq!(reminded, Reminded::Sent);
    let mails = desk.mails.lock().unwrap().clone();
    assert_eq!(mails.len(), 1);
    let sent = Outcome::Sent { attempt: mails[0] };
    assert_eq!(outcome(&desk), sent);
    assert_eq!(decisions(&desk), [(Decision::Send, Some(mails[0]))]);
    let is_digest = |what: &What| match what {
        What::Decided(record) => {
            let is_hex = record.digest.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_hex && record.digest.len() == 16
        }
        _ => false,
    };
    assert!(desk.lines(&key()).iter().all(is_digest));
    let notes = desk.contact(&contact().key).mails;
    let noted: Vec<_> = notes
        .iter()
        .map(|note| (&note.cart, note.stage, note.at))
        .collect();
    assert_eq!(noted, [(&key(), Stage::Nudge, due_at())]);
    let cart = desk.cart(&key());
    let next_at = cart.stage_due_at(Stage::FollowUp, &desk.shop.policy);
    assert_eq!(cart.sequence.due(), Some((Stage::FollowUp, next_at)));
    // The decision's line, the reservation and the outcome; none of them twice.
    assert_eq!(
        *desk.table.reserved.lock().unwrap(),
        *desk.mails.lock().unwrap()
    );
    assert_eq!((desk.n_writes(), cart.version), (3, 3));
}

#[test]
fn a_mail_tells_the_price_that_the_shop_told_last() {
    let desk = Desk::new();
    let mut product = Product::new(key().shop().clone(), "sku".to_owned());
    product.read(&ProductReading {
        id: "price-1".to_owned(),
        at: due_at() - MINUTE,
        variant: "sku".to_owned(),
        description: None,
        price: Some(Price {
            now: usd("59.00"),
            compare_at: None,
        }),
        stock: None,
    });
    run(desk.table.put_product(&product)).unwrap();
    assert_eq!(desk.remind(&key(), due_at()).unwrap(), Reminded::Sent);
    let text = desk.texts.lock().unwrap().pop().unwrap();
    assert!(text.contains("$59.00"), "{text}");
}

#[test]
fn a_decisions_line_says_how_the_payment_stood() {
    let desk = Desk::new();
    let mut cart = desk.cart(&key());
    let failed = event(noon() + SECOND, Change::PaymentFailed);
    cart.facts.apply(&failed, None);
    desk.put(Some(cart), None);
    let reminded = desk.remind(&key(), due_at() + SECOND).unwrap();
    assert_eq!(reminded, Reminded::Sent);
    let payment = |what: What| match what {
        What::Decided(record) => record.payment,
        _ => None,
    };
    let told: Vec<_> = desk.lines(&key()).into_iter().map(payment).collect();
    assert_eq!(told, [Some(Payment::Failed)]);
}

#[test]
fn a_cart_is_taken_from_the_moment_it_is_due_at_its_stage_alone() {
    let desk = Desk::new();
    let taken = |after| desk.remind(&key(), due_at() + after).unwrap();
    assert_eq!(taken(-SECOND), Reminded::Stale);
    assert_eq!(
        desk.remind(&cart_key("none"), due_at()).unwrap(),
        Reminded::Stale
    );
    // What has passed since the invocation began counts.
    desk.table.elapsed_s.store(1, Ordering::Relaxed);
    assert_eq!(taken(-SECOND * 2), Reminded::Stale);
    assert_eq!(taken(-SECOND), Reminded::Sent);
    // Now the follow-up waits, and the nudge's worker leaves it alone even when it is due.
    assert_eq!(taken(DAY), Reminded::Stale);
    assert_eq!(desk.mails.lock().unwrap().len(), 1);
}

#[test]
fn a_reservation_older_than_twenty_seconds_is_given_back() {
    for (write_s, expected) in [(20, Reminded::Sent), (21, Reminded::Refused)] {
        let desk = Desk::new();
        desk.table.write_s.store(write_s, Ordering::Relaxed);
        assert_eq!(desk.remind(&key(), due_at()).unwrap(), expected);
        let is_sent = expected == Reminded::Sent;
        assert_eq!(desk.mails.lock().unwrap().len(), usize::from(is_sent));
        let sequence = desk.cart(&key()).sequence;
        if is_sent {
            continue;
        }
        let pending = sequence.pending().unwrap();
        assert!(matches!(sequence.phase, Phase::Wait(_)), "{sequence:?}");
        assert_eq!((pending.attempts.len(), pending.refusals), (0, 0));
        // Two writes were over when it was seen to be too old.
        assert_eq!(pending.due_at, due_at() + SECOND * 42);
    }
}

#[test]
fn a_mail_leaves_only_after_its_decision_and_its_reservation_are_stored() {
    for fates in [vec![Fate::Refuse], vec![Fate::Work, Fate::Refuse]] {
        let desk = Desk::new();
        desk.let_writes(fates);
        assert!(desk.remind(&key(), due_at()).is_err());
        assert_eq!(desk.mails.lock().unwrap().len(), 0);
        assert_eq!(
            desk.cart(&key()).sequence.due(),
            Some((Stage::Nudge, due_at()))
        );
    }
    let desk = Desk::new();
    desk.let_writes([Fate::Work, Fate::LoseReply]);
    assert_eq!(desk.remind(&key(), due_at()).unwrap(), Reminded::Sent);
    assert_eq!(desk.mails.lock().unwrap().len(), 1);
}

#[test]
fn whoever_comes_between_decision_and_reservation_takes_it_away() {
    let stopped = |store: &MemoryStore| {
        let write = Write {
            contact: run(store.contact(&contact().key)).unwrap(),
            ..Write::default()
        };
        run(store.write(&write)).unwrap();
    };
    // The person's other cart is used, in the very moment in which it gives way.
    let rival = |store: &MemoryStore| {
        let rival = run(store.cart(&cart_key("c0"))).unwrap();
        let write = Write {
            cart: rival,
            ..Write::default()
        };
        run(store.write(&write)).unwrap();
    };
    for other in [touch, stopped, rival] {
        let desk = Desk::new();
        let mut emptied = cart("c0", "9.00");
        let gone = event(noon() + MINUTE, Change::CartDeleted);
        emptied.facts.apply(&gone, None);
        let mut person = desk.contact(&contact().key);
        person.own(&key());
        person.own(&emptied.key);
        desk.put(Some(emptied), Some(person));
        desk.let_writes([Fate::Work, Fate::Overtake(other)]);
        assert_eq!(desk.remind(&key(), due_at()).unwrap(), Reminded::Stale);
        assert_eq!(desk.mails.lock().unwrap().len(), 0);
        let sequence = desk.cart(&key()).sequence;
        assert_eq!(sequence.due(), Some((Stage::Nudge, due_at())));
        assert_eq!(desk.contact(&contact().key).mails, []);
    }
}

#[test]
fn a_deferral_moves_the_cart_and_says_why() {
    let desk = Desk::new();
    let mut person = desk.contact(&contact().key);
    person.note_mail(&cart_key("other"), Stage::Nudge, due_at() - HOUR * 2);
    desk.put(None, Some(person));
    assert_eq!(desk.remind(&key(), due_at()).unwrap(), Reminded::Deferred);
    let (until, reason) = (due_at() + HOUR * 2, DeferReason::TooSoon);
    assert_eq!(
        desk.cart(&key()).sequence.due(),
        Some((Stage::Nudge, until))
    );
    let deferred = Decision::Defer { until, reason };
    assert_eq!(decisions(&desk), [(deferred, None)]);
    assert_eq!(desk.mails.lock().unwrap().len(), 0);
}

#[test]
fn a_skip_ends_the_stage_says_why_and_plans_the_next() {
    let desk = Desk::new();
    let mut person = desk.contact(&contact().key);
    person.consent = None;
    desk.put(None, Some(person));
    desk.let_writes([Fate::Refuse]);
    assert!(desk.remind(&key(), due_at()).is_err());
    assert_eq!(desk.remind(&key(), due_at()).unwrap(), Reminded::Skipped);
    let reason = SkipReason::NoConsent;
    assert_eq!(outcome(&desk), Outcome::Skipped { reason });
    assert_eq!(decisions(&desk), [(Decision::Skip { reason }, None)]);
    let next = desk.cart(&key()).sequence.due();
    assert_eq!(next.map(|(stage, _)| stage), Some(Stage::FollowUp));
}

#[test]
fn a_cart_of_nobody_and_one_of_a_stranger_are_skipped() {
    for (is_known, reason) in [
        (false, SkipReason::NoContact),
        (true, SkipReason::NoConsent),
    ] {
        let desk = Desk::empty();
        let mut cart = cart("c1", "49.00");
        cart.plan(&desk.shop.policy, noon());
        if !is_known {
            cart.facts.person = None;
        }
        desk.put(Some(cart), None);
        assert_eq!(desk.remind(&key(), due_at()).unwrap(), Reminded::Skipped);
        assert_eq!(outcome(&desk), Outcome::Skipped { reason });
    }
}

#[test]
fn a_person_whose_cart_is_gone_is_no_longer_said_to_own_it() {
    let desk = Desk::new();
    let mut person = desk.contact(&contact().key);
    person.own(&key());
    person.own(&cart_key("gone"));
    desk.put(None, Some(person));
    assert_eq!(desk.remind(&key(), due_at()).unwrap(), Reminded::Sent);
    assert_eq!(desk.contact(&contact_key("ada@example.com")).carts, [key()]);
}
