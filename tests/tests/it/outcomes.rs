//! What SES does with a mail, and what it says or fails to say.

use cartback::decide::SkipReason;
use cartback::entry::What;
use cartback::ids::Attempt;
use cartback::memory::MemoryStore;
use cartback::ports::CartStore;
use cartback::pulse::Counts;
use cartback::sequence::Outcome;
use cartback::stage::Stage;
use cartback_tests::installation::{Installation, key};
use cartback_tests::messages::{ADA, cart, order};
use cartback_tests::outbox::Answer;
use cartback_tests::samples::{NOON, shop_id};
use jiff::SignedDuration;

#[tokio::test]
async fn an_unknown_outcome_and_a_late_event_are_one_mail() {
    for rules in ["", "on_unknown = \"resend\""] {
        let mut shop = answering(rules, &[Answer::AcceptUnheard]).await;
        shop.ses_tells = false;
        run_to_first_try(&mut shop).await;
        shop.run_until(shop.now + SignedDuration::from_mins(10))
            .await;
        shop.ses_event("Send", &shop.outbox.mails()[0].mail).await;
        shop.run_hours(4).await;
        assert_eq!(shop.outbox.n_requests(), 1, "{rules}");
        assert!(
            matches!(outcome(&shop).await, Outcome::Sent { .. }),
            "{rules}"
        );
    }
}

#[tokio::test]
async fn an_event_that_comes_after_the_mail_was_presumed_sent_sets_it_right() {
    let mut shop = answering("", &[Answer::AcceptUnheard]).await;
    shop.ses_tells = false;
    run_to_first_try(&mut shop).await;
    shop.run_hours(2).await;
    assert!(matches!(outcome(&shop).await, Outcome::Presumed { .. }));
    shop.ses_event("Delivery", &shop.outbox.mails()[0].mail)
        .await;
    assert!(matches!(outcome(&shop).await, Outcome::Sent { .. }));
    assert_eq!(shop.outbox.n_requests(), 1);
}

#[tokio::test]
async fn without_reply_or_event_a_mail_is_presumed_sent_and_the_next_stage_comes() {
    let mut shop = answering("", &[Answer::Lose]).await;
    shop.run_hours(10).await;
    assert!(matches!(outcome(&shop).await, Outcome::Presumed { .. }));
    let stages: Vec<Stage> = shop.outbox.to(ADA).iter().map(|mail| mail.0).collect();
    assert_eq!(stages, [Stage::FollowUp]);
}

#[tokio::test]
async fn where_the_policy_says_so_a_lost_mail_is_sent_again_once_others_are_heard_of() {
    let mut shop = answering("on_unknown = \"resend\"", &[Answer::Lose]).await;
    let stalled_at = shop.now;
    run_to_first_try(&mut shop).await;
    shop.run_until(shop.now + shop.step).await;
    another_mail_is_told_of(&mut shop, 1).await;
    shop.run_hours(6).await;
    let mails = shop.outbox.to(ADA);
    assert_eq!(mails.len(), 1);
    let idle = mails[0].1.duration_since(stalled_at);
    assert!(
        idle <= SignedDuration::from_hours(1),
        "{idle:#} is outside the nudge's hour"
    );
    assert!(matches!(outcome(&shop).await, Outcome::Sent { .. }));
}

#[tokio::test]
async fn while_no_other_mail_is_heard_of_a_lost_one_waits_and_is_presumed_sent_in_the_end() {
    let mut shop = answering("on_unknown = \"resend\"", &[Answer::Lose]).await;
    let stalled_at = shop.now;
    another_mail_is_told_of(&mut shop, 1).await;
    run_to_first_try(&mut shop).await;
    shop.run_until(stalled_at + SignedDuration::from_hours(3))
        .await;
    assert!(shop.cart("cart-1").await.sequence.log.is_empty());
    shop.run_hours(1).await;
    assert!(matches!(outcome(&shop).await, Outcome::Presumed { .. }));
    assert_eq!(shop.outbox.n_requests(), 1);
}

#[tokio::test]
async fn a_mail_that_is_lost_again_and_again_is_resent_twice_at_most() {
    let mut shop = answering("on_unknown = \"resend\"", &[Answer::Lose; 6]).await;
    run_to_first_try(&mut shop).await;
    for n in 1..=8 {
        another_mail_is_told_of(&mut shop, n).await;
        shop.run_until(shop.now + SignedDuration::from_mins(20))
            .await;
    }
    shop.run_hours(3).await;
    assert_eq!(shop.outbox.n_requests(), 3);
    assert!(matches!(outcome(&shop).await, Outcome::Presumed { .. }));
}

#[tokio::test]
async fn a_mail_that_was_refused_for_now_is_tried_again_within_its_window() {
    let mut shop = answering("", &[Answer::Refuse, Answer::Refuse]).await;
    let stalled_at = shop.now;
    shop.run_hours(7).await;
    let mails = shop.outbox.to(ADA);
    assert_eq!(mails.len(), 1);
    assert!(mails[0].1.duration_since(stalled_at) <= SignedDuration::from_hours(1));
    assert_eq!(shop.outbox.n_requests(), 3);
}

#[tokio::test]
async fn an_hour_of_refusals_costs_no_reminder() {
    let mut shop = answering("", &[Answer::Refuse; 5]).await;
    shop.run_hours(7).await;
    assert!(matches!(outcome(&shop).await, Outcome::Sent { .. }));
    assert_eq!(shop.outbox.to(ADA)[0].0, Stage::Nudge);
    assert_eq!(shop.outbox.n_requests(), 6);
}

#[tokio::test]
async fn a_mail_that_is_refused_until_its_window_ends_is_left_out_and_the_next_stage_comes() {
    let mut shop = answering("", &[Answer::Refuse; 9]).await;
    shop.run_hours(10).await;
    let missed = SkipReason::WindowMissed;
    assert_eq!(outcome(&shop).await, Outcome::Skipped { reason: missed });
    assert_eq!(shop.outbox.to(ADA)[0].0, Stage::FollowUp);
    // After 36 minutes, then after 2, 4, 8, 16, 30, 30 and 30 more; the next would be past three hours.
    assert_eq!(shop.outbox.n_requests(), 8 + 2);
}

#[tokio::test]
async fn a_rejected_mail_has_failed_at_once_and_the_next_stage_comes() {
    let mut shop = answering("", &[Answer::Reject]).await;
    shop.run_hours(10).await;
    assert_eq!(outcome(&shop).await, Outcome::Failed);
    assert_eq!(shop.outbox.to(ADA)[0].0, Stage::FollowUp);
    assert_eq!(shop.outbox.n_requests(), 2);
    let history = shop.store.history(&key("cart-1")).await.unwrap();
    let mut dead = history.into_iter().filter_map(|entry| match entry.what {
        What::GivenUp { stage, fault } => Some((stage, fault)),
        _ => None,
    });
    assert_eq!(
        dead.next(),
        Some((Stage::Nudge, "told to reject".to_owned()))
    );
    assert_eq!(dead.next(), None);
}

#[tokio::test]
async fn an_order_while_the_outcome_is_unknown_ends_the_sequence() {
    for rules in ["", "on_unknown = \"resend\""] {
        let mut shop = answering(rules, &[Answer::Lose]).await;
        run_to_first_try(&mut shop).await;
        shop.record(&order("cart-1")).await;
        shop.run_hours(48).await;
        assert_eq!(shop.outbox.n_requests(), 1, "{rules}");
        assert_eq!(shop.cart("cart-1").await.sequence.due(), None, "{rules}");
    }
}

#[tokio::test]
async fn a_second_mail_of_a_stage_is_counted_once_wherever_it_is_heard_of() {
    let mut shop = answering(
        "on_unknown = \"resend\"",
        &[Answer::AcceptUnheard, Answer::AcceptUnheard],
    )
    .await;
    shop.ses_tells = false;
    run_to_first_try(&mut shop).await;
    shop.run_until(shop.now + shop.step).await;
    another_mail_is_told_of(&mut shop, 1).await;
    shop.run_until(shop.now + SignedDuration::from_mins(20))
        .await;
    let mails = shop.outbox.mails();
    let mut lines = Vec::new();
    for accepted in &mails {
        for kind in ["Send", "Delivery"] {
            lines.extend(shop.ses_event(kind, &accepted.mail).await.metrics());
            lines.extend(shop.ses_event_again(kind, &accepted.mail).await.metrics());
        }
    }
    let told = lines.iter().map(|line| serde_json::from_str(line).unwrap());
    let told: Vec<serde_json::Value> = told.collect();
    let of_duplicates: Vec<_> = told
        .iter()
        .filter(|line| !line["duplicates"].is_null())
        .collect();
    assert_eq!((mails.len(), of_duplicates.len()), (2, 1), "{lines:?}");
    let line = of_duplicates[0];
    let counted = (&line["stage"], &line["duplicates"]);
    assert_eq!(counted, (&"nudge".into(), &1.into()), "{line}");
    // By the first way alone, since each is told of twice.
    let delivered = told.iter().filter(|line| line["delivered"] == 1);
    assert_eq!(delivered.count(), 2);
    assert_eq!(
        line["_aws"]["Timestamp"],
        shop.now.as_millisecond(),
        "{line}"
    );
    let pulse = shop.store.pulse(&shop_id(), NOON).await.unwrap();
    let counts = pulse.hours.values();
    let n_counted: u64 = counts
        .map(|counts| counts.mails(Stage::Nudge).n_duplicates)
        .sum();
    assert_eq!(n_counted, 1);
    let history = shop.store.history(&key("cart-1")).await.unwrap();
    let duplicates = history.into_iter().filter_map(|entry| match entry.what {
        What::Mailed { attempt, event, .. } if event == "duplicate" => Some(attempt),
        _ => None,
    });
    let second = mails[1].mail.attempt;
    assert_eq!(duplicates.collect::<Vec<_>>(), [second]);
    let cart = shop.cart("cart-1").await;
    assert_eq!(cart.sequence.log[0].duplicates, [second]);
}

/// A shop with Ada's cart, and what SES says to its first mails.
async fn answering(rules: &str, answers: &[Answer]) -> Installation<MemoryStore> {
    let mut shop = Installation::with_policy(rules).await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.outbox.answer(answers);
    shop
}

/// A mail of another cart, sent and told of at once.
async fn another_mail_is_told_of(shop: &mut Installation<MemoryStore>, n: u64) {
    let other = key(&format!("other-{n}"));
    let attempt = Attempt::new(0, &other, n, shop.now);
    for counts in [
        Counts::sent(Stage::Nudge, 1),
        Counts::evidenced(Stage::Nudge, attempt),
    ] {
        let counted = shop.store.count(other.shop(), shop.now, &counts).await;
        counted.unwrap();
    }
}

async fn run_to_first_try(shop: &mut Installation<MemoryStore>) {
    while shop.outbox.n_requests() == 0 {
        shop.run_until(shop.now + shop.step).await;
    }
}

async fn outcome(shop: &Installation<MemoryStore>) -> Outcome {
    let cart = shop.cart("cart-1").await;
    cart.sequence.outcome(Stage::Nudge).unwrap().outcome.clone()
}
