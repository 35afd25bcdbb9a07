//! Codes and budgets of the store in memory.

use std::collections::BTreeMap;

use crate::ids::{CartKey, ShopId};
use crate::offer::{Ask, Claim, Month, OfferCode, PoolCode, PoolName, Stock};
use crate::stage::Stage;

/// As many as the table's store lists.
const MAX_CODES: usize = 25;

/// All codes ever imported, and what was spent in each month.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct OfferShelf {
    codes: BTreeMap<(ShopId, PoolName, OfferCode), Shelved>,
    spent: BTreeMap<(ShopId, Month), i64>,
}

#[derive(Debug, Clone, PartialEq)]
struct Shelved {
    code: PoolCode,
    claimed_by: Option<(CartKey, Stage)>,
}

impl OfferShelf {
    pub(super) fn stock(&self, shop: &ShopId, ask: &Ask) -> Stock {
        let is_free = |shelved: &&Shelved| {
            let end = shelved.code.expires_at;
            let is_usable = end.is_none_or(|end| ask.usable_until <= end);
            shelved.claimed_by.is_none()
                && is_usable
                && Some(&shelved.code.pool) == ask.pool.as_ref()
        };
        let of_shop = self.codes.iter().filter(|(key, _)| key.0 == *shop);
        let free = of_shop.map(|(_, shelved)| shelved).filter(is_free);
        let mut codes: Vec<_> = free.map(|shelved| shelved.code.clone()).collect();
        codes.sort_by_key(|code| (code.expires_at.is_none(), code.expires_at));
        codes.truncate(MAX_CODES);
        let month = ask.month.as_ref();
        let spent = month.and_then(|month| self.spent.get(&(shop.clone(), month.clone())));
        Stock {
            codes,
            spent_minor: spent.copied().unwrap_or(0),
        }
    }

    /// `false` if it was put before.
    pub(super) fn put(&mut self, shop: &ShopId, code: &PoolCode) -> bool {
        let key = (shop.clone(), code.pool.clone(), code.code.clone());
        let is_new = !self.codes.contains_key(&key);
        if is_new {
            let code = code.clone();
            let claimed_by = None;
            self.codes.insert(key, Shelved { code, claimed_by });
        }
        is_new
    }

    /// Whether everything in `claim` can be had.
    pub(super) fn has(&self, claim: &Claim) -> bool {
        let shop = claim.cart.shop();
        let is_free = claim.code.as_ref().is_none_or(|(pool, code)| {
            let shelved = self.codes.get(&(shop.clone(), pool.clone(), code.clone()));
            shelved.is_some_and(|shelved| shelved.claimed_by.is_none())
        });
        let is_affordable = claim.spend.as_ref().is_none_or(|spend| {
            let spent = self.spent.get(&(shop.clone(), spend.month.clone()));
            spent.copied().unwrap_or(0) + spend.amount_minor <= spend.limit.minor
        });
        is_free && is_affordable
    }

    /// Takes what [`OfferShelf::has`].
    pub(super) fn take(&mut self, claim: &Claim) {
        let shop = claim.cart.shop();
        if let Some((pool, code)) = &claim.code {
            let key = (shop.clone(), pool.clone(), code.clone());
            if let Some(shelved) = self.codes.get_mut(&key) {
                shelved.claimed_by = Some((claim.cart.clone(), claim.stage));
            }
        }
        if let Some(spend) = &claim.spend {
            let key = (shop.clone(), spend.month.clone());
            *self.spent.entry(key).or_default() += spend.amount_minor;
        }
    }
}
