//! Items into the contents of a cart.

use super::Malformed;
use super::text::{self, MAX_URL_CHARS};
use crate::event::{Contents, LineItem, MAX_LINES};
use crate::money::{Currency, Money};

/// The contents that `lines` make. Without a `total` it is their sum.
pub(super) fn contents(
    currency: Currency,
    mut lines: Vec<LineItem>,
    total: Option<Money>,
    checkout_url: Option<String>,
) -> Result<Contents, Malformed> {
    let sum = lines.iter().try_fold(Money::zero(currency), |sum, line| {
        let price = Money {
            minor: line.price_minor,
            currency,
        };
        sum.checked_add(price.checked_mul(line.quantity)?)
    });
    let total = total.filter(|total| total.currency == currency).or(sum);
    let total = total.ok_or_else(|| Malformed::new("lines", "cost too much together"))?;
    lines.truncate(MAX_LINES);
    Ok(Contents {
        currency,
        lines,
        total_minor: total.minor,
        checkout_url,
    })
}

/// A text of an item, the first of `candidates` that has one, in at most `n_chars`.
pub(super) fn first<'a>(
    candidates: impl IntoIterator<Item = Option<&'a str>>,
    n_chars: usize,
) -> Option<String> {
    candidates
        .into_iter()
        .flatten()
        .find_map(|text| text::clip(text, n_chars))
}

/// An address on the web that is short enough to be kept.
pub(super) fn url(text: Option<&str>) -> Option<String> {
    text.filter(|url| url.chars().count() <= MAX_URL_CHARS)
        .map(str::to_owned)
}
