//! The three reminders of a cart, in the order in which they are sent.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A reminder's place in the sequence. A cart gets each at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Friendly and first, 30 to 60 minutes after the last activity. Never carries an offer.
    Nudge,
    /// 6 to 12 hours after the last activity, up to 24 for a high-value cart.
    FollowUp,
    /// 24 to 48 hours after the last activity.
    Final,
}

impl Stage {
    /// All stages, first to last.
    pub const ALL: [Self; 3] = [Self::Nudge, Self::FollowUp, Self::Final];

    /// The stage after this one, or `None` after the last.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Nudge => Some(Self::FollowUp),
            Self::FollowUp => Some(Self::Final),
            Self::Final => None,
        }
    }

    /// The stage's name in events, tables, tags and documents: `nudge`, `follow_up` or `final`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nudge => "nudge",
            Self::FollowUp => "follow_up",
            Self::Final => "final",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no stage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a stage; use nudge, follow_up or final")]
pub struct UnknownStage(String);

impl FromStr for Stage {
    type Err = UnknownStage;

    fn from_str(name: &str) -> Result<Self, UnknownStage> {
        Self::ALL
            .into_iter()
            .find(|stage| stage.name() == name)
            .ok_or_else(|| UnknownStage(name.chars().take(24).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_follow_each_other_and_read_back_by_name() {
        let next = Stage::ALL.map(Stage::next);
        assert_eq!(next, [Some(Stage::FollowUp), Some(Stage::Final), None]);
        for (stage, name) in Stage::ALL.into_iter().zip(["nudge", "follow_up", "final"]) {
            assert_eq!(stage.to_string(), name);
            assert_eq!(name.parse(), Ok(stage));
            assert_eq!(serde_json::to_value(stage).unwrap(), name);
        }
        assert!(Stage::ALL.is_sorted());
    }

    #[test]
    fn another_word_is_no_stage_and_is_told_shortened() {
        let error = "x".repeat(99).parse::<Stage>().unwrap_err();
        let told = format!(
            "`{}` is not a stage; use nudge, follow_up or final",
            "x".repeat(24)
        );
        assert_eq!(error.to_string(), told);
        assert!("Nudge".parse::<Stage>().is_err());
    }
}
