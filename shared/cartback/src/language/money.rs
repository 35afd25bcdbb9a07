//! Money as shoppers read it: digits by ICU4X, signs and their place by CLDR.
//!
//! ICU4X's own money formatter is an experiment, and rounds to the digits that are in daily use (an Iraqi
//! dinar to none). Ours prints every minor unit: a price is exact or not shown.

use std::cell::OnceCell;

use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;

use super::{Locale, N_LOCALES};
use crate::money::Money;

/// Where the sign stands. Source: CLDR, `currencyFormats`, `standard`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// `$98.00`, `KWD 1.999`: apart if the sign ends in a letter.
    Before,
    /// `CHF 98.00`: always apart.
    BeforeApart,
    /// `98,00 €`.
    After,
    /// The same, marked as from right to left.
    AfterFromRight,
}

/// Keeps what is on both of its sides in one line.
const NO_BREAK: char = '\u{a0}';
const RIGHT_TO_LEFT_MARK: char = '\u{200f}';

thread_local! {
    /// Looking a locale's separators up costs more than printing an amount.
    static KEPT: [OnceCell<Option<DecimalFormatter>>; N_LOCALES] =
        const { [const { OnceCell::new() }; N_LOCALES] };
}

impl Locale {
    /// `money` with all digits of its currency: `$1,234.50`, `1.234,50 €`, `￥23,600`.
    #[must_use]
    pub fn money(self, money: Money) -> String {
        let amount = self.decimal(&money.decimal());
        let code = money.currency.code();
        let sign = self.0.signs.iter().find(|(known, _)| *known == code);
        let sign = sign.map_or(code, |(_, sign)| *sign);
        match self.0.layout {
            Layout::Before if !sign.ends_with(char::is_alphabetic) => format!("{sign}{amount}"),
            Layout::Before | Layout::BeforeApart => format!("{sign}{NO_BREAK}{amount}"),
            Layout::After => format!("{amount}{NO_BREAK}{sign}"),
            Layout::AfterFromRight => format!("{RIGHT_TO_LEFT_MARK}{amount}{NO_BREAK}{sign}"),
        }
    }

    /// Whole percent: `15%`, `15 %`. Source: CLDR, `percentFormats`.
    pub(crate) fn percent(self, percent: u8) -> String {
        let sign = match self.0.tag {
            "de" | "fr" | "fr-CA" | "es" => "\u{a0}%",
            "ar" => "\u{200e}%\u{200e}",
            _ => "%",
        };
        format!("{}{sign}", self.decimal(&percent.to_string()))
    }

    /// A plain decimal such as `1234.5`, with the locale's separators.
    pub(crate) fn decimal(self, plain: &str) -> String {
        let look_up = || DecimalFormatter::try_new((&self.0.icu).into(), Default::default()).ok();
        KEPT.with(|kept| {
            let formatter = kept[self.place()].get_or_init(look_up);
            match (formatter, plain.parse::<Decimal>()) {
                (Some(formatter), Ok(decimal)) => formatter.format(&decimal).to_string(),
                // Plain digits are as true.
                _ => plain.to_owned(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_read_as_in_a_shop_of_the_place() {
        for (tag, shown) in [
            ("en", "15%"),
            ("de", "15\u{a0}%"),
            ("de-CH", "15%"),
            ("fr", "15\u{a0}%"),
            ("es", "15\u{a0}%"),
            ("es-MX", "15%"),
            ("ja", "15%"),
            ("ar", "15\u{200e}%\u{200e}"),
        ] {
            assert_eq!(Locale::of(tag).unwrap().percent(15), shown, "{tag}");
        }
    }

    /// As `Intl.NumberFormat` of Node.js 20 (CLDR 48) prints them.
    #[test]
    fn prices_read_as_in_a_shop_of_the_place() {
        for (tag, minor, code, shown) in [
            ("en", 9800, "USD", "$98.00"),
            ("en", 23_600, "JPY", "¥23,600"),
            ("en", 1999, "KWD", "KWD\u{a0}1.999"),
            ("en", 123_456_789, "CAD", "CA$1,234,567.89"),
            ("en-GB", 9800, "USD", "US$98.00"),
            ("de", 123_456_750, "EUR", "1.234.567,50\u{a0}€"),
            ("de-CH", 123_456_750, "CHF", "CHF\u{a0}1'234'567.50"),
            (
                "fr",
                123_456_750,
                "EUR",
                "1\u{202f}234\u{202f}567,50\u{a0}€",
            ),
            ("fr-CA", 123_450, "CAD", "1\u{a0}234,50\u{a0}$"),
            ("es", 123_450, "EUR", "1234,50\u{a0}€"),
            ("es-MX", 123_450, "MXN", "$1,234.50"),
            ("ja", 23_600, "JPY", "￥23,600"),
            ("ar", 123_450, "USD", "\u{200f}1,234.50\u{a0}US$"),
            ("ar", 1999, "KWD", "\u{200f}1.999\u{a0}د.ك.\u{200f}"),
            ("de", 5, "GBP", "0,05\u{a0}£"),
            ("en", 1250, "IQD", "IQD\u{a0}1.250"),
        ] {
            let currency = code.parse().unwrap();
            let locale = Locale::of(tag).unwrap();
            assert_eq!(locale.money(Money { minor, currency }), shown, "{tag}");
        }
    }
}
