//! The rhythm in which a shopper's page tells of them. People are slow and uneven; a machine that works
//! through a shop is neither.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The first events of a cart that are kept; later ones change nothing.
pub const MAX_BEATS: usize = 20;

/// So many events in less time were no person's: our snippet alone spaces changes of a cart further.
const SHORTEST_SPAN_MS: i64 = 10_000;

/// Pauses of at least a second that are all alike to so many milliseconds are a timer's.
const EVEN_MS: i64 = 50;
const EVEN_PAUSE_MS: i64 = 1_000;

/// When a page told of its first events, whatever their order of arrival.
///
/// Kept as the first time in milliseconds and the pauses that follow, so that it stays short.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<i64>", into = "Vec<i64>")]
pub struct Rhythm {
    /// Milliseconds since 1970, rising, none twice, at most [`MAX_BEATS`].
    beats: Vec<i64>,
}

impl Rhythm {
    /// Adds an event at `at`.
    pub fn beat(&mut self, at: Timestamp) {
        let at = at.as_millisecond();
        if let Err(place) = self.beats.binary_search(&at) {
            self.beats.insert(place, at);
            self.beats.truncate(MAX_BEATS);
        }
    }

    /// Whether no person keeps such time. Never so before [`MAX_BEATS`] events.
    #[must_use]
    pub fn is_mechanical(&self) -> bool {
        let (Some(first), Some(last)) = (self.beats.first(), self.beats.last()) else {
            return false;
        };
        if self.beats.len() < MAX_BEATS {
            return false;
        }
        let pauses = || self.beats.windows(2).map(|pair| pair[1] - pair[0]);
        let shortest = pauses().min().unwrap_or(0);
        let longest = pauses().max().unwrap_or(0);
        let is_even = EVEN_PAUSE_MS <= shortest && longest - shortest <= EVEN_MS;
        last - first < SHORTEST_SPAN_MS || is_even
    }

    /// Whether no page has told anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.beats.is_empty()
    }
}

impl From<Vec<i64>> for Rhythm {
    fn from(pauses: Vec<i64>) -> Self {
        let beats = pauses.iter().scan(0_i64, |at, pause| {
            *at = at.saturating_add(*pause);
            Some(*at)
        });
        Self {
            beats: beats.collect(),
        }
    }
}

impl From<Rhythm> for Vec<i64> {
    fn from(rhythm: Rhythm) -> Self {
        let mut last = 0;
        let pauses = rhythm.beats.into_iter().map(|at| {
            let pause = at - last;
            last = at;
            pause
        });
        pauses.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rhythm(millis: impl IntoIterator<Item = i64>) -> Rhythm {
        let mut rhythm = Rhythm::default();
        for at in millis {
            rhythm.beat(Timestamp::from_millisecond(1_800_000_000_000 + at).unwrap());
        }
        rhythm
    }

    fn even(pause: i64) -> impl Iterator<Item = i64> {
        (0..20).map(move |n| n * pause)
    }

    #[test]
    fn haste_and_evenness_are_a_machines() {
        assert!(rhythm(even(500)).is_mechanical());
        assert!(rhythm(even(3_000)).is_mechanical());
        assert!(rhythm(even(3_000).map(|at| at + at % 40)).is_mechanical());
    }

    #[test]
    fn a_person_who_hurries_pauses_and_comes_back_is_none() {
        // Two quick presses and a look, twenty times.
        assert!(!rhythm((0..20).map(|n| n / 2 * 4_000 + n % 2 * 300)).is_mechanical());
        assert!(!rhythm(even(520).chain([60_000]).skip(1)).is_mechanical());
        assert!(!rhythm(even(100).take(19)).is_mechanical());
        assert!(!Rhythm::default().is_mechanical());
    }

    #[test]
    fn the_same_events_in_any_order_and_number_make_the_same_rhythm() {
        let there: Vec<i64> = (0..30).map(|n| n * 777).collect();
        let mut back = there.clone();
        back.reverse();
        let twice = there.iter().chain(&back).copied();
        assert_eq!(rhythm(there.clone()), rhythm(back.clone()));
        assert_eq!(rhythm(twice), rhythm(back));
    }

    #[test]
    fn a_stored_rhythm_reads_back_as_itself() {
        let known = rhythm([0, 5, 1_000]);
        let stored = serde_json::to_string(&known).unwrap();
        assert_eq!(stored, "[1800000000000,5,995]");
        assert_eq!(serde_json::from_str::<Rhythm>(&stored).unwrap(), known);
    }
}
