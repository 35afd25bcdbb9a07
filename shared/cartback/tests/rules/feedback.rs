//! What one event of SES does to cart, person, history and counts.

use cartback::contact::StopReason;
use cartback::entry::What;
use cartback::evidence::{MailEvent, MailEventKind, Way, note_mail_event};
use cartback::ids::Attempt;
use cartback::pulse::Counts;
use cartback::sequence::{Evidence, Outcome};
use cartback::stage::Stage;
use jiff::Timestamp;

use crate::desk::{Desk, Fate, run};
use crate::samples::{HOUR, MINUTE, cart_key, contact, noon};

/// A desk at which the nudge is under way, and its attempt.
fn sending() -> (Desk, Attempt) {
    let desk = Desk::new();
    let mut cart = desk.cart(&cart_key("c1"));
    let attempt = Attempt::new(1, &cart.key, 1, noon() + MINUTE * 35);
    assert!(cart.sequence.reserve(attempt, attempt.at()));
    desk.put(Some(cart), None);
    (desk, attempt)
}

fn event(kind: MailEventKind, way: Way, attempt: Attempt, at: Timestamp) -> MailEvent {
    MailEvent {
        cart: cart_key("c1"),
        contact: contact().key,
        stage: Stage::Nudge,
        attempt,
        kind,
        way,
        at,
    }
}

fn note(desk: &Desk, event: &MailEvent) -> Option<Evidence> {
    run(note_mail_event(&desk.table, event, event.at)).unwrap()
}

#[test]
fn a_send_settles_the_stage_once_and_adds_no_line() {
    let (desk, attempt) = sending();
    let sent = event(MailEventKind::Send, Way::First, attempt, noon() + HOUR);
    assert_eq!(note(&desk, &sent), Some(Evidence::Settled));
    let cart = desk.cart(&sent.cart);
    let log = cart.sequence.outcome(Stage::Nudge).unwrap();
    assert_eq!(
        (&log.outcome, log.at),
        (&Outcome::Sent { attempt }, sent.at)
    );
    let next_at = cart.stage_due_at(Stage::FollowUp, &desk.shop.policy);
    assert_eq!(cart.sequence.due(), Some((Stage::FollowUp, next_at)));
    assert_eq!(desk.lines(&sent.cart), []);
    let counted = Counts::evidenced(Stage::Nudge, attempt);
    assert_eq!(desk.pulse().hours, [(noon(), counted)].into());
    assert_eq!(note(&desk, &sent), Some(Evidence::Known));
    assert_eq!(desk.n_writes(), 1, "what is known is not written");
}

#[test]
fn evidence_is_counted_by_the_first_way_alone() {
    let (desk, attempt) = sending();
    let sent = event(MailEventKind::Send, Way::Second, attempt, noon() + HOUR);
    assert_eq!(note(&desk, &sent), Some(Evidence::Settled));
    assert_eq!(desk.counts(), Counts::default());
}

#[test]
fn any_event_is_evidence_and_all_but_a_send_are_told() {
    use MailEventKind::{
        Click, Complaint, Delivery, DeliveryDelay, HardBounce, Reject, SoftBounce,
    };
    let kinds = [
        (Delivery, "delivery"),
        (DeliveryDelay, "delivery_delay"),
        (HardBounce, "hard_bounce"),
        (SoftBounce, "soft_bounce"),
        (Complaint, "complaint"),
        (Reject, "reject"),
        (Click, "click"),
    ];
    for (kind, name) in kinds {
        let (desk, attempt) = sending();
        let told = event(kind, Way::First, attempt, noon() + HOUR);
        assert_eq!(note(&desk, &told), Some(Evidence::Settled), "{name}");
        let line = What::Mailed {
            stage: Stage::Nudge,
            attempt,
            event: name.to_owned(),
        };
        assert_eq!(desk.lines(&told.cart), [line]);
        let stop = desk.contact(&told.contact).stop.map(|stop| stop.reason);
        let expected = match kind {
            HardBounce => Some(StopReason::Bounced),
            Complaint => Some(StopReason::Complained),
            _ => None,
        };
        assert_eq!(stop, expected, "{name}");
        let counts = Counts::of(Stage::Nudge, |mails| match kind {
            HardBounce => mails.n_bounced = 1,
            Complaint => mails.n_complained = 1,
            _ => {}
        });
        assert_eq!(desk.counts(), counts, "{name}");
    }
}

#[test]
fn an_event_of_a_cart_or_a_shop_that_is_not_ours_changes_nothing() {
    let (desk, attempt) = sending();
    let mut foreign = event(MailEventKind::Complaint, Way::First, attempt, noon());
    foreign.cart = cart_key("unknown");
    assert_eq!(note(&desk, &foreign), None);
    let homeless = Desk::bare();
    let mut cart = desk.cart(&cart_key("c1"));
    cart.version = 0;
    homeless.put(Some(cart), None);
    let told = event(MailEventKind::Complaint, Way::First, attempt, noon());
    assert_eq!(note(&homeless, &told), None);
    for desk in [&desk, &homeless] {
        assert_eq!((desk.n_writes(), desk.counts()), (0, Counts::default()));
    }
}

#[test]
fn a_bounce_or_complaint_is_counted_once_by_whichever_way_it_comes() {
    for kind in [MailEventKind::HardBounce, MailEventKind::Complaint] {
        for ways in [[Way::First, Way::Second], [Way::Second, Way::First]] {
            let (desk, attempt) = sending();
            for way in ways.into_iter().chain(ways) {
                note(&desk, &event(kind, way, attempt, noon() + HOUR));
            }
            let mut counts = desk.counts();
            let n: u64 = counts.named().map(|(_, n)| *n).sum();
            assert_eq!(n, 1, "{kind:?} {ways:?}");
        }
    }
}

#[test]
fn a_complaint_of_who_unsubscribed_is_counted_by_the_first_way() {
    for (reason, way, n) in [
        (StopReason::Unsubscribed, Way::First, 1),
        (StopReason::Unsubscribed, Way::Second, 0),
        (StopReason::Complained, Way::First, 0),
    ] {
        let (desk, attempt) = sending();
        let mut person = desk.contact(&contact().key);
        person.stop(reason, noon());
        desk.put(None, Some(person));
        note(
            &desk,
            &event(MailEventKind::Complaint, way, attempt, noon() + HOUR),
        );
        let counted = desk.counts().mails(Stage::Nudge).n_complained;
        assert_eq!(counted, n, "{reason:?} {way:?}");
    }
    let (desk, attempt) = sending();
    let mut person = desk.contact(&contact().key);
    person.stop(StopReason::Unsubscribed, noon());
    desk.put(None, Some(person));
    note(
        &desk,
        &event(
            MailEventKind::HardBounce,
            Way::First,
            attempt,
            noon() + HOUR,
        ),
    );
    assert_eq!(
        desk.counts().mails(Stage::Nudge).n_bounced,
        0,
        "stopped before"
    );
}

#[test]
fn a_second_mail_whose_write_did_not_arrive_is_told_with_the_event_that_comes_again() {
    let (desk, attempt) = sending();
    let other = Attempt::new(2, &cart_key("c1"), 2, attempt.at() + HOUR);
    note(
        &desk,
        &event(MailEventKind::Send, Way::First, attempt, noon() + HOUR),
    );
    let second = event(MailEventKind::Send, Way::First, other, noon() + HOUR * 2);
    desk.let_writes([Fate::LoseAll, Fate::LoseLines]);
    for _ in 0..2 {
        assert!(run(note_mail_event(&desk.table, &second, second.at)).is_err());
        assert_eq!(desk.counts().mails(Stage::Nudge).n_duplicates, 0);
    }
    assert_eq!(note(&desk, &second), Some(Evidence::Duplicate));
    assert_eq!(desk.lines(&second.cart).len(), 1);
    assert_eq!(desk.counts().mails(Stage::Nudge).n_duplicates, 1);
}

#[test]
fn an_event_whose_line_did_not_arrive_is_told_when_it_comes_again() {
    let (desk, attempt) = sending();
    let delivered = event(MailEventKind::Delivery, Way::First, attempt, noon() + HOUR);
    desk.let_writes([Fate::LoseLines]);
    assert!(run(note_mail_event(&desk.table, &delivered, delivered.at)).is_err());
    assert_eq!(desk.lines(&delivered.cart), []);
    assert_eq!(note(&desk, &delivered), Some(Evidence::Known));
    assert_eq!(desk.lines(&delivered.cart).len(), 1);
}

#[test]
fn the_third_soft_bounce_stops_who_got_the_mails() {
    let (desk, attempt) = sending();
    for n in 1..=3 {
        let at = noon() + HOUR * n;
        let bounced = event(MailEventKind::SoftBounce, Way::First, attempt, at);
        note(&desk, &bounced);
        note(&desk, &bounced);
        let stop = desk.contact(&bounced.contact).stop;
        assert_eq!(stop.is_some(), n == 3, "{n}");
    }
    assert_eq!(desk.counts(), Counts::default());
}

#[test]
fn an_event_finds_its_way_past_other_writers_and_fails_when_the_table_does() {
    let (desk, attempt) = sending();
    let bounced = event(
        MailEventKind::HardBounce,
        Way::First,
        attempt,
        noon() + HOUR,
    );
    let touch = |store: &cartback::memory::MemoryStore| {
        use cartback::ports::{CartStore, Write};
        let write = Write {
            cart: run(store.cart(&cart_key("c1"))).unwrap(),
            contact: run(store.contact(&contact().key)).unwrap(),
            ..Write::default()
        };
        run(store.write(&write)).unwrap();
    };
    // Each time in a row; the eighth try is the last.
    desk.let_writes([Fate::Overtake(touch); 7]);
    assert_eq!(note(&desk, &bounced), Some(Evidence::Settled));
    assert_eq!(desk.n_writes(), 7 + 2);
    assert!(desk.contact(&bounced.contact).stop.is_some());
    let (desk, attempt) = sending();
    let bounced = event(
        MailEventKind::HardBounce,
        Way::First,
        attempt,
        noon() + HOUR,
    );
    desk.let_writes([Fate::Overtake(touch); 8]);
    assert!(run(note_mail_event(&desk.table, &bounced, noon())).is_err());
    assert_eq!(desk.counts(), Counts::default());
}

#[test]
fn a_second_mail_is_told_and_counted_once() {
    for fate in [Fate::Work, Fate::LoseReply] {
        is_told_and_counted_once(fate);
    }
}

/// `fate`: of the write that tells of it.
fn is_told_and_counted_once(fate: Fate) {
    let (desk, attempt) = sending();
    let other = Attempt::new(2, &cart_key("c1"), 2, attempt.at() + HOUR);
    let first = event(MailEventKind::Send, Way::First, attempt, noon() + HOUR);
    assert_eq!(note(&desk, &first), Some(Evidence::Settled));
    let second = event(
        MailEventKind::Delivery,
        Way::Second,
        other,
        noon() + HOUR * 2,
    );
    desk.let_writes([fate]);
    for evidence in [Evidence::Duplicate, Evidence::Known] {
        assert_eq!(note(&desk, &second), Some(evidence));
    }
    let told = |event: &str| What::Mailed {
        stage: Stage::Nudge,
        attempt: other,
        event: event.to_owned(),
    };
    let lines = desk.lines(&second.cart);
    assert_eq!(lines, [told("delivery"), told("duplicate")]);
    let pulse = desk.pulse();
    let n_counted = |at: Timestamp| pulse.hours[&at].mails(Stage::Nudge).n_duplicates;
    assert_eq!((n_counted(noon()), n_counted(noon() + HOUR)), (0, 1));
}
