//! A shopper at a Saleor shop: checkout, nudge, the storefront's own checkout by the link, order, silence.

use cartback::memory::MemoryStore;
use cartback::stage::Stage;
use cartback_abuse::genuine::saleor_signature;
use cartback_tests::installation::{Answer, Installation, restore_link};
use cartback_tests::messages::ADA;
use jiff::SignedDuration;
use serde_json::{Value, json};

const CHECKOUT: &str =
    include_str!("../../../shared/cartback/fixtures/storefront/saleor/checkout_updated.json");
const ORDER: &str =
    include_str!("../../../shared/cartback/fixtures/storefront/saleor/order_created.json");
const CUSTOMER: &str =
    include_str!("../../../shared/cartback/fixtures/storefront/saleor/customer_updated.json");
const TOKEN: &str = "8f2f9a1e-6a35-4f0e-9c55-0d7c3b1e2a44";

async fn post(shop: &Installation<MemoryStore>, event: &str, body: &Value) -> Answer {
    let body = body.to_string();
    let headers = json!({
        "saleor-event": event,
        "saleor-domain": "shop.eu.saleor.cloud",
        "saleor-signature": saleor_signature(body.as_bytes()),
    });
    let request = shop.request("POST", "/webhooks/saleor/demo", headers, body.as_bytes());
    shop.ingest(&request).await
}

/// A sample, as if it happened now.
fn now(shop: &Installation<MemoryStore>, sample: &str) -> Value {
    let mut body: Value = serde_json::from_str(sample).unwrap();
    for (pointer, field) in [
        ("", "issuedAt"),
        ("/checkout", "updatedAt"),
        ("/order", "created"),
        ("/user", "updatedAt"),
    ] {
        if let Some(object) = body
            .pointer_mut(pointer)
            .filter(|it| it.get(field).is_some())
        {
            object[field] = json!(shop.now);
        }
    }
    body
}

#[tokio::test]
async fn a_checkout_is_recovered_by_its_link_and_then_left_alone() {
    let mut shop = Installation::open().await;
    for (event, sample) in [
        ("checkout_updated", CHECKOUT),
        ("customer_updated", CUSTOMER),
    ] {
        let answer = post(&shop, event, &now(&shop, sample)).await;
        assert_eq!(answer.status, 202, "{event}: {}", answer.body);
    }
    shop.run_hours(1).await;
    let mails = shop.outbox.to(ADA);
    assert_eq!(
        mails.iter().map(|(stage, _)| *stage).collect::<Vec<_>>(),
        [Stage::Nudge]
    );

    let link = restore_link(&shop.outbox.mails()[0].mail);
    let went_on = shop.post(&link).await;
    assert_eq!(
        went_on.location.as_deref(),
        Some("https://shop.example/checkout/8f2f9a1e-6a35-4f0e-9c55-0d7c3b1e2a44")
    );
    shop.now += SignedDuration::from_mins(5);
    let answer = post(&shop, "order_created", &now(&shop, ORDER)).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    shop.run_hours(24 * 7).await;
    assert_eq!(shop.outbox.n_requests(), 1);
    let cart = shop.cart(TOKEN).await;
    let attribution = cart.facts.attribution();
    assert_eq!(attribution, Some(cartback::cart::Attribution::Recovered));
}

#[tokio::test]
async fn a_checkout_that_is_paid_and_no_order_yet_is_not_reminded() {
    let mut shop = Installation::open().await;
    post(&shop, "customer_updated", &now(&shop, CUSTOMER)).await;
    post(&shop, "checkout_fully_paid", &now(&shop, CHECKOUT)).await;
    shop.run_hours(24 * 3).await;
    assert_eq!(shop.outbox.n_requests(), 0);
}

#[tokio::test]
async fn a_message_signed_for_another_body_is_refused() {
    let shop = Installation::open().await;
    let body = now(&shop, CHECKOUT).to_string();
    let headers = json!({
        "saleor-event": "checkout_updated",
        "saleor-signature": saleor_signature(b"{}"),
    });
    let request = shop.request("POST", "/webhooks/saleor/demo", headers, body.as_bytes());
    assert_eq!(shop.ingest(&request).await.status, 401);
}
