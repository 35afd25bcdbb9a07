//! Decisions with all that they were made from, one line of JSON each, for `cartback replay --decisions`.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use cartback::recorded::RecordedDecision;
use cartback::remind::OnDecision;

use crate::Failure;

/// A file that decisions are appended to.
pub(crate) struct DecisionFile {
    on_decision: Box<OnDecision>,
    /// The first line that could not be written.
    fault: Arc<Mutex<Option<io::Error>>>,
}

impl DecisionFile {
    /// An empty file at `path`, in place of what was there.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        Self::open(
            path,
            OpenOptions::new().write(true).create(true).truncate(true),
        )
    }

    /// The file at `path`, to go on at its end.
    pub(crate) fn append(path: &Path) -> Result<Self, Failure> {
        Self::open(path, OpenOptions::new().append(true).create(true))
    }

    fn open(path: &Path, how: &OpenOptions) -> Result<Self, Failure> {
        let file = how
            .open(path)
            .map_err(|error| format!("{}: cannot be written ({error})", path.display()))?;
        let file = Mutex::new(file);
        let fault = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&fault);
        let on_decision = Box::new(move |decision: &RecordedDecision| {
            if let Err(error) = put(&file, decision) {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.get_or_insert(error);
            }
        });
        Ok(Self { on_decision, fault })
    }

    /// Who is to see the decisions.
    pub(crate) fn on_decision(&self) -> &OnDecision {
        &*self.on_decision
    }

    /// Says whether every decision so far was written.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        match fault.take() {
            None => Ok(()),
            Some(error) => Err(format!("decisions cannot be recorded ({error})").into()),
        }
    }
}

/// One write a line, so that a process that is killed leaves whole lines.
fn put(file: &Mutex<File>, decision: &RecordedDecision) -> io::Result<()> {
    let mut line = serde_json::to_vec(decision)?;
    line.push(b'\n');
    file.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .write_all(&line)
}
