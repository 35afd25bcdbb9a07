//! Storefront messages in, canonical events out: bytes and headers are verified, parsed once, and
//! either become events, are ignored for a stated reason, or are refused with the fault named.
//!
//! A storefront is one file here and one line in `storefronts!`.

use http::HeaderMap;
use jiff::Timestamp;

use crate::event::CartEvent;
use crate::money::Currency;
use crate::product::ProductReading;
use fetch::Fetch;
use secret::{InvalidSecret, Secret};
use signature::SignatureError;

mod analytics;
mod basket;
mod contact;
pub mod fetch;
mod frame;
mod json;
mod lenient;
mod machine;
mod price;
pub mod secret;
pub mod signature;
pub mod standard_webhooks;
mod text;

/// Declares each module and puts its storefront into [`ALL`]: one line is all that a new one needs.
macro_rules! storefronts {
    ($($module:ident::$name:ident,)+) => {
        $(pub mod $module;)+

        /// Every storefront that we take messages of.
        pub static ALL: [&dyn Storefront; N_STOREFRONTS] = [$(&$module::$name,)+];

        /// How many they are.
        pub const N_STOREFRONTS: usize = [$(stringify!($module),)+].len();
    };
}

storefronts! {
    cartback::Cartback,
    adobe::Adobe,
    bigcommerce::BigCommerce,
    browser::Browser,
    cloudevents::CloudEvents,
    commercelayer::CommerceLayer,
    ga4::Ga4,
    saleor::Saleor,
    segment::Segment,
    shopify::Shopify,
    shopware::Shopware,
    snipcart::Snipcart,
    stripe::Stripe,
    woocommerce::WooCommerce,
}

/// A storefront that sends us messages. Pure: bytes and headers in, canonical events out.
pub trait Storefront: Sync {
    /// Its name in the path `/webhooks/{name}/{shop}`, in the secrets and in documents: `a-z`, `0-9`
    /// and `-`.
    fn name(&self) -> &'static str;

    /// Whether `text` can be one of its secrets.
    ///
    /// # Errors
    /// [`InvalidSecret`] says what can.
    fn check_secret(&self, text: &str) -> Result<(), InvalidSecret> {
        secret::check_not_empty(text)
    }

    /// What to answer a message that is nothing but a knock at the door, which the storefront does not
    /// sign; `None` if it is more. Nothing of it is believed or kept.
    fn greeting(&self, _message: Message<'_>) -> Option<&'static str> {
        None
    }

    /// Whether `message` is genuine: signed by one of `secrets`, and where the scheme signs a time, at
    /// one near any of `accepted_times`.
    ///
    /// # Errors
    /// [`SignatureError`]: do not believe it. [`SignatureError::Unproven`] where only the storefront
    /// itself can tell: let [`Storefront::fetch`] ask.
    fn verify(
        &self,
        secrets: &[Secret],
        message: Message<'_>,
        accepted_times: &[Timestamp],
    ) -> Result<(), SignatureError>;

    /// The events of a genuine message.
    ///
    /// # Errors
    /// [`Malformed`] names the fault and what to send instead.
    fn parse(&self, message: Message<'_>, reception: Reception) -> Result<Parsed, Malformed>;

    /// The headers that answer an OPTIONS request, where the storefront asks first whether it may send;
    /// `None` if this is no such request.
    fn handshake(&self, _headers: &HeaderMap) -> Option<HeaderMap> {
        None
    }

    /// How it is asked back, if its messages alone do not suffice.
    fn fetch(&self) -> Option<&dyn Fetch> {
        None
    }

    /// The answer to a GET by which it tries the address before it sends anything, if `query` is one. Plain
    /// text of letters, digits, `-` and `_`.
    fn challenge(&self, _query: &str) -> Option<String> {
        None
    }

    /// Whether a message may tell of an order, as far as can be told without believing it. The body is
    /// never read.
    fn may_be_order(&self, _headers: &HeaderMap) -> bool {
        true
    }
}

/// The place of `storefront` in [`ALL`].
pub(crate) fn position(storefront: &dyn Storefront) -> Option<usize> {
    let name = storefront.name();
    ALL.iter().position(|known| known.name() == name)
}

/// The storefront called `name`.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Storefront> {
    ALL.into_iter().find(|storefront| storefront.name() == name)
}

/// A message as it came in. A name of a header is given in lower case.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// All headers.
    pub headers: &'a HeaderMap,
    /// The body, byte for byte.
    pub body: &'a [u8],
}

/// What a parser must know besides the message.
#[derive(Debug, Clone, Copy)]
pub struct Reception {
    /// When the message arrived; no event is later than that.
    pub received_at: Timestamp,
    /// The shop's currency, for messages that name none.
    pub currency: Currency,
}

/// What a genuine message turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// Events to record, in the order in which they are to be applied; never empty.
    Events(Vec<CartEvent>),
    /// Readings of what the shop sells; never empty.
    Products(Vec<ProductReading>),
    /// It says too little: [`Storefront::fetch`] asks for the rest.
    Fetch,
    /// Known and of no use for carts, such as a topic that we do not need; the reason is for
    /// people.
    Ignored(String),
}

/// Why a genuine message cannot be used. Nothing of it is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {fault}")]
pub struct Malformed {
    /// JSON path of the fault, such as `cart.items[0].price`; `.` is the whole body.
    pub path: String,
    /// The fault and what to send instead. Repeats nothing personal.
    pub fault: String,
}

impl Parsed {
    /// The `events`; without any, what there is to say of the message.
    fn told(events: Vec<CartEvent>, nothing: &str) -> Self {
        if events.is_empty() {
            Self::Ignored(nothing.to_owned())
        } else {
            Self::Events(events)
        }
    }
}

impl Message<'_> {
    /// The value of header `name`, trimmed and not empty.
    fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }
}

impl Malformed {
    pub(crate) fn new(path: impl Into<String>, fault: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            fault: fault.into(),
        }
    }
}
