//! Orders. One is never refused for what it lacks: it must stop its cart, or its person's.

use serde::Deserialize;

use super::super::Malformed;
use super::super::contact::contact;
use super::super::fetch::Next;
use super::super::lenient::{Lenient, Scalar};
use super::{Envelope, Talk, newest, time_of};
use crate::event::{CartEvent, Change, CheckoutStep, ContactDetails, Order, Refund};
use crate::ids::CartId;
use crate::money::{Currency, Money};

pub(super) fn next(talk: &Talk<'_>) -> Result<Next, Malformed> {
    if talk.replies.is_empty() {
        let id = talk.notice.id()?;
        return Ok(Next::Ask(talk.api.question(&["v2", "orders", id])?));
    }
    let Some(order) = talk.reply::<WireOrder>(0)? else {
        return Ok(Next::Ignore("the order is gone".to_owned()));
    };
    let carts: Vec<CartId> = order.cart().into_iter().collect();
    let person = who(&order);
    if carts.is_empty() && person.is_none() {
        let reason = "the order names neither a cart nor an e-mail address";
        return Ok(Next::Ignore(reason.to_owned()));
    }
    Ok(Next::told(
        events(talk, &order, &carts, person.as_ref()),
        "the order has no cart, and is not placed",
    ))
}

/// The refunds of an order: the webhook names one, and all are told again, each by its id.
pub(super) fn refunds(talk: &Talk<'_>) -> Result<Next, Malformed> {
    let id = talk.notice.id()?;
    if talk.replies.is_empty() {
        return Ok(Next::Ask(talk.api.question(&["v2", "orders", id])?));
    }
    let order = talk.reply::<WireOrder>(0)?;
    let Some((order, cart)) = order.and_then(|order| order.cart().map(|cart| (order, cart))) else {
        return Ok(Next::Ignore("the order has no cart".to_owned()));
    };
    if talk.replies.len() == 1 {
        let path = ["v3", "orders", id, "payment_actions", "refunds"];
        return Ok(Next::Ask(talk.api.question(&path)?));
    }
    let refunds = talk.reply::<Envelope<Vec<Lenient<WireRefund>>>>(1)?;
    let refunds = refunds.map(|reply| reply.data).unwrap_or_default();
    let currency = order.currency(talk);
    let event = |refund: &WireRefund| {
        let change = Change::OrderRefunded(Refund {
            id: refund.id.text()?.chars().take(128).collect(),
            amount: refund.total_amount.rounded_money(currency),
        });
        let frame = talk.frame(time_of(&refund.created));
        Some(frame.event(std::slice::from_ref(&cart), None, change))
    };
    let events = refunds.iter().filter_map(|refund| event(refund.as_ref()?));
    Ok(Next::told(events.collect(), "the order has no refunds"))
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
    let total: Option<Money> = order.total_inc_tax.rounded_money(order.currency(talk));
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
struct WireRefund {
    id: Scalar,
    total_amount: Scalar,
    created: Scalar,
}

impl WireOrder {
    fn cart(&self) -> Option<CartId> {
        self.cart_id.text()?.parse().ok()
    }

    /// What the shopper pays in; `currency_code` is what the shop showed.
    fn currency(&self, talk: &Talk<'_>) -> Currency {
        self.default_currency_code
            .currency()
            .or_else(|| self.currency_code.currency())
            .unwrap_or(talk.reception.currency)
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Address {
    email: Scalar,
    first_name: Scalar,
    country_iso2: Scalar,
}
