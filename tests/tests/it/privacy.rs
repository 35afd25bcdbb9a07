//! Nothing personal where it could be logged, counted or passed on.

use cartback::fact::{Fact, facts_of_cart, facts_of_contact};
use cartback_tests::installation::{Installation, restore_link, unsubscribe_link};
use cartback_tests::messages::{ADA, TITLE, cart, order};
use serde_json::json;

/// What must be nowhere in the places below.
const PERSONAL: [&str; 5] = [ADA, GRACE, "Adelheid", TITLE, "secret-of-the-cart"];

/// Ada's address is the example in our own answers.
const GRACE: &str = "grace@example.org";

#[tokio::test]
async fn tags_links_headers_and_debug_output_tell_nothing_personal() {
    let mut shop = Installation::open().await;
    let mut message = cart("cart-1", ADA);
    message["contact"]["name"] = json!("Adelheid");
    shop.record(&message).await;
    shop.run_hours(49).await;
    for kept in shop.outbox.mails() {
        let mail = &kept.mail;
        assert!(
            mail.text.contains("Adelheid"),
            "the mail itself speaks to the person"
        );
        assert_impersonal(&format!("{:?}", mail.tags()));
        assert_impersonal(&format!("{:?}", mail.headers));
        assert_impersonal(&restore_link(mail));
        assert_impersonal(&unsubscribe_link(mail));
        assert_impersonal(&format!("{mail:?}"));
    }
    let cart = shop.cart("cart-1").await;
    assert_eq!(
        cart.facts
            .person
            .as_ref()
            .unwrap()
            .value
            .first_name
            .as_deref(),
        Some("Adelheid")
    );
    assert_impersonal(&format!("{cart:?}"));
    assert_impersonal(&format!("{:?}", shop.contact(ADA).await));
}

#[tokio::test]
async fn tags_hold_only_what_ses_allows() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(1).await;
    for (name, value) in shop.outbox.mails()[0].mail.tags() {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        assert!(
            name.chars().chain(value.chars()).all(is_allowed),
            "{name} {value}"
        );
        assert!(value.len() <= 256, "{value}");
    }
}

#[tokio::test]
async fn facts_tell_nothing_personal() {
    let mut shop = Installation::open().await;
    let mut message = cart("cart-1", ADA);
    message["contact"]["name"] = json!("Adelheid");
    shop.record(&message).await;
    shop.run_hours(9).await;
    let mail = shop.outbox.mails()[0].mail.clone();
    shop.post(&restore_link(&mail)).await;
    shop.post(&unsubscribe_link(&mail)).await;
    let mut facts: Vec<Fact> = facts_of_cart(None, &shop.cart("cart-1").await);
    shop.record(&order("cart-1")).await;
    facts.extend(facts_of_cart(None, &shop.cart("cart-1").await));
    facts.extend(facts_of_contact(None, &shop.contact(ADA).await));
    let kinds: Vec<&str> = facts.iter().map(|fact| fact.kind.name()).collect();
    for kind in [
        "CartAbandoned",
        "ReminderSent",
        "ReminderSkipped",
        "CartRecovered",
        "ContactSuppressed",
    ] {
        assert!(kinds.contains(&kind), "{kind} is not in {kinds:?}");
    }
    assert_impersonal(&serde_json::to_string(&facts).unwrap());
    assert_impersonal(&format!("{facts:?}"));
}

#[tokio::test]
async fn no_answer_repeats_what_was_sent() {
    let mut shop = Installation::open().await;
    let mut messages = vec![cart("cart-1", GRACE)];
    for (pointer, value) in [
        ("/contact/email", json!("Adelheid grace@example.org")),
        ("/contact/locale", json!("grace@example.org")),
        ("/cart/items/0/price", json!("secret-of-the-cart")),
        ("/cart/currency", json!("Adelheid")),
        ("/consent/state", json!("Adelheid")),
        ("/type", json!("grace@example.org")),
    ] {
        let mut wrong = cart("cart-1", GRACE);
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        wrong.pointer_mut(parent).unwrap()[member] = value;
        messages.push(wrong);
    }
    for message in messages {
        let answer = shop.post_event(&message).await.body;
        assert_impersonal(&answer.replace(ADA, ""));
    }
}

fn assert_impersonal(text: &str) {
    for personal in PERSONAL {
        assert!(!text.contains(personal), "{personal} in {text}");
    }
}
