//! Products: what a variant is called, costs, and how many there are.

use super::super::basket::{first_text, url};
use super::super::lenient::{Lenient, Scalar};
use super::super::{Malformed, Parsed, json};
use super::Delivery;
use super::wire::{Product, Variant};
use crate::product::{Description, Price, ProductReading, Stock};

pub(super) fn updated(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let product: Product = json::read(delivery.body)?;
    let frame = delivery.frame(&[&product.updated_at, &product.created_at], false);
    let variants = product.variants.as_ref().into_iter().flatten();
    let readings: Vec<ProductReading> = variants
        .filter_map(Lenient::as_ref)
        .filter_map(|variant| {
            Some(ProductReading {
                id: frame.id.clone(),
                at: frame.at,
                variant: first_text(&[&variant.id], 128)?,
                description: description(&product, variant),
                price: price(delivery, variant),
                stock: stock(&product, variant),
            })
        })
        .collect();
    if readings.is_empty() {
        return Ok(Parsed::Ignored("the product has no variants".to_owned()));
    }
    Ok(Parsed::Products(readings))
}

fn description(product: &Product, variant: &Variant) -> Option<Description> {
    let image = product.image.as_ref();
    Some(Description {
        title: first_text(&[&product.title], 200)?,
        // What Shopify calls the only variant of a product that has none.
        variant: first_text(&[&variant.title], 100).filter(|title| title != "Default Title"),
        image_url: image.and_then(|image| url(&image.src)),
        // The shop's own domain is not told.
        url: None,
        substitutes: siblings(product, variant),
    })
}

/// The product's other variants, which are the nearest to this one.
fn siblings(product: &Product, variant: &Variant) -> Vec<String> {
    let others = product
        .variants
        .0
        .iter()
        .flatten()
        .filter_map(|other| other.0.as_ref());
    let ids = others.filter_map(|other| first_text(&[&other.id], 128));
    let own = first_text(&[&variant.id], 128);
    ids.filter(|id| Some(id) != own.as_ref()).take(5).collect()
}

fn price(delivery: &Delivery<'_>, variant: &Variant) -> Option<Price> {
    let currency = delivery.reception.currency;
    let read = |text: &Scalar| text.money(currency);
    let now = read(&variant.price)?;
    Some(Price {
        now,
        compare_at: read(&variant.compare_at_price).filter(|regular| now.minor < regular.minor),
    })
}

/// How many are left; `None` if Shopify does not count them, or does not say so.
fn stock(product: &Product, variant: &Variant) -> Option<Stock> {
    let status = product.status.text();
    if status.is_some_and(|status| status != "active") {
        return Some(Stock::SoldOut);
    }
    if variant.inventory_policy.text() == Some("continue") {
        return Some(Stock::Available);
    }
    // What is not counted has a quantity all the same.
    variant.inventory_management.text()?;
    let left: i64 = variant.inventory_quantity.text()?.parse().ok()?;
    // Below none: sold beyond the count.
    Some(Stock::Left(u32::try_from(left.max(0)).unwrap_or(u32::MAX)))
}
