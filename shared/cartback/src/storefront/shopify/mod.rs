//! Shopify's webhooks. The topic and the ids come from headers, which Shopify does not sign.
//!
//! A box ticked in the checkout (`buyer_accepts_marketing`) is what the box says at that moment,
//! not a record of consent: only a customer's `email_marketing_consent` becomes consent here.

mod cart;
mod customer;
mod order;
mod product;
mod wire;

use http::HeaderMap;
use jiff::Timestamp;

use super::frame::{Frame, message_id};
use super::lenient::Scalar;
use super::secret::Secret;
use super::signature::{SignatureError, base64_hmac, match_any};
use super::{Malformed, Message, Parsed, Reception, Storefront, text};
use crate::ids::CartId;

/// Shopify, by its webhooks over HTTPS. A secret is the app's client secret.
pub struct Shopify;

impl Storefront for Shopify {
    fn name(&self) -> &'static str {
        "shopify"
    }

    /// In either spelling of the header. Shopify signs neither a time nor the other headers: the scheme
    /// has no protection against replays, the fold has. Source: shopify.dev, "Verify webhook
    /// deliveries".
    fn verify(
        &self,
        secrets: &[Secret],
        message: Message<'_>,
        _: &[Timestamp],
    ) -> Result<(), SignatureError> {
        let given = header(message.headers, "hmac-sha256")
            .ok_or(SignatureError::Header("x-shopify-hmac-sha256"))?;
        match_any(secrets, std::iter::once(given), |secret| {
            Some(base64_hmac(secret.text(), message.body))
        })
    }

    /// By the topic header, `X-Shopify-Topic` or `Shopify-Topic`.
    fn parse(&self, message: Message<'_>, reception: Reception) -> Result<Parsed, Malformed> {
        let delivery = Delivery {
            headers: message.headers,
            body: message.body,
            reception,
        };
        let topic = header(message.headers, "topic")
            .ok_or_else(|| Malformed::new(".", "has no topic; send the header X-Shopify-Topic"))?;
        match topic {
            "carts/create" | "carts/update" => cart::cart_updated(&delivery),
            "checkouts/create" | "checkouts/update" => cart::checkout_updated(&delivery),
            "checkouts/delete" => cart::checkout_deleted(&delivery),
            "orders/create" | "orders/paid" => order::placed(&delivery),
            "orders/cancelled" => order::cancelled(&delivery),
            "orders/updated" => order::updated(&delivery),
            "customers/create" | "customers/update" => customer::updated(&delivery),
            "customers_email_marketing_consent/update" => customer::consent_updated(&delivery),
            "customers/redact" => customer::redacted(&delivery),
            "customers/data_request" => customer::data_requested(&delivery),
            "shop/redact" => Ok(customer::shop_redacted(&delivery)),
            "products/create" | "products/update" => product::updated(&delivery),
            _ => Ok(Parsed::Ignored(reason_to_ignore(topic))),
        }
    }

    fn may_be_order(&self, headers: &HeaderMap) -> bool {
        header(headers, "topic").is_some_and(|topic| topic.starts_with("orders/"))
    }
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
        "refunds/create" => "a refund names no cart; orders/updated tells of it with its order",
        "products/delete" => "a deleted product does not tell which variants it had",
        // The sum over all places, and the variant, only Shopify's API could tell.
        "inventory_levels/update" => "a stock level is of one place and names no variant",
        "customers_marketing_consent/update" => {
            "consent to text messages says nothing about e-mail"
        }
        "app/uninstalled" => "the operator removes a shop by hand",
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
