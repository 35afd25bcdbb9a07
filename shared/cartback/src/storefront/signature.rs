//! Signatures of storefronts, checked over the raw bytes of the body and in constant time, against
//! every live secret (the current one and, while it is being replaced, the previous one).
//!
//! Reads no clock: the caller says which times it accepts. Callers answer 401 to every error here.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use standardwebhooks::{
    HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook,
};
use subtle::ConstantTimeEq;

/// A Standard Webhooks secret: base64 of 24 to 64 bytes, with or without `whsec_` before it.
///
/// `Debug` is masked. Source: standard-webhooks/standard-webhooks, `spec/standard-webhooks.md`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StandardSecret(String);

/// A Shopify app's client secret: any text but an empty one, used as it is. `Debug` is masked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShopifySecret(String);

/// The text cannot be a secret of this kind; the message says what can and does not repeat it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSecret(&'static str);

/// Why a message is not believed. The variants are for our logs: senders learn only that it is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header is absent, or it is not what it should be (such as a time that is no number).
    #[error("header {0} is missing or unreadable")]
    Header(&'static str),
    /// No given signature is that of a live secret over this body.
    #[error("no signature matches the body and a live secret")]
    Mismatch,
    /// Genuine, but signed too long before or after every accepted time: a replay, or a wrong
    /// clock.
    #[error("signed {off_by_seconds} s before the request, more than 300 s away")]
    Untimely {
        /// From the signature to the nearest accepted time, in seconds; negative for a later
        /// signature.
        off_by_seconds: i64,
    },
}

/// How far a signature's time may be from an accepted one. Source: the libraries of Standard
/// Webhooks.
pub const TOLERANCE_SECONDS: i64 = 300;

const SHOPIFY_HEADERS: [&str; 2] = ["x-shopify-hmac-sha256", "shopify-hmac-sha256"];

/// Checks the Standard Webhooks headers of `body` against `secrets`.
///
/// A signature of one secret, at most [`TOLERANCE_SECONDS`] from one of `accepted_times`, is
/// enough. A body that is not UTF-8 never matches: the scheme signs text.
///
/// # Errors
/// [`SignatureError`]; the signature is checked before its time, so `Untimely` means genuine.
pub fn verify_standard(
    secrets: &[StandardSecret],
    headers: &HeaderMap,
    body: &[u8],
    accepted_times: &[Timestamp],
) -> Result<(), SignatureError> {
    let id = header(headers, HEADER_WEBHOOK_ID)?;
    let given = header(headers, HEADER_WEBHOOK_SIGNATURE)?;
    let signed_at = header(headers, HEADER_WEBHOOK_TIMESTAMP)?
        .parse()
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .ok_or(SignatureError::Header(HEADER_WEBHOOK_TIMESTAMP))?;
    let is_genuine = secrets
        .iter()
        .filter_map(|secret| secret.sign(id, signed_at, body))
        .any(|expected| given.split(' ').any(|one| is_equal(one, &expected)));
    if !is_genuine {
        return Err(SignatureError::Mismatch);
    }
    let off_by_seconds = accepted_times
        .iter()
        .map(|time| time.as_second() - signed_at.as_second())
        .min_by_key(|seconds| seconds.abs())
        .unwrap_or(i64::MAX);
    if TOLERANCE_SECONDS < off_by_seconds.saturating_abs() {
        return Err(SignatureError::Untimely { off_by_seconds });
    }
    Ok(())
}

/// Checks Shopify's signature of `body` against `secrets`, in either spelling of its header.
///
/// Shopify signs neither a time nor the other headers: the scheme has no protection against
/// replays. Source: shopify.dev, "Verify webhook deliveries".
///
/// # Errors
/// [`SignatureError::Header`] or [`SignatureError::Mismatch`].
pub fn verify_shopify(
    secrets: &[ShopifySecret],
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), SignatureError> {
    let given = SHOPIFY_HEADERS
        .into_iter()
        .find_map(|name| headers.get(name))
        .and_then(|value| value.to_str().ok())
        .ok_or(SignatureError::Header(SHOPIFY_HEADERS[0]))?;
    let is_genuine = secrets
        .iter()
        .any(|secret| is_equal(given, &secret.sign(body)));
    if is_genuine {
        Ok(())
    } else {
        Err(SignatureError::Mismatch)
    }
}

impl StandardSecret {
    /// The value of `webhook-signature`, `v1,` and base64, or `None` for a body that is not UTF-8.
    #[must_use]
    pub fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> Option<String> {
        Webhook::new(&self.0)
            .ok()?
            .sign(id, at.as_second(), body)
            .ok()
    }
}

impl ShopifySecret {
    /// The value of `X-Shopify-Hmac-Sha256`: base64.
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> String {
        // HMAC takes keys of any length; the error cannot occur, and an empty text matches nothing.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()) else {
            return String::new();
        };
        mac.update(body);
        STANDARD.encode(mac.finalize().into_bytes())
    }
}

impl FromStr for StandardSecret {
    type Err = InvalidSecret;

    fn from_str(text: &str) -> Result<Self, InvalidSecret> {
        let key = STANDARD
            .decode(text.strip_prefix("whsec_").unwrap_or(text))
            .map_err(|_| InvalidSecret("not base64 after `whsec_`"))?;
        if !(24..=64).contains(&key.len()) {
            return Err(InvalidSecret("a webhook secret has 24 to 64 bytes"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for ShopifySecret {
    type Err = InvalidSecret;

    fn from_str(text: &str) -> Result<Self, InvalidSecret> {
        if text.trim().is_empty() {
            return Err(InvalidSecret(
                "an empty client secret would let anybody sign",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

macro_rules! secret_text {
    ($($secret:ident),*) => {$(
        impl TryFrom<String> for $secret {
            type Error = InvalidSecret;

            fn try_from(text: String) -> Result<Self, InvalidSecret> {
                text.parse()
            }
        }

        impl From<$secret> for String {
            fn from(secret: $secret) -> Self {
                secret.0
            }
        }

        impl fmt::Debug for $secret {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($secret), "(***)"))
            }
        }
    )*};
}

secret_text!(StandardSecret, ShopifySecret);

fn header<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, SignatureError> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .filter(|value| !value.is_empty())
        .ok_or(SignatureError::Header(name))
}

fn is_equal(given: &str, expected: &str) -> bool {
    !expected.is_empty() && given.as_bytes().ct_eq(expected.as_bytes()).into()
}
