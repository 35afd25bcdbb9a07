//! Products: what they are called, cost, and how many there are.

use super::super::basket::{first_text, url};
use super::super::{Malformed, Parsed, json};
use super::Delivery;
use super::cart::title;
use super::wire::{Image, Product};
use crate::product::{Description, Price, ProductReading, Stock};

pub(super) fn updated(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let product: Product = json::read(delivery.message.body)?;
    let Some(variant) = first_text(&[&product.id], 128) else {
        return Ok(Parsed::Ignored("the product has no id".to_owned()));
    };
    // Carts have its variations, which tell of themselves.
    if matches!(product.kind.text(), Some("variable" | "grouped")) {
        return Ok(Parsed::Ignored(
            "a product with variations is in no cart itself".to_owned(),
        ));
    }
    let frame = delivery.frame(&[&product.date_modified_gmt, &product.date_created_gmt]);
    Ok(Parsed::Products(vec![ProductReading {
        id: frame.id,
        at: frame.at,
        variant,
        description: description(&product),
        price: price(delivery, &product),
        stock: stock(&product),
    }]))
}

/// Only the number is told of a deleted product.
pub(super) fn deleted(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let product: Product = json::read(delivery.message.body)?;
    let Some(variant) = first_text(&[&product.id], 128) else {
        return Ok(Parsed::Ignored("the deleted product has no id".to_owned()));
    };
    let frame = delivery.frame(&[]);
    Ok(Parsed::Products(vec![ProductReading {
        id: frame.id,
        at: frame.at,
        variant,
        description: None,
        price: None,
        stock: Some(Stock::SoldOut),
    }]))
}

fn description(product: &Product) -> Option<Description> {
    let title = title(first_text(&[&product.name, &product.sku], 400));
    Some(Description {
        title: Some(title).filter(|title| !title.is_empty())?,
        variant: None,
        image_url: Image::first(&product.images).and_then(|image| url(&image.src)),
        url: url(&product.permalink),
        substitutes: Vec::new(),
    })
}

/// In the shop's currency, of which the product says nothing.
fn price(delivery: &Delivery<'_>, product: &Product) -> Option<Price> {
    let currency = delivery.reception.currency;
    let now = product.price.money(currency)?;
    let regular = product.regular_price.money(currency);
    Some(Price {
        now,
        compare_at: regular.filter(|regular| now.minor < regular.minor),
    })
}

fn stock(product: &Product) -> Option<Stock> {
    if product
        .status
        .text()
        .is_some_and(|status| status != "publish")
    {
        return Some(Stock::SoldOut);
    }
    match product.stock_status.text()? {
        "outofstock" => Some(Stock::SoldOut),
        "onbackorder" => Some(Stock::Available),
        "instock" => {
            // Null where the shop does not count.
            let left: Option<u32> = product
                .stock_quantity
                .text()
                .and_then(|left| left.parse().ok());
            Some(left.map_or(Stock::Available, Stock::Left))
        }
        _ => None,
    }
}
