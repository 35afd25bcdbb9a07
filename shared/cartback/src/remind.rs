//! One due cart: decide, reserve, send, settle. Exactly one worker gets the right to send, in the same
//! write that re-checks the facts; what is unknown afterwards is left to evidence, never guessed.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tracing::{error, info, warn};

use crate::cart::Cart;
use crate::compose::{ComposeError, compose};
use crate::contact::Contact;
use crate::decide::{Decision, Facts, SkipReason, decide};
use crate::entry::{DecisionRecord, Entry, What};
use crate::ids::{Attempt, CartKey, ContactKey};
use crate::link::LinkKeys;
use crate::mail::Mail;
use crate::policy::OnUnknown;
use crate::ports::{CartStore, Mailer, ReadError, SendError, Write, WriteError};
use crate::recorded::RecordedDecision;
use crate::sequence::{Evidence, Expiry, MAX_TRIES, Phase, Refusal, SEND_DEADLINE};
use crate::shop::Shop;
use crate::stage::Stage;

/// Reads and writes of one settlement before it is left to evidence.
const MAX_SETTLE_TRIES: usize = 5;

/// What a worker needs for every cart it takes.
pub struct Worker<'a, S, M> {
    /// The table.
    pub store: &'a S,
    /// The way out.
    pub mailer: &'a M,
    /// Keys for the links.
    pub keys: &'a LinkKeys,
    /// Random, one for each invocation: attempts of two workers never coincide.
    pub nonce: u128,
    /// When the invocation began, by the schedule's clock.
    pub started_at: Timestamp,
    /// Time since then, monotonic.
    pub elapsed: &'a (dyn Fn() -> SignedDuration + Send + Sync),
    /// Sees each decision as it is made, with all that it was made from.
    pub on_decision: Option<&'a OnDecision>,
}

/// Who keeps decisions to make them again; see [`RecordedDecision`].
pub type OnDecision = dyn Fn(&RecordedDecision) + Send + Sync;

/// What became of one due cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reminded {
    /// SES accepted the mail.
    Sent,
    /// Nobody knows yet; evidence will tell.
    Unknown,
    /// Refused for now; another try is planned.
    Refused,
    /// Given up: rejected, or three tries without success.
    Failed,
    /// Looked at again later.
    Deferred,
    /// Ended without a mail.
    Skipped,
    /// An expired reservation was opened again.
    Reopened,
    /// An expired reservation was taken for sent.
    Presumed,
    /// The index was stale, or another worker was faster.
    Stale,
}

/// Why a cart was left as it is; the next sweep takes it again.
#[derive(Debug, thiserror::Error)]
pub enum RemindError {
    /// The table could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The table could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl<S: CartStore, M: Mailer> Worker<'_, S, M> {
    /// Now, by the schedule's clock and the time since.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.started_at + (self.elapsed)()
    }

    /// Takes the cart `key`, which the index listed for `stage`.
    ///
    /// # Errors
    /// [`RemindError`] when the table does not answer; nothing was sent then.
    pub async fn remind(
        &self,
        key: &CartKey,
        stage: Stage,
        shop: &Shop,
    ) -> Result<Reminded, RemindError> {
        let now = self.now();
        let Some(cart) = self.store.cart(key).await? else {
            return Ok(Reminded::Stale);
        };
        if cart
            .sequence
            .due()
            .is_none_or(|(planned, due_at)| planned != stage || now < due_at)
        {
            return Ok(Reminded::Stale);
        }
        if let Phase::Sending(_) = cart.sequence.phase {
            return self.expire(cart, shop, now).await;
        }
        let contact = self.contact_of(&cart).await?;
        let facts = Facts {
            cart: &cart,
            contact: &contact,
            stage,
            shop_zone: &shop.zone(),
        };
        let decision = decide(&facts, &shop.policy, now);
        let digest = digest(&cart, &contact, shop);
        if let Some(note) = self.on_decision {
            note(&RecordedDecision::new(&facts, shop, now, decision, &digest));
        }
        match decision {
            Decision::Send => self.send(cart, contact, stage, shop, digest).await,
            Decision::Defer { until, reason: _ } => {
                let record = DecisionRecord {
                    stage,
                    decision,
                    attempt: None,
                    digest,
                };
                self.set_aside(cart, record, now, |cart| cart.sequence.defer(until))
                    .await?;
                Ok(Reminded::Deferred)
            }
            Decision::Skip { reason } => {
                let record = DecisionRecord {
                    stage,
                    decision,
                    attempt: None,
                    digest,
                };
                self.set_aside(cart, record, now, |cart| skip(cart, reason, shop, now))
                    .await?;
                info!(cart.id = %key, %stage, ?reason, "Reminder skipped for cart {key}");
                Ok(Reminded::Skipped)
            }
        }
    }

    /// T1 and T2. Renders first: a cart that cannot be rendered never takes a reservation.
    async fn send(
        &self,
        cart: Cart,
        contact: Contact,
        stage: Stage,
        shop: &Shop,
        digest: String,
    ) -> Result<Reminded, RemindError> {
        let attempt = Attempt::new(self.nonce, &cart.key, cart.version, self.now());
        let mail = match compose(&cart, stage, attempt, shop, self.keys, self.now()) {
            Ok(mail) => mail,
            Err(fault) => return self.note_poison(cart, shop, &fault).await,
        };
        self.mailer.permit().await;
        let reserved_at = self.now();
        let Some(reserved) = self
            .reserve(cart, contact, attempt, stage, digest, reserved_at)
            .await?
        else {
            return Ok(Reminded::Stale);
        };
        if SEND_DEADLINE < self.now().duration_since(reserved_at) {
            warn!(cart.id = %reserved.key, %stage, "Reservation too old to be used");
            self.settle(reserved, |cart| cart.sequence.release(attempt, self.now()))
                .await;
            return Ok(Reminded::Refused);
        }
        let reply = self.mailer.send(&mail).await;
        Ok(self.settle_reply(reserved, &mail, reply, shop).await)
    }

    /// T1: the cart and the person are rewritten together, each only if it is as it was when the
    /// decision was made; an order, a stop or another worker in between makes it fail.
    async fn reserve(
        &self,
        cart: Cart,
        mut contact: Contact,
        attempt: Attempt,
        stage: Stage,
        digest: String,
        now: Timestamp,
    ) -> Result<Option<Cart>, RemindError> {
        let mut reserved = cart;
        if !reserved.sequence.reserve(attempt, now) {
            return Ok(None);
        }
        contact.note_mail(&reserved.key, stage, now);
        let record = DecisionRecord {
            stage,
            decision: Decision::Send,
            attempt: Some(attempt),
            digest,
        };
        let write = Write {
            entries: vec![Entry::new(&reserved.key, now, What::Decided(record))],
            cart: Some(reserved),
            contact: Some(contact),
            attempt: Some(attempt),
        };
        match (self.store.write(&write).await, write.cart) {
            (Ok(()), Some(mut cart)) => {
                cart.version += 1;
                Ok(Some(cart))
            }
            (Err(WriteError::Unavailable(source)), _) => {
                Err(WriteError::Unavailable(source).into())
            }
            // The reply of our own write may be what was lost: then the reservation is ours all the same.
            (Err(WriteError::Conflict | WriteError::Unknown(_)), Some(cart)) => {
                let stored = self.store.cart(&cart.key).await?;
                Ok(stored.filter(|cart| cart.sequence.is_reserved_by(attempt)))
            }
            (_, None) => Ok(None),
        }
    }

    /// T3 and T4.
    async fn settle_reply(
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
                self.settle(cart, |cart| {
                    note_accepted(cart, stage, attempt, shop, self.now())
                })
                .await;
                Reminded::Sent
            }
            Err(SendError::Unknown(source)) => {
                warn!(cart.id = %key, %stage, error = %source, "Fate of the reminder unknown for cart {key}");
                Reminded::Unknown
            }
            Err(SendError::Refused(source)) => {
                warn!(cart.id = %key, %stage, error = %source, "Reminder refused for cart {key}");
                self.settle(cart, |cart| note_refused(cart, attempt, shop, self.now()))
                    .await;
                Reminded::Refused
            }
            Err(SendError::Rejected(source)) => {
                error!(cart.id = %key, %stage, error = %source, "Reminder rejected for cart {key}");
                self.settle(cart, |cart| {
                    let is_ours = cart.sequence.reject(attempt, self.now());
                    cart.advance(&shop.policy, self.now());
                    is_ours
                })
                .await;
                Reminded::Failed
            }
        }
    }

    /// Writes what `change` makes of the cart, which others may write meanwhile. When the table does
    /// not answer, evidence settles it later.
    async fn settle(&self, mut cart: Cart, change: impl Fn(&mut Cart) -> bool) {
        let key = cart.key.clone();
        for _ in 0..MAX_SETTLE_TRIES {
            if !change(&mut cart) {
                return;
            }
            match self
                .store
                .write(&Write {
                    cart: Some(cart),
                    ..Write::default()
                })
                .await
            {
                Ok(()) => return,
                Err(error) => {
                    warn!(cart.id = %key, %error, "Outcome not written yet for cart {key}")
                }
            }
            match self.store.cart(&key).await {
                Ok(Some(stored)) => cart = stored,
                Ok(None) | Err(_) => return,
            }
        }
    }

    /// T6: a reservation ran out without evidence.
    async fn expire(
        &self,
        mut cart: Cart,
        shop: &Shop,
        now: Timestamp,
    ) -> Result<Reminded, RemindError> {
        let may_resend = shop.policy.on_unknown == OnUnknown::Resend;
        let expiry = cart.sequence.expire(may_resend, now);
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
    async fn note_poison(
        &self,
        mut cart: Cart,
        shop: &Shop,
        fault: &ComposeError,
    ) -> Result<Reminded, RemindError> {
        let now = self.now();
        let refusal = cart.sequence.note_failed_try(now + backoff(1), now);
        cart.advance(&shop.policy, now);
        let key = cart.key.clone();
        error!(cart.id = %key, error = %fault, "Reminder cannot be composed for cart {key}");
        if !self
            .write_or_stale(Write {
                cart: Some(cart),
                ..Write::default()
            })
            .await?
        {
            return Ok(Reminded::Stale);
        }
        Ok(match refusal {
            Refusal::WillRetry => Reminded::Refused,
            Refusal::GivenUp => Reminded::Failed,
        })
    }

    async fn set_aside(
        &self,
        mut cart: Cart,
        record: DecisionRecord,
        now: Timestamp,
        change: impl FnOnce(&mut Cart),
    ) -> Result<(), RemindError> {
        change(&mut cart);
        let entries = vec![Entry::new(&cart.key, now, What::Decided(record))];
        self.write_or_stale(Write {
            cart: Some(cart),
            entries,
            ..Write::default()
        })
        .await?;
        Ok(())
    }

    async fn write_or_stale(&self, write: Write) -> Result<bool, RemindError> {
        match self.store.write(&write).await {
            Ok(()) => Ok(true),
            Err(WriteError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn contact_of(&self, cart: &Cart) -> Result<Contact, ReadError> {
        let Some(person) = &cart.facts.person else {
            return Ok(nobody(cart));
        };
        let key = &person.value.key;
        Ok(self
            .store
            .contact(key)
            .await?
            .unwrap_or_else(|| Contact::new(key.clone())))
    }
}

/// Notes that SES accepted `attempt`; `false` if there is nothing to write.
fn note_accepted(
    cart: &mut Cart,
    stage: Stage,
    attempt: Attempt,
    shop: &Shop,
    now: Timestamp,
) -> bool {
    match cart.accept(stage, attempt, &shop.policy, now) {
        Evidence::Settled => true,
        Evidence::Known => false,
        Evidence::Duplicate => {
            error!(cart.id = %cart.key, %stage, "Second mail of one stage accepted for cart {}", cart.key);
            false
        }
    }
}

fn note_refused(cart: &mut Cart, attempt: Attempt, shop: &Shop, now: Timestamp) -> bool {
    let n_tries = cart.sequence.pending().map_or(0, |pending| pending.tries);
    let refusal = cart.sequence.refuse(attempt, now + backoff(n_tries), now);
    cart.advance(&shop.policy, now);
    refusal.is_some()
}

fn skip(cart: &mut Cart, reason: SkipReason, shop: &Shop, now: Timestamp) {
    if reason.ends_sequence() {
        cart.sequence.close(reason, now);
    } else {
        cart.sequence.skip(reason, now);
        cart.advance(&shop.policy, now);
    }
}

/// Two minutes, then four: all [`MAX_TRIES`] tries of a nudge fit into its hour.
fn backoff(n_tries: u8) -> SignedDuration {
    SignedDuration::from_mins(2 << n_tries.min(MAX_TRIES))
}

/// A stand-in for the person of a cart that has none; the rules only see that nobody is there.
fn nobody(cart: &Cart) -> Contact {
    Contact::new(ContactKey::nobody(cart.key.shop()))
}

/// What tells whether two decisions saw the same: the cart, the person and the policy.
pub(crate) fn digest(cart: &Cart, contact: &Contact, shop: &Shop) -> String {
    // Values of ours always serialise; an empty text would only make two digests equal.
    let facts = serde_json::to_vec(&(cart, contact, &shop.policy)).unwrap_or_default();
    Sha256::digest(facts)[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests;
