//! What the signatures of storefronts have in common: they are checked over the raw bytes of the body
//! and in constant time, against every live secret (the current one and, while it is being replaced,
//! the previous one).
//!
//! Reads no clock: the caller says which times it accepts. Callers answer 401 to every error here.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use jiff::Timestamp;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use sha2::Sha256;
use spki::SubjectPublicKeyInfoOwned;
use spki::der::DecodePem;
use subtle::ConstantTimeEq;

use super::secret::Secret;
use super::text;

/// Why a message is not believed. The variants are for our logs: senders learn only that it is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header is absent, or it is not what it should be (such as a time that is no number).
    #[error("header {0} is missing or unreadable")]
    Header(&'static str),
    /// Nothing in the message proves it, and nothing speaks against it: the storefront must be asked.
    #[error("only the storefront can tell")]
    Unproven,
    /// No given signature is that of a live secret over this body.
    #[error("no signature matches the body and a live secret")]
    Mismatch,
    /// Genuine, but signed too long before or after every accepted time: a replay, or a wrong
    /// clock.
    #[error("signed {off_by_seconds} s before the request, more than the scheme allows")]
    Untimely {
        /// From the signature to the nearest accepted time, in seconds; negative for a later
        /// signature.
        off_by_seconds: i64,
    },
    /// Genuine, but a session that has ended, or is made to last too long.
    #[error("the page's session is over, or lasts longer than a day")]
    Over,
}

/// How far a signature's time may be from an accepted one. Source: the libraries of Standard
/// Webhooks and Stripe.
pub const TOLERANCE_SECONDS: i64 = 300;

/// HMAC-SHA256 over `parts`, one after the other. A key may have any length.
#[must_use]
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length, so the error cannot occur.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The hexadecimal of HMAC-SHA1 over `body`, as Segment signs. As a MAC it is not broken.
#[must_use]
pub fn hex_hmac_sha1(secret: &str, body: &[u8]) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
    text::hex(ring::hmac::sign(&key, body).as_ref())
}

/// The base64 of [`hmac_sha256`] over `body`, the scheme of most storefronts.
#[must_use]
pub fn base64_hmac(secret: &str, body: &[u8]) -> String {
    STANDARD.encode(hmac_sha256(secret.as_bytes(), &[body]))
}

/// Whether `signature` over `message` is that of the RSA key in `pem`, of 2,048 bits or more, by
/// PKCS #1 v1.5 and SHA-256. `pem` is a `PUBLIC KEY`; anything else matches nothing.
pub(super) fn is_rsa_sha256(pem: &str, signature: &[u8], message: &[u8]) -> bool {
    let Ok(key) = SubjectPublicKeyInfoOwned::from_pem(pem) else {
        return false;
    };
    let key = key.subject_public_key.raw_bytes();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
        .verify(message, signature)
        .is_ok()
}

/// The hexadecimal digits of [`hmac_sha256`] over `parts`.
#[must_use]
pub fn hex_hmac(secret: &str, parts: &[&[u8]]) -> String {
    text::hex(&hmac_sha256(secret.as_bytes(), parts))
}

/// The value of header `name`, not empty.
pub(super) fn header<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
) -> Result<&'a str, SignatureError> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .filter(|value| !value.is_empty())
        .ok_or(SignatureError::Header(name))
}

/// Whether one of `given` is what one of `secrets` makes by `sign`.
pub(super) fn match_any<'a>(
    secrets: &[Secret],
    given: impl Iterator<Item = &'a str> + Clone,
    sign: impl Fn(&Secret) -> Option<String>,
) -> Result<(), SignatureError> {
    let is_genuine = secrets
        .iter()
        .filter_map(sign)
        .any(|expected| given.clone().any(|one| is_equal(one, &expected)));
    if is_genuine {
        Ok(())
    } else {
        Err(SignatureError::Mismatch)
    }
}

/// Whether `signed_at` is at most [`TOLERANCE_SECONDS`] from one of `accepted_times`.
pub(super) fn check_time(
    signed_at: Timestamp,
    accepted_times: &[Timestamp],
) -> Result<(), SignatureError> {
    check_time_within(TOLERANCE_SECONDS, signed_at, accepted_times)
}

/// Whether `signed_at` is at most `tolerance_seconds` from one of `accepted_times`.
pub(super) fn check_time_within(
    tolerance_seconds: i64,
    signed_at: Timestamp,
    accepted_times: &[Timestamp],
) -> Result<(), SignatureError> {
    let off_by_seconds = accepted_times
        .iter()
        .map(|time| time.as_second() - signed_at.as_second())
        .min_by_key(|seconds| seconds.abs())
        .unwrap_or(i64::MAX);
    if tolerance_seconds < off_by_seconds.saturating_abs() {
        return Err(SignatureError::Untimely { off_by_seconds });
    }
    Ok(())
}

fn is_equal(given: &str, expected: &str) -> bool {
    !expected.is_empty() && given.as_bytes().ct_eq(expected.as_bytes()).into()
}
