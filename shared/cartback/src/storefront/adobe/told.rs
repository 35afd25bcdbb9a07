//! What events tell whole: orders and newsletter subscriptions. An order is never refused for what it
//! lacks; if it names neither cart nor person, the shop is asked for the rest.

use serde::Deserialize;

use super::super::Malformed;
use super::super::contact::contact;
use super::super::fetch::Next;
use super::super::lenient::{Lenient, Scalar};
use super::Talk;
use crate::consent::{Consent, ConsentBasis, ConsentState};
use crate::event::{Change, Order};
use crate::ids::CartId;

pub(super) fn order(talk: &Talk<'_>) -> Result<Next, Malformed> {
    let Nested {
        order: Lenient(nested),
    } = talk.value()?;
    let order = match nested {
        Some(order) => order,
        None => talk.value()?,
    };
    if order.is_complete() {
        return Ok(placed(talk, &order));
    }
    if let (true, Some(id)) = (talk.replies.is_empty(), order.entity_id.text()) {
        return Ok(Next::Ask(talk.question(&["orders", id])?));
    }
    let fetched: Option<WireOrder> = talk.reply()?;
    Ok(placed(talk, &fetched.unwrap_or(order)))
}

fn placed(talk: &Talk<'_>, order: &WireOrder) -> Next {
    let carts: Vec<CartId> = order
        .quote_id
        .text()
        .and_then(|id| id.parse().ok())
        .into_iter()
        .collect();
    let billing = order.billing_address.as_ref();
    let person = contact(
        order
            .customer_email
            .text()
            .or_else(|| billing?.email.text()),
        &[
            Some(&order.customer_firstname),
            billing.map(|address| &address.firstname),
        ],
        None,
        &[billing.map(|address| &address.country_id)],
    );
    if carts.is_empty() && person.is_none() {
        return Next::Ignore("the order names neither a cart nor an e-mail address".to_owned());
    }
    // Saved on every change; never the time of the last one, which would stop the next cart.
    let placed = talk.frame(&[&order.created_at]);
    let changed = talk.frame(&[&order.updated_at, &order.created_at]);
    let event = |change| changed.event(&carts, person.as_ref(), change);
    let currency = order.order_currency_code.currency();
    let currency = currency.unwrap_or(talk.reception.currency);
    let id = order.increment_id.text().or(order.entity_id.text());
    let id = id.map_or_else(|| placed.id.clone(), |id| id.chars().take(128).collect());
    let total = order.grand_total.rounded_money(currency);
    let placement = Change::OrderPlaced(Order { id, total });
    let placement = placed.event(&carts, person.as_ref(), placement);
    // Source: Adobe Commerce, "order status": the state is fixed, the status is the merchant's.
    Next::Record(match order.state.text() {
        Some("pending_payment") if carts.is_empty() => {
            return Next::Ignore("the payment of an order without a cart is under way".to_owned());
        }
        Some("pending_payment") => vec![event(Change::PaymentPending)],
        Some("canceled") => vec![placement, event(Change::OrderCancelled)],
        _ => vec![placement],
    })
}

pub(super) fn subscriber(talk: &Talk<'_>) -> Result<Next, Malformed> {
    let told: Subscriber = talk.value()?;
    let Some(person) = contact(told.subscriber_email.text(), &[], None, &[]) else {
        return Ok(Next::Ignore(
            "the subscriber has no e-mail address".to_owned(),
        ));
    };
    // Source: Magento_Newsletter, `Subscriber::STATUS_*`.
    let (state, basis) = match told.subscriber_status.text() {
        Some("1") => (ConsentState::Granted, ConsentBasis::Express),
        Some("3") => (ConsentState::Refused, ConsentBasis::None),
        _ => return Ok(Next::Ignore("the subscriber has not decided".to_owned())),
    };
    let frame = talk.frame(&[&told.change_status_at]);
    let consent = Consent {
        state,
        basis,
        source: Some("Adobe Commerce, subscriber_status".to_owned()),
        text_version: None,
    };
    let event = frame.event(&[], Some(&person), Change::ConsentChanged(consent));
    Ok(Next::Record(vec![event]))
}

/// `checkout_submit_all_after` has the order inside; the others are the order.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Nested {
    order: Lenient<WireOrder>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireOrder {
    entity_id: Scalar,
    increment_id: Scalar,
    quote_id: Scalar,
    state: Scalar,
    customer_email: Scalar,
    customer_firstname: Scalar,
    grand_total: Scalar,
    order_currency_code: Scalar,
    created_at: Scalar,
    updated_at: Scalar,
    billing_address: Lenient<Address>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Address {
    email: Scalar,
    firstname: Scalar,
    country_id: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Subscriber {
    subscriber_email: Scalar,
    subscriber_status: Scalar,
    change_status_at: Scalar,
}

impl WireOrder {
    /// Whether it names both its cart and its person, and how it stands.
    fn is_complete(&self) -> bool {
        let is_told = |field: &Scalar| field.text().is_some();
        is_told(&self.quote_id) && is_told(&self.customer_email) && is_told(&self.state)
    }
}
