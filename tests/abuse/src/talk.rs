//! Whoever is asked about a message that proves nothing at the door: Adobe's host of keys, Snipcart, and the
//! shops' own APIs.

use cartback::money::Currency;
use cartback::storefront::fetch::{Access, Next, Reply};
use cartback::storefront::secret::Secret;
use cartback::storefront::signature::SignatureError;
use cartback::storefront::{Malformed, Message, Reception};
use jiff::Timestamp;

use crate::genuine::{Genuine, Kind, NOW};

/// Whether `message` is believed by `secrets` at `now`, if need be after asking. What proves it lies in the
/// secret: Adobe's host has that key, and Snipcart knows that token.
pub(crate) fn is_believed(
    kind: &Kind,
    message: &Genuine,
    secrets: &[Secret],
    now: Timestamp,
) -> bool {
    let verdict = kind.storefront().verify(secrets, read(message), &[now]);
    if verdict != Err(SignatureError::Unproven) {
        return verdict.is_ok();
    }
    let secret = secrets.first().map(Secret::text).unwrap_or_default();
    let proof = match kind.name {
        "snipcart" => token_reply(secret, message),
        _ => reply(200, secret),
    };
    // A fault of what follows is told only of a message that is believed.
    !matches!(
        next(kind, message, &[proof]),
        None | Some(Ok(Next::Forged | Next::Unknown))
    )
}

/// What the storefront's adapter wants after `replies`; `None` if it never asks.
#[must_use]
pub fn next(kind: &Kind, message: &Genuine, replies: &[Reply]) -> Option<Result<Next, Malformed>> {
    let reception = Reception {
        received_at: NOW,
        currency: Currency::USD,
    };
    let fetch = kind.storefront().fetch()?;
    Some(fetch.next(&access(kind.name), read(message), reception, replies))
}

/// The replies that prove a genuine message of this kind.
#[must_use]
pub fn proof(kind: &Kind) -> Vec<Reply> {
    match kind.name {
        "adobe" => vec![reply(200, &kind.secret)],
        "snipcart" => vec![reply(200, "")],
        _ => Vec::new(),
    }
}

/// A reply as a storefront's.
#[must_use]
pub fn reply(status: u16, body: &str) -> Reply {
    Reply {
        status,
        body: body.to_owned(),
    }
}

fn read(message: &Genuine) -> Message<'_> {
    Message {
        headers: &message.headers,
        body: &message.body,
    }
}

/// Snipcart knows `token` and no other.
fn token_reply(token: &str, message: &Genuine) -> Reply {
    let given = message.headers.get("x-snipcart-requesttoken");
    let is_known = given.is_some_and(|given| given.as_bytes() == token.as_bytes());
    reply(if is_known { 200 } else { 404 }, "")
}

fn access(name: &str) -> Access {
    let json = match name {
        "adobe" => r#"{"host":"shop.example","access_token":"hush","client_id":"client-1"}"#,
        "bigcommerce" => r#"{"store_hash":"abc123","access_token":"hush"}"#,
        _ => r#"{"secret_key":"hush"}"#,
    };
    serde_json::from_str(json).unwrap_or_default()
}
