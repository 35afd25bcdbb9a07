//! Shopify's webhooks. The topic and the ids come from headers, which Shopify does not sign.
//!
//! A box ticked in the checkout (`buyer_accepts_marketing`) is what the box says at that moment,
//! not a record of consent: only a customer's `email_marketing_consent` becomes consent here.

mod cart;
mod customer;
mod order;
mod wire;

use http::HeaderMap;
use jiff::Timestamp;

use self::wire::Scalar;
use super::frame::{Frame, message_id};
use super::{Malformed, Parsed, Reception, text};
use crate::event::ContactDetails;
use crate::ids::CartId;

/// The events of a genuine webhook, by its topic header (`X-Shopify-Topic` or `Shopify-Topic`).
///
/// # Errors
/// [`Malformed`] when there is no topic, the body is not JSON, or a cart has no token or no price.
pub fn parse(headers: &HeaderMap, body: &[u8], reception: Reception) -> Result<Parsed, Malformed> {
    let delivery = Delivery {
        headers,
        body,
        reception,
    };
    let topic = topic(headers)
        .ok_or_else(|| Malformed::new(".", "has no topic; send the header X-Shopify-Topic"))?;
    match topic {
        "carts/create" | "carts/update" => cart::cart_updated(&delivery),
        "checkouts/create" | "checkouts/update" => cart::checkout_updated(&delivery),
        "checkouts/delete" => cart::checkout_deleted(&delivery),
        "orders/create" | "orders/paid" => order::placed(&delivery),
        "orders/cancelled" => order::cancelled(&delivery),
        "customers/create" | "customers/update" => customer::updated(&delivery),
        "customers_email_marketing_consent/update" => customer::consent_updated(&delivery),
        "customers/redact" => customer::redacted(&delivery),
        _ => Ok(Parsed::Ignored(reason_to_ignore(topic))),
    }
}

/// The topic that a message claims, genuine or not.
#[must_use]
pub fn topic(headers: &HeaderMap) -> Option<&str> {
    header(headers, "topic")
}

/// A header of Shopify in either spelling, `X-Shopify-<name>` or `Shopify-<name>`.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers
        .get(format!("x-shopify-{name}"))
        .or_else(|| headers.get(format!("shopify-{name}")))?;
    value
        .to_str()
        .ok()
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

fn reason_to_ignore(topic: &str) -> String {
    match topic {
        "orders/updated" => {
            "orders/create, orders/paid and orders/cancelled tell all that is needed"
        }
        "refunds/create" => "a refund does not change the cart: it stays ordered",
        "customers_marketing_consent/update" => {
            "consent to text messages says nothing about e-mail"
        }
        "customers/data_request" => "the operator answers it with the export of that person",
        "shop/redact" | "app/uninstalled" => "the operator removes a shop by hand",
        _ => {
            return format!(
                "topic {} is not needed",
                text::clip(topic, 80).unwrap_or_default()
            );
        }
    }
    .to_owned()
}

/// One webhook as it arrived.
struct Delivery<'a> {
    headers: &'a HeaderMap,
    body: &'a [u8],
    reception: Reception,
}

impl Delivery<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        header(self.headers, name)
    }

    /// What this message's events have in common; its time is the first of `times` that can be
    /// read, else the time at which Shopify sent it first, else that of reception.
    fn frame(&self, times: &[&Scalar], is_test: bool) -> Frame {
        let triggered_at = self.header("triggered-at");
        let at = times
            .iter()
            .map(|time| time.text())
            .chain([triggered_at])
            .find_map(|time| time?.parse::<Timestamp>().ok())
            .unwrap_or(self.reception.received_at);
        let is_marked = self
            .header("test")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"));
        Frame {
            id: message_id(
                [self.header("webhook-id"), self.header("event-id")],
                self.body,
            ),
            at: at.min(self.reception.received_at),
            is_test: is_test || is_marked,
        }
    }
}

/// The cart of a token. A `?key=...` behind a cart's token is a secret that changes, and no part of
/// its name.
fn cart_id(token: &Scalar) -> Option<CartId> {
    token.text()?.split('?').next()?.parse().ok()
}

/// A person, if there is an address: the first of `names`, and the first of `countries`, that is
/// one.
fn contact(
    email: Option<&str>,
    names: &[Option<&Scalar>],
    locale: Option<&Scalar>,
    countries: &[Option<&Scalar>],
) -> Option<ContactDetails> {
    let first = |candidates: &[Option<&Scalar>], read: fn(&str) -> Option<String>| {
        candidates
            .iter()
            .flatten()
            .find_map(|candidate| read(candidate.text()?))
    };
    Some(ContactDetails {
        email: email?.parse().ok()?,
        first_name: first(names, text::first_name),
        locale: first(&[locale], text::locale),
        time_zone: None,
        country: first(countries, text::country),
    })
}
