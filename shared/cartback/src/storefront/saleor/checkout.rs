//! Checkouts, which in Saleor are the carts.

use super::super::basket::{self, first_text, url};
use super::super::contact::contact;
use super::super::lenient::{Lenient, Scalar};
use super::super::{Malformed, Parsed, json};
use super::wire::{Checkout, First, Line};
use super::{Delivery, cart_id, country, locale};
use crate::event::{Change, CheckoutStep, ContactDetails, Contents, Costs, LineItem};
use crate::money::Currency;

/// The checkout as it now is. One that is paid or authorised, and no order yet, waits for its order.
pub(super) fn updated(delivery: &Delivery<'_>, is_paid: bool) -> Result<Parsed, Malformed> {
    let envelope = delivery.envelope()?;
    let checkout = if delivery.is_array() {
        json::read::<First<Checkout>>(delivery.body)?.0
    } else {
        envelope.checkout.0
    };
    let checkout = checkout.ok_or_else(|| {
        Malformed::new(
            "checkout",
            "is missing; use the query of docs/storefronts/saleor.md",
        )
    })?;
    let cart = cart_id(&checkout.id)
        .or_else(|| cart_id(&checkout.token))
        .ok_or_else(|| Malformed::new("checkout.id", "is missing or no id"))?;
    let carts = [cart];
    let currency = currency(&checkout).unwrap_or(delivery.reception.currency);
    let frame = delivery.frame(&[&checkout.updated_at, &envelope.issued_at, &checkout.created]);
    let mut events = Vec::new();
    // A query that asks for no lines does not tell of an empty cart.
    if let Some(lines) = checkout.lines.as_ref() {
        let contents = contents(&checkout, lines, currency)?;
        events.push(frame.event(&carts, None, Change::CartUpdated(contents)));
    }
    let person = person(&checkout);
    if person.is_some() {
        events.push(frame.event(&carts, person.as_ref(), Change::ContactIdentified));
    }
    if let Some(step) = step(&checkout) {
        let costs = costs(&checkout, currency);
        events.push(frame.event(&carts, None, Change::StepReached { step, costs }));
    }
    if is_paid {
        events.push(frame.event(&carts, None, Change::PaymentPending));
    }
    let nothing = "the checkout tells of no lines, no person and no step";
    Ok(Parsed::told(events, nothing))
}

fn person(checkout: &Checkout) -> Option<ContactDetails> {
    let user = checkout.user.as_ref();
    let billing = checkout.billing_address.as_ref();
    let shipping = checkout.shipping_address.as_ref();
    contact(
        checkout
            .email
            .text()
            .or_else(|| user.and_then(|user| user.email.text())),
        // The receiver comes last: a present goes to somebody else.
        &[
            user.map(|user| &user.first_name),
            billing.map(|address| &address.first_name),
            shipping.map(|address| &address.first_name),
        ],
        Some(&locale(&checkout.language_code)),
        &[
            country(shipping.map(|address| &address.country)),
            country(billing.map(|address| &address.country)),
        ],
    )
}

/// The furthest step: a snapshot does not tell the way.
fn step(checkout: &Checkout) -> Option<CheckoutStep> {
    let is_authorized = checkout
        .authorize_status
        .text()
        .is_some_and(|status| !status.eq_ignore_ascii_case("none"));
    if is_authorized {
        return Some(CheckoutStep::Payment);
    }
    if checkout.delivery_method.as_ref().is_some() {
        return Some(CheckoutStep::Shipping);
    }
    if checkout.shipping_address.as_ref().is_some() {
        return Some(CheckoutStep::Address);
    }
    checkout.email.text().map(|_| CheckoutStep::Contact)
}

/// Saleor's gross prices have the tax in them, so that only the delivery comes on top.
fn costs(checkout: &Checkout, currency: Currency) -> Option<Costs> {
    checkout.delivery_method.as_ref()?;
    let shipping = checkout.shipping_price.as_ref()?.money(currency)?;
    Some(Costs {
        shipping: Some(shipping),
        tax: None,
    })
}

fn contents(
    checkout: &Checkout,
    given: &[Lenient<Line>],
    currency: Currency,
) -> Result<Contents, Malformed> {
    let mut kept = Vec::new();
    for (n, line) in given.iter().enumerate() {
        if let Some(line) = line.as_ref() {
            kept.extend(item(n, line, currency)?);
        }
    }
    // Before delivery, which is a cost of a step.
    let total = checkout
        .subtotal_price
        .as_ref()
        .and_then(|total| total.money(currency))
        .filter(|total| total.currency == currency);
    let sum = basket::priced(currency, kept)
        .ok_or_else(|| Malformed::new("lines", "cost too much together"))?;
    Ok(Contents {
        total_minor: total.map_or(sum.total_minor, |total| total.minor),
        checkout_url: url(&checkout.checkout_url),
        ..sum
    })
}

/// The currency of the checkout: all of its amounts have one.
fn currency(checkout: &Checkout) -> Option<Currency> {
    let of_line = |line: &Lenient<Line>| {
        let line = line.as_ref()?;
        let price = line.unit_price.as_ref().and_then(|it| it.gross.as_ref());
        price
            .and_then(|price| price.currency.currency())
            .or_else(|| line.currency.currency())
    };
    let total = checkout.subtotal_price.as_ref();
    total
        .and_then(|total| total.gross.as_ref()?.currency.currency())
        .or_else(|| checkout.currency.currency())
        .or_else(|| checkout.lines.as_ref()?.iter().find_map(of_line))
}

fn item(n: usize, line: &Line, currency: Currency) -> Result<Option<LineItem>, Malformed> {
    let fault = |field: &str, fault: &str| Malformed::new(format!("lines[{n}].{field}"), fault);
    let quantity: u32 = line
        .quantity
        .text()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| fault("quantity", "is no whole number"))?;
    if quantity == 0 {
        return Ok(None);
    }
    let price = line
        .unit_price
        .as_ref()
        .and_then(|price| price.money(currency))
        .or_else(|| line.base_price.rounded_money(currency))
        .filter(|price| price.currency == currency)
        .ok_or_else(|| fault("unitPrice", "is no amount of the checkout's currency"))?;
    let regular = line
        .undiscounted_unit_price
        .as_ref()
        .and_then(|regular| regular.money(currency))
        .filter(|regular| regular.currency == currency && price.minor < regular.minor);
    let variant = line.variant.as_ref();
    let product = variant.and_then(|variant| variant.product.as_ref());
    let none = Scalar::default();
    let variant_name = variant.map_or(&none, |variant| &variant.name);
    let titles = [
        product.map_or(&none, |product| &product.name),
        &line.product_name,
        &line.full_name,
        variant_name,
        &line.sku,
    ];
    let ids = [
        variant.map_or(&none, |variant| &variant.id),
        variant.map_or(&none, |variant| &variant.sku),
        &line.sku,
        &line.id,
    ];
    let title = first_text(&titles, 200).unwrap_or_default();
    let name = first_text(&[variant_name, &line.variant_name], 100);
    let picture = product.and_then(|product| product.thumbnail.as_ref());
    Ok(Some(LineItem {
        id: first_text(&ids, 128).unwrap_or_default(),
        variant: name.filter(|name| *name != title),
        title,
        quantity,
        price_minor: price.minor,
        compare_at_minor: regular.map(|regular| regular.minor),
        image_url: picture.and_then(|picture| url(&picture.url)),
        url: None,
    }))
}
