//! One due cart in a worker's hands: what is written, what leaves, and what others do in between.

use std::sync::atomic::Ordering;

use cartback::decide::{Decision, DeferReason, SkipReason};
use cartback::entry::What;
use cartback::event::Change;
use cartback::evidence::{MailEvent, MailEventKind, Way, note_mail_event};
use cartback::ids::{Attempt, CartKey};
use cartback::mail::Mail;
use cartback::memory::MemoryStore;
use cartback::policy::OnUnknown;
use cartback::ports::{CartStore, SendError, Write};
use cartback::pulse::Counts;
use cartback::remind::Reminded;
use cartback::sequence::{EVIDENCE_WAIT, Evidence, Outcome, Phase, Verdict};
use cartback::stage::Stage;
use jiff::Timestamp;

use crate::desk::{Desk, Fate, run};
use crate::samples::{
    DAY, HOUR, MINUTE, SECOND, attempt, cart, cart_key, contact, contact_key, event, noon,
};

fn key() -> CartKey {
    cart_key("c1")
}

/// When the sample cart's nudge is due.
fn due_at() -> Timestamp {
    Desk::new().cart(&key()).sequence.due().unwrap().1
}

fn outcome(desk: &Desk) -> Outcome {
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
fn touch(store: &MemoryStore) {
    let cart = run(store.cart(&key())).unwrap();
    let write = Write {
        cart,
        ..Write::default()
    };
    run(store.write(&write)).unwrap();
}

/// A desk at which the nudge is under way since it was due.
fn reserved() -> Desk {
    let desk = Desk::new();
    let mut cart = desk.cart(&key());
    let attempt = Attempt::new(1, &key(), 1, due_at());
    assert!(cart.sequence.reserve(attempt, due_at()));
    desk.put(Some(cart), None);
    desk
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
    assert_eq!((desk.n_writes(), cart.version), (3, 3));
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
fn a_refused_mail_waits_and_a_rejected_one_has_failed() {
    let mut desk = Desk::new();
    desk.answer = |_, _| Err(SendError::Refused("429".into()));
    assert_eq!(desk.remind(&key(), due_at()).unwrap(), Reminded::Refused);
    let retry_at = due_at() + MINUTE * 2;
    assert_eq!(
        desk.cart(&key()).sequence.due(),
        Some((Stage::Nudge, retry_at))
    );
    desk.answer = |_, _| Err(SendError::Rejected("the domain is not verified".into()));
    assert_eq!(desk.remind(&key(), retry_at).unwrap(), Reminded::Failed);
    assert_eq!(outcome(&desk), Outcome::Failed);
    let (stage, fault) = (Stage::Nudge, "the domain is not verified".to_owned());
    assert!(desk.lines(&key()).contains(&What::GivenUp { stage, fault }));
    let next = desk.cart(&key()).sequence.due();
    assert_eq!(next.map(|(stage, _)| stage), Some(Stage::FollowUp));
}

#[test]
fn an_unanswered_mail_stays_under_way() {
    let mut desk = Desk::new();
    desk.answer = |_, _| Err(SendError::Unknown("no answer".into()));
    assert_eq!(desk.remind(&key(), due_at()).unwrap(), Reminded::Unknown);
    let sequence = desk.cart(&key()).sequence;
    assert!(sequence.is_reserved_by(desk.mails.lock().unwrap()[0]));
    assert_eq!(
        sequence.due(),
        Some((Stage::Nudge, due_at() + EVIDENCE_WAIT))
    );
    assert_eq!(desk.n_writes(), 2);
}

#[test]
fn an_outcome_is_written_over_what_others_wrote_and_left_to_evidence_after_five_tries() {
    let desk = Desk::new();
    desk.let_writes([Fate::Work, Fate::Work, Fate::Overtake(touch), Fate::Refuse]);
    assert_eq!(desk.remind(&key(), due_at()).unwrap(), Reminded::Sent);
    assert!(matches!(outcome(&desk), Outcome::Sent { .. }));
    assert_eq!(desk.n_writes(), 5);
    let desk = Desk::new();
    desk.let_writes(
        [Fate::Work, Fate::Work]
            .into_iter()
            .chain([Fate::Refuse; 9]),
    );
    assert_eq!(desk.remind(&key(), due_at()).unwrap(), Reminded::Sent);
    assert!(matches!(
        desk.cart(&key()).sequence.phase,
        Phase::Sending(_)
    ));
    assert_eq!(desk.n_writes(), 2 + 5);
}

#[test]
fn a_reservation_that_ran_out_is_presumed_opened_again_or_left_to_wait() {
    let looked_at = due_at() + EVIDENCE_WAIT;
    let desk = reserved();
    assert_eq!(
        desk.remind(&key(), looked_at - SECOND).unwrap(),
        Reminded::Stale
    );
    desk.let_writes([Fate::Refuse]);
    assert!(desk.remind(&key(), looked_at).is_err());
    desk.let_writes([Fate::Overtake(touch)]);
    assert_eq!(desk.remind(&key(), looked_at).unwrap(), Reminded::Stale);
    assert_eq!(desk.remind(&key(), looked_at).unwrap(), Reminded::Presumed);
    assert!(matches!(outcome(&desk), Outcome::Presumed { .. }));
    let next = desk.cart(&key()).sequence.due();
    assert_eq!(next.map(|(stage, _)| stage), Some(Stage::FollowUp));

    let mut desk = reserved();
    desk.shop.policy.on_unknown = OnUnknown::Resend;
    assert_eq!(desk.remind(&key(), looked_at).unwrap(), Reminded::Deferred);
    let looked_at = looked_at + EVIDENCE_WAIT;
    assert_eq!(
        desk.cart(&key()).sequence.due(),
        Some((Stage::Nudge, looked_at))
    );
    let other = Attempt::new(1, &cart_key("other"), 1, due_at() + MINUTE);
    let told = Counts::evidenced(Stage::Final, other);
    run(desk.table.store.count(&desk.shop.id, other.at(), &told)).unwrap();
    assert_eq!(desk.remind(&key(), looked_at).unwrap(), Reminded::Reopened);
    assert_eq!(
        desk.cart(&key()).sequence.due(),
        Some((Stage::Nudge, looked_at))
    );
    assert_eq!(desk.mails.lock().unwrap().len(), 0);
}

#[test]
fn a_mail_that_will_not_render_is_tried_three_times_and_given_up_with_a_line() {
    let mut desk = Desk::new();
    desk.shop.links_url = "http://links.shop.example".to_owned();
    let mut now = due_at();
    desk.let_writes([Fate::Overtake(touch)]);
    assert_eq!(desk.remind(&key(), now).unwrap(), Reminded::Stale);
    for _ in 0..2 {
        assert_eq!(desk.remind(&key(), now).unwrap(), Reminded::Refused);
        now += MINUTE * 4;
        assert_eq!(desk.cart(&key()).sequence.due(), Some((Stage::Nudge, now)));
        assert_eq!(desk.lines(&key()), []);
    }
    assert_eq!(desk.remind(&key(), now).unwrap(), Reminded::Failed);
    assert_eq!(outcome(&desk), Outcome::Failed);
    let lines = desk.lines(&key());
    let is_dead = |what: &What| {
        matches!(
            what,
            What::GivenUp {
                stage: Stage::Nudge,
                ..
            }
        )
    };
    assert!(lines.len() == 1 && is_dead(&lines[0]), "{lines:?}");
    assert_eq!(desk.mails.lock().unwrap().len(), 0);
}

#[test]
fn a_reply_that_comes_after_evidence_of_an_older_mail_tells_of_a_duplicate() {
    let mut desk = Desk::new();
    let mut again = desk.cart(&key());
    assert!(again.sequence.reserve(attempt(1), due_at()));
    let now = due_at() + EVIDENCE_WAIT;
    let _ = again.sequence.expire(Verdict::Resend, now);
    desk.put(Some(again), None);
    desk.answer = |store: &MemoryStore, mail: &Mail| {
        let older = MailEvent {
            cart: mail.cart.clone(),
            contact: mail.contact.clone(),
            stage: mail.stage,
            attempt: attempt(1),
            kind: MailEventKind::Send,
            way: Way::First,
            at: noon(),
        };
        let evidence = run(note_mail_event(store, &older, noon())).unwrap();
        assert_eq!(evidence, Some(Evidence::Settled));
        Ok(())
    };
    assert_eq!(desk.remind(&key(), now).unwrap(), Reminded::Duplicate);
    let cart = desk.cart(&key());
    let log = &cart.sequence.log[0];
    let first = Outcome::Sent {
        attempt: attempt(1),
    };
    let mails = desk.mails.lock().unwrap();
    assert_eq!((&log.outcome, &log.duplicates), (&first, &*mails));
    let line = What::Mailed {
        stage: Stage::Nudge,
        attempt: mails[0],
        event: "duplicate".to_owned(),
    };
    let lines = desk.lines(&key());
    assert_eq!(lines.iter().filter(|what| **what == line).count(), 1);
    assert_eq!(desk.counts().mails(Stage::Nudge).n_duplicates, 1);
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
