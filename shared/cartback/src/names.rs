//! One cart under several names: a storefront may know an order's cart by its checkout, its cart and its
//! order. Each name is an item of its own that remembers the others.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::cart::Cart;
use crate::ids::CartKey;
use crate::ports::{CartStore, ReadError};

/// What is stored under `keys` and all names that lead on from there; `None` of a name under which nothing
/// is stored.
///
/// # Errors
/// [`ReadError`] when one of them cannot be read.
pub async fn under_all_names<S: CartStore>(
    store: &S,
    keys: impl IntoIterator<Item = CartKey>,
) -> Result<BTreeMap<CartKey, Option<Cart>>, ReadError> {
    let mut open: Vec<_> = keys.into_iter().collect();
    let mut all = BTreeMap::new();
    while let Some(key) = open.pop() {
        if let Entry::Vacant(place) = all.entry(key) {
            let stored = store.cart(place.key()).await?;
            open.extend(stored.iter().flat_map(|cart| cart.facts.names.clone()));
            place.insert(stored);
        }
    }
    Ok(all)
}
