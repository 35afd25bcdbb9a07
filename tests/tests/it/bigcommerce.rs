//! A shopper of a BigCommerce store, from webhooks that name a cart and no more.

use cartback_tests::installation::{Installation, restore_link};
use cartback_tests::messages::ADA;
use cartback_tests::wire::{Reply, Request, Wire};
use jiff::SignedDuration;
use serde_json::{Value, json};

const CART: &str = "6f1c9a52-8b7e-4a10-9a3d-2f7f0c8f1e11";
const CHECKOUT_URL: &str = "https://shop.example/cart.php?action=loadInCheckout&id=6f1c&token=once";

#[tokio::test]
async fn a_bigcommerce_cart_is_reminded_of_restored_and_silent_after_its_order() {
    let store = Wire::start(store);
    let mut shop = Installation::open().await;
    send(&shop, "store/subscriber/created", json!({ "id": 42 })).await;
    send(&shop, "store/cart/updated", json!({ "id": CART })).await;
    shop.run_errands(&store.url).await;
    shop.run_hours(1).await;
    let mail = shop.outbox.mails()[0].mail.clone();
    assert!(mail.text.contains("Linen shirt"), "{}", mail.text);
    let restored = shop.post(&restore_link(&mail)).await;
    assert_eq!(restored.location.as_deref(), Some(CHECKOUT_URL));
    let converted = json!({ "id": CART, "orderId": 731 });
    let answer = send(&shop, "store/cart/converted", converted).await;
    assert_eq!(answer, 202);
    // The webhook of the cart that BigCommerce has deleted by now.
    send(&shop, "store/cart/updated", json!({ "id": "gone" })).await;
    send(&shop, "store/order/created", json!({ "id": 731 })).await;
    shop.run_errands(&store.url).await;
    shop.run_hours(24 * 8).await;
    assert_eq!(shop.outbox.n_requests(), 1);
    let order = shop.cart(CART).await.facts.order.unwrap().value;
    assert_eq!(order.id, "731");
    assert!(shop.errands.waiting().is_empty());
}

#[tokio::test]
async fn an_order_told_before_its_cart_keeps_the_cart_silent() {
    let store = Wire::start(store);
    let mut shop = Installation::open().await;
    send(&shop, "store/subscriber/created", json!({ "id": 42 })).await;
    send(&shop, "store/order/created", json!({ "id": 731 })).await;
    shop.run_errands(&store.url).await;
    send(&shop, "store/cart/updated", json!({ "id": CART })).await;
    shop.run_errands(&store.url).await;
    shop.run_until(shop.now + SignedDuration::from_hours(72))
        .await;
    assert_eq!(shop.outbox.n_requests(), 0);
}

/// Sends a webhook, signed, and gives the status of the answer.
async fn send(shop: &Installation<cartback::memory::MemoryStore>, scope: &str, data: Value) -> i64 {
    let notice = json!({
        "scope": scope,
        "store_id": "1002003",
        "data": data,
        "created_at": shop.now.as_second(),
        "producer": "stores/abc123",
    });
    let request = shop.bigcommerce_event(&format!("msg_{scope}"), &notice);
    shop.ingest(&request).await.status
}

/// What the store's API replies.
fn store(request: &Request) -> Reply {
    assert!(
        request
            .head
            .to_lowercase()
            .contains("x-auth-token: open sesame")
    );
    let path = request.head.split(' ').nth(1).unwrap();
    let path = path.strip_prefix("/stores/abc123/").unwrap();
    let cart = json!({ "data": {
        "id": CART,
        "customer_id": 0,
        "email": ADA,
        "currency": { "code": "USD" },
        "cart_amount": 98,
        "line_items": { "physical_items": [
            { "variant_id": 7, "name": "Linen shirt", "quantity": 2, "sale_price": 49 },
        ] },
        "updated_time": "2026-11-22T12:00:00+00:00",
        "redirect_urls": { "checkout_url": CHECKOUT_URL },
    } });
    let checkout = json!({ "data": {
        "billing_address": { "first_name": "Ada", "email": ADA, "country_code": "DE" },
        "consignments": [],
        "updated_time": "2026-11-22T12:00:00+00:00",
    } });
    let subscriber =
        json!({ "data": { "id": 42, "email": ADA, "date_created": "2026-06-01T10:00:00Z" } });
    let order = json!({
        "id": 731,
        "cart_id": CART,
        "status_id": 11,
        "date_created": "Sun, 22 Nov 2026 12:00:00 +0000",
        "total_inc_tax": "98.0000",
        "default_currency_code": "USD",
        "billing_address": { "email": ADA },
    });
    let body = if path == format!("v3/carts/{CART}?include=redirect_urls") {
        cart
    } else if path == format!("v3/checkouts/{CART}") {
        checkout
    } else if path == "v3/customers/subscribers/42" {
        subscriber
    } else if path == "v2/orders/731" {
        order
    } else {
        return Reply::Status(404, "{}".to_owned());
    };
    Reply::Status(200, body.to_string())
}
