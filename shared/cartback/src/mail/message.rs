//! The three messages. The nudge has no field for an offer, a deadline or a saving that depends on
//! one: what cannot be represented cannot be said.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::offer::OfferStatement;
use super::statement::{OrdersStatement, SoldOutStatement, StockStatement, ThresholdStatement};
use crate::language::Wording;
use crate::money::Money;
use crate::reason::{Acquaintance, Answer, Reason};
use crate::selling::{Reviews, Shipping};
use crate::stage::Stage;

/// What one reminder says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// The first mail: help, no offer.
    Nudge(Nudge),
    /// The second: facts that make the decision easier.
    FollowUp(FollowUp),
    /// The last one, and it says so.
    Final(Final),
}

/// "Did you have trouble checking out?"
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nudge {
    /// The cart as it stands.
    pub cart: CartView,
    /// What seems to have got in the way.
    pub reason: Reason,
    /// How well the shop knows the shopper.
    pub person: Acquaintance,
    /// Where each answer leads, `https`; may be empty.
    pub answers: Vec<(Answer, String)>,
}

/// Selling points that are facts in the shop's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// The cart as it stands.
    pub cart: CartView,
    /// What seems to have got in the way.
    pub reason: Reason,
    /// What the shop is like.
    pub facts: Facts,
    /// What free shipping still needs; `None` says nothing of it.
    pub threshold: Option<ThresholdStatement>,
    /// What the cart was given with it; `None` says nothing of an offer.
    pub offer: Option<OfferStatement>,
}

/// The last reminder, with the one deadline that is always true: when the restore link ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Final {
    /// The cart as it stands.
    pub cart: CartView,
    /// Until when the saved cart can be restored; `None` shows the calm variant.
    pub deadline: Option<DeadlineStatement>,
    /// What free shipping still needs; `None` says nothing of it.
    pub threshold: Option<ThresholdStatement>,
    /// How many orders the shop had; `None` says nothing of it.
    pub orders: Option<OrdersStatement>,
    /// What the cart was given with it; `None` says nothing of an offer.
    pub offer: Option<OfferStatement>,
}

/// Facts of the shop that hold for this cart and this shopper; all may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Days within which goods can be sent back, and whether that costs nothing.
    pub returns: Option<(u16, bool)>,
    /// Shipping to the shopper's country in the cart's currency.
    pub shipping: Option<Shipping>,
    /// Ways to pay.
    pub payment_methods: Vec<String>,
    /// Whether one can order without an account.
    pub guest_checkout: bool,
    /// Hours within which questions are answered.
    pub support_hours: Option<u16>,
    /// How shoppers rate the shop.
    pub reviews: Option<Reviews>,
    /// Further sentences of the shop, in the language of the mail.
    pub points: Vec<String>,
}

/// A cart as a mail or page shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct CartView {
    /// The shopper's first name as they gave it; `None` greets without one.
    pub first_name: Option<String>,
    /// Items, in the storefront's order; never empty in a mail.
    pub lines: Vec<LineView>,
    /// The sum of all items of the cart, including those not listed.
    pub total: Money,
    /// What the shopper saves against the regular prices of the same snapshot.
    pub savings: Option<SavingsStatement>,
    /// `https` link to the restore page.
    pub restore_url: String,
    /// `https` link to the unsubscribe page; RFC 8058 POST goes there too.
    pub unsubscribe_url: String,
    /// `https` link to the preferences page.
    pub preferences_url: String,
}

/// One item of a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineView {
    /// Product title as the storefront sent it. Untrusted text.
    pub title: String,
    /// Variant such as "Blue / M". Untrusted text.
    pub variant: Option<String>,
    /// At least 1.
    pub quantity: u32,
    /// Price of one.
    pub price: Money,
    /// Regular price of one, only if above `price`.
    pub compare_at_price: Option<Money>,
    /// Picture, already checked against the shop's hosts; `None` shows a calm placeholder.
    pub image_url: Option<String>,
    /// What is different from when the shopper saw it.
    pub state: LineState,
    /// Few are left; `None` says nothing of it.
    pub stock: Option<StockStatement>,
}

/// How a line item compares with what the shopper left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineState {
    /// Nothing newer is known.
    Unknown,
    /// The shop has confirmed its price since.
    Same,
    /// It costs more now than this.
    Dearer(Money),
    /// It costs less now than this.
    Cheaper(Money),
    /// There is none.
    SoldOut(SoldOutStatement, Option<Substitute>),
}

/// Another variant that the shop names instead, which is there by a fresh reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Substitute {
    /// Untrusted text.
    pub title: String,
    /// Price of one.
    pub price: Money,
    /// Its page, at one of the shop's hosts.
    pub url: Option<String>,
}

/// The saving that the cart's own snapshot proves: the sum of regular prices less the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SavingsStatement {
    amount: Money,
}

/// A moment after which something stops working, and which the code enforces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeadlineStatement {
    at: Timestamp,
}

/// The shop as its mails and pages show it. Comes from the shop's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Brand {
    /// Display name.
    pub name: String,
    /// Home page, `https`.
    pub url: String,
    /// Logo picture, `https`; `None` shows the name.
    pub logo_url: Option<String>,
    /// Colour of buttons and accents, `#rrggbb`.
    pub color: String,
    /// Address for questions; shown and used as reply-to.
    pub support_email: String,
    /// Postal address, one line; every mail must carry it (CAN-SPAM).
    pub postal_address: String,
    /// BCP 47 language of texts and numbers, such as `en`.
    pub locale: String,
    /// IANA time zone in which deadlines are shown, such as `Europe/Berlin`.
    pub time_zone: String,
    /// What the shop says in words of its own.
    pub wording: Wording,
}

impl Message {
    /// The stage that this message belongs to.
    #[must_use]
    pub fn stage(&self) -> Stage {
        match self {
            Self::Nudge(_) => Stage::Nudge,
            Self::FollowUp(_) => Stage::FollowUp,
            Self::Final(_) => Stage::Final,
        }
    }

    /// The cart that the message is about.
    #[must_use]
    pub fn cart(&self) -> &CartView {
        match self {
            Self::Nudge(Nudge { cart, .. })
            | Self::FollowUp(FollowUp { cart, .. })
            | Self::Final(Final { cart, .. }) => cart,
        }
    }
}

impl fmt::Debug for CartView {
    /// Without the name, the items and the links, which are a person's or secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CartView({} lines, {})", self.lines.len(), self.total)
    }
}

impl LineView {
    /// Whether the shop says that there is none.
    #[must_use]
    pub fn is_sold_out(&self) -> bool {
        matches!(self.state, LineState::SoldOut(..))
    }
}

impl SavingsStatement {
    /// The saving of `lines`, or `None` if there is none, or not in one currency.
    #[must_use]
    pub fn of(lines: &[LineView]) -> Option<Self> {
        let mut amount: Option<Money> = None;
        for line in lines {
            let Some(regular) = line.compare_at_price else {
                continue;
            };
            let saving = regular
                .checked_sub(line.price)?
                .checked_mul(line.quantity)?;
            amount = Some(match amount {
                Some(sum) => sum.checked_add(saving)?,
                None => saving,
            });
        }
        amount
            .filter(|amount| amount.minor > 0)
            .map(|amount| Self { amount })
    }

    /// The amount saved, above zero.
    #[must_use]
    pub fn amount(&self) -> Money {
        self.amount
    }
}

impl DeadlineStatement {
    /// The end of a restore link that was signed to expire at `expires_at`: the link's own check
    /// enforces it.
    #[must_use]
    pub fn link_expiry(expires_at: Timestamp) -> Self {
        Self { at: expires_at }
    }

    /// The end of an offer's code, which the shop's platform enforces.
    pub(super) fn offer_end(expires_at: Timestamp) -> Self {
        Self { at: expires_at }
    }

    /// When it ends.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }
}
