//! Variants: what they are called, cost, and how many there are. Their webhooks tell them as they are when
//! the message is made, so that its own time is that of the reading.

use super::super::basket::{first_text, url};
use super::super::{Malformed, Parsed};
use super::Delivery;
use super::wire::{Stocked, Variant};
use crate::product::{Description, Price, ProductReading, Stock};

pub(super) fn updated(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    read(delivery, |variant, reading| {
        reading.description = description(variant);
        reading.price = price(delivery, variant);
        reading.stock = stock(variant);
    })
}

pub(super) fn deleted(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    read(delivery, |_, reading| reading.stock = Some(Stock::SoldOut))
}

fn read(
    delivery: &Delivery<'_>,
    fill: impl Fn(&Variant, &mut ProductReading),
) -> Result<Parsed, Malformed> {
    let envelope = delivery.envelope()?;
    let told = envelope.product_variant.as_ref();
    let Some((variant, id)) = told.and_then(|it| Some((it, first_text(&[&it.id], 128)?))) else {
        return Ok(Parsed::Ignored(
            "it names no variant; use the query of docs/storefronts/saleor.md".to_owned(),
        ));
    };
    let frame = delivery.frame(&[&envelope.issued_at]);
    let mut reading = ProductReading {
        id: frame.id,
        at: frame.at,
        variant: id,
        description: None,
        price: None,
        stock: None,
    };
    fill(variant, &mut reading);
    Ok(Parsed::Products(vec![reading]))
}

fn description(variant: &Variant) -> Option<Description> {
    let product = variant.product.as_ref()?;
    let title = first_text(&[&product.name], 200)?;
    let picture = product.thumbnail.as_ref();
    Some(Description {
        variant: first_text(&[&variant.name], 100).filter(|name| *name != title),
        title,
        image_url: picture.and_then(|picture| url(&picture.url)),
        // Saleor is headless: it knows no page of the shop.
        url: None,
        substitutes: Vec::new(),
    })
}

/// Gross, as carts have it, in the channel that the query names.
fn price(delivery: &Delivery<'_>, variant: &Variant) -> Option<Price> {
    let fallback = delivery.reception.currency;
    let pricing = variant.pricing.as_ref()?;
    let now = pricing.price.as_ref()?.money(fallback)?;
    let regular = pricing.undiscounted.as_ref();
    Some(Price {
        now,
        compare_at: regular
            .and_then(|regular| regular.money(fallback))
            .filter(|regular| regular.currency == now.currency && now.minor < regular.minor),
    })
}

/// What no order has taken yet, over all warehouses; `quantityAvailable` would be no more than one checkout
/// may hold. `None` if the query does not ask for it.
fn stock(variant: &Variant) -> Option<Stock> {
    if variant.track_inventory.0 == Some(false) || variant.preorder.as_ref().is_some() {
        return Some(Stock::Available);
    }
    let stocks = variant.stocks.as_ref()?;
    let left = stocks
        .iter()
        .try_fold(0_u64, |sum, stock| sum.checked_add(left(stock.as_ref()?)?))?;
    Some(Stock::Left(u32::try_from(left).unwrap_or(u32::MAX)))
}

/// Never below none: what is missing in one warehouse takes nothing from another.
fn left(stock: &Stocked) -> Option<u64> {
    let quantity: i64 = stock.quantity.text()?.parse().ok()?;
    let allocated: i64 = stock.quantity_allocated.text()?.parse().ok()?;
    Some(u64::try_from(quantity.saturating_sub(allocated)).unwrap_or(0))
}
