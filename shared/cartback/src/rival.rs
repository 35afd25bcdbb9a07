//! Several carts or devices of one person are one sequence: the cart that was used last has it, and an
//! older one gives way when it is due. Which is the newest follows from the carts themselves, so the
//! order in which they came in does not matter.

use futures_util::future::try_join_all;

use crate::cart::{Cart, CartStatus};
use crate::contact::Contact;
use crate::event::Origin;
use crate::ids::CartKey;
use crate::ports::{CartStore, ReadError, Seen};

/// The other carts of one person, read consistently.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rivals {
    /// Those that are stored.
    carts: Vec<Cart>,
    /// Those that are no longer.
    pub gone: Vec<CartKey>,
}

impl Rivals {
    /// Reads all carts of `contact` but `cart`.
    ///
    /// # Errors
    /// [`ReadError`] when one of them cannot be read.
    pub async fn of<S: CartStore>(
        store: &S,
        cart: &CartKey,
        contact: &Contact,
    ) -> Result<Self, ReadError> {
        let keys: Vec<_> = contact.carts.iter().filter(|key| *key != cart).collect();
        let read = try_join_all(keys.iter().map(|key| store.cart(key))).await?;
        let mut rivals = Self::default();
        for (key, stored) in keys.into_iter().zip(read) {
            match stored {
                Some(stored) => rivals.carts.push(stored),
                None => rivals.gone.push(key.clone()),
            }
        }
        Ok(rivals)
    }

    /// The newest cart of the person of `cart` that could be mailed, if it is another one.
    #[must_use]
    pub fn newer_than(&self, cart: &Cart) -> Option<&CartKey> {
        // A cart whose person a page alone named retires no cart whose person the shop has signed:
        // anybody can type an address.
        let is_rival = |other: &&Cart| {
            other.facts.is_mailable()
                && person(other) == person(cart)
                && origin(cart) <= origin(other)
                && place(cart) < place(other)
        };
        let newest = self
            .carts
            .iter()
            .filter(is_rival)
            .max_by_key(|other| place(other));
        newest.map(|other| &other.key)
    }

    /// What a reservation of `cart` relies on: none of these has been used since. A cart that became an
    /// order, or was erased, can never be newer.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        let can_change = |other: &&Cart| match other.facts.status() {
            CartStatus::Open | CartStatus::Deleted => true,
            CartStatus::Ordered | CartStatus::Erased => false,
        };
        let seen = |other: &Cart| Seen {
            cart: other.key.clone(),
            version: other.version,
        };
        self.carts.iter().filter(can_change).map(seen).collect()
    }
}

/// Carts sort by the shopper's last action, those of one moment by key.
fn place(cart: &Cart) -> (jiff::Timestamp, &CartKey) {
    (cart.facts.last_activity_at(), &cart.key)
}

fn person(cart: &Cart) -> Option<&crate::ids::ContactKey> {
    cart.facts.person.as_ref().map(|person| &person.value.key)
}

fn origin(cart: &Cart) -> Option<Origin> {
    let person = cart.facts.person.as_ref();
    person.map(|person| person.stamp.origin)
}

#[cfg(test)]
mod tests;
