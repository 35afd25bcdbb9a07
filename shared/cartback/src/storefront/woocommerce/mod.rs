//! WooCommerce's webhooks. It tells of no carts: an order that is not paid yet is the cart, and a snippet
//! in the shop posts what is in the basket before (docs/storefronts/woocommerce.md).
//!
//! The topic and the shop's address come from headers, which WooCommerce does not sign.

mod cart;
mod order;
mod product;
mod wire;

use http::HeaderMap;
use jiff::Timestamp;

use super::contact::contact;
use super::frame::{Frame, digest, utc};
use super::lenient::Scalar;
use super::secret::Secret;
use super::signature::{SignatureError, base64_hmac, header, match_any};
use super::{Malformed, Message, Parsed, Reception, Storefront, json, text};
use crate::event::Change;

/// Has the signature, base64.
pub const SIGNATURE_HEADER: &str = "x-wc-webhook-signature";
/// Has the topic, such as `order.updated`.
pub const TOPIC_HEADER: &str = "x-wc-webhook-topic";
const SOURCE_HEADER: &str = "x-wc-webhook-source";

/// WooCommerce, by its webhooks. A secret is that of the webhook; give all webhooks the same.
pub struct WooCommerce;

impl Storefront for WooCommerce {
    fn name(&self) -> &'static str {
        "woocommerce"
    }

    /// When a webhook is saved, WooCommerce posts its number as a form, unsigned; anything but 200 shows
    /// the merchant an error. Source: woocommerce, `class-wc-webhook.php`, `deliver_ping`.
    fn greeting(&self, message: Message<'_>) -> Option<&'static str> {
        let number = message.body.strip_prefix(b"webhook_id=")?;
        let is_number = (1..=20).contains(&number.len()) && number.iter().all(u8::is_ascii_digit);
        (is_number && !message.headers.contains_key(SIGNATURE_HEADER))
            .then_some("WooCommerce says hello; nothing is taken from it")
    }

    /// Neither a time nor the other headers are signed: the scheme has no protection against replays,
    /// the fold has. Source: `class-wc-webhook.php`, `generate_signature`.
    fn verify(
        &self,
        secrets: &[Secret],
        message: Message<'_>,
        _: &[Timestamp],
    ) -> Result<(), SignatureError> {
        let given = header(message.headers, SIGNATURE_HEADER)?;
        match_any(secrets, std::iter::once(given), |secret| {
            Some(base64_hmac(&decoded(secret.text()), message.body))
        })
    }

    /// By the topic header, `X-WC-Webhook-Topic`.
    fn parse(&self, message: Message<'_>, reception: Reception) -> Result<Parsed, Malformed> {
        let topic = message.header(TOPIC_HEADER).ok_or_else(|| {
            Malformed::new(".", "has no topic; send the header X-WC-Webhook-Topic")
        })?;
        let delivery = Delivery {
            message,
            topic,
            reception,
        };
        match topic {
            "order.created" | "order.updated" | "order.restored" => order::told(&delivery),
            "order.deleted" => order::deleted(&delivery),
            "customer.deleted" => customer_deleted(&delivery),
            "product.created" | "product.updated" | "product.restored" => {
                product::updated(&delivery)
            }
            "product.deleted" => product::deleted(&delivery),
            "action.cartback_cart" => cart::updated(&delivery),
            _ => Ok(Parsed::Ignored(reason_to_ignore(topic))),
        }
    }

    fn may_be_order(&self, headers: &HeaderMap) -> bool {
        header(headers, TOPIC_HEADER).is_ok_and(|topic| topic.starts_with("order."))
    }
}

/// One webhook as it arrived.
struct Delivery<'a> {
    message: Message<'a>,
    topic: &'a str,
    reception: Reception,
}

impl Delivery<'_> {
    /// What events of this message that happened at the first readable of `times` have in common. Only
    /// the `_gmt` twins of WooCommerce's times can be read: the others are of an unknown zone.
    ///
    /// The id is made of the shop's address, the topic and the body, in which the resource and its
    /// `date_modified_gmt` are: the delivery's own id is the same for all within a second, and a time
    /// has no parts of a second.
    fn frame(&self, times: &[&Scalar]) -> Frame {
        let source = self.message.header(SOURCE_HEADER).unwrap_or_default();
        let at = times
            .iter()
            .find_map(|time| utc(time.text()?))
            .unwrap_or(self.reception.received_at);
        Frame {
            id: digest(&[source.as_bytes(), self.topic.as_bytes(), self.message.body]),
            at: at.min(self.reception.received_at),
            // WooCommerce marks no tests.
            is_test: false,
        }
    }
}

/// A deleted customer is forgotten here as well, if the shop adds the address: WooCommerce itself sends
/// the number alone.
fn customer_deleted(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let customer: wire::Address = json::read(delivery.message.body)?;
    let Some(person) = contact(customer.email.text(), &[], None, &[]) else {
        return Ok(Parsed::Ignored(
            "the deleted customer is a number without an e-mail address".to_owned(),
        ));
    };
    let frame = delivery.frame(&[]);
    Ok(Parsed::Events(vec![frame.event(
        &[],
        Some(&person),
        Change::ErasureRequested,
    )]))
}

fn reason_to_ignore(topic: &str) -> String {
    match topic.split_once('.').map(|(resource, _)| resource) {
        Some("customer") => "WooCommerce keeps no consent with its customers".to_owned(),
        Some("coupon") => "a coupon says nothing about a cart".to_owned(),
        _ => format!(
            "topic {} is not needed",
            text::clip(topic, 80).unwrap_or_default()
        ),
    }
}

/// A secret as WooCommerce signs with it: a stored `&amp;` means `&`. Source: WordPress,
/// `wp_specialchars_decode` with `ENT_QUOTES`.
fn decoded(secret: &str) -> String {
    let mut parts = secret.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let entity = part
            .split_once(';')
            .and_then(|(name, rest)| Some((special_character(name)?, rest)));
        match entity {
            Some((character, rest)) => {
                plain.push(character);
                plain.push_str(rest);
            }
            None => {
                plain.push('&');
                plain.push_str(part);
            }
        }
    }
    plain
}

/// The five characters that WordPress encodes, by any of their names.
fn special_character(name: &str) -> Option<char> {
    let code = match name {
        "amp" => 38,
        "lt" => 60,
        "gt" => 62,
        "quot" => 34,
        _ => {
            let number = name.strip_prefix('#')?;
            match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            }
        }
    };
    char::from_u32(code).filter(|character| "&<>\"'".contains(*character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_as_wordpress_reads_it() {
        for (stored, meant) in [
            ("plain", "plain"),
            ("a&amp;b", "a&b"),
            ("a&b", "a&b"),
            ("&lt;&gt;&quot;&#039;&#39;&#x27;&#038;", "<>\"'''&"),
            // Once, not again and again.
            ("&amp;lt;", "&lt;"),
            ("&copy;&#169;&amp", "&copy;&#169;&amp"),
            ("&;&#;&#x;;", "&;&#;&#x;;"),
        ] {
            assert_eq!(decoded(stored), meant, "{stored}");
        }
    }
}
