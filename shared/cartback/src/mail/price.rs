//! Money as a shopper reads it, in English.

use crate::money::Money;

impl Money {
    /// The amount as English-speaking shops print it: `$98.00`, `¥23,600`, or with the code when the
    /// currency has no sign of its own, `KWD 1.999` (with a space that does not break).
    ///
    /// Signs as in CLDR's English data.
    #[must_use]
    pub fn shown(self) -> String {
        let minus = if self.minor < 0 { "-" } else { "" };
        let decimal = self.decimal();
        let digits = decimal.trim_start_matches('-');
        let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
        let code = self.currency.code();
        match sign(code) {
            Some(sign) => format!("{minus}{sign}{}{fraction}", grouped(whole)),
            None => format!("{minus}{code}\u{a0}{}{fraction}", grouped(whole)),
        }
    }
}

fn sign(code: &str) -> Option<&'static str> {
    Some(match code {
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        "JPY" => "¥",
        "INR" => "₹",
        "KRW" => "₩",
        "ILS" => "₪",
        "VND" => "₫",
        "PHP" => "₱",
        "CNY" => "CN¥",
        "AUD" => "A$",
        "BRL" => "R$",
        "CAD" => "CA$",
        "HKD" => "HK$",
        "MXN" => "MX$",
        "NZD" => "NZ$",
        "TWD" => "NT$",
        _ => return None,
    })
}

fn grouped(whole: &str) -> String {
    let mut grouped = String::with_capacity(whole.len() + whole.len() / 3);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_read_as_in_an_english_shop() {
        for (minor, code, shown) in [
            (9800, "USD", "$98.00"),
            (9800, "EUR", "€98.00"),
            (23_600, "JPY", "¥23,600"),
            (1999, "KWD", "KWD\u{a0}1.999"),
            (123_456_789, "CAD", "CA$1,234,567.89"),
            (100_000, "CHF", "CHF\u{a0}1,000.00"),
            (5, "GBP", "£0.05"),
            (-123_456, "USD", "-$1,234.56"),
            (0, "JPY", "¥0"),
        ] {
            assert_eq!(
                Money {
                    minor,
                    currency: code.parse().unwrap()
                }
                .shown(),
                shown
            );
        }
    }
}
