//! A cart's snapshot from lines whose prices are given one by one.

use super::Malformed;
use super::lenient::Lenient;
use super::text::MAX_URL_CHARS;
use crate::event::{Contents, LineItem, MAX_LINES};
use crate::money::{Currency, Money};

/// The snapshot of `lines`, read one by one: a line that cannot be read is left out, so that one bad line
/// does not lose the cart. Without a `total` it is that of the lines.
///
/// # Errors
/// [`Malformed`] at `path` if no line can be read, or they do not add up.
pub(super) fn contents<'a, L: 'a>(
    lines: impl IntoIterator<Item = &'a Lenient<L>>,
    path: &str,
    currency: Currency,
    total: Option<Money>,
    read: impl Fn(&L) -> Option<LineItem>,
) -> Result<Contents, Malformed> {
    let mut lines = lines.into_iter().peekable();
    let is_empty = lines.peek().is_none();
    let mut kept: Vec<LineItem> = lines.filter_map(|line| read(line.as_ref()?)).collect();
    if kept.is_empty() && !is_empty {
        return Err(Malformed::new(path, "has no line with a quantity and a price"));
    }
    let sum = kept.iter().try_fold(Money::zero(currency), |sum, line| {
        let price = Money {
            minor: line.price_minor,
            currency,
        };
        sum.checked_add(price.checked_mul(line.quantity)?)
    });
    let total = total
        .or(sum)
        .ok_or_else(|| Malformed::new(path, "does not add up"))?;
    kept.truncate(MAX_LINES);
    Ok(Contents {
        currency,
        lines: kept,
        total_minor: total.minor,
        checkout_url: None,
    })
}

/// A whole number from `3`, `"3"`, `3.0` or `"3.0000"`; `None` for zero, a fraction or less.
pub(super) fn quantity(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_whole = fraction.bytes().all(|byte| byte == b'0');
    whole.parse().ok().filter(|n| is_whole && *n != 0)
}

/// An address on the web, if it is not too long to keep.
pub(super) fn url(text: Option<&str>) -> Option<String> {
    text.filter(|url| url.chars().count() <= MAX_URL_CHARS)
        .map(str::to_owned)
}
