//! A cart as it is now: what the shopper left, held against what the shop has told of each variant since.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::event::{Contents, LineItem};
use crate::ids::ShopId;
use crate::mail::{
    CartView, LineState, LineView, SavingsStatement, SoldOutStatement, StockStatement, Substitute,
};
use crate::money::Money;
use crate::ports::{CartStore, ReadError};
use crate::product::{Price, Product, Stock};
use crate::shop::Shop;
use crate::stamp::Stamped;

/// Lines whose variants are looked up: as many as mails and pages list.
const MAX_LINES: usize = 30;

/// Substitutes that are looked up for one line.
const MAX_SUBSTITUTES: usize = 5;

/// What the shop has told of some variants, by their ids.
#[derive(Debug, Clone, Default)]
pub struct Readings(BTreeMap<String, Product>);

impl Readings {
    /// Readings of `products`.
    pub fn new(products: impl IntoIterator<Item = Product>) -> Self {
        let by_variant = |product: Product| (product.variant.clone(), product);
        Self(products.into_iter().map(by_variant).collect())
    }

    /// What is stored of the variants in `contents`.
    ///
    /// # Errors
    /// [`ReadError`] when the table does not answer.
    pub async fn of<S: CartStore>(
        store: &S,
        shop: &ShopId,
        contents: &Contents,
    ) -> Result<Self, ReadError> {
        let variants = contents
            .lines
            .iter()
            .take(MAX_LINES)
            .map(|line| line.id.as_str());
        Self::load(store, shop, variants).await
    }

    /// Adds what is stored of the variants that the shop names in place of those that are sold out.
    ///
    /// # Errors
    /// [`ReadError`] when the table does not answer.
    pub async fn add_substitutes<S: CartStore>(
        &mut self,
        store: &S,
        shop: &ShopId,
    ) -> Result<(), ReadError> {
        let sold_out = self.0.values().filter(|product| is_gone(product));
        let named = sold_out.flat_map(substitutes);
        let added = Self::load(store, shop, named).await?;
        for (variant, product) in added.0 {
            self.0.entry(variant).or_insert(product);
        }
        Ok(())
    }

    async fn load<'a, S: CartStore>(
        store: &S,
        shop: &ShopId,
        variants: impl Iterator<Item = &'a str>,
    ) -> Result<Self, ReadError> {
        let products = store.products(shop, &variants.collect()).await?;
        Ok(Self::new(products))
    }
}

/// `contents` as mails and pages show them at `now`, without name and links. A price that the shop has told
/// since takes the place of the one in the cart; pictures of foreign hosts are left out.
#[must_use]
pub fn view(
    contents: &Stamped<Contents>,
    shop: &Shop,
    readings: &Readings,
    now: Timestamp,
) -> CartView {
    let cart = &contents.value;
    let seen = Seen {
        contents,
        shop,
        readings,
        now,
    };
    let lines: Vec<_> = cart.lines.iter().map(|line| seen.line(line)).collect();
    let total = total(cart, &lines);
    let left = cart.lines.iter().map(|line| line.price_minor);
    let is_repriced = left.ne(lines.iter().map(|line| line.price.minor));
    CartView {
        first_name: None,
        // A saving is of one snapshot: beside a newer price the shop's regular one may be old.
        savings: SavingsStatement::of(&lines).filter(|_| !is_repriced),
        total: total.unwrap_or(cart.total()),
        lines,
        restore_url: String::new(),
        unsubscribe_url: String::new(),
        preferences_url: String::new(),
    }
}

/// What a line is held against.
struct Seen<'a> {
    contents: &'a Stamped<Contents>,
    shop: &'a Shop,
    readings: &'a Readings,
    now: Timestamp,
}

impl Seen<'_> {
    fn line(&self, line: &LineItem) -> LineView {
        let contents = &self.contents.value;
        let left = contents.money(line.price_minor);
        let product = self.readings.0.get(&line.id);
        let limits = &self.shop.statements;
        let newer = product.and_then(|product| self.newer_price(product, line));
        let sold_out = product.and_then(|product| SoldOutStatement::of(product, limits, self.now));
        let state = match (sold_out, newer) {
            (Some(statement), _) => LineState::SoldOut(statement, self.substitute(product, left)),
            (None, None) => LineState::Unknown,
            (None, Some(price)) if price.now.minor == left.minor => LineState::Same,
            (None, Some(price)) if left.minor < price.now.minor => LineState::Dearer(left),
            (None, Some(_)) => LineState::Cheaper(left),
        };
        let regular = line.compare_at_minor.map(|regular| contents.money(regular));
        let (price, regular) = match newer {
            Some(newer) if newer.now != left => (newer.now, newer.compare_at),
            _ => (left, regular),
        };
        LineView {
            title: line.title.clone(),
            variant: line.variant.clone(),
            quantity: line.quantity,
            price,
            compare_at_price: regular.filter(|regular| price.minor < regular.minor),
            image_url: line.image_url.clone().filter(|url| self.shop.owns_url(url)),
            stock: product.and_then(|product| StockStatement::of(product, limits, self.now)),
            state,
        }
    }

    /// A price that was told after the cart was left, in the cart's currency. One that the cart shows as
    /// regular is no news: the line has a discount that the catalogue does not know.
    fn newer_price(&self, product: &Product, line: &LineItem) -> Option<Price> {
        let held = product.price.as_ref()?;
        let is_newer = self.contents.stamp.at < held.stamp.at && held.stamp.at <= self.now;
        let price = held.value;
        let is_comparable = price.now.currency == self.contents.value.currency
            && line.compare_at_minor != Some(price.now.minor);
        (is_newer && is_comparable).then_some(price)
    }

    /// The variant nearest in price among those that the shop names and that are there.
    fn substitute(&self, product: Option<&Product>, left: Money) -> Option<Substitute> {
        let is_there = |other: &&Product| {
            let stock = other.stock.as_ref();
            stock.is_some_and(|held| {
                let age = self.now.duration_since(held.stamp.at);
                !age.is_negative()
                    && age <= self.shop.statements.stock_max_age
                    && !matches!(held.value, Stock::SoldOut | Stock::Left(0))
            })
        };
        let others = substitutes(product?).filter_map(|variant| self.readings.0.get(variant));
        let priced = others.filter(is_there).filter_map(|other| {
            let price = other.price.as_ref()?.value.now;
            let description = &other.description.as_ref()?.value;
            (price.currency == left.currency).then_some((price, description))
        });
        let (price, description) =
            priced.min_by_key(|(price, _)| price.minor.abs_diff(left.minor))?;
        Some(Substitute {
            title: description.title.clone(),
            price,
            url: description
                .url
                .clone()
                .filter(|url| self.shop.owns_url(url)),
        })
    }
}

/// The cart's total with what its lines cost more or less now; `None` if it does not fit. The shopper's
/// total may hold a discount on the whole cart, so only the differences are added.
fn total(contents: &Contents, lines: &[LineView]) -> Option<Money> {
    let mut total = contents.total();
    for (left, now) in contents.lines.iter().zip(lines) {
        let more = now.price.checked_sub(contents.money(left.price_minor))?;
        total = total.checked_add(more.checked_mul(left.quantity)?)?;
    }
    (0 <= total.minor).then_some(total)
}

fn is_gone(product: &Product) -> bool {
    let stock = product.stock.as_ref().map(|held| held.value);
    matches!(stock, Some(Stock::SoldOut | Stock::Left(0)))
}

fn substitutes(product: &Product) -> impl Iterator<Item = &str> {
    let description = product.description.as_ref();
    let named = description.map(|held| held.value.substitutes.as_slice());
    named
        .unwrap_or_default()
        .iter()
        .take(MAX_SUBSTITUTES)
        .map(String::as_str)
}
