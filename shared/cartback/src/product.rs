//! A variant that the shop sells, as its storefront last told of it: the commutative, idempotent fold of
//! readings. Each reading has its time, so that a mail can say only what is fresh.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::ShopId;
use crate::money::Money;
use crate::stamp::{Stamp, Stamped, keep_newest};

/// What a storefront told of one variant at one moment: any of the three groups, each as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductReading {
    /// The source's id of the message, the same over retries: 1 to 128 characters. It breaks ties between
    /// two readings of the same time.
    pub id: String,
    /// When it was true, by the storefront's clock, never later than it was received.
    pub at: Timestamp,
    /// The variant, by the id that line items of carts have: 1 to 128 characters.
    pub variant: String,
    /// What it is called and looks like, if told.
    pub description: Option<Description>,
    /// What it costs, if told.
    pub price: Option<Price>,
    /// How many there are, if told.
    pub stock: Option<Stock>,
}

/// What a variant is called and looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Untrusted text, at most 200 characters.
    pub title: String,
    /// Such as "Blue / M"; untrusted text, at most 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Picture, unchecked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// Product page, unchecked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Variants that the shop would show instead, by their ids, the best first: at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub substitutes: Vec<String>,
}

/// What one of a variant costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// What the shopper pays, zero or more.
    pub now: Money,
    /// The regular price, if the storefront shows one; of the same currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare_at: Option<Money>,
}

/// How many of a variant can be bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stock {
    /// This many, over all places that the shop sells from; 0 is sold out.
    Left(u32),
    /// Some: the shop does not count them, or sells beyond its count.
    Available,
    /// None, or no longer sold.
    SoldOut,
}

/// One variant of one shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its shop.
    pub shop: ShopId,
    /// The storefront's id of the variant.
    pub variant: String,
    /// How often the stored item was written; 0 if it never was. Kept beside the body.
    #[serde(skip)]
    pub version: u64,
    /// The newest description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Stamped<Description>>,
    /// The newest price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Stamped<Price>>,
    /// The newest count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<Stamped<Stock>>,
}

impl Product {
    /// A variant of which nothing is known yet.
    #[must_use]
    pub fn new(shop: ShopId, variant: String) -> Self {
        Self {
            shop,
            variant,
            version: 0,
            description: None,
            price: None,
            stock: None,
        }
    }

    /// Folds in `reading`, which is of this variant.
    pub fn read(&mut self, reading: &ProductReading) {
        let stamp = Stamp::new(reading.at, &reading.id);
        if let Some(description) = &reading.description {
            keep_newest(&mut self.description, stamp, description.clone());
        }
        if let Some(price) = reading.price {
            keep_newest(&mut self.price, stamp, price);
        }
        if let Some(stock) = reading.stock {
            keep_newest(&mut self.stock, stamp, stock);
        }
    }

    /// Time of the newest reading; `None` if there was none.
    #[must_use]
    pub fn read_at(&self) -> Option<Timestamp> {
        let description = self.description.as_ref().map(|held| held.stamp.at);
        let price = self.price.as_ref().map(|held| held.stamp.at);
        let stock = self.stock.as_ref().map(|held| held.stamp.at);
        description.max(price).max(stock)
    }
}
