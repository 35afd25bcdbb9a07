//! Who counts what into a shop's pulse, and when.

use cartback::ids::Attempt;
use cartback::memory::MemoryStore;
use cartback::ports::CartStore;
use cartback::pulse::{Counts, Pulse, hour_of};
use cartback::stage::Stage;
use cartback::storefront::{cartback::Cartback, shopify::Shopify};
use cartback_tests::installation::{Installation, unsubscribe_link};
use cartback_tests::messages::{ADA, cart, order, order_by};
use cartback_tests::outbox::Answer;
use cartback_tests::samples::{NOON, shop_id};
use jiff::SignedDuration;
use serde_json::json;

#[tokio::test]
async fn an_order_is_counted_once_when_it_is_learnt() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    assert_eq!(sum(&shop).await, Counts::default());
    shop.record(&order("cart-1")).await;
    shop.record(&order("cart-1")).await;
    assert_eq!(sum(&shop).await.n_orders, 1);
    shop.record(&order_by("cart-9", ADA)).await;
    assert_eq!(sum(&shop).await.n_orders, 2);
    let mut test = order("cart-8");
    test["test"] = json!(true);
    shop.post_event(&test).await;
    assert_eq!(sum(&shop).await.n_orders, 2);
}

#[tokio::test]
async fn a_refused_message_is_counted_if_it_may_be_an_order() {
    let shop = Installation::open().await;
    let body = order("cart-1").to_string();
    let mut forged = shop.signed_event("m", body.as_bytes());
    forged["headers"]["webhook-signature"] = json!("v1,AAAA");
    assert_eq!(shop.ingest(&forged).await.status, 401);
    assert_eq!(sum(&shop).await, Counts::refused(&Cartback));
    for (topic, n_refused) in [
        ("carts/update", 0),
        ("orders/create", 1),
        ("orders/paid", 2),
        ("customers/update", 2),
    ] {
        let mut forged = shop.shopify_event(topic, b"{}");
        forged["headers"]["x-shopify-hmac-sha256"] = json!("AAAA");
        assert_eq!(shop.ingest(&forged).await.status, 401);
        let mut expected = Counts::refused(&Cartback);
        for _ in 0..n_refused {
            expected.add(&Counts::refused(&Shopify));
        }
        assert_eq!(sum(&shop).await, expected, "{topic}");
    }
}

#[tokio::test]
async fn a_good_message_is_counted_while_others_of_its_storefront_are_refused() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    let mut forged = shop.signed_event("m", b"{}");
    forged["headers"]["webhook-signature"] = json!("v1,AAAA");
    assert_eq!(shop.ingest(&forged).await.status, 401);
    let mut expected = Counts::refused(&Cartback);
    assert_eq!(sum(&shop).await, expected);
    for _ in 0..2 {
        shop.record(&cart("cart-1", ADA)).await;
    }
    expected.add(&Counts::verified(&Cartback));
    assert_eq!(sum(&shop).await, expected);
}

#[tokio::test]
async fn a_mail_is_counted_as_sent_evidenced_and_bounced_in_its_hour() {
    let mut shop = Installation::open().await;
    shop.ses_tells = false;
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(1).await;
    let sent = Counts::sent(Stage::Nudge, 1);
    assert_eq!(pulse(&shop).await.hours, [(NOON, sent)].into());
    shop.now += SignedDuration::from_hours(3);
    let accepted = &shop.outbox.mails()[0];
    for kind in ["Send", "Delivery", "SoftBounce", "Bounce"] {
        shop.ses_event(kind, &accepted.mail).await;
    }
    let mut expected = Counts::of(Stage::Nudge, |mails| {
        mails.n_sent = 1;
        mails.n_evidenced = 1;
        mails.n_bounced = 1;
    });
    expected.told_at = Some(accepted.mail.attempt.at());
    assert_eq!(hour_of(accepted.at), NOON);
    assert_eq!(pulse(&shop).await.hours, [(NOON, expected)].into());
}

#[tokio::test]
async fn what_ses_tells_by_two_ways_is_counted_once() {
    for kind in ["Bounce", "Complaint"] {
        for is_first_way_open in [true, false] {
            let mut shop = Installation::open().await;
            shop.ses_tells = false;
            shop.record(&cart("cart-1", ADA)).await;
            shop.run_hours(1).await;
            let mail = &shop.outbox.mails()[0].mail;
            for kind in ["Send", kind] {
                if is_first_way_open {
                    shop.ses_event(kind, mail).await;
                }
                shop.ses_event_again(kind, mail).await;
            }
            let mut all = sum(&shop).await;
            let told: Vec<_> = all.named().filter(|(_, n)| **n != 0).collect();
            assert!(told.iter().all(|(_, n)| **n == 1), "{told:?}");
            // Evidence counts by the rule alone: without it no mail goes out again.
            assert_eq!(
                told.len(),
                if is_first_way_open { 3 } else { 2 },
                "{told:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_complaint_of_somebody_who_unsubscribed_is_counted_once() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(1).await;
    let mail = &shop.outbox.mails()[0].mail;
    shop.post(&unsubscribe_link(mail)).await;
    shop.ses_event_again("Complaint", mail).await;
    shop.ses_event("Complaint", mail).await;
    let complained = sum(&shop).await.mails(Stage::Nudge).n_complained;
    assert_eq!(complained, 1);
}

#[tokio::test]
async fn only_a_mail_that_a_reply_accepted_is_counted_as_sent() {
    let mut shop = Installation::open().await;
    shop.ses_tells = false;
    let answers = [Answer::Lose, Answer::AcceptUnheard, Answer::Reject];
    shop.outbox.answer(&answers);
    for n in 0..5 {
        let person = format!("p{n}@example.com");
        shop.record(&cart(&format!("cart-{n}"), &person)).await;
    }
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.n_requests(), 5);
    assert_eq!(sum(&shop).await, Counts::sent(Stage::Nudge, 2));
}

#[tokio::test]
async fn an_event_of_a_mail_that_is_not_ours_is_not_counted() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(1).await;
    let before = sum(&shop).await;
    let mut mail = shop.outbox.mails()[0].mail.clone();
    mail.cart = cartback_tests::installation::key("unknown");
    mail.attempt = Attempt::from_bytes([1; 16]);
    shop.ses_event("Send", &mail).await;
    assert_eq!(sum(&shop).await, before);
}

async fn pulse(shop: &Installation<MemoryStore>) -> Pulse {
    let since = NOON - SignedDuration::from_hours(1);
    shop.store.pulse(&shop_id(), since).await.unwrap()
}

async fn sum(shop: &Installation<MemoryStore>) -> Counts {
    let mut sum = Counts::default();
    for counts in pulse(shop).await.hours.values() {
        sum.add(counts);
    }
    sum
}
