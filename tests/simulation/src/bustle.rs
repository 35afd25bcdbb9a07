//! The rest of the shop: orders and mails of people whom the simulation does not play, as counts alone.
//! Without them a world would be a shop of seven mails a day, which seldom has other mails to judge a
//! silent one by.

use cartback::pulse::{Counts, Pulse};
use cartback::stage::Stage;

use crate::lives::timestamp;
use crate::setting::{HOUR_MS, MINUTE_MS};
use crate::world::State;

/// No reservation here waits for longer than this, so nobody asks for older counts.
const SPAN_MS: i64 = 50 * HOUR_MS;

/// SES tells of a mail after so long.
const LAG_MS: i64 = 20_000;

impl State {
    /// A mail in each minute, all of which SES tells of unless its events are lost; and an order in each
    /// hour.
    #[must_use]
    pub fn bustle(&self, now_ms: i64) -> Pulse {
        let mut pulse = Pulse::default();
        let this_hour_ms = now_ms - now_ms.rem_euclid(HOUR_MS);
        let mut hour_ms = this_hour_ms - SPAN_MS;
        while hour_ms <= this_hour_ms {
            let end_ms = now_ms.min(hour_ms + HOUR_MS);
            let n_sent = minutes(hour_ms, end_ms);
            let n_silent: u64 = self
                .silences(now_ms)
                .map(|(from, until)| minutes(from.max(hour_ms), until.min(end_ms)))
                .sum();
            let mut counts = Counts::order();
            let mails = counts.mails_mut(Stage::Nudge);
            (mails.n_sent, mails.n_evidenced) = (n_sent, n_sent.saturating_sub(n_silent));
            pulse.hours.insert(timestamp(hour_ms), counts);
            hour_ms += HOUR_MS;
        }
        if let Some(counts) = pulse.hours.get_mut(&timestamp(this_hour_ms)) {
            counts.told_at = Some(timestamp(self.last_told_ms(now_ms)));
        }
        pulse
    }

    /// Spans whose mails SES's events have not told of: lost for ever, or held back by the table's
    /// outage that still lasts, or under way.
    fn silences(&self, now_ms: i64) -> impl Iterator<Item = (i64, i64)> {
        let lost = self.deafness.iter().copied();
        let is_dark = move |(from, until): &&(i64, i64)| (*from..*until).contains(&now_ms);
        let held_back = self.blackouts.iter().filter(is_dark);
        let held_back = held_back.map(move |(from, _)| (*from, now_ms));
        lost.chain(held_back)
            .map(|(from, until)| (from - LAG_MS, until - LAG_MS))
    }

    fn last_told_ms(&self, now_ms: i64) -> i64 {
        let mut told_ms = now_ms - LAG_MS;
        // One span may begin within another.
        for _ in 0..self.deafness.len() + self.blackouts.len() {
            for (from, until) in self.silences(now_ms) {
                if (from..until).contains(&told_ms) {
                    told_ms = from;
                }
            }
        }
        told_ms
    }
}

/// Whole minutes that begin in the span.
fn minutes(from_ms: i64, until_ms: i64) -> u64 {
    let begun = |ms: i64| (ms + MINUTE_MS - 1).div_euclid(MINUTE_MS);
    u64::try_from(begun(until_ms) - begun(from_ms)).unwrap_or(0)
}
