//! A stage's due list in parts, so that several schedules can work it off side by side.

use serde::{Deserialize, Serialize};

/// One of the equal parts of a stage's due list. Each shard is in exactly one of them, so no two
/// workers of a stage look at the same cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub struct Part {
    part: u16,
    parts: u16,
}

/// There is no such part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no part {part} of {parts}; parts count from 0")]
pub struct NoSuchPart {
    part: u16,
    parts: u16,
}

/// As a schedule writes it; nothing is the whole.
#[derive(Serialize, Deserialize)]
#[serde(default)]
struct Written {
    part: u16,
    parts: u16,
}

impl Part {
    /// The whole list.
    pub const WHOLE: Self = Self { part: 0, parts: 1 };

    /// Part `part` of `parts`, counted from 0.
    ///
    /// # Errors
    /// [`NoSuchPart`] if there are not as many.
    pub fn new(part: u16, parts: u16) -> Result<Self, NoSuchPart> {
        if parts <= part {
            return Err(NoSuchPart { part, parts });
        }
        Ok(Self { part, parts })
    }

    /// How many parts there are, at least 1.
    #[must_use]
    pub fn parts(self) -> u16 {
        self.parts
    }

    /// Whether `shard` is in this part.
    #[must_use]
    pub fn has(self, shard: u16) -> bool {
        shard % self.parts == self.part
    }
}

impl TryFrom<Written> for Part {
    type Error = NoSuchPart;

    fn try_from(written: Written) -> Result<Self, NoSuchPart> {
        Self::new(written.part, written.parts)
    }
}

impl From<Part> for Written {
    fn from(Part { part, parts }: Part) -> Self {
        Self { part, parts }
    }
}

impl Default for Written {
    fn default() -> Self {
        Part::WHOLE.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shard_has_exactly_one_owner_however_many_parts_there_are() {
        for parts in 1..=300 {
            let all: Vec<_> = (0..parts).map(|n| Part::new(n, parts).unwrap()).collect();
            for shard in 0..256 {
                let n_owners = all.iter().filter(|part| part.has(shard)).count();
                assert_eq!(n_owners, 1, "shard {shard} of {parts} parts");
            }
        }
    }

    #[test]
    fn parts_share_the_shards_evenly() {
        let n_shards = |part: Part| (0..256).filter(|shard| part.has(*shard)).count();
        for parts in 1..=256 {
            let shares = (0..parts).map(|n| n_shards(Part::new(n, parts).unwrap()));
            let even = 256 / usize::from(parts);
            assert!(shares.into_iter().all(|n| n == even || n == even + 1));
        }
    }

    #[test]
    fn a_part_is_written_as_two_numbers_and_nothing_is_the_whole() {
        let read = |text: &str| serde_json::from_str::<Part>(text).ok();
        assert_eq!(read("{}"), Some(Part::WHOLE));
        assert_eq!(read(r#"{"part": 3, "parts": 4}"#), Part::new(3, 4).ok());
        let written = serde_json::to_string(&Part::new(1, 2).unwrap()).unwrap();
        assert_eq!(written, r#"{"part":1,"parts":2}"#);
        for absurd in [
            r#"{"part": 4, "parts": 4}"#,
            r#"{"part": 0, "parts": 0}"#,
            r#"{"part": 1}"#,
            r#"{"part": -1, "parts": 2}"#,
        ] {
            assert_eq!(read(absurd), None, "{absurd}");
        }
        let fault = Part::new(4, 4).unwrap_err().to_string();
        assert_eq!(fault, "there is no part 4 of 4; parts count from 0");
    }
}
