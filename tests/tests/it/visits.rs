//! Links of mails: looking changes nothing, going on counts, and nobody is led astray.

use cartback::cart::Attribution;
use cartback::fact::{FactKind, facts_of_cart};
use cartback::memory::MemoryStore;
use cartback_tests::installation::{Installation, restore_link, unsubscribe_link};
use cartback_tests::messages::{ADA, cart, order};
use jiff::SignedDuration;
use serde_json::json;

const CHECKOUT: &str = "https://shop.example/checkout/secret-of-the-cart";

#[tokio::test]
async fn looking_at_a_link_changes_nothing() {
    let shop = nudged(CHECKOUT).await;
    let mail = &shop.outbox.mails()[0].mail;
    let before = shop.store.snapshot();
    for link in [restore_link(mail), unsubscribe_link(mail)] {
        for method in ["GET", "HEAD"] {
            let path = link.strip_prefix("https://links.shop.example").unwrap();
            let answer = shop
                .links(&shop.request(method, path, json!({}), b""))
                .await;
            assert_eq!(
                (answer.status, answer.location),
                (200, None),
                "{method} {link}"
            );
        }
    }
    assert!(before == shop.store.snapshot());
}

#[tokio::test]
async fn a_damaged_link_opens_nothing_and_changes_nothing() {
    let shop = nudged(CHECKOUT).await;
    let mail = &shop.outbox.mails()[0].mail;
    let before = shop.store.snapshot();
    let restore = restore_link(mail);
    let unsubscribe = unsubscribe_link(mail);
    let swapped = [
        restore.replace("/restore/", "/unsubscribe/"),
        unsubscribe.replace("/unsubscribe/", "/restore/"),
        format!("{restore}A"),
        restore[..restore.len() - 1].to_owned(),
    ];
    for link in swapped {
        assert_eq!(shop.get(&link).await.status, 404, "{link}");
        assert_eq!(shop.post(&link).await.status, 404, "{link}");
    }
    assert!(before == shop.store.snapshot());
}

#[tokio::test]
async fn going_on_leads_only_to_the_hosts_of_the_shop() {
    let cases = [
        (CHECKOUT, CHECKOUT),
        ("https://evil.example/", "https://shop.example"),
        ("https://shop.example.evil.example/", "https://shop.example"),
        ("https://shop.example@evil.example/", "https://shop.example"),
        (
            "https://evil.example\\@shop.example/",
            "https://shop.example",
        ),
        ("http://shop.example/checkout", "https://shop.example"),
    ];
    for (checkout_url, expected) in cases {
        let shop = nudged(checkout_url).await;
        let answer = shop.post(&restore_link(&shop.outbox.mails()[0].mail)).await;
        assert_eq!(answer.status, 303, "{checkout_url}");
        assert_eq!(answer.location.as_deref(), Some(expected), "{checkout_url}");
    }
}

#[tokio::test]
async fn an_order_counts_as_recovered_within_seven_days_of_going_on() {
    let week = SignedDuration::from_hours(24 * 7);
    let minute = SignedDuration::from_mins(1);
    let cases = [
        (true, minute, Attribution::Recovered),
        (true, week, Attribution::Recovered),
        (true, week + minute, Attribution::Ordered),
        (false, minute, Attribution::Ordered),
    ];
    for (has_gone_on, lead, expected) in cases {
        let mut shop = nudged(CHECKOUT).await;
        if has_gone_on {
            shop.post(&restore_link(&shop.outbox.mails()[0].mail)).await;
        }
        shop.now += lead;
        let before = shop.cart("cart-1").await;
        shop.record(&order("cart-1")).await;
        let after = shop.cart("cart-1").await;
        assert_eq!(
            after.facts.attribution(),
            Some(expected),
            "{has_gone_on} {lead:#}"
        );
        let facts = facts_of_cart(Some(&before), &after);
        let is_told = facts
            .iter()
            .any(|fact| fact.kind == FactKind::CartRecovered);
        assert_eq!(
            is_told,
            expected == Attribution::Recovered,
            "{has_gone_on} {lead:#}"
        );
    }
}

#[tokio::test]
async fn the_order_of_what_is_ordered_already_is_shown_and_leads_home() {
    let mut shop = nudged(CHECKOUT).await;
    shop.record(&order("cart-1")).await;
    let link = restore_link(&shop.outbox.mails()[0].mail);
    assert_eq!(shop.get(&link).await.status, 200);
    assert_eq!(
        shop.post(&link).await.location.as_deref(),
        Some("https://shop.example")
    );
}

#[tokio::test]
async fn a_restore_link_ends_after_thirty_days_and_unsubscribing_never() {
    let mut shop = nudged(CHECKOUT).await;
    let mail = &shop.outbox.mails()[0].mail;
    shop.now += SignedDuration::from_hours(24 * 29);
    assert_eq!(shop.get(&restore_link(mail)).await.status, 200);
    shop.now += SignedDuration::from_hours(24 * 2);
    assert_eq!(shop.get(&restore_link(mail)).await.status, 404);
    assert_eq!(shop.post(&restore_link(mail)).await.status, 404);
    shop.now += SignedDuration::from_hours(24 * 3650);
    assert_eq!(shop.post(&unsubscribe_link(mail)).await.status, 200);
}

/// A shop with Ada's cart, which goes on at `checkout_url`, and whose nudge was just sent.
async fn nudged(checkout_url: &str) -> Installation<MemoryStore> {
    let mut shop = Installation::open().await;
    let mut message = cart("cart-1", ADA);
    message["cart"]["checkout_url"] = json!(checkout_url);
    shop.record(&message).await;
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.to(ADA).len(), 1);
    shop
}
