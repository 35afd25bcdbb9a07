//! One due cart: decide, reserve, send; `settle` does the rest. Exactly one worker gets the right to send, in the same
//! write that re-checks the facts; what is unknown afterwards is left to evidence, never guessed.

mod decided;
mod settle;

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tracing::{info, warn};

use crate::brake::Brake;
use crate::cart::{Cart, Payment};
use crate::compose::{ComposeError, Known, Outgoing};
use crate::contact::Contact;
use crate::decide::{Channel, Decision, Facts, SkipReason};
use crate::entry::{DecisionRecord, Entry, What};
use crate::ids::{Attempt, CartKey, ContactKey};
use crate::link::LinkKeys;
use crate::offer::Choice;
use crate::policy::Policy;
use crate::ports::{CartStore, Mailer, ReadError, Write, WriteError};
use crate::pulse::Pulse;
use crate::recorded::RecordedDecision;
use crate::rival::Rivals;
use crate::sequence::{Phase, SEND_DEADLINE};
use crate::shop::Shop;
use crate::stage::Stage;
use decided::Decided;
pub use decided::OfferCounts;

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
    /// When so much has passed, no cart is taken any more and no mail is begun.
    pub time_limit: SignedDuration,
    /// What became of offers in this invocation.
    pub offers: OfferCounts,
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
    /// The push service accepted the notification.
    Pushed,
    /// SES accepted the mail, and another one of the same stage: the corner that no protocol closes.
    Duplicate,
    /// Nobody knows yet; evidence will tell.
    Unknown,
    /// Refused for now; another try is planned.
    Refused,
    /// Given up: rejected, or not rendered three times.
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
    /// The mail's turn comes after the time limit.
    #[error("no time is left for the mail")]
    NoTime,
}

/// Who would get the mail, with all of their other carts.
struct Person {
    contact: Contact,
    rivals: Rivals,
}

impl<S: CartStore, M: Mailer> Worker<'_, S, M> {
    /// Now, by the schedule's clock and the time since.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.started_at + (self.elapsed)()
    }

    /// Time until the limit; zero or less if it is over.
    pub(crate) fn time_left(&self) -> SignedDuration {
        self.time_limit - (self.elapsed)()
    }

    /// Takes the cart `key`, which the index listed for `stage`, in `shop` with this `pulse`.
    ///
    /// # Errors
    /// [`RemindError`] when the table does not answer or the time is over; nothing was sent then.
    pub async fn remind(
        &self,
        key: &CartKey,
        stage: Stage,
        shop: &Shop,
        pulse: &Pulse,
    ) -> Result<Reminded, RemindError> {
        let now = self.now();
        let Some(cart) = self.store.cart(key).await? else {
            return Ok(Reminded::Stale);
        };
        if !is_due(&cart, stage, now) {
            return Ok(Reminded::Stale);
        }
        if let Phase::Sending(_) = cart.sequence.phase {
            return self.expire(cart, shop, pulse, now).await;
        }
        let contact = self.contact_of(&cart).await?;
        let rivals = Rivals::of(self.store, key, &contact).await?;
        let brake = pulse.brake(&shop.policy, stage, now);
        let brake = brake.or_else(|| pulse.brake_on_stranger(&cart));
        let facts = Facts {
            cart: &cart,
            contact: &contact,
            stage,
            shop_zone: &shop.zone(),
            brake: brake.as_ref(),
            restored_at: pulse.standing.restored_at,
            newer_cart: rivals.newer_than(&cart),
        };
        let decided = self.decide(&facts, shop, now).await?;
        let payment = payment(&cart);
        let record = |decided: Decided| DecisionRecord {
            stage,
            decision: decided.decision,
            payment,
            attempt: None,
            channel: Channel::Mail,
            offer: None,
            digest: decided.digest,
        };
        match decided.decision {
            Decision::Send => {
                let person = Person { contact, rivals };
                self.send(cart, person, decided, (shop, pulse)).await
            }
            Decision::Defer { until, reason: _ } => {
                self.set_aside(cart, record(decided), now, |cart| {
                    cart.sequence.defer(until)
                })
                .await?;
                Ok(Reminded::Deferred)
            }
            Decision::Skip { reason } => {
                self.set_aside(cart, record(decided), now, |cart| {
                    skip(cart, reason, shop, now)
                })
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
        person: Person,
        decided: Decided,
        (shop, pulse): (&Shop, &Pulse),
    ) -> Result<Reminded, RemindError> {
        let readings = self.readings(&cart).await?;
        let attempt = Attempt::new(self.nonce, &cart.key, cart.version, self.now());
        let (stage, verdict) = (decided.stage, decided.choice.verdict());
        let known = Known {
            contact: Some(&person.contact),
            readings,
            pulse: Some(pulse),
            offer: decided.choice.offer(),
        };
        let outgoing = match caught(|| self.outgoing(&cart, &decided, &known, attempt, shop)) {
            Ok(outgoing) => outgoing,
            Err(fault) => return self.note_poison(cart, shop, &fault).await,
        };
        // Whoever waits for a turn beyond the limit is ended in the middle of it, and all others with them.
        let is_mail = matches!(outgoing, Outgoing::Mail(_));
        if is_mail && !self.mailer.permit(self.time_left()).await {
            return Err(RemindError::NoTime);
        }
        // In the transaction it would cost twice, and after it a crash more would leave a reservation unused.
        self.tell(&cart, attempt, &decided).await?;
        let reserved_at = self.now();
        let Some(reserved) = self
            .reserve(cart, person, decided, attempt, reserved_at)
            .await?
        else {
            return Ok(Reminded::Stale);
        };
        if SEND_DEADLINE < self.now().duration_since(reserved_at) {
            warn!(cart.id = %reserved.key, %stage, "Reservation too old to be used");
            self.release(reserved, attempt).await;
            return Ok(Reminded::Refused);
        }
        let reminded = self.hand_over(reserved, &outgoing, shop).await;
        if let Some(verdict) = verdict.filter(|_| reminded == Reminded::Sent) {
            self.offers.note(verdict);
        }
        Ok(reminded)
    }

    async fn hand_over(&self, reserved: Cart, outgoing: &Outgoing, shop: &Shop) -> Reminded {
        match outgoing {
            Outgoing::Mail(mail) => {
                let reply = self.mailer.send(mail).await;
                self.settle_reply(reserved, mail, reply, shop).await
            }
            Outgoing::Push(push) => {
                let reply = self.mailer.push(push).await;
                self.settle_push(reserved, push, reply, shop).await
            }
        }
    }

    async fn tell(
        &self,
        cart: &Cart,
        attempt: Attempt,
        decided: &Decided,
    ) -> Result<(), WriteError> {
        let record = DecisionRecord {
            stage: decided.stage,
            decision: Decision::Send,
            payment: payment(cart),
            attempt: Some(attempt),
            channel: decided.channel,
            offer: decided.choice.verdict(),
            digest: decided.digest.clone(),
        };
        let write = Write {
            entries: vec![Entry::new(&cart.key, self.now(), What::Decided(record))],
            ..Write::default()
        };
        self.store.write(&write).await
    }

    /// Gives back a reservation that was not used.
    async fn release(&self, cart: Cart, attempt: Attempt) {
        let release = |cart: &mut Cart| cart.sequence.release(attempt, self.now()).then_some(());
        self.settle(cart, release, |()| None).await;
    }

    /// T1: the cart and the person are rewritten together, each only if it is as it was when the
    /// decision was made, and so are the person's other carts; an order, a stop, a newer cart or another
    /// worker in between makes it fail. So does an offer that somebody else has taken meanwhile.
    async fn reserve(
        &self,
        cart: Cart,
        person: Person,
        decided: Decided,
        attempt: Attempt,
        now: Timestamp,
    ) -> Result<Option<Cart>, RemindError> {
        let mut reserved = cart;
        if !reserved.sequence.reserve(attempt, now) {
            return Ok(None);
        }
        reserved.sequence.note_channel(decided.channel);
        let Person {
            mut contact,
            rivals,
        } = person;
        contact.disown(&rivals.gone);
        contact.note_mail(&reserved.key, decided.stage, now);
        let claim = match decided.choice {
            Choice::New(offer, claim) => {
                contact.note_offer(&reserved.key, &offer);
                reserved.note_offer(offer);
                Some(claim)
            }
            // Noted when it was claimed.
            Choice::Kept(_) | Choice::NotAsked | Choice::Withheld(_) => None,
        };
        let write = Write {
            claim,
            cart: Some(reserved),
            contact: Some(contact),
            attempt: Some(attempt),
            seen: rivals.seen(),
            ..Write::default()
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

/// What `compose` comes to; a panic is one more way of not rendering. It would end the tick of every cart that
/// is due, and that of each tick to come.
fn caught<T>(compose: impl FnOnce() -> Result<T, ComposeError>) -> Result<T, ComposeError> {
    // Nothing half changed is left behind: it only reads what it is given.
    catch_unwind(AssertUnwindSafe(compose)).unwrap_or(Err(ComposeError::Panicked))
}

/// Whether the index was right about `cart`.
fn is_due(cart: &Cart, stage: Stage, now: Timestamp) -> bool {
    let due = cart.sequence.due();
    due.is_some_and(|(planned, due_at)| planned == stage && due_at <= now)
}

fn skip(cart: &mut Cart, reason: SkipReason, shop: &Shop, now: Timestamp) {
    if reason.ends_sequence() {
        cart.sequence.close(reason, now);
    } else {
        cart.sequence.skip(reason, now);
        cart.advance(&shop.policy, now);
    }
}

fn payment(cart: &Cart) -> Option<Payment> {
    cart.facts.payment.as_ref().map(|payment| payment.value)
}

/// A stand-in for the person of a cart that has none; the rules only see that nobody is there.
fn nobody(cart: &Cart) -> Contact {
    Contact::new(ContactKey::nobody(cart.key.shop()))
}

/// What tells whether two decisions saw the same: the cart, the person, their newer cart, the brake and
/// the policy.
pub(crate) fn digest(facts: &Facts<'_>, policy: &Policy) -> String {
    let reason = facts.brake.map(Brake::reason);
    let shop = (policy, reason, facts.restored_at);
    let seen = (facts.cart, facts.contact, facts.newer_cart, shop);
    // Values of ours always serialise; an empty text would only make two digests equal.
    let seen = serde_json::to_vec(&seen).unwrap_or_default();
    Sha256::digest(seen)[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests;
