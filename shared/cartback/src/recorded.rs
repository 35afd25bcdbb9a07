//! A decision with everything that it was made from, so that it can be made again, bit for bit. The
//! table keeps only a digest of the facts; this is for those who ask for a record. It holds the
//! person's address and the cart's contents: whoever writes it down keeps personal data.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::brake::Brake;
use crate::cart::Cart;
use crate::contact::Contact;
use crate::decide::{Channel, Decision, Facts, channel, decide};
use crate::ids::CartKey;
use crate::offer::{Choice, OfferVerdict, Stock, choose};
use crate::remind::digest;
use crate::shop::Shop;
use crate::stage::Stage;

/// One decision and its facts. One line of JSON, written and read by serde.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedDecision {
    /// When it was made.
    pub at: Timestamp,
    /// The stage that was due.
    pub stage: Stage,
    /// What was decided.
    #[serde(flatten)]
    pub decision: Decision,
    /// As [`crate::entry::DecisionRecord::digest`] keeps it in the table.
    pub digest: String,
    /// The cart as it was read. Its version is not kept: no rule looks at it.
    pub cart: Cart,
    /// The person as they were read, without their version too.
    pub contact: Contact,
    /// What held all reminders of the stage back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brake: Option<Brake>,
    /// When the operator resumed after a restore of the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored_at: Option<Timestamp>,
    /// The cart of the person that was newer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newer_cart: Option<CartKey>,
    /// By which way, if it was to send.
    #[serde(default, skip_serializing_if = "Channel::is_mail")]
    pub channel: Channel,
    /// What was decided about an offer, if it was to send and there was something to decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferVerdict>,
    /// What the table had to say about that offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<Stock>,
    /// The settings, of which the policy and the time zone count.
    pub shop: Shop,
}

impl RecordedDecision {
    /// What was decided on `facts` under the policy of `shop`.
    #[must_use]
    pub fn new(
        facts: &Facts<'_>,
        shop: &Shop,
        at: Timestamp,
        decision: Decision,
        way: (Channel, &Choice, Option<&Stock>),
        digest: &str,
    ) -> Self {
        Self {
            at,
            stage: facts.stage,
            decision,
            digest: digest.to_owned(),
            cart: facts.cart.clone(),
            contact: facts.contact.clone(),
            brake: facts.brake.cloned(),
            restored_at: facts.restored_at,
            newer_cart: facts.newer_cart.cloned(),
            channel: way.0,
            offer: way.1.verdict(),
            stock: way.2.cloned(),
            shop: shop.clone(),
        }
    }

    /// The same decision made again, by the rules of this version of the program: equal to this one
    /// unless a rule or a fact was changed since.
    #[must_use]
    pub fn made_again(&self) -> Self {
        let facts = Facts {
            cart: &self.cart,
            contact: &self.contact,
            stage: self.stage,
            shop_zone: &self.shop.zone(),
            brake: self.brake.as_ref(),
            restored_at: self.restored_at,
            newer_cart: self.newer_cart.as_ref(),
        };
        let policy = &self.shop.policy;
        let decision = decide(&facts, policy, self.at);
        let (channel, choice) = match decision {
            Decision::Send => {
                let stock = self.stock.clone().unwrap_or_default();
                let choice = choose(&facts, policy, &stock, self.at);
                (channel(&facts, policy), choice)
            }
            Decision::Defer { .. } | Decision::Skip { .. } => (Channel::Mail, Choice::NotAsked),
        };
        Self {
            decision,
            channel,
            offer: choice.verdict(),
            digest: digest(&facts, &self.shop.policy),
            ..self.clone()
        }
    }
}
