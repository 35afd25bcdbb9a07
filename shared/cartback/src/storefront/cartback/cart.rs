//! Carts, steps and orders in our own format.

use super::super::frame::Frame;
use super::super::text::{self, MAX_URL_CHARS};
use super::super::{Malformed, Parsed};
use super::wire::{self, Amount};
use super::{cart_id, one, person};
use crate::event::{Change, Contents, Costs, LineItem, MAX_LINES, Order, Refund};
use crate::ids::CartId;
use crate::money::{Currency, Money, MoneyError};

/// The largest quantity of one item; more is a mistake of the sender.
const MAX_QUANTITY: u32 = 9999;

/// The largest number of names that an order may know its cart by.
const MAX_NAMES: usize = 10;

pub(super) fn updated(frame: &Frame, message: wire::CartUpdated) -> Result<Parsed, Malformed> {
    let carts = [cart_id("cart.id", &message.cart.id)?];
    let contact = message.contact.as_ref().map(person::contact).transpose()?;
    let consent = message.consent.as_ref().map(person::consent).transpose()?;
    if consent.is_some() && contact.is_none() {
        return Err(Malformed::new(
            "consent",
            "is nobody's; send `contact` with it",
        ));
    }
    let contents = contents(message.cart)?;
    let mut events = vec![frame.event(&carts, None, Change::CartUpdated(contents))];
    if contact.is_some() {
        events.push(frame.event(&carts, contact.as_ref(), Change::ContactIdentified));
    }
    if let Some(consent) = consent {
        events.push(frame.event(&carts, contact.as_ref(), Change::ConsentChanged(consent)));
    }
    Ok(Parsed::Events(events))
}

pub(super) fn step_reached(
    frame: &Frame,
    message: &wire::StepReached,
) -> Result<Parsed, Malformed> {
    let cart = cart_id("cart_id", &message.cart_id)?;
    let costs = match &message.costs {
        None => None,
        Some(costs) => {
            let currency = currency("costs.currency", &costs.currency)?;
            let cost = |path: &str, amount: &Option<Amount>| {
                amount
                    .as_ref()
                    .map(|amount| money(path, amount, currency))
                    .transpose()
            };
            Some(Costs {
                shipping: cost("costs.shipping", &costs.shipping)?,
                tax: cost("costs.tax", &costs.tax)?,
            })
        }
    };
    Ok(one(frame.event(
        &[cart],
        None,
        Change::StepReached {
            step: message.step,
            costs,
        },
    )))
}

pub(super) fn order_placed(
    frame: &Frame,
    message: &wire::OrderPlaced,
    shop_currency: Currency,
) -> Result<Parsed, Malformed> {
    let carts = carts_of(message)?;
    let order = &message.order;
    let id = order_id(&order.id)?;
    let currency = match &order.currency {
        None => shop_currency,
        Some(code) => currency("order.currency", code)?,
    };
    let total = order
        .total
        .as_ref()
        .map(|total| money("order.total", total, currency))
        .transpose()?;
    let address = order
        .email
        .as_deref()
        .filter(|email| !email.trim().is_empty());
    let contact = match address
        .map(|email| person::of_address("order.email", email))
        .transpose()
    {
        Ok(contact) => contact,
        // The order stops its cart, whatever the shopper typed as an address: mail after an order
        // is worse.
        Err(_) if !carts.is_empty() => None,
        Err(malformed) => return Err(malformed),
    };
    if carts.is_empty() && contact.is_none() {
        return Err(Malformed::new(
            "cart_id",
            "is missing; send it, or `order.email`, or both",
        ));
    }
    Ok(one(frame.event(
        &carts,
        contact.as_ref(),
        Change::OrderPlaced(Order { id, total }),
    )))
}

pub(super) fn order_refunded(
    frame: &Frame,
    message: &wire::OrderRefunded,
    shop_currency: Currency,
) -> Result<Parsed, Malformed> {
    order_id(&message.order.id)?;
    let refund = &message.refund;
    let id = text_id("refund.id", &refund.id)?;
    let currency = match &refund.currency {
        None => shop_currency,
        Some(code) => currency("refund.currency", code)?,
    };
    let amount = refund
        .amount
        .as_ref()
        .map(|amount| money("refund.amount", amount, currency))
        .transpose()?;
    let Some(cart) = &message.cart_id else {
        return Ok(Parsed::Ignored(
            "order.refunded without cart_id changes no cart".to_owned(),
        ));
    };
    let cart = cart_id("cart_id", cart)?;
    let change = Change::OrderRefunded(Refund { id, amount });
    Ok(one(frame.event(&[cart], None, change)))
}

pub(super) fn order_id(id: &str) -> Result<String, Malformed> {
    text_id("order.id", id)
}

fn carts_of(message: &wire::OrderPlaced) -> Result<Vec<CartId>, Malformed> {
    let mut carts = Vec::new();
    if let Some(id) = &message.cart_id {
        carts.push(cart_id("cart_id", id)?);
    }
    let others = message.cart_ids.as_deref().unwrap_or_default();
    if MAX_NAMES < others.len() {
        return Err(Malformed::new(
            "cart_ids",
            format!("names too many carts; send at most {MAX_NAMES}"),
        ));
    }
    for (n, id) in others.iter().enumerate() {
        let id = cart_id(&format!("cart_ids[{n}]"), id)?;
        if !carts.contains(&id) {
            carts.push(id);
        }
    }
    Ok(carts)
}

fn contents(cart: wire::Cart) -> Result<Contents, Malformed> {
    let currency = currency("cart.currency", &cart.currency)?;
    let mut lines: Vec<LineItem> = cart
        .items
        .into_iter()
        .enumerate()
        .map(|(n, item)| line(&format!("cart.items[{n}]"), item, currency))
        .collect::<Result<_, _>>()?;
    let sum = lines
        .iter()
        .try_fold(0_i64, |sum, line| {
            line.price_minor
                .checked_mul(i64::from(line.quantity))
                .and_then(|price| sum.checked_add(price))
        })
        .ok_or_else(|| Malformed::new("cart.items", "cost too much together; check the prices"))?;
    let total_minor = match &cart.total {
        None => sum,
        Some(total) => money("cart.total", total, currency)?.minor,
    };
    // A large cart is the last that a shop wants to lose: its sum is that of all.
    lines.truncate(MAX_LINES);
    let checkout_url = url("cart.checkout_url", cart.checkout_url)?;
    Ok(Contents {
        currency,
        lines,
        total_minor,
        checkout_url,
    })
}

fn line(path: &str, item: wire::Item, currency: Currency) -> Result<LineItem, Malformed> {
    let at = |field: &str| format!("{path}.{field}");
    if !(1..=MAX_QUANTITY).contains(&item.quantity) {
        return Err(Malformed::new(
            at("quantity"),
            format!("is out of range; send 1 to {MAX_QUANTITY}"),
        ));
    }
    let compare_at = item.compare_at_price.as_ref();
    Ok(LineItem {
        id: text_id(&at("id"), &item.id)?,
        title: text::clip(&item.title, 200)
            .ok_or_else(|| Malformed::new(at("title"), "is empty"))?,
        variant: item
            .variant
            .as_deref()
            .and_then(|variant| text::clip(variant, 100)),
        quantity: item.quantity,
        price_minor: money(&at("price"), &item.price, currency)?.minor,
        compare_at_minor: compare_at
            .map(|price| money(&at("compare_at_price"), price, currency))
            .transpose()?
            .map(|price| price.minor),
        image_url: url(&at("image_url"), item.image_url)?,
        url: url(&at("url"), item.url)?,
    })
}

pub(super) fn text_id(path: &str, id: &str) -> Result<String, Malformed> {
    text::clip(id, 129)
        .filter(|id| id.chars().count() <= 128)
        .ok_or_else(|| Malformed::new(path, "is no id; send a text of 1 to 128 characters"))
}

pub(super) fn url(path: &str, url: Option<String>) -> Result<Option<String>, Malformed> {
    match url {
        Some(url) if MAX_URL_CHARS < url.chars().count() => Err(Malformed::new(
            path,
            format!("is too long; send at most {MAX_URL_CHARS} characters"),
        )),
        url => Ok(url.filter(|url| !url.trim().is_empty())),
    }
}

pub(super) fn currency(path: &str, code: &wire::CurrencyCode) -> Result<Currency, Malformed> {
    let fault = "is no currency with minor units; send an ISO 4217 code such as \"EUR\"";
    code.0.parse().map_err(|_| Malformed::new(path, fault))
}

pub(super) fn money(path: &str, amount: &Amount, currency: Currency) -> Result<Money, Malformed> {
    Money::parse(&amount.0, currency).map_err(|error| {
        let fault = match error {
            MoneyError::TooPrecise { .. } => {
                format!(
                    "has more decimals than {currency} has; send at most {}",
                    currency.exponent()
                )
            }
            MoneyError::TooLarge(_) => "is too large".to_owned(),
            MoneyError::UnknownCurrency(_) | MoneyError::NotADecimal(_) => {
                "is no amount; send text such as \"49.00\"".to_owned()
            }
        };
        Malformed::new(path, fault)
    })
}
