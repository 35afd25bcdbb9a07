//! The cart store on DynamoDB: one table, on demand, with one sparse index of what is due.

mod body;
mod erase;
mod item;
mod offers;
mod pulse;
mod table;
mod write;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use cartback::cart::Cart;
use cartback::contact::Contact;
use cartback::entry::{Entry, Line};
use cartback::ids::{CartKey, ContactKey, ShopId};
use cartback::offer::{Ask, PoolCode, Stock};
use cartback::part::Part;
use cartback::ports::{CartStore, DueCart, ReadError, Source, Write, WriteError};
use cartback::product::Product;
use cartback::pulse::{Counts, Pulse};
use cartback::request::Request;
use cartback::shop::Shop;
use cartback::stage::Stage;
use cartback::standing::Standing;
use futures_util::future::try_join_all;
use jiff::Timestamp;

pub use body::{inflate, parse};
pub use erase::EraseError;
use item::{Guarded, Item, Key};
pub use offers::PoolState;
pub use table::Stream;

/// Lists carts that have something due, by stage, partition and time. Keys only.
const DUE_INDEX: &str = "due";

/// Keys that DynamoDB takes in one `BatchGetItem`.
const MAX_BATCH: usize = 100;

/// The store on one DynamoDB table.
#[derive(Debug, Clone)]
pub struct DynamoStore {
    client: Client,
    table: String,
    /// Partitions of the due index for each stage: DynamoDB takes 1,000 writes a second in one, and a
    /// throttled index throttles the table. Lowering it hides the carts of the partitions that go.
    n_shards: u16,
    consumed: Option<Arc<Consumed>>,
}

/// What requests consumed, index included, in thousandths of a unit.
#[derive(Debug, Default)]
pub struct Consumed {
    /// Read units.
    pub reads: AtomicU64,
    /// Write units.
    pub writes: AtomicU64,
}

impl DynamoStore {
    /// The store on the table of this name, whose due index has `n_shards` partitions for each stage.
    /// All functions of an installation must agree.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>, n_shards: u16) -> Self {
        Self {
            client,
            table: table.into(),
            n_shards,
            consumed: None,
        }
    }

    /// Opens the connection during the cold start, when a function has a whole processor for nothing, by
    /// reading an item that is never there. What fails here fails again, and is told, at the first event.
    pub async fn connect(&self) {
        let key = Key::new("NOTHING".to_owned(), "NOTHING");
        let request = self.client.get_item().table_name(&self.table);
        // Not consistent: half a read unit.
        let _ = request.set_key(Some(key.attributes())).send().await;
    }

    /// Adds what each request of the functions consumes to `consumed`.
    #[must_use]
    pub fn metered(self, consumed: Arc<Consumed>) -> Self {
        Self {
            consumed: Some(consumed),
            ..self
        }
    }

    /// All carts of a shop, in no order. Reads the whole table: for an operator and a small one.
    ///
    /// # Errors
    /// As every read.
    pub async fn carts(&self, shop: &ShopId) -> Result<Vec<Cart>, ReadError> {
        let items: Vec<Item> = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .filter_expression("begins_with(pk, :shop) AND sk = :cart")
            .expression_attribute_values(":shop", item::text(&format!("CART#{shop}_")))
            .expression_attribute_values(":cart", item::text("CART"))
            .into_paginator()
            .items()
            .send()
            .collect::<Result<_, _>>()
            .await
            .map_err(unavailable)?;
        items.iter().map(item::read_cart).collect()
    }

    /// The shops whose settings were ever stored, by their ids in order.
    ///
    /// # Errors
    /// As every read.
    pub async fn shops(&self) -> Result<Vec<ShopId>, ReadError> {
        let lines: Vec<Item> = self
            .query()
            .key_condition_expression("pk = :shops")
            .expression_attribute_values(":shops", item::text(item::SHOPS))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send()
            .collect::<Result<_, _>>()
            .await
            .map_err(unavailable)?;
        lines.iter().map(item::read_shop_id).collect()
    }

    async fn get(&self, key: Key) -> Result<Option<Item>, ReadError> {
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .consistent_read(true)
            .set_return_consumed_capacity(self.wanted_capacity())
            .send()
            .await
            .map_err(unavailable)?;
        self.meter_read(output.consumed_capacity());
        Ok(output.item)
    }

    /// The items of `keys`, which differ and are at most [`MAX_BATCH`], in their order.
    async fn get_all(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, ReadError> {
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys.iter().map(Key::attributes).collect()))
            .consistent_read(true)
            .build()
            .map_err(unavailable)?;
        let mut output = self
            .client
            .batch_get_item()
            .request_items(&self.table, wanted)
            .set_return_consumed_capacity(self.wanted_capacity())
            .send()
            .await
            .map_err(unavailable)?;
        self.meter_read(output.consumed_capacity());
        let (answers, left) = (output.responses.as_mut(), &output.unprocessed_keys);
        let mut items = answers
            .and_then(|tables| tables.remove(&self.table))
            .unwrap_or_default();
        let left = left.as_ref().and_then(|tables| tables.get(&self.table));
        let left = left.map(KeysAndAttributes::keys).unwrap_or_default();
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            found.push(match items.iter().position(|item| key.is_of(item)) {
                Some(at) => Some(items.swap_remove(at)),
                // Throttled in part: one by one, each request is repeated for a while.
                None if left.iter().any(|left| key.is_of(left)) => self.get(key.clone()).await?,
                None => None,
            });
        }
        Ok(found)
    }

    fn query(&self) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .set_return_consumed_capacity(self.wanted_capacity())
    }

    async fn due_in_shard(
        &self,
        shard: String,
        now: Timestamp,
        limit: i32,
    ) -> Result<Vec<DueCart>, ReadError> {
        let output = self
            .query()
            .index_name(DUE_INDEX)
            .key_condition_expression("due_shard = :shard AND due_at <= :now")
            .expression_attribute_values(":shard", item::text(&shard))
            .expression_attribute_values(":now", item::millis(now))
            .limit(limit)
            .send()
            .await
            .map_err(unavailable)?;
        self.meter_read(output.consumed_capacity());
        output.items().iter().map(item::read_due).collect()
    }
}

impl CartStore for DynamoStore {
    async fn cart(&self, key: &CartKey) -> Result<Option<Cart>, ReadError> {
        let item = self.get(Key::cart(key)).await?;
        item.as_ref().map(item::read_cart).transpose()
    }

    async fn contact(&self, key: &ContactKey) -> Result<Option<Contact>, ReadError> {
        let item = self.get(Key::contact(key)).await?;
        item.as_ref().map(item::read_contact).transpose()
    }

    async fn cart_and_contact(
        &self,
        cart: &CartKey,
        contact: &ContactKey,
    ) -> Result<(Option<Cart>, Option<Contact>), ReadError> {
        let keys = [Key::cart(cart), Key::contact(contact)];
        let found = self.get_all(&keys).await?;
        let [of_cart, of_contact] = [&found[0], &found[1]].map(Option::as_ref);
        let cart = of_cart.map(item::read_cart).transpose()?;
        let contact = of_contact.map(item::read_contact).transpose()?;
        Ok((cart, contact))
    }

    async fn shop(&self, id: &ShopId) -> Result<Option<Shop>, ReadError> {
        let item = self.get(Key::shop(id)).await?;
        item.as_ref().map(item::read_body).transpose()
    }

    async fn due(
        &self,
        stage: Stage,
        part: Part,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueCart>, ReadError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        // All its partitions at once, a short query each. Each is asked for the whole limit, as what
        // is due may lie in one.
        let per_shard = i32::try_from(limit).unwrap_or(i32::MAX);
        let shards = (0..self.n_shards).filter(|shard| part.has(*shard));
        let shards = shards.map(|shard| item::due_shard(stage, shard));
        let queries = shards.map(|shard| self.due_in_shard(shard, now, per_shard));
        let mut due = try_join_all(queries).await?.concat();
        due.sort_unstable();
        due.truncate(limit);
        Ok(due)
    }

    async fn history(&self, key: &CartKey) -> Result<Vec<Entry>, ReadError> {
        let items: Vec<Item> = self
            .query()
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", item::text(&item::cart_pk(key)))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send()
            .collect::<Result<_, _>>()
            .await
            .map_err(unavailable)?;
        let state = Key::cart(key);
        let is_line = |item: &&Item| item.get("sk") != Some(&item::text(&state.sk));
        let mut history = Vec::new();
        for line in items.iter().filter(is_line) {
            let line: Line = item::read_body(line)?;
            history.push(line.of(key));
        }
        history.sort_by_key(|entry| entry.at);
        Ok(history)
    }

    async fn forget_history(&self, key: &CartKey) -> Result<(), WriteError> {
        self.delete_history(key).await
    }

    async fn product(&self, shop: &ShopId, variant: &str) -> Result<Option<Product>, ReadError> {
        let item = self.get(Key::product(shop, variant)).await?;
        item.as_ref().map(item::read_product).transpose()
    }

    async fn products(
        &self,
        shop: &ShopId,
        variants: &BTreeSet<&str>,
    ) -> Result<Vec<Product>, ReadError> {
        let keys: Vec<_> = variants
            .iter()
            .map(|variant| Key::product(shop, variant))
            .collect();
        let batches = keys.chunks(MAX_BATCH).map(|keys| self.get_all(keys));
        let found = try_join_all(batches).await?.concat();
        found.iter().flatten().map(item::read_product).collect()
    }

    async fn put_product(&self, product: &Product) -> Result<(), WriteError> {
        let state = Guarded::product(product).map_err(write::unfit)?;
        let (condition, seen) = (state.condition(), state.condition_values());
        self.put(state.item, Some(condition), seen).await
    }

    async fn put_request(&self, request: &Request) -> Result<(), WriteError> {
        let item = item::item(&Key::request(request), request).map_err(write::unfit)?;
        self.put(item, None, None).await
    }

    async fn requests(&self, shop: &ShopId) -> Result<Vec<Request>, ReadError> {
        let items: Vec<Item> = self
            .query()
            .key_condition_expression("pk = :pk AND begins_with(sk, :request)")
            .expression_attribute_values(":pk", item::text(&Key::shop(shop).pk))
            .expression_attribute_values(":request", item::text("REQUEST#"))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send()
            .collect::<Result<_, _>>()
            .await
            .map_err(unavailable)?;
        items.iter().map(item::read_body).collect()
    }

    async fn drop_request(&self, request: &Request) -> Result<(), WriteError> {
        self.delete(&Key::request(request)).await
    }

    async fn write(&self, write: &Write) -> Result<(), WriteError> {
        self.store(write).await
    }

    async fn count(&self, shop: &ShopId, at: Timestamp, counts: &Counts) -> Result<(), WriteError> {
        self.add_counts(shop, at, counts).await
    }

    async fn pulse(&self, shop: &ShopId, since: Timestamp) -> Result<Pulse, ReadError> {
        self.read_pulse(shop, since).await
    }

    async fn put_standing(&self, shop: &ShopId, standing: &Standing) -> Result<(), WriteError> {
        self.store_standing(shop, standing).await
    }

    async fn offer_stock(&self, shop: &ShopId, ask: &Ask) -> Result<Stock, ReadError> {
        self.read_offer_stock(shop, ask).await
    }

    async fn put_codes(&self, shop: &ShopId, codes: &[PoolCode]) -> Result<usize, WriteError> {
        self.add_codes(shop, codes).await
    }

    async fn put_shop(&self, shop: &Shop) -> Result<(), WriteError> {
        let item = item::shop(shop).map_err(|error| WriteError::Unavailable(error.into()))?;
        // Listed first: settings that are not listed would be overlooked.
        self.put(Key::listed(&shop.id).attributes(), None, None)
            .await?;
        self.put(item, None, None).await?;
        self.claim(&shop.id).await
    }
}

fn unavailable(error: impl Into<Source>) -> ReadError {
    ReadError::Unavailable(error.into())
}
