//! What one item of the table looks like. The domain value is in `body`; beside it stands only what
//! DynamoDB itself must understand.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use cartback::cart::{Cart, CartStatus};
use cartback::contact::Contact;
use cartback::ids::{CartKey, ContactKey, ShopId};
use cartback::ports::{DueCart, ReadError, Source, Write};
use cartback::product::Product;
use cartback::request::Request;
use cartback::shop::Shop;
use cartback::stage::Stage;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::body;

/// How long a cart is kept after its last activity.
const CART_LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How long a line of history is kept.
const ENTRY_LIFE: SignedDuration = SignedDuration::from_hours(60 * 24);

/// How long a variant is kept after its last reading: a shop's year.
const PRODUCT_LIFE: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Under which all shops are listed: they could otherwise be found by reading the whole table only.
pub(super) const SHOPS: &str = "SHOPS";

pub(super) type Item = HashMap<String, AttributeValue>;

/// An item's two key attributes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) pk: String,
    pub(super) sk: String,
}

/// A new state, to be stored only over the version that it was computed from.
pub(super) struct Guarded {
    pub(super) item: Item,
    seen: u64,
}

impl Key {
    pub(super) fn cart(cart: &CartKey) -> Self {
        Self::new(cart_pk(cart), "CART")
    }

    pub(super) fn contact(contact: &ContactKey) -> Self {
        Self::new(format!("CONTACT#{contact}"), "CONTACT")
    }

    /// All variants of a shop lie together; the longest id of one fits a key many times.
    pub(super) fn product(shop: &ShopId, variant: &str) -> Self {
        Self::new(product_pk(shop), variant)
    }

    pub(super) fn request(request: &Request) -> Self {
        Self::new(Self::shop(&request.shop).pk, request.sort_key())
    }

    pub(super) fn shop(shop: &ShopId) -> Self {
        Self::new(format!("SHOP#{shop}"), "SHOP")
    }

    /// The shop's line in the list of all shops.
    pub(super) fn listed(shop: &ShopId) -> Self {
        Self::new(SHOPS.to_owned(), shop.as_str())
    }

    pub(super) fn attributes(&self) -> Item {
        Item::from([
            ("pk".to_owned(), text(&self.pk)),
            ("sk".to_owned(), text(&self.sk)),
        ])
    }

    pub(super) fn is_of(&self, item: &Item) -> bool {
        let is =
            |name, value: &String| item.get(name).and_then(|held| held.as_s().ok()) == Some(value);
        is("pk", &self.pk) && is("sk", &self.sk)
    }

    pub(super) fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }
}

impl Guarded {
    pub(super) fn cart(cart: &Cart, n_shards: u16) -> Result<Self, serde_json::Error> {
        let mut item = item(&Key::cart(&cart.key), cart)?;
        if let Some((stage, due_at)) = cart.sequence.due() {
            let shard = due_shard(stage, cart.key.shard(n_shards));
            item.insert("due_shard".to_owned(), text(&shard));
            item.insert("due_at".to_owned(), millis(due_at));
        }
        // An erased cart has no times left, and must outlast every late event of the cart.
        if cart.facts.status() != CartStatus::Erased {
            expire(&mut item, cart.facts.last_activity_at(), CART_LIFE);
        }
        Ok(Self::new(item, cart.version))
    }

    /// People are kept: a stop holds for ever.
    pub(super) fn contact(contact: &Contact) -> Result<Self, serde_json::Error> {
        let item = item(&Key::contact(&contact.key), contact)?;
        Ok(Self::new(item, contact.version))
    }

    pub(super) fn product(product: &Product) -> Result<Self, serde_json::Error> {
        let mut item = item(&Key::product(&product.shop, &product.variant), product)?;
        if let Some(read_at) = product.read_at() {
            expire(&mut item, read_at, PRODUCT_LIFE);
        }
        Ok(Self::new(item, product.version))
    }

    pub(super) fn condition(&self) -> &'static str {
        if self.seen == 0 {
            "attribute_not_exists(pk)"
        } else {
            "v = :seen"
        }
    }

    pub(super) fn condition_values(&self) -> Option<Item> {
        (self.seen != 0).then(|| Item::from([(":seen".to_owned(), number(self.seen))]))
    }

    fn new(mut item: Item, seen: u64) -> Self {
        item.insert("v".to_owned(), number(seen + 1));
        Self { item, seen }
    }
}

pub(super) fn shop(shop: &Shop) -> Result<Item, serde_json::Error> {
    item(&Key::shop(&shop.id), shop)
}

pub(super) fn read_shop_id(line: &Item) -> Result<ShopId, ReadError> {
    let id = read_text(line, "sk")?.parse::<ShopId>();
    id.map_err(|error| ReadError::Corrupt(error.into()))
}

/// The lines of `write`, each once: a transaction refuses two actions on one item.
pub(super) fn history(write: &Write) -> Result<Vec<Item>, Source> {
    let mut lines = BTreeMap::new();
    for entry in &write.entries {
        let key = Key::new(cart_pk(&entry.cart), entry.sort_key());
        let mut line = item(&key, entry)?;
        expire(&mut line, entry.at, ENTRY_LIFE);
        lines.insert(key, line);
    }
    Ok(lines.into_values().collect())
}

pub(super) fn cart_pk(cart: &CartKey) -> String {
    format!("CART#{cart}")
}

pub(super) fn product_pk(shop: &ShopId) -> String {
    format!("PRODUCT#{shop}")
}

pub(super) fn offers_pk(shop: &ShopId) -> String {
    format!("OFFERS#{shop}")
}

pub(super) fn due_shard(stage: Stage, shard: u16) -> String {
    format!("{stage}#{shard:02}")
}

pub(super) fn read_cart(item: &Item) -> Result<Cart, ReadError> {
    let cart: Cart = read_body(item)?;
    Ok(Cart {
        version: read_number(item, "v")?,
        ..cart
    })
}

pub(super) fn read_product(item: &Item) -> Result<Product, ReadError> {
    let product: Product = read_body(item)?;
    Ok(Product {
        version: read_number(item, "v")?,
        ..product
    })
}

pub(super) fn read_contact(item: &Item) -> Result<Contact, ReadError> {
    let contact: Contact = read_body(item)?;
    Ok(Contact {
        version: read_number(item, "v")?,
        ..contact
    })
}

/// A cart that the due index lists.
pub(super) fn read_due(item: &Item) -> Result<DueCart, ReadError> {
    let pk = read_text(item, "pk")?;
    let key = pk.strip_prefix("CART#").unwrap_or(pk);
    let key = key
        .parse()
        .map_err(|error| ReadError::Corrupt(Box::new(error)))?;
    let due_at = Timestamp::from_millisecond(read_number(item, "due_at")?)
        .map_err(|error| ReadError::Corrupt(error.into()))?;
    Ok(DueCart { due_at, key })
}

pub(super) fn read_body<T: DeserializeOwned>(item: &Item) -> Result<T, ReadError> {
    body::unpack(item.get("body").ok_or_else(|| missing("body"))?)
}

/// Epoch milliseconds: finer than any schedule, and exact in a DynamoDB number.
pub(super) fn millis(at: Timestamp) -> AttributeValue {
    number(at.as_millisecond())
}

pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(super) fn item<T: Serialize>(key: &Key, value: &T) -> Result<Item, serde_json::Error> {
    let mut item = key.attributes();
    item.insert("body".to_owned(), body::pack(value)?);
    Ok(item)
}

/// DynamoDB deletes the item some time after `life`, counted from `at`. No rule looks at it.
pub(super) fn expire(item: &mut Item, at: Timestamp, life: SignedDuration) {
    if let Ok(end) = at.checked_add(life) {
        item.insert("expires_at".to_owned(), number(end.as_second()));
    }
}

pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(super) fn read_text<'a>(item: &'a Item, name: &str) -> Result<&'a str, ReadError> {
    let value = item.get(name).and_then(|value| value.as_s().ok());
    value.map(String::as_str).ok_or_else(|| missing(name))
}

pub(super) fn read_number<T: std::str::FromStr>(item: &Item, name: &str) -> Result<T, ReadError> {
    let value = item.get(name).and_then(|value| value.as_n().ok());
    value
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| missing(name))
}

fn missing(name: &str) -> ReadError {
    ReadError::Corrupt(Source::from(format!("no `{name}` of the right type")))
}
