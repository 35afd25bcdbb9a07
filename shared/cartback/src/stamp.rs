//! When a value became true at its source. The newest stamp wins, whatever the order of arrival.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::event::{CartEvent, Origin};

/// Whose word it is, a source time, and a tie-breaker from the event's id for two events of the same time: without
/// it the fold would depend on the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Whose word it is; the shop's own comes before all others.
    #[serde(rename = "o", default, skip_serializing_if = "Origin::is_shop")]
    pub origin: Origin,
    /// The storefront's time of the event.
    #[serde(rename = "t")]
    pub at: Timestamp,
    #[serde(rename = "n")]
    tie: u32,
}

/// A value with its stamp: a last-writer-wins register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamped<T> {
    /// Since when it holds.
    #[serde(flatten)]
    pub stamp: Stamp,
    /// What holds.
    #[serde(rename = "v")]
    pub value: T,
}

impl Stamp {
    /// The stamp of `event`.
    #[must_use]
    pub fn of(event: &CartEvent) -> Self {
        Self {
            origin: event.origin,
            ..Self::new(event.at, &event.id)
        }
    }

    /// The stamp of the shop's event `id` that happened at `at`.
    #[must_use]
    pub fn new(at: Timestamp, id: &str) -> Self {
        let digest = Sha256::digest(id.as_bytes());
        Self {
            origin: Origin::Shop,
            at,
            tie: u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]),
        }
    }
}

/// Puts `value` into `register` if `stamp` is newer than what it holds.
pub(crate) fn keep_newest<T>(register: &mut Option<Stamped<T>>, stamp: Stamp, value: T) {
    if register.as_ref().is_none_or(|held| held.stamp < stamp) {
        *register = Some(Stamped { stamp, value });
    }
}

/// The later of a known instant and `at`.
pub(crate) fn keep_latest(held: &mut Option<Timestamp>, at: Timestamp) {
    *held = Some(held.map_or(at, |known| known.max(at)));
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn the_newest_value_stays_in_any_order_of_arrival() {
        let later = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1);
        let stamps = [
            Stamp::new(Timestamp::UNIX_EPOCH, "a"),
            Stamp::new(Timestamp::UNIX_EPOCH, "b"),
            Stamp::new(later, "a"),
        ];
        assert_ne!(stamps[0], stamps[1]);
        for order in [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ] {
            let mut register = None;
            for n in order {
                keep_newest(&mut register, stamps[n], n);
            }
            assert_eq!(register.map(|held| held.value), Some(2), "{order:?}");
        }
    }

    #[test]
    fn the_word_of_a_page_never_replaces_the_word_of_the_shop() {
        let later = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1);
        let shop = Stamp::new(Timestamp::UNIX_EPOCH, "a");
        for origin in [Origin::Browser, Origin::Machine] {
            let page = Stamp {
                origin,
                ..Stamp::new(later, "b")
            };
            for order in [[shop, page], [page, shop]] {
                let mut register = None;
                for stamp in order {
                    keep_newest(&mut register, stamp, stamp.origin);
                }
                assert_eq!(register.map(|held| held.value), Some(Origin::Shop));
            }
        }
    }

    #[test]
    fn an_equal_stamp_changes_nothing() {
        let stamp = Stamp::new(Timestamp::UNIX_EPOCH, "a");
        let mut register = None;
        keep_newest(&mut register, stamp, 1);
        keep_newest(&mut register, stamp, 2);
        assert_eq!(register.map(|held| held.value), Some(1));
    }

    #[test]
    fn stored_stamps_stay_what_they_are() {
        let stamp = Stamp::new(Timestamp::UNIX_EPOCH, "evt-1");
        let stored = r#"{"t":"1970-01-01T00:00:00Z","n":2067832723,"v":7}"#;
        let register = Stamped { stamp, value: 7 };
        assert_eq!(serde_json::to_string(&register).unwrap(), stored);
        let read: Stamped<i32> = serde_json::from_str(stored).unwrap();
        assert_eq!(read, register);
        let page = Stamp {
            origin: Origin::Browser,
            ..stamp
        };
        let stored = r#"{"o":"browser","t":"1970-01-01T00:00:00Z","n":2067832723}"#;
        assert_eq!(serde_json::to_string(&page).unwrap(), stored);
    }
}
