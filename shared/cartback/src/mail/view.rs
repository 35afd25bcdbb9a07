//! Carts and brands as templates see them: cleaned, shortened, checked and printed. What a template
//! may not show is not here.

use serde::Serialize;

use super::color::ButtonColors;
use super::link::web_url;
use super::message::{Brand, CartView, LineState, LineView, Substitute};
use super::plain::one_line;
use super::render::RenderError;
use super::shown::Look;
use crate::language::Arg;
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
    /// In words.
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
    /// Few are left, or none, in words with the time of the reading.
    stock: Option<String>,
    /// `unknown`, `same`, `dearer`, `cheaper` or `sold_out`.
    state: &'static str,
    /// What the shopper saw, of one, if it is another price now.
    old_price: Option<String>,
    substitute: Option<SubstituteShown<'a>>,
}

#[derive(Serialize)]
struct SubstituteShown<'a> {
    title: String,
    price: String,
    url: Option<&'a str>,
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
    pub(crate) fn new(cart: &'a CartView, look: &Look<'_>) -> Result<Self, RenderError> {
        let money = |money: Money| look.words.locale().money(money);
        let savings = cart.savings.map(|savings| {
            let amount = money(savings.amount());
            let amount = [("amount", Arg::Text(&amount))];
            look.words.say("statement-savings", &amount)
        });
        let items = cart.lines.iter().take(MAX_ITEMS);
        Ok(Self {
            items: items
                .map(|line| ItemShown::new(line, look))
                .collect::<Result<_, _>>()?,
            n_more: cart.lines.len().saturating_sub(MAX_ITEMS),
            total: money(cart.total),
            savings: savings.transpose()?,
        })
    }
}

impl<'a> ItemShown<'a> {
    fn new(line: &'a LineView, look: &Look<'_>) -> Result<Self, RenderError> {
        let of_all = |price: Money| {
            price
                .checked_mul(line.quantity)
                .ok_or(RenderError::AmountTooLarge)
        };
        let is_regular = |regular: &Money| {
            regular.currency == line.price.currency && regular.minor > line.price.minor
        };
        let money = |money: Money| look.words.locale().money(money);
        let title = Some(one_line(&line.title, MAX_TITLE_CHARS)).filter(|title| !title.is_empty());
        let title = title.map_or_else(|| look.words.say("item-unnamed", &[]), Ok)?;
        let variant = line.variant.as_deref();
        let variant = variant.map(|variant| one_line(variant, MAX_VARIANT_CHARS));
        let regular = line.compare_at_price.filter(is_regular).map(of_all);
        Ok(Self {
            initial: title
                .chars()
                .find(|char| char.is_alphanumeric())
                .unwrap_or('•')
                .to_uppercase()
                .collect(),
            variant: variant.filter(|variant| !variant.is_empty()),
            image_url: line.image_url.as_deref().and_then(web_url),
            quantity: line.quantity,
            each: (line.quantity > 1).then(|| money(line.price)),
            price: money(of_all(line.price)?),
            regular_price: regular.transpose()?.map(money),
            stock: stock(line, look)?,
            state: state(line),
            old_price: old_price(line).map(money),
            substitute: substitute(line, look),
            title,
        })
    }
}

/// What the line states of its stock: few left, or none.
fn stock(line: &LineView, look: &Look<'_>) -> Result<Option<String>, RenderError> {
    if let LineState::SoldOut(statement, _) = &line.state {
        let moment = look.recent_moment(statement.at());
        let moment = [("moment", Arg::Text(&moment))];
        return Ok(Some(look.words.say("statement-sold-out", &moment)?));
    }
    let Some(statement) = line.stock else {
        return Ok(None);
    };
    let moment = look.recent_moment(statement.at());
    let n = Arg::Count(statement.n_left().into());
    let args = [("n", n), ("moment", Arg::Text(&moment))];
    Ok(Some(look.words.say("statement-stock", &args)?))
}

fn state(line: &LineView) -> &'static str {
    match line.state {
        LineState::Unknown => "unknown",
        LineState::Same => "same",
        LineState::Dearer(_) => "dearer",
        LineState::Cheaper(_) => "cheaper",
        LineState::SoldOut(..) => "sold_out",
    }
}

fn old_price(line: &LineView) -> Option<Money> {
    match line.state {
        LineState::Dearer(old) | LineState::Cheaper(old) => Some(old),
        LineState::Unknown | LineState::Same | LineState::SoldOut(..) => None,
    }
}

fn substitute<'a>(line: &'a LineView, look: &Look<'_>) -> Option<SubstituteShown<'a>> {
    let LineState::SoldOut(_, Some(substitute)) = &line.state else {
        return None;
    };
    let Substitute { title, price, url } = substitute;
    Some(SubstituteShown {
        title: one_line(title, MAX_TITLE_CHARS),
        price: look.words.locale().money(*price),
        url: url.as_deref().and_then(web_url),
    })
}
