//! The Standard Webhooks scheme, by which our own events are signed, and BigCommerce's messages.
//! Source: standard-webhooks/standard-webhooks, `spec/standard-webhooks.md`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use jiff::Timestamp;
use standardwebhooks::{
    HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook,
};

use super::secret::{InvalidSecret, Secret};
use super::signature::{SignatureError, check_time, header, match_any};

/// The message's id, the same over retries.
pub(super) const ID_HEADER: &str = HEADER_WEBHOOK_ID;

/// Checks the headers of `body` against `secrets`, each base64 with or without `whsec_` before it.
///
/// A signature of one secret, at most [`super::signature::TOLERANCE_SECONDS`] from one of
/// `accepted_times`, is enough. A body that is not UTF-8 never matches: the scheme signs text.
///
/// # Errors
/// [`SignatureError`]; the signature is checked before its time, so `Untimely` means genuine.
pub fn verify(
    secrets: &[Secret],
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
    match_any(secrets, given.split(' '), |secret| {
        sign(secret, id, signed_at, body)
    })?;
    check_time(signed_at, accepted_times)
}

/// The value of `webhook-signature`, `v1,` and base64; `None` for a body that is not UTF-8 or a secret
/// that is none.
#[must_use]
pub fn sign(secret: &Secret, id: &str, at: Timestamp, body: &[u8]) -> Option<String> {
    Webhook::new(secret.text())
        .ok()?
        .sign(id, at.as_second(), body)
        .ok()
}

/// Accepts base64 of 24 to 64 bytes, with or without `whsec_` before it.
pub(super) fn check_secret(text: &str) -> Result<(), InvalidSecret> {
    let key = STANDARD
        .decode(text.strip_prefix("whsec_").unwrap_or(text))
        .map_err(|_| InvalidSecret("not base64 after `whsec_`"))?;
    if (24..=64).contains(&key.len()) {
        return Ok(());
    }
    Err(InvalidSecret("a webhook secret has 24 to 64 bytes"))
}
