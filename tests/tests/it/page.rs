//! The pages' door: who may come in, what is told of whom, and what the snippet is.

use cartback::memory::MemoryStore;
use cartback::session::Session;
use cartback_tests::installation::{Answer, Installation, PAGE_KEY, key};
use cartback_tests::messages::{ADA, cart, consent};
use jiff::SignedDuration;
use serde_json::{Value, json};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0";
const SHOP: &str = "https://shop.example";

fn session(shop: &Installation<MemoryStore>, cart: &str, minutes: i64) -> String {
    let expires_at = shop.now + SignedDuration::from_mins(minutes);
    let cart = cart.parse().unwrap();
    Session { cart, expires_at }.mint(PAGE_KEY.as_bytes())
}

async fn report_from(
    shop: &Installation<MemoryStore>,
    origin: Option<&str>,
    token: &str,
    events: &Value,
) -> Answer {
    let report =
        json!({ "sent": 0, "language": "de-AT", "time_zone": "Europe/Vienna", "events": events });
    let body = format!("pk_demo {token}\n{report}");
    let mut headers = json!({ "user-agent": FIREFOX, "content-type": "text/plain;charset=UTF-8" });
    if let Some(origin) = origin {
        headers["origin"] = json!(origin);
    }
    let request = shop.request("POST", "/browser/demo", headers, body.as_bytes());
    shop.ingest(&request).await
}

async fn report(shop: &Installation<MemoryStore>, cart: &str, events: &Value) -> Answer {
    report_from(shop, Some(SHOP), &session(shop, cart, 30), events).await
}

fn left_behind() -> Value {
    json!([
        { "type": "cart", "id": "e1", "cart": { "currency": "EUR", "items": [
            { "id": "mug", "title": "Mug", "quantity": 2, "price": "9.90" } ] } },
        { "type": "step", "id": "e2", "step": "shipping", "costs": { "shipping": "4.90", "currency": "EUR" } },
        { "type": "contact", "id": "e3", "email": ADA, "consent": true },
    ])
}

#[tokio::test]
async fn an_address_with_a_tick_is_reminded_and_one_without_is_not() {
    for (ticked, n_mails) in [(true, 1), (false, 0)] {
        let mut shop = Installation::with_policy("consent = \"opt_out\"").await;
        let mut events = left_behind();
        events[2]["consent"] = json!(ticked);
        let answer = report(&shop, "cart-9", &events).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        shop.run_hours(1).await;
        assert_eq!(shop.outbox.n_requests(), n_mails, "{ticked}");
    }
}

#[tokio::test]
async fn a_page_tells_of_the_cart_of_its_session_alone() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    let before = shop.cart("cart-1").await;
    let order =
        json!([{ "type": "ordered", "id": "e1", "cart": { "id": "cart-1" }, "cart_id": "cart-1" }]);
    assert_eq!(report(&shop, "cart-2", &order).await.status, 202);
    assert_eq!(shop.cart("cart-1").await, before);
    let other = session(&shop, "cart-1", 30).replacen("Y2FydC0x", "Y2FydC0y", 1);
    assert_eq!(
        report_from(&shop, Some(SHOP), &other, &order).await.status,
        401
    );
    for minutes in [0, -1, 24 * 60 + 1] {
        let token = session(&shop, "cart-1", minutes);
        assert_eq!(
            report_from(&shop, Some(SHOP), &token, &order).await.status,
            401,
            "{minutes}"
        );
    }
}

#[tokio::test]
async fn an_order_that_a_page_claims_ends_the_reminders_and_counts_nowhere() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    report(
        &shop,
        "cart-1",
        &json!([{ "type": "ordered", "id": "e1", "order": { "id": "o-1" } }]),
    )
    .await;
    shop.run_hours(24 * 3).await;
    assert_eq!(shop.outbox.n_requests(), 0);
    assert_eq!(shop.cart("cart-1").await.facts.order, None);
}

#[tokio::test]
async fn a_page_cannot_lift_a_refusal() {
    let mut shop = Installation::open().await;
    shop.record(&consent(ADA, "refused", "none")).await;
    shop.now += SignedDuration::from_mins(1);
    report(&shop, "cart-9", &left_behind()).await;
    shop.run_hours(24 * 3).await;
    assert_eq!(shop.outbox.n_requests(), 0);
}

#[tokio::test]
async fn only_pages_of_the_shops_hosts_are_answered() {
    let shop = Installation::open().await;
    let token = session(&shop, "cart-9", 30);
    let answer = report_from(&shop, Some(SHOP), &token, &left_behind()).await;
    assert_eq!(answer.status, 202);
    let before = shop.store.snapshot();
    for origin in [
        None,
        Some("null"),
        Some("https://evil.example"),
        Some("https://shop.example.evil.example"),
        Some("https://shop.example@evil.example"),
        Some("http://shop.example"),
        Some("https://shop.example:444"),
        Some("shop.example"),
    ] {
        let answer = report_from(&shop, origin, &token, &left_behind()).await;
        assert_eq!(answer.status, 403, "{origin:?}");
    }
    assert!(before == shop.store.snapshot());
}

#[tokio::test]
async fn a_browser_may_ask_first() {
    let shop = Installation::open().await;
    let ask =
        |origin: &str, path: &str| shop.request("OPTIONS", path, json!({ "origin": origin }), b"");
    assert_eq!(shop.ingest(&ask(SHOP, "/browser/demo")).await.status, 204);
    assert_eq!(
        shop.ingest(&ask("https://evil.example", "/browser/demo"))
            .await
            .status,
        403
    );
    assert_eq!(shop.ingest(&ask(SHOP, "/browser/other")).await.status, 404);
}

#[tokio::test]
async fn a_sender_of_cloudevents_may_ask_first() {
    let shop = Installation::open().await;
    let headers = json!({ "webhook-request-origin": "events.example" });
    for (path, status) in [
        ("/webhooks/cloudevents/demo", 200),
        ("/webhooks/cloudevents/other", 404),
        ("/webhooks/shopify/demo", 404),
        ("/webhooks/nobody/demo", 404),
    ] {
        let ask = shop.request("OPTIONS", path, headers.clone(), b"");
        assert_eq!(shop.ingest(&ask).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn the_snippet_and_its_worker_are_served_and_small() {
    let shop = Installation::open().await;
    let path = "/assets/cartback-worker.js";
    let worker = shop
        .ingest(&shop.request("GET", path, json!({}), b""))
        .await;
    assert_eq!(worker.status, 200);
    assert!(worker.body.len() < 1024, "{}", worker.body.len());
    let answer = shop
        .ingest(&shop.request("GET", "/assets/cartback.js", json!({}), b""))
        .await;
    assert_eq!(answer.status, 200);
    // gzip puts 18 bytes around what is deflated.
    let deflated = miniz_oxide::deflate::compress_to_vec(answer.body.as_bytes(), 9);
    let n_bytes = deflated.len() + 18;
    assert!(n_bytes < 3 * 1024, "{n_bytes} bytes in gzip");
    for other in ["/assets/other.js", "/assets", "/assets/cartback.js/x"] {
        let answer = shop
            .ingest(&shop.request("GET", other, json!({}), b""))
            .await;
        assert_eq!(answer.status, 404, "{other}");
    }
}

#[tokio::test]
async fn a_crawlers_cart_is_kept_out_of_mail() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    let body = format!(
        "pk_demo {}\n{}",
        session(&shop, "cart-1", 30),
        json!({ "events": [{ "type": "page", "id": "e", "page": {} }] })
    );
    let headers =
        json!({ "user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)", "origin": SHOP });
    let request = shop.request("POST", "/browser/demo", headers, body.as_bytes());
    assert_eq!(shop.ingest(&request).await.status, 202);
    shop.run_hours(24 * 3).await;
    assert_eq!(shop.outbox.n_requests(), 0);
    let cart = cartback::ports::CartStore::cart(&shop.store, &key("cart-1")).await;
    assert!(cart.unwrap().unwrap().facts.is_of_machine());
}
