//! Exact money: an integer of minor units and its ISO 4217 currency. No rounding, no conversion.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An ISO 4217 currency that has a minor-unit exponent, such as `USD`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

/// An amount of money in minor units: 1,999 with `USD` is 19.99 dollars, with `JPY` 1,999 yen,
/// with `KWD` 1.999 dinars. May be negative (a refund).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units of `currency`.
    pub minor: i64,
    /// The currency that gives `minor` its exponent.
    pub currency: Currency,
}

/// Why a text is not money or not a currency.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not three letters of ISO 4217, or a code without minor units (such as `XAU`).
    #[error("`{0}` is not an ISO 4217 currency code; send one such as \"USD\"")]
    UnknownCurrency(String),
    /// Not a plain decimal number.
    #[error("`{0}` is not a decimal amount; send a text such as \"19.99\"")]
    NotADecimal(String),
    /// More digits than the currency's minor unit has, and they are not zeros.
    #[error("`{amount}` has more decimals than {currency} allows")]
    TooPrecise {
        /// The text as given.
        amount: String,
        /// The currency whose exponent is exceeded.
        currency: Currency,
    },
    /// Beyond what 64 bits of minor units hold.
    #[error("`{0}` is too large")]
    TooLarge(String),
}

impl Currency {
    /// The dollar of the United States.
    pub const USD: Self = Self(*b"USD");

    /// Digits of the minor unit: 0 for `JPY`, 2 for `USD`, 3 for `KWD`. Source: ISO 4217.
    #[must_use]
    pub fn exponent(self) -> u32 {
        iso_currency::Currency::from_code(self.code())
            .and_then(iso_currency::Currency::exponent)
            .map_or(2, u32::from)
    }

    /// The three upper-case letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    /// Reads a code in either case.
    fn from_str(code: &str) -> Result<Self, MoneyError> {
        let upper = code.to_ascii_uppercase();
        iso_currency::Currency::from_code(&upper)
            .filter(|currency| currency.exponent().is_some())
            .and_then(|_| upper.as_bytes().try_into().ok())
            .map(Self)
            .ok_or_else(|| MoneyError::UnknownCurrency(code.chars().take(12).collect()))
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;

    fn try_from(code: String) -> Result<Self, MoneyError> {
        code.parse()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

impl Money {
    /// Nothing, in `currency`.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Reads a plain decimal text exactly: `"19.99"`, `"-3"`, `"23600"`, `"2.000"` (trailing zeros
    /// beyond the exponent are allowed: shops choose their own number of decimals).
    ///
    /// # Errors
    /// [`MoneyError`] when the text is not a decimal, too precise for the currency, or too large.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, MoneyError> {
        let not_a_decimal = || MoneyError::NotADecimal(amount.chars().take(32).collect());
        let trimmed = amount.trim();
        let (is_negative, digits) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
            return Err(not_a_decimal());
        }
        let exponent = currency.exponent() as usize;
        let (kept, dropped) = fraction.split_at(fraction.len().min(exponent));
        if dropped.bytes().any(|byte| byte != b'0') {
            return Err(MoneyError::TooPrecise {
                amount: amount.to_owned(),
                currency,
            });
        }
        let minor: i64 = format!("{whole}{kept:0<exponent$}")
            .parse()
            .map_err(|_| MoneyError::TooLarge(amount.chars().take(32).collect()))?;
        Ok(Self {
            minor: if is_negative { -minor } else { minor },
            currency,
        })
    }

    /// The sum, or `None` when the currencies differ or it does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.with_same_currency(other)?;
        Some(Self {
            minor: self.minor.checked_add(other.minor)?,
            ..self
        })
    }

    /// The difference, or `None` when the currencies differ or it does not fit.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.with_same_currency(other)?;
        Some(Self {
            minor: self.minor.checked_sub(other.minor)?,
            ..self
        })
    }

    /// `quantity` times this amount, or `None` when it does not fit.
    #[must_use]
    pub fn checked_mul(self, quantity: u32) -> Option<Self> {
        Some(Self {
            minor: self.minor.checked_mul(i64::from(quantity))?,
            ..self
        })
    }

    /// The plain decimal text with all digits of the currency: `19.90`, `1990` (JPY), `1.990` (KWD).
    #[must_use]
    pub fn decimal(self) -> String {
        let exponent = self.currency.exponent() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let digits = format!(
            "{:0>width$}",
            self.minor.unsigned_abs(),
            width = exponent + 1
        );
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        if fraction.is_empty() {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{fraction}")
        }
    }

    fn with_same_currency(self, other: Self) -> Option<()> {
        (self.currency == other.currency).then_some(())
    }
}

impl fmt::Display for Money {
    /// `19.99 USD`: unambiguous, for logs and messages to operators.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    /// Reads `"300.00 USD"`.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let (amount, code) = text
            .trim()
            .split_once(' ')
            .ok_or_else(|| MoneyError::NotADecimal(text.chars().take(32).collect()))?;
        Self::parse(amount, code.trim().parse()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money {
            minor,
            currency: code.parse().unwrap(),
        }
    }

    #[test]
    fn amounts_are_exact_in_every_exponent() {
        for (text, code, minor) in [
            ("19.99", "USD", 1999),
            ("0.1", "eur", 10),
            ("23600", "JPY", 23600),
            ("23600.00", "JPY", 23600),
            ("1.999", "KWD", 1999),
            ("2.000", "USD", 200),
            ("-3", "USD", -300),
            ("92233720368547758.07", "USD", i64::MAX),
        ] {
            let parsed = Money::parse(text, code.parse().unwrap()).unwrap();
            assert_eq!(parsed.minor, minor, "{text} {code}");
        }
    }

    #[test]
    fn what_is_not_exact_is_refused() {
        let usd = "USD".parse().unwrap();
        for text in [
            "",
            ".",
            "1.",
            "1,5",
            "1e3",
            "NaN",
            "0x1",
            "1.005",
            "--1",
            "92233720368547758.08",
        ] {
            // "1." is a whole number with an empty fraction; only it is read.
            assert_eq!(Money::parse(text, usd).is_ok(), text == "1.", "{text}");
        }
        assert!("XAU".parse::<Currency>().is_err());
        assert!("US".parse::<Currency>().is_err());
    }

    #[test]
    fn a_printed_amount_reads_back_as_itself() {
        for amount in [
            money(5, "USD"),
            money(-5, "KWD"),
            money(0, "JPY"),
            money(123_456, "EUR"),
        ] {
            assert_eq!(amount.to_string().parse(), Ok(amount));
        }
    }

    #[test]
    fn different_currencies_never_add_up() {
        assert_eq!(money(1, "USD").checked_add(money(1, "EUR")), None);
    }

    #[test]
    fn an_amount_prints_all_digits_of_its_currency() {
        for (minor, code, text) in [
            (1990, "USD", "19.90 USD"),
            (5, "USD", "0.05 USD"),
            (-5, "USD", "-0.05 USD"),
            (1990, "JPY", "1990 JPY"),
            (0, "JPY", "0 JPY"),
            (1990, "KWD", "1.990 KWD"),
            (-1, "KWD", "-0.001 KWD"),
            (i64::MAX, "USD", "92233720368547758.07 USD"),
            (i64::MIN, "USD", "-92233720368547758.08 USD"),
        ] {
            assert_eq!(money(minor, code).to_string(), text);
        }
    }

    #[test]
    fn each_fault_of_an_amount_is_told_apart() {
        let usd: Currency = "USD".parse().unwrap();
        let too_precise = MoneyError::TooPrecise {
            amount: "1.005".to_owned(),
            currency: usd,
        };
        for (text, error) in [
            ("1,5", MoneyError::NotADecimal("1,5".to_owned())),
            ("1.-5", MoneyError::NotADecimal("1.-5".to_owned())),
            ("1.005", too_precise),
            (
                "92233720368547758.08",
                MoneyError::TooLarge("92233720368547758.08".to_owned()),
            ),
        ] {
            assert_eq!(Money::parse(text, usd), Err(error));
        }
        let long = "x".repeat(99);
        assert_eq!(
            Money::parse(&long, usd),
            Err(MoneyError::NotADecimal("x".repeat(32)))
        );
        assert_eq!(
            long.parse::<Currency>(),
            Err(MoneyError::UnknownCurrency("x".repeat(12)))
        );
        assert_eq!(
            "1.00".parse::<Money>(),
            Err(MoneyError::NotADecimal("1.00".to_owned()))
        );
        assert_eq!(" 1.00  usd ".parse(), Ok(money(100, "USD")));
    }

    #[test]
    fn what_does_not_fit_is_never_wrapped() {
        let (most, least, one) = (
            money(i64::MAX, "USD"),
            money(i64::MIN, "USD"),
            money(1, "USD"),
        );
        assert_eq!(most.checked_add(one), None);
        assert_eq!(least.checked_sub(one), None);
        assert_eq!(most.checked_mul(2), None);
        assert_eq!(most.checked_sub(one), Some(money(i64::MAX - 1, "USD")));
        assert_eq!(one.checked_add(money(2, "USD")), Some(money(3, "USD")));
        assert_eq!(one.checked_sub(money(2, "USD")), Some(money(-1, "USD")));
        assert_eq!(one.checked_sub(money(1, "EUR")), None);
        assert_eq!(money(-7, "USD").checked_mul(3), Some(money(-21, "USD")));
        assert_eq!(Money::zero(Currency::USD), money(0, "USD"));
    }

    #[test]
    fn currencies_are_stored_by_their_code() {
        for (code, exponent) in [("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)] {
            let currency: Currency = code.to_lowercase().parse().unwrap();
            assert_eq!((currency.code(), currency.exponent()), (code, exponent));
            assert_eq!(format!("{currency} {currency:?}"), format!("{code} {code}"));
            let stored = serde_json::to_string(&currency).unwrap();
            assert_eq!(stored, format!("\"{code}\""));
            assert_eq!(serde_json::from_str::<Currency>(&stored).unwrap(), currency);
        }
        assert!(serde_json::from_str::<Currency>("\"XAU\"").is_err());
        for text in ["", "US", "USDX", "U€", "XXX", "XTS"] {
            assert!(text.parse::<Currency>().is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]

        #[test]
        fn every_amount_reads_back_as_itself(minor: i64, code in proptest::sample::select(vec!["USD", "JPY", "KWD", "CLF"])) {
            // The least number of all has no positive twin and cannot be read.
            let amount = money(minor.max(-i64::MAX), code);
            proptest::prop_assert_eq!(amount.to_string().parse(), Ok(amount));
        }
    }
}
