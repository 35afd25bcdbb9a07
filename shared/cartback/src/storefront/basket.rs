//! A cart's contents as they are put together line by line, and the texts that lines have in common.

use super::Malformed;
use super::lenient::{Lenient, Scalar};
use super::text::{self, MAX_URL_CHARS};
use crate::event::{Contents, LineItem, MAX_LINES};
use crate::money::{Currency, Money};

/// The lines seen so far and what they cost together.
#[derive(Default)]
pub(super) struct Basket {
    lines: Vec<LineItem>,
    total: Option<Money>,
}

impl Basket {
    /// Adds `line`, which costs `sum`; beyond [`MAX_LINES`] only its sum counts. `None` if the sum is in
    /// another currency than those before it, or together they are too much.
    pub(super) fn add(&mut self, line: LineItem, sum: Money) -> Option<()> {
        self.total = Some(match self.total {
            None => sum,
            Some(total) => total.checked_add(sum)?,
        });
        if self.lines.len() < MAX_LINES {
            self.lines.push(line);
        }
        Some(())
    }

    /// What came together; an empty one costs nothing in `fallback`.
    pub(super) fn contents(self, fallback: Currency) -> Contents {
        let total = self.total.unwrap_or(Money::zero(fallback));
        Contents {
            currency: total.currency,
            lines: self.lines,
            total_minor: total.minor,
            checkout_url: None,
        }
    }
}

/// The contents of `lines`, read one by one: a line that cannot be read is left out, so that one bad line
/// does not lose the cart. `total` takes the place of the lines' sum.
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
    let does_not_add_up = || Malformed::new(path, "does not add up");
    let mut basket = Basket::default();
    let (mut n_given, mut n_read) = (0, 0);
    for line in lines {
        n_given += 1;
        let Some(line) = line.as_ref().and_then(&read) else {
            continue;
        };
        n_read += 1;
        let price = Money {
            minor: line.price_minor,
            currency,
        };
        let sum = price
            .checked_mul(line.quantity)
            .ok_or_else(does_not_add_up)?;
        basket.add(line, sum).ok_or_else(does_not_add_up)?;
    }
    if n_read == 0 && n_given != 0 {
        return Err(Malformed::new(
            path,
            "has no line with a quantity and a price",
        ));
    }
    let mut contents = basket.contents(currency);
    if let Some(total) = total.filter(|total| total.currency == currency) {
        contents.total_minor = total.minor;
    }
    Ok(contents)
}

/// A whole number of 1 or more from `3`, `3.0` or `3.0000`.
pub(super) fn quantity(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_whole = fraction.bytes().all(|byte| byte == b'0');
    whole.parse().ok().filter(|n| is_whole && *n != 0)
}

/// The first of `candidates` that is a text, cut to `n_chars`.
pub(super) fn first_text(candidates: &[&Scalar], n_chars: usize) -> Option<String> {
    candidates
        .iter()
        .find_map(|candidate| text::clip(candidate.text()?, n_chars))
}

/// An address on the web, if it is not too long to be kept.
pub(super) fn url(text: &Scalar) -> Option<String> {
    text.text()
        .filter(|url| url.chars().count() <= MAX_URL_CHARS)
        .map(str::to_owned)
}

/// The contents of `lines`, all priced in `currency`; `None` if together they are too much.
pub(super) fn priced(currency: Currency, lines: Vec<LineItem>) -> Option<Contents> {
    let mut basket = Basket::default();
    for line in lines {
        let price = Money {
            minor: line.price_minor,
            currency,
        };
        let sum = price.checked_mul(line.quantity)?;
        basket.add(line, sum)?;
    }
    Some(basket.contents(currency))
}
