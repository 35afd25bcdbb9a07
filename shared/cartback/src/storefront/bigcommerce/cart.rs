//! Carts: asked for with their redirect URLs, then as a checkout, which knows the person and how far they
//! came, then the customer, who may have declined mails about carts.

use serde::Deserialize;

use super::super::Malformed;
use super::super::basket::{contents, first_text, quantity, url};
use super::super::contact::contact;
use super::super::fetch::Next;
use super::super::lenient::{Lenient, Scalar};
use super::person::{self, Customer};
use super::{Envelope, Talk, newest};
use crate::event::{Change, CheckoutStep, ContactDetails, Contents, Costs, LineItem};
use crate::money::{Currency, Money};

pub(super) fn next(talk: &Talk<'_>) -> Result<Next, Malformed> {
    let id = talk.notice.id()?;
    if talk.replies.is_empty() {
        let question = talk.api.question(&["v3", "carts", id])?;
        return Ok(Next::Ask(question.query("include=redirect_urls")));
    }
    let Some(Envelope { data: cart }) = talk.reply::<Envelope<Cart>>(0)? else {
        return Ok(Next::Ignore(
            "the cart is gone: ordered, or deleted".to_owned(),
        ));
    };
    if talk.replies.len() == 1 {
        let question = talk.api.question(&["v3", "checkouts", id])?;
        return Ok(Next::Ask(question));
    }
    let checkout = talk.reply::<Envelope<Checkout>>(1)?;
    let checkout = checkout.map(|reply| reply.data).unwrap_or_default();
    let is_somebody = |id: &&str| *id != "0" && id.bytes().all(|byte| byte.is_ascii_digit());
    let Some(id) = cart.customer_id.text().filter(is_somebody) else {
        return record(talk, &cart, &checkout, None);
    };
    if talk.replies.len() == 2 {
        return Ok(Next::Ask(person::customer_question(talk, id)?));
    }
    let customer = person::customer_in(talk, 2, id)?;
    record(talk, &cart, &checkout, customer.as_ref())
}

fn record(
    talk: &Talk<'_>,
    cart: &Cart,
    checkout: &Checkout,
    customer: Option<&Customer>,
) -> Result<Next, Malformed> {
    let carts = [talk.notice.cart()?];
    let currency = cart
        .currency
        .as_ref()
        .and_then(|currency| currency.code.currency());
    let currency = currency.unwrap_or(talk.reception.currency);
    let person = who(cart, checkout);
    // A cart does not change by what happens in its checkout, but the checkout does.
    let frame = talk.frame(newest(&[&cart.updated_time, &checkout.updated_time]));
    let mut events = Vec::new();
    // No lines are not empty ones: what was in the cart still is.
    if let Some(lines) = cart.line_items.as_ref() {
        let contents = snapshot(cart, lines, currency)?;
        events.push(frame.event(&carts, None, Change::CartUpdated(contents)));
    }
    if person.is_some() {
        events.push(frame.event(&carts, person.as_ref(), Change::ContactIdentified));
    }
    if let Some(step) = step(checkout, person.is_some()) {
        let costs = costs(cart, checkout, currency);
        events.push(frame.event(&carts, None, Change::StepReached { step, costs }));
    }
    let declined = customer.and_then(|customer| person::declined(talk, customer, person, &carts));
    events.extend(declined);
    let nothing = "the cart tells of no lines, no person and no step";
    Ok(Next::told(events, nothing))
}

fn who(cart: &Cart, checkout: &Checkout) -> Option<ContactDetails> {
    let billing = checkout.billing_address.as_ref();
    let shipping = checkout
        .consignments
        .as_ref()
        .and_then(|all| all.first()?.as_ref());
    let shipping = shipping.and_then(|consignment| consignment.address.as_ref());
    contact(
        cart.email.text().or_else(|| billing?.email.text()),
        &[
            billing.map(|address| &address.first_name),
            shipping.map(|address| &address.first_name),
        ],
        Some(&cart.locale),
        &[
            shipping.map(|address| &address.country_code),
            billing.map(|address| &address.country_code),
        ],
    )
}

/// The furthest step: a snapshot does not tell the way.
fn step(checkout: &Checkout, is_known: bool) -> Option<CheckoutStep> {
    let consignments = checkout
        .consignments
        .as_ref()
        .map_or(&[][..], Vec::as_slice);
    let mut consignments = consignments.iter().filter_map(Lenient::as_ref).peekable();
    let has_address = consignments.peek().is_some();
    if consignments.any(|consignment| consignment.selected_shipping_option.as_ref().is_some()) {
        return Some(CheckoutStep::Shipping);
    }
    if has_address {
        return Some(CheckoutStep::Address);
    }
    is_known.then_some(CheckoutStep::Contact)
}

fn costs(cart: &Cart, checkout: &Checkout, currency: Currency) -> Option<Costs> {
    // Tax inside the prices comes on top of nothing.
    let is_inside = cart.tax_included.as_ref() == Some(&true);
    let shipping = if is_inside {
        &checkout.shipping_cost_total_inc_tax
    } else {
        &checkout.shipping_cost_total_ex_tax
    };
    let shipping = shipping.rounded_money(currency);
    let tax = checkout
        .tax_total
        .rounded_money(currency)
        .filter(|_| !is_inside);
    (shipping.is_some() || tax.is_some()).then_some(Costs { shipping, tax })
}

fn snapshot(cart: &Cart, lines: &Lines, currency: Currency) -> Result<Contents, Malformed> {
    let total = cart.cart_amount.rounded_money(currency);
    let all = [
        &lines.physical_items,
        &lines.digital_items,
        &lines.custom_items,
        &lines.gift_certificates,
    ]
    .into_iter()
    .filter_map(|kind| kind.as_ref())
    .flatten();
    let mut contents = contents(all, "data.line_items", currency, total, |line| {
        item(line, currency)
    })?;
    let redirect = cart.redirect_urls.as_ref();
    contents.checkout_url = redirect.and_then(|urls| url(&urls.checkout_url));
    Ok(contents)
}

fn item(line: &Line, currency: Currency) -> Option<LineItem> {
    let prices = [&line.sale_price, &line.list_price, &line.amount];
    let price: Money = prices
        .iter()
        .find_map(|price| price.rounded_money(currency))?;
    let regular = line.original_price.rounded_money(currency);
    Some(LineItem {
        id: first_text(&[&line.variant_id, &line.product_id, &line.id], 128).unwrap_or_default(),
        title: first_text(&[&line.name, &line.sku], 200).unwrap_or_default(),
        variant: None,
        // A gift certificate has no quantity: it is one.
        quantity: quantity(line.quantity.text().unwrap_or("1"))?,
        price_minor: price.minor,
        compare_at_minor: regular
            .map(|regular| regular.minor)
            .filter(|minor| price.minor < *minor),
        image_url: url(&line.image_url),
        url: url(&line.url),
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Cart {
    customer_id: Scalar,
    email: Scalar,
    locale: Scalar,
    currency: Lenient<CartCurrency>,
    tax_included: Lenient<bool>,
    cart_amount: Scalar,
    line_items: Lenient<Lines>,
    updated_time: Scalar,
    redirect_urls: Lenient<RedirectUrls>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CartCurrency {
    code: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RedirectUrls {
    checkout_url: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Lines {
    physical_items: Lenient<Vec<Lenient<Line>>>,
    digital_items: Lenient<Vec<Lenient<Line>>>,
    custom_items: Lenient<Vec<Lenient<Line>>>,
    gift_certificates: Lenient<Vec<Lenient<Line>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Line {
    id: Scalar,
    variant_id: Scalar,
    product_id: Scalar,
    sku: Scalar,
    name: Scalar,
    quantity: Scalar,
    original_price: Scalar,
    list_price: Scalar,
    sale_price: Scalar,
    /// Of a gift certificate.
    amount: Scalar,
    image_url: Scalar,
    url: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Checkout {
    billing_address: Lenient<Address>,
    consignments: Lenient<Vec<Lenient<Consignment>>>,
    shipping_cost_total_inc_tax: Scalar,
    shipping_cost_total_ex_tax: Scalar,
    tax_total: Scalar,
    updated_time: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Consignment {
    address: Lenient<Address>,
    selected_shipping_option: Lenient<ShippingOption>,
}

#[derive(Deserialize)]
struct ShippingOption {}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Address {
    email: Scalar,
    first_name: Scalar,
    country_code: Scalar,
}
