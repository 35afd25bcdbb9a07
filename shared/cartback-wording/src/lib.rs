//! What shoppers read is kept in files: one of messages for each language, and templates that have no
//! sentence of their own. This library checks and compiles both, in the build for Cartback's files and in
//! `cartback shop check` for those of a shop. Rendering is `cartback`'s.

mod language;
mod messages;
#[cfg(feature = "templates")]
mod mjml;
#[cfg(feature = "templates")]
mod template;
mod urgency;
mod values;

pub use language::Language;
pub use messages::{Messages, translation_faults};
#[cfg(feature = "templates")]
pub use mjml::compile;
#[cfg(feature = "templates")]
pub use template::{calls, template_faults, visible_text};
pub use urgency::{urgent_phrase, urgent_phrase_in};
pub use values::known_values;

/// Messages with this prefix state what was read; only code fills them, and only from a reading.
pub const STATEMENT: &str = "statement-";

/// A fault in a file, with the line on which to look.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct Fault {
    /// The file, as its author knows it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is wrong, and what to do.
    pub what: String,
}

impl Fault {
    fn new(file: &str, line: usize, what: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line,
            what: what.into(),
        }
    }
}

/// The line of `source` that holds the byte at `at`, from 1.
fn line_of(source: &str, at: usize) -> usize {
    1 + source
        .bytes()
        .take(at)
        .filter(|byte| *byte == b'\n')
        .count()
}
