//! CloudEvents 1.0 around our own events, for shops whose systems speak it: `data` is the event of
//! `docs/events.md`. Signed like our own events, by Standard Webhooks over the whole body.
//!
//! In binary mode the attributes are headers, which nothing signs: only the body is believed then, and
//! `ce-id` must be the signed `webhook-id`. Batches are not taken: one answer could not say which of
//! their events was refused.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::cartback::Cartback;
use super::secret::{InvalidSecret, Secret};
use super::signature::SignatureError;
use super::{Malformed, Message, Parsed, Reception, Storefront, json, standard_webhooks, text};

/// Our own events in an envelope of CloudEvents.
pub struct CloudEvents;

/// What a system's own name of our events may begin with.
const PREFIX: &str = "cartback.";

impl Storefront for CloudEvents {
    fn name(&self) -> &'static str {
        "cloudevents"
    }

    fn check_secret(&self, text: &str) -> Result<(), InvalidSecret> {
        standard_webhooks::check_secret(text)
    }

    fn verify(
        &self,
        secrets: &[Secret],
        message: Message<'_>,
        accepted_times: &[Timestamp],
    ) -> Result<(), SignatureError> {
        standard_webhooks::verify(secrets, message.headers, message.body, accepted_times)
    }

    fn parse(&self, message: Message<'_>, reception: Reception) -> Result<Parsed, Malformed> {
        let content_type = message.header(CONTENT_TYPE.as_str()).unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if media_type.eq_ignore_ascii_case("application/cloudevents-batch+json") {
            return Err(Malformed::new(
                ".",
                "is a batch; send one event for each request",
            ));
        }
        let is_binary = message.header("ce-specversion").is_some();
        let event = if is_binary {
            binary(message)?
        } else {
            structured(message.body)?
        };
        let body = Value::Object(event).to_string();
        let inner = Message {
            headers: message.headers,
            body: body.as_bytes(),
        };
        Cartback
            .parse(inner, reception)
            .map_err(|fault| match is_binary {
                true => fault,
                false => Malformed::new(format!("data.{}", fault.path), fault.fault),
            })
    }

    /// The webhook binding's question whether we want to be sent to; any sender may, as every message
    /// is signed. Source: cloudevents/spec, `http-webhook.md`, section 4.
    fn handshake(&self, headers: &HeaderMap) -> Option<HeaderMap> {
        let origin = headers.get("webhook-request-origin")?;
        let mut answer = HeaderMap::new();
        answer.insert("webhook-allowed-origin", origin.clone());
        if headers.contains_key("webhook-request-rate") {
            // The gateway has a limit and answers 429 above it; we set no other.
            answer.insert("webhook-allowed-rate", http::HeaderValue::from_static("*"));
        }
        Some(answer)
    }
}

#[derive(Deserialize)]
struct Envelope {
    specversion: String,
    #[serde(rename = "type")]
    kind: String,
    source: String,
    id: String,
    #[serde(default)]
    time: Option<String>,
    #[serde(default)]
    data: Option<Box<RawValue>>,
    #[serde(default)]
    data_base64: Option<String>,
}

/// Our event of a structured one. What the event does not say of itself, its envelope says.
fn structured(body: &[u8]) -> Result<Map<String, Value>, Malformed> {
    let envelope: Envelope = json::read(body)?;
    check_version(&envelope.specversion)?;
    let data = match (&envelope.data, &envelope.data_base64) {
        (Some(data), _) => data.get().as_bytes().to_vec(),
        (None, Some(text)) => STANDARD
            .decode(text)
            .map_err(|_| Malformed::new("data_base64", "is not base64"))?,
        (None, None) => return Err(Malformed::new("data", "is missing; send the event there")),
    };
    let mut event = object(&data).map_err(|fault| Malformed::new("data", fault.fault))?;
    let kind = own_kind(&envelope.kind);
    match event.get("type").and_then(Value::as_str) {
        None => drop(event.insert("type".to_owned(), kind.into())),
        Some(own) if own == kind => {}
        Some(_) => return Err(contradiction()),
    }
    if let Some(time) = &envelope.time {
        event.entry("at").or_insert_with(|| time.as_str().into());
    }
    // Producers promise that source and id together are an event's own.
    event.insert("id".to_owned(), id(&envelope.source, &envelope.id).into());
    Ok(event)
}

fn binary(message: Message<'_>) -> Result<Map<String, Value>, Malformed> {
    check_version(message.header("ce-specversion").unwrap_or_default())?;
    if message.header("ce-id") != message.header(standard_webhooks::ID_HEADER) {
        let fault = "is not the signed webhook-id; send the same in both headers";
        return Err(Malformed::new("ce-id", fault));
    }
    let event = object(message.body)?;
    let kind = message.header("ce-type").map(own_kind);
    if event.get("type").and_then(Value::as_str) != kind {
        return Err(contradiction());
    }
    Ok(event)
}

fn object(json: &[u8]) -> Result<Map<String, Value>, Malformed> {
    match json::read(json)? {
        Value::Object(event) => Ok(event),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(Malformed::new(".", "is no object; send an event there"))
        }
    }
}

/// `cart.updated` of `cartback.cart.updated` or of `com.example.cartback.cart.updated`.
fn own_kind(kind: &str) -> &str {
    kind.rsplit_once(PREFIX).map_or(kind, |(_, own)| own)
}

fn id(source: &str, id: &str) -> String {
    let joined = format!("{source}#{id}");
    if text::is_id(&joined) {
        return joined;
    }
    format!("sha256:{}", text::hex(&Sha256::digest(joined)))
}

fn check_version(version: &str) -> Result<(), Malformed> {
    if version == "1.0" {
        return Ok(());
    }
    Err(Malformed::new(
        "specversion",
        "is not the one that we know; send \"1.0\"",
    ))
}

fn contradiction() -> Malformed {
    Malformed::new(
        "type",
        "of the event and of its envelope differ; send the event's type in both",
    )
}
