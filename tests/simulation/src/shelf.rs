//! The shop's codes and its budget: few and small, so that carts meet at them.

use std::collections::BTreeMap;

use cartback::ids::CartKey;
use cartback::offer::{Claim, Month, OfferCode, PoolCode, Stock};
use cartback::stage::Stage;
use fastrand::Rng;

use crate::fault::chance;

/// Codes of the one pool.
const N_CODES: usize = 6;

/// The settings of the shop's offers: of a cart of 89.00 one takes 8.90, so that the budget has five.
pub const OFFERS: &str = r#"
    [policy.offers]
    margin_percent = 50
    margin_floor_percent = 10
    monthly_budget = "45.00 USD"

    [[policy.offers.ladder]]
    stage = "final"
    percent = 10
    pool = "sim"
"#;

/// All codes, and what was spent in each month.
#[derive(Debug)]
pub struct Shelf {
    codes: BTreeMap<OfferCode, Option<(CartKey, Stage)>>,
    spent: BTreeMap<Month, i64>,
}

impl Default for Shelf {
    fn default() -> Self {
        let codes = (0..N_CODES).map(|n| (format!("SIM-{n}").parse().unwrap(), None));
        Self {
            codes: codes.collect(),
            spent: BTreeMap::new(),
        }
    }
}

impl Shelf {
    /// What a reader sees, who may be behind: codes that are taken since, and less spent.
    pub fn stock(&self, month: Option<&Month>, rng: &mut Rng) -> Stock {
        let is_behind = chance(rng, 2_500);
        let free = self
            .codes
            .iter()
            .filter(|(_, taken)| is_behind || taken.is_none());
        let codes = free.map(|(code, _)| PoolCode {
            pool: "sim".parse().unwrap(),
            code: code.clone(),
            expires_at: None,
        });
        let spent = month.and_then(|month| self.spent.get(month));
        let spent = spent.copied().unwrap_or(0);
        Stock {
            codes: codes.collect(),
            spent_minor: if is_behind { 0 } else { spent },
        }
    }

    /// Whether everything in `claim` can be had.
    #[must_use]
    pub fn has(&self, claim: &Claim) -> bool {
        let is_free = claim
            .code
            .as_ref()
            .is_none_or(|(_, code)| self.codes.get(code) == Some(&None));
        let is_affordable = claim.spend.as_ref().is_none_or(|spend| {
            let spent = self.spent.get(&spend.month).copied().unwrap_or(0);
            spent + spend.amount_minor <= spend.limit.minor
        });
        is_free && is_affordable
    }

    /// Takes what is claimed.
    pub fn take(&mut self, claim: &Claim) {
        if let Some((_, code)) = &claim.code {
            let by = (claim.cart.clone(), claim.stage);
            self.codes.insert(code.clone(), Some(by));
        }
        if let Some(spend) = &claim.spend {
            *self.spent.entry(spend.month.clone()).or_default() += spend.amount_minor;
        }
    }
}
