//! A detached JSON Web Signature over bytes that stand beside it (RFC 7515 with `b64: false` of RFC
//! 7797), by RS256 alone. Libraries for JWS sign encoded payloads, so that only the RSA is theirs.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;

use super::super::secret::{InvalidSecret, Secret};
use super::super::signature::SignatureError;

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
}

#[derive(Deserialize)]
struct Protected {
    alg: String,
    b64: bool,
    crit: Vec<String>,
    #[serde(default)]
    kid: Option<String>,
}

/// Whether a secret is the JSON of a key set. A key set never signs by HMAC: its text is public.
pub(super) fn is_key_set(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// Accepts a key set with an RSA key that RS256 can use.
pub(super) fn check_key_set(text: &str) -> Result<(), InvalidSecret> {
    let keys = keys(text, None);
    if keys.is_empty() {
        return Err(InvalidSecret(
            "not the JSON of a key set with an RSA key of 2048 bits or more",
        ));
    }
    Ok(())
}

/// Checks that `given` signs `body` by one of `key_sets`.
pub(super) fn verify(key_sets: &[Secret], given: &str, body: &[u8]) -> Result<(), SignatureError> {
    let unreadable = || SignatureError::Header("saleor-signature");
    let mut parts = given.split('.');
    let (Some(head), Some(""), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(unreadable());
    };
    let protected = URL_SAFE_NO_PAD.decode(head).map_err(|_| unreadable())?;
    let protected: Protected = serde_json::from_slice(&protected).map_err(|_| unreadable())?;
    // Every other algorithm, `none` and HMAC by a public key among them, is refused before any key is
    // looked at.
    if protected.alg != "RS256" || protected.b64 || protected.crit != ["b64"] {
        return Err(unreadable());
    }
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| unreadable())?;
    let signed = [head.as_bytes(), b".", body].concat();
    let is_genuine = key_sets.iter().any(|key_set| {
        keys(key_set.text(), protected.kid.as_deref())
            .iter()
            .any(|key| {
                key.verify(&RSA_PKCS1_2048_8192_SHA256, &signed, &signature)
                    .is_ok()
            })
    });
    if is_genuine {
        Ok(())
    } else {
        Err(SignatureError::Mismatch)
    }
}

/// The RSA keys of a key set, those called `kid` where one is named; empty for what is no key set.
fn keys(text: &str, kid: Option<&str>) -> Vec<RsaPublicKeyComponents<Vec<u8>>> {
    let Ok(set) = serde_json::from_str::<KeySet>(text) else {
        return Vec::new();
    };
    let is_meant = |key: &Key| {
        let is_named = kid.is_none() || key.kid.is_none() || key.kid.as_deref() == kid;
        key.kty == "RSA" && is_named && key.alg.as_deref().is_none_or(|alg| alg == "RS256")
    };
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
    set.keys
        .iter()
        .filter(|key| is_meant(key))
        .filter_map(|key| {
            let (n, e) = (decode(&key.n)?, decode(&key.e)?);
            // 2048 bits, as ring wants them.
            (256 <= n.len()).then_some(RsaPublicKeyComponents { n, e })
        })
        .collect()
}
