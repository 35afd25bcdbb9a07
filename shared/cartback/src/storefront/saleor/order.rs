//! Orders. One is never refused for what it lacks: it must stop its cart, or its person's.

use super::super::contact::contact;
use super::super::frame::Frame;
use super::super::{Malformed, Parsed, json};
use super::wire::{First, Order};
use super::{Delivery, cart_id, country, locale};
use crate::event::{self, CartEvent, Change, ContactDetails, Refund};
use crate::money::{Currency, Money};

pub(super) fn placed(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    told(delivery, |_, placement| vec![placement])
}

/// With the placing, which may be late or lost: a cancelled or expired order was an order.
pub(super) fn cancelled(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    told(delivery, |order, placement| {
        let frame = delivery.frame(&[&order.updated_at, &order.created]);
        let contact = placement.contact.clone();
        let cancellation = frame.event(&placement.carts, contact.as_ref(), Change::OrderCancelled);
        vec![placement, cancellation]
    })
}

/// With the placing as well. The order tells the sum of all that was paid back: one refund under the order's
/// own id, of which the newest sum counts.
pub(super) fn refunded(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let issued_at = delivery.envelope()?.issued_at;
    told(delivery, |order, placement| {
        let frame = delivery.frame(&[&issued_at, &order.updated_at]);
        let sum = order.total_refunded.as_ref();
        let refund = Change::OrderRefunded(Refund {
            id: id(order, &frame),
            amount: sum.and_then(|sum| sum.money(currency(delivery, order))),
        });
        let contact = placement.contact.clone();
        let refund = frame.event(&placement.carts, contact.as_ref(), refund);
        vec![placement, refund]
    })
}

fn told(
    delivery: &Delivery<'_>,
    events: impl Fn(&Order, CartEvent) -> Vec<CartEvent>,
) -> Result<Parsed, Malformed> {
    let order = order(delivery)?.ok_or_else(|| {
        Malformed::new(
            "order",
            "is missing; use the query of docs/storefronts/saleor.md",
        )
    })?;
    if order
        .status
        .text()
        .is_some_and(|status| status.eq_ignore_ascii_case("draft"))
    {
        return Ok(Parsed::Ignored("a draft is no order yet".to_owned()));
    }
    Ok(placement(delivery, &order).map_or_else(
        || Parsed::Ignored("the order names neither a checkout nor an e-mail address".to_owned()),
        |placement| Parsed::Events(events(&order, placement)),
    ))
}

fn order(delivery: &Delivery<'_>) -> Result<Option<Order>, Malformed> {
    if delivery.is_array() {
        return Ok(json::read::<First<Order>>(delivery.body)?.0);
    }
    let envelope = delivery.envelope()?;
    let notice = envelope.payload.0.and_then(|notice| notice.order.0);
    Ok(envelope.order.0.or(notice))
}

fn placement(delivery: &Delivery<'_>, order: &Order) -> Option<CartEvent> {
    let carts: Vec<_> = cart_id(&order.checkout_id).into_iter().collect();
    let contact = person(order);
    if carts.is_empty() && contact.is_none() {
        return None;
    }
    // Never the time of the last change: a parcel days later would stop the next cart.
    let frame = delivery.frame(&[&order.created]);
    let change = Change::OrderPlaced(event::Order {
        id: id(order, &frame),
        total: total(delivery, order),
    });
    Some(frame.event(&carts, contact.as_ref(), change))
}

fn id(order: &Order, frame: &Frame) -> String {
    let id = order.id.text();
    id.map_or_else(|| frame.id.clone(), |id| id.chars().take(128).collect())
}

fn person(order: &Order) -> Option<ContactDetails> {
    let user = order.user.as_ref();
    let billing = order.billing_address.as_ref();
    let shipping = order.shipping_address.as_ref();
    [
        Some(&order.user_email),
        Some(&order.email),
        user.map(|user| &user.email),
    ]
    .into_iter()
    .flatten()
    .find_map(|email| {
        contact(
            email.text(),
            &[
                user.map(|user| &user.first_name),
                billing.map(|address| &address.first_name),
                shipping.map(|address| &address.first_name),
            ],
            Some(&locale(&order.language_code)),
            &[
                country(shipping.map(|address| &address.country)),
                country(billing.map(|address| &address.country)),
            ],
        )
    })
}

fn total(delivery: &Delivery<'_>, order: &Order) -> Option<Money> {
    let currency = currency(delivery, order);
    let told = order.total.as_ref().and_then(|total| total.money(currency));
    told.or_else(|| order.total_gross_amount.money(currency))
}

fn currency(delivery: &Delivery<'_>, order: &Order) -> Currency {
    let told = order.currency.currency();
    told.unwrap_or(delivery.reception.currency)
}
