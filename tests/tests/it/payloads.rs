//! Every Shopify sample that the team collected, through ingest's door and up to the outbox.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cartback::memory::MemoryStore;
use cartback_tests::installation::{Answer, Installation};
use serde_json::{Value, json};

const CHECKOUT: &str = "202 cart.updated contact.identified checkout.step_reached";

/// File, topic where the file has none, and the expected answer: status and kinds, or the reason.
const EXPECTED: [(&str, &str, &str); 22] = [
    (
        "abandoned-checkouts-list.2026-04.json",
        "checkouts/update",
        CHECKOUT,
    ),
    (
        "app-uninstalled.2024-10.json",
        "",
        "200 the operator removes a shop by hand",
    ),
    ("carts-create.2024-10.json", "", "202 cart.updated"),
    (
        "carts-create.2026-04.json",
        "carts/create",
        "202 cart.updated",
    ),
    ("carts-update.2024-10.json", "", "202 cart.updated"),
    ("checkouts-create.2024-10.json", "", CHECKOUT),
    (
        "checkouts-create.2026-04.json",
        "checkouts/create",
        CHECKOUT,
    ),
    ("checkouts-delete.2024-10.json", "", "202 cart.deleted"),
    ("checkouts-update.2024-10.json", "", CHECKOUT),
    (
        "customers-data_request.2026-04.json",
        "customers/data_request",
        "202 data.requested",
    ),
    (
        "customers-redact.2026-04.json",
        "customers/redact",
        "202 erasure.requested",
    ),
    (
        "customers-update.2024-10.json",
        "",
        "200 the customer has not decided about e-mail",
    ),
    (
        "customers_email_marketing_consent-update.2024-10.json",
        "",
        "200 the customer has no e-mail address",
    ),
    (
        "customers_email_marketing_consent-update.2026-04.json",
        "customers_email_marketing_consent/update",
        "200 the customer has not decided about e-mail",
    ),
    (
        "customers_marketing_consent-update.2024-10.json",
        "",
        "200 consent to text messages says nothing about e-mail",
    ),
    (
        "order.matches-abandoned-checkout.json",
        "orders/create",
        "202 order.placed",
    ),
    (
        "orders-cancelled.2024-10.json",
        "",
        "202 order.placed order.cancelled",
    ),
    ("orders-create.2024-10.json", "", "202 order.placed"),
    (
        "orders-create.2026-04.json",
        "orders/create",
        "202 order.placed",
    ),
    ("orders-paid.2024-10.json", "", "202 order.placed"),
    (
        "refunds-create.2024-10.json",
        "",
        "200 a refund names no cart; orders/updated tells of it with its order",
    ),
    (
        "shop-redact.2026-04.json",
        "shop/redact",
        "202 shop.erasure_requested",
    ),
];

#[tokio::test]
async fn every_collected_sample_gets_the_answer_that_it_should() {
    for (file, topic, expected) in expected() {
        let shop = Installation::open().await;
        let answer = shop.ingest(&request(&shop, &file, topic)).await;
        assert_eq!(summary(&answer), expected, "{}", file.display());
    }
}

#[tokio::test]
async fn a_sample_in_base64_gets_the_same_answer() {
    for (file, topic, expected) in expected() {
        let shop = Installation::open().await;
        let mut request = request(&shop, &file, topic);
        let text = request["body"].as_str().unwrap().to_owned();
        request["body"] = json!(STANDARD.encode(text));
        request["isBase64Encoded"] = json!(true);
        let answer = shop.ingest(&request).await;
        assert_eq!(summary(&answer), expected, "{}", file.display());
    }
}

#[tokio::test]
async fn a_sample_with_a_wrong_signature_is_refused_and_not_stored() {
    let shop = Installation::open().await;
    let before = shop.store.snapshot();
    for (file, topic, _) in expected() {
        let genuine = request(&shop, &file, topic);
        let signature = genuine["headers"]["x-shopify-hmac-sha256"]
            .as_str()
            .unwrap();
        let mut other_body = genuine.clone();
        other_body["body"] = json!(format!("{} ", genuine["body"].as_str().unwrap()));
        let mut no_signature = genuine.clone();
        no_signature["headers"]
            .as_object_mut()
            .unwrap()
            .remove("x-shopify-hmac-sha256");
        let mut cut_signature = genuine.clone();
        cut_signature["headers"]["x-shopify-hmac-sha256"] = json!(signature[1..]);
        for forged in [other_body, no_signature, cut_signature] {
            assert_eq!(shop.ingest(&forged).await.status, 401, "{}", file.display());
        }
    }
    assert!(before == shop.store.snapshot());
}

#[tokio::test]
async fn the_people_in_the_samples_get_no_mail() {
    let mut shop = Installation::open().await;
    for (file, topic, _) in expected() {
        shop.ingest(&request(&shop, &file, topic)).await;
    }
    shop.run_hours(24 * 3).await;
    assert_eq!(shop.outbox.n_requests(), 0);
}

/// The table with the files' places; empty where the samples are not.
fn expected() -> Vec<(PathBuf, &'static str, &'static str)> {
    let Some(folder) = shared("payloads/shopify") else {
        return Vec::new();
    };
    let mut files: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let listed = EXPECTED.map(|(file, _, _)| file);
    assert_eq!(files, listed, "a sample came or went: say what it gets");
    let place = |(file, topic, expected)| (folder.join(file), topic, expected);
    EXPECTED.map(place).to_vec()
}

/// The sample as Shopify would send it to the sample shop: our secret, the sample's other headers. An
/// envelope has `headers` and `body`; what came over REST is wrapped in the resource's name.
fn request(shop: &Installation<MemoryStore>, file: &Path, topic: &str) -> Value {
    let sample: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let wrapped = sample
        .pointer("/body")
        .or(sample.pointer("/checkouts/0"))
        .or(sample.get("order"));
    let body = wrapped.unwrap_or(&sample).to_string();
    let mut request = shop.shopify_event(topic, body.as_bytes());
    let own_headers = sample["headers"].as_object().into_iter().flatten();
    for (name, value) in own_headers.filter(|(name, _)| !name.to_lowercase().contains("hmac")) {
        request["headers"][name.to_lowercase()] = value.clone();
    }
    if !topic.is_empty() {
        request["headers"]["x-shopify-topic"] = json!(topic);
    }
    request
}

fn summary(answer: &Answer) -> String {
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    if let Some(reason) = body["ignored"].as_str() {
        return format!("{} {reason}", answer.status);
    }
    let recorded = body["recorded"].as_array().into_iter().flatten();
    let kinds: Vec<&str> = recorded
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    format!("{} {}", answer.status, kinds.join(" "))
}

/// A folder of the samples that are kept outside the repository; `None` where they are not.
#[expect(clippy::print_stdout, reason = "a test that was left out says so")]
#[expect(
    clippy::disallowed_methods,
    reason = "where the samples are is the machine's affair"
)]
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let beside =
        std::env::var_os("CARTBACK_SHARED").map_or_else(|| root.join("shared"), PathBuf::from);
    let found = Some(beside.join(path)).filter(|path| path.exists());
    if found.is_none() {
        println!("left out: no {path} in CARTBACK_SHARED or beside the project");
    }
    found
}
