//! What is decided about a due reminder and the offer that it may carry, and how often which offer left.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::{Worker, digest};
use crate::cart::Cart;
use crate::compose::{ComposeError, Known, Outgoing, compose, notification};
use crate::decide::{Channel, Decision, Facts, channel, decide};
use crate::ids::Attempt;
use crate::offer::{Choice, OfferVerdict, Stock, Withheld, ask, choose};
use crate::ports::{CartStore, Mailer, ReadError};
use crate::reading::Readings;
use crate::recorded::RecordedDecision;
use crate::shop::Shop;
use crate::stage::Stage;

/// What is to be done about a stage, and on which facts that was decided.
pub(super) struct Decided {
    pub(super) stage: Stage,
    pub(super) decision: Decision,
    pub(super) channel: Channel,
    pub(super) choice: Choice,
    pub(super) digest: String,
}

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

impl<S: CartStore, M: Mailer> Worker<'_, S, M> {
    /// What was decided on, ready to be handed over.
    pub(super) fn outgoing(
        &self,
        cart: &Cart,
        decided: &Decided,
        known: &Known<'_>,
        attempt: Attempt,
        shop: &Shop,
    ) -> Result<Outgoing, ComposeError> {
        let (stage, keys, now) = (decided.stage, self.keys, self.now());
        Ok(match decided.channel {
            Channel::Mail => {
                let mail = compose(cart, stage, known, attempt, shop, keys, now)?;
                Outgoing::Mail(Box::new(mail))
            }
            Channel::Push => {
                let push = notification(cart, stage, known, attempt, shop, keys, now)?;
                Outgoing::Push(Box::new(push))
            }
        })
    }

    /// What the shop has told of the variants in the cart: the mail must not say what they deny.
    pub(super) async fn readings(&self, cart: &Cart) -> Result<Readings, ReadError> {
        match &cart.facts.contents {
            Some(contents) => Readings::of(self.store, cart.key.shop(), &contents.value).await,
            None => Ok(Readings::default()),
        }
    }

    /// Decides on `facts`, also on an offer if the reminder is to be sent, and shows it to who records.
    pub(super) async fn decide(
        &self,
        facts: &Facts<'_>,
        shop: &Shop,
        now: Timestamp,
    ) -> Result<Decided, ReadError> {
        let decision = decide(facts, &shop.policy, now);
        let (choice, stock) = match decision {
            Decision::Send => self.choose_offer(facts, shop, now).await?,
            Decision::Defer { .. } | Decision::Skip { .. } => (Choice::NotAsked, None),
        };
        let channel = match decision {
            Decision::Send => channel(facts, &shop.policy),
            Decision::Defer { .. } | Decision::Skip { .. } => Channel::Mail,
        };
        let digest = digest(facts, &shop.policy);
        if let Some(note) = self.on_decision {
            let way = (channel, &choice, stock.as_ref());
            note(&RecordedDecision::new(
                facts, shop, now, decision, way, &digest,
            ));
        }
        Ok(Decided {
            stage: facts.stage,
            decision,
            channel,
            choice,
            digest,
        })
    }

    /// The offer that a reminder carries which is to be sent, and what the table had to say about it.
    async fn choose_offer(
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
