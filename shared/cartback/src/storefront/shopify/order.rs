//! Orders. One is never refused for what it lacks: it must stop its cart, or its person's.

use super::super::basket::first_text;
use super::super::contact::contact;
use super::super::frame::Frame;
use super::super::lenient::Lenient;
use super::super::{Malformed, Parsed, json};
use super::wire;
use super::{Delivery, cart_id};
use crate::event::{CartEvent, Change, ContactDetails, Order, Refund};
use crate::ids::CartId;
use crate::money::Money;

/// The attribute of a cart, and so of its order, by which a shop tells of it in our own format.
const CART_ATTRIBUTE: &str = "cartback_cart";

pub(super) fn placed(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let order: wire::Order = json::read(delivery.body)?;
    Ok(told(placement(delivery, &order).into_iter().collect()))
}

pub(super) fn cancelled(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let order: wire::Order = json::read(delivery.body)?;
    let frame = delivery.frame(&[&order.cancelled_at, &order.updated_at], is_test(&order));
    // With the placing, which may be late or lost: a cancelled order was an order.
    let events = placement(delivery, &order).map(|placement| {
        let cancellation = frame.event(
            &placement.carts,
            placement.contact.as_ref(),
            Change::OrderCancelled,
        );
        vec![placement, cancellation]
    });
    Ok(told(events.unwrap_or_default()))
}

/// Of all that changes about an order, only its refunds are news.
pub(super) fn updated(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let order: wire::Order = json::read(delivery.body)?;
    let refunds = order.refunds.as_ref().into_iter().flatten();
    let mut refunds = refunds.filter_map(Lenient::as_ref).peekable();
    if refunds.peek().is_none() {
        return Ok(Parsed::Ignored(
            "orders/create, orders/paid and orders/cancelled tell all that is needed".to_owned(),
        ));
    }
    let Some(placement) = placement(delivery, &order) else {
        return Ok(told(Vec::new()));
    };
    let (carts, person) = (placement.carts.clone(), placement.contact.clone());
    let mut events = vec![placement];
    for refund in refunds {
        let frame = delivery.frame(&[&refund.created_at, &order.updated_at], is_test(&order));
        // Without an id of its own a repeat could not be told; each refund has one.
        let Some(id) = first_text(&[&refund.id], 128) else {
            continue;
        };
        let amount = refunded(delivery, &order, refund);
        let change = Change::OrderRefunded(Refund { id, amount });
        events.push(frame.event(&carts, person.as_ref(), change));
    }
    Ok(told(events))
}

/// What went back to the shopper; `None` if nothing is told, or not all of it in one currency.
fn refunded(delivery: &Delivery<'_>, order: &wire::Order, refund: &wire::Refund) -> Option<Money> {
    let paid_back = |transaction: &&wire::Transaction| {
        transaction.kind.text() == Some("refund") && transaction.status.text() == Some("success")
    };
    let transactions = refund.transactions.as_ref().into_iter().flatten();
    let mut amounts = transactions
        .filter_map(Lenient::as_ref)
        .filter(paid_back)
        .map(|transaction| {
            let own = transaction.currency.currency();
            let currency = own.or_else(|| order.currency.currency());
            let currency = currency.unwrap_or(delivery.reception.currency);
            transaction.amount.money(currency)
        });
    let first = amounts.next()??;
    amounts.try_fold(first, |sum, amount| sum.checked_add(amount?))
}

fn told(events: Vec<CartEvent>) -> Parsed {
    Parsed::told(
        events,
        "the order names neither a cart nor an e-mail address",
    )
}

fn placement(delivery: &Delivery<'_>, order: &wire::Order) -> Option<CartEvent> {
    let carts = carts(order);
    let contact = person(order);
    if carts.is_empty() && contact.is_none() {
        return None;
    }
    // Never the time of the last change: a payment or parcel days later would stop the next cart.
    let times = [&order.created_at, &order.processed_at, &order.updated_at];
    let frame = delivery.frame(&times, is_test(order));
    let change = Change::OrderPlaced(Order {
        id: id(order, &frame),
        total: total(delivery, order),
    });
    Some(frame.event(&carts, contact.as_ref(), change))
}

/// The checkout, the cart, and the name that a shop's own theme gave the cart.
fn carts(order: &wire::Order) -> Vec<CartId> {
    let attributes = order.note_attributes.as_ref().into_iter().flatten();
    let own = attributes
        .filter_map(Lenient::as_ref)
        .find(|attribute| attribute.name.text() == Some(CART_ATTRIBUTE));
    let tokens = [&order.checkout_token, &order.cart_token];
    let names = tokens
        .into_iter()
        .chain(own.map(|attribute| &attribute.value));
    let mut carts: Vec<CartId> = names.filter_map(cart_id).collect();
    carts.dedup();
    carts
}

fn person(order: &wire::Order) -> Option<ContactDetails> {
    let customer = order.customer.as_ref();
    let billing = order.billing_address.as_ref();
    let shipping = order.shipping_address.as_ref();
    [
        Some(&order.email),
        Some(&order.contact_email),
        customer.map(|customer| &customer.email),
    ]
    .into_iter()
    .flatten()
    .find_map(|email| {
        contact(
            email.text(),
            &[
                customer.map(|customer| &customer.first_name),
                billing.map(|address| &address.first_name),
                shipping.map(|address| &address.first_name),
            ],
            Some(&order.customer_locale),
            &[
                shipping.map(|address| &address.country_code),
                billing.map(|address| &address.country_code),
            ],
        )
    })
}

fn id(order: &wire::Order, frame: &Frame) -> String {
    order
        .id
        .text()
        .map_or_else(|| frame.id.clone(), |id| id.chars().take(128).collect())
}

fn total(delivery: &Delivery<'_>, order: &wire::Order) -> Option<Money> {
    let seen = order
        .total_price_set
        .as_ref()
        .and_then(|set| set.presentment_money.as_ref()?.money());
    let currency = || {
        order
            .currency
            .currency()
            .unwrap_or(delivery.reception.currency)
    };
    seen.or_else(|| order.total_price.money(currency()))
}

fn is_test(order: &wire::Order) -> bool {
    order.test.as_ref() == Some(&true)
}
