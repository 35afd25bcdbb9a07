//! Why a cart may have been left, and what is known of the shopper: mails adapt to both. What is not
//! known is not guessed: then the mail says what suits everyone.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cart::{CartFacts, Payment};
use crate::contact::Contact;
use crate::event::CheckoutStep;
use crate::shop::Shop;

/// Costs on top of the items from this percentage of them on can come as a shock.
const SHOCKING_PERCENT: i128 = 10;

/// What seems to have got in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A payment was refused.
    Payment,
    /// What the checkout added to the items.
    Costs,
    /// The checkout was left where an account may be asked for, and the shop needs none.
    Account,
    /// The checkout was never begun.
    Browsing,
    /// Nobody knows.
    Unknown,
}

/// How well the shop knows the shopper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Acquaintance {
    /// The cart is worth a lot to the shop.
    HighValue,
    /// They ordered before.
    Returning,
    /// No order of theirs is known.
    New,
}

/// What the shopper says was in the way, by one tap in the nudge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Delivery costs too much.
    ShippingCost,
    /// Paying did not work.
    Payment,
    /// They think about it.
    Deciding,
    /// They found it elsewhere.
    Elsewhere,
    /// They only wanted to look.
    Looking,
}

/// An answer with its time. The latest holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Answered {
    /// When the button was pressed.
    pub at: Timestamp,
    /// What was said.
    pub answer: Answer,
}

impl Answer {
    /// All, in the order in which mails show them.
    pub const ALL: [Self; 5] = [
        Self::ShippingCost,
        Self::Payment,
        Self::Deciding,
        Self::Elsewhere,
        Self::Looking,
    ];

    /// Its name in addresses and messages, such as `shipping-cost`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ShippingCost => "shipping-cost",
            Self::Payment => "payment",
            Self::Deciding => "deciding",
            Self::Elsewhere => "elsewhere",
            Self::Looking => "looking",
        }
    }

    /// The answer of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

impl Reason {
    /// What is known of `facts`: the shopper's own word first, then what the checkout told.
    #[must_use]
    pub fn of(facts: &CartFacts, shop: &Shop) -> Self {
        if let Some(answered) = facts.answered {
            return match answered.answer {
                Answer::ShippingCost => Self::Costs,
                Answer::Payment => Self::Payment,
                Answer::Deciding | Answer::Looking => Self::Browsing,
                Answer::Elsewhere => Self::Unknown,
            };
        }
        let is_refused = facts
            .payment
            .as_ref()
            .is_some_and(|payment| payment.value == Payment::Failed);
        if is_refused {
            return Self::Payment;
        }
        if has_shocking_costs(facts) {
            return Self::Costs;
        }
        match facts.step {
            Some(CheckoutStep::Contact) if shop.selling.guest_checkout => Self::Account,
            None => Self::Browsing,
            Some(_) => Self::Unknown,
        }
    }

    /// Its case in messages; what is not known takes the one that suits everyone.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Costs => "costs",
            Self::Account => "account",
            Self::Browsing => "browsing",
            Self::Unknown => "other",
        }
    }
}

impl Acquaintance {
    /// What is known of the person `contact` with a cart that is, or is not, of high value.
    #[must_use]
    pub fn of(contact: Option<&Contact>, is_high_value: bool) -> Self {
        if is_high_value {
            Self::HighValue
        } else if contact.is_some_and(|contact| contact.last_order_at.is_some()) {
            Self::Returning
        } else {
            Self::New
        }
    }

    /// Its case in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HighValue => "high-value",
            Self::Returning => "returning",
            Self::New => "other",
        }
    }
}

fn has_shocking_costs(facts: &CartFacts) -> bool {
    let (Some(contents), Some(costs)) = (&facts.contents, &facts.costs) else {
        return false;
    };
    let total = contents.value.total();
    let added = [costs.value.shipping, costs.value.tax]
        .into_iter()
        .flatten();
    let added = added.filter(|cost| cost.currency == total.currency);
    let added: i128 = added.map(|cost| i128::from(cost.minor)).sum();
    0 < added && i128::from(total.minor) * SHOCKING_PERCENT <= added * 100
}
