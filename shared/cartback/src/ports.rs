//! What the use cases need from outside. Each port has two real implementations: DynamoDB and memory,
//! SES and the outbox, SQS and memory. One contract suite runs against both stores.

use std::collections::BTreeSet;
use std::error::Error;
use std::future::Future;

use jiff::{SignedDuration, Timestamp};

use crate::cart::Cart;
use crate::contact::Contact;
use crate::entry::Entry;
use crate::errand::Errand;
use crate::ids::{Attempt, CartKey, ContactKey, ShopId};
use crate::mail::Mail;
use crate::offer::{Ask, Claim, PoolCode, Stock};
use crate::part::Part;
use crate::product::Product;
use crate::pulse::{Counts, Pulse};
use crate::push::Push;
use crate::request::Request;
use crate::shop::Shop;
use crate::stage::Stage;
use crate::standing::Standing;

/// The table. Reads of carts, contacts and shops are strongly consistent; the due index and the pulse
/// are not.
pub trait CartStore: Sync {
    /// The cart, or `None` if nothing was ever stored of it.
    fn cart(&self, key: &CartKey) -> impl Future<Output = Result<Option<Cart>, ReadError>> + Send;

    /// The person, or `None` if nothing was ever stored of them.
    fn contact(
        &self,
        key: &ContactKey,
    ) -> impl Future<Output = Result<Option<Contact>, ReadError>> + Send;

    /// A cart and a person, as one by one, in a single request where the table can.
    fn cart_and_contact(
        &self,
        cart: &CartKey,
        contact: &ContactKey,
    ) -> impl Future<Output = Result<(Option<Cart>, Option<Contact>), ReadError>> + Send {
        async { Ok((self.cart(cart).await?, self.contact(contact).await?)) }
    }

    /// The shop's settings, or `None` if there is no such shop.
    fn shop(&self, id: &ShopId) -> impl Future<Output = Result<Option<Shop>, ReadError>> + Send;

    /// Carts that the index lists in this `part` of `stage` up to `now`, at most `limit`, the longest due
    /// first. It only nominates: it may list a cart that has moved on, or miss one for a while.
    fn due(
        &self,
        stage: Stage,
        part: Part,
        now: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<DueCart>, ReadError>> + Send;

    /// The history of a cart, oldest first; empty if there is none.
    fn history(&self, key: &CartKey) -> impl Future<Output = Result<Vec<Entry>, ReadError>> + Send;

    /// Deletes the whole history of a cart. Doing it twice is the same.
    fn forget_history(&self, key: &CartKey) -> impl Future<Output = Result<(), WriteError>> + Send;

    /// The variant, or `None` if nothing was ever stored of it.
    fn product(
        &self,
        shop: &ShopId,
        variant: &str,
    ) -> impl Future<Output = Result<Option<Product>, ReadError>> + Send;

    /// What is stored of `variants`, in no order: all in a few requests where the table can.
    fn products(
        &self,
        shop: &ShopId,
        variants: &BTreeSet<&str>,
    ) -> impl Future<Output = Result<Vec<Product>, ReadError>> + Send {
        async move {
            let mut products = Vec::new();
            for variant in variants {
                products.extend(self.product(shop, variant).await?);
            }
            Ok(products)
        }
    }

    /// Stores a variant only if the stored version still is the one that it carries; the stored version
    /// is then one higher.
    fn put_product(&self, product: &Product)
    -> impl Future<Output = Result<(), WriteError>> + Send;

    /// Keeps a request for the operator; one that exists already is stored again unchanged.
    fn put_request(&self, request: &Request)
    -> impl Future<Output = Result<(), WriteError>> + Send;

    /// The shop's requests that wait for the operator, oldest first.
    fn requests(
        &self,
        shop: &ShopId,
    ) -> impl Future<Output = Result<Vec<Request>, ReadError>> + Send;

    /// Drops a request that was done. Doing it twice is the same.
    fn drop_request(
        &self,
        request: &Request,
    ) -> impl Future<Output = Result<(), WriteError>> + Send;

    /// Stores everything in `write`. The cart and the contact are stored only if the stored versions
    /// still are the ones they carry, and those of `seen` too, both or neither; the stored version is
    /// then one higher. What it claims is taken with them, or nothing is stored.
    fn write(&self, write: &Write) -> impl Future<Output = Result<(), WriteError>> + Send;

    /// Adds `counts` to those of the shop's hour that holds `at`. Not versioned and not repeatable: a
    /// lost reply may count twice or not at all, which the counts' readers allow for.
    fn count(
        &self,
        shop: &ShopId,
        at: Timestamp,
        counts: &Counts,
    ) -> impl Future<Output = Result<(), WriteError>> + Send;

    /// The shop's counts from the hour that holds `since` on, and its standing. Not strongly
    /// consistent: it may be a moment behind.
    fn pulse(
        &self,
        shop: &ShopId,
        since: Timestamp,
    ) -> impl Future<Output = Result<Pulse, ReadError>> + Send;

    /// Stores how a shop stands, in place of what was there, and that the operator knows this table: a
    /// restore is over.
    fn put_standing(
        &self,
        shop: &ShopId,
        standing: &Standing,
    ) -> impl Future<Output = Result<(), WriteError>> + Send;

    /// What the shop's offers have to say to `ask`: at most 25 free codes. Not strongly consistent: only
    /// the claim decides.
    fn offer_stock(
        &self,
        shop: &ShopId,
        ask: &Ask,
    ) -> impl Future<Output = Result<Stock, ReadError>> + Send;

    /// Adds `codes` to their pools. One that was ever added stays as it is. How many are new.
    fn put_codes(
        &self,
        shop: &ShopId,
        codes: &[PoolCode],
    ) -> impl Future<Output = Result<usize, WriteError>> + Send;

    /// Stores a shop's settings in place of what was there.
    fn put_shop(&self, shop: &Shop) -> impl Future<Output = Result<(), WriteError>> + Send;
}

/// The way out for reminders.
pub trait Mailer: Sync {
    /// Waits until the account's sending rate allows one more mail. `false`, at once and without taking a
    /// turn, if that is not `within` this time from now.
    fn permit(&self, within: SignedDuration) -> impl Future<Output = bool> + Send;

    /// Hands `mail` to the provider: one request on the wire, never repeated.
    fn send(&self, mail: &Mail) -> impl Future<Output = Result<(), SendError>> + Send;

    /// Hands `push` to the browser's push service: one request on the wire, never repeated.
    fn push(&self, push: &Push) -> impl Future<Output = Result<(), PushError>> + Send;
}

/// The queue of what must be asked at a storefront. At least once, in no order.
pub trait Errands: Sync {
    /// Puts `errand` into the queue, to be taken out after `wait` at the earliest.
    fn put(
        &self,
        errand: &Errand,
        wait: SignedDuration,
    ) -> impl Future<Output = Result<(), WriteError>> + Send;

    /// Has the errand that was taken out under `receipt` come again after `wait`.
    fn postpone(
        &self,
        receipt: &str,
        wait: SignedDuration,
    ) -> impl Future<Output = Result<(), WriteError>> + Send;
}

/// A cart as the index lists it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueCart {
    /// Since when it is due, to the millisecond below.
    pub due_at: Timestamp,
    /// Which cart.
    pub key: CartKey,
}

/// One state change, with the lines of history that tell of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Write {
    /// The cart's new state, carrying the version that it was computed from.
    pub cart: Option<Cart>,
    /// The contact's new state, carrying the version that it was computed from.
    pub contact: Option<Contact>,
    /// Lines of history; a line that exists already is stored again unchanged.
    pub entries: Vec<Entry>,
    /// Whether one state and the lines are stored both or neither, at twice the units: for lines that
    /// nobody would write again once the state is there. Two states take their lines with them anyway.
    pub is_atomic: bool,
    /// The attempt that this write reserves; it makes a repeated request recognisable.
    pub attempt: Option<Attempt>,
    /// What the write takes of the shop's offers: it fails if the code is taken, or the budget would be
    /// exceeded. Only beside both states.
    pub claim: Option<Claim>,
    /// Other carts of the person that must still be as they were seen, each once; only beside both
    /// states.
    pub seen: Vec<Seen>,
}

/// A cart in the version in which it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Which.
    pub cart: CartKey,
    /// Its version, one or more.
    pub version: u64,
}

/// Where an error came from.
pub type Source = Box<dyn Error + Send + Sync>;

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No answer, or a refusal that will pass: try again later.
    #[error("the table cannot be read for now")]
    Unavailable(#[source] Source),
    /// The item is not what this version of the program writes.
    #[error("the stored item cannot be understood")]
    Corrupt(#[source] Source),
}

/// Why something was not stored, or may not have been.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Someone else wrote first, or took what is claimed; nothing was stored. Read again and decide again.
    #[error("the item changed meanwhile")]
    Conflict,
    /// Refused for a while, such as throttled; nothing was stored.
    #[error("the table cannot be written for now")]
    Unavailable(#[source] Source),
    /// No answer: stored or not, only reading again tells.
    #[error("the table gave no answer")]
    Unknown(#[source] Source),
}

/// Why a push service did not confirm a notification.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// Refused, or nobody was reached; nothing was sent.
    #[error("the notification was refused")]
    Refused(#[source] Source),
    /// The service knows the browser no more; nothing was sent, and nothing would be.
    #[error("the browser takes no notifications any more")]
    Gone,
    /// No answer, or none that proves anything. The notification may be on its way.
    #[error("the notification's fate is unknown")]
    Unknown(#[source] Source),
}

/// Why the provider did not confirm a mail.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Refused before acceptance (a raw 4xx that will pass, or no connection was made); nothing was
    /// sent.
    #[error("the mail was refused for now")]
    Refused(#[source] Source),
    /// Refused for good (any other raw 4xx); nothing was sent, and nothing would be.
    #[error("the mail was rejected")]
    Rejected(#[source] Source),
    /// No answer. The mail may be on its way: only evidence or the stage's policy decides.
    #[error("the mail's fate is unknown")]
    Unknown(#[source] Source),
}
