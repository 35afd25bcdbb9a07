//! The links' use cases: what a shopper may see and do by a signed token. Looking changes nothing;
//! only a POST acts.

use std::borrow::Cow;

use jiff::Timestamp;
use url::Url;

use crate::cart::{Cart, CartStatus};
use crate::contact::{Contact, StopReason};
use crate::entry::{Entry, What};
use crate::ids::{Attempt, CartKey, ContactKey};
use crate::link::{Link, LinkKeys, Purpose};
use crate::offer::Offer;
use crate::ports::{CartStore, ReadError, Write};
use crate::reading::Readings;
use crate::reason::{Answer, Answered};
use crate::record::{RecordError, retry};
use crate::shop::Shop;

/// A cart that a restore link leads to.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The cart as it now is; its contents may be gone.
    pub cart: Cart,
    /// Its shop.
    pub shop: Shop,
    /// The reminder by which the shopper came.
    pub attempt: Attempt,
    /// When they came.
    pub at: Timestamp,
    /// What the shop has told of what lies in the cart.
    pub readings: Readings,
    /// BCP 47 language that the person chose.
    pub chosen: Option<String>,
}

impl Visit {
    /// Where the shopper goes on: the storefront's checkout of this cart, or else the shop's home page.
    /// Never a foreign host. An offer that can still be redeemed goes along, where the shop's checkout
    /// takes a code by its address.
    #[must_use]
    pub fn checkout_url(&self) -> Cow<'_, str> {
        let contents = self
            .cart
            .facts
            .contents
            .as_ref()
            .filter(|_| self.cart.facts.status() == CartStatus::Open);
        let checkout_url = contents.and_then(|contents| contents.value.checkout_url.as_deref());
        match checkout_url.filter(|url| self.shop.owns_url(url)) {
            Some(url) => self
                .with_code(url)
                .map_or(Cow::Borrowed(url), |url| Cow::Owned(url.into())),
            None => Cow::Borrowed(&self.shop.url),
        }
    }

    /// What the cart was given and can still be redeemed.
    #[must_use]
    pub fn offer(&self) -> Option<&Offer> {
        self.cart.redeemable(self.at)
    }

    fn with_code(&self, url: &str) -> Option<Url> {
        let offers = self.shop.policy.offers.as_ref()?;
        let parameter = offers.code_parameter.as_deref()?;
        let offer = self.offer()?;
        let mut url = Url::parse(url).ok()?;
        url.query_pairs_mut()
            .append_pair(parameter, offer.code.expose());
        Some(url)
    }
}

/// What a restore token shows; `None` for any token or cart that opens nothing.
///
/// # Errors
/// [`RecordError`] when the table cannot be read.
pub async fn look<S: CartStore>(
    store: &S,
    keys: &LinkKeys,
    token: &str,
    now: Timestamp,
) -> Result<Option<Visit>, RecordError> {
    let Ok(link) = keys.open(token, now) else {
        return Ok(None);
    };
    let Purpose::Restore(key) = link.purpose else {
        return Ok(None);
    };
    let Some((cart, shop)) = cart_of(store, &key).await? else {
        return Ok(None);
    };
    let mut readings = Readings::default();
    if let Some(contents) = &cart.facts.contents {
        readings = Readings::of(store, &shop.id, &contents.value).await?;
        readings.add_substitutes(store, &shop.id).await?;
    }
    let chosen = chosen_by(store, &cart).await?;
    Ok(Some(Visit {
        cart,
        shop,
        attempt: link.attempt,
        at: now,
        readings,
        chosen,
    }))
}

/// The cart of an answer's link, and the reminder by which it came; `None` for any token that takes no answer.
///
/// # Errors
/// [`RecordError`] when the table cannot be read.
pub async fn answerable<S: CartStore>(
    store: &S,
    keys: &LinkKeys,
    token: &str,
    now: Timestamp,
) -> Result<Option<Answerable>, RecordError> {
    let Ok(link) = keys.open(token, now) else {
        return Ok(None);
    };
    let Purpose::Answer(key) = &link.purpose else {
        return Ok(None);
    };
    let Some((cart, shop)) = cart_of(store, key).await? else {
        return Ok(None);
    };
    let chosen = chosen_by(store, &cart).await?;
    Ok(Some(Answerable {
        cart,
        shop,
        chosen,
        link,
    }))
}

/// Keeps what the shopper said. Doing it twice is the same.
///
/// # Errors
/// [`RecordError`] when the table cannot be written.
pub async fn answer<S: CartStore>(
    store: &S,
    keys: &LinkKeys,
    token: &str,
    answer: Answer,
    now: Timestamp,
) -> Result<Option<Answerable>, RecordError> {
    let Some(asked) = answerable(store, keys, token, now).await? else {
        return Ok(None);
    };
    let (key, attempt) = (&asked.cart.key, asked.link.attempt);
    retry(|| note_answer(store, key, attempt, answer, now)).await?;
    Ok(Some(asked))
}

/// A cart about which the shopper is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answerable {
    /// The cart as it now is.
    pub cart: Cart,
    /// Its shop.
    pub shop: Shop,
    /// BCP 47 language that the person chose.
    pub chosen: Option<String>,
    /// The link by which they came.
    link: Link,
}

impl Answerable {
    /// The way back to the cart, for as long as the answer's own link works.
    #[must_use]
    pub fn restore_url(&self, keys: &LinkKeys) -> String {
        let link = Link {
            purpose: Purpose::Restore(self.cart.key.clone()),
            ..self.link.clone()
        };
        format!("{}/restore/{}", self.shop.links_url, keys.sign(&link))
    }
}

async fn cart_of<S: CartStore>(
    store: &S,
    key: &CartKey,
) -> Result<Option<(Cart, Shop)>, RecordError> {
    let found = (store.cart(key).await?, store.shop(key.shop()).await?);
    Ok(match found {
        (Some(cart), Some(shop)) if !cart.facts.is_erased => Some((cart, shop)),
        _ => None,
    })
}

async fn chosen_by<S: CartStore>(store: &S, cart: &Cart) -> Result<Option<String>, ReadError> {
    let Some(person) = &cart.facts.person else {
        return Ok(None);
    };
    let contact = store.contact(&person.value.key).await?;
    Ok(contact.and_then(|contact| contact.locale))
}

async fn note_answer<S: CartStore>(
    store: &S,
    key: &CartKey,
    attempt: Attempt,
    answer: Answer,
    now: Timestamp,
) -> Result<(), RecordError> {
    let Some(mut cart) = store.cart(key).await? else {
        return Ok(());
    };
    if cart
        .facts
        .answered
        .is_some_and(|known| known.answer == answer)
    {
        return Ok(());
    }
    cart.answer(Answered { at: now, answer });
    let write = Write {
        cart: Some(cart),
        entries: vec![Entry::new(key, now, What::Answered { attempt, answer })],
        ..Write::default()
    };
    Ok(store.write(&write).await?)
}

/// The shopper goes on to the checkout: notes the visit, so that an order can be told as recovered.
///
/// # Errors
/// [`RecordError`] when the table cannot be written.
pub async fn restore<S: CartStore>(
    store: &S,
    keys: &LinkKeys,
    token: &str,
    now: Timestamp,
) -> Result<Option<Visit>, RecordError> {
    let Some(visit) = look(store, keys, token, now).await? else {
        return Ok(None);
    };
    retry(|| note_visit(store, &visit.cart.key, visit.attempt, now)).await?;
    Ok(Some(visit))
}

/// Whose mails an unsubscribe token stops, and in which shop; `None` for any token that stops nothing.
///
/// # Errors
/// [`RecordError`] when the table cannot be read.
pub async fn unsubscribable<S: CartStore>(
    store: &S,
    keys: &LinkKeys,
    token: &str,
    now: Timestamp,
) -> Result<Option<(ContactKey, Shop)>, RecordError> {
    let Ok(link) = keys.open(token, now) else {
        return Ok(None);
    };
    let Purpose::Unsubscribe(key) = link.purpose else {
        return Ok(None);
    };
    Ok(store.shop(key.shop()).await?.map(|shop| (key, shop)))
}

/// BCP 47 language of the mails to `person`: what they chose, or else what the storefront tells with a cart
/// of theirs. Without an answer of the table none is known: a page in another language is better than none.
pub async fn spoken_by<S: CartStore>(store: &S, person: &ContactKey) -> Option<String> {
    let contact = store.contact(person).await.ok()??;
    if contact.locale.is_some() {
        return contact.locale;
    }
    let mailed = contact.mails.last().map(|mail| &mail.cart);
    told_with(store, mailed.or(contact.carts.last())?, person).await
}

/// BCP 47 language that the storefront tells of `person` with `cart`, as [`spoken_by`].
pub(crate) async fn told_with<S: CartStore>(
    store: &S,
    cart: &CartKey,
    person: &ContactKey,
) -> Option<String> {
    let cart = store.cart(cart).await.ok()??;
    let known = cart.facts.person?.value;
    known.locale.filter(|_| known.key == *person)
}

/// T8: stops all mail to the person of the token. Doing it twice is the same.
///
/// # Errors
/// [`RecordError`] when the table cannot be written.
pub async fn unsubscribe<S: CartStore>(
    store: &S,
    keys: &LinkKeys,
    token: &str,
    now: Timestamp,
) -> Result<Option<(ContactKey, Shop)>, RecordError> {
    let Some((key, shop)) = unsubscribable(store, keys, token, now).await? else {
        return Ok(None);
    };
    retry(|| stop(store, &key, now)).await?;
    Ok(Some((key, shop)))
}

async fn note_visit<S: CartStore>(
    store: &S,
    key: &CartKey,
    attempt: Attempt,
    now: Timestamp,
) -> Result<(), RecordError> {
    let Some(mut cart) = store.cart(key).await? else {
        return Ok(());
    };
    cart.restore(attempt, now);
    let entries = vec![Entry::new(key, now, What::Restored { attempt })];
    store
        .write(&Write {
            cart: Some(cart),
            entries,
            ..Write::default()
        })
        .await?;
    Ok(())
}

async fn stop<S: CartStore>(
    store: &S,
    key: &ContactKey,
    now: Timestamp,
) -> Result<(), RecordError> {
    let stored = store.contact(key).await?;
    let mut contact = stored.clone().unwrap_or_else(|| Contact::new(key.clone()));
    contact.stop(StopReason::Unsubscribed, now);
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
