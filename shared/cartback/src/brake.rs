//! The brakes: what a shop's pulse shows that makes every further reminder a risk. Each releases by
//! itself when the figures recover; `cartback resume` releases it at once.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::cart::Cart;
use crate::decide::DeferReason;
use crate::event::Origin;
use crate::policy::{Fault, Policy};
use crate::pulse::{Counts, Pulse, hour_of};
use crate::stage::Stage;
use crate::storefront::N_STOREFRONTS;

/// How long a braked reminder waits for the next look.
pub const BRAKE_PAUSE: SignedDuration = SignedDuration::from_mins(30);

/// Orders that must have been expected since the last one before their absence counts. Were they
/// independent of each other, so long a silence would come by chance once in e^12, 160,000, looks.
const MIN_EXPECTED_ORDERS: u64 = 12;

/// The shortest silence that counts, however busy the shop.
const MIN_SILENCE: SignedDuration = SignedDuration::from_hours(2);

/// Days of orders that are compared with, at most and at least, and the fewest orders in them.
const HISTORY_DAYS: (i64, i64) = (14, 7);
const MIN_HISTORY_ORDERS: u64 = 50;

/// Refused messages in two hours that stop a shop of which no order is accepted since, and nothing from the
/// same storefront.
const MIN_REFUSED: u64 = 5;

/// Bounces and complaints look back this far; fewer than so many prove nothing.
const RATE_SPAN: SignedDuration = SignedDuration::from_hours(7 * 24);
const MIN_BOUNCES: u64 = 5;
const MIN_COMPLAINTS: u64 = 3;

/// People named by pages alone in three hours: so many are never too many, nor are so many times what
/// three of the busier hours of two weeks bring. Busier than three in four, so that a flood of three days
/// does not become usual before anybody looks.
const MIN_STRANGERS: u64 = 50;
const STRANGERS_FACTOR: u64 = 6;

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Limits above which a stage's reminders wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Brakes {
    /// Hard bounces in a hundred mails of seven days, 1 to 10. SES reviews accounts at 5 and may pause
    /// them at 10. Source: SES guide, "sending review process".
    pub max_bounce_percent: u8,
    /// Spam complaints in ten thousand mails of seven days, 1 to 50. SES reviews accounts at 10 and may
    /// pause them at 50. Source: the same.
    pub max_complaints_per_10000: u8,
}

/// What holds a shop's reminders back, with the figures that show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Brake {
    /// The table is a restored backup, and the operator has not said what then holds.
    Restored,
    /// The operator said so.
    Paused {
        /// Why.
        reason: String,
    },
    /// Orders have stopped coming in, and with them the word that a cart was bought.
    OrdersSilent {
        /// The last order's hour was over, or the operator resumed.
        since: Timestamp,
        /// Orders that a usual time of this length brings, rounded down.
        n_expected: u64,
    },
    /// Orders come in, but not one message of their storefront with a good signature.
    OrdersUnverified {
        /// In two hours running of this day, since the last good one.
        n_refused: u64,
    },
    /// Too many addresses do not exist.
    Bounces {
        /// Mails of the stage in seven days.
        n_sent: u64,
        /// Bounces of them.
        n_bounced: u64,
    },
    /// Too many people reported the mails as spam.
    Complaints {
        /// Mails of the stage in seven days.
        n_sent: u64,
        /// Complaints about them.
        n_complained: u64,
    },
    /// Pages name far more people than usual: somebody may be typing strangers' addresses.
    Strangers {
        /// In the hour in which this one was named, the one before and the one after.
        n_strangers: u64,
        /// In three busy hours.
        n_usual: u64,
    },
}

impl Brake {
    /// What is written with the reminders that wait.
    #[must_use]
    pub fn reason(&self) -> DeferReason {
        match self {
            Self::Restored => DeferReason::Restored,
            Self::Paused { .. } => DeferReason::Paused,
            Self::OrdersSilent { .. } => DeferReason::OrdersSilent,
            Self::OrdersUnverified { .. } => DeferReason::OrdersUnverified,
            Self::Bounces { .. } => DeferReason::Bounces,
            Self::Complaints { .. } => DeferReason::Complaints,
            Self::Strangers { .. } => DeferReason::Strangers,
        }
    }
}

impl fmt::Display for Brake {
    /// The figures and the remedy, for the operator's log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Restored => f.write_str(
                "the table was restored from a backup; follow \"After a restore\" in docs/deploy.md, then run \
                 `cartback resume` with --after-restore",
            ),
            Self::Paused { reason } => write!(
                f,
                "paused by the operator ({reason}); run `cartback resume` when that is over"
            ),
            Self::OrdersSilent { since, n_expected } => write!(
                f,
                "no order since {since}, where {n_expected} are usual; see that the storefront still sends orders, \
                 or run `cartback resume` if none were placed"
            ),
            Self::OrdersUnverified { n_refused } => write!(
                f,
                "{n_refused} messages of one storefront with a bad signature in two hours, none with a good one and no \
                 order since; compare the shop's webhook secret with the storefront's"
            ),
            Self::Bounces { n_sent, n_bounced } => write!(
                f,
                "{n_bounced} hard bounces of {n_sent} mails in seven days; see where the addresses come from, then \
                 run `cartback resume`"
            ),
            Self::Complaints { n_sent, n_complained } => write!(
                f,
                "{n_complained} spam complaints about {n_sent} mails in seven days; see who is mailed and whether \
                 they agreed, then run `cartback resume`"
            ),
            Self::Strangers { n_strangers, n_usual } => write!(
                f,
                "pages named {n_strangers} people in three hours, where {n_usual} are usual; see whether somebody types \
                 strangers' addresses into the shop, then run `cartback resume`"
            ),
        }
    }
}

impl Brakes {
    /// All faults, in the order of the fields.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let fields = [
            (
                "policy.brakes.max_bounce_percent",
                self.max_bounce_percent,
                10,
                "stop at 1 to 10 hard bounces in a hundred mails",
            ),
            (
                "policy.brakes.max_complaints_per_10000",
                self.max_complaints_per_10000,
                50,
                "stop at 1 to 50 spam complaints in ten thousand mails",
            ),
        ];
        let faulty = fields
            .into_iter()
            .filter(|(_, value, most, _)| !(1..=*most).contains(value));
        faulty
            .map(|(field, value, _, remedy)| Fault::new(field, value.to_string(), remedy))
            .collect()
    }
}

impl Default for Brakes {
    fn default() -> Self {
        Self {
            max_bounce_percent: 5,
            max_complaints_per_10000: 10,
        }
    }
}

impl Pulse {
    /// What holds the reminders of `stage` back at `now`; the operator's word first.
    #[must_use]
    pub fn brake(&self, policy: &Policy, stage: Stage, now: Timestamp) -> Option<Brake> {
        if self.is_of_other_table {
            return Some(Brake::Restored);
        }
        if let Some(pause) = &self.standing.paused {
            let reason = pause.reason.clone();
            return Some(Brake::Paused { reason });
        }
        self.unverified(now)
            .or_else(|| self.silent(now))
            .or_else(|| self.disliked(&policy.brakes, stage, now))
    }

    /// What holds the reminders of `cart` back for whom it names: in the hour in which a page named them,
    /// or next to it, pages named too many. Strangers hold back only each other, so that whoever sends
    /// them cannot stop the shop's, and for good, so that waiting does not help.
    #[must_use]
    pub fn brake_on_stranger(&self, cart: &Cart) -> Option<Brake> {
        let person = cart.facts.person.as_ref()?;
        if person.stamp.origin == Origin::Shop {
            return None;
        }
        let hour = hour_of(person.stamp.at);
        let from = self.since_resumed(hour - HOUR);
        if hour + HOUR < from {
            return None;
        }
        let around = self.hours.range(from..=hour + HOUR);
        let n_strangers = around.map(|(_, counts)| counts.n_strangers).sum();
        let before = hour - DAY * day_count(HISTORY_DAYS.0)..hour - HOUR;
        let mut usual: Vec<u64> = self
            .hours
            .range(before)
            .map(|(_, counts)| counts.n_strangers)
            .collect();
        usual.sort_unstable();
        // Hours in which nothing was counted are not kept.
        let n_above = usize::try_from(HISTORY_DAYS.0 * 24 / 4).unwrap_or(0);
        let n_usual = 3 * usual.iter().rev().nth(n_above).copied().unwrap_or(0);
        let is_braked = MIN_STRANGERS.max(STRANGERS_FACTOR * n_usual) < n_strangers;
        is_braked.then_some(Brake::Strangers {
            n_strangers,
            n_usual,
        })
    }

    /// A storefront that gives up after a few refusals tells of no further order, so they brake for a day.
    fn unverified(&self, now: Timestamp) -> Option<Brake> {
        let n_refused = (0..N_STOREFRONTS)
            .filter_map(|place| self.refused_since_good(place, now))
            .max()?;
        (MIN_REFUSED <= n_refused).then_some(Brake::OrdersUnverified { n_refused })
    }

    /// The most messages of one storefront that were refused in two hours running, since the last hour in
    /// which one of it was good or an order came; `None` while that is this hour or the one before. Whoever
    /// refuses a storefront's genuine messages refuses them all; forged ones come beside them.
    fn refused_since_good(&self, place: usize, now: Timestamp) -> Option<u64> {
        let hour = hour_of(now);
        let from = self.since_resumed(hour - DAY);
        if hour < from {
            return None;
        }
        let is_good =
            |counts: &Counts| counts.n_orders != 0 || counts.messages()[place].n_verified != 0;
        let mut counted = self.hours.range(from..=hour).rev();
        let good = counted.find(|(_, counts)| is_good(counts));
        let silent_from = match good {
            Some((good, _)) if hour - HOUR <= *good => return None,
            Some((good, _)) => *good + HOUR,
            None => from,
        };
        let n_refused = |at: Timestamp| {
            let counts = self.hours.get(&at);
            counts.map_or(0, |counts| counts.messages()[place].n_refused)
        };
        let silent = self.hours.range(silent_from..=hour);
        silent
            .map(|(at, _)| n_refused(*at) + n_refused(*at + HOUR))
            .max()
    }

    fn silent(&self, now: Timestamp) -> Option<Brake> {
        let mut with_orders = self.hours.iter().filter(|(_, counts)| counts.n_orders != 0);
        let (first, _) = with_orders.clone().next()?;
        let (last, _) = with_orders.next_back()?;
        let since = self.standing.resumed_at.unwrap_or(*last).max(*last + HOUR);
        let n_days = (since.duration_since(*first).as_hours() / 24).min(HISTORY_DAYS.0);
        if now.duration_since(since) < MIN_SILENCE || n_days < HISTORY_DAYS.1 {
            return None;
        }
        let history = self.hours.range(since - DAY * day_count(n_days)..since);
        let n_history: u64 = history.map(|(_, counts)| counts.n_orders).sum();
        if n_history < MIN_HISTORY_ORDERS {
            return None;
        }
        let n_expected = self.expected_orders(since, now, n_days);
        let is_braked = MIN_EXPECTED_ORDERS <= n_expected;
        is_braked.then_some(Brake::OrdersSilent { since, n_expected })
    }

    /// Orders that usually come between `since` and `now`, by the same hours of the `n_days` before
    /// `since`, rounded down.
    fn expected_orders(&self, since: Timestamp, now: Timestamp, n_days: i64) -> u64 {
        let mut order_minutes = 0;
        let mut from = since;
        while from < now {
            let until = (hour_of(from) + HOUR).min(now);
            let minutes = until.duration_since(from).as_mins();
            // The days of the silence itself are no history.
            let n_silent_days = from.duration_since(since).as_hours() / 24;
            let same_hours =
                (1..=n_days).map(|day| hour_of(from) - DAY * day_count(n_silent_days + day));
            let n_orders: u64 = same_hours
                .filter_map(|hour| self.hours.get(&hour))
                .map(|counts| counts.n_orders)
                .sum();
            order_minutes += n_orders * u64::try_from(minutes).unwrap_or(0);
            from = until;
        }
        order_minutes / (60 * u64::try_from(n_days).unwrap_or(1).max(1))
    }

    fn disliked(&self, limits: &Brakes, stage: Stage, now: Timestamp) -> Option<Brake> {
        let (mut n_sent, mut n_bounced, mut n_complained) = (0, 0, 0);
        for counts in self.counted_since(hour_of(now) - RATE_SPAN) {
            let mails = counts.mails(stage);
            n_sent += mails.n_sent;
            n_bounced += mails.n_bounced;
            n_complained += mails.n_complained;
        }
        let bounce_limit = u64::from(limits.max_bounce_percent) * n_sent;
        if MIN_BOUNCES <= n_bounced && bounce_limit < n_bounced * 100 {
            return Some(Brake::Bounces { n_sent, n_bounced });
        }
        let complaint_limit = u64::from(limits.max_complaints_per_10000) * n_sent;
        let is_braked = MIN_COMPLAINTS <= n_complained && complaint_limit < n_complained * 10_000;
        is_braked.then_some(Brake::Complaints {
            n_sent,
            n_complained,
        })
    }

    /// The hours from `from` on, but for those that began before the operator resumed.
    fn counted_since(&self, from: Timestamp) -> impl Iterator<Item = &Counts> {
        self.hours
            .range(self.since_resumed(from)..)
            .map(|(_, counts)| counts)
    }

    /// `from`, or when the operator resumed if that was later.
    fn since_resumed(&self, from: Timestamp) -> Timestamp {
        self.standing.resumed_at.map_or(from, |at| at.max(from))
    }
}

fn day_count(days: i64) -> i32 {
    i32::try_from(days).unwrap_or(i32::MAX)
}
