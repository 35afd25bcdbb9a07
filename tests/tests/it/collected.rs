//! The same journeys from the bodies that the team collected from real shops: only what makes them
//! one shopper's, of today, is changed. Left out where the samples are not.

use std::fs;

use cartback_abuse::genuine::saleor_signature;
use cartback_tests::wire::{Reply, Wire};
use serde_json::{Value, json};

use super::payloads::shared;
use super::storefronts::{
    World, accept, assert_silence, changed, come_back, local, open, shopify, stripe, woocommerce,
};

/// The samples have no consent; that it is needed has tests of its own.
const RULES: &str = "consent = \"opt_out\"";

#[tokio::test]
async fn a_collected_checkout_of_shopify_is_won_back() {
    let (Some(checkout), Some(order)) = (
        sample("shopify/checkouts-create.2026-04.json"),
        sample("shopify/orders-create.2026-04.json"),
    ) else {
        return;
    };
    let mut shop = open(RULES).await;
    let checkout = changed(&checkout, &[("/updated_at", json!(shop.now))]);
    accept(&shop, &shopify(&shop, "checkouts/create", &checkout)).await;
    let url =
        "https://checkout.local/548380009/checkouts/123123123/recover?key=example-secret-token";
    come_back(&mut shop, "example@email.com", "IPod Nano", url).await;
    let order = changed(
        &order,
        &[
            ("/checkout_token", json!("123123123")),
            ("/created_at", json!(shop.now)),
            ("/cancelled_at", Value::Null),
        ],
    );
    accept(&shop, &shopify(&shop, "orders/create", &order)).await;
    assert_silence(&mut shop, "123123123").await;
}

#[tokio::test]
async fn a_collected_order_of_woocommerce_is_won_back() {
    let Some(order) = sample("woocommerce/order-created.json") else {
        return;
    };
    let mut shop = open(RULES).await;
    let url =
        "https://shop.example/checkout/order-pay/727/?pay_for_order=true&key=wc_order_58d2d042d1d";
    let pending = changed(
        &order,
        &[
            ("/status", json!("pending")),
            ("/date_created_gmt", json!(local(shop.now))),
            ("/date_modified_gmt", json!(local(shop.now))),
            ("/date_paid_gmt", Value::Null),
            ("/payment_url", json!(url)),
        ],
    );
    accept(&shop, &woocommerce(&shop, "order.created", &pending)).await;
    come_back(&mut shop, "john.doe@example.com", "Woo", url).await;
    let paid = changed(
        &order,
        &[
            ("/payment_method", json!("stripe")),
            ("/date_created_gmt", pending["date_created_gmt"].clone()),
            ("/date_paid_gmt", json!(local(shop.now))),
            ("/date_modified_gmt", json!(local(shop.now))),
        ],
    );
    accept(&shop, &woocommerce(&shop, "order.updated", &paid)).await;
    assert_silence(&mut shop, "order-727").await;
}

#[tokio::test]
async fn a_collected_session_of_stripe_is_won_back() {
    let Some(completed) = sample("stripe/checkout.session.completed.2020-08-27.json") else {
        return;
    };
    let mut shop = open(RULES).await;
    let url = "https://buy.stripe.com/r/live_1";
    let recovery = json!({ "recovery": { "enabled": true, "url": url } });
    let expired = changed(
        &completed,
        &[
            ("/type", json!("checkout.session.expired")),
            ("/created", json!(shop.now.as_second())),
            ("/livemode", json!(true)),
            ("/data/object/livemode", json!(true)),
            ("/data/object/payment_status", json!("unpaid")),
            ("/data/object/after_expiration", recovery),
        ],
    );
    accept(&shop, &stripe(&shop, &expired)).await;
    come_back(
        &mut shop,
        "stripe@example.com",
        "Items in your checkout",
        url,
    )
    .await;
    let session = expired["data"]["object"]["id"].clone();
    let cart = session.as_str().unwrap().to_owned();
    let paid = changed(
        &completed,
        &[
            ("/id", json!("evt_2")),
            ("/created", json!(shop.now.as_second())),
            ("/livemode", json!(true)),
            ("/data/object/livemode", json!(true)),
            ("/data/object/id", json!("cs_recovered")),
            ("/data/object/recovered_from", session),
        ],
    );
    accept(&shop, &stripe(&shop, &paid)).await;
    assert_silence(&mut shop, &cart).await;
}

#[tokio::test]
async fn a_collected_cart_of_bigcommerce_is_won_back() {
    let (Some(updated), Some(converted), Some(cart), Some(checkout)) = (
        sample("bigcommerce/store.cart.updated.json"),
        sample("bigcommerce/store.cart.converted.json"),
        sample("bigcommerce/cart-get.json"),
        sample("bigcommerce/checkout-get.json"),
    ) else {
        return;
    };
    let mut shop = open(RULES).await;
    let id = "09346904-4175-44fd-be53-f7e598531b6c";
    let url = "https://shop.example/cart.php?action=loadInCheckout&id=09346904&token=once";
    let links = json!({ "checkout_url": url });
    let cart = changed(
        &cart,
        &[
            ("/data/id", json!(id)),
            ("/data/redirect_urls", links),
            ("/data/updated_time", json!(shop.now)),
        ],
    );
    let store = Wire::start(move |request| {
        let path = request.head.split(' ').nth(1).unwrap();
        let body = if path.contains("/v3/carts/") {
            cart.to_string()
        } else {
            checkout.clone()
        };
        Reply::Status(200, body)
    });
    let updated = changed(&updated, &[("/producer", json!("stores/abc123"))]);
    let answer = shop
        .ingest(&shop.bigcommerce_event("msg_1", &updated))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    shop.run_errands(&store.url).await;
    come_back(&mut shop, "customer@example.com", "mug", url).await;
    let converted = changed(
        &converted,
        &[
            ("/data/id", json!(id)),
            ("/created_at", json!(shop.now.as_second())),
            ("/producer", json!("stores/abc123")),
        ],
    );
    accept(&shop, &shop.bigcommerce_event("msg_2", &converted)).await;
    assert_silence(&mut shop, id).await;
}

#[tokio::test]
async fn a_collected_checkout_of_saleor_is_won_back() {
    let (Some(checkout), Some(order)) = (
        sample("saleor/checkout.list-payment-gateways.json"),
        sample("saleor/order-created.json"),
    ) else {
        return;
    };
    let mut shop = open(RULES).await;
    let url = "https://shop.example/checkout/checkout-uuid-token";
    let checkout = changed(
        &checkout,
        &[
            ("/checkout/0/last_change", json!(shop.now)),
            ("/checkout/0/checkoutUrl", json!(url)),
        ],
    );
    accept(&shop, &saleor(&shop, "checkout_updated", &checkout)).await;
    come_back(&mut shop, "john.doe@example.com", "Apple Juice", url).await;
    let order = changed(
        &order,
        &[
            ("/payload/order/checkout_id", json!("checkout-uuid-token")),
            ("/payload/order/created", json!(shop.now)),
        ],
    );
    accept(&shop, &saleor(&shop, "notify_user", &order)).await;
    assert_silence(&mut shop, "checkout-uuid-token").await;
}

fn saleor(shop: &World, event: &str, body: &Value) -> Value {
    let body = body.to_string();
    let headers = json!({
        "saleor-event": event,
        "saleor-signature": saleor_signature(body.as_bytes()),
    });
    shop.request("POST", "/webhooks/saleor/demo", headers, body.as_bytes())
}

/// The body of a collected sample; what came with its headers lies in an envelope.
fn sample(path: &str) -> Option<String> {
    let file = shared(&format!("payloads/{path}"))?;
    let sample: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let is_envelope = sample.get("headers").is_some();
    let body = if is_envelope {
        &sample["body"]
    } else {
        &sample
    };
    Some(body.to_string())
}
