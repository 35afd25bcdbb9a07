//! One invocation each: what is called, by which version of the program, and what follows from its end.

use std::sync::Arc;

use cartback::event::{CartEvent, Change};
use cartback::evidence::{MailEvent, MailEventKind, note_mail_event};
use cartback::ids::{Attempt, CartKey, ContactKey};
use cartback::link::{Link, Purpose};
use cartback::part::Part;
use cartback::record::record;
use cartback::remind::{OfferCounts, Worker};
use cartback::stage::Stage;
use cartback::sweep::sweep;
use cartback::visit::{restore, unsubscribe};
use jiff::{SignedDuration, Timestamp};

use super::{MAX_SKEW_MS, Play, timestamp};
use crate::deploy::Program;
use crate::executor::{End, TIME_LIMIT_MS};
use crate::history::{Fact, Kind, News};
use crate::ports::Ports;
use crate::sabotage::Sabotage;
use crate::setting::MINUTE_MS;

/// One invocation to make.
#[derive(Debug, Clone)]
pub enum Errand {
    /// A storefront delivers a message, again until it is acknowledged.
    Message {
        /// The message's events.
        events: Arc<[CartEvent]>,
    },
    /// The provider's event reaches feedback from a queue, again a minute later if that fails.
    MailEvent {
        /// The event.
        event: MailEvent,
        /// Who got the mail.
        person: ContactKey,
    },
    /// Someone unsubscribes by their mail program, which tries until it is told that it worked.
    Unsubscribe {
        /// The link's token.
        token: String,
        /// Whose mails are to stop.
        person: ContactKey,
    },
    /// Someone goes on to the checkout.
    Restore {
        /// Of this cart.
        cart: CartKey,
        /// By this mail.
        attempt: Attempt,
    },
    /// The schedule invokes a stage.
    Tick {
        /// Which.
        stage: Stage,
        /// The time that the schedule meant, in milliseconds since 1970.
        meant_ms: i64,
    },
}

impl<'w> Play<'w> {
    pub(super) fn start(&mut self, errand: Errand) -> Option<(Errand, End)> {
        let (world, setting) = (self.world, self.setting);
        let began_ms = world.now_ms();
        if let Some(until_ms) = self.held_back_until(&errand, began_ms) {
            world.state().plan_errand(until_ms, errand);
            return None;
        }
        let ports = self.ports(&errand, began_ms);
        let skew_ms = world.state().rng.i64(-MAX_SKEW_MS..=MAX_SKEW_MS);
        let now = timestamp(began_ms + skew_ms);
        let is_frozen = world.sabotage == Some(Sabotage::NoFence);
        let kill_at_ms = began_ms
            + if is_frozen {
                i64::MAX / 2
            } else {
                TIME_LIMIT_MS
            };
        match errand.clone() {
            Errand::Message { events } => self.executor.spawn(errand, kill_at_ms, async move {
                let reply = record(&ports, ports.shop(), &setting.pepper, &events, now).await;
                reply.is_ok()
            }),
            Errand::MailEvent { event, .. } => {
                self.executor.spawn(errand, kill_at_ms, async move {
                    note_mail_event(&ports, &event, now).await.is_ok()
                })
            }
            Errand::Unsubscribe { token, .. } => {
                self.executor.spawn(errand, kill_at_ms, async move {
                    let reply = unsubscribe(&ports, &setting.keys.0, &token, now).await;
                    matches!(reply, Ok(Some(_)))
                })
            }
            Errand::Restore { cart, attempt } => {
                let link = Link {
                    purpose: Purpose::Restore(cart),
                    attempt,
                    expires_at: None,
                };
                let token = setting.keys.0.sign(&link);
                self.executor.spawn(errand, kill_at_ms, async move {
                    restore(&ports, &setting.keys.0, &token, now).await.is_ok()
                })
            }
            Errand::Tick { stage, meant_ms } => {
                let invocation = Invocation {
                    began_ms,
                    started_at: timestamp(meant_ms + skew_ms),
                    nonce: world.state().rng.u128(..),
                };
                let work = work_off(ports, stage, invocation);
                self.executor.spawn(errand, kill_at_ms, work)
            }
        }
    }

    /// When the storefront tells of an order that it cannot tell of now.
    fn held_back_until(&self, errand: &Errand, now_ms: i64) -> Option<i64> {
        let is_order = |event: &CartEvent| matches!(event.change, Change::OrderPlaced(_));
        let Errand::Message { events } = errand else {
            return None;
        };
        let mut state = self.world.state();
        let until_ms = state.trouble.filter(|_| events.iter().any(is_order))?;
        let until_ms = until_ms.holds_orders_until(now_ms)?;
        Some(until_ms + state.rng.i64(0..30 * MINUTE_MS))
    }

    /// The ports of an invocation for `errand`, of the version that takes it.
    fn ports(&self, errand: &Errand, now_ms: i64) -> Ports<'w> {
        let mut state = self.world.state();
        Ports {
            world: self.world,
            setting: self.setting,
            task: self.executor.next_id(),
            version: self
                .deploys
                .version(Program::of(errand), now_ms, &mut state.rng),
        }
    }

    /// What follows the end of an invocation: an acknowledgement, or another try later.
    pub(super) fn conclude(&mut self, errand: Errand, end: End) {
        let now_ms = self.world.now_ms();
        let is_done = end == End::Done;
        let retry_ms = match errand {
            Errand::Message { events } if is_done => return self.acknowledge(&events),
            Errand::Unsubscribe { person, .. } if is_done => {
                return self.world.tell(Fact::Stopped(person));
            }
            Errand::MailEvent { event, person, .. } if is_done => {
                if is_stop(event.kind) {
                    self.world.tell(Fact::Stopped(person));
                }
                return;
            }
            Errand::Tick { .. } | Errand::Restore { .. } => return,
            // From its queue after the visibility time-out.
            Errand::MailEvent { .. } => MINUTE_MS,
            Errand::Message { .. } | Errand::Unsubscribe { .. } => {
                self.world.state().rng.i64(1_000..3 * MINUTE_MS)
            }
        };
        self.world.state().plan_errand(now_ms + retry_ms, errand);
    }

    fn acknowledge(&self, events: &[CartEvent]) {
        for event in events {
            let contact = event.contact.as_ref();
            for cart in &event.carts {
                let news = News {
                    cart: self.setting.cart_key(cart),
                    person: contact.map(|contact| self.setting.contact_key(&contact.email)),
                    at_ms: event.at.as_millisecond(),
                    kind: Kind::of(&event.change),
                };
                self.world.tell(Fact::Acknowledged(news));
            }
        }
    }
}

/// What is particular to one tick's invocation.
struct Invocation {
    began_ms: i64,
    started_at: Timestamp,
    nonce: u128,
}

async fn work_off(ports: Ports<'_>, stage: Stage, invocation: Invocation) -> bool {
    let is_frozen = ports.world.sabotage == Some(Sabotage::NoFence);
    let elapsed = || {
        let ms = ports.world.now_ms() - invocation.began_ms;
        SignedDuration::from_millis(if is_frozen { 0 } else { ms })
    };
    let worker = Worker {
        store: &ports,
        mailer: &ports,
        keys: &ports.setting.keys.0,
        nonce: invocation.nonce,
        started_at: invocation.started_at,
        elapsed: &elapsed,
        time_limit: SignedDuration::from_millis(TIME_LIMIT_MS - 10_000),
        offers: OfferCounts::default(),
        on_decision: None,
    };
    sweep(&worker, stage, Part::WHOLE).await.is_ok()
}

fn is_stop(kind: MailEventKind) -> bool {
    matches!(kind, MailEventKind::HardBounce | MailEventKind::Complaint)
}
