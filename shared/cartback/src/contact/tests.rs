//! Stops, bounces, the week's mails, and what an erasure leaves.

use super::*;
use crate::consent::ConsentBasis;
use crate::language::Language;
use crate::preferences::Wish;

const SECOND: SignedDuration = SignedDuration::from_secs(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

fn ada() -> Contact {
    Contact::new("demo_00000000000000000000000ada".parse().unwrap())
}

fn cart(n: u32) -> CartKey {
    format!("demo_{n:026}").parse().unwrap()
}

fn noon() -> Timestamp {
    "2026-07-01T12:00:00Z".parse().unwrap()
}

fn answer(contact: &mut Contact, at: Timestamp, state: ConsentState) {
    let consent = Consent {
        state,
        basis: ConsentBasis::Express,
        source: None,
        text_version: None,
    };
    contact.answer(Stamp::new(at, "evt"), consent);
}

#[test]
fn the_newest_answer_counts_and_no_answer_is_unknown() {
    let mut contact = ada();
    assert_eq!(contact.consent_state(), ConsentState::Unknown);
    for (at, state, expected) in [
        (noon(), ConsentState::Granted, ConsentState::Granted),
        (
            noon() - SECOND,
            ConsentState::Refused,
            ConsentState::Granted,
        ),
        (
            noon() + SECOND,
            ConsentState::Refused,
            ConsentState::Refused,
        ),
    ] {
        answer(&mut contact, at, state);
        assert_eq!(contact.consent_state(), expected);
    }
}

#[test]
fn the_first_stop_stays_and_only_one_that_reaches_further_supersedes_it() {
    use StopReason::{AllMail, Bounced, Complained, Erased, Unsubscribed};
    let all = [AllMail, Bounced, Complained, Erased, Unsubscribed];
    for first in all {
        for second in all {
            let mut contact = ada();
            contact.stop(first, noon());
            contact.stop(second, noon() + SECOND);
            let stop = contact.stop.unwrap();
            let is_further = match second {
                Erased => first != Erased,
                AllMail => first != Erased && first != AllMail,
                Bounced | Complained | Unsubscribed => false,
            };
            let expected = if is_further {
                (second, noon() + SECOND)
            } else {
                (first, noon())
            };
            assert_eq!((stop.reason, stop.at), expected, "{first:?} {second:?}");
            assert_eq!(contact.is_erased(), expected.0 == Erased);
        }
    }
}

#[test]
fn the_latest_order_is_kept_in_any_order_of_arrival() {
    let mut contact = ada();
    for at in [noon(), noon() + SECOND, noon() - SECOND] {
        contact.order(at);
    }
    assert_eq!(contact.last_order_at, Some(noon() + SECOND));
}

#[test]
fn the_third_soft_bounce_stops_if_each_came_within_two_weeks_of_the_last() {
    let two_weeks = DAY * 14;
    for (pauses, is_stopped) in [
        ([two_weeks - SECOND, two_weeks - SECOND], true),
        ([two_weeks, SECOND], false),
        ([SECOND, two_weeks], false),
    ] {
        let mut contact = ada();
        contact.soft_bounce(noon());
        contact.soft_bounce(noon() + pauses[0]);
        assert_eq!(contact.stop, None, "two never stop");
        let last_at = noon() + pauses[0] + pauses[1];
        contact.soft_bounce(last_at);
        let stop = is_stopped.then_some((StopReason::Bounced, last_at));
        assert_eq!(
            contact.stop.map(|it| (it.reason, it.at)),
            stop,
            "{pauses:?}"
        );
    }
}

#[test]
fn a_soft_bounce_told_again_counts_once() {
    let mut contact = ada();
    contact.soft_bounce(noon());
    contact.soft_bounce(noon() + DAY);
    let before = contact.clone();
    for at in [noon() + DAY, noon(), noon() + DAY] {
        contact.soft_bounce(at);
        assert_eq!(contact, before, "{at}");
    }
}

#[test]
fn a_second_reservation_of_a_reminder_replaces_the_first() {
    let mut contact = ada();
    contact.note_mail(&cart(1), Stage::Nudge, noon());
    contact.note_mail(&cart(1), Stage::FollowUp, noon() + SECOND);
    contact.note_mail(&cart(2), Stage::Nudge, noon() + SECOND * 2);
    contact.note_mail(&cart(1), Stage::Nudge, noon() + SECOND * 3);
    let notes: Vec<_> = contact
        .mails
        .iter()
        .map(|note| (note.cart.clone(), note.stage, note.at))
        .collect();
    let expected = [
        (cart(1), Stage::FollowUp, noon() + SECOND),
        (cart(2), Stage::Nudge, noon() + SECOND * 2),
        (cart(1), Stage::Nudge, noon() + SECOND * 3),
    ];
    assert_eq!(notes, expected);
}

#[test]
fn a_mail_is_remembered_for_less_than_seven_days() {
    for (age, n) in [(DAY * 7 - SECOND, 1), (DAY * 7, 0)] {
        let mut contact = ada();
        contact.note_mail(&cart(1), Stage::Nudge, noon());
        let now = noon() + age;
        let n_others = contact.other_mails(&cart(2), Stage::Nudge, now).count();
        assert_eq!(n_others, n, "{age}");
        contact.note_mail(&cart(2), Stage::Nudge, now);
        assert_eq!(contact.mails.len(), n + 1, "{age}");
    }
}

#[test]
fn other_mails_are_those_of_another_cart_or_stage() {
    let mut contact = ada();
    contact.note_mail(&cart(1), Stage::Nudge, noon());
    for (other, stage, n) in [
        (cart(1), Stage::Nudge, 0),
        (cart(1), Stage::FollowUp, 1),
        (cart(2), Stage::Nudge, 1),
    ] {
        let others = contact.other_mails(&other, stage, noon());
        assert_eq!(others.count(), n, "{other} {stage}");
    }
}

#[test]
fn carts_are_listed_in_any_order_of_arrival_and_only_where_there_is_room() {
    let n_most = u32::try_from(MAX_CARTS).unwrap();
    let mut contact = ada();
    for n in (0..n_most).rev().chain(0..n_most) {
        contact.own(&cart(n));
    }
    let all: Vec<_> = (0..n_most).map(cart).collect();
    assert_eq!(contact.carts, all);
    assert!(contact.can_own(&cart(0)) && !contact.can_own(&cart(n_most)));
    contact.own(&cart(n_most));
    assert_eq!(contact.carts, all);
    contact.disown(&[cart(3), cart(9_999)]);
    contact.own(&cart(n_most));
    assert_eq!(contact.carts.len(), MAX_CARTS);
    assert!(!contact.carts.contains(&cart(3)) && contact.carts.contains(&cart(n_most)));
}

#[test]
fn an_erased_person_keeps_key_stop_and_carts_and_takes_nothing_new() {
    let mut contact = ada();
    answer(&mut contact, noon(), ConsentState::Granted);
    contact.order(noon());
    contact.own(&cart(1));
    contact.note_mail(&cart(1), Stage::Nudge, noon());
    contact.soft_bounce(noon());
    contact.wish(Wish::Pause, noon());
    contact.wish(Wish::Speak(Language::German), noon());
    contact.erase(noon() + DAY);
    answer(&mut contact, noon() + DAY * 2, ConsentState::Granted);
    contact.own(&cart(2));
    contact.order(noon() + DAY * 2);
    contact.soft_bounce(noon() + DAY * 2);
    contact.wish(Wish::Pause, noon() + DAY * 2);
    contact.wish(Wish::Speak(Language::German), noon() + DAY * 2);
    let expected = Contact {
        stop: Some(Stop {
            reason: StopReason::Erased,
            at: noon() + DAY,
        }),
        carts: vec![cart(1)],
        ..ada()
    };
    assert_eq!(contact, expected);
}

#[test]
fn a_stored_contact_reads_back_as_itself() {
    let mut full = ada();
    answer(&mut full, noon(), ConsentState::Granted);
    full.order(noon());
    full.own(&cart(1));
    full.note_mail(&cart(1), Stage::Nudge, noon());
    full.soft_bounce(noon());
    full.wish(Wish::Pause, noon());
    full.wish(Wish::Speak(Language::Arabic), noon());
    full.stop(StopReason::Complained, noon());
    for contact in [ada(), full] {
        let text = serde_json::to_string(&contact).unwrap();
        let read: Contact = serde_json::from_str(&text).unwrap();
        assert_eq!(read, contact, "{text}");
    }
}
