//! Saleor's webhooks. Their receiver writes the GraphQL query and with it the body:
//! `docs/storefronts/saleor.md` has ours. Payloads without a query, older arrays and notices are read
//! as well.
//!
//! Saleor names no delivery, so that a message is known by its bytes, which a retry repeats.

mod checkout;
mod jws;
mod order;
mod product;
mod wire;

use http::HeaderMap;
use jiff::Timestamp;

use self::wire::{Code, Envelope, User};
use super::contact::contact;
use super::frame::{Frame, message_id};
use super::lenient::Scalar;
use super::secret::{InvalidSecret, Secret, check_not_empty};
use super::signature::{SignatureError, hex_hmac, match_any};
use super::{Malformed, Message, Parsed, Reception, Storefront, json, text};
use crate::consent::{Consent, ConsentBasis, ConsentState};
use crate::event::{Change, ContactDetails};
use crate::ids::CartId;

/// Saleor, by its webhooks over HTTPS. A secret is the JSON of the instance's `/.well-known/jwks.json`,
/// or the `secretKey` of the webhook, which Saleor is about to give up.
pub struct Saleor;

impl Storefront for Saleor {
    fn name(&self) -> &'static str {
        "saleor"
    }

    fn check_secret(&self, text: &str) -> Result<(), InvalidSecret> {
        if jws::is_key_set(text) {
            return jws::check_key_set(text);
        }
        check_not_empty(text)
    }

    /// By the key set that we were given and no other: the address of one in the message is not
    /// followed. What is signed has no time, so the scheme has no protection against replays; the fold
    /// has. Source: saleor-docs, "Payload signature".
    fn verify(
        &self,
        secrets: &[Secret],
        message: Message<'_>,
        _: &[Timestamp],
    ) -> Result<(), SignatureError> {
        let given =
            header(message, "signature").ok_or(SignatureError::Header("saleor-signature"))?;
        let (key_sets, keys): (Vec<Secret>, Vec<Secret>) = secrets
            .iter()
            .cloned()
            .partition(|secret| jws::is_key_set(secret.text()));
        if given.contains('.') {
            return jws::verify(&key_sets, given, message.body);
        }
        match_any(&keys, std::iter::once(given), |key| {
            Some(hex_hmac(key.text(), &[message.body]))
        })
    }

    /// By the header `Saleor-Event`, else by what the body says of itself.
    fn parse(&self, message: Message<'_>, reception: Reception) -> Result<Parsed, Malformed> {
        let delivery = Delivery {
            body: message.body,
            reception,
        };
        // Of a notice the header only says that it is one.
        let named =
            header(message, "event").filter(|kind| !kind.eq_ignore_ascii_case("notify_user"));
        let kind = match named {
            Some(kind) => kind.to_ascii_lowercase(),
            None => kind_of(&delivery.envelope()?)
                .ok_or_else(|| Malformed::new(".", "has no event; send the header Saleor-Event"))?,
        };
        match kind.as_str() {
            "checkout_created" | "checkout_updated" | "checkout_metadata_updated" => {
                checkout::updated(&delivery, false)
            }
            "checkout_fully_authorized" | "checkout_fully_paid" => {
                checkout::updated(&delivery, true)
            }
            "order_created"
            | "order_confirmed"
            | "order_paid"
            | "order_fully_paid"
            | "order_confirmation"
            | "payment_confirmation" => order::placed(&delivery),
            "order_cancelled" | "order_canceled" | "order_expired" => order::cancelled(&delivery),
            "order_refunded" | "order_fully_refunded" => order::refunded(&delivery),
            "product_variant_created"
            | "product_variant_updated"
            | "product_variant_stock_updated"
            | "product_variant_out_of_stock"
            | "product_variant_back_in_stock" => product::updated(&delivery),
            "product_variant_deleted" => product::deleted(&delivery),
            "customer_created" | "customer_updated" | "customer_metadata_updated" => {
                customer_updated(&delivery)
            }
            "customer_deleted" => customer_deleted(&delivery),
            _ => Ok(Parsed::Ignored(format!(
                "event {} is not needed",
                text::clip(&kind, 80).unwrap_or_default()
            ))),
        }
    }

    fn may_be_order(&self, headers: &HeaderMap) -> bool {
        let message = Message { headers, body: b"" };
        header(message, "event").is_some_and(|kind| kind.to_ascii_lowercase().starts_with("order"))
    }
}

/// A header of Saleor, with the `X-` before it that Saleor 4 leaves out, or without.
fn header<'a>(message: Message<'a>, name: &str) -> Option<&'a str> {
    let value = ["", "x-"]
        .iter()
        .find_map(|prefix| message.headers.get(format!("{prefix}saleor-{name}")))?;
    let text = value.to_str().ok()?.trim();
    (!text.is_empty()).then_some(text)
}

/// `order_created` of `OrderCreated`, or what an old notice calls itself.
fn kind_of(envelope: &Envelope) -> Option<String> {
    let name = envelope.typename.text();
    let snake = name.map(|name| {
        name.chars().fold(String::new(), |mut kind, letter| {
            if letter.is_ascii_uppercase() && !kind.is_empty() {
                kind.push('_');
            }
            kind.push(letter.to_ascii_lowercase());
            kind
        })
    });
    snake.or_else(|| Some(envelope.notify_event.text()?.to_ascii_lowercase()))
}

/// One webhook as it arrived.
struct Delivery<'a> {
    body: &'a [u8],
    reception: Reception,
}

impl Delivery<'_> {
    /// Whether the body is the array of an old payload.
    fn is_array(&self) -> bool {
        self.body.trim_ascii_start().starts_with(b"[")
    }

    fn envelope(&self) -> Result<Envelope, Malformed> {
        if self.is_array() {
            return Ok(Envelope::default());
        }
        json::read(self.body)
    }

    /// What this message's events have in common; its time is the first of `times` that can be read,
    /// else that of reception.
    fn frame(&self, times: &[&Scalar]) -> Frame {
        let at = times
            .iter()
            .find_map(|time| time.text()?.parse::<Timestamp>().ok())
            .unwrap_or(self.reception.received_at);
        Frame {
            id: message_id([], self.body),
            at: at.min(self.reception.received_at),
            is_test: false,
        }
    }
}

/// The checkout of an id. Saleor calls it by its token, and in its API by the base64 of
/// `Checkout:<token>`.
fn cart_id(id: &Scalar) -> Option<CartId> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let id = id.text()?;
    let decoded = STANDARD.decode(id).ok();
    let token = decoded
        .as_deref()
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .and_then(|text| text.strip_prefix("Checkout:"));
    token.unwrap_or(id).parse().ok()
}

/// `pt-BR` of `PT_BR`.
fn locale(code: &Scalar) -> Scalar {
    let Some(code) = code.text() else {
        return Scalar::default();
    };
    let (language, rest) = code.split_at(code.find(['_', '-']).unwrap_or(code.len()));
    Scalar::of(&format!("{}{rest}", language.to_ascii_lowercase()))
}

/// Consent as an app of the shop keeps it in the customer's private metadata, which no shopper can
/// write. Saleor itself has none, and what a checkout's metadata say, its browser wrote.
fn customer_updated(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let envelope = delivery.envelope()?;
    let customer = envelope.user.as_ref();
    let Some((customer, person)) = customer.and_then(|it| Some((it, person(it)?))) else {
        return Ok(Parsed::Ignored(
            "the customer has no e-mail address".to_owned(),
        ));
    };
    let Some(consent) = consent(&customer.email_consent) else {
        return Ok(Parsed::Ignored(
            "the customer has not decided about e-mail".to_owned(),
        ));
    };
    let frame = delivery.frame(&[&customer.updated_at, &envelope.issued_at]);
    Ok(Parsed::Events(vec![frame.event(
        &[],
        Some(&person),
        Change::ConsentChanged(consent),
    )]))
}

fn consent(told: &Scalar) -> Option<Consent> {
    let (state, basis) = match told.text()?.to_ascii_lowercase().as_str() {
        "granted" | "express" => (ConsentState::Granted, ConsentBasis::Express),
        "double_opt_in" => (ConsentState::Granted, ConsentBasis::DoubleOptIn),
        "refused" => (ConsentState::Refused, ConsentBasis::None),
        _ => return None,
    };
    Some(Consent {
        state,
        basis,
        source: Some("Saleor, private metadata email_consent".to_owned()),
        text_version: None,
    })
}

fn customer_deleted(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let envelope = delivery.envelope()?;
    let Some(person) = envelope.user.as_ref().and_then(person) else {
        return Ok(Parsed::Ignored(
            "the person to forget has no e-mail address, so we know nothing".to_owned(),
        ));
    };
    // With the address only: whoever asks to be forgotten is not described once more.
    let person = ContactDetails {
        first_name: None,
        ..person
    };
    let frame = delivery.frame(&[&envelope.issued_at]);
    Ok(Parsed::Events(vec![frame.event(
        &[],
        Some(&person),
        Change::ErasureRequested,
    )]))
}

fn person(user: &User) -> Option<ContactDetails> {
    contact(user.email.text(), &[Some(&user.first_name)], None, &[])
}

fn country(code: Option<&Code>) -> Option<&Scalar> {
    code.map(|code| &code.0)
}
