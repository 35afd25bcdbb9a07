//! Ingest's use case: a message's events are folded into the cart and the person, and are stored
//! before the storefront gets its answer. Repeats and late events change nothing that is newer.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::cart::Cart;
use crate::consent::ConsentState;
use crate::contact::Contact;
use crate::entry::{Entry, What};
use crate::erasure::erase_person;
use crate::event::{CartEvent, Change, Origin};
use crate::ids::{CartId, CartKey, ContactKey, Pepper};
use crate::names::under_all_names;
use crate::ports::{CartStore, ReadError, Write, WriteError};
use crate::pulse::{Counts, count, hour_of};
use crate::request::{Request, note_request};
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
    let folded = match first.carts.split_first() {
        Some((name, further)) if message.is_of_shop() => {
            message.fold_carts(store, name, further).await?
        }
        // A page's word makes no carts the same: each is told by itself.
        Some((name, further)) => {
            for other in further {
                message.fold_carts(store, other, &[]).await?;
            }
            message.fold_carts(store, name, &[]).await?
        }
        None => Folded::NoCart,
    };
    match (&folded, &message.named) {
        (Folded::PersonErased, _) | (Folded::CartErased, None) => return Ok(Recorded::Erased),
        (Folded::NoCart | Folded::CartErased, Some(contact)) => {
            if !retry(|| message.fold_contact(store, contact, None)).await? {
                return Ok(Recorded::Erased);
            }
        }
        (Folded::Stored { .. } | Folded::NoCart, _) => {}
    }
    for event in events.iter().filter(|event| event.is_credible()) {
        if let Some(request) = Request::of(event, &shop.id, message.named.as_ref()) {
            note_request(store, &request, now).await?;
        }
    }
    if message.is_erasure()
        && let Some(contact) = &message.named
    {
        erase_person(store, contact, now).await?;
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

/// What became of a message's carts.
enum Folded {
    /// It names none.
    NoCart,
    /// Stored, and the named person with them. Whoever is behind the cart must learn of an order too.
    Stored { behind: BTreeSet<ContactKey> },
    /// The person behind the cart was erased: nothing was kept of the cart.
    CartErased,
    /// The named person was erased since the message came in: nothing was kept.
    PersonErased,
}

struct Message<'a> {
    shop: &'a Shop,
    events: &'a [CartEvent],
    named: Option<ContactKey>,
    now: Timestamp,
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

impl Message<'_> {
    /// Whether nothing of the message may be kept. A repeated request to be forgotten is taken: it
    /// finishes what a crash left of the first.
    fn is_refused_for(&self, contact: &Contact) -> bool {
        contact.is_erased() && !self.is_erasure()
    }

    fn is_erasure(&self) -> bool {
        let is_erasure =
            |event: &CartEvent| event.change == Change::ErasureRequested && event.is_credible();
        self.events.iter().any(is_erasure)
    }

    fn is_of_order(&self) -> bool {
        self.events.iter().any(|event| is_of_order(&event.change))
    }

    /// Folds the events into the cart called `name`, ties it to its `further` names, and folds what concerns
    /// an order into the carts of all names: those told now and those told before.
    async fn fold_carts<S: CartStore>(
        &self,
        store: &S,
        name: &CartId,
        further: &[CartId],
    ) -> Result<Folded, RecordError> {
        let first = CartKey::new(&self.shop.id, name);
        let told = further
            .iter()
            .map(|id| (CartKey::new(&self.shop.id, id), id));
        let told: BTreeMap<_, _> = told.filter(|(key, _)| *key != first).collect();
        let mut known = BTreeMap::new();
        if self.is_of_order() || !told.is_empty() {
            let all = told.keys().cloned().chain([first.clone()]);
            known = under_all_names(store, all).await?;
        }
        let mut stored = known.values().flatten();
        if self.named.is_none() && stored.any(|cart| cart.facts.is_erased) {
            return Ok(Folded::CartErased);
        }
        let ordered_at = known.values().flatten().filter_map(latest_order).max();
        let keys: Vec<_> = known.keys().filter(|key| **key != first).cloned().collect();
        let known: Vec<_> = known.into_values().flatten().collect();
        let folded = retry(|| self.fold_first(store, name, &keys, &known)).await?;
        if let Folded::Stored { behind } = &folded {
            let mut people = behind.clone();
            for key in &keys {
                let all: Vec<_> = keys
                    .iter()
                    .chain([&first])
                    .filter(|name| *name != key)
                    .collect();
                let id = told.get(key).copied();
                let further = retry(|| self.fold_further(store, key, id, &all, &known));
                people.extend(further.await?);
            }
            people.retain(|key| self.named.as_ref() != Some(key));
            if self.is_of_order() || ordered_at.is_some() {
                for person in &people {
                    retry(|| self.fold_contact(store, person, ordered_at)).await?;
                }
            }
        }
        Ok(folded)
    }

    /// Folds the events into the cart called `name` and into the named person; what is `known` of its
    /// order under any name too.
    async fn fold_first<S: CartStore>(
        &self,
        store: &S,
        name: &CartId,
        further: &[CartKey],
        known: &[Cart],
    ) -> Result<Folded, RecordError> {
        let key = CartKey::new(&self.shop.id, name);
        let (stored, person) = match &self.named {
            None => (store.cart(&key).await?, None),
            Some(named) => store.cart_and_contact(&key, named).await?,
        };
        if stored.as_ref().is_some_and(|cart| cart.facts.is_erased) {
            return Ok(Folded::CartErased);
        }
        let person = match &self.named {
            None => None,
            Some(named) => Some(Known::with_room(store, named, person, &key).await?),
        };
        if person
            .as_ref()
            .is_some_and(|person| self.is_refused_for(&person.contact))
        {
            return Ok(Folded::PersonErased);
        }
        let mut cart = stored
            .clone()
            .unwrap_or_else(|| Cart::new(key.clone(), name.clone(), self.events[0].at));
        let findable = person
            .as_ref()
            .filter(|person| self.can_file(&person.contact, &key));
        let used_at = cart.facts.last_activity_at();
        for event in self.events {
            cart.facts
                .apply(event, findable.map(|person| &person.contact.key));
        }
        cart.facts.note_names(further);
        known
            .iter()
            .for_each(|other| cart.facts.learn_order(&other.facts));
        cart.follow(used_at, &self.shop.policy, self.now);
        let contact = person.and_then(|person| self.folded_contact(person, &cart));
        let is_news = is_counted_order(&cart) && !stored.as_ref().is_some_and(is_counted_order);
        let named = stranger(&cart);
        let is_strange = named.is_some() && named != stored.as_ref().and_then(stranger);
        // Of a cart that is to be forgotten nothing more is noted.
        let entry = Some(self.entry(&key)).filter(|_| !cart.facts.is_erased);
        let write = Write {
            cart: Some(cart).filter(|cart| stored.as_ref() != Some(cart)),
            contact,
            entries: entry.into_iter().collect(),
            ..Write::default()
        };
        store.write(&write).await?;
        if is_news {
            count(store, &self.shop.id, self.now, &Counts::order()).await;
        }
        if let Some((_, hour)) = named.filter(|_| is_strange) {
            count(store, &self.shop.id, hour, &Counts::stranger()).await;
        }
        // As of the version that was written over: whoever comes later sees the order in the cart.
        Ok(Folded::Stored {
            behind: stored.map(|cart| cart.facts.people()).unwrap_or_default(),
        })
    }

    /// Folds what concerns an order into a cart that is the same by another name. No person is filed
    /// there: it is found by the names of the first. Who is behind it.
    async fn fold_further<S: CartStore>(
        &self,
        store: &S,
        key: &CartKey,
        id: Option<&CartId>,
        names: &[&CartKey],
        known: &[Cart],
    ) -> Result<BTreeSet<ContactKey>, RecordError> {
        let stored = store.cart(key).await?;
        let new = || id.map(|id| Cart::new(key.clone(), id.clone(), self.events[0].at));
        let Some(mut cart) = stored.clone().or_else(new) else {
            return Ok(BTreeSet::new());
        };
        for event in self
            .events
            .iter()
            .filter(|event| is_of_order(&event.change))
        {
            cart.facts.apply(event, None);
        }
        cart.facts.note_names(names.iter().copied());
        known
            .iter()
            .for_each(|other| cart.facts.learn_order(&other.facts));
        cart.plan(&self.shop.policy, self.now);
        if stored.as_ref() != Some(&cart) {
            let write = Write {
                cart: Some(cart),
                ..Write::default()
            };
            store.write(&write).await?;
        }
        Ok(stored.map(|cart| cart.facts.people()).unwrap_or_default())
    }

    /// The named person with the events folded in and `cart` noted, or `None` if nothing changes. A new
    /// cart is stored over the person as read: an erasure in the same moment would not find the cart.
    fn folded_contact(&self, known: Known, cart: &Cart) -> Option<Contact> {
        let Known {
            stored,
            mut contact,
        } = known;
        self.apply_to(&mut contact);
        // Theirs or theirs once: another person may have taken it over.
        if self.can_file(&contact, &cart.key) {
            contact.own(&cart.key);
        }
        // The order may have come first, when nobody knew yet whose it was.
        if let Some(at) = latest_order(cart) {
            contact.order(at);
        }
        let is_needed = cart.version == 0 || stored.as_ref() != Some(&contact);
        Some(contact).filter(|_| is_needed)
    }

    /// Folds the events into the person `key`, whose cart is not written with them; `ordered_at` is the
    /// latest order that was known of it. `false` if the named person was erased: nothing was kept.
    async fn fold_contact<S: CartStore>(
        &self,
        store: &S,
        key: &ContactKey,
        ordered_at: Option<Timestamp>,
    ) -> Result<bool, RecordError> {
        let stored = store.contact(key).await?;
        let mut contact = stored.clone().unwrap_or_else(|| Contact::new(key.clone()));
        if self.named.as_ref() == Some(key) {
            if self.is_refused_for(&contact) {
                return Ok(false);
            }
            self.apply_to(&mut contact);
        } else {
            self.apply_orders_to(&mut contact);
        }
        if let Some(at) = ordered_at {
            contact.order(at);
        }
        if stored.as_ref() != Some(&contact) {
            store
                .write(&Write {
                    contact: Some(contact),
                    ..Write::default()
                })
                .await?;
        }
        Ok(true)
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

    /// Whether `cart` may be filed under `contact`: there must be room, of which pages have less.
    fn can_file(&self, contact: &Contact, cart: &CartKey) -> bool {
        if self.is_of_shop() {
            contact.can_own(cart)
        } else {
            contact.can_own_of_page(cart)
        }
    }

    /// Whether the shop signed any of it.
    fn is_of_shop(&self) -> bool {
        self.events.iter().any(|event| event.origin == Origin::Shop)
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

/// The latest order of `cart` that is no test.
fn latest_order(cart: &Cart) -> Option<Timestamp> {
    cart.facts.last_order_at.filter(|_| !cart.facts.is_test)
}

/// Only what concerns an order is true of every name of a cart; the rest is filed under the first.
fn is_of_order(change: &Change) -> bool {
    matches!(
        change,
        Change::OrderPlaced(_) | Change::OrderCancelled | Change::OrderRefunded(_)
    )
}
