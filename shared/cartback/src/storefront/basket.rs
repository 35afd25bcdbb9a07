//! A cart's contents as they are put together line by line, and the texts that lines have in common.

use super::lenient::Scalar;
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
pub(super) fn contents(currency: Currency, lines: Vec<LineItem>) -> Option<Contents> {
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
