//! Carts and checkouts. Shopify fires `carts/*` for its online store only, and without a person;
//! the checkout that follows has the person and names the cart.

use super::super::basket::{Basket, first_text, url};
use super::super::contact::contact;
use super::super::lenient::{Lenient, Scalar};
use super::super::{Malformed, Parsed, json};
use super::wire::{self, Checkout, Line, MoneySet};
use super::{Delivery, cart_id};
use crate::event::{Change, CheckoutStep, ContactDetails, Contents, Costs, LineItem, Order};
use crate::ids::CartId;
use crate::money::{Currency, Money};

pub(super) fn cart_updated(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let cart: wire::Cart = json::read(delivery.body)?;
    let id = cart_id(&cart.token)
        .or_else(|| cart_id(&cart.id))
        .ok_or_else(no_token)?;
    let Some(lines) = cart.line_items else {
        return Ok(Parsed::Ignored("the cart tells of no lines".to_owned()));
    };
    let contents = contents(&lines, delivery.reception.currency)?;
    let frame = delivery.frame(&[&cart.updated_at, &cart.created_at], false);
    Ok(Parsed::Events(vec![frame.event(
        &[id],
        None,
        Change::CartUpdated(contents),
    )]))
}

pub(super) fn checkout_updated(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let checkout: Checkout = json::read(delivery.body)?;
    let carts = names(&checkout);
    let contact = person(&checkout);
    if checkout.completed_at.text().is_some() && (!carts.is_empty() || contact.is_some()) {
        return Ok(completed(delivery, &checkout, &carts, contact.as_ref()));
    }
    // Filed under the checkout's own token; under the cart's, two checkouts of one cart would mix.
    if cart_id(&checkout.token).is_none() {
        return Err(no_token());
    }
    let currency = currency(delivery, &checkout);
    let frame = delivery.frame(&[&checkout.updated_at, &checkout.created_at], false);
    let mut events = Vec::new();
    // No lines are not an empty list of them: what was in the checkout still is.
    if let Some(lines) = &checkout.line_items {
        let contents = snapshot(&checkout, lines, currency)?;
        events.push(frame.event(&carts, None, Change::CartUpdated(contents)));
    }
    if contact.is_some() {
        events.push(frame.event(&carts, contact.as_ref(), Change::ContactIdentified));
    }
    if let Some(step) = step(&checkout) {
        let costs = costs(&checkout, currency);
        events.push(frame.event(&carts, None, Change::StepReached { step, costs }));
    }
    let nothing = "the checkout tells of no lines, no person and no step";
    Ok(Parsed::told(events, nothing))
}

fn snapshot(
    checkout: &Checkout,
    lines: &[Option<Line>],
    currency: Currency,
) -> Result<Contents, Malformed> {
    let mut contents = contents(lines, currency)?;
    // Before shipping and tax, which are the costs of a step.
    if let Some(total) = checkout.subtotal_price.money(currency)
        && contents.currency == currency
    {
        contents.total_minor = total.minor;
    }
    contents.checkout_url = url(&checkout.abandoned_checkout_url);
    Ok(contents)
}

pub(super) fn checkout_deleted(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let checkout: Checkout = json::read(delivery.body)?;
    // Only what was deleted: the cart itself may live on beside its deleted checkout, of which Shopify
    // mostly keeps no more than the cart's token.
    let own = cart_id(&checkout.token).map(|id| (id, Change::CartDeleted));
    let of_cart = || cart_id(&checkout.cart_token).map(|id| (id, Change::CheckoutDeleted));
    let Some((id, change)) = own.or_else(of_cart) else {
        return Ok(Parsed::Ignored(
            "the deleted checkout names no cart".to_owned(),
        ));
    };
    let frame = delivery.frame(&[&checkout.updated_at], false);
    Ok(Parsed::Events(vec![frame.event(&[id], None, change)]))
}

fn names(checkout: &Checkout) -> Vec<CartId> {
    let mut names: Vec<CartId> = [&checkout.token, &checkout.cart_token]
        .into_iter()
        .filter_map(cart_id)
        .collect();
    names.dedup();
    names
}

fn person(checkout: &Checkout) -> Option<ContactDetails> {
    let customer = checkout.customer.as_ref();
    let billing = checkout.billing_address.as_ref();
    let shipping = checkout.shipping_address.as_ref();
    contact(
        // Not the customer's address: the one given for this purchase, or none if it goes by phone.
        checkout.email.text(),
        // The receiver comes last: a present goes to somebody else.
        &[
            customer.map(|customer| &customer.first_name),
            billing.map(|address| &address.first_name),
            shipping.map(|address| &address.first_name),
        ],
        Some(&checkout.customer_locale),
        &[
            shipping.map(|address| &address.country_code),
            billing.map(|address| &address.country_code),
        ],
    )
}

/// The furthest step: a snapshot does not tell the way.
fn step(checkout: &Checkout) -> Option<CheckoutStep> {
    if checkout
        .shipping_lines
        .as_ref()
        .is_some_and(|lines| !lines.is_empty())
    {
        return Some(CheckoutStep::Shipping);
    }
    if checkout.shipping_address.as_ref().is_some() {
        return Some(CheckoutStep::Address);
    }
    let is_known = checkout
        .email
        .text()
        .or_else(|| checkout.phone.text())
        .is_some();
    is_known.then_some(CheckoutStep::Contact)
}

fn costs(checkout: &Checkout, currency: Currency) -> Option<Costs> {
    let shipping = checkout
        .shipping_lines
        .as_ref()
        .filter(|lines| !lines.is_empty())
        .and_then(|lines| {
            lines.iter().try_fold(Money::zero(currency), |sum, line| {
                sum.checked_add(line.price.money(currency)?)
            })
        });
    // Tax inside the prices comes on top of nothing.
    let is_on_top = checkout.taxes_included.as_ref() == Some(&false);
    let tax = checkout.total_tax.money(currency).filter(|_| is_on_top);
    (shipping.is_some() || tax.is_some()).then_some(Costs { shipping, tax })
}

/// A completed checkout is an order, though its `orders/create` may still be on its way: better no
/// mail than one to somebody who has just paid. The order's own message follows with its real id.
/// Only this is told, so that a price which cannot be read does not hold it back.
fn completed(
    delivery: &Delivery<'_>,
    checkout: &Checkout,
    carts: &[CartId],
    contact: Option<&ContactDetails>,
) -> Parsed {
    let times = [
        &checkout.completed_at,
        &checkout.updated_at,
        &checkout.created_at,
    ];
    let frame = delivery.frame(&times, false);
    let name = carts
        .first()
        .map_or_else(|| frame.id.clone(), CartId::to_string);
    // The longest token and the prefix together are longer than an id may be.
    let id = format!("checkout:{name}").chars().take(128).collect();
    let total = checkout.total_price.money(currency(delivery, checkout));
    Parsed::Events(vec![frame.event(
        carts,
        contact,
        Change::OrderPlaced(Order { id, total }),
    )])
}

/// Shopify gives a checkout's amounts without a currency beside them; where its two currencies
/// differ, they are what the shopper saw.
fn currency(delivery: &Delivery<'_>, checkout: &Checkout) -> Currency {
    checkout
        .presentment_currency
        .currency()
        .or_else(|| checkout.currency.currency())
        .unwrap_or(delivery.reception.currency)
}

/// Where the amounts of all lines are taken from, in the order in which they are tried: all in one
/// currency, and best in the one that the shopper saw.
#[derive(Clone, Copy)]
enum Prices {
    Presentment,
    Shop,
    Plain(Currency),
}

impl Prices {
    fn of(self, set: &Lenient<MoneySet>, plain: &Scalar) -> Option<Money> {
        match self {
            Self::Presentment => set.as_ref()?.presentment_money.as_ref()?.money(),
            Self::Shop => set.as_ref()?.shop_money.as_ref()?.money(),
            Self::Plain(currency) => plain.money(currency),
        }
    }
}

fn contents(lines: &[Option<Line>], currency: Currency) -> Result<Contents, Malformed> {
    contents_at(lines, currency, Prices::Presentment)
        .or_else(|_| contents_at(lines, currency, Prices::Shop))
        .or_else(|_| contents_at(lines, currency, Prices::Plain(currency)))
}

fn contents_at(
    lines: &[Option<Line>],
    fallback: Currency,
    prices: Prices,
) -> Result<Contents, Malformed> {
    let mut basket = Basket::default();
    for (n, line) in lines.iter().enumerate() {
        let Some(line) = line else { continue };
        let fault =
            |field: &str, fault: &str| Malformed::new(format!("line_items[{n}].{field}"), fault);
        let quantity: u32 = line
            .quantity
            .text()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| fault("quantity", "is no whole number"))?;
        if quantity == 0 {
            continue;
        }
        let price = prices
            .of(&line.discounted_price_set, &line.discounted_price)
            .or_else(|| prices.of(&line.price_set, &line.price))
            .ok_or_else(|| fault("price", "is no amount of the cart's currency"))?;
        let sum = prices
            .of(&line.line_price_set, &line.line_price)
            .filter(|sum| sum.currency == price.currency)
            .or_else(|| price.checked_mul(quantity))
            .ok_or_else(|| fault("price", "is too large"))?;
        basket
            .add(item(line, quantity, price), sum)
            .ok_or_else(|| fault("price", "does not add up with the others"))?;
    }
    Ok(basket.contents(fallback))
}

fn item(line: &Line, quantity: u32, price: Money) -> LineItem {
    LineItem {
        id: first_text(
            &[&line.variant_id, &line.product_id, &line.id, &line.key],
            128,
        )
        .unwrap_or_default(),
        title: first_text(&[&line.presentment_title, &line.title, &line.sku], 200)
            .unwrap_or_default(),
        // What Shopify calls the only variant of a product that has none.
        variant: first_text(&[&line.presentment_variant_title, &line.variant_title], 100)
            .filter(|title| title != "Default Title"),
        quantity,
        price_minor: price.minor,
        compare_at_minor: line
            .compare_at_price
            .money(price.currency)
            .map(|regular| regular.minor),
        image_url: url(&line.image_url),
        url: None,
    }
}

fn no_token() -> Malformed {
    Malformed::new("token", "is missing or no id")
}
