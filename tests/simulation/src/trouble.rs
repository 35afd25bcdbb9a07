//! What befalls a shop for hours so that its reminders must wait: told to the checker by the true clock,
//! and to the workers by nothing but the shop's pulse.

use cartback::pulse::Counts;
use cartback::stage::Stage;
use cartback::standing::{Pause, Standing};
use cartback::storefront::shopify::Shopify;
use fastrand::Rng;

use crate::lives::timestamp;
use crate::setting::{HOUR_MS, MINUTE_MS, START_MS};

/// What befalls the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// No order comes in any more.
    OrdersSilent,
    /// The orders' signatures are refused.
    OrdersRefused,
    /// Every mail bounces.
    Bounces,
    /// One mail in ten is reported as spam.
    Complaints,
    /// The operator says so.
    Paused,
}

/// One trouble of a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    cause: Cause,
    from_ms: i64,
    until_ms: i64,
    /// When the operator resumes, though the cause lasts.
    resumed_ms: Option<i64>,
}

/// The rest of the shop has an order every so often, far more than the twelve that must be missing.
const ORDER_EVERY_MS: i64 = 5 * MINUTE_MS;

/// Every brake but the operator's holds after so long: the last order's hour ends and two more pass; a
/// twentieth of the mails of 51 hours is three hours' mails at most.
const BRAKING_MS: i64 = 3 * HOUR_MS;

/// Bounces and complaints are looked back at for so long here; see [`crate::bustle`].
const MEMORY_MS: i64 = 52 * HOUR_MS;

impl Cause {
    const ALL: [Self; 5] = [
        Self::OrdersSilent,
        Self::OrdersRefused,
        Self::Bounces,
        Self::Complaints,
        Self::Paused,
    ];
}

impl Trouble {
    /// Any of them, for hours up to a day and a half; in every second one the operator resumes too early.
    #[must_use]
    pub fn at_random(rng: &mut Rng) -> Self {
        let cause = Cause::ALL[rng.usize(0..Cause::ALL.len())];
        let from_ms = START_MS + rng.i64(6 * HOUR_MS..7 * 24 * HOUR_MS);
        let until_ms = from_ms + rng.i64(6 * HOUR_MS..36 * HOUR_MS);
        let resumes = rng.bool() && cause != Cause::Paused;
        let resumed_ms = resumes.then(|| rng.i64(from_ms..until_ms));
        Self {
            cause,
            from_ms,
            until_ms,
            resumed_ms,
        }
    }

    /// Whether no reminder of `stage` may be begun at `at_ms`. `margin_ms` is how old a decision may be.
    #[must_use]
    pub fn must_hold(&self, stage: Stage, at_ms: i64, margin_ms: i64) -> bool {
        let braking_ms = match self.cause {
            Cause::Paused => margin_ms,
            _ => BRAKING_MS + margin_ms,
        };
        let resumed_ms = self
            .resumed_ms
            .filter(|resumed_ms| *resumed_ms <= at_ms + margin_ms);
        let since_ms = resumed_ms.unwrap_or(self.from_ms);
        self.concerns(stage) && (since_ms + braking_ms..self.until_ms).contains(&at_ms)
    }

    /// Whether a reminder of `stage` may have to wait at `at_ms`.
    #[must_use]
    pub fn may_hold(&self, stage: Stage, at_ms: i64) -> bool {
        let lasting_ms = match self.cause {
            Cause::Bounces | Cause::Complaints => MEMORY_MS,
            Cause::OrdersSilent | Cause::OrdersRefused | Cause::Paused => HOUR_MS,
        };
        self.concerns(stage) && (self.from_ms..self.until_ms + lasting_ms).contains(&at_ms)
    }

    /// Whether it is over at `at_ms`, and its traces are gone.
    #[must_use]
    pub fn is_over(&self, at_ms: i64) -> bool {
        self.until_ms + MEMORY_MS <= at_ms
    }

    /// Whether it has begun at `at_ms`.
    #[must_use]
    pub fn has_begun(&self, at_ms: i64) -> bool {
        self.from_ms <= at_ms
    }

    /// When the storefront's orders come in again, if they do not at `now_ms`.
    #[must_use]
    pub fn holds_orders_until(&self, now_ms: i64) -> Option<i64> {
        let is_held = self.is_of_orders() && (self.from_ms..self.until_ms).contains(&now_ms);
        is_held.then_some(self.until_ms)
    }

    /// How the operator's word stands at `now_ms`.
    #[must_use]
    pub fn standing(&self, now_ms: i64) -> Standing {
        let mut standing = Standing::default();
        let is_paused = self.cause == Cause::Paused;
        if is_paused && (self.from_ms..self.until_ms).contains(&now_ms) {
            standing.paused = Some(Pause {
                at: timestamp(self.from_ms),
                reason: "trouble".to_owned(),
            });
        }
        let resumed_ms = if is_paused {
            Some(self.until_ms)
        } else {
            self.resumed_ms
        };
        let resumed_ms = resumed_ms.filter(|resumed_ms| *resumed_ms <= now_ms);
        standing.resumed_at = resumed_ms.map(timestamp);
        standing
    }

    /// What the rest of the shop counts in one hour, or in its part up to now, but for its mails.
    #[must_use]
    pub fn orders(&self, hour_ms: i64, end_ms: i64) -> Counts {
        let (from_ms, until_ms) = self.within(hour_ms, end_ms);
        let mut counts = Counts::default();
        counts.n_orders = marks(hour_ms, end_ms, ORDER_EVERY_MS);
        if self.is_of_orders() {
            counts.n_orders -= marks(from_ms, until_ms, ORDER_EVERY_MS);
        }
        if self.cause == Cause::OrdersRefused {
            for _ in 0..marks(from_ms, until_ms, ORDER_EVERY_MS) {
                counts.add(&Counts::refused(&Shopify));
            }
        }
        counts
    }

    /// Adds what becomes of the mails that the rest of the shop sends every minute of the same time.
    pub fn note_mails(&self, counts: &mut Counts, hour_ms: i64, end_ms: i64) {
        let (from_ms, until_ms) = self.within(hour_ms, end_ms);
        let mails = counts.mails_mut(Stage::Nudge);
        match self.cause {
            Cause::Bounces => mails.n_bounced = marks(from_ms, until_ms, MINUTE_MS),
            Cause::Complaints => mails.n_complained = marks(from_ms, until_ms, 10 * MINUTE_MS),
            Cause::OrdersSilent | Cause::OrdersRefused | Cause::Paused => {}
        }
    }

    fn within(&self, hour_ms: i64, end_ms: i64) -> (i64, i64) {
        let from_ms = self.from_ms.clamp(hour_ms, end_ms);
        (from_ms, self.until_ms.clamp(from_ms, end_ms))
    }

    fn is_of_orders(&self) -> bool {
        matches!(self.cause, Cause::OrdersSilent | Cause::OrdersRefused)
    }

    /// The rest of the shop sends nudges alone.
    fn concerns(&self, stage: Stage) -> bool {
        let is_of_mails = matches!(self.cause, Cause::Bounces | Cause::Complaints);
        !is_of_mails || stage == Stage::Nudge
    }
}

/// How many whole multiples of `every_ms` lie in the span, its end left out.
#[must_use]
pub fn marks(from_ms: i64, until_ms: i64, every_ms: i64) -> u64 {
    let before = |ms: i64| (ms + every_ms - 1).div_euclid(every_ms);
    u64::try_from(before(until_ms) - before(from_ms)).unwrap_or(0)
}
