//! Ingest's use case: a message's events are folded into the cart and the person, and are stored
//! before the storefront gets its answer. Repeats and late events change nothing that is newer.

use jiff::Timestamp;

use crate::cart::Cart;
use crate::contact::Contact;
use crate::entry::{Entry, What};
use crate::event::{CartEvent, Change};
use crate::ids::{CartId, CartKey, ContactKey, Pepper};
use crate::ports::{CartStore, ReadError, Write, WriteError};
use crate::pulse::{Counts, count};
use crate::rival::Rivals;
use crate::shop::Shop;

/// Writers that may come in between before we give up and let the storefront try again.
const MAX_CONFLICTS: usize = 8;

/// Why a message was not recorded, or not wholly. Recording it again is always safe.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The table could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The table could not be written, or others wrote the same item too often meanwhile.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// Stored.
    Stored,
    /// Of a person who asked to be forgotten: nothing was kept.
    Erased,
}

/// Records the `events` of one message, which all name the same carts and person.
///
/// # Errors
/// [`RecordError`]; the storefront should send the message again.
pub async fn record<S: CartStore>(
    store: &S,
    shop: &Shop,
    pepper: &Pepper,
    events: &[CartEvent],
    now: Timestamp,
) -> Result<Recorded, RecordError> {
    let Some(first) = events.first() else {
        return Ok(Recorded::Stored);
    };
    let named = events.iter().find_map(|event| event.contact.as_ref());
    let named = named.map(|details| ContactKey::new(pepper, &shop.id, &details.email));
    let message = Message {
        shop,
        events,
        named,
        now,
    };
    for (index, name) in first.carts.iter().enumerate() {
        let folded = retry(|| message.fold_cart(store, name, index == 0)).await?;
        let Folded::Stored { behind } = folded else {
            return Ok(Recorded::Erased);
        };
        if let Some(other) = behind.filter(|other| Some(other) != message.named.as_ref()) {
            retry(|| message.fold_contact(store, &other)).await?;
        }
    }
    if let (true, Some(contact)) = (first.carts.is_empty(), &message.named) {
        let folded = retry(|| message.fold_contact(store, contact)).await?;
        let Folded::Stored { .. } = folded else {
            return Ok(Recorded::Erased);
        };
    }
    if events
        .iter()
        .any(|event| event.change == Change::ErasureRequested)
    {
        message.erase(store).await?;
    }
    Ok(Recorded::Stored)
}

/// Runs `step` again while another writer comes in between.
pub(crate) async fn retry<T, F>(mut step: impl FnMut() -> F) -> Result<T, RecordError>
where
    F: Future<Output = Result<T, RecordError>>,
{
    for _ in 1..MAX_CONFLICTS {
        match step().await {
            Err(RecordError::Write(WriteError::Conflict)) => {}
            other => return other,
        }
    }
    step().await
}

/// What became of a message under one name of its cart.
enum Folded {
    /// Stored. Names who is behind the cart if the person must learn of an order too.
    Stored { behind: Option<ContactKey> },
    /// The person was erased since the message came in: nothing was kept.
    Erased,
}

/// A person as stored, and as they are to be stored.
struct Known {
    stored: Option<Contact>,
    contact: Contact,
}

impl Known {
    /// The person `key` as `stored`, with room for `cart` in their list if it was full.
    async fn with_room<S: CartStore>(
        store: &S,
        key: &ContactKey,
        stored: Option<Contact>,
        cart: &CartKey,
    ) -> Result<Self, RecordError> {
        let mut contact = stored.clone().unwrap_or_else(|| Contact::new(key.clone()));
        if !contact.is_erased() && !contact.can_own(cart) {
            let rivals = Rivals::of(store, cart, &contact).await?;
            contact.disown(&rivals.gone);
        }
        Ok(Self { stored, contact })
    }
}

struct Message<'a> {
    shop: &'a Shop,
    events: &'a [CartEvent],
    named: Option<ContactKey>,
    now: Timestamp,
}

impl Message<'_> {
    /// Whether nothing of the message may be kept. A repeated request to be forgotten is taken: it
    /// finishes what a crash left of the first.
    fn is_refused_for(&self, contact: &Contact) -> bool {
        let is_erasure = |event: &CartEvent| event.change == Change::ErasureRequested;
        contact.is_erased() && !self.events.iter().any(is_erasure)
    }

    /// Folds the events into the cart called `name` and into the named person.
    async fn fold_cart<S: CartStore>(
        &self,
        store: &S,
        name: &CartId,
        is_first_name: bool,
    ) -> Result<Folded, RecordError> {
        let key = CartKey::new(&self.shop.id, name);
        // Under a further name the person would be stored where their erasure does not look.
        let named = self.named.as_ref().filter(|_| is_first_name);
        let (stored, person) = match named {
            Some(named) => store.cart_and_contact(&key, named).await?,
            None => (store.cart(&key).await?, None),
        };
        let behind = stored
            .as_ref()
            .and_then(|cart| cart.facts.person.as_ref())
            .map(|held| held.value.key.clone());
        let mut cart = stored
            .clone()
            .unwrap_or_else(|| Cart::new(key.clone(), name.clone(), self.events[0].at));
        let known = match named {
            None => None,
            Some(named) => Some(Known::with_room(store, named, person, &key).await?),
        };
        if known
            .as_ref()
            .is_some_and(|known| self.is_refused_for(&known.contact))
        {
            return Ok(Folded::Erased);
        }
        let findable = known.as_ref().filter(|known| known.contact.can_own(&key));
        let used_at = cart.facts.last_activity_at();
        for event in self
            .events
            .iter()
            .filter(|event| is_first_name || is_of_order(&event.change))
        {
            cart.facts
                .apply(event, findable.map(|known| &known.contact.key));
        }
        cart.follow(used_at, &self.shop.policy, self.now);
        let contact = known.and_then(|known| self.folded_contact(known, &cart));
        let is_ordered = |cart: &Cart| cart.facts.order.is_some() && !cart.facts.is_test;
        let is_news = is_ordered(&cart) && !stored.as_ref().is_some_and(is_ordered);
        let write = Write {
            cart: Some(cart).filter(|cart| stored.as_ref() != Some(cart)),
            contact,
            entries: if is_first_name {
                vec![self.entry(&key)]
            } else {
                Vec::new()
            },
            ..Write::default()
        };
        store.write(&write).await?;
        if is_first_name && is_news {
            count(store, &self.shop.id, self.now, &Counts::order()).await;
        }
        let behind = behind.filter(|_| self.events.iter().any(|event| is_of_order(&event.change)));
        Ok(Folded::Stored { behind })
    }

    /// The named person with the events folded in and `cart` noted, or `None` if nothing changes. A new
    /// cart is stored over the person as read: an erasure in the same moment would not find the cart.
    fn folded_contact(&self, known: Known, cart: &Cart) -> Option<Contact> {
        let Known {
            stored,
            mut contact,
        } = known;
        self.apply_to(&mut contact);
        if cart
            .facts
            .person
            .as_ref()
            .is_some_and(|person| person.value.key == contact.key)
        {
            contact.own(&cart.key);
            // The order may have come first, when nobody knew yet whose it was.
            if let Some(order) = cart.facts.order.as_ref().filter(|_| !cart.facts.is_test) {
                contact.order(order.stamp.at);
            }
        }
        let is_needed = cart.version == 0 || stored.as_ref() != Some(&contact);
        Some(contact).filter(|_| is_needed)
    }

    /// Folds the events into the person `key`, who stands behind no cart of this message's first name.
    async fn fold_contact<S: CartStore>(
        &self,
        store: &S,
        key: &ContactKey,
    ) -> Result<Folded, RecordError> {
        let stored = store.contact(key).await?;
        let mut contact = stored.clone().unwrap_or_else(|| Contact::new(key.clone()));
        if self.named.as_ref() == Some(key) {
            if self.is_refused_for(&contact) {
                return Ok(Folded::Erased);
            }
            self.apply_to(&mut contact);
        } else {
            self.apply_orders_to(&mut contact);
        }
        if stored.as_ref() != Some(&contact) {
            store
                .write(&Write {
                    contact: Some(contact),
                    ..Write::default()
                })
                .await?;
        }
        Ok(Folded::Stored { behind: None })
    }

    fn apply_to(&self, contact: &mut Contact) {
        for event in self.events {
            if let Change::ConsentChanged(consent) = &event.change {
                contact.answer(
                    crate::stamp::Stamp::new(event.at, &event.id),
                    consent.clone(),
                );
            }
        }
        self.apply_orders_to(contact);
    }

    fn apply_orders_to(&self, contact: &mut Contact) {
        for event in self.events {
            if matches!(event.change, Change::OrderPlaced(_)) && !event.is_test {
                contact.order(event.at);
            }
        }
    }

    /// Forgets the person first, so that nothing new can be filed under them, then their carts.
    async fn erase<S: CartStore>(&self, store: &S) -> Result<(), RecordError> {
        let Some(key) = &self.named else {
            return Ok(());
        };
        let carts = retry(|| erase_contact(store, key, self.now)).await?;
        for cart in carts {
            retry(|| erase_cart(store, &cart, self.now)).await?;
        }
        Ok(())
    }

    fn entry(&self, cart: &CartKey) -> Entry {
        let first = &self.events[0];
        let what = What::Received {
            id: first.id.clone(),
            happened_at: first.at,
            kinds: self
                .events
                .iter()
                .map(|event| event.kind().to_owned())
                .collect(),
        };
        Entry::new(cart, self.now, what)
    }
}

/// Only what concerns an order is true of every name of a cart; the rest is filed under the first.
fn is_of_order(change: &Change) -> bool {
    matches!(change, Change::OrderPlaced(_) | Change::OrderCancelled)
}

async fn erase_contact<S: CartStore>(
    store: &S,
    key: &ContactKey,
    now: Timestamp,
) -> Result<Vec<CartKey>, RecordError> {
    let mut contact = store
        .contact(key)
        .await?
        .unwrap_or_else(|| Contact::new(key.clone()));
    let carts = contact.carts.clone();
    contact.erase(now);
    store
        .write(&Write {
            contact: Some(contact),
            ..Write::default()
        })
        .await?;
    Ok(carts)
}

async fn erase_cart<S: CartStore>(
    store: &S,
    key: &CartKey,
    now: Timestamp,
) -> Result<(), RecordError> {
    let Some(mut cart) = store.cart(key).await? else {
        return Ok(());
    };
    cart.erase(now);
    store
        .write(&Write {
            cart: Some(cart),
            ..Write::default()
        })
        .await?;
    Ok(())
}
