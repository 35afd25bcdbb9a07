//! The sending protocol: every transition from every phase, and what no series of them may break.

use std::fmt::Write;

use cartback::decide::SkipReason;
use cartback::ids::Attempt;
use cartback::sequence::{
    EVIDENCE_WAIT, Evidence, Expiry, MAX_RESENDS, MAX_TRIES, Outcome, Pending, Phase, Refusal,
    Sequence, Verdict,
};
use cartback::stage::Stage;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::samples::{MINUTE, SECOND, attempt, noon};

/// A transition; the text is what it answers.
type Transition = fn(&mut Sequence) -> String;

/// What ends a stage that a worker has reserved.
type Ending = fn(&mut Sequence);

fn at(minutes: i64) -> Timestamp {
    noon() + SignedDuration::from_mins(minutes)
}

fn number(attempt: Attempt) -> String {
    let n = (1..=9).find(|n| crate::samples::attempt(*n) == attempt);
    n.map_or("?".to_owned(), |n| format!("#{n}"))
}

/// Such as `wait nudge at 25, 1/0/2 #1 | follow_up sent #2`: tries, refusals and resends.
fn shown(sequence: &Sequence) -> String {
    let mut text = match &sequence.phase {
        Phase::Idle => "idle".to_owned(),
        Phase::Wait(_) => "wait".to_owned(),
        Phase::Sending(_) => "sending".to_owned(),
        Phase::Done => "done".to_owned(),
    };
    if let Some(pending) = sequence.pending() {
        let minutes = pending.due_at.duration_since(noon()).as_mins();
        let attempts: String = pending
            .attempts
            .iter()
            .map(|it| format!(" {}", number(*it)))
            .collect();
        let counts = [pending.tries, pending.refusals, pending.resends];
        let counts = counts.map(|n| n.to_string()).join("/");
        write!(text, " {} at {minutes}, {counts}{attempts}", pending.stage).unwrap();
    }
    for log in &sequence.log {
        let outcome = match &log.outcome {
            Outcome::Sent { attempt } => format!("sent {}", number(*attempt)),
            Outcome::Skipped { reason } => format!("skipped {reason:?}"),
            Outcome::Failed => "failed".to_owned(),
            Outcome::Presumed { attempt } => {
                format!("presumed {}", attempt.map_or_else(String::new, number))
            }
        };
        let minutes = log.at.duration_since(noon()).as_mins();
        write!(text, " | {} {outcome} at {minutes}", log.stage).unwrap();
        for attempt in &log.duplicates {
            write!(text, " and {}", number(*attempt)).unwrap();
        }
    }
    text
}

/// A sequence in each phase, with its name.
fn phases() -> Vec<(&'static str, Sequence)> {
    let idle = Sequence::default();
    let mut wait = idle.clone();
    wait.arm(at(10));
    let mut sending = wait.clone();
    assert!(sending.reserve(attempt(1), at(10)));
    let mut resend = sending.clone();
    assert_eq!(resend.expire(Verdict::Resend, at(25)), Expiry::WillResend);
    let mut sending_again = resend.clone();
    assert!(sending_again.reserve(attempt(2), at(25)));
    let mut between = sending.clone();
    assert_eq!(
        between.accept(Stage::Nudge, attempt(1), at(11)),
        Evidence::Settled
    );
    let mut next = between.clone();
    next.advance(Some((Stage::FollowUp, at(480))));
    let mut done = idle.clone();
    done.close(SkipReason::OrderPlaced, at(5));
    vec![
        ("idle", idle),
        ("wait", wait),
        ("sending", sending),
        ("wait to resend", resend),
        ("sending again", sending_again),
        ("between", between),
        ("next", next),
        ("done", done),
    ]
}

const TRANSITIONS: [(&str, Transition); 21] = [
    ("arm", |it| format!("{:?}", it.arm(at(90)))),
    ("disarm", |it| format!("{:?}", it.disarm())),
    ("defer", |it| format!("{:?}", it.defer(at(90)))),
    ("reserve #3", |it| {
        format!("{:?}", it.reserve(attempt(3), at(60)))
    }),
    ("refuse #1", |it| {
        format!("{:?}", it.refuse(attempt(1), at(62)))
    }),
    ("refuse #2", |it| {
        format!("{:?}", it.refuse(attempt(2), at(62)))
    }),
    ("reject #1", |it| {
        format!("{:?}", it.reject(attempt(1), at(60)))
    }),
    ("reject #2", |it| {
        format!("{:?}", it.reject(attempt(2), at(60)))
    }),
    ("release #1", |it| {
        format!("{:?}", it.release(attempt(1), at(60)))
    }),
    ("release #2", |it| {
        format!("{:?}", it.release(attempt(2), at(60)))
    }),
    ("failed try", |it| {
        format!("{:?}", it.note_failed_try(at(62), at(60)))
    }),
    ("expire, resend", |it| {
        format!("{:?}", it.expire(Verdict::Resend, at(25)))
    }),
    ("expire, wait", |it| {
        format!("{:?}", it.expire(Verdict::Wait, at(25)))
    }),
    ("expire, presume", |it| {
        format!("{:?}", it.expire(Verdict::Presume, at(60)))
    }),
    ("accept nudge #1", |it| {
        format!("{:?}", it.accept(Stage::Nudge, attempt(1), at(60)))
    }),
    ("accept nudge #2", |it| {
        format!("{:?}", it.accept(Stage::Nudge, attempt(2), at(60)))
    }),
    ("accept final #1", |it| {
        format!("{:?}", it.accept(Stage::Final, attempt(1), at(60)))
    }),
    ("skip", |it| {
        format!("{:?}", it.skip(SkipReason::NoConsent, at(60)))
    }),
    ("close", |it| {
        format!("{:?}", it.close(SkipReason::Erased, at(60)))
    }),
    ("advance", |it| {
        format!("{:?}", it.advance(Some((Stage::FollowUp, at(480)))))
    }),
    ("end", |it| format!("{:?}", it.advance(None))),
];

#[test]
fn every_transition_from_every_phase() {
    let mut table = String::new();
    for (name, before) in phases() {
        writeln!(table, "\n{name}: {}", shown(&before)).unwrap();
        for (transition, make) in TRANSITIONS {
            let mut after = before.clone();
            let answer = make(&mut after);
            let after = if after == before {
                "=".to_owned()
            } else {
                shown(&after)
            };
            writeln!(table, "  {transition:<16} {answer:<18} {after}").unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn late_evidence_corrects_what_was_only_believed() {
    let ended: [(&str, Ending); 3] = [
        ("presumed", |it| {
            assert_eq!(it.expire(Verdict::Presume, at(25)), Expiry::Presumed)
        }),
        ("failed", |it| assert!(it.reject(attempt(1), at(12)))),
        ("skipped", |it| {
            assert!(it.release(attempt(1), at(12)));
            it.skip(SkipReason::NoConsent, at(13));
        }),
    ];
    for (name, end) in ended {
        let mut sequence = phases()[2].1.clone();
        end(&mut sequence);
        let settled = sequence.accept(Stage::Nudge, attempt(1), at(99));
        assert_eq!(settled, Evidence::Settled, "{name}");
        let sent = Outcome::Sent {
            attempt: attempt(1),
        };
        assert_eq!(
            sequence.outcome(Stage::Nudge).unwrap().outcome,
            sent,
            "{name}"
        );
        let known = sequence.accept(Stage::Nudge, attempt(1), at(100));
        assert_eq!(known, Evidence::Known, "{name}");
        assert_eq!(sequence.log.len(), 1, "{name}");
    }
}

#[test]
fn late_evidence_of_an_ended_stage_leaves_the_next_one_planned() {
    let mut sequence = phases()[2].1.clone();
    assert_eq!(sequence.expire(Verdict::Presume, at(25)), Expiry::Presumed);
    sequence.advance(Some((Stage::FollowUp, at(480))));
    let evidence = sequence.accept(Stage::Nudge, attempt(1), at(30));
    assert_eq!(evidence, Evidence::Settled);
    assert_eq!(sequence.due(), Some((Stage::FollowUp, at(480))));
}

#[test]
fn evidence_of_an_older_attempt_ends_the_stage_and_the_newer_one_is_a_duplicate() {
    let mut sequence = phases()[4].1.clone();
    let evidence = sequence.accept(Stage::Nudge, attempt(1), at(26));
    assert_eq!(evidence, Evidence::Settled);
    let evidence = sequence.accept(Stage::Nudge, attempt(2), at(26));
    assert_eq!(evidence, Evidence::Duplicate);
    let sent = Outcome::Sent {
        attempt: attempt(1),
    };
    assert_eq!(sequence.outcome(Stage::Nudge).unwrap().outcome, sent);
}

#[test]
fn a_closed_cart_keeps_a_send_under_way_until_its_fate_is_known() {
    let mut sequence = phases()[2].1.clone();
    sequence.close(SkipReason::OrderPlaced, at(11));
    assert_eq!(sequence.due(), Some((Stage::Nudge, at(25))));
    let evidence = sequence.accept(Stage::Nudge, attempt(1), at(12));
    assert_eq!(evidence, Evidence::Settled);
    sequence.close(SkipReason::OrderPlaced, at(12));
    assert_eq!((sequence.phase, sequence.log.len()), (Phase::Done, 1));
}

#[test]
fn a_reservation_waits_a_quarter_hour_for_evidence() {
    let mut sequence = phases()[1].1.clone();
    assert!(sequence.reserve(attempt(1), at(10) + SECOND));
    let looked_at = at(10) + SECOND + MINUTE * 15;
    assert_eq!(sequence.due(), Some((Stage::Nudge, looked_at)));
    assert_eq!(EVIDENCE_WAIT, MINUTE * 15);
}

#[test]
fn the_last_attempt_alone_holds_the_reservation() {
    let sequence = phases()[4].1.clone();
    assert!(sequence.is_reserved_by(attempt(2)));
    assert!(!sequence.is_reserved_by(attempt(1)));
    let waiting = phases()[3].1.clone();
    assert!(!waiting.is_reserved_by(attempt(1)));
}

#[test]
fn evidence_is_no_news_of_the_attempt_that_is_logged_as_sent_alone() {
    let mut sequence = phases()[4].1.clone();
    assert!(!sequence.is_sent_by(Stage::Nudge, attempt(1)));
    assert_eq!(
        sequence.accept(Stage::Nudge, attempt(1), at(26)),
        Evidence::Settled
    );
    assert!(sequence.is_sent_by(Stage::Nudge, attempt(1)));
    assert!(!sequence.is_sent_by(Stage::Nudge, attempt(2)));
    assert!(!sequence.is_sent_by(Stage::FollowUp, attempt(1)));
}

#[test]
fn the_third_failed_try_is_the_last() {
    let mut sequence = phases()[1].1.clone();
    for n in 1..MAX_TRIES {
        let refusal = sequence.note_failed_try(at(20), at(10));
        assert_eq!(refusal, Refusal::WillRetry, "{n}");
        assert_eq!(sequence.due(), Some((Stage::Nudge, at(20))));
    }
    assert_eq!(sequence.note_failed_try(at(20), at(10)), Refusal::GivenUp);
    assert_eq!(sequence.log[0].outcome, Outcome::Failed);
    assert_eq!(MAX_TRIES, 3);
}

#[test]
fn a_cart_that_gave_way_and_is_used_again_keeps_its_mails_and_their_number() {
    let mut sequence = phases()[3].1.clone();
    let tried = sequence.pending().cloned().unwrap();
    assert_eq!((tried.attempts.len(), tried.resends), (1, 1));
    sequence.close(SkipReason::NewerCart, at(26));
    sequence.revive(at(40));
    let due_at = at(40);
    assert_eq!(sequence.pending(), Some(&Pending { due_at, ..tried }));
    sequence.disarm();
    assert_eq!(sequence.due(), Some((Stage::Nudge, due_at)), "one may come");
}

#[test]
fn an_unknown_outcome_is_followed_by_two_sends_at_most() {
    let mut sequence = phases()[1].1.clone();
    for n in 0..u128::from(MAX_RESENDS) {
        assert!(sequence.reserve(attempt(n + 1), at(10)));
        assert_eq!(
            sequence.expire(Verdict::Resend, at(25)),
            Expiry::WillResend,
            "{n}"
        );
        assert_eq!(sequence.due(), Some((Stage::Nudge, at(25))));
    }
    assert!(sequence.reserve(attempt(3), at(25)));
    assert_eq!(sequence.expire(Verdict::Resend, at(40)), Expiry::Presumed);
    let presumed = Outcome::Presumed {
        attempt: Some(attempt(3)),
    };
    assert_eq!(sequence.log[0].outcome, presumed);
    assert_eq!(MAX_RESENDS, 2);
}

#[test]
fn a_waiting_stage_is_stored_without_what_it_has_not() {
    let mut sequence = Sequence::default();
    sequence.arm(noon());
    let due_at = noon();
    let stored = format!(r#"{{"phase":{{"is":"wait","stage":"nudge","due_at":"{due_at}"}}}}"#);
    assert_eq!(serde_json::to_string(&sequence).unwrap(), stored);
}

#[test]
fn a_stored_sequence_reads_back_as_itself() {
    for (name, sequence) in phases() {
        let text = serde_json::to_string(&sequence).unwrap();
        let read: Sequence = serde_json::from_str(&text).unwrap();
        assert_eq!(read, sequence, "{name}: {text}");
    }
}

/// Any transition, with any attempt and stage.
fn transitions() -> impl Strategy<Value = (usize, u128, Stage)> {
    (
        0..11_usize,
        1_u128..5,
        prop::sample::select(Stage::ALL.to_vec()),
    )
}

fn verdict(n: u128) -> Verdict {
    match n % 3 {
        0 => Verdict::Presume,
        1 => Verdict::Wait,
        _ => Verdict::Resend,
    }
}

fn make(sequence: &mut Sequence, (transition, n, stage): (usize, u128, Stage), now: Timestamp) {
    let attempt = attempt(n);
    match transition {
        0 if n == 1 => sequence.disarm(),
        0 => sequence.arm(now),
        1 => sequence.defer(now + MINUTE),
        2 => drop(sequence.reserve(attempt, now)),
        3 => drop(sequence.refuse(attempt, now + MINUTE)),
        4 => drop(sequence.reject(attempt, now)),
        5 => drop(sequence.release(attempt, now)),
        6 => drop(sequence.note_failed_try(now, now)),
        7 => drop(sequence.expire(verdict(n), now)),
        8 => drop(sequence.accept(stage, attempt, now)),
        9 => sequence.skip(SkipReason::NoConsent, now),
        _ if n == 1 => sequence.close(SkipReason::OrderPlaced, now),
        _ => {
            let next = sequence.next_stage().map(|stage| (stage, now));
            sequence.advance(next);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_series_of_transitions_breaks_the_log(series in prop::collection::vec(transitions(), 0..40)) {
        let mut sequence = Sequence::default();
        for (minute, transition) in (0..).zip(series) {
            let before = sequence.clone();
            make(&mut sequence, transition, at(minute));
            let stages: Vec<_> = sequence.log.iter().map(|log| log.stage).collect();
            prop_assert!(stages.is_sorted_by(|one, next| one < next), "{stages:?}");
            prop_assert_eq!(sequence.due().is_some(), sequence.pending().is_some());
            if let Some(pending) = sequence.pending() {
                prop_assert!(sequence.outcome(pending.stage).is_none(), "{}", shown(&sequence));
                prop_assert!(pending.tries < MAX_TRIES && pending.resends <= MAX_RESENDS);
            }
            for log in &before.log {
                let is_kept = sequence.outcome(log.stage).is_some_and(|kept| {
                    let was_sent = matches!(log.outcome, Outcome::Sent { .. });
                    let is_sent = matches!(kept.outcome, Outcome::Sent { .. });
                    let is_same = (kept.at, &kept.outcome) == (log.at, &log.outcome);
                    kept.duplicates.starts_with(&log.duplicates) && (is_same || is_sent && !was_sent)
                });
                prop_assert!(is_kept, "{}", shown(&sequence));
            }
            if before.phase == Phase::Done {
                prop_assert_eq!(&sequence.phase, &Phase::Done);
            }
        }
    }
}
