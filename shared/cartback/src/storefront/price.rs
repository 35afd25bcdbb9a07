//! Amounts that are not written as decimals of their currency: a storefront's own minor units, floats,
//! and the sum of several pieces. What is exact stays exact; the rest comes to the nearest minor unit,
//! as a page would show it.

use crate::money::{Currency, Money};

/// `units` of which `10^decimals` make one of `currency`, whatever its own exponent is.
pub(super) fn scaled(units: i64, decimals: u32, currency: Currency) -> Option<Money> {
    let factor = 10_i128.checked_pow(currency.exponent())?;
    let divisor = 10_i128.checked_pow(decimals)?;
    nearest(i128::from(units).checked_mul(factor)?, divisor, currency)
}

/// A decimal text such as `19.99`, with as many digits as a float prints; zero or more.
pub(super) fn decimal(text: &str, currency: Currency) -> Option<Money> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    // A float has at most 17 digits that mean anything; fewer than that decide about a minor unit.
    let kept = &fraction[..fraction.len().min(12)];
    let units: i64 = format!("{whole}{kept}").parse().ok()?;
    scaled(units, u32::try_from(kept.len()).ok()?, currency)
}

/// The price of one where `quantity` cost `sum` together; `quantity` is at least 1.
pub(super) fn each(sum: Money, quantity: u32) -> Option<Money> {
    nearest(i128::from(sum.minor), i128::from(quantity), sum.currency)
}

/// `amount / divisor` rounded half up; `None` for a negative amount, no divisor, or what does not fit.
fn nearest(amount: i128, divisor: i128, currency: Currency) -> Option<Money> {
    if amount < 0 || divisor < 1 {
        return None;
    }
    let minor = i64::try_from((amount + divisor / 2) / divisor).ok()?;
    Some(Money { minor, currency })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn a_storefronts_own_minor_units_become_those_of_the_currency() {
        for (units, decimals, code, minor) in [
            (1999, 2, "USD", Some(1999)),
            // A shop that hides the decimals.
            (20, 0, "USD", Some(2000)),
            (500, 2, "ISK", Some(5)),
            (1990, 3, "KWD", Some(1990)),
            (19_995, 3, "USD", Some(2000)),
            (19_994, 3, "USD", Some(1999)),
            (700, 0, "JPY", Some(700)),
            (-1, 2, "USD", None),
            (i64::MAX, 0, "KWD", None),
            (1, 99, "USD", None),
        ] {
            let scaled = scaled(units, decimals, currency(code));
            assert_eq!(scaled.map(|money| money.minor), minor, "{units} {code}");
        }
    }

    #[test]
    fn a_float_comes_to_the_nearest_minor_unit() {
        for (text, code, minor) in [
            ("395.01", "EUR", Some(39_501)),
            ("19.990000000000002", "EUR", Some(1999)),
            ("19.989999999999998", "EUR", Some(1999)),
            ("0.005", "EUR", Some(1)),
            ("12", "JPY", Some(12)),
            ("1.2345", "KWD", Some(1235)),
            ("1e3", "EUR", None),
            ("-1", "EUR", None),
            ("", "EUR", None),
            (".5", "EUR", None),
            ("99999999999999999999", "EUR", None),
        ] {
            let read = decimal(text, currency(code)).map(|money| money.minor);
            assert_eq!(read, minor, "{text} {code}");
        }
    }

    #[test]
    fn the_price_of_one_is_rounded_and_never_divided_by_nothing() {
        let sum = Money {
            minor: 1000,
            currency: currency("EUR"),
        };
        for (quantity, minor) in [(1, Some(1000)), (3, Some(333)), (7, Some(143)), (0, None)] {
            assert_eq!(each(sum, quantity).map(|money| money.minor), minor);
        }
    }
}
