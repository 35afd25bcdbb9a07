//! What the doctor found, and how it is told.

use serde::Serialize;

use super::facts::Unseen;

/// How one thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mark {
    /// As it should be.
    Good,
    /// It works, and should be otherwise.
    Weak,
    /// Mails or their safety suffer.
    Broken,
    /// It could not be looked at.
    Unseen,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// What was looked at.
    pub(crate) check: String,
    pub(crate) mark: Mark,
    /// How it is.
    pub(crate) text: String,
    /// What to do; nothing if all is well.
    pub(crate) remedy: Option<String>,
}

impl Finding {
    pub(crate) fn good(check: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            check: check.into(),
            mark: Mark::Good,
            text: text.into(),
            remedy: None,
        }
    }

    pub(crate) fn weak(
        check: impl Into<String>,
        text: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            mark: Mark::Weak,
            remedy: Some(remedy.into()),
            ..Self::good(check, text)
        }
    }

    pub(crate) fn broken(
        check: impl Into<String>,
        text: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            mark: Mark::Broken,
            ..Self::weak(check, text, remedy)
        }
    }

    /// Good with the first text, broken with the second and the remedy.
    pub(crate) fn either(is_good: bool, check: &str, texts: [&str; 2], remedy: &str) -> Self {
        if is_good {
            Self::good(check, texts[0])
        } else {
            Self::broken(check, texts[1], remedy)
        }
    }

    /// What was not seen: broken if it is not there, and then `remedy` says what to do.
    pub(crate) fn unseen(check: impl Into<String>, unseen: &Unseen, remedy: &str) -> Self {
        match unseen {
            Unseen::Missing => Self::broken(check, "it is not there", remedy),
            Unseen::Unanswered(code) => Self {
                mark: Mark::Unseen,
                ..Self::weak(
                    check,
                    format!("could not be looked at ({code})"),
                    "give credentials that may read it, and the region of the stack in AWS_REGION",
                )
            },
        }
    }

    /// Whether the doctor may call the installation well.
    pub(crate) fn is_well(&self) -> bool {
        matches!(self.mark, Mark::Good | Mark::Weak)
    }

    /// The finding, and its remedy below.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mark = match self.mark {
            Mark::Good => "✓",
            Mark::Weak => "!",
            Mark::Broken => "✗",
            Mark::Unseen => "?",
        };
        let finding = format!("{mark} {}: {}", self.check, self.text);
        let remedy = self.remedy.iter().map(|remedy| format!("    → {remedy}"));
        [finding].into_iter().chain(remedy).collect()
    }
}
