//! The Standard Webhooks scheme, by which our own events are signed, and BigCommerce's messages.
//! Source: standard-webhooks/standard-webhooks, `spec/standard-webhooks.md`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use jiff::Timestamp;
use ring::signature::{ED25519, ED25519_PUBLIC_KEY_LEN, UnparsedPublicKey};
use standardwebhooks::{
    HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook,
};

use super::secret::{InvalidSecret, Secret};
use super::signature::{SignatureError, check_time, header, match_any};

/// The message's id, the same over retries.
pub(super) const ID_HEADER: &str = HEADER_WEBHOOK_ID;

/// Before a public key of Ed25519, of which the sender alone has the private one.
const PUBLIC_KEY: &str = "whpk_";

/// More have no sender who only changes keys, and each costs the check of a public key.
const MAX_SIGNATURES: usize = 8;

/// Checks the headers of `body` against `secrets`, each base64 with or without `whsec_` before it, or a
/// public key with `whpk_` before it.
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
    let given = given.split(' ');
    if !is_signed_by_a_public_key(secrets, given.clone(), id, signed_at, body) {
        match_any(secrets, given, |secret| sign(secret, id, signed_at, body))?;
    }
    check_time(signed_at, accepted_times)
}

fn is_signed_by_a_public_key<'a>(
    secrets: &[Secret],
    given: impl Iterator<Item = &'a str>,
    id: &str,
    signed_at: Timestamp,
    body: &[u8],
) -> bool {
    let keys: Vec<_> = secrets.iter().filter_map(public_key).collect();
    if keys.is_empty() {
        return false;
    }
    let head = format!("{id}.{}.", signed_at.as_second());
    let signed = [head.as_bytes(), body].concat();
    let signatures = given.filter_map(|one| STANDARD.decode(one.strip_prefix("v1a,")?).ok());
    let mut signatures = signatures.take(MAX_SIGNATURES);
    signatures.any(|one| keys.iter().any(|key| key.verify(&signed, &one).is_ok()))
}

fn public_key(secret: &Secret) -> Option<UnparsedPublicKey<Vec<u8>>> {
    let key = STANDARD.decode(secret.text().strip_prefix(PUBLIC_KEY)?);
    key.ok().map(|key| UnparsedPublicKey::new(&ED25519, key))
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

/// Accepts base64 of 24 to 64 bytes, with or without `whsec_` before it, and a public key of Ed25519 with
/// `whpk_` before it.
pub(super) fn check_secret(text: &str) -> Result<(), InvalidSecret> {
    if let Some(key) = text.strip_prefix(PUBLIC_KEY) {
        return match STANDARD.decode(key) {
            Ok(key) if key.len() == ED25519_PUBLIC_KEY_LEN => Ok(()),
            _ => Err(InvalidSecret(
                "a public key is base64 of 32 bytes after `whpk_`",
            )),
        };
    }
    let key = STANDARD
        .decode(text.strip_prefix("whsec_").unwrap_or(text))
        .map_err(|_| InvalidSecret("not base64 after `whsec_`"))?;
    if (24..=64).contains(&key.len()) {
        return Ok(());
    }
    Err(InvalidSecret("a webhook secret has 24 to 64 bytes"))
}
