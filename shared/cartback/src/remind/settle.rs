//! What follows a try: the reply is settled, a reservation that ran out is judged, and what will never
//! render is given up.

use jiff::{SignedDuration, Timestamp};
use tracing::{error, info, warn};

use super::{RemindError, Reminded, Worker};
use crate::cart::Cart;
use crate::compose::ComposeError;
use crate::decide::{Channel, latest};
use crate::entry::{Entry, What};
use crate::evidence::{count_duplicate, duplicate};
use crate::ids::{Attempt, CartKey};
use crate::mail::Mail;
use crate::policy::OnUnknown;
use crate::ports::{CartStore, Mailer, PushError, SendError, Write, WriteError};
use crate::pulse::Pulse;
use crate::push::Push;
use crate::sequence::{Evidence, Expiry, Refusal, Verdict};
use crate::shop::Shop;
use crate::stage::Stage;

/// Reads and writes of one settlement before it is left to evidence.
const MAX_SETTLE_TRIES: usize = 5;

/// How long a mail of unknown fate may wait to go again. Someone who comes back to their cart a day after
/// it may have come by that very mail, so their coming back must not prolong its stage.
const MAX_DOUBT: SignedDuration = SignedDuration::from_hours(24);

/// The longest pause after a refusal: long for a mail, short for an account that is paused.
const MAX_BACKOFF_MINS: i64 = 30;

impl<S: CartStore, M: Mailer> Worker<'_, S, M> {
    /// T3 and T4.
    pub(super) async fn settle_reply(
        &self,
        cart: Cart,
        mail: &Mail,
        reply: Result<(), SendError>,
        shop: &Shop,
    ) -> Reminded {
        let (key, stage, attempt) = (&mail.cart, mail.stage, mail.attempt);
        match reply {
            Ok(()) => {
                info!(cart.id = %key, %stage, "Reminder sent for cart {key}");
                self.settle_accepted(cart, stage, attempt, shop, Reminded::Sent)
                    .await
            }
            Err(SendError::Unknown(source)) => {
                warn!(cart.id = %key, %stage, error = %source, "Fate of the reminder unknown for cart {key}");
                Reminded::Unknown
            }
            Err(SendError::Refused(source)) => {
                warn!(cart.id = %key, %stage, error = %source, "Reminder refused for cart {key}");
                let refuse =
                    |cart: &mut Cart| note_refused(cart, attempt, shop, self.now()).then_some(());
                self.settle(cart, refuse, |()| None).await;
                Reminded::Refused
            }
            Err(SendError::Rejected(source)) => {
                error!(cart.id = %key, %stage, error = %source, "Reminder rejected for cart {key}");
                let reject = |cart: &mut Cart| {
                    let is_ours = cart.sequence.reject(attempt, self.now());
                    cart.advance(&shop.policy, self.now());
                    is_ours.then_some(())
                };
                let tell = |(): &()| Some(self.given_up(key, stage, source.to_string()));
                self.settle(cart, reject, tell).await;
                Reminded::Failed
            }
        }
    }

    /// T3 and T4 of a notification: no evidence of one ever comes, so the push service's word is all there
    /// is, and the next try, if any, goes by mail.
    pub(super) async fn settle_push(
        &self,
        cart: Cart,
        push: &Push,
        reply: Result<(), PushError>,
        shop: &Shop,
    ) -> Reminded {
        let (key, stage, attempt) = (&push.cart, push.stage, push.attempt);
        match reply {
            Ok(()) => {
                info!(cart.id = %key, %stage, "Reminder notified for cart {key}");
                self.settle_accepted(cart, stage, attempt, shop, Reminded::Pushed)
                    .await
            }
            Err(PushError::Unknown(source)) => {
                warn!(cart.id = %key, %stage, error = %source, "Fate of the notification unknown for cart {key}");
                Reminded::Unknown
            }
            Err(PushError::Gone) => {
                info!(cart.id = %key, %stage, "Browser of cart {key} takes no notifications any more");
                let forget = |cart: &mut Cart| {
                    let is_forgotten = cart.facts.note_push_gone(&push.to);
                    let is_refused = note_refused(cart, attempt, shop, self.now());
                    (is_forgotten || is_refused).then_some(())
                };
                self.settle(cart, forget, |()| None).await;
                Reminded::Refused
            }
            Err(PushError::Refused(source)) => {
                warn!(cart.id = %key, %stage, error = %source, "Notification refused for cart {key}");
                let refuse =
                    |cart: &mut Cart| note_refused(cart, attempt, shop, self.now()).then_some(());
                self.settle(cart, refuse, |()| None).await;
                Reminded::Refused
            }
        }
    }

    /// What was accepted, as `end` unless another of the stage was, too.
    async fn settle_accepted(
        &self,
        cart: Cart,
        stage: Stage,
        attempt: Attempt,
        shop: &Shop,
        end: Reminded,
    ) -> Reminded {
        let key = cart.key.clone();
        let accept = |cart: &mut Cart| {
            let evidence = cart.accept(stage, attempt, &shop.policy, self.now());
            Some(evidence).filter(|evidence| *evidence != Evidence::Known)
        };
        let tell = |evidence: &Evidence| {
            let is_duplicate = *evidence == Evidence::Duplicate;
            is_duplicate.then(|| duplicate(&key, stage, attempt, self.now()))
        };
        if self.settle(cart, accept, tell).await == Some(Evidence::Duplicate) {
            count_duplicate(self.store, &key, stage, attempt).await;
            return Reminded::Duplicate;
        }
        end
    }

    /// Writes what `change` makes of the cart, which others may write meanwhile, and with it the line that
    /// `tell` makes of it. What was written; `None` if there was nothing to write, or if the table does
    /// not answer: then evidence settles it later.
    pub(super) async fn settle<T>(
        &self,
        mut cart: Cart,
        change: impl Fn(&mut Cart) -> Option<T>,
        tell: impl Fn(&T) -> Option<Entry>,
    ) -> Option<T> {
        let key = cart.key.clone();
        let mut unsure = None;
        for _ in 0..MAX_SETTLE_TRIES {
            // Nothing is left to do once our own write has arrived, whose reply was lost.
            let Some(changed) = change(&mut cart) else {
                return unsure;
            };
            let write = Write {
                cart: Some(cart),
                entries: Vec::from_iter(tell(&changed)),
                is_atomic: true,
                ..Write::default()
            };
            match self.store.write(&write).await {
                Ok(()) => return Some(changed),
                Err(error) => {
                    warn!(cart.id = %key, %error, "Outcome not written yet for cart {key}");
                    unsure = matches!(error, WriteError::Unknown(_)).then_some(changed);
                }
            }
            cart = self.store.cart(&key).await.ok()??;
        }
        None
    }

    /// T6: a reservation ran out without evidence.
    pub(super) async fn expire(
        &self,
        mut cart: Cart,
        shop: &Shop,
        pulse: &Pulse,
        now: Timestamp,
    ) -> Result<Reminded, RemindError> {
        let expiry = cart.sequence.expire(verdict(&cart, shop, pulse, now), now);
        cart.advance(&shop.policy, now);
        let key = cart.key.clone();
        if !self
            .write_or_stale(Write {
                cart: Some(cart),
                ..Write::default()
            })
            .await?
        {
            return Ok(Reminded::Stale);
        }
        warn!(cart.id = %key, ?expiry, "No evidence of the reminder for cart {key}");
        Ok(match expiry {
            Expiry::WillWait => Reminded::Deferred,
            Expiry::WillResend => Reminded::Reopened,
            Expiry::Presumed => Reminded::Presumed,
        })
    }

    /// A cart that cannot be rendered is tried again, in case a deploy mends it, then given up.
    pub(super) async fn note_poison(
        &self,
        mut cart: Cart,
        shop: &Shop,
        fault: &ComposeError,
    ) -> Result<Reminded, RemindError> {
        let now = self.now();
        let stage = cart.sequence.pending().map(|pending| pending.stage);
        let refusal = cart.sequence.note_failed_try(now + backoff(1), now);
        cart.advance(&shop.policy, now);
        let key = cart.key.clone();
        error!(cart.id = %key, error = %fault, "Reminder cannot be composed for cart {key}");
        let given_up = stage.filter(|_| refusal == Refusal::GivenUp);
        let entries = given_up.map(|stage| self.given_up(&key, stage, fault.to_string()));
        let write = Write {
            cart: Some(cart),
            entries: entries.into_iter().collect(),
            is_atomic: true,
            ..Write::default()
        };
        if !self.write_or_stale(write).await? {
            return Ok(Reminded::Stale);
        }
        Ok(match refusal {
            Refusal::WillRetry => Reminded::Refused,
            Refusal::GivenUp => Reminded::Failed,
        })
    }

    fn given_up(&self, key: &CartKey, stage: Stage, fault: String) -> Entry {
        Entry::new(key, self.now(), What::GivenUp { stage, fault })
    }
}

/// What silence about the mail under way means, by policy, time and the other mails' evidence.
pub(super) fn verdict(cart: &Cart, shop: &Shop, pulse: &Pulse, now: Timestamp) -> Verdict {
    let Some(pending) = cart.sequence.pending() else {
        return Verdict::Presume;
    };
    let Some(attempt) = pending.attempts.last() else {
        return Verdict::Presume;
    };
    // Of a notification nobody ever tells: a mail after it could be the second reminder.
    let may_resend = shop.policy.on_unknown(pending.stage) == OnUnknown::Resend
        && pending.channel == Channel::Mail;
    let end = latest(cart, pending.stage, &shop.policy).min(attempt.at() + MAX_DOUBT);
    if !may_resend || end < now {
        return Verdict::Presume;
    }
    if pulse.shows_evidence_since(*attempt) {
        Verdict::Resend
    } else {
        Verdict::Wait
    }
}

pub(super) fn note_refused(cart: &mut Cart, attempt: Attempt, shop: &Shop, now: Timestamp) -> bool {
    let n_refusals = cart
        .sequence
        .pending()
        .map_or(0, |pending| pending.refusals);
    let is_ours = cart.sequence.refuse(attempt, now + backoff(n_refusals));
    cart.advance(&shop.policy, now);
    is_ours
}

/// Two minutes, then four and so on: a hiccup of SES costs a nudge little of its hour, and an account
/// that is paused for a day is not asked 700 times for each cart.
pub(super) fn backoff(n_refusals: u8) -> SignedDuration {
    let mins = 2 << n_refusals.min(4);
    SignedDuration::from_mins(MAX_BACKOFF_MINS.min(mins))
}
