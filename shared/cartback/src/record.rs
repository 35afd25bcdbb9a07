//! Ingest's use case: a message's events are folded into the cart and the person, and are stored
//! before the storefront gets its answer. Repeats and late events change nothing that is newer.

use jiff::Timestamp;

use crate::cart::Cart;
use crate::consent::ConsentState;
use crate::contact::Contact;
use crate::entry::{Entry, What};
use crate::event::{CartEvent, Change, Origin};
use crate::ids::{CartId, CartKey, ContactKey, Pepper};
use crate::ports::{CartStore, ReadError, Write, WriteError};
use crate::pulse::{Counts, count, hour_of};
use crate::rival::Rivals;
use crate::shop::Shop;
use crate::stamp::Stamp;

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
    if message.is_of_erased_person(store).await? {
        return Ok(Recorded::Erased);
    }
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
        retry(|| message.fold_contact(store, contact)).await?;
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
    /// Reads the person `key`, and makes room for `cart` in their list if it is full.
    async fn read<S: CartStore>(
        store: &S,
        key: &ContactKey,
        cart: &CartKey,
    ) -> Result<Self, RecordError> {
        let stored = store.contact(key).await?;
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
    async fn is_of_erased_person<S: CartStore>(&self, store: &S) -> Result<bool, RecordError> {
        let Some(key) = &self.named else {
            return Ok(false);
        };
        let stored = store.contact(key).await?;
        Ok(stored.is_some_and(|contact| self.is_refused_for(&contact)))
    }

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
        let stored = store.cart(&key).await?;
        let behind = stored
            .as_ref()
            .and_then(|cart| cart.facts.person.as_ref())
            .map(|held| held.value.key.clone());
        let mut cart = stored
            .clone()
            .unwrap_or_else(|| Cart::new(key.clone(), name.clone(), self.events[0].at));
        // Under a further name the person would be stored where their erasure does not look.
        let known = match self.named.as_ref().filter(|_| is_first_name) {
            None => None,
            Some(named) => Some(Known::read(store, named, &key).await?),
        };
        if known
            .as_ref()
            .is_some_and(|known| self.is_refused_for(&known.contact))
        {
            return Ok(Folded::Erased);
        }
        let is_of_shop = self.events.iter().any(|event| event.origin == Origin::Shop);
        let findable = known.as_ref().filter(|known| {
            known.contact.can_own_of_page(&key) || (is_of_shop && known.contact.can_own(&key))
        });
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
        let is_news = is_first_name && is_counted_order(&cart);
        let is_news = is_news && !stored.as_ref().is_some_and(is_counted_order);
        let named = stranger(&cart).filter(|_| is_first_name);
        let is_strange = named.is_some() && named != stored.as_ref().and_then(stranger);
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
        if is_news {
            count(store, &self.shop.id, self.now, &Counts::order()).await;
        }
        if let Some((_, hour)) = named.filter(|_| is_strange) {
            count(store, &self.shop.id, hour, &Counts::stranger()).await;
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
    ) -> Result<(), RecordError> {
        let stored = store.contact(key).await?;
        let mut contact = stored.clone().unwrap_or_else(|| Contact::new(key.clone()));
        if self.named.as_ref() == Some(key) {
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
        Ok(())
    }

    fn apply_to(&self, contact: &mut Contact) {
        for event in self.events {
            if let Change::ConsentChanged(consent) = &event.change {
                // A refusal needs no proof, so that it lifts what the shop has signed before.
                let stamp = if consent.state == ConsentState::Refused {
                    Stamp::new(event.at, &event.id)
                } else {
                    Stamp::of(event)
                };
                contact.answer(stamp, consent.clone());
            }
        }
        self.apply_orders_to(contact);
    }

    fn apply_orders_to(&self, contact: &mut Contact) {
        for event in self.events {
            let is_proven = event.origin == Origin::Shop && !event.is_test;
            if matches!(event.change, Change::OrderPlaced(_)) && is_proven {
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

/// Whether the cart became an order that counts: tests and machines stay out of every rate.
fn is_counted_order(cart: &Cart) -> bool {
    cart.facts.order.is_some() && !cart.facts.is_test && !cart.facts.is_of_machine()
}

/// Whom a page alone named as the one behind the cart, and in which hour: whoever names somebody again
/// later counts again, as the brake looks at the hour in which a person was named last.
fn stranger(cart: &Cart) -> Option<(ContactKey, Timestamp)> {
    let person = cart.facts.person.as_ref();
    let named = person.filter(|person| person.stamp.origin == Origin::Browser);
    named.map(|person| (person.value.key.clone(), hour_of(person.stamp.at)))
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
