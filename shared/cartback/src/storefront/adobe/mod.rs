//! Adobe Commerce (Magento) by Adobe I/O Events: CloudEvents, signed by RSA keys that lie on one host of
//! Adobe's. The merchant picks the fields of each event, so that a quote, which is the cart, is asked for
//! at the shop itself.
//!
//! Times have no zone and are UTC; amounts have four to six decimals.

mod product;
mod quote;
mod told;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::fetch::{Access, Fetch, Next, Question, Reply};
use super::frame::{self, Frame, message_id};
use super::lenient::{Lenient, Scalar};
use super::secret::{InvalidSecret, Secret};
use super::signature::{SignatureError, is_rsa_sha256};
use super::{Malformed, Message, Parsed, Reception, Storefront, json, text};

/// Adobe Commerce. It has no secret to sign with; what opens the shop's API stands under `api`.
pub struct Adobe;

/// Where Adobe keeps its public keys, and nobody else theirs. Source: developer.adobe.com, "Signature
/// verification for events".
const KEY_HOST: &str = "static.adobeioevents.com";
/// Two signatures by two keys, of which one may be newer than the other; either is enough.
const SIGNATURES: [(&str, &str); 2] = [
    ("x-adobe-digital-signature-1", "x-adobe-public-key1-path"),
    ("x-adobe-digital-signature-2", "x-adobe-public-key2-path"),
];
const API_HOST: &str = "host";
const ACCESS_TOKEN: &str = "access_token";
const CLIENT_ID: &str = "client_id";

impl Storefront for Adobe {
    fn name(&self) -> &'static str {
        "adobe"
    }

    fn check_secret(&self, _: &str) -> Result<(), InvalidSecret> {
        Err(InvalidSecret(
            "Adobe signs with keys of its own; give what opens the shop's API under `api`",
        ))
    }

    /// Never more than unproven: the keys must be fetched.
    fn verify(
        &self,
        _: &[Secret],
        message: Message<'_>,
        _: &[Timestamp],
    ) -> Result<(), SignatureError> {
        let mut signatures = Signature::all(message.headers);
        match signatures.next() {
            Some(_) => Err(SignatureError::Unproven),
            None => Err(SignatureError::Header(SIGNATURES[0].0)),
        }
    }

    /// What must be asked for cannot be told from what need not before the message is proven.
    fn parse(&self, _: Message<'_>, _: Reception) -> Result<Parsed, Malformed> {
        Ok(Parsed::Fetch)
    }

    fn fetch(&self) -> Option<&dyn Fetch> {
        Some(self)
    }

    /// Source: Adobe I/O Events, "the challenge request".
    fn challenge(&self, query: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let (_, value) = pairs.find(|(name, _)| name == "challenge")?;
        let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_good = (1..=128).contains(&value.len()) && value.bytes().all(is_safe);
        is_good.then(|| value.into_owned())
    }
}

impl Fetch for Adobe {
    fn headers(&self) -> &'static [&'static str] {
        &[
            SIGNATURES[0].0,
            SIGNATURES[0].1,
            SIGNATURES[1].0,
            SIGNATURES[1].1,
        ]
    }

    fn check_access(&self, access: &Access) -> Result<(), InvalidSecret> {
        const FAULT: &str = "give `host`, the shop's own such as shop.example, `access_token` of an \
                             integration, and `client_id` of the project in Adobe's console";
        access.check_names(&[API_HOST, ACCESS_TOKEN, CLIENT_ID], FAULT)?;
        match Question::get(access.of(API_HOST).unwrap_or_default(), &["rest"]) {
            Some(_) => Ok(()),
            None => Err(InvalidSecret(FAULT)),
        }
    }

    fn next(
        &self,
        access: &Access,
        message: Message<'_>,
        reception: Reception,
        replies: &[Reply],
    ) -> Result<Next, Malformed> {
        for (n, signature) in Signature::all(message.headers).enumerate() {
            let Some(key) = replies.get(n) else {
                return Ok(Next::Ask(signature.key));
            };
            if key.status == 200 && is_rsa_sha256(&key.body, &signature.bytes, message.body) {
                let event: Event = json::read(message.body)?;
                if !event.is_for(access) {
                    return Ok(Next::Forged);
                }
                let talk = Talk {
                    access,
                    event: &event,
                    message,
                    reception,
                    replies: replies.get(n + 1..).unwrap_or_default(),
                };
                return talk.next();
            }
        }
        Ok(Next::Forged)
    }
}

/// One of the two signatures, and the question for its key.
struct Signature {
    bytes: Vec<u8>,
    key: Question,
}

impl Signature {
    /// Those of `headers` that can be some.
    fn all(headers: &HeaderMap) -> impl Iterator<Item = Self> {
        SIGNATURES.into_iter().filter_map(|(signature, path)| {
            let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
            let bytes = STANDARD.decode(text(signature)?).ok()?;
            let parts: Vec<&str> = text(path)?.strip_prefix('/')?.split('/').collect();
            let key = Question::get(KEY_HOST, &parts)?;
            Some(Self { bytes, key })
        })
    }
}

/// A CloudEvent as Adobe delivers it, some names in two spellings.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Event {
    #[serde(rename = "type")]
    kind: Scalar,
    id: Scalar,
    event_id: Scalar,
    time: Scalar,
    recipient_client_id: Scalar,
    recipientclientid: Scalar,
    data: Lenient<Data>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Data {
    value: Option<Box<RawValue>>,
}

impl Event {
    fn is_for(&self, access: &Access) -> bool {
        let recipient = self
            .recipient_client_id
            .text()
            .or(self.recipientclientid.text());
        recipient.is_some() && recipient == access.of(CLIENT_ID)
    }

    /// What happened, such as `sales_quote_save_after`.
    fn topic(&self) -> Result<&str, Malformed> {
        let kind = self
            .kind
            .text()
            .ok_or_else(|| Malformed::new("type", "is missing"))?;
        Ok(kind.rsplit('.').next().unwrap_or(kind))
    }
}

/// One talk about one proven event; `replies` are those after the keys.
struct Talk<'a> {
    access: &'a Access,
    event: &'a Event,
    message: Message<'a>,
    reception: Reception,
    replies: &'a [Reply],
}

impl Talk<'_> {
    fn next(&self) -> Result<Next, Malformed> {
        match self.event.topic()? {
            "sales_quote_save_after"
            | "sales_quote_save_commit_after"
            | "checkout_cart_product_add_after" => quote::next(self),
            "sales_order_save_after"
            | "sales_order_save_commit_after"
            | "sales_order_place_after"
            | "checkout_submit_all_after" => told::order(self),
            "sales_order_creditmemo_save_after" | "sales_order_creditmemo_save_commit_after" => {
                told::refund(self)
            }
            "catalog_product_save_after"
            | "catalog_product_save_commit_after"
            | "catalog_product_delete_after"
            | "catalog_product_delete_commit_after" => product::reading(self),
            "newsletter_subscriber_save_after" | "newsletter_subscriber_save_commit_after" => {
                told::subscriber(self)
            }
            topic => {
                let topic = text::clip(topic, 80).unwrap_or_default();
                Ok(Next::Ignore(format!("event {topic} is not needed")))
            }
        }
    }

    /// The event's value, as far as its fields were picked.
    fn value<T: DeserializeOwned + Default>(&self) -> Result<T, Malformed> {
        let value = self
            .event
            .data
            .as_ref()
            .and_then(|data| data.value.as_deref());
        value.map_or_else(|| Ok(T::default()), |raw| json::read(raw.get().as_bytes()))
    }

    /// A question to the shop's own API.
    fn question(&self, parts: &[&str]) -> Result<Question, Malformed> {
        let host = self.access.of(API_HOST).unwrap_or_default();
        let path = [&["rest", "V1"], parts].concat();
        let question = Question::get(host, &path);
        let question = question.ok_or_else(|| Malformed::new("data.value", "has no id"))?;
        let token = self.access.of(ACCESS_TOKEN).unwrap_or_default();
        Ok(question.header("authorization", Secret(format!("Bearer {token}"))))
    }

    /// The shop's reply as a `T`; `None` if what was asked for is gone.
    fn reply<T: DeserializeOwned>(&self) -> Result<Option<T>, Malformed> {
        match self.replies.first() {
            Some(reply) if reply.status == 200 => json::read(reply.body.as_bytes()).map(Some),
            Some(reply) if reply.status != 404 => {
                let fault = format!("the shop answered {}", reply.status);
                Err(Malformed::new(".", fault))
            }
            _ => Ok(None),
        }
    }

    /// What the events have in common; their time is the first of `times` that can be read, else that of
    /// the event.
    fn frame(&self, times: &[&Scalar]) -> Frame {
        let all = times.iter().copied().chain([&self.event.time]);
        let at = all.into_iter().find_map(|time| frame::utc(time.text()?));
        let received_at = self.reception.received_at;
        Frame {
            id: message_id(
                [self.event.event_id.text(), self.event.id.text()],
                self.message.body,
            ),
            at: at.unwrap_or(received_at).min(received_at),
            is_test: false,
        }
    }
}
