//! Codes, the pools that they come from, and the claim on one.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::CartKey;
use crate::money::{Currency, Money};
use crate::stage::Stage;

/// What a shopper types in at the checkout: 1 to 64 printable ASCII characters without spaces. Whoever
/// has it may redeem it, so it is masked when printed for debugging.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OfferCode(String);

/// A pool's name: 1 to 40 of `a-z`, `0-9`, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PoolName(String);

/// The text is no code, or no pool's name; the message says what is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidCode(&'static str);

/// A code of a pool, as it was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolCode {
    /// Which pool.
    pub pool: PoolName,
    /// The code.
    pub code: OfferCode,
    /// When the shop's platform stops taking it; `None` never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// What a reservation takes with it: a code that nobody has yet, and a part of the budget. Both or
/// neither, in the reservation's own transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// By which cart.
    pub cart: CartKey,
    /// For which stage.
    pub stage: Stage,
    /// The code, if it is one of a pool.
    pub code: Option<(PoolName, OfferCode)>,
    /// What it takes of the budget, if there is one.
    pub spend: Option<Spend>,
}

/// An amount taken of a month's budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spend {
    /// Which month's.
    pub month: Month,
    /// How much, of the limit's currency.
    pub amount_minor: i64,
    /// The budget: the sum of all amounts stays at or below it.
    pub limit: Money,
}

/// A calendar month of the shop, and the currency that is counted in: `2026-11-USD`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(String);

impl Month {
    /// The month that holds `now` in the shop's zone.
    #[must_use]
    pub fn of(now: Timestamp, zone: &jiff::tz::TimeZone, currency: Currency) -> Self {
        let local = now.to_zoned(zone.clone());
        Self(format!("{}-{currency}", local.strftime("%Y-%m")))
    }

    /// The text, of `A-Z`, `0-9` and `-`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl OfferCode {
    /// The code in plain text, for mails and the checkout only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl PoolName {
    /// The text of the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OfferCode {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, InvalidCode> {
        if (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidCode(
            "not a code; use 1 to 64 printable ASCII characters without spaces",
        ))
    }
}

impl FromStr for PoolName {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, InvalidCode> {
        let is_allowed = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-')
        };
        if (1..=40).contains(&text.len()) && text.bytes().all(is_allowed) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidCode(
            "not a pool's name; use 1 to 40 of a-z, 0-9, _ and -",
        ))
    }
}

impl TryFrom<String> for OfferCode {
    type Error = InvalidCode;

    fn try_from(text: String) -> Result<Self, InvalidCode> {
        text.parse()
    }
}

impl TryFrom<String> for PoolName {
    type Error = InvalidCode;

    fn try_from(text: String) -> Result<Self, InvalidCode> {
        text.parse()
    }
}

impl From<OfferCode> for String {
    fn from(code: OfferCode) -> Self {
        code.0
    }
}

impl From<PoolName> for String {
    fn from(pool: PoolName) -> Self {
        pool.0
    }
}

impl fmt::Debug for OfferCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OfferCode(***)")
    }
}

impl fmt::Display for PoolName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
