//! What Segment and GA4 have in common: a tool in the shopper's browser told them, so that theirs is
//! the word of a page. They never name a person to us, and an order that they tell of is a claim.

use super::basket::{self, first_text, url};
use super::frame::Frame;
use super::lenient::{Lenient, Scalar};
use super::machine;
use crate::event::{CartEvent, Change, Contents, LineItem, Origin};
use crate::ids::CartId;
use crate::money::Currency;

/// An event of a page whose browser calls itself `user_agent`, if that is told.
pub(super) fn event(
    frame: &Frame,
    carts: &[CartId],
    user_agent: Option<&str>,
    change: Change,
) -> CartEvent {
    let is_machine = user_agent.is_some_and(machine::is_machine);
    CartEvent {
        origin: if is_machine {
            Origin::Machine
        } else {
            Origin::Browser
        },
        ..frame.event(carts, None, change)
    }
}

/// An item as these tools describe it, by the names that its fields have.
pub(super) struct Item<'a> {
    pub(super) ids: [&'a Scalar; 2],
    pub(super) name: &'a Scalar,
    pub(super) variant: &'a Scalar,
    pub(super) quantity: &'a Scalar,
    pub(super) price: &'a Scalar,
    pub(super) url: Option<&'a Scalar>,
    pub(super) image_url: Option<&'a Scalar>,
}

/// The contents of all items that can be read; one that cannot is left out, as nothing but behaviour
/// hangs on it. `None` for a list that is none.
pub(super) fn contents<'a, T: 'a>(
    items: &'a Lenient<Vec<Lenient<T>>>,
    currency: Currency,
    read: impl Fn(&'a T) -> Item<'a>,
) -> Option<Contents> {
    let items = items.as_ref()?.iter().filter_map(Lenient::as_ref);
    let lines = items.filter_map(|item| line(&read(item), currency));
    basket::priced(currency, lines.collect())
}

fn line(item: &Item<'_>, currency: Currency) -> Option<LineItem> {
    let quantity: u32 = match item.quantity.text() {
        // Segment's own examples leave it out for one.
        None => 1,
        Some(text) => text.split('.').next()?.parse().ok()?,
    };
    Some(LineItem {
        id: first_text(&item.ids, 128)?,
        title: first_text(&[item.name], 200).unwrap_or_default(),
        variant: first_text(&[item.variant], 100),
        quantity: Some(quantity).filter(|quantity| 0 < *quantity)?,
        price_minor: item.price.rounded_money(currency)?.minor,
        compare_at_minor: None,
        image_url: item.image_url.and_then(url),
        url: item.url.and_then(url),
    })
}
