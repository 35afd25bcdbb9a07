//! A cart's way through its three reminders, and what changes their time.

use cartback::decide::{Decision, DeferReason, SkipReason};
use cartback::stage::Stage;
use cartback_tests::installation::Installation;
use cartback_tests::messages::{ADA, cart};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

#[tokio::test]
async fn a_stalled_cart_gets_three_mails_in_their_windows_and_no_fourth() {
    let mut shop = Installation::open().await;
    let stalled_at = shop.now;
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(24 * 8).await;
    assert_in_windows(&shop.outbox.to(ADA), stalled_at);
    assert_eq!(shop.outbox.n_requests(), 3);
}

#[tokio::test]
async fn every_mail_goes_to_the_person_and_names_their_items() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.record(&cart("cart-2", "bob@example.com")).await;
    shop.run_hours(49).await;
    for address in [ADA, "bob@example.com"] {
        assert_eq!(shop.outbox.to(address).len(), 3, "{address}");
    }
    for kept in shop.outbox.mails() {
        assert!(kept.mail.text.contains("Linen shirt"));
        assert!(kept.mail.html.contains("Linen shirt"));
    }
}

#[tokio::test]
async fn the_nudge_counts_from_the_newest_activity() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_until(shop.now + SignedDuration::from_mins(25))
        .await;
    let active_at = shop.now;
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(49).await;
    assert_in_windows(&shop.outbox.to(ADA), active_at);
    let (_, first) = shop.decisions("cart-1").await[0];
    let is_rearmed =
        matches!(first, Decision::Defer { reason, .. } if reason == DeferReason::NewerActivity);
    assert!(is_rearmed, "{first:?}");
}

#[tokio::test]
async fn activity_after_the_nudge_moves_what_is_left() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(5).await;
    let active_at = shop.now;
    let step = json!({ "type": "checkout.step_reached", "cart_id": "cart-1", "step": "payment" });
    shop.record(&step).await;
    shop.run_hours(49).await;
    let mails = shop.outbox.to(ADA);
    assert_eq!(mails.len(), 3);
    assert_in_window(mails[1], active_at);
    assert_in_window(mails[2], active_at);
}

#[tokio::test]
async fn a_cart_of_high_value_gets_more_time() {
    let rules = "high_value_threshold = \"300.00 USD\"";
    for (total, follow_up_hours, final_hours) in [("300.00", 16, 44), ("299.99", 8, 28)] {
        let mut shop = Installation::with_policy(rules).await;
        let stalled_at = shop.now;
        let mut message = cart("cart-1", ADA);
        message["cart"]["total"] = json!(total);
        shop.record(&message).await;
        shop.run_hours(49).await;
        let mails = shop.outbox.to(ADA);
        assert_eq!(mails.len(), 3, "{total}");
        for (mail, hours) in [(mails[1], follow_up_hours), (mails[2], final_hours)] {
            let idle = mail.1.duration_since(stalled_at);
            let due = SignedDuration::from_hours(hours);
            let spread = SignedDuration::from_mins(11);
            assert!(due <= idle && idle <= due + spread, "{total} {mail:?}");
        }
    }
}

#[tokio::test]
async fn after_five_hours_without_schedules_the_nudge_is_skipped_and_the_follow_up_comes() {
    let mut shop = Installation::open().await;
    let stalled_at = shop.now;
    shop.record(&cart("cart-1", ADA)).await;
    shop.now += SignedDuration::from_hours(5);
    shop.run_hours(44).await;
    let mails = shop.outbox.to(ADA);
    assert_eq!(mails.len(), 2, "{mails:?}");
    assert_in_window(mails[0], stalled_at);
    assert_in_window(mails[1], stalled_at);
    let skip = Decision::Skip {
        reason: SkipReason::WindowMissed,
    };
    assert_eq!(shop.decisions("cart-1").await[0], (Stage::Nudge, skip));
}

#[tokio::test]
async fn after_two_hours_without_schedules_the_nudge_still_comes() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.now += SignedDuration::from_hours(2);
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.to(ADA).len(), 1);
}

#[tokio::test]
async fn an_emptied_cart_is_not_reminded_of() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_until(shop.now + SignedDuration::from_mins(20))
        .await;
    let mut emptied = cart("cart-1", ADA);
    emptied["cart"]["items"] = json!([]);
    shop.record(&emptied).await;
    shop.run_hours(49).await;
    assert_eq!(shop.outbox.n_requests(), 0);
}

#[tokio::test]
async fn a_cart_with_a_test_event_never_leads_to_mail() {
    for position in [0, 1] {
        let mut shop = Installation::open().await;
        let mut messages = [cart("cart-1", ADA), cart("cart-1", ADA)];
        messages[position]["test"] = json!(true);
        shop.record(&messages[0]).await;
        shop.run_until(shop.now + SignedDuration::from_mins(10))
            .await;
        shop.record(&messages[1]).await;
        shop.run_hours(49).await;
        assert_eq!(shop.outbox.n_requests(), 0, "{position}");
    }
}

#[tokio::test]
async fn the_same_message_ten_times_is_one_message() {
    let mut shop = Installation::open().await;
    let mut message = cart("cart-1", ADA);
    message["at"] = json!(shop.now);
    let body = message.to_string();
    assert_eq!(
        shop.post_signed_event("m-1", body.as_bytes()).await.status,
        202
    );
    let once = shop.store.snapshot();
    for _ in 1..10 {
        shop.now += SignedDuration::from_secs(5);
        let answer = shop.post_signed_event("m-1", body.as_bytes()).await;
        assert_eq!(answer.status, 202);
    }
    assert_eq!(shop.cart("cart-1").await.version, 1);
    assert_eq!(shop.contact(ADA).await.version, 1);
    assert!(!once.text().is_empty());
}

#[tokio::test]
async fn two_invocations_of_one_tick_send_one_mail() {
    let mut shop = Installation::open().await;
    for n in 0..20 {
        let address = format!("ada-{n}@example.com");
        shop.record(&cart(&format!("cart-{n}"), &address)).await;
    }
    let due_at = shop.now + SignedDuration::from_mins(40);
    let (first, second) = shop.tick_twice(Stage::Nudge, due_at).await;
    assert_eq!(shop.outbox.n_requests(), 20, "{first:?} {second:?}");
}

/// One mail of each stage, in order and in time.
pub(crate) fn assert_in_windows(mails: &[(Stage, Timestamp)], last_activity_at: Timestamp) {
    let stages: Vec<Stage> = mails.iter().map(|(stage, _)| *stage).collect();
    assert_eq!(stages, Stage::ALL, "{mails:?}");
    for mail in mails {
        assert_in_window(*mail, last_activity_at);
    }
}

fn assert_in_window((stage, at): (Stage, Timestamp), last_activity_at: Timestamp) {
    let (opens, closes) = match stage {
        Stage::Nudge => (30, 60),
        Stage::FollowUp => (6 * 60, 12 * 60),
        Stage::Final => (24 * 60, 48 * 60),
    };
    let idle_mins = at.duration_since(last_activity_at).as_mins();
    assert!(
        (opens..=closes).contains(&idle_mins),
        "{stage} after {idle_mins} min"
    );
}
