//! A stage's tick: takes what the index lists as due, a bounded number at a time, and stops in time.
//! One bad cart never stops the others.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures_util::StreamExt;
use futures_util::stream;
use jiff::SignedDuration;
use tracing::error;

use crate::ids::{CartKey, ShopId};
use crate::ports::{CartStore, Mailer, ReadError};
use crate::remind::{Reminded, Worker};
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
    /// Carts that could not be read or written; the next sweep takes them again.
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

/// Works off what is due for `stage`, and takes no new cart once `time_limit` has passed.
///
/// # Errors
/// [`ReadError`] when the index or the shops cannot be read.
pub async fn sweep<S: CartStore, M: Mailer>(
    worker: &Worker<'_, S, M>,
    stage: Stage,
    time_limit: SignedDuration,
) -> Result<Tally, ReadError> {
    let mut tally = Tally::default();
    let mut shops = HashMap::new();
    let mut seen = HashSet::new();
    let mut n_stuck = 0;
    loop {
        let limit = BATCH + n_stuck;
        let listed = worker.store.due(stage, worker.now(), limit).await?;
        let n_listed = listed.len();
        // The index may list a cart for a moment after it moved on, and for ever if it cannot be read.
        let due: Vec<_> = listed
            .into_iter()
            .filter(|key| seen.insert(key.clone()))
            .collect();
        if due.is_empty() && n_listed < limit {
            return Ok(tally);
        }
        // Carts that stay listed must not hide those behind them.
        n_stuck = n_listed - due.len();
        load_shops(worker.store, &due, &mut shops).await?;
        let shop = |key: &CartKey| shops.get(key.shop()).and_then(Option::as_ref);
        let tasks: Vec<_> = due
            .iter()
            .map(|key| take(worker, key, stage, shop(key), time_limit))
            .collect();
        let mut ends = stream::iter(tasks).buffer_unordered(CONCURRENCY);
        while let Some(end) = ends.next().await {
            tally.add(end);
        }
        if tally.is_cut_short {
            return Ok(tally);
        }
    }
}

enum End {
    Reminded(Reminded),
    Error,
    NoTime,
}

impl Tally {
    fn add(&mut self, end: End) {
        match end {
            End::Reminded(reminded) => *self.counts.entry(reminded).or_default() += 1,
            End::Error => self.n_errors += 1,
            End::NoTime => self.is_cut_short = true,
        }
    }
}

async fn take<S: CartStore, M: Mailer>(
    worker: &Worker<'_, S, M>,
    key: &CartKey,
    stage: Stage,
    shop: Option<&Shop>,
    time_limit: SignedDuration,
) -> End {
    if time_limit <= (worker.elapsed)() {
        return End::NoTime;
    }
    let Some(shop) = shop else {
        error!(cart.id = %key, "No settings for the shop of cart {key}; run `cartback shop apply`");
        return End::Error;
    };
    match worker.remind(key, stage, shop).await {
        Ok(reminded) => End::Reminded(reminded),
        Err(error) => {
            error!(cart.id = %key, %stage, %error, "Due cart {key} left for the next sweep");
            End::Error
        }
    }
}

async fn load_shops<S: CartStore>(
    store: &S,
    due: &[CartKey],
    shops: &mut HashMap<ShopId, Option<Shop>>,
) -> Result<(), ReadError> {
    for key in due {
        if !shops.contains_key(key.shop()) {
            shops.insert(key.shop().clone(), store.shop(key.shop()).await?);
        }
    }
    Ok(())
}
