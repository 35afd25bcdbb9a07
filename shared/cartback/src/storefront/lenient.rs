//! JSON that storefronts send, as far as it can be read. Everything optional reads as absent when it
//! is null, empty or of another type: their samples disagree with each other, and a cart must not be
//! lost for it.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::value::RawValue;

use super::price;
use crate::money::{Currency, Money};

/// The text of a JSON string, or of a number exactly as it was written: an id beyond 2^53 and a
/// price keep their digits. Anything else, and an empty text, is absent.
#[derive(Default, Clone)]
pub(super) struct Scalar(Option<String>);

/// A `T`, or nothing when the JSON is anything else.
pub(super) struct Lenient<T>(pub(super) Option<T>);

impl Scalar {
    /// The text, trimmed and not empty.
    pub(super) fn text(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The text as an amount of `currency`, zero or more.
    pub(super) fn money(&self, currency: Currency) -> Option<Money> {
        Money::parse(self.text()?, currency)
            .ok()
            .filter(|money| 0 <= money.minor)
    }

    /// The text as an amount of `currency`, zero or more, at the nearest minor unit: for shops that compute
    /// with more decimals than they show, and for what may have gone through a float.
    pub(super) fn rounded_money(&self, currency: Currency) -> Option<Money> {
        price::decimal(self.text()?, currency)
    }

    /// A text that is not JSON's.
    pub(super) fn of(text: &str) -> Self {
        Self(Some(text.to_owned()).filter(|text| !text.is_empty()))
    }

    /// The text as a currency.
    pub(super) fn currency(&self) -> Option<Currency> {
        self.text()?.parse().ok()
    }
}

impl<T> Lenient<T> {
    pub(super) fn as_ref(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(raw.get()).ok()))
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let json = raw.get().trim();
        let text = match json.bytes().next() {
            Some(b'"') => serde_json::from_str::<String>(json).ok(),
            Some(b'-' | b'0'..=b'9') => Some(json.to_owned()),
            _ => None,
        };
        Ok(Self(
            text.map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty()),
        ))
    }
}
