//! The cart store in memory, with the semantics of the DynamoDB one: versions, all or nothing, and a
//! due list that only nominates. The same contract runs against both.

mod offers;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use crate::cart::Cart;
use crate::contact::Contact;
use crate::entry::Entry;
use crate::ids::{CartKey, ContactKey, ShopId};
use crate::offer::{Ask, Claim, PoolCode, Stock};
use crate::part::Part;
use crate::ports::{CartStore, DueCart, ReadError, Write, WriteError};
use crate::product::Product;
use crate::pulse::{Counts, Pulse, hour_of};
use crate::request::Request;
use crate::shop::Shop;
use crate::stage::Stage;
use crate::standing::Standing;
use jiff::Timestamp;
use offers::OfferShelf;

/// A list in one process needs no shards; these are for whoever asks for a part of it.
const N_SHARDS: u16 = 256;

/// A store that lives as long as the value and its clones, which share it.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    items: Arc<Mutex<Items>>,
}

/// Everything that a store holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Items {
    carts: HashMap<CartKey, Cart>,
    contacts: HashMap<ContactKey, Contact>,
    shops: HashMap<ShopId, Shop>,
    history: HashMap<CartKey, BTreeMap<String, Entry>>,
    /// Planned carts of each stage by the millisecond at which they are due, as the table's index has
    /// them: months of ticks must not walk through every cart.
    due: BTreeMap<Stage, BTreeSet<(i64, CartKey)>>,
    pulses: HashMap<ShopId, Pulse>,
    products: HashMap<(ShopId, String), Product>,
    requests: BTreeMap<(ShopId, String), Request>,
    offers: OfferShelf,
}

impl MemoryStore {
    /// All carts of a shop, in no order.
    #[must_use]
    pub fn carts(&self, shop: &ShopId) -> Vec<Cart> {
        let items = self.items();
        let carts = items.carts.values();
        carts
            .filter(|cart| cart.key.shop() == shop)
            .cloned()
            .collect()
    }

    /// When something is due next, to the millisecond below; `None` if nothing is planned.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let items = self.items();
        let earliest = items.due.values().filter_map(BTreeSet::first).min()?;
        Timestamp::from_millisecond(earliest.0).ok()
    }

    /// Everything as it is now, but for the pulses: a refused message is counted and leaves no other
    /// trace.
    #[must_use]
    pub fn snapshot(&self) -> Items {
        Items {
            pulses: HashMap::new(),
            ..self.items().clone()
        }
    }

    fn items(&self) -> MutexGuard<'_, Items> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CartStore for MemoryStore {
    async fn cart(&self, key: &CartKey) -> Result<Option<Cart>, ReadError> {
        others_turn().await;
        Ok(self.items().carts.get(key).cloned())
    }

    async fn contact(&self, key: &ContactKey) -> Result<Option<Contact>, ReadError> {
        others_turn().await;
        Ok(self.items().contacts.get(key).cloned())
    }

    async fn shop(&self, id: &ShopId) -> Result<Option<Shop>, ReadError> {
        Ok(self.items().shops.get(id).cloned())
    }

    async fn due(
        &self,
        stage: Stage,
        part: Part,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueCart>, ReadError> {
        let items = self.items();
        let planned = items.due.get(&stage).into_iter().flatten();
        let due = planned.take_while(|(due_ms, _)| *due_ms <= now.as_millisecond());
        let of_part = due.filter(|(_, key)| part.has(key.shard(N_SHARDS)));
        let listed = of_part.take(limit).map(|(due_ms, key)| DueCart {
            due_at: Timestamp::from_millisecond(*due_ms).unwrap_or(Timestamp::MIN),
            key: key.clone(),
        });
        Ok(listed.collect())
    }

    async fn history(&self, key: &CartKey) -> Result<Vec<Entry>, ReadError> {
        let items = self.items();
        let lines = items
            .history
            .get(key)
            .into_iter()
            .flat_map(BTreeMap::values);
        let mut history: Vec<Entry> = lines.cloned().collect();
        history.sort_by_key(|entry| entry.at);
        Ok(history)
    }

    async fn forget_history(&self, key: &CartKey) -> Result<(), WriteError> {
        others_turn().await;
        self.items().history.remove(key);
        Ok(())
    }

    async fn product(&self, shop: &ShopId, variant: &str) -> Result<Option<Product>, ReadError> {
        others_turn().await;
        let key = (shop.clone(), variant.to_owned());
        Ok(self.items().products.get(&key).cloned())
    }

    async fn put_product(&self, product: &Product) -> Result<(), WriteError> {
        others_turn().await;
        let mut items = self.items();
        let key = (product.shop.clone(), product.variant.clone());
        let stored = items.products.get(&key).map_or(0, |stored| stored.version);
        if stored != product.version {
            return Err(WriteError::Conflict);
        }
        let version = stored + 1;
        let product = Product {
            version,
            ..product.clone()
        };
        items.products.insert(key, product);
        Ok(())
    }

    async fn put_request(&self, request: &Request) -> Result<(), WriteError> {
        let key = (request.shop.clone(), request.sort_key());
        self.items().requests.insert(key, request.clone());
        Ok(())
    }

    async fn requests(&self, shop: &ShopId) -> Result<Vec<Request>, ReadError> {
        let items = self.items();
        let of_shop = items.requests.values().filter(|held| held.shop == *shop);
        Ok(of_shop.cloned().collect())
    }

    async fn drop_request(&self, request: &Request) -> Result<(), WriteError> {
        let key = (request.shop.clone(), request.sort_key());
        self.items().requests.remove(&key);
        Ok(())
    }

    async fn write(&self, write: &Write) -> Result<(), WriteError> {
        others_turn().await;
        let mut items = self.items();
        items.check_versions(write)?;
        if let Some(cart) = &write.cart {
            let version = cart.version + 1;
            let stored = Cart {
                version,
                ..cart.clone()
            };
            items.put_cart(stored);
        }
        if let Some(contact) = &write.contact {
            let version = contact.version + 1;
            let stored = Contact {
                version,
                ..contact.clone()
            };
            items.contacts.insert(contact.key.clone(), stored);
        }
        if let Some(claim) = &write.claim {
            items.offers.take(claim);
        }
        for entry in &write.entries {
            let history = items.history.entry(entry.cart.clone()).or_default();
            history.insert(entry.sort_key(), entry.clone());
        }
        Ok(())
    }

    async fn count(&self, shop: &ShopId, at: Timestamp, counts: &Counts) -> Result<(), WriteError> {
        let mut items = self.items();
        let pulse = items.pulses.entry(shop.clone()).or_default();
        pulse.hours.entry(hour_of(at)).or_default().add(counts);
        Ok(())
    }

    async fn pulse(&self, shop: &ShopId, since: Timestamp) -> Result<Pulse, ReadError> {
        let pulse = self.items().pulses.get(shop).cloned();
        let mut pulse = pulse.unwrap_or_default();
        pulse.hours = pulse.hours.split_off(&hour_of(since));
        Ok(pulse)
    }

    async fn put_standing(&self, shop: &ShopId, standing: &Standing) -> Result<(), WriteError> {
        let mut items = self.items();
        items.pulses.entry(shop.clone()).or_default().standing = standing.clone();
        Ok(())
    }

    async fn offer_stock(&self, shop: &ShopId, ask: &Ask) -> Result<Stock, ReadError> {
        others_turn().await;
        Ok(self.items().offers.stock(shop, ask))
    }

    async fn put_codes(&self, shop: &ShopId, codes: &[PoolCode]) -> Result<usize, WriteError> {
        let mut items = self.items();
        let put = |code| items.offers.put(shop, code);
        Ok(codes.iter().map(put).filter(|is_new| *is_new).count())
    }

    async fn put_shop(&self, shop: &Shop) -> Result<(), WriteError> {
        self.items().shops.insert(shop.id.clone(), shop.clone());
        Ok(())
    }
}

impl Items {
    /// Everything of the shops but their settings as JSON, keys included: what a reader of the table would
    /// find.
    #[must_use]
    pub fn text(&self) -> String {
        let lines: Vec<_> = self.history.values().flat_map(BTreeMap::values).collect();
        let carts: Vec<_> = self.carts.values().collect();
        let contacts: Vec<_> = self.contacts.values().collect();
        let keys: Vec<_> = self.history.values().flat_map(BTreeMap::keys).collect();
        let products: Vec<_> = self.products.values().collect();
        let requests: Vec<_> = self
            .requests
            .iter()
            .map(|(key, held)| (&key.1, held))
            .collect();
        // Values of ours always serialise.
        serde_json::to_string(&(carts, contacts, keys, lines, products, requests))
            .unwrap_or_default()
    }

    /// Stores `cart` and lists it where it is due now.
    fn put_cart(&mut self, cart: Cart) {
        let listed = |cart: &Cart| {
            let (stage, due_at) = cart.sequence.due()?;
            Some((stage, (due_at.as_millisecond(), cart.key.clone())))
        };
        if let Some((stage, place)) = self.carts.get(&cart.key).and_then(listed) {
            self.due.entry(stage).or_default().remove(&place);
        }
        if let Some((stage, place)) = listed(&cart) {
            self.due.entry(stage).or_default().insert(place);
        }
        self.carts.insert(cart.key.clone(), cart);
    }

    fn check_versions(&self, write: &Write) -> Result<(), WriteError> {
        let cart_is_seen = write.cart.as_ref().is_none_or(|cart| {
            let stored = self.carts.get(&cart.key);
            stored.map_or(0, |stored| stored.version) == cart.version
        });
        let contact_is_seen = write.contact.as_ref().is_none_or(|contact| {
            let stored = self.contacts.get(&contact.key);
            stored.map_or(0, |stored| stored.version) == contact.version
        });
        let others_are_seen = write.seen.iter().all(|seen| {
            let stored = self.carts.get(&seen.cart);
            stored.is_some_and(|stored| stored.version == seen.version)
        });
        let is_claimable = |claim: &Claim| self.offers.has(claim);
        let is_claimable = write.claim.as_ref().is_none_or(is_claimable);
        if cart_is_seen && contact_is_seen && others_are_seen && is_claimable {
            Ok(())
        } else {
            Err(WriteError::Conflict)
        }
    }
}

/// Others take their turn between a read and the write that follows, as over a network.
async fn others_turn() {
    let mut is_first_poll = true;
    poll_fn(|context| {
        if std::mem::take(&mut is_first_poll) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
}
