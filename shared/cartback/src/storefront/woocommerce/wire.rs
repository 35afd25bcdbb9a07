//! WooCommerce's JSON, as far as we read it.

use serde::Deserialize;

use super::super::lenient::{Lenient, Scalar};
use super::super::price;
use crate::money::{Currency, Money};

/// An order of the REST API, version 3.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Order {
    pub(super) id: Scalar,
    pub(super) number: Scalar,
    pub(super) status: Scalar,
    pub(super) currency: Scalar,
    pub(super) created_via: Scalar,
    pub(super) date_created_gmt: Scalar,
    pub(super) date_modified_gmt: Scalar,
    pub(super) date_paid_gmt: Scalar,
    pub(super) transaction_id: Scalar,
    pub(super) payment_method: Scalar,
    pub(super) needs_payment: Lenient<bool>,
    pub(super) payment_url: Scalar,
    pub(super) prices_include_tax: Lenient<bool>,
    pub(super) cart_tax: Scalar,
    pub(super) shipping_total: Scalar,
    pub(super) shipping_tax: Scalar,
    pub(super) total_tax: Scalar,
    pub(super) total: Scalar,
    pub(super) billing: Lenient<Address>,
    pub(super) shipping: Lenient<Address>,
    pub(super) line_items: Lenient<Vec<Lenient<Line>>>,
    pub(super) shipping_lines: Lenient<Vec<Lenient<Line>>>,
    pub(super) meta_data: Lenient<Vec<Lenient<Meta>>>,
    pub(super) refunds: Lenient<Vec<Lenient<Refund>>>,
}

/// A refund as its order tells of it: an amount below zero.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Refund {
    pub(super) id: Scalar,
    pub(super) total: Scalar,
}

/// A product, or a variation of one.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Product {
    pub(super) id: Scalar,
    #[serde(rename = "type")]
    pub(super) kind: Scalar,
    pub(super) status: Scalar,
    pub(super) name: Scalar,
    pub(super) sku: Scalar,
    pub(super) price: Scalar,
    pub(super) regular_price: Scalar,
    pub(super) permalink: Scalar,
    pub(super) images: Lenient<Vec<Lenient<Image>>>,
    pub(super) stock_status: Scalar,
    pub(super) stock_quantity: Scalar,
    pub(super) date_created_gmt: Scalar,
    pub(super) date_modified_gmt: Scalar,
}

/// An address; a customer too has an `email` at this place.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Address {
    pub(super) email: Scalar,
    pub(super) first_name: Scalar,
    pub(super) address_1: Scalar,
    pub(super) country: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Line {
    pub(super) product_id: Scalar,
    pub(super) variation_id: Scalar,
    pub(super) name: Scalar,
    pub(super) sku: Scalar,
    pub(super) quantity: Scalar,
    pub(super) total: Scalar,
    pub(super) total_tax: Scalar,
    pub(super) image: Lenient<Image>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Image {
    pub(super) src: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Meta {
    pub(super) key: Scalar,
    pub(super) value: Scalar,
}

/// What the snippet posts, in the shape of WooCommerce's custom topics.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Action {
    pub(super) arg: Basket,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Basket {
    pub(super) cart_id: Scalar,
    pub(super) at: Scalar,
    pub(super) checkout_url: Scalar,
    pub(super) cart: Option<Cart>,
}

/// A cart of the Store API, version 1.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Cart {
    pub(super) items: Lenient<Vec<Lenient<Item>>>,
    pub(super) totals: Lenient<Totals>,
    pub(super) billing_address: Lenient<Address>,
    pub(super) shipping_address: Lenient<Address>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Item {
    pub(super) id: Scalar,
    pub(super) name: Scalar,
    pub(super) quantity: Scalar,
    pub(super) permalink: Scalar,
    pub(super) images: Lenient<Vec<Lenient<Image>>>,
    pub(super) variation: Lenient<Vec<Lenient<Attribute>>>,
    pub(super) prices: Lenient<Prices>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Attribute {
    pub(super) value: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Prices {
    pub(super) price: Scalar,
    pub(super) regular_price: Scalar,
    pub(super) currency_code: Scalar,
    pub(super) currency_minor_unit: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Totals {
    pub(super) total_price: Scalar,
    pub(super) total_shipping: Scalar,
    pub(super) total_shipping_tax: Scalar,
    pub(super) currency_code: Scalar,
    pub(super) currency_minor_unit: Scalar,
}

/// The Store API's unit of money: as many decimals as the shop shows, which is none for a shop that
/// hides them, and says nothing of the currency.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    currency: Currency,
    decimals: u32,
}

impl Unit {
    pub(super) fn new(code: &Scalar, minor_unit: &Scalar) -> Option<Self> {
        Some(Self {
            currency: code.currency()?,
            decimals: minor_unit.text()?.parse().ok()?,
        })
    }

    pub(super) fn money(self, units: &Scalar) -> Option<Money> {
        price::scaled(units.text()?.parse().ok()?, self.decimals, self.currency)
    }
}

impl Image {
    /// The first address of `images`.
    pub(super) fn first(images: &Lenient<Vec<Lenient<Self>>>) -> Option<&Self> {
        images.as_ref()?.iter().find_map(Lenient::as_ref)
    }
}
