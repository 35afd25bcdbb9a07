//! The two ports as one invocation sees them: every call takes time, other invocations run meanwhile,
//! and the faults decide what becomes of it.

use std::pin::Pin;
use std::task::{Context, Poll};

use cartback::cart::Cart;
use cartback::contact::Contact;
use cartback::entry::Entry;
use cartback::ids::{CartKey, ContactKey, ShopId};
use cartback::mail::Mail;
use cartback::offer::{Ask, PoolCode, Stock};
use cartback::part::Part;
use cartback::ports::{
    CartStore, DueCart, Mailer, PushError, ReadError, SendError, Write, WriteError,
};
use cartback::product::Product;
use cartback::pulse::{Counts, Pulse, hour_of};
use cartback::push::Push;
use cartback::request::Request;
use cartback::shop::Shop;
use cartback::stage::Stage;
use cartback::standing::Standing;
use jiff::{SignedDuration, Timestamp};

use crate::deploy::Forms;
use crate::executor::TaskId;
use crate::fault::{Fate, chance};
use crate::history::Line;
use crate::lives::timestamp;
use crate::sabotage::Sabotage;
use crate::ses;
use crate::setting::Setting;
use crate::store::Conditions;
use crate::world::World;

/// The ports of one invocation.
pub struct Ports<'w> {
    /// Where.
    pub world: &'w World,
    /// The shop there.
    pub setting: &'w Setting,
    /// Whose calls these are.
    pub task: TaskId,
    /// The version of the program; 0 in a world without deploys.
    pub version: usize,
}

/// The time that a call takes: pending once, until the world calls back.
struct Latency<'a, 'w> {
    ports: &'a Ports<'w>,
    is_under_way: bool,
}

impl Future for Latency<'_, '_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.is_under_way {
            return Poll::Ready(());
        }
        self.is_under_way = true;
        self.ports
            .world
            .wake_later(self.ports.task, context.waker().clone());
        Poll::Pending
    }
}

impl Ports<'_> {
    /// The shop as this version has it.
    #[must_use]
    pub fn shop(&self) -> &Shop {
        self.setting.shop_of(self.version)
    }

    fn latency(&self) -> impl Future<Output = ()> + Send {
        Latency {
            ports: self,
            is_under_way: false,
        }
    }

    /// Ends the invocation: its future is dropped before it is polled again.
    async fn die<T>(&self) -> T {
        self.world.doom();
        std::future::pending().await
    }

    /// A read: it has no effect, so it is answered, not answered, or never comes back.
    async fn read(&self) -> Result<(), ReadError> {
        self.latency().await;
        match self.world.fate() {
            Fate::Work => Ok(()),
            Fate::CrashBefore | Fate::CrashAfter => self.die().await,
            Fate::LoseReply | Fate::Refuse => Err(ReadError::Unavailable("no answer".into())),
        }
    }

    fn commit(&self, write: &Write) -> Result<(), WriteError> {
        let mut conditions = Conditions {
            cart: true,
            contact: true,
            claim: true,
        };
        let mut write = write.clone();
        if let Some(sabotage) = self.world.sabotage {
            sabotage.on_write(&mut write, &mut conditions);
        }
        let now_ms = self.world.now_ms();
        let mut state = self.world.state();
        let lag_ms = state.index_lag_ms();
        let mut facts = Vec::new();
        let stored = state.forms.is_some().then(|| write.clone());
        let is_stored = state
            .table
            .write(write, conditions, now_ms, lag_ms, |fact| facts.push(fact));
        if let Some(stored) = stored.filter(|_| is_stored) {
            state.note_form(&stored, self.version);
        }
        state.history.extend(facts.into_iter().map(|fact| Line {
            at_ms: now_ms,
            fact,
        }));
        if is_stored {
            Ok(())
        } else {
            Err(WriteError::Conflict)
        }
    }

    /// Refuses an item in a form that this version does not know; `false` if it is taken for missing.
    fn can_read(&self, can: impl FnOnce(&mut Forms) -> bool) -> Result<bool, ReadError> {
        if self.world.state().forms.as_mut().is_none_or(can) {
            return Ok(true);
        }
        if self.is_broken_by(Sabotage::NewFormTakenForNothing) {
            return Ok(false);
        }
        Err(ReadError::Corrupt("a newer form".into()))
    }

    fn is_broken_by(&self, sabotage: Sabotage) -> bool {
        self.world.sabotage == Some(sabotage)
    }
}

impl CartStore for Ports<'_> {
    async fn cart(&self, key: &CartKey) -> Result<Option<Cart>, ReadError> {
        self.read().await?;
        if !self.can_read(|forms| forms.can_read_cart(key, self.version))? {
            return Ok(None);
        }
        let mut cart = self.world.state().table.cart(key).cloned();
        if let (Some(sabotage), Some(cart)) = (self.world.sabotage, &mut cart) {
            sabotage.on_read(cart);
        }
        Ok(cart)
    }

    async fn contact(&self, key: &ContactKey) -> Result<Option<Contact>, ReadError> {
        self.read().await?;
        if !self.can_read(|forms| forms.can_read_contact(key, self.version))? {
            return Ok(None);
        }
        let mut state = self.world.state();
        if self.is_broken_by(Sabotage::TtlTrusted) && chance(&mut state.rng, 1_000) {
            state.table.forget(key);
        }
        let mut contact = state.table.contact(key).cloned();
        if let Some(contact) = contact
            .as_mut()
            .filter(|_| self.is_broken_by(Sabotage::RivalsUnseen))
        {
            contact.carts.clear();
        }
        Ok(contact)
    }

    async fn shop(&self, id: &ShopId) -> Result<Option<Shop>, ReadError> {
        self.read().await?;
        let mut shop = Some(self.shop()).filter(|shop| shop.id == *id).cloned();
        if let (Some(sabotage), Some(shop)) = (self.world.sabotage, &mut shop) {
            sabotage.on_policy(&mut shop.policy);
        }
        Ok(shop)
    }

    async fn due(
        &self,
        stage: Stage,
        part: Part,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueCart>, ReadError> {
        self.read().await?;
        let now_ms = self.world.now_ms();
        let mut state = self.world.state();
        let until_ms = now.as_millisecond();
        Ok(state.table.due(stage, part, until_ms, limit, now_ms))
    }

    async fn history(&self, _: &CartKey) -> Result<Vec<Entry>, ReadError> {
        Ok(Vec::new())
    }

    async fn forget_history(&self, _: &CartKey) -> Result<(), WriteError> {
        self.latency().await;
        match self.world.fate() {
            Fate::Work => Ok(()),
            Fate::CrashBefore | Fate::CrashAfter => self.die().await,
            Fate::Refuse => Err(WriteError::Unavailable("throttled".into())),
            Fate::LoseReply => Err(WriteError::Unknown("no answer".into())),
        }
    }

    async fn product(&self, _: &ShopId, _: &str) -> Result<Option<Product>, ReadError> {
        Ok(None)
    }

    async fn put_product(&self, _: &Product) -> Result<(), WriteError> {
        Ok(())
    }

    async fn put_request(&self, _: &Request) -> Result<(), WriteError> {
        Ok(())
    }

    async fn requests(&self, _: &ShopId) -> Result<Vec<Request>, ReadError> {
        Ok(Vec::new())
    }

    async fn drop_request(&self, _: &Request) -> Result<(), WriteError> {
        Ok(())
    }

    async fn write(&self, write: &Write) -> Result<(), WriteError> {
        self.latency().await;
        if self.is_broken_by(Sabotage::AcknowledgedBeforeStored) && write.attempt.is_none() {
            // The answer does not wait for the table, and the environment freezes now and then.
            if chance(&mut self.world.state().rng, 500) {
                return Ok(());
            }
        }
        let reply = match self.world.fate() {
            Fate::CrashBefore => return self.die().await,
            Fate::Refuse => Err(WriteError::Unavailable("throttled".into())),
            Fate::Work => match self.commit(write) {
                Err(WriteError::Conflict)
                    if self.is_broken_by(Sabotage::ConflictTakenForOwn)
                        && write.attempt.is_some() =>
                {
                    Ok(())
                }
                reply => reply,
            },
            Fate::CrashAfter => {
                let _ = self.commit(write);
                return self.die().await;
            }
            Fate::LoseReply => {
                let _ = self.commit(write);
                // The SDK repeats such a request by itself, and then meets what it wrote.
                Err(if self.world.state().rng.bool() {
                    WriteError::Conflict
                } else {
                    WriteError::Unknown("no answer".into())
                })
            }
        };
        self.latency().await;
        reply
    }

    async fn count(&self, _: &ShopId, at: Timestamp, counts: &Counts) -> Result<(), WriteError> {
        self.latency().await;
        let add = || self.world.state().table.count(at, counts);
        match self.world.fate() {
            Fate::CrashBefore => self.die().await,
            Fate::Refuse => Err(WriteError::Unavailable("throttled".into())),
            Fate::Work => {
                add();
                Ok(())
            }
            Fate::CrashAfter => {
                add();
                self.die().await
            }
            Fate::LoseReply => {
                add();
                // The SDK repeats such a request by itself, and this one counts twice.
                add();
                Err(WriteError::Unknown("no answer".into()))
            }
        }
    }

    async fn pulse(&self, _: &ShopId, _: Timestamp) -> Result<Pulse, ReadError> {
        self.read().await?;
        let now_ms = self.world.now_ms();
        if self.is_broken_by(Sabotage::GateIgnored) {
            let now = timestamp(now_ms);
            let mut counts = Counts::default();
            counts.told_at = Some(now);
            let hours = [(hour_of(now), counts)].into();
            return Ok(Pulse {
                hours,
                ..Pulse::default()
            });
        }
        let state = self.world.state();
        let mut pulse = state.pulse(now_ms);
        if let Some(sabotage) = self.world.sabotage {
            sabotage.on_pulse(&mut pulse, state.trouble, now_ms);
        }
        Ok(pulse)
    }

    async fn put_standing(&self, _: &ShopId, _: &Standing) -> Result<(), WriteError> {
        Ok(())
    }

    async fn offer_stock(&self, _: &ShopId, ask: &Ask) -> Result<Stock, ReadError> {
        self.read().await?;
        let mut state = self.world.state();
        let state = &mut *state;
        Ok(state.table.shelf.stock(ask.month.as_ref(), &mut state.rng))
    }

    async fn put_codes(&self, _: &ShopId, _: &[PoolCode]) -> Result<usize, WriteError> {
        Ok(0)
    }

    async fn put_shop(&self, _: &Shop) -> Result<(), WriteError> {
        Ok(())
    }
}

impl Mailer for Ports<'_> {
    async fn permit(&self, _: SignedDuration) -> bool {
        self.latency().await;
        true
    }

    async fn push(&self, push: &Push) -> Result<(), PushError> {
        self.latency().await;
        let accept = || ses::notify(self.world, push);
        let reply = match self.world.fate() {
            Fate::CrashBefore => return self.die().await,
            Fate::Refuse if chance(&mut self.world.state().rng, 5_000) => Err(PushError::Gone),
            Fate::Refuse => Err(PushError::Refused("429".into())),
            Fate::Work => {
                accept();
                Ok(())
            }
            Fate::CrashAfter => {
                accept();
                return self.die().await;
            }
            Fate::LoseReply => {
                let is_there = self.world.state().rng.bool();
                if is_there {
                    accept();
                }
                Err(PushError::Unknown("no answer".into()))
            }
        };
        self.latency().await;
        reply
    }

    async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        let mut reply = self.request(mail).await;
        if self.is_broken_by(Sabotage::SdkRetries) {
            for _ in 0..2 {
                if matches!(reply, Err(SendError::Unknown(_))) {
                    reply = self.request(mail).await;
                }
            }
        }
        if self.is_broken_by(Sabotage::SilenceIsRefusal) {
            reply = reply.map_err(|_| SendError::Refused("no answer".into()));
        }
        reply
    }
}

impl Ports<'_> {
    async fn request(&self, mail: &Mail) -> Result<(), SendError> {
        self.latency().await;
        let reply = match self.world.fate() {
            Fate::CrashBefore => return self.die().await,
            Fate::Refuse => self.refuse(),
            Fate::Work => {
                if !self.is_broken_by(Sabotage::SendOnlyPretended) {
                    ses::accept(self.world, self.setting, mail);
                }
                Ok(())
            }
            Fate::CrashAfter => {
                ses::accept(self.world, self.setting, mail);
                return self.die().await;
            }
            Fate::LoseReply => {
                // The connection breaks on the way there or on the way back; nobody can tell.
                if self.world.state().rng.u8(0..4) != 0 {
                    ses::accept(self.world, self.setting, mail);
                }
                Err(SendError::Unknown("no answer".into()))
            }
        };
        self.latency().await;
        reply
    }

    fn refuse(&self) -> Result<(), SendError> {
        if chance(&mut self.world.state().rng, 500) {
            Err(SendError::Rejected("400".into()))
        } else {
            Err(SendError::Refused("429".into()))
        }
    }
}
