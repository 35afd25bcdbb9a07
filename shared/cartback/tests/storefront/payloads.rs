//! Every Shopify sample that the team collected, and what becomes of it.

use ::cartback::storefront::Parsed;
use ::cartback::storefront::shopify::parse;
use serde_json::Value;

use super::{headers, kinds, reception, shared};

const CHECKOUT: &str = "cart.updated contact.identified checkout.step_reached";

/// File, topic where the file has none, and the expected events or the reason to ignore it.
const EXPECTED: [(&str, &str, &str); 22] = [
    (
        "abandoned-checkouts-list.2026-04.json",
        "checkouts/update",
        CHECKOUT,
    ),
    (
        "app-uninstalled.2024-10.json",
        "",
        "ignored: the operator removes a shop by hand",
    ),
    ("carts-create.2024-10.json", "", "cart.updated"),
    ("carts-create.2026-04.json", "carts/create", "cart.updated"),
    ("carts-update.2024-10.json", "", "cart.updated"),
    ("checkouts-create.2024-10.json", "", CHECKOUT),
    (
        "checkouts-create.2026-04.json",
        "checkouts/create",
        CHECKOUT,
    ),
    ("checkouts-delete.2024-10.json", "", "cart.deleted"),
    ("checkouts-update.2024-10.json", "", CHECKOUT),
    (
        "customers-data_request.2026-04.json",
        "customers/data_request",
        "ignored: the operator answers it with the export of that person",
    ),
    (
        "customers-redact.2026-04.json",
        "customers/redact",
        "erasure.requested",
    ),
    (
        "customers-update.2024-10.json",
        "",
        "ignored: the customer has not decided about e-mail",
    ),
    (
        "customers_email_marketing_consent-update.2024-10.json",
        "",
        "ignored: the customer has no e-mail address",
    ),
    (
        "customers_email_marketing_consent-update.2026-04.json",
        "customers_email_marketing_consent/update",
        "ignored: the customer has not decided about e-mail",
    ),
    (
        "customers_marketing_consent-update.2024-10.json",
        "",
        "ignored: consent to text messages says nothing about e-mail",
    ),
    (
        "order.matches-abandoned-checkout.json",
        "orders/create",
        "order.placed",
    ),
    (
        "orders-cancelled.2024-10.json",
        "",
        "order.placed order.cancelled",
    ),
    ("orders-create.2024-10.json", "", "order.placed"),
    (
        "orders-create.2026-04.json",
        "orders/create",
        "order.placed",
    ),
    ("orders-paid.2024-10.json", "", "order.placed"),
    (
        "refunds-create.2024-10.json",
        "",
        "ignored: a refund does not change the cart: it stays ordered",
    ),
    (
        "shop-redact.2026-04.json",
        "shop/redact",
        "ignored: the operator removes a shop by hand",
    ),
];

#[test]
fn every_collected_sample_is_understood() {
    let Some(folder) = shared("payloads/shopify") else {
        return;
    };
    let mut files: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(
        files,
        EXPECTED.map(|(file, _, _)| file),
        "a sample came or went: say what it becomes"
    );
    for (file, topic, expected) in EXPECTED {
        let sample: Value =
            serde_json::from_slice(&std::fs::read(folder.join(file)).unwrap()).unwrap();
        assert_eq!(outcome(&sample, topic), expected, "{file}");
    }
}

#[test]
fn the_order_of_an_abandoned_checkout_names_its_cart() {
    let Some(folder) = shared("payloads/shopify") else {
        return;
    };
    let read = |file: &str| {
        serde_json::from_slice::<Value>(&std::fs::read(folder.join(file)).unwrap()).unwrap()
    };
    let checkout = parsed(
        &read("abandoned-checkouts-list.2026-04.json"),
        "checkouts/update",
    );
    let order = parsed(
        &read("order.matches-abandoned-checkout.json"),
        "orders/create",
    );
    let (Parsed::Events(checkout), Parsed::Events(order)) = (checkout, order) else {
        panic!()
    };
    assert!(
        order[0]
            .carts
            .iter()
            .any(|cart| checkout[0].carts.contains(cart))
    );
}

fn outcome(sample: &Value, topic: &str) -> String {
    match parsed(sample, topic) {
        Parsed::Events(events) => kinds(&events).join(" "),
        Parsed::Ignored(reason) => format!("ignored: {reason}"),
    }
}

/// An envelope has `headers`, `body` and `topic`; what came over REST is wrapped in the resource's
/// name.
fn parsed(sample: &Value, topic: &str) -> Parsed {
    let wrapped = sample
        .pointer("/body")
        .or(sample.pointer("/checkouts/0"))
        .or(sample.get("order"));
    let body = wrapped.unwrap_or(sample).to_string();
    let pairs: Vec<(&str, &str)> = sample["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    let mut headers = headers(&pairs);
    if !topic.is_empty() {
        headers.insert("x-shopify-topic", topic.parse().unwrap());
    }
    parse(&headers, body.as_bytes(), reception()).unwrap()
}
