//! Small files in the data folder that a process which is killed leaves whole.

use std::io;
use std::path::Path;

/// Puts `text` into `file` in place of what was there: a reader finds the one or the other, never a
/// part, however this process ends.
pub(super) fn replace(file: &Path, text: &str) -> io::Result<()> {
    let new = file.with_extension("new");
    std::fs::write(&new, text)?;
    std::fs::rename(&new, file)
}
