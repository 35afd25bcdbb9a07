//! The basket before there is an order: the Store API's cart, posted by a snippet in the shop, which
//! gives it a name of its own. The session's key would be none: a customer's stays the same from one
//! purchase to the next.

use super::super::basket::{self, first_text, url};
use super::super::contact::contact;
use super::super::lenient::Lenient;
use super::super::{Malformed, Parsed, json, text};
use super::Delivery;
use super::wire::{Action, Address, Cart, Image, Item, Unit};
use crate::event::{Change, CheckoutStep, ContactDetails, Contents, LineItem};
use crate::ids::CartId;
use crate::money::{Currency, Money};

pub(super) fn updated(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let action: Action = json::read(delivery.message.body)?;
    let posted = action.arg;
    let id: CartId = posted
        .cart_id
        .text()
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| Malformed::new("arg.cart_id", "is missing or no id"))?;
    let cart = posted
        .cart
        .ok_or_else(|| Malformed::new("arg.cart", "is missing; send the Store API's cart"))?;
    let frame = delivery.frame(&[&posted.at]);
    let carts = [id];
    let mut events = Vec::new();
    // No items are not an empty list of them: what was in the basket still is.
    if let Some(items) = cart.items.as_ref() {
        let mut contents = contents(&cart, items, delivery.reception.currency);
        contents.checkout_url = url(&posted.checkout_url);
        events.push(frame.event(&carts, None, Change::CartUpdated(contents)));
    }
    if let Some(person) = person(&cart) {
        events.push(frame.event(&carts, Some(&person), Change::ContactIdentified));
    }
    if let Some(step) = step(&cart) {
        events.push(frame.event(&carts, None, Change::StepReached { step, costs: None }));
    }
    let nothing = "the basket tells of no items, no person and no step";
    Ok(Parsed::told(events, nothing))
}

fn person(cart: &Cart) -> Option<ContactDetails> {
    let billing = cart.billing_address.as_ref();
    let shipping = cart.shipping_address.as_ref();
    contact(
        billing.and_then(|address| address.email.text()),
        &[billing.map(|address| &address.first_name)],
        None,
        &[
            shipping.map(|address| &address.country),
            billing.map(|address| &address.country),
        ],
    )
}

fn step(cart: &Cart) -> Option<CheckoutStep> {
    let has =
        |address: Option<&Address>, is_given: fn(&Address) -> bool| address.is_some_and(is_given);
    let billing = cart.billing_address.as_ref();
    let is_addressed = |address: &Address| address.address_1.text().is_some();
    if has(billing, is_addressed) || has(cart.shipping_address.as_ref(), is_addressed) {
        return Some(CheckoutStep::Address);
    }
    has(billing, |address| address.email.text().is_some()).then_some(CheckoutStep::Contact)
}

/// A line that cannot be read is left out: its cart is worth more than the line.
fn contents(cart: &Cart, items: &[Lenient<Item>], fallback: Currency) -> Contents {
    let mut basket = basket::Basket::default();
    for item in items.iter().filter_map(Lenient::as_ref) {
        if let Some((line, sum)) = line(item) {
            // What does not add up is left out as well.
            let _ = basket.add(line, sum);
        }
    }
    let mut contents = basket.contents(fallback);
    if let Some(total) = total(cart)
        && total.currency == contents.currency
        && !contents.lines.is_empty()
    {
        contents.total_minor = total.minor;
    }
    contents
}

/// What the items cost, coupons off: everything but the delivery.
fn total(cart: &Cart) -> Option<Money> {
    let totals = cart.totals.as_ref()?;
    let unit = Unit::new(&totals.currency_code, &totals.currency_minor_unit)?;
    let mut total = unit.money(&totals.total_price)?;
    for part in [&totals.total_shipping, &totals.total_shipping_tax] {
        // Null until an address is given.
        if part.text().is_some() {
            total = total.checked_sub(unit.money(part)?)?;
        }
    }
    Some(total).filter(|total| 0 <= total.minor)
}

fn line(item: &Item) -> Option<(LineItem, Money)> {
    let quantity: u32 = item.quantity.text()?.parse().ok()?;
    let prices = item.prices.as_ref()?;
    let unit = Unit::new(&prices.currency_code, &prices.currency_minor_unit)?;
    let price = unit.money(&prices.price)?;
    let sum = price.checked_mul(quantity).filter(|_| 0 < quantity)?;
    let values: Vec<&str> = item
        .variation
        .as_ref()
        .into_iter()
        .flatten()
        .filter_map(|attribute| attribute.as_ref()?.value.text())
        .collect();
    let line = LineItem {
        id: first_text(&[&item.id], 128).unwrap_or_default(),
        title: title(first_text(&[&item.name], 400)),
        variant: text::clip(&values.join(" / "), 100),
        quantity,
        price_minor: price.minor,
        compare_at_minor: unit
            .money(&prices.regular_price)
            .map(|regular| regular.minor)
            .filter(|regular| price.minor < *regular),
        image_url: Image::first(&item.images).and_then(|image| url(&image.src)),
        url: url(&item.permalink),
    };
    Some((line, sum))
}

/// A product's name; WooCommerce writes it as HTML.
pub(super) fn title(name: Option<String>) -> String {
    let name = name.unwrap_or_default();
    text::clip(&html_escape::decode_html_entities(&name), 200).unwrap_or_default()
}
