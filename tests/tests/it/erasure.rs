//! Who asks to be forgotten is: in every item, whatever comes late or at the same moment.

use cartback::ports::CartStore;
use cartback_tests::installation::{Installation, key, restore_link, unsubscribe_link};
use cartback_tests::messages::{ADA, TITLE, cart, consent, erasure, order_by, unasked_cart};
use futures_util::future::join;
use serde_json::{Value, json};

/// What of Ada and her carts must be nowhere.
const PERSONAL: [&str; 5] = [ADA, "\"Ada\"", TITLE, "secret-of-the-cart", "shirt-m"];

#[tokio::test]
async fn nothing_of_an_erased_person_is_left_in_any_item() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.record(&cart("cart-2", ADA)).await;
    shop.run_hours(9).await;
    shop.post(&restore_link(&shop.outbox.mails()[0].mail)).await;
    shop.ses_event("SoftBounce", &shop.outbox.mails()[0].mail)
        .await;
    assert!(shop.store.snapshot().text().contains(ADA));
    assert_ne!(shop.store.history(&key("cart-1")).await.unwrap(), []);
    shop.record(&erasure("ADA@example.com")).await;
    assert_forgotten(&shop.store.snapshot().text());
    for cart in ["cart-1", "cart-2"] {
        assert_eq!(shop.store.history(&key(cart)).await.unwrap(), [], "{cart}");
    }
    shop.run_hours(49).await;
    assert_eq!(shop.outbox.n_requests(), 2);
    assert_forgotten(&shop.store.snapshot().text());
}

#[tokio::test]
async fn what_comes_late_of_an_erased_person_changes_nothing() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(1).await;
    let mail = shop.outbox.mails()[0].mail.clone();
    shop.record(&erasure(ADA)).await;
    let before = shop.store.snapshot();
    let late = [
        cart("cart-1", ADA),
        cart("cart-9", ADA),
        order_by("cart-1", ADA),
        consent(ADA, "granted", "express"),
    ];
    for message in late {
        let answer = shop.post_event(&message).await;
        assert_eq!(answer.status, 200, "{message}: {}", answer.body);
        assert!(before == shop.store.snapshot(), "{message}");
    }
    for kind in ["Send", "Bounce", "SoftBounce", "Complaint"] {
        shop.ses_event(kind, &mail).await;
    }
    assert_eq!(shop.get(&restore_link(&mail)).await.status, 404);
    assert_eq!(shop.post(&restore_link(&mail)).await.status, 404);
    assert_eq!(shop.post(&unsubscribe_link(&mail)).await.status, 200);
    assert_forgotten(&shop.store.snapshot().text());
    assert!(shop.contact(ADA).await.is_erased());
}

#[tokio::test]
async fn an_event_without_a_name_does_not_fill_an_erased_cart_again() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.record(&erasure(ADA)).await;
    let mut late = cart("cart-1", ADA);
    late.as_object_mut().unwrap().remove("contact");
    late.as_object_mut().unwrap().remove("consent");
    assert_eq!(shop.post_event(&late).await.status, 200);
    assert_forgotten(&shop.store.snapshot().text());
}

#[tokio::test]
async fn a_person_is_forgotten_under_every_name_of_their_order() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    let mut ordered = order_by("cart-1", ADA);
    ordered["cart_ids"] = json!(["cart-1", "checkout-1", "checkout-2"]);
    shop.record(&ordered).await;
    shop.record(&erasure(ADA)).await;
    assert_forgotten(&shop.store.snapshot().text());
}

#[tokio::test]
async fn others_are_not_forgotten_with_them() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.record(&cart("cart-2", "bob@example.com")).await;
    shop.record(&erasure(ADA)).await;
    shop.run_hours(49).await;
    assert_eq!(shop.outbox.n_requests(), 3);
    assert_eq!(shop.outbox.to("bob@example.com").len(), 3);
}

#[tokio::test]
async fn an_event_in_the_same_moment_as_an_erasure_leaves_nothing_behind() {
    for message in [
        cart("cart-1", ADA),
        unasked_cart("cart-1", ADA),
        order_by("cart-1", ADA),
    ] {
        for is_known in [false, true] {
            for lead in 0..12 {
                let text = race(&message, is_known, lead).await;
                assert!(
                    !text.contains(ADA),
                    "{message}, known {is_known}, {lead} turns: {text}"
                );
            }
        }
    }
}

/// What the store holds after `message` and, `lead` turns of the executor later, an erasure.
async fn race(message: &Value, is_known: bool, lead: usize) -> String {
    let mut shop = Installation::open().await;
    if is_known {
        shop.record(&cart("cart-0", ADA)).await;
    }
    let event = shop.signed_event("msg-a", message.to_string().as_bytes());
    let erasure = shop.signed_event("msg-b", erasure(ADA).to_string().as_bytes());
    let late = async {
        for _ in 0..lead {
            tokio::task::yield_now().await;
        }
        shop.ingest(&erasure).await
    };
    let (first, second) = join(shop.ingest(&event), late).await;
    assert!(matches!(first.status, 200 | 202), "{}", first.body);
    assert_eq!(second.status, 202, "{}", second.body);
    shop.store.snapshot().text()
}

fn assert_forgotten(text: &str) {
    for personal in PERSONAL {
        assert!(!text.contains(personal), "{personal} in {text}");
    }
}
