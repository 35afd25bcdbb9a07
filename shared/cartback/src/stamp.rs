//! When a value became true at its source. The newest stamp wins, whatever the order of arrival.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A source time, and a tie-breaker from the event's id for two events of the same time: without
/// it the fold would depend on the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp {
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
    /// The stamp of the event `id` that happened at `at`.
    #[must_use]
    pub fn new(at: Timestamp, id: &str) -> Self {
        let digest = Sha256::digest(id.as_bytes());
        Self {
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
