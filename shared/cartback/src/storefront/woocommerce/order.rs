//! Orders, which are carts until they are paid. One is never refused for what it lacks: it must stop its
//! cart, or its person's.

use super::super::basket::{Basket, first_text, url};
use super::super::contact::contact;
use super::super::frame::Frame;
use super::super::lenient::{Lenient, Scalar};
use super::super::{Malformed, Parsed, json, price};
use super::Delivery;
use super::cart::title;
use super::wire::{self, Line};
use crate::consent::{Consent, ConsentBasis, ConsentState};
use crate::event::{
    CartEvent, Change, CheckoutStep, ContactDetails, Contents, Costs, LineItem, Order, Refund,
};
use crate::ids::CartId;
use crate::money::{Currency, Money};

/// Where the snippet notes the name that it gave the cart of this order.
const CART_META: &str = "_cartback_cart";
/// Where the block checkout keeps the box of docs/storefronts/woocommerce.md.
const CONSENT_META: &str = "_wc_other/cartback/reminders";
/// Nobody pays by these on the spot: an order without a payment has been placed all the same, and the
/// day of its payment says nothing of the shopper.
const PAID_LATER: [&str; 3] = ["bacs", "cheque", "cod"];

/// What an order's status means for its cart.
enum State {
    /// The shopper is in the checkout.
    Started,
    /// Nobody has paid, and somebody should.
    Unpaid,
    /// The payment is not the shopper's to make any more.
    Pending,
    Failed,
    Placed,
    Cancelled,
    /// Of no use, and why.
    Nothing(&'static str),
}

pub(super) fn told(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let order: wire::Order = json::read(delivery.message.body)?;
    let told = Told {
        delivery,
        carts: carts(&order),
        person: person(&order),
        order: &order,
    };
    if told.carts.is_empty() && told.person.is_none() {
        return Ok(Parsed::Ignored(
            "the order has neither an id nor an e-mail address".to_owned(),
        ));
    }
    let mut events = match state(&order) {
        State::Nothing(reason) => return Ok(Parsed::Ignored(reason.to_owned())),
        State::Placed => told.placed(),
        State::Cancelled => told.cancellation(),
        State::Started => told.cart(told.step_of_draft(), None),
        State::Unpaid => told.cart(Some(CheckoutStep::Payment), None),
        State::Pending => told.cart(Some(CheckoutStep::Payment), Some(Change::PaymentPending)),
        State::Failed => told.cart(Some(CheckoutStep::Payment), Some(Change::PaymentFailed)),
    };
    if events.is_empty() {
        return Ok(Parsed::Ignored(
            "the order has no id, or tells nothing of a cart".to_owned(),
        ));
    }
    events.extend(told.consent());
    Ok(Parsed::Events(events))
}

/// An order put into the bin, of which only the number is told. One that was paid stays ordered.
pub(super) fn deleted(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let order: wire::Order = json::read(delivery.message.body)?;
    let carts = carts(&order);
    if carts.is_empty() {
        return Ok(Parsed::Ignored("the deleted order has no id".to_owned()));
    }
    let frame = delivery.frame(&[]);
    Ok(Parsed::Events(vec![frame.event(
        &carts,
        None,
        Change::CartDeleted,
    )]))
}

fn state(order: &wire::Order) -> State {
    let status = order.status.text().unwrap_or_default();
    let is_cart = matches!(status, "checkout-draft" | "pending" | "failed");
    if is_cart && matches!(order.created_via.text(), Some("admin" | "subscription")) {
        return State::Nothing("an invoice that the shop wrote is no cart that a shopper left");
    }
    match status {
        "auto-draft" | "draft" | "new" => State::Nothing("the shop is still writing this order"),
        "checkout-draft" => State::Started,
        // Shops of before version 6 do not say whether it needs a payment; a pending order does.
        "pending" if order.needs_payment.as_ref() == Some(&false) => State::Pending,
        "pending" => State::Unpaid,
        "failed" => State::Failed,
        "cancelled" | "trash" => State::Cancelled,
        // On hold, processing, completed, refunded, and whatever plugins invent: better no mail than one
        // to somebody who has ordered.
        _ => State::Placed,
    }
}

/// The order under its own number, then the cart that it was made of. Its `cart_hash` names no cart: it
/// is the same for all who have the same things in theirs.
fn carts(order: &wire::Order) -> Vec<CartId> {
    let own = order
        .id
        .text()
        .and_then(|id| format!("order-{id}").parse().ok());
    let cart = meta(order, CART_META).and_then(|name| name.parse().ok());
    own.into_iter().chain(cart).collect()
}

fn meta<'a>(order: &'a wire::Order, key: &str) -> Option<&'a str> {
    order
        .meta_data
        .as_ref()?
        .iter()
        .filter_map(|meta| meta.as_ref())
        .find(|meta| meta.key.text() == Some(key))?
        .value
        .text()
}

fn person(order: &wire::Order) -> Option<ContactDetails> {
    let billing = order.billing.as_ref()?;
    let shipping = order.shipping.as_ref();
    contact(
        billing.email.text(),
        // The receiver comes last: a present goes to somebody else.
        &[
            Some(&billing.first_name),
            shipping.map(|address| &address.first_name),
        ],
        None,
        &[
            shipping.map(|address| &address.country),
            Some(&billing.country),
        ],
    )
}

struct Told<'a> {
    delivery: &'a Delivery<'a>,
    order: &'a wire::Order,
    carts: Vec<CartId>,
    person: Option<ContactDetails>,
}

impl Told<'_> {
    /// The order as a cart; empty if it has no id.
    fn cart(&self, step: Option<CheckoutStep>, payment: Option<Change>) -> Vec<CartEvent> {
        if self.carts.is_empty() {
            return Vec::new();
        }
        let frame = self.changed();
        let mut events = Vec::new();
        if let Some(contents) = self.contents() {
            events.push(frame.event(&self.carts, None, Change::CartUpdated(contents)));
        }
        if self.person.is_some() {
            let person = self.person.as_ref();
            events.push(frame.event(&self.carts, person, Change::ContactIdentified));
        }
        if let Some(step) = step {
            let costs = self.costs();
            events.push(frame.event(&self.carts, None, Change::StepReached { step, costs }));
        }
        events.extend(payment.map(|payment| frame.event(&self.carts, None, payment)));
        events
    }

    /// With what was paid back since.
    fn placed(&self) -> Vec<CartEvent> {
        let mut events = vec![self.placement()];
        let frame = self.changed();
        let refunds = self.order.refunds.as_ref().into_iter().flatten();
        for refund in refunds.filter_map(|refund| refund.as_ref()) {
            if let Some(id) = first_text(&[&refund.id], 128) {
                let total = refund.total.text();
                let amount = total.map(|total| total.trim_start_matches('-'));
                let amount = amount.and_then(|amount| price::decimal(amount, self.currency()));
                let change = Change::OrderRefunded(Refund { id, amount });
                events.push(frame.event(&self.carts, self.person.as_ref(), change));
            }
        }
        events
    }

    fn placement(&self) -> CartEvent {
        let order = self.order;
        // The payment is the shopper's last act; never the last change, which may be the parcel's, days
        // later, and would stop the next cart.
        let times = if self.is_paid_later() {
            [&order.date_created_gmt, &order.date_modified_gmt]
        } else {
            [&order.date_paid_gmt, &order.date_created_gmt]
        };
        let frame = self.delivery.frame(&times);
        let id = first_text(&[&order.number, &order.id], 128);
        let change = Change::OrderPlaced(Order {
            id: id.unwrap_or_else(|| frame.id.clone()),
            total: order.total.money(self.currency()),
        });
        frame.event(&self.carts, self.person.as_ref(), change)
    }

    /// With the placing, which may be late or lost. An order that nobody ever paid was none: WooCommerce
    /// cancels it an hour after its last change, and its payment page is gone with it. The basket that it
    /// was made of may still be bought.
    fn cancellation(&self) -> Vec<CartEvent> {
        let told = |change| {
            self.changed()
                .event(&self.carts, self.person.as_ref(), change)
        };
        if self.was_placed() {
            return vec![self.placement(), told(Change::OrderCancelled)];
        }
        if self.carts.is_empty() {
            return Vec::new();
        }
        vec![told(Change::CartDeleted)]
    }

    /// Whether a cancelled order had been placed. A payment that is only authorised has a number and no day.
    fn was_placed(&self) -> bool {
        let traces = [&self.order.date_paid_gmt, &self.order.transaction_id];
        self.is_paid_later() || traces.iter().any(|trace| trace.text().is_some())
    }

    /// The ticked box. One that stays empty is no answer. As old as the order, so that a change of the
    /// order months later does not lift a refusal given in between.
    fn consent(&self) -> Option<CartEvent> {
        let is_ticked = matches!(
            meta(self.order, CONSENT_META),
            Some("1" | "yes" | "true" | "on")
        );
        if self.person.is_none() || !is_ticked {
            return None;
        }
        let frame = self.delivery.frame(&[&self.order.date_created_gmt]);
        let consent = Consent {
            state: ConsentState::Granted,
            basis: ConsentBasis::Express,
            source: Some("WooCommerce, box of the checkout".to_owned()),
            text_version: None,
        };
        let change = Change::ConsentChanged(consent);
        Some(frame.event(&self.carts, self.person.as_ref(), change))
    }

    fn is_paid_later(&self) -> bool {
        let method = self.order.payment_method.text();
        method.is_some_and(|method| PAID_LATER.contains(&method))
    }

    fn changed(&self) -> Frame {
        let order = self.order;
        self.delivery
            .frame(&[&order.date_modified_gmt, &order.date_created_gmt])
    }

    fn currency(&self) -> Currency {
        let own = self.order.currency.currency();
        own.unwrap_or(self.delivery.reception.currency)
    }

    /// `None` if no lines are told. A line that cannot be read is left out: its cart is worth more than the
    /// line.
    fn contents(&self) -> Option<Contents> {
        let mut basket = Basket::default();
        let lines = self.order.line_items.as_ref()?;
        for line in lines.iter().filter_map(Lenient::as_ref) {
            if let Some((line, sum)) = self.line(line) {
                // What does not add up is left out as well.
                let _ = basket.add(line, sum);
            }
        }
        let mut contents = basket.contents(self.currency());
        if let Some(total) = self.total_of_items().filter(|_| !contents.lines.is_empty()) {
            contents.total_minor = total.minor;
        }
        // Only an order that waits for its payment has a page to pay on.
        contents.checkout_url = match self.order.status.text() {
            Some("pending" | "failed") => url(&self.order.payment_url),
            _ => None,
        };
        Some(contents)
    }

    fn line(&self, line: &Line) -> Option<(LineItem, Money)> {
        let quantity: u32 = line.quantity.text()?.parse().ok()?;
        // The line's own price has no tax in it and may have the digits of a float.
        let sum = self.sum(&line.total, &[(&line.total_tax, self.is_tax_included())])?;
        let price = price::each(sum, quantity)?;
        let id = [&line.variation_id, &line.product_id]
            .into_iter()
            .find(|id| id.text().is_some_and(|text| text != "0"));
        let item = LineItem {
            id: id.and_then(|id| first_text(&[id], 128)).unwrap_or_default(),
            title: title(first_text(&[&line.name, &line.sku], 400)),
            variant: None,
            quantity,
            price_minor: price.minor,
            compare_at_minor: None,
            image_url: line.image.as_ref().and_then(|image| url(&image.src)),
            url: None,
        };
        Some((item, sum))
    }

    /// What the items cost with coupons off and fees on: before the delivery and the tax on top, which
    /// are the costs of a step.
    fn total_of_items(&self) -> Option<Money> {
        let order = self.order;
        let currency = self.currency();
        let mut total = order.total.money(currency)?;
        let mut parts = vec![&order.shipping_total, &order.shipping_tax];
        if !self.is_tax_included() {
            parts.push(&order.cart_tax);
        }
        for part in parts {
            total = total.checked_sub(part.money(currency)?)?;
        }
        Some(total).filter(|total| 0 <= total.minor)
    }

    fn costs(&self) -> Option<Costs> {
        let order = self.order;
        let is_chosen = order
            .shipping_lines
            .as_ref()
            .is_some_and(|lines| !lines.is_empty());
        let tax = (&order.shipping_tax, self.is_tax_included());
        let shipping = self
            .sum(&order.shipping_total, &[tax])
            .filter(|_| is_chosen);
        let tax = order
            .total_tax
            .money(self.currency())
            .filter(|_| !self.is_tax_included());
        (shipping.is_some() || tax.is_some()).then_some(Costs { shipping, tax })
    }

    /// `amount` and those `parts` that count.
    fn sum(&self, amount: &Scalar, parts: &[(&Scalar, bool)]) -> Option<Money> {
        let read = |text: &Scalar| price::decimal(text.text()?, self.currency());
        let counting = parts.iter().filter(|(_, counts)| *counts);
        counting.fold(read(amount), |sum, (part, _)| match read(part) {
            Some(part) => sum?.checked_add(part),
            None => sum,
        })
    }

    fn is_tax_included(&self) -> bool {
        self.order.prices_include_tax.as_ref() == Some(&true)
    }

    fn step_of_draft(&self) -> Option<CheckoutStep> {
        let order = self.order;
        if order
            .shipping_lines
            .as_ref()
            .is_some_and(|lines| !lines.is_empty())
        {
            return Some(CheckoutStep::Shipping);
        }
        let addresses = [order.shipping.as_ref(), order.billing.as_ref()];
        let is_addressed = addresses
            .into_iter()
            .flatten()
            .any(|address| address.address_1.text().is_some());
        if is_addressed {
            return Some(CheckoutStep::Address);
        }
        self.person.is_some().then_some(CheckoutStep::Contact)
    }
}
