//! Plays messages and the ticks between them: each message at its time, each tick on the first full
//! minute at which something is due, before the messages of later times.

use std::collections::BTreeMap;

use cartback::decide::{Decision, DeferReason};
use cartback::entry::What;
use cartback::ids::Pepper;
use cartback::link::{LinkKey, LinkKeys};
use cartback::mail::Mail;
use cartback::memory::MemoryStore;
use cartback::part::Part;
use cartback::ports::{CartStore, Mailer, PushError, SendError};
use cartback::push::Push;
use cartback::record::record;
use cartback::remind::{OfferCounts, Worker};
use cartback::sequence::StageLog;
use cartback::shop::Shop;
use cartback::stage::Stage;
use cartback::standing::Standing;
use cartback::story::why_idle;
use cartback::sweep::sweep;
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};

use super::events::Message;
use crate::Failure;
use crate::decision_file::DecisionFile;

/// Ticks go on for this long after the last message: longer than the last stage of any cart.
const TAIL: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The storefront's id of a cart, and one of the cart's stages.
pub(super) type CartStage = (String, Stage);

/// What became of all carts.
#[derive(Default)]
pub(super) struct Replayed {
    pub(super) n_carts: usize,
    /// How each planned stage ended.
    pub(super) ends: BTreeMap<CartStage, End>,
    /// How often stages were put off.
    pub(super) waits: Vec<(Stage, DeferReason)>,
    /// Why carts never had a stage planned.
    pub(super) idle: Vec<&'static str>,
    /// Stages that had no end [`TAIL`] after the last event; there should be none.
    pub(super) n_open: usize,
}

/// How a stage ended.
pub(super) struct End {
    /// The person's address as the events have it; `None` if nobody is known, or no longer.
    pub(super) person: Option<String>,
    pub(super) log: StageLog,
}

/// Plays `messages`, oldest first, in the shop as its settings are.
pub(super) async fn play(
    shop: &Shop,
    messages: &[Message],
    record_to: Option<&DecisionFile>,
) -> Result<Replayed, Failure> {
    let mut player = Player {
        shop,
        has_ended: false,
        store: MemoryStore::default(),
        keys: LinkKeys::new(vec![LinkKey {
            id: 0,
            secret: vec![0; 32],
        }])?,
        record_to,
        ticked_at: Timestamp::MIN,
        nonce: 0,
    };
    player.store.put_shop(shop).await?;
    // The keys of people leave no replay, so any secret will do.
    let pepper = Pepper(vec![0; 32]);
    for message in messages {
        player.run_until(message.at).await?;
        record(&player.store, shop, &pepper, &message.events, message.at).await?;
    }
    if let Some(last) = messages.last() {
        let end = last.at.checked_add(TAIL).unwrap_or(Timestamp::MAX);
        player.has_ended = true;
        player.run_until(end).await?;
    }
    player.outcome().await
}

struct Player<'a> {
    shop: &'a Shop,
    /// Whether the last message was played.
    has_ended: bool,
    store: MemoryStore,
    keys: LinkKeys,
    record_to: Option<&'a DecisionFile>,
    ticked_at: Timestamp,
    nonce: u128,
}

impl Player<'_> {
    /// Runs the ticks up to and at `end`.
    async fn run_until(&mut self, end: Timestamp) -> Result<(), Failure> {
        while let Some(due_at) = self.store.next_due() {
            let tick = tick_for(due_at, self.ticked_at)?;
            if end < tick {
                break;
            }
            self.tick(tick).await?;
        }
        Ok(())
    }

    async fn tick(&mut self, at: Timestamp) -> Result<(), Failure> {
        self.ticked_at = at;
        if self.has_ended {
            // The file has no more orders, which says nothing about the shop's.
            let mut standing = Standing::default();
            standing.resume(at);
            self.store.put_standing(&self.shop.id, &standing).await?;
        }
        for stage in Stage::ALL {
            self.nonce += 1;
            let worker = Worker {
                store: &self.store,
                mailer: &Accepting,
                keys: &self.keys,
                nonce: self.nonce,
                started_at: at,
                elapsed: &|| SignedDuration::ZERO,
                time_limit: SignedDuration::from_mins(1),
                offers: OfferCounts::default(),
                on_decision: self.record_to.map(DecisionFile::on_decision),
            };
            let tally = sweep(&worker, stage, Part::WHOLE).await?;
            if tally.n_errors != 0 {
                return Err(
                    format!("{} carts could not be worked off at {at}", tally.n_errors).into(),
                );
            }
        }
        Ok(())
    }

    async fn outcome(&self) -> Result<Replayed, Failure> {
        let mut replayed = Replayed::default();
        for cart in self.store.carts(&self.shop.id) {
            replayed.n_carts += 1;
            replayed.idle.extend(why_idle(&cart));
            replayed.n_open += usize::from(cart.sequence.due().is_some());
            let person = cart.facts.person.as_ref();
            let person = person.map(|person| person.value.email.expose().to_owned());
            for log in &cart.sequence.log {
                let end = End {
                    person: person.clone(),
                    log: log.clone(),
                };
                replayed.ends.insert((cart.id.to_string(), log.stage), end);
            }
            for entry in self.store.history(&cart.key).await? {
                if let What::Decided(decided) = entry.what
                    && let Decision::Defer { reason, until: _ } = decided.decision
                {
                    replayed.waits.push((decided.stage, reason));
                }
            }
        }
        Ok(replayed)
    }
}

/// The first full minute at which what is due at `due_at` can be taken, after the tick before: what
/// one tick leaves due, because two carts of one person met, the next one takes.
fn tick_for(due_at: Timestamp, ticked_at: Timestamp) -> Result<Timestamp, Failure> {
    let full_minute = TimestampRound::new()
        .smallest(Unit::Minute)
        .mode(RoundMode::Ceil);
    let after = ticked_at + SignedDuration::from_nanos(1);
    Ok(due_at.max(after).round(full_minute)?)
}

/// A mailer that accepts every mail and keeps none.
struct Accepting;

impl Mailer for Accepting {
    async fn permit(&self, _: SignedDuration) -> bool {
        true
    }

    async fn push(&self, _: &Push) -> Result<(), PushError> {
        Ok(())
    }

    async fn send(&self, _: &Mail) -> Result<(), SendError> {
        Ok(())
    }
}
