//! Readings of variants in our own format, one or many in a message. `docs/products.md` explains it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::{
    Malformed, Message, Parsed, Reception, Storefront,
    frame::Frame,
    json,
    secret::{InvalidSecret, Secret},
    signature::SignatureError,
    text,
};
use super::cart::{currency, money, text_id, url};
use super::wire::{Amount, CurrencyCode};
use super::{Cartback, frame_of};
use crate::catalogue::MAX_READINGS;
use crate::money::{Currency, Money};
use crate::product::{Description, Price, ProductReading, Stock};

/// More would not be looked up.
const MAX_SUBSTITUTES: usize = 5;

/// A shop's own readings of what it sells, at `/products/{shop}`. Signed as its events are.
pub struct Products;

/// What the shop sells, as the body of `POST /products/{shop}`. Unknown fields are ignored.
#[derive(Deserialize, JsonSchema)]
#[schemars(title = "Cartback products")]
struct Readings {
    /// The message's own id, the same whenever it is sent again; by default the `webhook-id` header.
    #[schemars(regex(pattern = r"^[!-~]{1,128}$"))]
    id: Option<String>,
    /// When all of it was true, RFC 3339 with an offset; by default when it arrives. Send it: of two
    /// readings the newer counts.
    #[schemars(extend("format" = "date-time"))]
    at: Option<String>,
    #[schemars(length(min = 1, max = 500))]
    products: Vec<Reading>,
}

/// One variant. Leave out what you do not know: what was told before stays.
#[derive(Deserialize, JsonSchema)]
struct Reading {
    /// The shop's id of the variant, as in the items of its carts.
    #[schemars(length(min = 1, max = 128))]
    id: String,
    /// Cut after 200 characters. With it come the variant's name, picture and page: those that are left
    /// out are gone.
    #[schemars(length(min = 1))]
    title: Option<String>,
    /// Such as "Blue / M"; cut after 100 characters.
    variant: Option<String>,
    #[schemars(length(max = 2000))]
    image_url: Option<String>,
    #[schemars(length(max = 2000))]
    url: Option<String>,
    /// Ids of variants that the shop would show instead when this one is sold out, the best first.
    #[schemars(length(max = 5))]
    substitutes: Option<Vec<String>>,
    price: Option<Amount>,
    /// The regular price, if the shop shows it; needs `price`.
    compare_at_price: Option<Amount>,
    /// Of the prices; by default the shop's.
    currency: Option<CurrencyCode>,
    /// How many there are, over all places that the shop sells from.
    stock: Option<u32>,
    /// Whether it can be bought. With `false` the stock does not matter; with `true` and no `stock` there
    /// is enough.
    available: Option<bool>,
}

impl Storefront for Products {
    /// The secrets are those of the shop's own events.
    fn name(&self) -> &'static str {
        Cartback.name()
    }

    fn check_secret(&self, text: &str) -> Result<(), InvalidSecret> {
        Cartback.check_secret(text)
    }

    fn verify(
        &self,
        secrets: &[Secret],
        message: Message<'_>,
        accepted_times: &[Timestamp],
    ) -> Result<(), SignatureError> {
        Cartback.verify(secrets, message, accepted_times)
    }

    fn parse(&self, message: Message<'_>, reception: Reception) -> Result<Parsed, Malformed> {
        let body: Readings = json::read(message.body)?;
        let frame = frame_of(body.id.as_deref(), body.at.as_deref(), message, reception)?;
        if !(1..=MAX_READINGS).contains(&body.products.len()) {
            let fault = format!("has a wrong length; send 1 to {MAX_READINGS}");
            return Err(Malformed::new("products", fault));
        }
        let readings = body.products.into_iter().enumerate();
        readings
            .map(|(n, product)| reading(&format!("products[{n}]"), &frame, product, reception))
            .collect::<Result<_, _>>()
            .map(Parsed::Products)
    }

    fn may_be_order(&self, _: &http::HeaderMap) -> bool {
        false
    }
}

/// The JSON Schema of such a message, draft 2020-12, as published in `docs/products.schema.json`.
#[must_use]
pub fn products_schema() -> serde_json::Value {
    schemars::schema_for!(Readings).to_value()
}

fn reading(
    path: &str,
    frame: &Frame,
    product: Reading,
    reception: Reception,
) -> Result<ProductReading, Malformed> {
    let at = |field: &str| format!("{path}.{field}");
    let stock = match (product.available, product.stock) {
        (Some(false), _) => Some(Stock::SoldOut),
        (_, Some(n)) => Some(Stock::Left(n)),
        (Some(true), None) => Some(Stock::Available),
        (None, None) => None,
    };
    let currency = match &product.currency {
        None => reception.currency,
        Some(code) => currency(&at("currency"), code)?,
    };
    let variant = text_id(&at("id"), &product.id)?;
    let price = price(path, &product, currency)?;
    Ok(ProductReading {
        id: frame.id.clone(),
        at: frame.at,
        variant,
        price,
        stock,
        description: description(path, product)?,
    })
}

fn price(path: &str, product: &Reading, currency: Currency) -> Result<Option<Price>, Malformed> {
    let amount = |field: &str, amount: &Option<Amount>| -> Result<Option<Money>, Malformed> {
        let path = format!("{path}.{field}");
        amount
            .as_ref()
            .map(|amount| money(&path, amount, currency))
            .transpose()
    };
    let compare_at = amount("compare_at_price", &product.compare_at_price)?;
    match amount("price", &product.price)? {
        Some(now) => Ok(Some(Price { now, compare_at })),
        None if compare_at.is_some() => Err(Malformed::new(
            format!("{path}.compare_at_price"),
            "is no price alone; send `price` with it",
        )),
        None => Ok(None),
    }
}

fn description(path: &str, product: Reading) -> Result<Option<Description>, Malformed> {
    let at = |field: &str| format!("{path}.{field}");
    let image_url = url(&at("image_url"), product.image_url)?;
    let page = url(&at("url"), product.url)?;
    let substitutes = substitutes(&at("substitutes"), product.substitutes.unwrap_or_default())?;
    let Some(title) = product.title else {
        return Ok(None);
    };
    Ok(Some(Description {
        title: text::clip(&title, 200).ok_or_else(|| Malformed::new(at("title"), "is empty"))?,
        variant: product
            .variant
            .as_deref()
            .and_then(|variant| text::clip(variant, 100)),
        image_url,
        url: page,
        substitutes,
    }))
}

fn substitutes(path: &str, ids: Vec<String>) -> Result<Vec<String>, Malformed> {
    if MAX_SUBSTITUTES < ids.len() {
        let fault = format!("has a wrong length; send {MAX_SUBSTITUTES} at most");
        return Err(Malformed::new(path.to_owned(), fault));
    }
    ids.iter().map(|id| text_id(path, id)).collect()
}
