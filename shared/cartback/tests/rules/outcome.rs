//! What follows a mail: the reply, silence, a second mail, or a mail that was never made.

use cartback::entry::What;
use cartback::evidence::{MailEvent, MailEventKind, Way, note_mail_event};
use cartback::ids::Attempt;
use cartback::mail::Mail;
use cartback::memory::MemoryStore;
use cartback::policy::OnUnknown;
use cartback::ports::{CartStore, SendError};
use cartback::pulse::Counts;
use cartback::remind::Reminded;
use cartback::sequence::{EVIDENCE_WAIT, Evidence, Outcome, Phase, Verdict};
use cartback::stage::Stage;

use crate::desk::{Desk, Fate, run};
use crate::samples::{MINUTE, SECOND, attempt, cart_key, noon};
use crate::worker::{due_at, key, outcome, touch};
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
fn a_mail_that_has_failed_is_never_without_its_line() {
    let is_dead = |what: &What| matches!(what, What::GivenUp { .. });
    let mut rejected = Desk::new();
    rejected.answer = |_, _| Err(SendError::Rejected("the domain is not verified".into()));
    rejected.let_writes([Fate::Work, Fate::Work, Fate::LoseLines]);
    assert_eq!(rejected.remind(&key(), due_at()).unwrap(), Reminded::Failed);
    let mut poison = Desk::new();
    poison.shop.links_url = "http://links.shop.example".to_owned();
    for n in 0..2 {
        let tried = poison.remind(&key(), due_at() + MINUTE * (4 * n));
        assert_eq!(tried.unwrap(), Reminded::Refused);
    }
    poison.let_writes([Fate::LoseLines]);
    let now = due_at() + MINUTE * 8;
    assert!(poison.remind(&key(), now).is_err());
    assert_eq!(poison.remind(&key(), now).unwrap(), Reminded::Failed);
    for desk in [rejected, poison] {
        assert_eq!(outcome(&desk), Outcome::Failed);
        let dead = desk.lines(&key()).into_iter().filter(is_dead);
        assert_eq!(dead.count(), 1);
    }
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
    for fate in [Fate::Work, Fate::LoseReply, Fate::LoseLines] {
        tells_of_a_duplicate(fate);
    }
}

/// `fate`: of the write that tells of it.
fn tells_of_a_duplicate(fate: Fate) {
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
    // The first write of the outcome comes too late.
    desk.let_writes([Fate::Work, Fate::Work, Fate::Work, fate]);
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
