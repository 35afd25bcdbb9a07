//! A clock that stands still until it is turned. Each reading is a millisecond later than the one
//! before, so that no two events share a time.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::Failure;

/// How far readings may run ahead of what is on disk; a restart skips at most this much.
const AHEAD: SignedDuration = SignedDuration::from_secs(10);

pub(crate) struct Clock {
    hands: Mutex<Hands>,
    file: Option<PathBuf>,
}

struct Hands {
    now: Timestamp,
    /// The time on disk, never behind `now`.
    kept: Timestamp,
}

impl Clock {
    /// Goes on from the time in `file`, or starts at the machine's time.
    pub(crate) fn open(file: Option<PathBuf>) -> Result<Self, Failure> {
        let kept = match &file {
            Some(path) if path.exists() => std::fs::read_to_string(path)?.trim().parse()?,
            _ => wall_time(),
        };
        Ok(Self {
            hands: Mutex::new(Hands { now: kept, kept }),
            file,
        })
    }

    /// The time, a millisecond after the last reading.
    pub(crate) fn now(&self) -> Timestamp {
        let mut hands = self.hands.lock().unwrap_or_else(PoisonError::into_inner);
        hands.now += SignedDuration::from_millis(1);
        self.keep(&mut hands);
        hands.now
    }

    /// The time, without moving it.
    pub(crate) fn peek(&self) -> Timestamp {
        self.hands
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .now
    }

    /// Turns the hands to `to`; never back.
    pub(crate) fn turn(&self, to: Timestamp) {
        let mut hands = self.hands.lock().unwrap_or_else(PoisonError::into_inner);
        hands.now = hands.now.max(to);
        self.keep(&mut hands);
    }

    fn keep(&self, hands: &mut Hands) {
        if hands.kept < hands.now {
            hands.kept = hands.now + AHEAD;
            if let Some(path) = &self.file {
                // A clock that cannot be written only starts earlier next time.
                let _ = super::file::replace(path, &hands.kept.to_string());
            }
        }
    }
}

/// The machine's time: where the clock starts, what `date` prints for a script that signs, and when an
/// operator speaks.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the command reads the clock"
)]
pub(crate) fn wall_time() -> Timestamp {
    Timestamp::now()
}
