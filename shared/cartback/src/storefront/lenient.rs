//! JSON that storefronts send, as far as it can be read. Everything optional reads as absent when it
//! is null, empty or of another type: their samples disagree with each other, and a cart must not be
//! lost for it.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::value::RawValue;

use crate::money::{Currency, Money};

/// The text of a JSON string, or of a number exactly as it was written: an id beyond 2^53 and a
/// price keep their digits. Anything else, and an empty text, is absent.
#[derive(Default, Clone)]
pub(super) struct Scalar(Option<String>);

/// The fewest decimals that only a float writes.
const MIN_NOISY_DECIMALS: usize = 10;

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

    /// The text as an amount of `currency`, zero or more, where it may have gone through a float: of a
    /// dozen decimals, those beyond the currency's are noise.
    pub(super) fn float_money(&self, currency: Currency) -> Option<Money> {
        let text = self.text()?;
        self.money(currency).or_else(|| {
            let (whole, fraction) = text.split_once('.')?;
            let is_noisy = MIN_NOISY_DECIMALS <= fraction.len()
                && [whole, fraction]
                    .iter()
                    .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
            let exponent = currency.exponent() as usize;
            let next = fraction.as_bytes().get(exponent).filter(|_| is_noisy)?;
            let cut = Money::parse(&format!("{whole}.{}", &fraction[..exponent]), currency).ok()?;
            let up = i64::from(b'5' <= *next);
            Some(Money {
                minor: cut.minor.checked_add(up)?,
                ..cut
            })
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_noise_of_a_float_is_rounded_away_and_nothing_else() {
        let money = |json: &str, code: &str| {
            let scalar: Scalar = serde_json::from_str(json).unwrap();
            let money = scalar.float_money(code.parse().unwrap())?;
            Some(money.minor)
        };
        for (json, code, expected) in [
            ("0.30000000000000004", "USD", Some(30)),
            ("59.970000000000006", "USD", Some(5997)),
            ("19.989999999999998", "USD", Some(1999)),
            ("0.9999999999999999", "USD", Some(100)),
            ("1.2344999999999999", "KWD", Some(1234)),
            ("1990.0000000000002", "JPY", Some(1990)),
            ("\"19.99\"", "USD", Some(1999)),
            ("2.000", "USD", Some(200)),
            ("2.555", "USD", None),
            ("1e2", "USD", None),
            ("-1", "USD", None),
            ("-0.30000000000000004", "USD", None),
            ("12.30000000000000e4", "USD", None),
            ("99999999999999999999.30000000000000004", "USD", None),
        ] {
            assert_eq!(money(json, code), expected, "{json} {code}");
        }
    }
}
