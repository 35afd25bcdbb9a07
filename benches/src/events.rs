//! The triggers of the functions: their fixtures, and signed events of carts of five items.

use std::fs;

use cartback::storefront::secret::Secret;
use cartback::storefront::standard_webhooks;
use serde_json::{Value, json};

use crate::machine::{now, root};

/// The secret of the shop, as the parameter store has it.
const SHOP_SECRET: &str = "whsec_dGhlIHNlY3JldCBvZiB0aGUgdGVzdHMsIDMyIGJ5dGVz";

/// An event of the kind that the function `name` gets.
pub(crate) fn of_function(name: &str) -> String {
    match name {
        "links" => fixture("links/fixtures/unsubscribe.json"),
        "stage" => fixture("stage/fixtures/nudge.json"),
        "feedback" => fixture("feedback/fixtures/send.json"),
        "publish" => fixture("publish/fixtures/stream.json"),
        "fetch" => errands().to_string(),
        _ => signed(&cart(&format!("cart-{}", fastrand::u64(..1_000)))).to_string(),
    }
}

/// The body of a message about the cart `id`, whose quantities change each time.
pub(crate) fn cart(id: &str) -> Value {
    let item = |n: u32| {
        json!({
            "id": format!("4078456221{n:04}"), "title": "Merino Crew Sweater", "variant": "Navy / M",
            "quantity": 1 + fastrand::u32(..3), "price": "89.00", "compare_at_price": "119.00",
            "image_url": format!("https://shop.example/files/merino-crew-{n}.jpg?v=1718"),
            "url": format!("https://shop.example/products/merino-crew-{n}"),
        })
    };
    json!({
        "type": "cart.updated", "id": format!("msg-{:016x}", fastrand::u64(..)),
        "cart": {
            "id": id, "currency": "USD", "items": (0..5).map(item).collect::<Vec<_>>(),
            "checkout_url": format!("https://shop.example/checkouts/cn/{id}"),
        },
        "contact": { "email": format!("ada-{id}@example.com"), "name": "Ada", "country": "DE", "time_zone": "Europe/Berlin" },
        "consent": { "state": "granted", "basis": "express", "source": "checkout box" },
    })
}

/// A batch of one errand: a webhook of BigCommerce that names a cart, which the store must be asked for.
fn errands() -> Value {
    let mut batch: Value = serde_json::from_str(&fixture("fetch/fixtures/errands.json")).unwrap();
    let records = batch["Records"].as_array_mut().unwrap();
    records.truncate(1);
    let notice = json!({
        "scope": "store/cart/updated", "producer": "stores/abc123", "created_at": now().as_second(),
        "data": { "type": "cart", "id": format!("cart-{}", fastrand::u64(..1_000)) },
    });
    let errand = json!({
        "shop": "demo", "storefront": "bigcommerce", "received_at": now(), "body": notice.to_string(),
        "headers": { "webhook-id": format!("msg-{:016x}", fastrand::u64(..)) },
    });
    records[0]["body"] = json!(errand.to_string());
    batch
}

/// What BigCommerce's API replies to a question about `path`, a cart or a checkout.
pub(crate) fn of_store(path: &str) -> Value {
    let id = path.rsplit('/').next().unwrap();
    let person = json!({ "first_name": "Ada", "email": format!("ada-{id}@example.com"), "country_code": "DE" });
    if path.contains("/checkouts/") {
        return json!({ "data": { "billing_address": person, "consignments": [], "updated_time": now() } });
    }
    let item = |n: u32| {
        json!({
            "variant_id": 40_784_562 + n, "name": "Merino Crew Sweater", "quantity": 1 + fastrand::u32(..3),
            "sale_price": 89, "url": format!("https://shop.example/products/merino-crew-{n}"),
            "image_url": format!("https://shop.example/files/merino-crew-{n}.jpg"),
        })
    };
    json!({ "data": {
        "id": id, "customer_id": 0, "email": person["email"], "currency": { "code": "USD" }, "cart_amount": 445,
        "line_items": { "physical_items": (0..5).map(item).collect::<Vec<_>>() }, "updated_time": now(),
        "redirect_urls": { "checkout_url": format!("https://shop.example/checkouts/{id}") },
    } })
}

/// API Gateway's JSON for `body`, signed now.
pub(crate) fn signed(body: &Value) -> Value {
    let id = body["id"].as_str().unwrap();
    let text = body.to_string();
    let now = now();
    let secret = Secret(SHOP_SECRET.to_owned());
    let signature = standard_webhooks::sign(&secret, id, now, text.as_bytes()).unwrap();
    let mut event: Value = serde_json::from_str(&fixture("ingest/fixtures/event.json")).unwrap();
    event["headers"] = json!({
        "content-type": "application/json", "user-agent": "shop/1.0", "webhook-id": id,
        "webhook-timestamp": now.as_second().to_string(),
        "webhook-signature": signature,
    });
    event["requestContext"]["timeEpoch"] = json!(now.as_millisecond());
    event["body"] = json!(text);
    event
}

fn fixture(file: &str) -> String {
    fs::read_to_string(root().join("functions").join(file)).unwrap()
}
