//! Names of shops, carts, contacts and attempts. Keys are opaque: they can stand in tags, URLs and
//! facts without telling anything about a person.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::email::EmailAddress;

/// A shop's short name: 1 to 40 of `a-z`, `0-9` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShopId(String);

/// A storefront's own id of a cart: 1 to 128 printable ASCII characters without spaces. It may be a
/// bearer secret at the storefront, so it never leaves the table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CartId(String);

/// The text is no id of this kind; the message says what is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidId(&'static str);

/// A cart's key across the installation: the shop and 26 characters of SHA-256 over shop and cart id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CartKey {
    shop: ShopId,
    digest: String,
}

/// A person's key in one shop: the shop and 26 characters of HMAC-SHA256 over the normalised
/// address, keyed with the installation's pepper.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContactKey {
    shop: ShopId,
    digest: String,
}

/// One attempt to send one reminder: a ULID. It fences the stage and comes back in every SES event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Attempt(ulid::Ulid);

/// The installation's secret for contact keys. Changing it orphans every contact.
#[derive(Clone, PartialEq, Eq)]
pub struct Pepper(pub Vec<u8>);

impl ShopId {
    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ShopId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let is_allowed =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=40).contains(&text.len()) && text.bytes().all(is_allowed) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidId("not a shop id; use 1 to 40 of a-z, 0-9 and -"))
    }
}

impl CartId {
    /// The name of every cart whose own was forgotten.
    #[must_use]
    pub fn erased() -> Self {
        Self("erased".to_owned())
    }

    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CartId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidId(
            "not a cart id; use 1 to 128 printable ASCII characters without spaces",
        ))
    }
}

impl CartKey {
    /// The key of the cart that `shop` calls `cart`.
    #[must_use]
    pub fn new(shop: &ShopId, cart: &CartId) -> Self {
        let digest = Sha256::new()
            .chain_update(shop.as_str())
            .chain_update([0])
            .chain_update(cart.as_str())
            .finalize();
        Self {
            shop: shop.clone(),
            digest: base32(&digest),
        }
    }

    /// The shop that the cart belongs to.
    #[must_use]
    pub fn shop(&self) -> &ShopId {
        &self.shop
    }

    /// A number that spreads carts evenly over `n_shards`.
    #[must_use]
    pub fn shard(&self, n_shards: u16) -> u16 {
        let sum = self.digest.bytes().fold(0_u32, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u32::from(byte))
        });
        u16::try_from(sum % u32::from(n_shards.max(1))).unwrap_or(0)
    }
}

impl ContactKey {
    /// The key of the person at `address` in `shop`.
    #[must_use]
    pub fn new(pepper: &Pepper, shop: &ShopId, address: &EmailAddress) -> Self {
        let digest = keyed(
            &pepper.0,
            &[
                shop.as_str().as_bytes(),
                &[0],
                address.normalised().as_bytes(),
            ],
        );
        Self {
            shop: shop.clone(),
            digest: base32(&digest),
        }
    }

    /// A key that no person has, for rules about a cart without one.
    #[must_use]
    pub fn nobody(shop: &ShopId) -> Self {
        Self {
            shop: shop.clone(),
            digest: base32(&[0; 16]),
        }
    }

    /// The shop in which the person is known by this key.
    #[must_use]
    pub fn shop(&self) -> &ShopId {
        &self.shop
    }
}

impl Attempt {
    /// The attempt that `nonce` (random, one for each invocation) makes at `cart` in its `version`.
    ///
    /// Two invocations never make the same attempt, and one invocation never makes one twice for
    /// different versions of a cart.
    #[must_use]
    pub fn new(nonce: u128, cart: &CartKey, version: u64, at: jiff::Timestamp) -> Self {
        let digest = keyed(
            &nonce.to_be_bytes(),
            &[cart.to_string().as_bytes(), &version.to_be_bytes()],
        );
        let mut random = [0; 16];
        random.copy_from_slice(&digest[..16]);
        let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
        Self(ulid::Ulid::from_parts(millis, u128::from_be_bytes(random)))
    }

    /// When it was made, by its worker's clock, in whole milliseconds.
    #[must_use]
    pub fn at(self) -> jiff::Timestamp {
        let millis = i64::try_from(self.0.timestamp_ms()).unwrap_or(i64::MAX);
        // A ULID's 48 bits reach past the year 9999 only if nobody made it.
        jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX)
    }

    /// The 16 bytes of the ULID.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_bytes()
    }

    /// The attempt of these 16 bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(ulid::Ulid::from_bytes(bytes))
    }
}

fn keyed(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length; the error cannot occur and an empty digest would be worse.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The first 128 bits of `digest` in 26 lower-case letters and digits (Crockford's base 32).
fn base32(digest: &[u8]) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    ulid::Ulid::from_bytes(bytes).to_string().to_lowercase()
}

macro_rules! text_id {
    ($($id:ident),*) => {$(
        impl TryFrom<String> for $id {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$id> for String {
            fn from(id: $id) -> Self {
                id.to_string()
            }
        }
    )*};
}

macro_rules! opaque_key {
    ($($key:ident),*) => {$(
        impl fmt::Display for $key {
            /// `shop_digest`: letters, digits, `-` and one `_`, so it may stand in an SES tag.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", self.shop.0, self.digest)
            }
        }

        impl fmt::Debug for $key {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $key {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let (shop, digest) = text.split_once('_').ok_or(InvalidId("not an opaque key"))?;
                let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
                if digest.len() != 26 || !digest.bytes().all(is_allowed) {
                    return Err(InvalidId("not an opaque key"));
                }
                Ok(Self { shop: shop.parse()?, digest: digest.to_owned() })
            }
        }
    )*};
}

text_id!(ShopId, CartId, CartKey, ContactKey, Attempt);
opaque_key!(CartKey, ContactKey);

impl fmt::Display for ShopId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for CartId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Attempt {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        ulid::Ulid::from_string(text)
            .map(Self)
            .map_err(|_| InvalidId("not an attempt; expected a ULID"))
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pepper(***)")
    }
}

#[cfg(test)]
mod tests;
