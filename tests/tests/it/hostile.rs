//! Whatever bytes come in by HTTP: no panic, no 5xx, and what is refused leaves no trace.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cartback::memory::MemoryStore;
use cartback_abuse::genuine::{Kind, NOW, kinds};
use cartback_tests::installation::{Answer, Installation, restore_link, unsubscribe_link};
use cartback_tests::messages::{ADA, cart, consent, erasure, order_by};
use serde_json::{Value, json};

/// Where the bytes begin; another number gives other bytes, the same number the same.
const SEED: u64 = 0x00C0_FFEE;
const N_REQUESTS: u32 = 10_000;
/// Requests to one installation, so that comparing its store stays quick.
const N_EACH: u32 = 20;
const MAX_BODY_BYTES: usize = 256 * 1024;

/// What an unlucky or unkind sender could put in place of a few bytes.
const SPLICES: [&str; 18] = [
    "null",
    "0",
    "-1",
    "1e400",
    "18446744073709551616",
    "\"\"",
    "\"\\ud800\"",
    "[]",
    "{}",
    "[[[[[[[[",
    "\u{0}",
    "\"9999-12-31T23:59:59Z\"",
    "\"-009999-01-01T00:00:00Z\"",
    "\"1970-01-01T00:00:00Z\"",
    "9223372036854775807",
    "true",
    "é\u{202e}",
    "\r\nbcc: all@example.com",
];

const TOPICS: [&str; 8] = [
    "carts/update",
    "checkouts/update",
    "checkouts/delete",
    "orders/create",
    "orders/cancelled",
    "customers/update",
    "customers/redact",
    "",
];

#[tokio::test]
async fn ten_thousand_hostile_messages_are_answered_and_the_refused_ones_leave_no_trace() {
    announce();
    let mut random = Random(SEED);
    let kinds = kinds();
    let mut reached = BTreeSet::new();
    for _ in 0..N_REQUESTS / N_EACH {
        let mut shop = busy_shop().await;
        for kind in &kinds {
            shop.believe(kind.name, &kind.secret);
        }
        for _ in 0..N_EACH {
            let request = hostile_message(&shop, &kinds, &mut random);
            let before = shop.store.snapshot();
            let answer = shop.ingest(&request).await;
            assert!(
                (200..500).contains(&answer.status),
                "{}: {request}",
                answer.status
            );
            if answer.status != 202 {
                assert!(
                    before == shop.store.snapshot(),
                    "{}: {request}",
                    answer.status
                );
            }
            if !matches!(answer.status, 401 | 404) {
                reached.insert(request["rawPath"].as_str().unwrap().to_owned());
            }
        }
    }
    for kind in kinds {
        let path = door(kind.name);
        assert!(reached.contains(&path), "nothing came past {path}");
    }
    assert!(reached.contains("/events/demo") && reached.contains("/products/demo"));
}

#[tokio::test]
async fn ten_thousand_hostile_visits_are_answered_and_the_refused_ones_leave_no_trace() {
    announce();
    let mut random = Random(SEED ^ 1);
    let shop = busy_shop().await;
    let mail = shop.outbox.mails()[0].mail.clone();
    let links = [restore_link(&mail), unsubscribe_link(&mail)];
    for _ in 0..N_REQUESTS {
        let request = hostile_visit(&shop, &links, &mut random);
        let before = shop.store.snapshot();
        let answer = shop.links(&request).await;
        assert!(
            (200..500).contains(&answer.status),
            "{}: {request}",
            answer.status
        );
        assert!(is_at_home(&answer), "{:?}: {request}", answer.location);
        let is_post = request["requestContext"]["http"]["method"] == "POST";
        if answer.status == 404 || !is_post {
            assert!(
                before == shop.store.snapshot(),
                "{}: {request}",
                answer.status
            );
        }
    }
}

#[tokio::test]
async fn after_hostile_messages_every_schedule_still_runs() {
    let mut random = Random(SEED ^ 2);
    let kinds = kinds();
    let mut shop = busy_shop().await;
    for _ in 0..300 {
        let request = hostile_message(&shop, &kinds, &mut random);
        shop.ingest(&request).await;
    }
    shop.run_hours(49).await;
    for kept in shop.outbox.mails() {
        for (name, value) in &kept.mail.headers {
            assert!(!value.contains(['\r', '\n']), "{name}");
        }
        assert!(!kept.mail.subject.contains(['\r', '\n']));
    }
}

#[tokio::test]
async fn a_body_of_256_kb_is_read_and_a_longer_one_is_not() {
    let shop = Installation::open().await;
    for (n_bytes, expected) in [(MAX_BODY_BYTES, 400), (MAX_BODY_BYTES + 1, 413)] {
        let body = vec![b'x'; n_bytes];
        assert_eq!(shop.post_signed_event("m", &body).await.status, expected);
        let mut encoded = shop.signed_event("m", &body);
        encoded["body"] = json!(STANDARD.encode(&body));
        encoded["isBase64Encoded"] = json!(true);
        assert_eq!(shop.ingest(&encoded).await.status, expected);
        let path = format!("/unsubscribe/{}", "a".repeat(100));
        let visit = shop.request("POST", &path, json!({}), &body);
        let expected = if expected == 413 { 413 } else { 404 };
        assert_eq!(shop.links(&visit).await.status, expected);
    }
}

#[tokio::test]
async fn a_body_that_is_not_the_base64_that_it_claims_is_refused() {
    let shop = Installation::open().await;
    let before = shop.store.snapshot();
    for body in [
        "?",
        "YQ",
        "YQ==YQ==",
        "Y Q = =",
        "\u{0}",
        "{\"type\":\"cart.updated\"}",
    ] {
        let mut request = shop.signed_event("m", body.as_bytes());
        request["isBase64Encoded"] = json!(true);
        assert_eq!(shop.ingest(&request).await.status, 400, "{body}");
        assert_eq!(shop.links(&request).await.status, 400, "{body}");
    }
    assert!(before == shop.store.snapshot());
}

#[tokio::test]
async fn a_signature_is_of_one_body_id_time_and_shop() {
    let shop = Installation::open().await;
    let genuine = shop.signed_event("m-1", cart("cart-1", ADA).to_string().as_bytes());
    let before = shop.store.snapshot();
    let second = shop.now.as_second();
    let too_old = json!((second - 301).to_string());
    let forged = [
        ("/body", json!(cart("cart-2", ADA).to_string()), 401),
        ("/headers/webhook-id", json!("m-2"), 401),
        (
            "/headers/webhook-timestamp",
            json!((second + 1).to_string()),
            401,
        ),
        ("/headers/webhook-timestamp", too_old, 401),
        ("/headers/webhook-signature", json!("v1,"), 401),
        ("/headers/webhook-signature", json!(""), 401),
        ("/rawPath", json!("/events/other"), 404),
        ("/rawPath", json!("/webhooks/shopify/demo"), 401),
        (
            "/requestContext/timeEpoch",
            json!((second + 301) * 1000),
            401,
        ),
        (
            "/requestContext/timeEpoch",
            json!((second - 301) * 1000),
            401,
        ),
    ];
    for (pointer, value, expected) in forged {
        let mut request = genuine.clone();
        *request.pointer_mut(pointer).unwrap() = value;
        assert_eq!(shop.ingest(&request).await.status, expected, "{pointer}");
        assert!(before == shop.store.snapshot(), "{pointer}");
    }
    assert_eq!(shop.ingest(&genuine).await.status, 202);
}

#[tokio::test]
async fn other_methods_and_paths_are_nowhere() {
    let shop = Installation::open().await;
    let genuine = shop.signed_event("m-1", cart("cart-1", ADA).to_string().as_bytes());
    for (method, path) in [
        ("GET", "/events/demo"),
        ("PUT", "/events/demo"),
        ("POST", "/events"),
        ("POST", "/events/demo/more"),
        ("POST", "/events/Demo"),
        ("POST", "/events/../events/demo"),
        ("POST", "/webhooks/demo"),
        ("POST", ""),
        ("POST", "/"),
    ] {
        let mut request = genuine.clone();
        request["rawPath"] = json!(path);
        request["requestContext"]["http"]["method"] = json!(method);
        assert_eq!(shop.ingest(&request).await.status, 404, "{method} {path}");
    }
}

/// A shop with a cart that was reminded of, so that there is something to damage.
async fn busy_shop() -> Installation<MemoryStore> {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.step = jiff::SignedDuration::from_mins(20);
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.n_requests(), 1);
    shop
}

/// A message to one of ingest's doors, damaged anywhere between its JSON and its signature.
fn hostile_message(shop: &Installation<MemoryStore>, kinds: &[Kind], random: &mut Random) -> Value {
    let mut request = match random.below(8) {
        0 => shop.signed_event("m", &hostile_body(random)),
        1 => {
            let topic = TOPICS[random.below(TOPICS.len())];
            shop.shopify_event(topic, &hostile_body(random))
        }
        2 => {
            let products = damaged(&products().to_string(), random);
            let mut request = shop.signed_event("m", &products);
            request["rawPath"] = json!("/products/demo");
            request
        }
        _ => of_kind(shop, &kinds[random.below(kinds.len())], random),
    };
    match random.below(8) {
        0 => request["rawPath"] = json!(random.text(40)),
        1 => request["body"] = json!(random.text(40)),
        2 => request["isBase64Encoded"] = json!(true),
        3 => request["requestContext"]["timeEpoch"] = json!(random.next().cast_signed()),
        4 => damage_a_header(&mut request, random),
        // Signed well: what is damaged is the message itself.
        _ => {}
    }
    request
}

/// A damaged sample of a storefront, well signed at the time of the samples.
fn of_kind(shop: &Installation<MemoryStore>, kind: &Kind, random: &mut Random) -> Value {
    let samples = kind.samples();
    let sample = String::from_utf8_lossy(&samples[random.below(samples.len())]).into_owned();
    let topics = kind.topics.1;
    let topic = topics.get(random.below(topics.len() + 1));
    let message = kind.signed(topic.unwrap_or(&""), &damaged(&sample, random));
    let headers = message.headers.iter();
    let headers: serde_json::Map<String, Value> = headers
        .map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap())))
        .collect();
    let mut request = shop.request("POST", &door(kind.name), json!(headers), &message.body);
    request["requestContext"]["timeEpoch"] = json!(NOW.as_millisecond());
    request
}

/// Where a storefront posts.
fn door(name: &str) -> String {
    match name {
        "browser" => "/browser/demo".to_owned(),
        name => format!("/webhooks/{name}/demo"),
    }
}

fn products() -> Value {
    json!({ "at": "2026-11-22T12:00:00Z", "products": [
        { "id": "1", "title": "Linen shirt", "price": "49.00", "compare_at_price": "59.00", "currency": "EUR", "stock": 3 },
        { "id": "2", "available": false },
    ] })
}

fn hostile_body(random: &mut Random) -> Vec<u8> {
    let sample = match random.below(6) {
        0 => return random.bytes(400),
        1 => cart("cart-1", ADA),
        2 => order_by("cart-1", ADA),
        3 => consent(ADA, "refused", "none"),
        4 => erasure(ADA),
        _ => shopify_checkout(),
    };
    damaged(&sample.to_string(), random)
}

/// `sample` with one to three pieces replaced.
fn damaged(sample: &str, random: &mut Random) -> Vec<u8> {
    let mut body = sample.as_bytes().to_vec();
    for _ in 0..=random.below(3) {
        let start = random.below(body.len() + 1);
        let end = (start + random.below(12)).min(body.len());
        let splice = SPLICES[random.below(SPLICES.len())].as_bytes();
        body.splice(start..end, splice.iter().copied());
    }
    body
}

fn shopify_checkout() -> Value {
    let line = json!({
        "key": "1", "variant_id": 1, "title": "Linen shirt", "quantity": 1,
        "price": "49.00", "line_price": "49.00",
    });
    json!({
        "id": 1, "token": "cart-1", "cart_token": "cart-1", "email": ADA, "currency": "USD",
        "created_at": "2026-11-22T11:00:00Z", "updated_at": "2026-11-22T12:00:00Z",
        "total_price": "49.00", "line_items": [line], "buyer_accepts_marketing": true,
    })
}

fn damage_a_header(request: &mut Value, random: &mut Random) {
    let headers = request["headers"].as_object_mut().unwrap();
    let names: Vec<String> = headers.keys().cloned().collect();
    let name = &names[random.below(names.len())];
    if random.below(3) == 0 {
        headers.remove(name);
    } else {
        // What no HTTP header can hold, API Gateway does not pass on.
        let value: String = random
            .text(30)
            .chars()
            .filter(char::is_ascii_graphic)
            .collect();
        headers[name] = json!(value);
    }
}

fn hostile_visit(
    shop: &Installation<MemoryStore>,
    links: &[String; 2],
    random: &mut Random,
) -> Value {
    let methods = ["GET", "HEAD", "POST", "PUT", "DELETE"];
    let method = methods[random.below(methods.len())];
    let link = &links[random.below(2)];
    let path = link.strip_prefix("https://links.shop.example").unwrap();
    let path = match random.below(6) {
        0 => format!("/{}", random.text(60)),
        1 => format!("/restore/{}", STANDARD.encode(random.bytes(200))),
        2 => format!("/unsubscribe/{}", random.text(300)),
        3 => format!("{path}{}", random.text(3)),
        4 => {
            let mut bytes = path.as_bytes().to_vec();
            let place = random.below(bytes.len());
            bytes[place] = b'A' + u8::try_from(random.below(26)).unwrap();
            String::from_utf8(bytes).unwrap()
        }
        _ => path.to_owned(),
    };
    let mut request = shop.request(method, &path, json!({}), &random.bytes(50));
    if random.below(4) == 0 {
        request["requestContext"]["timeEpoch"] = json!(random.next().cast_signed());
    }
    request
}

fn is_at_home(answer: &Answer) -> bool {
    let is_home =
        |url: &String| url.starts_with("https://shop.example/") || url == "https://shop.example";
    answer.location.as_ref().is_none_or(is_home)
}

#[expect(clippy::print_stdout, reason = "a failure is repeated by its seed")]
fn announce() {
    println!("seed {SEED:#x}");
}

/// `SplitMix64`: ten lines, and the same numbers on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    fn bytes(&mut self, max_bytes: usize) -> Vec<u8> {
        let n_bytes = self.below(max_bytes + 1);
        (0..n_bytes).map(|_| self.next().to_le_bytes()[0]).collect()
    }

    fn text(&mut self, max_bytes: usize) -> String {
        String::from_utf8_lossy(&self.bytes(max_bytes)).into_owned()
    }
}
