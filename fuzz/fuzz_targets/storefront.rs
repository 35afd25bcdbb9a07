//! Every storefront by its place in the list: the first byte chooses it, the second a topic, and the
//! rest is the body.
#![no_main]

use cartback::money::Currency;
use cartback::storefront::secret::Secret;
use cartback::storefront::{ALL, Message, Reception};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

/// The headers that name topics, and the topics that lead furthest in.
const TOPICS: [(&str, &str); 23] = [
    ("x-shopify-topic", "carts/update"),
    ("x-shopify-topic", "checkouts/update"),
    ("x-shopify-topic", "orders/create"),
    ("x-shopify-topic", "orders/updated"),
    ("x-shopify-topic", "products/update"),
    ("x-shopify-topic", "customers/update"),
    ("saleor-event", "checkout_updated"),
    ("saleor-event", "order_created"),
    ("saleor-event", "order_refunded"),
    ("saleor-event", "product_variant_updated"),
    ("saleor-event", "customer_updated"),
    ("x-commercelayer-topic", "orders.update"),
    ("x-commercelayer-topic", "customer_subscriptions.create"),
    ("x-wc-webhook-topic", "order.updated"),
    ("x-wc-webhook-topic", "product.updated"),
    ("x-wc-webhook-topic", "customer.deleted"),
    ("x-wc-webhook-topic", "action.cartback_cart"),
    ("ce-specversion", "1.0"),
    ("content-type", "application/cloudevents+json"),
    ("user-agent", "Firefox"),
    ("sw-version", "6.7"),
    ("webhook-id", "msg_1"),
    ("x-none", ""),
];

fuzz_target!(|data: &[u8]| {
    let [place, topic, body @ ..] = data else {
        return;
    };
    let storefront = ALL[usize::from(*place) % ALL.len()];
    let (name, value) = TOPICS[usize::from(*topic) % TOPICS.len()];
    let mut headers = HeaderMap::new();
    headers.insert(name, HeaderValue::from_static(value));
    let message = Message {
        headers: &headers,
        body,
    };
    let reception = Reception {
        received_at: Timestamp::constant(1_782_907_200, 0),
        currency: Currency::USD,
    };
    let secret = Secret("whsec_b3VyLWN1cnJlbnQtc2VjcmV0LWZvci10ZXN0cw==".to_owned());
    assert!(storefront.verify(&[secret], message, &[reception.received_at]).is_err());
    let _ = storefront.greeting(message);
    let _ = storefront.parse(message, reception);
});
