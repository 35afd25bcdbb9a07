//! How often, and at which hours, one person is written to.

use cartback::decide::{Decision, DeferReason, SkipReason};
use cartback_tests::installation::Installation;
use cartback_tests::messages::{ADA, cart};
use jiff::SignedDuration;
use serde_json::json;

#[tokio::test]
async fn two_carts_of_one_person_share_the_gap_and_the_week() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.record(&cart("cart-2", ADA)).await;
    shop.run_hours(24 * 7).await;
    let mails = shop.outbox.to(ADA);
    assert_eq!(mails.len(), 3, "{mails:?}");
    for pair in mails.windows(2) {
        let gap = pair[1].1.duration_since(pair[0].1);
        assert!(SignedDuration::from_hours(4) <= gap, "{gap:#}");
    }
}

#[tokio::test]
async fn the_cap_holds_over_every_seven_days_of_a_month_of_carts() {
    let mut shop = Installation::open().await;
    for day in 0..30 {
        shop.record(&cart(&format!("cart-{day}"), ADA)).await;
        shop.step = SignedDuration::from_mins(5);
        shop.run_hours(24).await;
    }
    let mails = shop.outbox.to(ADA);
    assert!(9 <= mails.len(), "{}", mails.len());
    for four in mails.windows(4) {
        let span = four[3].1.duration_since(four[0].1);
        assert!(SignedDuration::from_hours(24 * 7) <= span, "{four:?}");
    }
}

#[tokio::test]
async fn another_person_is_not_held_back() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.record(&cart("cart-2", "bob@example.com")).await;
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.n_requests(), 2);
}

#[tokio::test]
async fn quiet_hours_are_those_of_the_person() {
    let rules = "quiet_hours = { from = \"22:00:00\", until = \"08:00:00\" }";
    // 21:00 UTC is six in the morning in Tokyo; the shop is in UTC.
    let stalled_at = "2026-11-22T21:00:00Z".parse().unwrap();
    let cases = [
        (
            Some("Asia/Tokyo"),
            "2026-11-22T23:00:00Z",
            "2026-11-22T23:02:00Z",
        ),
        (
            Some("America/New_York"),
            "2026-11-22T21:34:00Z",
            "2026-11-22T21:40:00Z",
        ),
        (None, "2026-11-22T21:34:00Z", "2026-11-22T21:40:00Z"),
    ];
    for (zone, earliest, latest) in cases {
        let mut shop = Installation::with_policy(rules).await;
        shop.now = stalled_at;
        let mut message = cart("cart-1", ADA);
        if let Some(zone) = zone {
            message["contact"]["time_zone"] = json!(zone);
        }
        shop.record(&message).await;
        shop.run_hours(3).await;
        let mails = shop.outbox.to(ADA);
        assert_eq!(mails.len(), 1, "{zone:?}");
        let at = mails[0].1;
        let (earliest, latest) = (earliest.parse().unwrap(), latest.parse().unwrap());
        assert!((earliest..=latest).contains(&at), "{zone:?} {at}");
        let (_, first) = shop.decisions("cart-1").await[0];
        let is_deferred =
            matches!(first, Decision::Defer { reason, .. } if reason == DeferReason::QuietHours);
        assert_eq!(is_deferred, zone == Some("Asia/Tokyo"), "{first:?}");
    }
}

#[tokio::test]
async fn a_night_that_outlasts_the_window_skips_the_nudge_only() {
    let rules = "quiet_hours = { from = \"22:00:00\", until = \"08:00:00\" }";
    let mut shop = Installation::with_policy(rules).await;
    shop.now = "2026-11-22T22:00:00Z".parse().unwrap();
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(49).await;
    assert_eq!(shop.outbox.to(ADA).len(), 2);
    let reason = SkipReason::NoFreeMoment;
    assert_eq!(
        shop.decisions("cart-1").await[0].1,
        Decision::Skip { reason }
    );
}
