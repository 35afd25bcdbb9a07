//! Forgetting a person: everything that is held of them goes, in every item. What stays is their key with
//! the stop, so that the objection is honoured, and the keys of their carts, so that nothing late is kept.

use jiff::Timestamp;

use crate::contact::Contact;
use crate::ids::{CartKey, ContactKey};
use crate::names::under_all_names;
use crate::ports::{CartStore, Write};
use crate::record::{RecordError, retry};

/// Forgets the person `key`: first the person, so that nothing new can be filed under them, then each of
/// their carts with its history. How many carts that were. Doing it twice is the same, and finishes what a
/// crash left of the first time.
///
/// # Errors
/// [`RecordError`]; then try again.
pub async fn erase_person<S: CartStore>(
    store: &S,
    key: &ContactKey,
    now: Timestamp,
) -> Result<usize, RecordError> {
    retry(|| erase_contact(store, key, now)).await?;
    // Noted before the first cart is erased: an erased cart no longer knows its other names.
    let carts = retry(|| list_carts(store, key)).await?;
    let mut erased = Vec::new();
    for cart in &carts {
        if retry(|| erase_cart(store, cart, key, now)).await? {
            store.forget_history(cart).await?;
            erased.push(cart);
        }
    }
    // A message that was written just before its cart was erased may have added its line just after.
    for cart in erased {
        store.forget_history(cart).await?;
    }
    Ok(carts.len())
}

async fn erase_contact<S: CartStore>(
    store: &S,
    key: &ContactKey,
    now: Timestamp,
) -> Result<(), RecordError> {
    let stored = store.contact(key).await?;
    let mut contact = stored.clone().unwrap_or_else(|| Contact::new(key.clone()));
    contact.erase(now);
    put(store, stored, contact).await
}

async fn list_carts<S: CartStore>(
    store: &S,
    key: &ContactKey,
) -> Result<Vec<CartKey>, RecordError> {
    let stored = store.contact(key).await?;
    let mut contact = stored.clone().unwrap_or_else(|| Contact::new(key.clone()));
    let all = under_all_names(store, contact.carts.clone()).await?;
    contact.carts = all.into_keys().collect();
    let carts = contact.carts.clone();
    put(store, stored, contact).await?;
    Ok(carts)
}

async fn put<S: CartStore>(
    store: &S,
    stored: Option<Contact>,
    contact: Contact,
) -> Result<(), RecordError> {
    if stored.as_ref() != Some(&contact) {
        let write = Write {
            contact: Some(contact),
            ..Write::default()
        };
        store.write(&write).await?;
    }
    Ok(())
}

/// Erases one cart; `false` if it is somebody else's by now.
async fn erase_cart<S: CartStore>(
    store: &S,
    key: &CartKey,
    person: &ContactKey,
    now: Timestamp,
) -> Result<bool, RecordError> {
    let Some(stored) = store.cart(key).await? else {
        return Ok(true);
    };
    let behind = stored.facts.person.as_ref();
    if behind.is_some_and(|behind| behind.value.key != *person) {
        return Ok(false);
    }
    let mut cart = stored.clone();
    cart.erase(now);
    if cart != stored {
        let write = Write {
            cart: Some(cart),
            ..Write::default()
        };
        store.write(&write).await?;
    }
    Ok(true)
}
