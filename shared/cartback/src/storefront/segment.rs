//! Segment's track calls, as a destination function or a webhook sends them. Steps and behaviour only:
//! no person is taken from them, and their orders are claims (`analytics.rs`).
//!
//! No key of theirs joins all stages: carts have `cart_id`, checkouts `checkout_id` or `order_id`, and
//! all the `anonymousId`. An event is filed under the first of these; an order names them all.

use jiff::Timestamp;
use serde::Deserialize;

use super::analytics::{self, Item};
use super::frame::{Frame, message_id};
use super::lenient::{Lenient, Scalar};
use super::secret::Secret;
use super::signature::{SignatureError, header, hex_hmac_sha1, match_any};
use super::{Malformed, Message, Parsed, Reception, Storefront, json, text};
use crate::event::{Behaviour, Change, CheckoutStep, Contents, Costs, Order};
use crate::ids::CartId;
use crate::money::Currency;

/// Segment. A secret is the destination's shared secret.
pub struct Segment;

const SIGNATURE: &str = "x-signature";

impl Storefront for Segment {
    fn name(&self) -> &'static str {
        "segment"
    }

    /// HMAC-SHA1 of the body in hexadecimal. No time is signed; the fold makes replays harmless. Source:
    /// segment-docs, "Webhooks destination", authentication.
    fn verify(
        &self,
        secrets: &[Secret],
        message: Message<'_>,
        _: &[Timestamp],
    ) -> Result<(), SignatureError> {
        let given = header(message.headers, SIGNATURE)?;
        match_any(secrets, std::iter::once(given), |secret| {
            Some(hex_hmac_sha1(secret.text(), message.body))
        })
    }

    /// By the name of the event, in any case and with any of space, `_` and `-` between its words.
    fn parse(&self, message: Message<'_>, reception: Reception) -> Result<Parsed, Malformed> {
        let call: Call = json::read(message.body)?;
        if !call
            .kind
            .text()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("track"))
        {
            return Ok(Parsed::Ignored("only track calls tell of carts".to_owned()));
        }
        let name = plain(call.event.text().unwrap_or_default());
        let empty = Properties::default();
        let properties = call.properties.as_ref().unwrap_or(&empty);
        let changes = changes(&name, properties, reception.currency);
        if changes.is_empty() {
            return Ok(Parsed::Ignored(format!("event {name} is not needed")));
        }
        let carts = names(&call, properties);
        if carts.is_empty() {
            return Ok(Parsed::Ignored("the event names no cart".to_owned()));
        }
        let frame = frame(&call, message.body, reception);
        let user_agent = call.context.as_ref().and_then(|it| it.user_agent.text());
        let events = changes.into_iter().map(|change| {
            let is_order = matches!(change, Change::OrderPlaced(_));
            let carts = if is_order { &carts[..] } else { &carts[..1] };
            let change = named(change, &frame);
            analytics::event(&frame, carts, user_agent, change)
        });
        Ok(Parsed::Events(events.collect()))
    }

    fn may_be_order(&self, _: &http::HeaderMap) -> bool {
        // Its orders are claims, whose absence or forgery proves nothing.
        false
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Call {
    #[serde(rename = "type")]
    kind: Scalar,
    event: Scalar,
    #[serde(rename = "messageId")]
    message_id: Scalar,
    #[serde(rename = "anonymousId")]
    anonymous_id: Scalar,
    timestamp: Scalar,
    #[serde(rename = "originalTimestamp")]
    original_timestamp: Scalar,
    context: Lenient<Context>,
    properties: Lenient<Properties>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Context {
    #[serde(rename = "userAgent")]
    user_agent: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Properties {
    cart_id: Scalar,
    checkout_id: Scalar,
    order_id: Scalar,
    step: Scalar,
    shipping_method: Scalar,
    currency: Scalar,
    shipping: Scalar,
    tax: Scalar,
    total: Scalar,
    revenue: Scalar,
    products: Lenient<Vec<Lenient<Product>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Product {
    product_id: Scalar,
    sku: Scalar,
    name: Scalar,
    variant: Scalar,
    price: Scalar,
    quantity: Scalar,
    url: Scalar,
    image_url: Scalar,
}

/// `cart viewed` of `Cart Viewed`, `cart_viewed` and `CartViewed`.
fn plain(name: &str) -> String {
    let mut words = String::new();
    let mut was_small = false;
    for letter in name.trim().chars().take(80) {
        if letter.is_uppercase() && was_small {
            words.push(' ');
        }
        was_small = letter.is_lowercase();
        words.extend(letter.to_lowercase());
    }
    let words = words.replace(['_', '-'], " ");
    text::clip(&words, 80).unwrap_or_default()
}

/// What an event says; empty for one that says nothing of use.
fn changes(name: &str, properties: &Properties, fallback: Currency) -> Vec<Change> {
    let currency = properties.currency.currency().unwrap_or(fallback);
    let snapshot = || contents(properties, currency).map(Change::CartUpdated);
    let page = |behaviour| Change::PageReported(behaviour);
    let step = |step| Change::StepReached {
        step,
        costs: costs(properties, currency),
    };
    match name {
        "cart viewed" => snapshot().into_iter().collect(),
        // One item of a cart does not say what else is in it, only that somebody shops.
        "product added" | "product removed" => vec![page(Behaviour::default())],
        // Its costs come before the shopper has chosen anything, if at all.
        "checkout started" => snapshot()
            .into_iter()
            .chain([step(CheckoutStep::Contact)])
            .collect(),
        "checkout step viewed" | "checkout step completed" => match step_of(properties) {
            Some(reached) => vec![step(reached)],
            None => vec![page(Behaviour::default())],
        },
        "payment info entered" => vec![step(CheckoutStep::Payment)],
        "payment failed" => vec![Change::PaymentFailed],
        // A call tells of one try and not of the sum so far, and the larger of two figures holds: of
        // several tries only the first is counted.
        "coupon entered" | "coupon applied" => vec![page(Behaviour {
            n_coupons: 1,
            ..Behaviour::default()
        })],
        "coupon denied" => vec![page(Behaviour {
            n_coupons: 1,
            n_coupons_refused: 1,
            ..Behaviour::default()
        })],
        "order completed" | "order placed" => vec![Change::OrderPlaced(Order {
            id: properties.order_id.text().map_or_else(String::new, short),
            total: [&properties.total, &properties.revenue]
                .iter()
                .find_map(|total| total.rounded_money(currency)),
        })],
        _ => Vec::new(),
    }
}

/// An order without an id has that of its message.
fn named(change: Change, frame: &Frame) -> Change {
    match change {
        Change::OrderPlaced(order) if order.id.is_empty() => Change::OrderPlaced(Order {
            id: frame.id.clone(),
            ..order
        }),
        other => other,
    }
}

/// Shops number their steps as they like; a number says nothing, a name or a method does.
fn step_of(properties: &Properties) -> Option<CheckoutStep> {
    let name = plain(properties.step.text().unwrap_or_default());
    match name.as_str() {
        "contact" | "information" | "customer" => Some(CheckoutStep::Contact),
        "address" | "shipping address" => Some(CheckoutStep::Address),
        "shipping" | "delivery" | "shipping method" => Some(CheckoutStep::Shipping),
        "payment" | "billing" | "review" => Some(CheckoutStep::Payment),
        _ => properties
            .shipping_method
            .text()
            .map(|_| CheckoutStep::Shipping),
    }
}

fn costs(properties: &Properties, currency: Currency) -> Option<Costs> {
    let shipping = properties.shipping.rounded_money(currency);
    let tax = properties.tax.rounded_money(currency);
    (shipping.is_some() || tax.is_some()).then_some(Costs { shipping, tax })
}

fn contents(properties: &Properties, currency: Currency) -> Option<Contents> {
    analytics::contents(&properties.products, currency, |product| Item {
        ids: [&product.sku, &product.product_id],
        name: &product.name,
        variant: &product.variant,
        quantity: &product.quantity,
        price: &product.price,
        url: Some(&product.url),
        image_url: Some(&product.image_url),
    })
}

fn names(call: &Call, properties: &Properties) -> Vec<CartId> {
    let keys = [
        &properties.cart_id,
        &properties.checkout_id,
        &properties.order_id,
    ];
    let visitor = call.anonymous_id.text().map(|id| format!("segment.{id}"));
    let mut names: Vec<CartId> = keys
        .into_iter()
        .filter_map(|key| key.text()?.parse().ok())
        .chain(visitor.and_then(|id| id.parse().ok()))
        .collect();
    names.dedup();
    names
}

/// The original time is the device's own; Segment has put the other right by its clock.
fn frame(call: &Call, body: &[u8], reception: Reception) -> Frame {
    let at = [&call.timestamp, &call.original_timestamp]
        .into_iter()
        .find_map(|time| time.text()?.parse::<Timestamp>().ok())
        .unwrap_or(reception.received_at);
    Frame {
        id: message_id([call.message_id.text()], body),
        at: at.min(reception.received_at),
        is_test: false,
    }
}

fn short(id: &str) -> String {
    id.chars().take(128).collect()
}
