//! Products, as the shop's staff save them: carts know their lines by the same `sku`.

use serde::Deserialize;

use super::super::Malformed;
use super::super::basket::first_text;
use super::super::fetch::Next;
use super::super::lenient::{Lenient, Scalar};
use super::Talk;
use crate::product::{Description, Price, ProductReading, Stock};

pub(super) fn reading(talk: &Talk<'_>) -> Result<Next, Malformed> {
    let product: Product = talk.value()?;
    let Some(variant) = first_text(&[&product.sku], 128) else {
        return Ok(Next::Ignore("the product has no sku".to_owned()));
    };
    let is_gone = talk.event.topic()?.starts_with("catalog_product_delete");
    // A deleted product's last change was before its end.
    let frame = if is_gone {
        talk.frame(&[])
    } else {
        talk.frame(&[&product.updated_at])
    };
    let mut reading = ProductReading {
        id: frame.id,
        at: frame.at,
        variant,
        description: None,
        price: None,
        stock: is_gone.then_some(Stock::SoldOut),
    };
    if !is_gone {
        reading.description = description(&product);
        reading.price = price(talk, &product);
        reading.stock = stock(&product);
    }
    Ok(Next::Products(vec![reading]))
}

fn description(product: &Product) -> Option<Description> {
    Some(Description {
        title: first_text(&[&product.name], 200)?,
        variant: None,
        image_url: None,
        url: None,
        substitutes: Vec::new(),
    })
}

/// In the shop's currency. A special price has days on which it holds, so that neither is told as the one.
fn price(talk: &Talk<'_>, product: &Product) -> Option<Price> {
    if product.special_price.text().is_some() {
        return None;
    }
    let now = product.price.rounded_money(talk.reception.currency)?;
    Some(Price {
        now,
        compare_at: None,
    })
}

/// Whether there are any. The quantity is what lies in the stock, orders that were not sent yet included:
/// how many can still be bought it does not say.
fn stock(product: &Product) -> Option<Stock> {
    // 1 is sold, 2 is not.
    if product.status.text() == Some("2") {
        return Some(Stock::SoldOut);
    }
    let stock = product.stock_data.as_ref()?;
    let is_sold_without = stock.backorders.text().is_some_and(|kind| kind != "0");
    let quantity: f64 = stock.qty.text()?.parse().ok()?;
    if quantity <= 0.0 && !is_sold_without {
        return Some(Stock::SoldOut);
    }
    Some(Stock::Available)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Product {
    sku: Scalar,
    name: Scalar,
    price: Scalar,
    special_price: Scalar,
    status: Scalar,
    updated_at: Scalar,
    stock_data: Lenient<StockData>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct StockData {
    qty: Scalar,
    backorders: Scalar,
}
