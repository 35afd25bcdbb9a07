//! What a braked shop does, and how it goes on.

use cartback::decide::{Decision, DeferReason, SkipReason};
use cartback::memory::MemoryStore;
use cartback::ports::CartStore;
use cartback::pulse::Counts;
use cartback::stage::Stage;
use cartback::standing::{pause, resume};
use cartback_tests::installation::Installation;
use cartback_tests::messages::{ADA, cart, order};
use cartback_tests::samples::{NOON, shop_id};
use jiff::SignedDuration;
use serde_json::json;

#[tokio::test]
async fn a_paused_shop_sends_nothing_until_it_is_resumed() {
    let mut shop = Installation::open().await;
    pause(&shop.store, &shop_id(), "wrong prices", NOON)
        .await
        .unwrap();
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(2).await;
    assert_eq!(shop.outbox.n_requests(), 0);
    let reasons = deferrals(&shop).await;
    assert_eq!(reasons, [DeferReason::Paused; 3], "every half an hour");
    resume(&shop.store, &shop_id(), false, shop.now)
        .await
        .unwrap();
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.n_requests(), 1);
}

#[tokio::test]
async fn a_pause_beyond_the_window_ends_the_stage_and_not_the_sequence() {
    let mut shop = Installation::open().await;
    pause(&shop.store, &shop_id(), "wrong prices", NOON)
        .await
        .unwrap();
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(4).await;
    resume(&shop.store, &shop_id(), false, shop.now)
        .await
        .unwrap();
    shop.run_hours(5).await;
    let decisions = shop.decisions("cart-1").await;
    let reason = SkipReason::NoFreeMoment;
    assert!(decisions.contains(&(Stage::Nudge, Decision::Skip { reason })));
    assert_eq!(shop.outbox.to(ADA)[0].0, Stage::FollowUp);
}

#[tokio::test]
async fn a_shop_whose_orders_stopped_waits_for_the_next_one() {
    let mut shop = Installation::open().await;
    for hour in 1..=24 * 14 {
        let at = NOON - SignedDuration::from_hours(hour);
        for _ in 0..6 {
            shop.store
                .count(&shop_id(), at, &Counts::order())
                .await
                .unwrap();
        }
    }
    shop.now += SignedDuration::from_hours(2);
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.n_requests(), 0);
    assert_eq!(deferrals(&shop).await, [DeferReason::OrdersSilent]);
    shop.record(&order("cart-of-another")).await;
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.n_requests(), 1);
}

#[tokio::test]
async fn a_shop_whose_orders_are_refused_waits() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    for n in 0..5 {
        let body = order(&format!("cart-{n}")).to_string();
        let mut forged = shop.signed_event("m", body.as_bytes());
        forged["headers"]["webhook-signature"] = json!("v1,AAAA");
        shop.ingest(&forged).await;
    }
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.n_requests(), 0);
    assert_eq!(deferrals(&shop).await, [DeferReason::OrdersUnverified]);
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.n_requests(), 0);
    shop.record(&cart("cart-9", "bob@example.com")).await;
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.to(ADA).len(), 1, "a good message came");
}

#[tokio::test]
async fn a_stranger_at_the_door_holds_nobodys_reminder_back() {
    let mut shop = Installation::open().await;
    let forged = shop.request("POST", "/events/demo", json!({}), b"{}");
    for minute in 0..60 {
        if minute == 30 {
            shop.record(&cart("cart-1", ADA)).await;
        }
        assert_eq!(shop.ingest(&forged).await.status, 401);
        shop.now += SignedDuration::from_mins(1);
    }
    shop.run_hours(1).await;
    assert_eq!(deferrals(&shop).await, []);
    assert_eq!(shop.outbox.n_requests(), 1);
}

#[tokio::test]
async fn a_stage_whose_mails_bounce_waits_and_the_others_go_on() {
    let mut shop = Installation::open().await;
    for n in 0..6 {
        shop.record(&cart(&format!("cart-{n}"), &format!("p{n}@example.com")))
            .await;
    }
    shop.run_hours(1).await;
    for accepted in shop.outbox.mails().iter().take(5) {
        shop.ses_event("Bounce", &accepted.mail).await;
    }
    shop.record(&cart("cart-9", ADA)).await;
    shop.run_hours(9).await;
    let stages: Vec<_> = shop.outbox.to(ADA).iter().map(|mail| mail.0).collect();
    assert_eq!(stages, [Stage::FollowUp]);
}

async fn deferrals(shop: &Installation<MemoryStore>) -> Vec<DeferReason> {
    let decisions = shop.decisions("cart-1").await.into_iter();
    let deferred = decisions.filter_map(|(_, decision)| match decision {
        Decision::Defer { reason, .. } => Some(reason),
        Decision::Send | Decision::Skip { .. } => None,
    });
    deferred.collect()
}
