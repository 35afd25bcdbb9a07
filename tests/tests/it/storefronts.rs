//! Whole journeys in each storefront's own messages, signed as it signs: a cart is left, the nudge
//! comes, its link leads on to that storefront's checkout, the order is placed, and all is silent.
//! Those of BigCommerce and Saleor are in files of their own.

use std::slice::from_ref;

use cartback::cart::{Attribution, CartStatus};
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

macro_rules! sample {
    ($path:literal) => {
        include_str!(concat!(
            "../../../shared/cartback/fixtures/storefront/",
            $path
        ))
    };
}

const SHOPIFY_CONSENT: &str = sample!("shopify/customers_email_marketing_consent-update.json");
const SHOPIFY_CHECKOUT: &str = sample!("shopify/checkouts-update.json");
const SHOPIFY_DELETED: &str = sample!("shopify/checkouts-delete.json");
const SHOPIFY_ORDER: &str = sample!("shopify/orders-create.json");
const WOOCOMMERCE_BASKET: &str = sample!("woocommerce/cart.json");
const WOOCOMMERCE_UNPAID: &str = sample!("woocommerce/order-cancelled-unpaid.json");
const WOOCOMMERCE_PENDING: &str = sample!("woocommerce/order-pending.json");
const WOOCOMMERCE_PAID: &str = sample!("woocommerce/order-processing.json");
const STRIPE_EXPIRED: &str = sample!("stripe/checkout.session.expired.json");
const STRIPE_PAID: &str = sample!("stripe/checkout.session.completed.json");
const STRIPE_UNPAID: &str = sample!("stripe/checkout.session.completed-unpaid.json");
const STRIPE_FAILED: &str = sample!("stripe/checkout.session.async_payment_failed.json");

pub(crate) type World = Installation<MemoryStore>;

#[tokio::test]
async fn a_checkout_of_shopify_is_won_back() {
    let mut shop = open("").await;
    let now = shop.now;
    let consent = changed(
        SHOPIFY_CONSENT,
        &[
            ("/email_marketing_consent/state", json!("subscribed")),
            ("/email_marketing_consent/consent_updated_at", json!(now)),
        ],
    );
    let checkout = changed(
        SHOPIFY_CHECKOUT,
        &[("/created_at", json!(now)), ("/updated_at", json!(now))],
    );
    accept(
        &shop,
        &shopify(&shop, "customers_email_marketing_consent/update", &consent),
    )
    .await;
    accept(&shop, &shopify(&shop, "checkouts/update", &checkout)).await;
    let url = "https://shop.example.com/checkouts/chk-51d0/recover?key=secret";
    come_back(&mut shop, ADA, "Leinenhemd", url).await;
    let order = changed(SHOPIFY_ORDER, &[("/created_at", json!(shop.now))]);
    accept(&shop, &shopify(&shop, "orders/create", &order)).await;
    assert_silence(&mut shop, "chk-51d0").await;
}

#[tokio::test]
async fn a_deleted_checkout_of_shopify_gets_no_mail() {
    let mut shop = open("consent = \"opt_out\"").await;
    let now = json!(shop.now);
    let checkout = changed(
        SHOPIFY_CHECKOUT,
        &[("/created_at", now.clone()), ("/updated_at", now)],
    );
    accept(&shop, &shopify(&shop, "checkouts/update", &checkout)).await;
    shop.now += SignedDuration::from_mins(5);
    let gone: Value = serde_json::from_str(SHOPIFY_DELETED).unwrap();
    accept(&shop, &shopify(&shop, "checkouts/delete", &gone)).await;
    shop.run_hours(24 * 3).await;
    assert_eq!(shop.outbox.n_requests(), 0);
    let status = shop.cart("chk-51d0").await.facts.status();
    assert_eq!(status, CartStatus::Deleted);
}

#[tokio::test]
async fn an_order_that_woocommerce_cancels_unpaid_leaves_its_basket_to_be_reminded_of() {
    let mut shop = open("consent = \"opt_out\"").await;
    let now = json!(local(shop.now));
    let basket = changed(WOOCOMMERCE_BASKET, &[("/arg/at", json!(shop.now))]);
    let topic = "action.cartback_cart";
    accept(&shop, &woocommerce(&shop, topic, &basket)).await;
    let created = ("/date_created_gmt", now.clone());
    let pending = changed(
        WOOCOMMERCE_PENDING,
        &[created.clone(), ("/date_modified_gmt", now)],
    );
    accept(&shop, &woocommerce(&shop, "order.created", &pending)).await;
    shop.now += SignedDuration::from_mins(20);
    let modified = ("/date_modified_gmt", json!(local(shop.now)));
    let cancelled = changed(WOOCOMMERCE_UNPAID, &[created, modified]);
    accept(&shop, &woocommerce(&shop, "order.updated", &cancelled)).await;
    let status = async |id: &str| shop.cart(id).await.facts.status();
    assert_eq!(status("order-4711").await, CartStatus::Deleted);
    assert_eq!(
        status("3f0e9a52-7f0b-4c50-9d53-8b8f5a3f1c11").await,
        CartStatus::Open
    );
    shop.run_hours(2).await;
    assert_eq!(shop.outbox.n_requests(), 1);
}

#[tokio::test]
async fn an_unpaid_order_of_woocommerce_is_won_back() {
    let mut shop = open("").await;
    let now = json!(local(shop.now));
    let pending = changed(
        WOOCOMMERCE_PENDING,
        &[
            ("/date_created_gmt", now.clone()),
            ("/date_modified_gmt", now.clone()),
        ],
    );
    accept(&shop, &woocommerce(&shop, "order.created", &pending)).await;
    let url = "https://shop.example/checkout/order-pay/4711/?pay_for_order=true&key=wc_order_u8Jq2LrT5xPwa";
    come_back(&mut shop, ADA, "Wool Blanket", url).await;
    let paid = changed(
        WOOCOMMERCE_PAID,
        &[
            ("/date_created_gmt", now),
            ("/date_modified_gmt", json!(local(shop.now))),
            ("/date_paid_gmt", json!(local(shop.now))),
        ],
    );
    accept(&shop, &woocommerce(&shop, "order.updated", &paid)).await;
    assert_silence(&mut shop, "order-4711").await;
}

#[tokio::test]
async fn an_expired_session_of_stripe_is_won_back() {
    let mut shop = open("").await;
    let expired = at(&shop, STRIPE_EXPIRED);
    accept(&shop, &stripe(&shop, &expired)).await;
    let url = "https://buy.stripe.com/r/live_YWNjdF8x";
    come_back(&mut shop, ADA, "Items in your checkout", url).await;
    let paid = at(&shop, STRIPE_PAID);
    accept(&shop, &stripe(&shop, &paid)).await;
    assert_silence(&mut shop, "cs_live_b1Q7mZkU2").await;
}

#[tokio::test]
async fn a_payment_of_stripe_under_way_holds_the_reminders_until_it_fails() {
    let mut shop = open("").await;
    let session = ("/data/object/id", json!("cs_live_b1Q7mZkU2"));
    let expired = at(&shop, STRIPE_EXPIRED);
    accept(&shop, &stripe(&shop, &expired)).await;
    let under_way = changed(&at(&shop, STRIPE_UNPAID).to_string(), from_ref(&session));
    accept(&shop, &stripe(&shop, &under_way)).await;
    shop.run_hours(2).await;
    assert_eq!(shop.outbox.n_requests(), 0);
    let failed = changed(&at(&shop, STRIPE_FAILED).to_string(), &[session]);
    accept(&shop, &stripe(&shop, &failed)).await;
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.n_requests(), 1);
}

#[tokio::test]
async fn woocommerces_ping_is_answered_and_nothing_is_taken_from_it() {
    let shop = open("").await;
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

/// The sample shop with these rules in its policy, whose checkout may also be Shopify's or Stripe's.
pub(crate) async fn open(rules: &str) -> World {
    let hosts =
        r#"hosts = ["shop.example", "shop.example.com", "checkout.local", "buy.stripe.com"]"#;
    let settings = SETTINGS.replace(r#"hosts = ["shop.example"]"#, hosts);
    let settings = format!("{settings}\n[policy]\n{rules}");
    Installation::on(MemoryStore::default(), &Shop::load(&settings).unwrap()).await
}

pub(crate) async fn accept(shop: &World, request: &Value) -> Answer {
    let answer = shop.ingest(request).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer
}

/// An hour later the nudge has come to `email` with what is called `title`, and its link leads to `url`.
pub(crate) async fn come_back(shop: &mut World, email: &str, title: &str, url: &str) {
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.n_requests(), 1);
    let mails = shop.outbox.mails();
    let mail = &mails[0].mail;
    assert!(mail.to.expose().eq_ignore_ascii_case(email), "{email}");
    assert!(mail.text.contains(title), "{}", mail.text);
    assert!(!mail.text.contains(url), "{}", mail.text);
    let answer = shop.post(&restore_link(mail)).await;
    assert_eq!(
        (answer.status, answer.location.as_deref()),
        (303, Some(url))
    );
    shop.now += SignedDuration::from_mins(5);
}

/// The order counts as won back, and no further mail comes.
pub(crate) async fn assert_silence(shop: &mut World, cart: &str) {
    let facts = shop.cart(cart).await.facts;
    assert_eq!(facts.attribution(), Some(Attribution::Recovered));
    shop.run_hours(24 * 4).await;
    assert_eq!(shop.outbox.n_requests(), 1);
}

/// A sample with other values at these JSON pointers; a field that is not there is added.
pub(crate) fn changed(sample: &str, changes: &[(&str, Value)]) -> Value {
    let mut body: Value = serde_json::from_str(sample).unwrap();
    for (pointer, value) in changes {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[field] = value.clone();
    }
    body
}

pub(crate) fn shopify(shop: &World, topic: &str, body: &Value) -> Value {
    shop.shopify_event(topic, body.to_string().as_bytes())
}

pub(crate) fn woocommerce(shop: &World, topic: &str, order: &Value) -> Value {
    let body = order.to_string();
    let signature = base64_hmac(WOOCOMMERCE_SECRET, body.as_bytes());
    let headers = json!({ "x-wc-webhook-topic": topic, "x-wc-webhook-signature": signature });
    let path = "/webhooks/woocommerce/demo";
    shop.request("POST", path, headers, body.as_bytes())
}

pub(crate) fn stripe(shop: &World, event: &Value) -> Value {
    let body = event.to_string();
    let time = shop.now.as_second().to_string();
    let signature = hex_hmac(STRIPE_SECRET, &[time.as_bytes(), b".", body.as_bytes()]);
    let headers = json!({ "stripe-signature": format!("t={time},v1={signature}") });
    shop.request("POST", "/webhooks/stripe/demo", headers, body.as_bytes())
}

/// An event of Stripe's, as if it happened now to a session of half an hour ago.
fn at(shop: &World, sample: &str) -> Value {
    let now = shop.now.as_second();
    changed(
        sample,
        &[
            ("/created", json!(now)),
            ("/data/object/created", json!(now - 1800)),
        ],
    )
}

/// As WooCommerce writes a time: UTC, and does not say so.
pub(crate) fn local(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
