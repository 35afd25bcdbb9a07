//! No bytes make a parser panic, and what comes out keeps the promises of the canonical events.

use ::cartback::event::{CartEvent, Change, MAX_LINES};
use ::cartback::storefront::adobe::Adobe;
use ::cartback::storefront::bigcommerce::BigCommerce;
use ::cartback::storefront::browser::Browser;
use ::cartback::storefront::cartback::Cartback;
use ::cartback::storefront::cloudevents::CloudEvents;
use ::cartback::storefront::commercelayer::CommerceLayer;
use ::cartback::storefront::fetch::{Next, Reply};
use ::cartback::storefront::ga4::Ga4;
use ::cartback::storefront::saleor::Saleor;
use ::cartback::storefront::segment::Segment;
use ::cartback::storefront::shopify::Shopify;
use ::cartback::storefront::shopware::Shopware;
use ::cartback::storefront::snipcart::Snipcart;
use ::cartback::storefront::stripe::Stripe;
use ::cartback::storefront::woocommerce::WooCommerce;
use ::cartback::storefront::{Malformed, Parsed, Storefront};
use proptest::prelude::*;

use super::{headers, next, parse, reception, reply, root};

/// A storefront, the header that names its topics, and some that it knows or does not.
pub(super) const DOORS: &[(&dyn Storefront, &str, &[&str])] = &[
    (&Cartback, "webhook-id", &["msg_1"]),
    (
        &Shopify,
        "x-shopify-topic",
        &[
            "carts/update",
            "checkouts/update",
            "checkouts/delete",
            "orders/create",
            "orders/cancelled",
            "orders/updated",
            "products/update",
            "customers/data_request",
            "shop/redact",
            "customers/update",
            "customers_email_marketing_consent/update",
            "customers/redact",
            "app/uninstalled",
            "",
        ],
    ),
    (
        &CommerceLayer,
        "x-commercelayer-topic",
        &[
            "orders.update",
            "orders.destroy",
            "customer_subscriptions.create",
            "customer_subscriptions.destroy",
            "customers.destroy",
        ],
    ),
    (
        &Saleor,
        "saleor-event",
        &[
            "checkout_updated",
            "checkout_fully_paid",
            "order_created",
            "order_cancelled",
            "order_refunded",
            "product_variant_updated",
            "product_variant_deleted",
            "customer_updated",
            "customer_deleted",
        ],
    ),
    (&CloudEvents, "webhook-id", &["msg_1"]),
    (&Segment, "x-signature", &["s"]),
    (&Ga4, "x-cartback-signature", &["s"]),
    (&Adobe, "x-adobe-event-id", &["1"]),
    (&BigCommerce, "webhook-id", &["msg_1"]),
    (&Shopware, "sw-version", &["6.7"]),
    (&Snipcart, "x-snipcart-requesttoken", &["token"]),
    (&Stripe, "stripe-signature", &["t=0"]),
    (
        &WooCommerce,
        "x-wc-webhook-topic",
        &[
            "order.updated",
            "order.deleted",
            "product.updated",
            "product.deleted",
            "customer.deleted",
            "action.cartback_cart",
        ],
    ),
];

/// What an unlucky sender could put in place of a few bytes.
const SPLICES: [&str; 16] = [
    "null",
    "0",
    "-1",
    "1e400",
    "18446744073709551616",
    "\"\"",
    "\"\\ud800\"",
    "[]",
    "{}",
    "[[[[[[",
    "\u{0}",
    "\"9999-12-31T23:59:59Z\"",
    "\"-009999-01-01T00:00:00Z\"",
    "9223372036854775807",
    "true",
    "\"é\"",
];

/// The fixtures of the storefront `name`.
pub(super) fn fixtures(name: &str) -> Vec<Vec<u8>> {
    let folder = root()
        .join("shared/cartback/fixtures/storefront")
        .join(name);
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

fn seeds() -> Vec<Vec<u8>> {
    let doors = DOORS.iter().map(|(storefront, _, _)| storefront.name());
    let mut seeds: Vec<Vec<u8>> = doors.flat_map(fixtures).collect();
    seeds.extend(super::docs::examples().into_iter().map(String::into_bytes));
    seeds
}

fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let edit = (
        any::<prop::sample::Index>(),
        0_usize..12,
        any::<prop::sample::Index>(),
        any::<u8>(),
    );
    (
        prop::sample::select(seeds()),
        prop::collection::vec(edit, 1..4),
    )
        .prop_map(|(mut body, edits)| {
            for (place, n_cut, splice, byte) in edits {
                let start = place.index(body.len() + 1);
                let end = (start + n_cut).min(body.len());
                let new = match splice.index(SPLICES.len() + 2) {
                    n if n < SPLICES.len() => SPLICES[n].as_bytes().to_vec(),
                    n if n == SPLICES.len() => vec![byte],
                    _ => Vec::new(),
                };
                body.splice(start..end, new);
            }
            body
        })
}

fn values() -> impl Strategy<Value = Vec<u8>> {
    // Whole values replaced: still JSON, so it comes further than cut bytes do.
    (
        prop::sample::select(seeds()),
        any::<prop::sample::Index>(),
        prop::sample::select(&SPLICES[..]),
    )
        .prop_map(|(body, place, splice)| {
            let text = String::from_utf8(body).unwrap();
            let colons: Vec<usize> = text.match_indices("\": ").map(|(at, _)| at + 3).collect();
            let start = colons[place.index(colons.len())];
            let length = text[start..].find([',', '\n', '}']).unwrap_or(0);
            format!("{}{splice}{}", &text[..start], &text[start + length..]).into_bytes()
        })
}

fn check(body: &[u8]) -> Result<(), TestCaseError> {
    check_talks(body)?;
    for (storefront, header, topics) in DOORS {
        for topic in *topics {
            let headers = headers(&[(header, topic)]);
            keeps_its_promises(parse(*storefront, &headers, body).ok())?;
        }
    }
    // A page's report begins with its session.
    let report = [b"pk_demo 1782909000.Y2FydC0x.x\n", body].concat();
    let browser = headers(&[("user-agent", "Firefox")]);
    keeps_its_promises(parse(&Browser, &browser, &report).ok())
}

/// Talks in which `body` is the message, and those in which it is a reply.
fn check_talks(body: &[u8]) -> Result<(), TestCaseError> {
    let any = || reply(200, body);
    let good = |name: &str| reply(200, &super::bigcommerce::fixture(name));
    let bigcommerce = |message: &[u8], replies: &[Reply]| {
        let access = super::bigcommerce::access();
        next(&BigCommerce, &access, &headers(&[]), message, replies)
    };
    told(bigcommerce(
        body,
        &[good("reply-cart"), good("reply-checkout")],
    ))?;
    for notice in super::bigcommerce::NOTICES {
        told(bigcommerce(
            &super::bigcommerce::fixture(notice),
            &[any(), any(), any()],
        ))?;
    }
    let cart = super::bigcommerce::fixture("cart-updated");
    told(bigcommerce(&cart, &[good("reply-cart"), any(), any()]))?;
    for event in ["quote-saved", "order-saved-thin"] {
        told(super::adobe::talk(event, &[any()]))?;
    }
    told(super::snipcart::talk(body, &[reply(200, b"")]))
}

fn told(next: Result<Next, Malformed>) -> Result<(), TestCaseError> {
    match next {
        Ok(Next::Record(events)) => keeps_its_promises(Some(Parsed::Events(events))),
        _ => Ok(()),
    }
}

fn keeps_its_promises(parsed: Option<Parsed>) -> Result<(), TestCaseError> {
    let Some(Parsed::Events(events)) = parsed else {
        return Ok(());
    };
    prop_assert!(!events.is_empty());
    for CartEvent {
        id,
        at,
        carts,
        contact,
        change,
        ..
    } in events
    {
        prop_assert!((1..=128).contains(&id.chars().count()));
        prop_assert!(at <= reception().received_at);
        let is_of_the_shop = change == Change::ShopErasureRequested;
        prop_assert!(!carts.is_empty() || contact.is_some() || is_of_the_shop);
        match change {
            Change::CartUpdated(contents) => {
                prop_assert!(
                    !carts.is_empty()
                        && contents.lines.len() <= MAX_LINES
                        && 0 <= contents.total_minor
                );
                for line in contents.lines {
                    prop_assert!(
                        1 <= line.quantity
                            && 0 <= line.price_minor
                            && line.title.chars().count() <= 200
                    );
                }
            }
            Change::OrderPlaced(order) => {
                prop_assert!((1..=128).contains(&order.id.chars().count()))
            }
            Change::OrderRefunded(refund) => {
                prop_assert!((1..=128).contains(&refund.id.chars().count()))
            }
            Change::ContactIdentified
            | Change::ConsentChanged(_)
            | Change::DataRequested
            | Change::ErasureRequested => {
                prop_assert!(contact.is_some());
            }
            Change::StepReached { .. }
            | Change::PageReported(_)
            | Change::PushAllowed(_)
            | Change::PaymentFailed
            | Change::PaymentPending
            | Change::OrderCancelled
            | Change::ShopErasureRequested
            | Change::CartDeleted
            | Change::CheckoutDeleted => {}
        }
    }
    Ok(())
}

proptest! {
    // Each case is read by every storefront and for each of its topics, and as every reply to a
    // question.
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn cut_and_spliced_messages_never_break_a_parser(body in mutated()) {
        check(&body)?;
    }

    #[test]
    fn replaced_values_never_break_a_parser(body in values()) {
        check(&body)?;
    }

    #[test]
    fn random_bytes_never_break_a_parser(body in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&body)?;
    }
}
