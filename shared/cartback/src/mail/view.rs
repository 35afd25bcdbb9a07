//! Carts and brands as templates see them: cleaned, shortened, checked and printed. What a template
//! may not show is not here.

use serde::Serialize;

use super::color::ButtonColors;
use super::link::web_url;
use super::message::{Brand, LineView, SavingsStatement};
use super::plain::one_line;
use super::render::RenderError;
use crate::money::Money;

/// More would make the mail longer than the 102 KB at which Gmail clips it.
const MAX_ITEMS: usize = 30;
const MAX_TITLE_CHARS: usize = 70;
const MAX_VARIANT_CHARS: usize = 50;

/// A shop's brand, ready to print.
#[derive(Serialize)]
pub(crate) struct BrandShown<'a> {
    pub(crate) name: String,
    url: &'a str,
    logo_url: Option<&'a str>,
    button: ButtonColors,
    support_email: String,
    postal_address: String,
}

/// Items and sums of a cart.
#[derive(Serialize)]
pub(crate) struct CartShown<'a> {
    items: Vec<ItemShown<'a>>,
    n_more: usize,
    total: String,
    savings: Option<String>,
}

#[derive(Serialize)]
struct ItemShown<'a> {
    title: String,
    variant: Option<String>,
    /// Stands where the picture is missing.
    initial: String,
    image_url: Option<&'a str>,
    quantity: u32,
    /// Price of one, if there are several.
    each: Option<String>,
    price: String,
    regular_price: Option<String>,
}

impl<'a> BrandShown<'a> {
    pub(crate) fn new(brand: &'a Brand) -> Result<Self, RenderError> {
        Ok(Self {
            name: one_line(&brand.name, 60),
            url: web_url(&brand.url).ok_or(RenderError::BadLink("home page"))?,
            logo_url: brand.logo_url.as_deref().and_then(web_url),
            button: ButtonColors::of(&brand.color),
            support_email: one_line(&brand.support_email, 254),
            postal_address: one_line(&brand.postal_address, 300),
        })
    }
}

impl<'a> CartShown<'a> {
    pub(crate) fn new(
        lines: &'a [LineView],
        total: Money,
        savings: Option<SavingsStatement>,
    ) -> Result<Self, RenderError> {
        Ok(Self {
            items: lines
                .iter()
                .take(MAX_ITEMS)
                .map(ItemShown::new)
                .collect::<Result<_, _>>()?,
            n_more: lines.len().saturating_sub(MAX_ITEMS),
            total: total.shown(),
            savings: savings.map(|savings| savings.amount().shown()),
        })
    }
}

impl<'a> ItemShown<'a> {
    fn new(line: &'a LineView) -> Result<Self, RenderError> {
        let of_all = |price: Money| {
            price
                .checked_mul(line.quantity)
                .ok_or(RenderError::AmountTooLarge)
        };
        let is_regular = |regular: &Money| {
            regular.currency == line.price.currency && regular.minor > line.price.minor
        };
        let title = Some(one_line(&line.title, MAX_TITLE_CHARS)).filter(|title| !title.is_empty());
        let title = title.unwrap_or_else(|| "Item".to_owned());
        Ok(Self {
            initial: title
                .chars()
                .find(|char| char.is_alphanumeric())
                .unwrap_or('•')
                .to_uppercase()
                .collect(),
            variant: line
                .variant
                .as_deref()
                .map(|variant| one_line(variant, MAX_VARIANT_CHARS))
                .filter(|variant| !variant.is_empty()),
            image_url: line.image_url.as_deref().and_then(web_url),
            quantity: line.quantity,
            each: (line.quantity > 1).then(|| line.price.shown()),
            price: of_all(line.price)?.shown(),
            regular_price: line
                .compare_at_price
                .filter(is_regular)
                .map(of_all)
                .transpose()?
                .map(Money::shown),
            title,
        })
    }
}
