//! Canonical events: what every storefront's message becomes at the edge. The rest of the code knows
//! no storefront. An event says what happened at the source and when; it decides nothing.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::consent::Consent;
use crate::email::EmailAddress;
use crate::ids::CartId;
use crate::money::{Currency, Money};
use crate::push::PushSubscription;

/// Something that happened to a cart or a person, at the storefront's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartEvent {
    /// The source's id of the message, the same over retries: 1 to 128 characters. It breaks ties
    /// between two events of the same time, so equal ids must mean equal events.
    pub id: String,
    /// When it happened, by the storefront's clock, never later than it was received.
    pub at: Timestamp,
    /// The source marks it as a test; a cart with one test event is never mailed.
    pub is_test: bool,
    /// Whose word it is.
    pub origin: Origin,
    /// The cart's names, first the one it is filed under; an order may know it by several. Empty for
    /// an event about a person only.
    pub carts: Vec<CartId>,
    /// The person, where the event names one.
    pub contact: Option<ContactDetails>,
    /// What happened.
    pub change: Change,
}

/// Whose word an event is. A later variant is believed over an earlier one, whatever their times: what
/// anybody can type into a page never replaces what the shop has signed.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A page, driven by a machine.
    Machine,
    /// The shopper's page, or a tool that listens to it. A person named by nothing else is mailed only
    /// if they agreed, whatever the shop's policy asks for.
    Browser,
    /// The storefront or the shop's backend, by its signature.
    #[default]
    Shop,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The whole cart as it now is; an empty one has been emptied.
    CartUpdated(Contents),
    /// The person of [`CartEvent::contact`] is the one behind the cart.
    ContactIdentified,
    /// The person's consent to reminders changed.
    ConsentChanged(Consent),
    /// The shopper came to a step of the checkout.
    StepReached {
        /// Which step.
        step: CheckoutStep,
        /// Costs shown at that step, if told.
        costs: Option<Costs>,
    },
    /// What the shopper's page has met with so far on this visit.
    PageReported(Behaviour),
    /// The shopper allows notifications in this browser.
    PushAllowed(PushSubscription),
    /// A payment was tried and refused.
    PaymentFailed,
    /// A payment is under way, its outcome not known.
    PaymentPending,
    /// The cart became an order. Final: no cart event lifts it.
    OrderPlaced(Order),
    /// An order was cancelled. The cart stays ordered for us.
    OrderCancelled,
    /// Money of an order was paid back, all or some.
    OrderRefunded(Refund),
    /// The storefront deleted the cart.
    CartDeleted,
    /// The storefront deleted a checkout of the cart, and does not say which: all carts that are the same by
    /// other names are gone, the named one lives on.
    CheckoutDeleted,
    /// The person, or the shop for them, asks to be forgotten.
    ErasureRequested,
    /// The person of [`CartEvent::contact`] asks for what is held of them; the operator hands it over.
    DataRequested,
    /// The shop left its storefront, which asks for everything of the shop to be erased; the operator
    /// does it, and until then nothing is sent.
    ShopErasureRequested,
}

/// A person as a storefront describes them. Only the address is needed. Masked when printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ContactDetails {
    /// Where mail goes.
    pub email: EmailAddress,
    /// First name, as given, at most 60 characters.
    pub first_name: Option<String>,
    /// BCP 47 language, such as `en` or `de-AT`.
    pub locale: Option<String>,
    /// IANA time zone, such as `Europe/Berlin`.
    pub time_zone: Option<String>,
    /// ISO 3166-1 alpha-2 country in upper case.
    pub country: Option<String>,
}

/// A snapshot of a cart. All amounts are minor units of `currency`. Shows only number and sum when
/// printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// The currency of every amount.
    pub currency: Currency,
    /// Items in the storefront's order; empty means emptied.
    pub lines: Vec<LineItem>,
    /// What the shopper saw as the sum, zero or more.
    pub total_minor: i64,
    /// Where the storefront continues this cart. A bearer secret: never logged, never in a mail, and
    /// followed only if its host is the shop's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkout_url: Option<String>,
}

/// One item of a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineItem {
    /// The storefront's id of the variant or item.
    pub id: String,
    /// Untrusted text, at most 200 characters.
    pub title: String,
    /// Such as "Blue / M"; untrusted text, at most 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// At least 1.
    pub quantity: u32,
    /// Price of one, in minor units.
    pub price_minor: i64,
    /// Regular price of one, in minor units, if the storefront shows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare_at_minor: Option<i64>,
    /// Picture, unchecked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// Product page, unchecked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A step of a checkout, in the usual order.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CheckoutStep {
    /// E-mail or phone given.
    Contact,
    /// Delivery address given.
    Address,
    /// Delivery method chosen.
    Shipping,
    /// Payment details given.
    Payment,
}

/// Costs on top of the items, as shown to the shopper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Costs {
    /// Delivery.
    pub shipping: Option<Money>,
    /// Tax.
    pub tax: Option<Money>,
}

/// What the shopper's page has met with. Each figure is of the visit so far and only grows, so that the
/// larger of two reports holds, in whatever order they come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Behaviour {
    /// Scripts that failed.
    pub n_errors: u16,
    /// Payments that were refused.
    pub n_payments_failed: u16,
    /// Coupons that were tried.
    pub n_coupons: u16,
    /// Coupons that were refused.
    pub n_coupons_refused: u16,
    /// The slowest loading of a page, in milliseconds.
    pub slowest_page_ms: u32,
}

/// A placed order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The storefront's id of the order.
    pub id: String,
    /// Its total, if told.
    pub total: Option<Money>,
}

/// Money paid back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// The storefront's id of the refund, by which a repeat is known: 1 to 128 characters.
    pub id: String,
    /// How much, if told.
    pub amount: Option<Money>,
}

/// The largest number of items that a cart keeps; a storefront page shows fewer.
pub const MAX_LINES: usize = 200;

impl CartEvent {
    /// Whether its origin may say such a thing. A page cannot undo an order, delete a cart or have
    /// anybody forgotten.
    #[must_use]
    pub fn is_credible(&self) -> bool {
        match self.change {
            Change::OrderCancelled
            | Change::OrderRefunded(_)
            | Change::CartDeleted
            | Change::CheckoutDeleted
            | Change::ErasureRequested
            | Change::DataRequested
            | Change::ShopErasureRequested => self.origin == Origin::Shop,
            Change::CartUpdated(_)
            | Change::PushAllowed(_)
            | Change::ContactIdentified
            | Change::ConsentChanged(_)
            | Change::StepReached { .. }
            | Change::PageReported(_)
            | Change::PaymentFailed
            | Change::PaymentPending
            | Change::OrderPlaced(_) => true,
        }
    }

    /// The event's name in documents, timelines and facts, such as `cart.updated`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.change {
            Change::CartUpdated(_) => "cart.updated",
            Change::ContactIdentified => "contact.identified",
            Change::ConsentChanged(_) => "consent.changed",
            Change::StepReached { .. } => "checkout.step_reached",
            Change::PageReported(_) => "page.reported",
            Change::PushAllowed(_) => "push.allowed",
            Change::PaymentFailed => "payment.failed",
            Change::PaymentPending => "payment.pending",
            Change::OrderPlaced(_) => "order.placed",
            Change::OrderCancelled => "order.cancelled",
            Change::OrderRefunded(_) => "order.refunded",
            Change::CartDeleted => "cart.deleted",
            Change::CheckoutDeleted => "checkout.deleted",
            Change::ErasureRequested => "erasure.requested",
            Change::DataRequested => "data.requested",
            Change::ShopErasureRequested => "shop.erasure_requested",
        }
    }
}

impl Origin {
    /// Whether it is the shop's own word.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    pub(crate) fn is_shop(&self) -> bool {
        *self == Self::Shop
    }
}

impl Behaviour {
    /// The larger of both in every figure.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            n_errors: self.n_errors.max(other.n_errors),
            n_payments_failed: self.n_payments_failed.max(other.n_payments_failed),
            n_coupons: self.n_coupons.max(other.n_coupons),
            n_coupons_refused: self.n_coupons_refused.max(other.n_coupons_refused),
            slowest_page_ms: self.slowest_page_ms.max(other.slowest_page_ms),
        }
    }
}

impl fmt::Debug for ContactDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContactDetails")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contents({} lines, {})", self.lines.len(), self.total())
    }
}

impl Contents {
    /// The total with its currency.
    #[must_use]
    pub fn total(&self) -> Money {
        self.money(self.total_minor)
    }

    /// `minor` units of this cart's currency.
    #[must_use]
    pub fn money(&self, minor: i64) -> Money {
        Money {
            minor,
            currency: self.currency,
        }
    }
}
