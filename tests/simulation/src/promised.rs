//! Judges the offers of a history: every code belongs to one cart and stage for ever, a mail shows only
//! what its stage has claimed, the month's budget holds, and nobody is given an offer for leaving again.

use std::collections::HashMap;

use cartback::ids::{CartKey, ContactKey};
use cartback::policy::Policy;
use cartback::stage::Stage;

use crate::history::{Claimed, Fact};

/// What was given so far.
#[derive(Debug, Default)]
pub struct Given {
    by_code: HashMap<String, (CartKey, Stage)>,
    by_stage: HashMap<(CartKey, Stage), String>,
    by_person: HashMap<ContactKey, CartKey>,
    spent: HashMap<String, i64>,
}

impl Given {
    /// Learns of `fact`; the cart for which it breaks a promise under `policy`.
    #[must_use]
    pub fn broken_by(&mut self, fact: &Fact, policy: &Policy) -> Option<CartKey> {
        match fact {
            Fact::Claimed(claimed) => self
                .is_broken_by(claimed, policy)
                .then(|| claimed.cart.clone()),
            Fact::Accepted {
                cart,
                stage,
                code: Some(code),
                ..
            } => {
                let claimed = self.by_stage.get(&(cart.clone(), *stage));
                (claimed != Some(code)).then(|| cart.clone())
            }
            _ => None,
        }
    }

    /// All of a history is within the pause after an offer, so that a person gets one for one cart.
    fn is_broken_by(&mut self, claimed: &Claimed, policy: &Policy) -> bool {
        let place = (claimed.cart.clone(), claimed.stage);
        let code = claimed.code.clone();
        let is_taken = self.by_code.insert(code.clone(), place.clone()).is_some();
        let is_second = self.by_stage.insert(place, code).is_some();
        let spent = self.spent.entry(claimed.month.clone()).or_default();
        *spent += claimed.amount_minor;
        let limit = policy.offers.as_ref().and_then(|it| it.monthly_budget);
        let is_over = limit.is_none_or(|limit| limit.minor < *spent);
        let person = self.by_person.entry(claimed.person.clone());
        let is_again = *person.or_insert_with(|| claimed.cart.clone()) != claimed.cart;
        is_taken || is_second || is_over || is_again || claimed.stage == Stage::Nudge
    }
}
