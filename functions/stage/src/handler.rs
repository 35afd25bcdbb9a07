//! `{"stage": "nudge", "now": "<aws.scheduler.scheduled-time>", "part": 0, "parts": 1}`.

use std::collections::BTreeMap;

use cartback::decide::DeferReason;
use cartback::link::LinkKeys;
use cartback::offer::Withheld;
use cartback::part::Part;
use cartback::ports::{CartStore, Mailer, ReadError};
use cartback::remind::{OfferCounts, OnDecision, Reminded, Worker};
use cartback::stage::Stage;
use cartback::sweep::sweep;
use cartback_aws::metrics::{self, Amount};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tracing::info;

/// No cart is taken and no mail's turn waited for in the last seconds before the time-out: a reservation
/// that is made must also be used and settled.
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
    /// `part` and `parts`: what this schedule has of the stage; all of it, if they are not said.
    #[serde(flatten)]
    pub part: Part,
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
    /// Carts that the index listed.
    pub n_due: usize,
    /// Those of them that are neither sent nor put aside by a decision.
    pub n_left: usize,
    /// Seconds for which the longest due of them has been due.
    pub overdue_seconds: u64,
    /// Shops that a brake holds back, by its reason.
    pub held: BTreeMap<&'static str, usize>,
    /// How many carts came to which end.
    pub carts: BTreeMap<&'static str, usize>,
    /// Reminders that left with an offer, and without one by the reason.
    pub offers: BTreeMap<&'static str, usize>,
    /// Carts that could not be read or written; the next tick takes them again.
    pub n_errors: usize,
    /// Whether time ran out before the work.
    pub is_cut_short: bool,
}

impl Report {
    /// The report as a line for CloudWatch. How long carts are overdue is in each, be it nothing, so that
    /// a schedule which stops is missed.
    #[must_use]
    pub fn metrics(&self) -> Option<String> {
        let ends = self.carts.iter().chain(&self.held).chain(&self.offers);
        let mut amounts: BTreeMap<_, _> =
            ends.map(|(name, n)| (*name, Amount::Count(*n))).collect();
        amounts.insert("errors", Amount::Count(self.n_errors));
        let cut_short = usize::from(self.is_cut_short);
        amounts.insert("cut_short", Amount::Count(cut_short));
        amounts.insert("overdue_seconds", Amount::Seconds(self.overdue_seconds));
        if self.n_due != 0 {
            let n_of = |end| self.carts.get(end).copied().unwrap_or(0);
            let n_sent = n_of("sent") + n_of("pushed");
            amounts.insert("due", Amount::Share(self.n_due));
            amounts.insert("sent", Amount::Share(n_sent));
            amounts.insert("left", Amount::Share(self.n_left));
        }
        metrics::line(self.stage.name(), amounts, self.now)
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
        time_limit: invocation.time_limit - RESERVE,
        offers: OfferCounts::default(),
        on_decision: invocation.on_decision,
    };
    let tally = sweep(&worker, tick.stage, tick.part).await?;
    let carts: BTreeMap<_, _> = tally
        .counts
        .iter()
        .map(|(end, count)| (name(*end), *count))
        .collect();
    if !carts.is_empty() || tally.n_errors != 0 {
        info!(stage = %tick.stage, ?carts, n_errors = tally.n_errors, "Stage {} worked off", tick.stage);
    }
    let mut held = BTreeMap::new();
    for (rule, n) in &tally.held {
        if let Some(name) = held_by(*rule) {
            *held.entry(name).or_default() += n;
        }
    }
    let settled = tally.counts.iter().filter(|(end, _)| is_settled(**end));
    let n_settled: usize = settled.map(|(_, n)| n).sum();
    Ok(Report {
        stage: tick.stage,
        now: worker.started_at,
        n_due: tally.n_due,
        n_left: tally.n_due - n_settled,
        overdue_seconds: u64::try_from(tally.overdue.as_secs()).unwrap_or(0),
        held,
        carts,
        offers: tally
            .offers
            .iter()
            .map(|(why, n)| (offered(*why), *n))
            .collect(),
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

/// The metric for shops that a brake holds back; none for what holds a single cart.
fn held_by(rule: DeferReason) -> Option<&'static str> {
    match rule {
        DeferReason::Paused => Some("held_paused"),
        DeferReason::Restored => Some("held_restored"),
        DeferReason::OrdersSilent | DeferReason::OrdersUnverified => Some("held_orders"),
        DeferReason::Bounces | DeferReason::Complaints | DeferReason::Strangers => {
            Some("held_rates")
        }
        DeferReason::NewerActivity
        | DeferReason::PaymentPending
        | DeferReason::TooSoon
        | DeferReason::QuietHours => None,
    }
}

/// The metric for reminders that left with an offer, or without one for this reason.
fn offered(withheld: Option<Withheld>) -> &'static str {
    match withheld {
        None => "offers",
        Some(Withheld::NoRung) => "offers_no_rung",
        Some(Withheld::OrderedByOffer) => "offers_ordered_by_offer",
        Some(Withheld::LeftAgain) => "offers_left_again",
        Some(Withheld::PersonCap) => "offers_person_cap",
        Some(Withheld::OtherCurrency) => "offers_other_currency",
        Some(Withheld::MarginFloor) => "offers_margin_floor",
        Some(Withheld::BudgetSpent) => "offers_budget_spent",
        Some(Withheld::NoCode) => "offers_no_code",
    }
}

/// Whether the cart was worked off as it should be.
fn is_settled(end: Reminded) -> bool {
    match end {
        Reminded::Sent
        | Reminded::Pushed
        | Reminded::Duplicate
        | Reminded::Deferred
        | Reminded::Skipped
        | Reminded::Reopened
        | Reminded::Presumed
        | Reminded::Stale => true,
        Reminded::Unknown | Reminded::Refused | Reminded::Failed => false,
    }
}

fn name(end: Reminded) -> &'static str {
    match end {
        Reminded::Sent => "sent",
        Reminded::Pushed => "pushed",
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
                part: Part::WHOLE,
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

    #[test]
    fn a_tick_is_of_the_whole_stage_or_of_the_part_that_it_names() {
        let read = |text: &str| serde_json::from_str::<Tick>(text).map(|tick| tick.part);
        assert_eq!(read(r#"{"stage": "nudge"}"#).unwrap(), Part::WHOLE);
        let part = read(r#"{"stage": "final", "part": 3, "parts": 4}"#).unwrap();
        assert_eq!(part, Part::new(3, 4).unwrap());
        assert!(read(r#"{"stage": "final", "part": 4, "parts": 4}"#).is_err());
    }

    #[test]
    fn a_sweep_that_found_nothing_says_how_long_carts_are_overdue_all_the_same() {
        let quiet = Report {
            stage: Stage::Final,
            now: Timestamp::UNIX_EPOCH,
            n_due: 0,
            n_left: 0,
            overdue_seconds: 0,
            held: BTreeMap::new(),
            carts: BTreeMap::new(),
            offers: BTreeMap::new(),
            n_errors: 0,
            is_cut_short: false,
        };
        let line = quiet.metrics().unwrap();
        assert!(line.contains(r#""overdue_seconds":0"#), "{line}");
        assert!(
            !line.contains("due\":0") && !line.contains("errors"),
            "{line}"
        );
        let busy = Report {
            n_due: 3,
            n_left: 1,
            overdue_seconds: 61,
            held: BTreeMap::from([("held_orders", 1)]),
            carts: BTreeMap::from([("deferred", 2)]),
            offers: BTreeMap::from([("offers_no_code", 2)]),
            n_errors: 1,
            is_cut_short: true,
            ..quiet
        };
        let line = busy.metrics().unwrap();
        for told in [
            r#""due":3"#,
            r#""sent":0"#,
            r#""left":1"#,
            r#""overdue_seconds":61"#,
            r#""held_orders":1"#,
            r#""deferred":2"#,
            r#""offers_no_code":2"#,
            r#""errors":1"#,
            r#""cut_short":1"#,
        ] {
            assert!(line.contains(told), "{told} in {line}");
        }
    }
}
