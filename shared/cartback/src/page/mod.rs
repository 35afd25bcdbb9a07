//! The pages that a shopper's links open. They run no script, load nothing but the shop's pictures,
//! and tell nothing about the person: who holds a link may not be whom it was sent to.

mod preferences;

use minijinja::value::Serde;
use minijinja::{Value, context};

use crate::language::{Locale, Wording, Words};
use crate::mail::shown::{Look, free_shipping, offer_shown};
use crate::mail::template::fill;
use crate::mail::view::CartShown;
use crate::mail::{
    Brand, CartView, LineState, OfferStatement, RenderError, ThresholdStatement, form_target,
};
use crate::reason::Answer;
pub use preferences::preferences;

/// The cart behind a restore link. Its name and links are not looked at: the page shows none.
pub struct RestorePage<'a> {
    /// The shop.
    pub brand: &'a Brand,
    /// The cart as it is now, held against what the shopper left; 30 items are listed and the others
    /// counted.
    pub cart: &'a CartView,
    /// What free shipping still needs; `None` says nothing of it.
    pub threshold: Option<ThresholdStatement>,
    /// What the cart was given and can still be redeemed; `None` says nothing of an offer.
    pub offer: Option<OfferStatement>,
    /// Where the button posts: a path of this host, or a URL as in a mail.
    pub action: &'a str,
}

impl RestorePage<'_> {
    /// The page: what is unchanged, dearer, cheaper or sold out, and one button, "Continue to checkout".
    ///
    /// # Errors
    /// [`RenderError`] when a link is unfit, an amount too large, or a template is at fault.
    pub fn html(&self) -> Result<String, RenderError> {
        let look = Look::new(self.brand);
        let threshold = self
            .threshold
            .map(|threshold| free_shipping(threshold, &look));
        let context = context! {
            cart => Serde(CartShown::new(self.cart, &look)?),
            news => self.news(),
            free_shipping => threshold.transpose()?,
            offer => offer_shown(self.offer.as_ref(), &look)?,
            action => target(self.action)?,
            ..Value::from_object(look.values()?)
        };
        Ok(fill(
            "page/restore.html",
            &context,
            &look.words,
            &self.brand.wording,
        )?)
    }

    /// `changed`, `unchanged` if the shop has confirmed every line, or `unknown`.
    fn news(&self) -> &'static str {
        let lines = &self.cart.lines;
        let is_new = |state: &LineState| match state {
            LineState::Dearer(_) | LineState::Cheaper(_) | LineState::SoldOut(..) => true,
            LineState::Unknown | LineState::Same => false,
        };
        if lines.iter().any(|line| is_new(&line.state)) {
            "changed"
        } else if lines.iter().all(|line| line.state == LineState::Same) {
            "unchanged"
        } else {
            "unknown"
        }
    }
}

/// What a restore link shows once its cart is ordered.
///
/// # Errors
/// [`RenderError`] when the home page's URL is unfit or the template is at fault.
pub fn ordered(brand: &Brand) -> Result<String, RenderError> {
    page("page/ordered.html", brand, context! {})
}

/// One question and one button, which posts to `action` (a path of this host, or a URL as in a mail).
///
/// # Errors
/// [`RenderError`] when a link is unfit or the template is at fault.
pub fn unsubscribe(brand: &Brand, action: &str) -> Result<String, RenderError> {
    let context = context! { action => target(action)? };
    page("page/unsubscribe.html", brand, context)
}

/// The confirmation after the button of [`unsubscribe`].
///
/// # Errors
/// [`RenderError`] when the home page's URL is unfit or the template is at fault.
pub fn unsubscribed(brand: &Brand) -> Result<String, RenderError> {
    page("page/unsubscribed.html", brand, context! {})
}

/// The answer that was tapped, to be confirmed by a button, and all others. `action` and the name of an
/// answer are where its button posts. A scanner that only follows links answers nothing.
///
/// # Errors
/// [`RenderError`] when a link is unfit or the template is at fault.
pub fn reason(brand: &Brand, tapped: Answer, action: &str) -> Result<String, RenderError> {
    let others = Answer::ALL.into_iter().filter(|other| *other != tapped);
    let context = context! {
        tapped => tapped.name(),
        others => others.map(Answer::name).collect::<Vec<_>>(),
        action => target(action)?,
    };
    page("page/reason.html", brand, context)
}

/// What follows the button of [`reason`]; `restore_url` leads back to the cart.
///
/// # Errors
/// [`RenderError`] when a link is unfit or the template is at fault.
pub fn thanks(brand: &Brand, restore_url: &str) -> Result<String, RenderError> {
    let context = context! { restore_url => target(restore_url)? };
    page("page/thanks.html", brand, context)
}

/// What any link shows that is expired, forged or unknown. Says the same for each, and no shop.
///
/// # Errors
/// [`RenderError::Template`] when the template is at fault.
pub fn gone(locale: Locale) -> Result<String, RenderError> {
    let own = Wording::default();
    let words = Words::new(locale, &own);
    let context = Value::from_object(words.values());
    Ok(fill("page/gone.html", &context, &words, &own)?)
}

fn page(name: &str, brand: &Brand, more: Value) -> Result<String, RenderError> {
    let look = Look::new(brand);
    let context = context! { ..more, ..Value::from_object(look.values()?) };
    Ok(fill(name, &context, &look.words, &brand.wording)?)
}

fn target(action: &str) -> Result<&str, RenderError> {
    form_target(action).ok_or(RenderError::BadLink("form target"))
}

#[cfg(test)]
mod tests;
