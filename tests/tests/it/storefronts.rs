//! Whole journeys in each storefront's own messages, signed as it signs: a cart is left, the nudge
//! comes, its link leads on to that storefront's checkout, the order is placed, and all is silent.

use cartback::cart::Attribution;
use cartback::memory::MemoryStore;
use cartback::shop::Shop;
use cartback::storefront::signature::{base64_hmac, hex_hmac};
use cartback_tests::installation::{
    Answer, Installation, STRIPE_SECRET, WOOCOMMERCE_SECRET, restore_link,
};
use cartback_tests::messages::ADA;
use cartback_tests::samples::SETTINGS;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

type World = Installation<MemoryStore>;

#[tokio::test]
async fn a_checkout_of_shopify_is_won_back() {
    let mut shop = open().await;
    let url = "https://shop.example/checkouts/cn/chk-1/recover?key=k";
    let consent = json!({ "email_address": ADA, "email_marketing_consent":
        { "state": "subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": shop.now } });
    let checkout = json!({
        "token": "chk-1", "cart_token": "cart-1", "email": ADA, "currency": "EUR", "abandoned_checkout_url": url,
        "customer": { "first_name": "Ada" }, "created_at": shop.now, "updated_at": shop.now,
        "line_items": [{ "variant_id": 9_007_199_254_740_993_u64, "title": "Linen shirt", "quantity": 2, "price": "49.00" }],
    });
    let topic = "customers_email_marketing_consent/update";
    accept(
        &shop,
        &shop.shopify_event(topic, consent.to_string().as_bytes()),
    )
    .await;
    accept(
        &shop,
        &shop.shopify_event("checkouts/update", checkout.to_string().as_bytes()),
    )
    .await;
    come_back(&mut shop, url).await;
    let order = json!({ "id": 1, "checkout_token": "chk-1", "cart_token": "cart-1", "total_price": "98.00",
        "currency": "EUR", "created_at": shop.now });
    accept(
        &shop,
        &shop.shopify_event("orders/create", order.to_string().as_bytes()),
    )
    .await;
    assert_silence(&mut shop, "chk-1").await;
}

#[tokio::test]
async fn an_unpaid_order_of_woocommerce_is_won_back() {
    let mut shop = open().await;
    let url = "https://shop.example/checkout/order-pay/4711/?pay_for_order=true&key=wc_order_1";
    let mut order = json!({
        "id": 4711, "status": "pending", "needs_payment": true, "payment_url": url, "currency": "EUR",
        "total": "98.00", "date_created_gmt": local(shop.now), "date_modified_gmt": local(shop.now), "date_paid_gmt": null,
        "billing": { "email": ADA, "first_name": "Ada" }, "payment_method": "stripe",
        "line_items": [{ "product_id": 9, "name": "Linen shirt", "quantity": 2, "total": "98.00" }],
        "meta_data": [{ "key": "_wc_other/cartback/reminders", "value": "1" }],
    });
    accept(&shop, &woocommerce(&shop, "order.created", &order)).await;
    come_back(&mut shop, url).await;
    order["status"] = json!("processing");
    order["date_paid_gmt"] = json!(local(shop.now));
    order["date_modified_gmt"] = json!(local(shop.now));
    accept(&shop, &woocommerce(&shop, "order.updated", &order)).await;
    assert_silence(&mut shop, "order-4711").await;
}

#[tokio::test]
async fn an_expired_session_of_stripe_is_won_back() {
    let mut shop = open().await;
    let url = "https://buy.stripe.com/r/live_1";
    let mut session = json!({
        "id": "cs_1", "mode": "payment", "currency": "eur", "amount_subtotal": 9800, "amount_total": 9800,
        "payment_status": "unpaid", "created": shop.now.as_second() - 1800, "consent": { "promotions": "opt_in" },
        "customer_details": { "email": ADA, "name": "Ada Marlow" }, "metadata": { "cartback_title": "Linen shirt" },
        "after_expiration": { "recovery": { "enabled": true, "url": url } },
    });
    accept(&shop, &stripe(&shop, "checkout.session.expired", &session)).await;
    come_back(&mut shop, url).await;
    session["id"] = json!("cs_2");
    session["recovered_from"] = json!("cs_1");
    session["payment_status"] = json!("paid");
    accept(
        &shop,
        &stripe(&shop, "checkout.session.completed", &session),
    )
    .await;
    assert_silence(&mut shop, "cs_1").await;
}

#[tokio::test]
async fn a_payment_of_stripe_under_way_holds_the_reminders_until_it_fails() {
    let mut shop = open().await;
    let session = json!({
        "id": "cs_1", "mode": "payment", "currency": "eur", "amount_subtotal": 9800, "amount_total": 9800,
        "payment_status": "unpaid", "consent": { "promotions": "opt_in" }, "customer_details": { "email": ADA },
    });
    accept(&shop, &stripe(&shop, "checkout.session.expired", &session)).await;
    accept(
        &shop,
        &stripe(&shop, "checkout.session.completed", &session),
    )
    .await;
    shop.run_hours(2).await;
    assert_eq!(shop.outbox.n_requests(), 0);
    let failed = "checkout.session.async_payment_failed";
    accept(&shop, &stripe(&shop, failed, &session)).await;
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.n_requests(), 1);
}

#[tokio::test]
async fn woocommerces_ping_is_answered_and_nothing_is_taken_from_it() {
    let shop = open().await;
    let before = shop.store.snapshot();
    let form = json!({ "content-type": "application/x-www-form-urlencoded" });
    let ping = async |path: &str, body: &[u8]| {
        let request = shop.request("POST", path, form.clone(), body);
        shop.ingest(&request).await.status
    };
    assert_eq!(
        ping("/webhooks/woocommerce/demo", b"webhook_id=4").await,
        200
    );
    for (path, body, status) in [
        ("/webhooks/woocommerce/demo", &b"webhook_id=4&x=1"[..], 401),
        ("/webhooks/woocommerce/demo", b"{}", 401),
        ("/webhooks/shopify/demo", b"webhook_id=4", 401),
        ("/webhooks/woocommerce/nobody", b"webhook_id=4", 404),
    ] {
        assert_eq!(ping(path, body).await, status, "{path}");
    }
    assert!(before == shop.store.snapshot());
}

/// The sample shop, whose checkout may also be Stripe's.
async fn open() -> World {
    let hosts = r#"hosts = ["shop.example", "buy.stripe.com"]"#;
    let settings = SETTINGS.replace(r#"hosts = ["shop.example"]"#, hosts);
    Installation::on(MemoryStore::default(), &Shop::load(&settings).unwrap()).await
}

async fn accept(shop: &World, request: &Value) -> Answer {
    let answer = shop.ingest(request).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer
}

/// An hour later the nudge has come, and its link leads to `url`.
async fn come_back(shop: &mut World, url: &str) {
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.to(ADA).len(), 1);
    let mails = shop.outbox.mails();
    let mail = &mails[0].mail;
    assert!(mail.text.contains("Linen shirt") && !mail.text.contains(url));
    let answer = shop.post(&restore_link(mail)).await;
    assert_eq!(
        (answer.status, answer.location.as_deref()),
        (303, Some(url))
    );
    shop.now += SignedDuration::from_mins(5);
}

/// The order counts as won back, and no further mail comes.
async fn assert_silence(shop: &mut World, cart: &str) {
    let facts = shop.cart(cart).await.facts;
    assert_eq!(facts.attribution(), Some(Attribution::Recovered));
    shop.run_hours(24 * 4).await;
    assert_eq!(shop.outbox.n_requests(), 1);
}

fn woocommerce(shop: &World, topic: &str, order: &Value) -> Value {
    let body = order.to_string();
    let signature = base64_hmac(WOOCOMMERCE_SECRET, body.as_bytes());
    let headers = json!({ "x-wc-webhook-topic": topic, "x-wc-webhook-signature": signature });
    shop.request(
        "POST",
        "/webhooks/woocommerce/demo",
        headers,
        body.as_bytes(),
    )
}

fn stripe(shop: &World, kind: &str, session: &Value) -> Value {
    let seconds = shop.now.as_second();
    let event = json!({ "id": format!("evt_{kind}_{seconds}"), "type": kind, "created": seconds, "livemode": true,
        "data": { "object": session } });
    let body = event.to_string();
    let time = seconds.to_string();
    let signature = hex_hmac(STRIPE_SECRET, &[time.as_bytes(), b".", body.as_bytes()]);
    let headers = json!({ "stripe-signature": format!("t={time},v1={signature}") });
    shop.request("POST", "/webhooks/stripe/demo", headers, body.as_bytes())
}

/// As WooCommerce writes a time: UTC, and does not say so.
fn local(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
