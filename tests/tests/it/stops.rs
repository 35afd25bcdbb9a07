//! What ends reminders: orders, unsubscribing, bounces, complaints.

use cartback::decide::{Decision, SkipReason};
use cartback::memory::MemoryStore;
use cartback::ports::CartStore;
use cartback::stage::Stage;
use cartback_tests::installation::{Installation, key, unsubscribe_link};
use cartback_tests::messages::{ADA, anonymous_cart, cart, order, order_by, unasked_cart};
use jiff::SignedDuration;
use serde_json::json;

#[tokio::test]
async fn an_order_after_the_nudge_stops_everything() {
    let mut shop = nudged().await;
    shop.record(&order("cart-1")).await;
    let due = shop.cart("cart-1").await.sequence.due();
    assert_eq!(
        due, None,
        "the write of the order takes it out of the index"
    );
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(24 * 4).await;
    assert_eq!(shop.outbox.n_requests(), 1);
}

#[tokio::test]
async fn an_order_under_another_cart_of_the_person_stops() {
    let mut shop = nudged().await;
    shop.record(&order_by("cart-2", ADA)).await;
    shop.run_hours(24 * 4).await;
    assert_eq!(shop.outbox.n_requests(), 1);
    assert_skipped(&shop, "cart-1", SkipReason::OrderedElsewhere).await;
}

#[tokio::test]
async fn an_order_that_names_nobody_stops_the_other_carts_of_who_is_behind_it() {
    let mut shop = nudged().await;
    shop.record(&cart("cart-2", ADA)).await;
    shop.record(&order("cart-2")).await;
    shop.run_hours(24 * 4).await;
    assert_eq!(shop.outbox.n_requests(), 1);
}

#[tokio::test]
async fn an_order_that_comes_before_its_cart_stops_it() {
    let mut shop = Installation::open().await;
    let added_at = shop.now;
    shop.now += SignedDuration::from_mins(5);
    shop.record(&order("cart-1")).await;
    for at in [added_at, shop.now, shop.now + SignedDuration::from_mins(3)] {
        let mut late = cart("cart-1", ADA);
        late["at"] = json!(at);
        shop.now = shop.now.max(at);
        shop.record(&late).await;
    }
    shop.run_hours(24 * 4).await;
    assert_eq!(shop.outbox.n_requests(), 0);
}

#[tokio::test]
async fn an_order_known_by_another_name_of_the_cart_stops_it() {
    let mut shop = nudged().await;
    let mut known = order("checkout-1");
    known["cart_ids"] = json!(["checkout-1", "cart-1"]);
    shop.record(&known).await;
    shop.run_hours(24 * 4).await;
    assert_eq!(shop.outbox.n_requests(), 1);
}

#[tokio::test]
async fn a_cancelled_order_is_not_reminded_of() {
    let mut shop = nudged().await;
    shop.record(&order("cart-1")).await;
    let order = json!({ "id": "1001" });
    let cancelled = json!({ "type": "order.cancelled", "cart_id": "cart-1", "order": order });
    shop.record(&cancelled).await;
    shop.run_hours(24 * 4).await;
    assert_eq!(shop.outbox.n_requests(), 1);
}

#[tokio::test]
async fn a_deleted_cart_is_not_reminded_of() {
    let mut shop = nudged().await;
    shop.record(&json!({ "type": "cart.deleted", "cart_id": "cart-1" }))
        .await;
    shop.run_hours(24 * 4).await;
    assert_eq!(shop.outbox.n_requests(), 1);
    assert_skipped(&shop, "cart-1", SkipReason::CartDeleted).await;
}

#[tokio::test]
async fn a_cart_that_is_filled_again_after_its_deletion_is_reminded_of_unless_it_was_before() {
    let deleted = json!({ "type": "cart.deleted", "cart_id": "cart-1" });
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.now += SignedDuration::from_mins(5);
    shop.record(&deleted).await;
    shop.run_hours(5).await;
    assert_eq!(shop.outbox.n_requests(), 0);
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.to(ADA)[0].0, Stage::Nudge);
    shop.record(&deleted).await;
    shop.run_hours(24).await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(24 * 4).await;
    assert_eq!(shop.outbox.n_requests(), 1);
    assert_skipped(&shop, "cart-1", SkipReason::CartDeleted).await;
}

#[tokio::test]
async fn one_click_unsubscribing_stops_all_carts_of_the_person() {
    let mut shop = nudged().await;
    shop.record(&cart("cart-2", ADA)).await;
    let answer = shop
        .post(&unsubscribe_link(&shop.outbox.mails()[0].mail))
        .await;
    assert_eq!((answer.status, answer.location), (200, None));
    assert!(answer.body.contains("<html"), "{}", answer.body);
    shop.record(&cart("cart-3", ADA)).await;
    shop.record(&cart("cart-4", "Ada@Example.COM")).await;
    shop.run_hours(24 * 4).await;
    assert_eq!(shop.outbox.n_requests(), 1);
    for id in ["cart-1", "cart-2", "cart-3", "cart-4"] {
        assert_skipped(&shop, id, SkipReason::Unsubscribed).await;
    }
}

#[tokio::test]
async fn unsubscribing_twice_is_the_same() {
    let mut shop = nudged().await;
    let link = unsubscribe_link(&shop.outbox.mails()[0].mail);
    let first = shop.post(&link).await;
    let once = shop.store.snapshot();
    shop.now += SignedDuration::from_hours(24 * 365);
    assert_eq!(shop.post(&link).await, first);
    assert!(once == shop.store.snapshot());
}

#[tokio::test]
async fn the_mails_carry_what_rfc_8058_asks_for() {
    let shop = nudged().await;
    let mail = &shop.outbox.mails()[0].mail;
    let header = |name| {
        mail.headers
            .iter()
            .find(|header| header.0 == name)
            .map(|header| &*header.1)
    };
    assert_eq!(
        header("List-Unsubscribe-Post"),
        Some("List-Unsubscribe=One-Click")
    );
    assert!(
        header("List-Unsubscribe")
            .unwrap()
            .starts_with("<https://links.shop.example/")
    );
}

#[tokio::test]
async fn a_hard_bounce_and_a_complaint_stop_at_once() {
    let cases = [
        ("Bounce", SkipReason::Bounced),
        ("Complaint", SkipReason::Complained),
    ];
    for (kind, reason) in cases {
        let mut shop = nudged().await;
        shop.record(&cart("cart-2", ADA)).await;
        shop.ses_event(kind, &shop.outbox.mails()[0].mail).await;
        shop.run_hours(24 * 4).await;
        assert_eq!(shop.outbox.n_requests(), 1, "{kind}");
        assert_skipped(&shop, "cart-1", reason).await;
        assert_skipped(&shop, "cart-2", reason).await;
    }
}

#[tokio::test]
async fn a_third_soft_bounce_stops_and_a_second_does_not() {
    for (n_bounces, n_expected) in [(2, 4), (3, 3)] {
        let mut shop = nudged().await;
        shop.run_hours(48).await;
        let mails = shop.outbox.mails();
        assert_eq!(mails.len(), 3);
        for kept in &mails[..n_bounces] {
            shop.now += SignedDuration::from_mins(1);
            shop.ses_event("SoftBounce", &kept.mail).await;
        }
        shop.run_hours(24 * 7).await;
        shop.record(&cart("cart-2", ADA)).await;
        shop.run_hours(1).await;
        assert_eq!(shop.outbox.n_requests(), n_expected, "{n_bounces} bounces");
    }
}

#[tokio::test]
async fn a_soft_bounce_that_is_told_of_twice_counts_once() {
    let shop = nudged().await;
    let mail = shop.outbox.mails()[0].mail.clone();
    for _ in 0..3 {
        shop.ses_event("SoftBounce", &mail).await;
    }
    assert_eq!(shop.contact(ADA).await.stop, None);
}

#[tokio::test]
async fn a_bounce_stops_who_got_the_mail_and_not_who_has_the_cart_by_now() {
    let mut shop = nudged().await;
    let mail = shop.outbox.mails()[0].mail.clone();
    shop.record(&unasked_cart("cart-1", "corrected@example.com"))
        .await;
    shop.ses_event("Bounce", &mail).await;
    assert!(shop.contact(ADA).await.stop.is_some());
    assert_eq!(shop.contact("corrected@example.com").await.stop, None);
}

#[tokio::test]
async fn a_stop_reaches_who_never_had_a_cart_before() {
    let mut shop = nudged().await;
    shop.ses_event("Complaint", &shop.outbox.mails()[0].mail)
        .await;
    shop.record(&anonymous_cart("cart-2")).await;
    shop.record(&unasked_cart("cart-2", ADA)).await;
    shop.run_hours(24).await;
    assert_eq!(shop.outbox.n_requests(), 1);
}

#[tokio::test]
async fn events_of_mails_that_are_not_ours_change_nothing() {
    let shop = nudged().await;
    let mut foreign = shop.outbox.mails()[0].mail.clone();
    foreign.cart = key("cart-of-nobody");
    let before = shop.store.snapshot();
    for kind in [
        "Send",
        "Bounce",
        "Complaint",
        "Click",
        "Open",
        "Rendering Failure",
    ] {
        shop.ses_event(kind, &foreign).await;
    }
    assert!(before == shop.store.snapshot());
}

/// A shop with Ada's cart, whose nudge was just sent.
async fn nudged() -> Installation<MemoryStore> {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(1).await;
    let sent = shop.outbox.to(ADA);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].0, Stage::Nudge);
    shop
}

async fn assert_skipped<S: CartStore + Clone>(
    shop: &Installation<S>,
    cart: &str,
    reason: SkipReason,
) {
    let last = shop.decisions(cart).await.pop().unwrap().1;
    assert_eq!(last, Decision::Skip { reason }, "{cart}");
}
