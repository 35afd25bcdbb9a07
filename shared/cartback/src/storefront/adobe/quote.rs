//! Quotes: a shopper's cart, asked for at the shop.

use serde::Deserialize;

use super::super::Malformed;
use super::super::basket::{contents, first_text, quantity};
use super::super::contact::contact;
use super::super::fetch::Next;
use super::super::lenient::{Lenient, Scalar};
use super::Talk;
use crate::event::{Change, CheckoutStep, ContactDetails, LineItem};
use crate::ids::CartId;
use crate::money::{Currency, Money};

pub(super) fn next(talk: &Talk<'_>) -> Result<Next, Malformed> {
    let told: Told = talk.value()?;
    let id = told.id().ok_or_else(|| {
        Malformed::new(
            "data.value.entity_id",
            "is missing; subscribe to the event with this field",
        )
    })?;
    if talk.replies.is_empty() {
        return Ok(Next::Ask(talk.question(&["carts", id])?));
    }
    let Some(quote) = talk.reply::<Quote>()? else {
        return Ok(Next::Ignore("the quote is gone".to_owned()));
    };
    if quote.is_active.as_ref() == Some(&false) {
        return Ok(Next::Ignore("the quote is no cart any more".to_owned()));
    }
    let carts: [CartId; 1] = [id
        .parse()
        .map_err(|_| Malformed::new("data.value.entity_id", "is no id"))?];
    let frame = talk.frame(&[&quote.updated_at, &quote.created_at]);
    let currency = quote
        .currency
        .as_ref()
        .and_then(|all| all.quote_currency_code.currency());
    let currency = currency.unwrap_or(talk.reception.currency);
    let mut events = Vec::new();
    // No items are not an empty list of them: what was in the quote still is.
    if let Some(items) = quote.items.as_ref() {
        let contents = contents(items, "items", currency, None, |line| item(line, currency))?;
        events.push(frame.event(&carts, None, Change::CartUpdated(contents)));
    }
    if let Some(person) = who(&quote) {
        events.push(frame.event(&carts, Some(&person), Change::ContactIdentified));
    }
    if let Some(step) = step(&quote) {
        events.push(frame.event(&carts, None, Change::StepReached { step, costs: None }));
    }
    let nothing = "the quote tells of no items, no person and no step";
    Ok(Next::told(events, nothing))
}

fn who(quote: &Quote) -> Option<ContactDetails> {
    let customer = quote.customer.as_ref();
    let billing = quote.billing_address.as_ref();
    let emails = [
        billing.map(|address| &address.email),
        customer.map(|customer| &customer.email),
        Some(&quote.customer_email),
    ];
    let email = emails.into_iter().flatten().find_map(Scalar::text);
    contact(
        email,
        &[
            customer.map(|customer| &customer.firstname),
            billing.map(|address| &address.firstname),
        ],
        None,
        &[billing.map(|address| &address.country_id)],
    )
}

/// The furthest step that a quote tells: a registered customer has come no further by being known.
fn step(quote: &Quote) -> Option<CheckoutStep> {
    let billing = quote.billing_address.as_ref()?;
    if billing.country_id.text().is_some() && billing.city.text().is_some() {
        return Some(CheckoutStep::Address);
    }
    billing.email.text().map(|_| CheckoutStep::Contact)
}

fn item(line: &Line, currency: Currency) -> Option<LineItem> {
    let price: Money = line.price.rounded_money(currency)?;
    Some(LineItem {
        id: first_text(&[&line.sku, &line.item_id], 128).unwrap_or_default(),
        title: first_text(&[&line.name, &line.sku], 200).unwrap_or_default(),
        variant: None,
        quantity: quantity(line.qty.text()?)?,
        price_minor: price.minor,
        compare_at_minor: None,
        image_url: None,
        url: None,
    })
}

/// What an event tells of its quote: the merchant picks the fields, and the name of the id depends on
/// the event.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Told {
    entity_id: Scalar,
    quote_id: Scalar,
    id: Scalar,
    items: Lenient<Vec<Lenient<Line>>>,
}

impl Told {
    fn id(&self) -> Option<&str> {
        let items = self.items.as_ref().map_or(&[][..], Vec::as_slice);
        let of_item = || items.iter().find_map(|line| line.as_ref()?.quote_id.text());
        self.quote_id
            .text()
            .or_else(|| self.entity_id.text())
            .or_else(|| self.id.text())
            .or_else(of_item)
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Quote {
    created_at: Scalar,
    updated_at: Scalar,
    is_active: Lenient<bool>,
    items: Lenient<Vec<Lenient<Line>>>,
    currency: Lenient<Currencies>,
    customer: Lenient<Person>,
    customer_email: Scalar,
    billing_address: Lenient<Person>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Currencies {
    quote_currency_code: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Person {
    email: Scalar,
    firstname: Scalar,
    city: Scalar,
    country_id: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Line {
    item_id: Scalar,
    quote_id: Scalar,
    sku: Scalar,
    name: Scalar,
    qty: Scalar,
    price: Scalar,
}
