//! Erasing: a cart's history, and a whole shop.

use cartback::contact::Contact;
use cartback::ids::{CartKey, ContactKey, ShopId};
use cartback::ports::{CartStore, ReadError, Write, WriteError};
use futures_util::future::try_join_all;

use super::item::{self, Item, Key};
use super::{DynamoStore, unavailable};

/// Deletions under way at once.
const CONCURRENCY: usize = 25;

/// Why a shop was not erased, or not wholly. Erasing it again goes on where it ended.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// The table could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The table could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl DynamoStore {
    /// Deletes everything of a shop, its settings first, so that nothing new comes in. Of people who said
    /// stop their key and the stop stay. How many items that were. Reads the whole table, again until
    /// nothing is found: what was under way comes a moment later.
    ///
    /// # Errors
    /// [`EraseError`]; then do it again.
    pub async fn erase_shop(&self, shop: &ShopId) -> Result<usize, EraseError> {
        self.delete(&Key::shop(shop)).await?;
        self.delete(&Key::listed(shop)).await?;
        let mut n_erased = 0;
        loop {
            let keys = self.keys_of(shop).await?;
            if keys.is_empty() {
                return Ok(n_erased);
            }
            let mut n_now = 0;
            for some in keys.chunks(CONCURRENCY) {
                let erased = try_join_all(some.iter().map(|key| self.erase_item(key))).await?;
                n_now += erased.into_iter().filter(|is_erased| *is_erased).count();
            }
            // Only stops are left.
            if n_now == 0 {
                return Ok(n_erased);
            }
            n_erased += n_now;
        }
    }

    pub(super) async fn delete_history(&self, cart: &CartKey) -> Result<(), WriteError> {
        let items = self
            .query()
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", item::text(&item::cart_pk(cart)))
            .projection_expression("pk, sk")
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let items: Vec<Item> = items
            .collect::<Result<_, _>>()
            .await
            .map_err(|error| WriteError::Unavailable(error.into()))?;
        let state = Key::cart(cart);
        let keys: Vec<_> = items
            .iter()
            .filter_map(key_of)
            .filter(|key| *key != state)
            .collect();
        for some in keys.chunks(CONCURRENCY) {
            try_join_all(some.iter().map(|key| self.delete(key))).await?;
        }
        Ok(())
    }

    /// Deletes one item, or what of a person is more than their stop; `false` if nothing was to do.
    async fn erase_item(&self, key: &Key) -> Result<bool, EraseError> {
        let person = key
            .pk
            .strip_prefix("CONTACT#")
            .and_then(|key| key.parse().ok());
        let Some(person) = person else {
            self.delete(key).await?;
            return Ok(true);
        };
        let person: ContactKey = person;
        let Some(stored) = self.contact(&person).await? else {
            return Ok(false);
        };
        let Some(stop) = stored.stop else {
            self.delete(key).await?;
            return Ok(true);
        };
        let left = Contact {
            stop: Some(stop),
            version: stored.version,
            ..Contact::new(person)
        };
        if left == stored {
            return Ok(false);
        }
        let write = Write {
            contact: Some(left),
            ..Write::default()
        };
        match self.write(&write).await {
            // The next look finds it again.
            Ok(()) | Err(WriteError::Conflict) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    async fn keys_of(&self, shop: &ShopId) -> Result<Vec<Key>, ReadError> {
        let filter = "begins_with(pk, :cart) OR begins_with(pk, :contact) OR pk IN (:product, :offers, :shop)";
        let items = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .filter_expression(filter)
            .expression_attribute_values(":cart", item::text(&format!("CART#{shop}_")))
            .expression_attribute_values(":contact", item::text(&format!("CONTACT#{shop}_")))
            .expression_attribute_values(":product", item::text(&item::product_pk(shop)))
            .expression_attribute_values(":offers", item::text(&item::offers_pk(shop)))
            .expression_attribute_values(":shop", item::text(&Key::shop(shop).pk))
            .projection_expression("pk, sk")
            .into_paginator()
            .items()
            .send();
        let items: Vec<Item> = items.collect::<Result<_, _>>().await.map_err(unavailable)?;
        Ok(items.iter().filter_map(key_of).collect())
    }
}

fn key_of(item: &Item) -> Option<Key> {
    let pk = item::read_text(item, "pk").ok()?;
    let sk = item::read_text(item, "sk").ok()?;
    Some(Key::new(pk.to_owned(), sk))
}
