//! What a worker does about offers: asks the table, lets [`crate::offer`] decide, and counts.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::Worker;
use crate::decide::Facts;
use crate::offer::{Choice, Stock, OfferVerdict, Withheld, ask, choose};
use crate::ports::{CartStore, ReadError};
use crate::shop::Shop;

/// How many reminders left with an offer, under `None`, and how many left without one, by the reason.
#[derive(Debug, Default)]
pub struct OfferCounts(Mutex<BTreeMap<Option<Withheld>, usize>>);

impl OfferCounts {
    /// The counts so far; those of nothing are left out.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Option<Withheld>, usize> {
        self.lock().clone()
    }

    pub(super) fn note(&self, verdict: OfferVerdict) {
        let reason = match verdict {
            OfferVerdict::Given(_) => None,
            OfferVerdict::Withheld(reason) => Some(reason),
        };
        *self.lock().entry(reason).or_default() += 1;
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Option<Withheld>, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: CartStore, M> Worker<'_, S, M> {
    /// The offer that a reminder carries which is to be sent, and what the table had to say about it.
    pub(super) async fn choose_offer(
        &self,
        facts: &Facts<'_>,
        shop: &Shop,
        now: Timestamp,
    ) -> Result<(Choice, Option<Stock>), ReadError> {
        let stock = match ask(facts, &shop.policy, now) {
            Some(ask) => Some(self.store.offer_stock(&shop.id, &ask).await?),
            None => None,
        };
        let known = stock.clone().unwrap_or_default();
        Ok((choose(facts, &shop.policy, &known, now), stock))
    }
}
