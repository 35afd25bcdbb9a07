//! `{"stage": "nudge", "now": "<aws.scheduler.scheduled-time>"}`.

use std::collections::BTreeMap;

use cartback::link::LinkKeys;
use cartback::ports::{CartStore, Mailer, ReadError};
use cartback::remind::{OnDecision, Reminded, Worker};
use cartback::stage::Stage;
use cartback::sweep::sweep;
use cartback_aws::metrics;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tracing::info;

/// No new cart is taken in the last seconds before the time-out: a reservation that is made must also
/// be used and settled.
pub const RESERVE: SignedDuration = SignedDuration::from_secs(10);

/// A tick is thrown away after a minute; the rest is for clocks that differ.
const LATEST_TICK: SignedDuration = SignedDuration::from_mins(2);

/// What every tick needs.
pub struct StageRunner<S, M> {
    /// The table.
    pub store: S,
    /// The way out.
    pub mailer: M,
    /// Keys for the links in mails.
    pub keys: LinkKeys,
}

/// What the schedule sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// The stage to work off.
    pub stage: Stage,
    /// The time the schedule meant; without it, the time of the invocation.
    #[serde(default)]
    pub now: Option<Timestamp>,
}

/// One invocation's own facts.
pub struct Invocation<'a> {
    /// When it began, by the system clock.
    pub started_at: Timestamp,
    /// Random.
    pub nonce: u128,
    /// Time since it began, monotonic.
    pub elapsed: &'a (dyn Fn() -> SignedDuration + Send + Sync),
    /// Time from its beginning to its time-out.
    pub time_limit: SignedDuration,
    /// Sees each decision as it is made; `None` on AWS, where nothing personal may be kept aside.
    pub on_decision: Option<&'a OnDecision>,
}

/// What a tick did, for the log and for local invokes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The stage worked off.
    pub stage: Stage,
    /// The time of the tick.
    pub now: Timestamp,
    /// How many carts came to which end.
    pub carts: BTreeMap<&'static str, usize>,
    /// Carts that could not be read or written; the next tick takes them again.
    pub n_errors: usize,
    /// Whether time ran out before the work.
    pub is_cut_short: bool,
}

impl Report {
    /// The report as a line for CloudWatch; `None` if there was nothing to do.
    #[must_use]
    pub fn metrics(&self) -> Option<String> {
        let counts = self.carts.iter().map(|(name, count)| (*name, *count));
        let counts = counts.chain([("errors", self.n_errors)]);
        metrics::line(self.stage.name(), counts, self.now)
    }
}

/// Works off one tick.
///
/// # Errors
/// [`ReadError`] when the table does not answer at all; the next tick takes the work.
pub async fn handle<S: CartStore, M: Mailer>(
    runner: &StageRunner<S, M>,
    tick: Tick,
    invocation: &Invocation<'_>,
) -> Result<Report, ReadError> {
    let worker = Worker {
        store: &runner.store,
        mailer: &runner.mailer,
        keys: &runner.keys,
        nonce: invocation.nonce,
        started_at: time_of(tick, invocation),
        elapsed: invocation.elapsed,
        on_decision: invocation.on_decision,
    };
    let tally = sweep(&worker, tick.stage, invocation.time_limit - RESERVE).await?;
    let carts: BTreeMap<_, _> = tally
        .counts
        .iter()
        .map(|(end, count)| (name(*end), *count))
        .collect();
    if !carts.is_empty() || tally.n_errors != 0 {
        info!(stage = %tick.stage, ?carts, n_errors = tally.n_errors, "Stage {} worked off", tick.stage);
    }
    Ok(Report {
        stage: tick.stage,
        now: worker.started_at,
        carts,
        n_errors: tally.n_errors,
        is_cut_short: tally.is_cut_short,
    })
}

/// The schedule's time, unless it is long past, as of an event that was replayed: a reservation made then would
/// have run out before its mail left, and another worker would send it again.
fn time_of(tick: Tick, invocation: &Invocation<'_>) -> Timestamp {
    let actual = invocation.started_at;
    tick.now
        .filter(|now| actual.duration_since(*now) <= LATEST_TICK)
        .unwrap_or(actual)
}

fn name(end: Reminded) -> &'static str {
    match end {
        Reminded::Sent => "sent",
        Reminded::Duplicate => "duplicates",
        Reminded::Unknown => "unknown",
        Reminded::Refused => "refused",
        Reminded::Failed => "failed",
        Reminded::Deferred => "deferred",
        Reminded::Skipped => "skipped",
        Reminded::Reopened => "reopened",
        Reminded::Presumed => "presumed",
        Reminded::Stale => "stale",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_long_past_is_not_believed_and_any_other_is() {
        let started_at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500_000);
        let invocation = Invocation {
            started_at,
            nonce: 1,
            elapsed: &|| SignedDuration::ZERO,
            time_limit: SignedDuration::from_secs(60),
            on_decision: None,
        };
        let at = |meant: Option<SignedDuration>| {
            let tick = Tick {
                stage: Stage::Nudge,
                now: meant.map(|ago| started_at - ago),
            };
            time_of(tick, &invocation)
        };
        assert_eq!(at(None), started_at);
        assert_eq!(at(Some(LATEST_TICK)), started_at - LATEST_TICK);
        let ahead = -SignedDuration::from_hours(50);
        assert_eq!(at(Some(ahead)), started_at - ahead);
        let too_old = LATEST_TICK + SignedDuration::from_secs(1);
        assert_eq!(at(Some(too_old)), started_at);
    }
}
