//! GA4 events, as a shop's tag server or Measurement Protocol client forwards them. Steps and behaviour
//! only: Google forbids personal data in them, and their purchases are claims (`analytics.rs`).
//!
//! GA4 knows no cart. A shop that wants them joined sends the parameter `cart_id`; without it events are
//! filed under the visitor.

use jiff::Timestamp;
use serde::Deserialize;

use super::analytics::{self, Item};
use super::frame::{Frame, message_id};
use super::lenient::{Lenient, Scalar};
use super::secret::Secret;
use super::signature::{SignatureError, header, hex_hmac, match_any};
use super::{Malformed, Message, Parsed, Reception, Storefront, json};
use crate::event::{Behaviour, CartEvent, Change, CheckoutStep, Contents, Costs, Order};
use crate::ids::CartId;
use crate::money::Currency;

/// GA4. A secret is any text that the tag server signs with.
pub struct Ga4;

const SIGNATURE: &str = "x-cartback-signature";
/// As many events as the Measurement Protocol takes in one request.
const MAX_EVENTS: usize = 25;

impl Storefront for Ga4 {
    fn name(&self) -> &'static str {
        "ga4"
    }

    /// HMAC-SHA256 of the body in hexadecimal: GA4 signs nothing itself, so this is ours.
    fn verify(
        &self,
        secrets: &[Secret],
        message: Message<'_>,
        _: &[Timestamp],
    ) -> Result<(), SignatureError> {
        let given = header(message.headers, SIGNATURE)?;
        match_any(secrets, std::iter::once(given), |secret| {
            Some(hex_hmac(secret.text(), &[message.body]))
        })
    }

    fn parse(&self, message: Message<'_>, reception: Reception) -> Result<Parsed, Malformed> {
        let batch: Batch = json::read(message.body)?;
        let given = batch.events.as_ref().map_or(&[][..], Vec::as_slice);
        let given = given.iter().filter_map(Lenient::as_ref).take(MAX_EVENTS);
        let Some(cart) = cart(&batch, given.clone()) else {
            return Ok(Parsed::Ignored(
                "the events name no cart and no visitor".to_owned(),
            ));
        };
        let mut events: Vec<CartEvent> = Vec::new();
        for (n, event) in given.enumerate() {
            let frame = frame(&batch, event, n, message.body, reception);
            let changes = changes(event, &frame, reception.currency);
            let cart = std::slice::from_ref(&cart);
            let told = changes.into_iter();
            events.extend(told.map(|change| analytics::event(&frame, cart, None, change)));
        }
        Ok(Parsed::told(events, "none of the events is needed"))
    }

    fn may_be_order(&self, _: &http::HeaderMap) -> bool {
        // Its orders are claims, whose absence or forgery proves nothing.
        false
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Batch {
    client_id: Scalar,
    timestamp_micros: Scalar,
    events: Lenient<Vec<Lenient<Event>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Event {
    name: Scalar,
    timestamp_micros: Scalar,
    params: Lenient<Params>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Params {
    cart_id: Scalar,
    transaction_id: Scalar,
    currency: Scalar,
    value: Scalar,
    shipping: Scalar,
    tax: Scalar,
    coupon: Scalar,
    items: Lenient<Vec<Lenient<Product>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Product {
    item_id: Scalar,
    item_name: Scalar,
    item_variant: Scalar,
    price: Scalar,
    quantity: Scalar,
}

/// The cart that the first event names, or else the visitor's: all events of a batch are of one visitor.
fn cart<'a>(batch: &Batch, mut events: impl Iterator<Item = &'a Event>) -> Option<CartId> {
    let named = events.find_map(|event| event.params.as_ref()?.cart_id.text()?.parse().ok());
    named.or_else(|| format!("ga4.{}", batch.client_id.text()?).parse().ok())
}

/// GA4 gives events no id: theirs is made of the body's bytes and their place in it.
fn frame(batch: &Batch, event: &Event, n: usize, body: &[u8], reception: Reception) -> Frame {
    let micros = [&event.timestamp_micros, &batch.timestamp_micros];
    let at = micros
        .into_iter()
        .find_map(|time| Timestamp::from_microsecond(time.text()?.parse().ok()?).ok())
        .unwrap_or(reception.received_at);
    Frame {
        id: format!("{}/{n}", message_id([], body)),
        at: at.min(reception.received_at),
        is_test: false,
    }
}

fn changes(event: &Event, frame: &Frame, fallback: Currency) -> Vec<Change> {
    let empty = Params::default();
    let params = event.params.as_ref().unwrap_or(&empty);
    let currency = params.currency.currency().unwrap_or(fallback);
    let snapshot = contents(params, currency).map(Change::CartUpdated);
    let step = |step| Change::StepReached {
        step,
        costs: costs(params, currency),
    };
    let page = Change::PageReported(Behaviour {
        n_coupons: params.coupon.text().map_or(0, |_| 1),
        ..Behaviour::default()
    });
    match event.name.text().unwrap_or_default() {
        "view_cart" => snapshot.into_iter().collect(),
        // One item of a cart does not say what else is in it, only that somebody shops.
        "add_to_cart" | "remove_from_cart" => vec![page],
        "begin_checkout" => snapshot
            .into_iter()
            .chain([step(CheckoutStep::Contact)])
            .collect(),
        "add_shipping_info" => snapshot
            .into_iter()
            .chain([step(CheckoutStep::Shipping)])
            .collect(),
        "add_payment_info" => snapshot
            .into_iter()
            .chain([step(CheckoutStep::Payment)])
            .collect(),
        "purchase" => vec![Change::OrderPlaced(Order {
            id: match params.transaction_id.text() {
                Some(id) => id.chars().take(128).collect(),
                None => frame.id.clone(),
            },
            total: params.value.rounded_money(currency),
        })],
        _ => Vec::new(),
    }
}

fn costs(params: &Params, currency: Currency) -> Option<Costs> {
    let shipping = params.shipping.rounded_money(currency);
    let tax = params.tax.rounded_money(currency);
    (shipping.is_some() || tax.is_some()).then_some(Costs { shipping, tax })
}

fn contents(params: &Params, currency: Currency) -> Option<Contents> {
    analytics::contents(&params.items, currency, |product| Item {
        ids: [&product.item_id, &product.item_name],
        name: &product.item_name,
        variant: &product.item_variant,
        quantity: &product.quantity,
        price: &product.price,
        url: None,
        image_url: None,
    })
}
