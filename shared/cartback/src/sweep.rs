//! A stage's tick: takes what the index lists as due, a bounded number at a time, and stops in time.
//! One bad cart never stops the others.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures_util::StreamExt;
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};
use tracing::{error, warn};

use crate::decide::DeferReason;
use crate::ids::{CartKey, ShopId};
use crate::offer::Withheld;
use crate::part::Part;
use crate::ports::{CartStore, DueCart, Mailer, ReadError};
use crate::pulse::{Counts, PULSE_SPAN, Pulse, count, hour_of};
use crate::remind::{RemindError, Reminded, Worker};
use crate::shop::Shop;
use crate::stage::Stage;

/// Carts under way at once: enough to hide the table's and SES's latency at SES's usual 14 mails a
/// second, few enough for 128 MB.
const CONCURRENCY: usize = 16;

/// Carts asked of the index at a time.
const BATCH: usize = 200;

/// What a sweep did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many carts came to each end.
    pub counts: BTreeMap<Reminded, usize>,
    /// Carts that the index listed, each once.
    pub n_due: usize,
    /// How long the longest due of them has been; zero if none is.
    pub overdue: SignedDuration,
    /// Shops that a brake holds back, by its reason; only shops of which something is due are seen.
    pub held: BTreeMap<DeferReason, usize>,
    /// Reminders that left with an offer, under `None`, and without one, by the reason.
    pub offers: BTreeMap<Option<Withheld>, usize>,
    /// Carts that could not be read or written, or whose shop could not; the next sweep takes them again.
    pub n_errors: usize,
    /// Whether time ran out before the index was empty.
    pub is_cut_short: bool,
}

impl Tally {
    /// How many carts came to `end`.
    #[must_use]
    pub fn count(&self, end: Reminded) -> usize {
        self.counts.get(&end).copied().unwrap_or(0)
    }
}

/// Works off what is due in this `part` of `stage`, until the worker's time limit.
///
/// # Errors
/// [`ReadError`] when the index, the shops or their pulses cannot be read; a shop whose items cannot be
/// understood only leaves its own carts.
pub async fn sweep<S: CartStore, M: Mailer>(
    worker: &Worker<'_, S, M>,
    stage: Stage,
    part: Part,
) -> Result<Tally, ReadError> {
    let mut sweep = Sweep {
        worker,
        stage,
        part,
        tally: Tally::default(),
        shops: HashMap::new(),
        sent: BTreeMap::new(),
    };
    let result = sweep.work_off().await;
    // Whatever ended the sweep, these mails have left.
    for ((shop, hour), n_sent) in &sweep.sent {
        count(worker.store, shop, *hour, &Counts::sent(stage, *n_sent)).await;
    }
    sweep.tally.offers = worker.offers.counts();
    result.map(|()| sweep.tally)
}

struct Sweep<'a, S, M> {
    worker: &'a Worker<'a, S, M>,
    stage: Stage,
    part: Part,
    tally: Tally,
    /// What is known of each shop met so far; nothing of those without settings that can be read.
    shops: HashMap<ShopId, Option<(Shop, Pulse)>>,
    /// Mails accepted by reply, by shop and hour.
    sent: BTreeMap<(ShopId, Timestamp), u64>,
}

enum End {
    Reminded(Reminded),
    Error,
    NoTime,
}

impl<S: CartStore, M: Mailer> Sweep<'_, S, M> {
    async fn work_off(&mut self) -> Result<(), ReadError> {
        let mut seen = HashSet::new();
        let mut n_stuck = 0;
        loop {
            let limit = BATCH + n_stuck;
            let now = self.worker.now();
            let store = self.worker.store;
            let listed = store.due(self.stage, self.part, now, limit).await?;
            let n_listed = listed.len();
            // The index may list a cart for a moment after it moved on, and for ever if it cannot be read.
            let due: Vec<_> = listed
                .into_iter()
                .filter(|cart| seen.insert(cart.key.clone()))
                .collect();
            self.note_due(&due, now);
            let due: Vec<_> = due.into_iter().map(|cart| cart.key).collect();
            if due.is_empty() && n_listed < limit {
                return Ok(());
            }
            // Carts that stay listed must not hide those behind them.
            n_stuck = n_listed - due.len();
            self.load_shops(&due).await?;
            self.take_all(&due).await;
            if self.tally.is_cut_short {
                return Ok(());
            }
        }
    }

    fn note_due(&mut self, due: &[DueCart], now: Timestamp) {
        let overdue = due.iter().map(|cart| now.duration_since(cart.due_at)).max();
        self.tally.n_due += due.len();
        self.tally.overdue = self.tally.overdue.max(overdue.unwrap_or_default());
    }

    async fn take_all(&mut self, due: &[CartKey]) {
        let tasks: Vec<_> = due.iter().map(|key| self.take(key)).collect();
        let ends = stream::iter(tasks).buffer_unordered(CONCURRENCY);
        let ends: Vec<_> = ends.collect().await;
        for (key, began_at, end) in ends {
            match end {
                End::Reminded(reminded) => {
                    *self.tally.counts.entry(reminded).or_default() += 1;
                    if matches!(reminded, Reminded::Sent | Reminded::Duplicate) {
                        let hour = (key.shop().clone(), hour_of(began_at));
                        *self.sent.entry(hour).or_default() += 1;
                    }
                }
                End::Error => self.tally.n_errors += 1,
                End::NoTime => self.tally.is_cut_short = true,
            }
        }
    }

    /// The cart, when it was begun with, and what became of it.
    async fn take<'k>(&self, key: &'k CartKey) -> (&'k CartKey, Timestamp, End) {
        let (worker, stage) = (self.worker, self.stage);
        let began_at = worker.now();
        if worker.time_left() <= SignedDuration::ZERO {
            return (key, began_at, End::NoTime);
        }
        let Some((shop, pulse)) = self.shops.get(key.shop()).and_then(Option::as_ref) else {
            return (key, began_at, End::Error);
        };
        let end = match worker.remind(key, stage, shop, pulse).await {
            Ok(reminded) => End::Reminded(reminded),
            Err(RemindError::NoTime) => End::NoTime,
            Err(error) => {
                error!(cart.id = %key, %stage, %error, "Due cart {key} left for the next sweep");
                End::Error
            }
        };
        (key, began_at, end)
    }

    async fn load_shops(&mut self, due: &[CartKey]) -> Result<(), ReadError> {
        for id in due.iter().map(CartKey::shop) {
            if self.shops.contains_key(id) {
                continue;
            }
            let known = match self.read_shop(id).await {
                Ok(None) => {
                    error!(shop.id = %id, "No settings for the shop {id}; run `cartback shop apply`");
                    None
                }
                // It is the same at each tick, and the other shops must not wait for it.
                Err(error @ ReadError::Corrupt(_)) => {
                    error!(shop.id = %id, %error, "Settings or pulse of shop {id} cannot be understood");
                    None
                }
                known => known?,
            };
            if let Some((shop, pulse)) = &known {
                self.tell_brake(shop, pulse);
            }
            self.shops.insert(id.clone(), known);
        }
        Ok(())
    }

    async fn read_shop(&self, id: &ShopId) -> Result<Option<(Shop, Pulse)>, ReadError> {
        let store = self.worker.store;
        let Some(shop) = store.shop(id).await? else {
            return Ok(None);
        };
        let since = self.worker.now().checked_sub(PULSE_SPAN);
        let pulse = store.pulse(id, since.unwrap_or(Timestamp::MIN)).await?;
        Ok(Some((shop, pulse)))
    }

    /// One line a sweep, not one a cart.
    fn tell_brake(&mut self, shop: &Shop, pulse: &Pulse) {
        let (stage, now) = (self.stage, self.worker.now());
        if let Some(brake) = pulse.brake(&shop.policy, stage, now) {
            let (id, rule) = (&shop.id, brake.reason());
            *self.tally.held.entry(rule).or_default() += 1;
            warn!(shop.id = %id, %stage, ?rule, "Reminders of shop {id} wait: {brake}");
        }
    }
}
