//! The rest of the shop: orders and mails of people whom the simulation does not play, as counts alone.
//! Without them a world would be a shop of seven mails a day, which seldom has other mails to judge a
//! silent one by.

use cartback::pulse::{Counts, Pulse};
use cartback::stage::Stage;
use fastrand::Rng;

use crate::fault::chance;
use crate::lives::timestamp;
use crate::setting::{HOUR_MS, MINUTE_MS};
use crate::trouble::marks;
use crate::world::State;

/// A reservation is in doubt for a day (`MAX_DOUBT`) at most, so nobody asks for older counts of mails.
const SPAN_MS: i64 = 27 * HOUR_MS;

/// Two weeks of orders are what a silence is compared with.
const ORDERS_SPAN_MS: i64 = 16 * 24 * HOUR_MS;

/// SES tells of a mail after so long.
const LAG_MS: i64 = 20_000;

impl State {
    /// A mail in each minute, all of which SES tells of unless its events are lost; and an order in each
    /// hour, or more of them for so long that their absence tells.
    #[must_use]
    pub fn pulse(&self, now_ms: i64) -> Pulse {
        let this_hour_ms = now_ms - now_ms.rem_euclid(HOUR_MS);
        let n_hours = self.trouble.map_or(SPAN_MS, |_| ORDERS_SPAN_MS) / HOUR_MS;
        let first = timestamp(this_hour_ms - n_hours * HOUR_MS);
        let mut pulse = Pulse::default();
        // One by one: collecting would move each several times, a tenth of all that a world costs.
        pulse.hours.extend(self.table.counts_before(first));
        for n in (0..=n_hours).rev() {
            let hour_ms = this_hour_ms - n * HOUR_MS;
            let counts = self.hour(hour_ms, now_ms);
            pulse.hours.insert(timestamp(hour_ms), counts);
        }
        if let Some(counts) = pulse.hours.get_mut(&timestamp(this_hour_ms)) {
            counts.told_at = Some(timestamp(self.last_told_ms(now_ms)));
        }
        self.table.add_counts_since(first, &mut pulse);
        pulse.standing = self
            .trouble
            .map(|trouble| trouble.standing(now_ms))
            .unwrap_or_default();
        pulse
    }

    fn hour(&self, hour_ms: i64, now_ms: i64) -> Counts {
        let end_ms = now_ms.min(hour_ms + HOUR_MS);
        let mut counts = match self.trouble {
            None => Counts::order(),
            Some(trouble) => trouble.orders(hour_ms, end_ms),
        };
        if now_ms - SPAN_MS - HOUR_MS < hour_ms {
            self.note_mails(&mut counts, hour_ms, end_ms, now_ms);
        }
        counts
    }

    fn note_mails(&self, counts: &mut Counts, hour_ms: i64, end_ms: i64, now_ms: i64) {
        let n_sent = marks(hour_ms, end_ms, MINUTE_MS);
        let n_lost = self.n_lost(hour_ms, n_sent);
        let n_silent: u64 = self
            .silences(now_ms)
            .map(|(from, until)| marks(from.max(hour_ms), until.min(end_ms), MINUTE_MS))
            .sum();
        let mails = counts.mails_mut(Stage::Nudge);
        (mails.n_sent, mails.n_evidenced) = (n_sent, n_sent.saturating_sub(n_silent + n_lost));
        if let Some(trouble) = &self.trouble {
            trouble.note_mails(counts, hour_ms, end_ms);
        }
    }

    /// How many of the hour's first `n_sent` mails SES never tells of: the same whenever it is asked.
    fn n_lost(&self, hour_ms: i64, n_sent: u64) -> u64 {
        let rate = self.faults.rates.lost_evidence;
        if rate == 0 {
            return 0;
        }
        let mut rng = Rng::with_seed(self.seed ^ hour_ms.unsigned_abs());
        (0..n_sent).map(|_| u64::from(chance(&mut rng, rate))).sum()
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
