//! What the nudge asks: an answer counts by a button alone, is told once, and the next mail speaks to it.

use cartback::fact::{FactKind, facts_of_cart};
use cartback::memory::MemoryStore;
use cartback::reason::Answer;
use cartback_tests::installation::Installation;
use cartback_tests::messages::{ADA, cart};

#[tokio::test]
async fn following_the_link_of_an_answer_keeps_nothing_and_its_button_keeps_it() {
    let shop = nudged().await;
    let before = shop.store.snapshot();
    for answer in Answer::ALL {
        let page = shop.get(&link(&shop, answer)).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("<form method=\"post\""), "{}", page.body);
    }
    assert!(before == shop.store.snapshot());
    let page = shop.post(&link(&shop, Answer::ShippingCost)).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Thank you!") && page.body.contains("/restore/"));
    let cart = shop.cart("cart-1").await;
    let answered = cart.facts.answered.map(|answered| answered.answer);
    assert_eq!(answered, Some(Answer::ShippingCost));
}

#[tokio::test]
async fn an_answer_is_told_once_and_a_new_one_again() {
    let mut shop = nudged().await;
    for (answer, n_facts) in [
        (Answer::Payment, 1),
        (Answer::Payment, 0),
        (Answer::Looking, 1),
    ] {
        let before = shop.cart("cart-1").await;
        shop.now += shop.step;
        shop.post(&link(&shop, answer)).await;
        let facts = facts_of_cart(Some(&before), &shop.cart("cart-1").await);
        let given = facts
            .iter()
            .filter(|fact| fact.kind == FactKind::ReasonGiven);
        assert_eq!(given.count(), n_facts, "{answer:?}");
    }
}

#[tokio::test]
async fn the_next_mail_speaks_to_the_answer() {
    let mut shop = nudged().await;
    shop.post(&link(&shop, Answer::ShippingCost)).await;
    shop.run_hours(10).await;
    let mails = shop.outbox.mails();
    let text = &mails[1].mail.text;
    assert!(
        text.contains("so that no cost comes as a surprise"),
        "{text}"
    );
}

#[tokio::test]
async fn what_is_no_answer_or_no_link_of_one_opens_nothing() {
    let shop = nudged().await;
    let before = shop.store.snapshot();
    let good = link(&shop, Answer::Looking);
    for bad in [
        good.replace("/looking", "/boredom"),
        good.replace("/looking", "/Looking"),
        good.replace("/reason/", "/restore/"),
        good.replace("/looking", "A/looking"),
    ] {
        assert_eq!(shop.get(&bad).await.status, 404, "{bad}");
        assert_eq!(shop.post(&bad).await.status, 404, "{bad}");
    }
    assert!(before == shop.store.snapshot());
}

fn link(shop: &Installation<MemoryStore>, answer: Answer) -> String {
    let text = &shop.outbox.mails()[0].mail.text;
    let end = format!("/{}", answer.name());
    let is_it = |word: &&str| word.contains("/reason/") && word.ends_with(&end);
    text.split_whitespace().find(is_it).unwrap().to_owned()
}

/// A shop with Ada's cart, whose nudge was just sent.
async fn nudged() -> Installation<MemoryStore> {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.to(ADA).len(), 1);
    shop
}
