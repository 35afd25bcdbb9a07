//! Everything that is held of one person, for the operator to hand over.

use serde::Serialize;

use crate::cart::Cart;
use crate::contact::Contact;
use crate::entry::Entry;
use crate::ids::ContactKey;
use crate::names::under_all_names;
use crate::ports::{CartStore, ReadError};

/// What is held of one person. Personal through and through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Export {
    /// Their consent, stop and recent mails; `None` if nothing is held of them.
    pub person: Option<Contact>,
    /// Their carts, with address and name as the storefront gave them.
    pub carts: Vec<ExportedCart>,
}

/// One cart of the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExportedCart {
    /// The cart.
    #[serde(flatten)]
    pub cart: Cart,
    /// What came in, what was decided and what became of the mails, oldest first.
    pub history: Vec<Entry>,
}

/// Reads everything that is held of the person `key`. A cart that somebody else took over since is theirs,
/// and is left out.
///
/// # Errors
/// [`ReadError`] when an item cannot be read.
pub async fn export_person<S: CartStore>(store: &S, key: &ContactKey) -> Result<Export, ReadError> {
    let person = store.contact(key).await?;
    let mut carts = Vec::new();
    if let Some(person) = &person {
        let all = under_all_names(store, person.carts.clone()).await?;
        for (cart, stored) in all {
            let is_theirs = |cart: &Cart| {
                let behind = cart.facts.person.as_ref();
                behind.is_none_or(|behind| behind.value.key == *key)
            };
            if let Some(stored) = stored.filter(is_theirs) {
                carts.push(ExportedCart {
                    cart: stored,
                    history: store.history(&cart).await?,
                });
            }
        }
    }
    Ok(Export { person, carts })
}
