//! Orders. One is never refused for what it lacks: it must stop its cart, or its person's.

use serde::Deserialize;

use super::super::Malformed;
use super::super::contact::contact;
use super::super::fetch::Next;
use super::super::lenient::{Lenient, Scalar};
use super::{Talk, newest, time_of, told};
use crate::event::{CartEvent, Change, CheckoutStep, ContactDetails, Order};
use crate::ids::CartId;
use crate::money::Money;

pub(super) fn next(talk: &Talk<'_>) -> Result<Next, Malformed> {
    if talk.replies.is_empty() {
        let id = talk.notice.id()?;
        return Ok(Next::Ask(talk.api.question(&["v2", "orders", id])?));
    }
    let Some(order) = talk.reply::<WireOrder>(0)? else {
        return Ok(Next::Ignore("the order is gone".to_owned()));
    };
    let carts: Vec<CartId> = order
        .cart_id
        .text()
        .and_then(|id| id.parse().ok())
        .into_iter()
        .collect();
    let person = who(&order);
    if carts.is_empty() && person.is_none() {
        let reason = "the order names neither a cart nor an e-mail address";
        return Ok(Next::Ignore(reason.to_owned()));
    }
    Ok(told(
        events(talk, &order, &carts, person.as_ref()),
        "the order has no cart, and is not placed",
    ))
}

/// By the order's status. Source: BigCommerce's "Order status" reference.
fn events(
    talk: &Talk<'_>,
    order: &WireOrder,
    carts: &[CartId],
    person: Option<&ContactDetails>,
) -> Vec<CartEvent> {
    let changed_at = newest(&[&order.date_modified, &order.date_created]);
    let changed = talk.frame(changed_at);
    // Never the time of the last change: a payment or parcel days later would stop the next cart.
    let placed_at = time_of(&order.date_created);
    let placed = talk.frame(placed_at.or(changed_at));
    let placement = placed.event(carts, person, Change::OrderPlaced(of(talk, order)));
    match order.status_id.text() {
        // Incomplete and Pending: at the payment page, and not beyond.
        Some("0" | "1") if carts.is_empty() => Vec::new(),
        Some("0" | "1") => {
            let step = Change::StepReached {
                step: CheckoutStep::Payment,
                costs: None,
            };
            vec![changed.event(carts, None, step)]
        }
        // Cancelled and Declined: both by the shop, and of an order.
        Some("5" | "6") => {
            let cancellation = changed.event(carts, person, Change::OrderCancelled);
            vec![placement, cancellation]
        }
        // Awaiting Payment is an order by bank transfer or the like: the shopper has done their part.
        _ => vec![placement],
    }
}

fn of(talk: &Talk<'_>, order: &WireOrder) -> Order {
    // What the shopper pays in; `currency_code` is what the shop showed.
    let currency = order
        .default_currency_code
        .currency()
        .or_else(|| order.currency_code.currency())
        .unwrap_or(talk.reception.currency);
    let total: Option<Money> = order.total_inc_tax.rounded_money(currency);
    let id = order.id.text().or_else(|| talk.notice.id().ok());
    let id = id.unwrap_or_default().chars().take(128).collect();
    Order { id, total }
}

fn who(order: &WireOrder) -> Option<ContactDetails> {
    let billing = order.billing_address.as_ref()?;
    contact(
        billing.email.text(),
        &[Some(&billing.first_name)],
        Some(&order.customer_locale),
        &[Some(&billing.country_iso2)],
    )
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireOrder {
    id: Scalar,
    cart_id: Scalar,
    status_id: Scalar,
    total_inc_tax: Scalar,
    currency_code: Scalar,
    default_currency_code: Scalar,
    customer_locale: Scalar,
    date_created: Scalar,
    date_modified: Scalar,
    billing_address: Lenient<Address>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Address {
    email: Scalar,
    first_name: Scalar,
    country_iso2: Scalar,
}
