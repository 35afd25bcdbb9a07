//! Makes recorded decisions again: the proof that a decision is a function of what was recorded.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use cartback::recorded::RecordedDecision;

use crate::{Failure, print_line};

/// Makes each decision in `file` again, and fails if one comes out otherwise than it was recorded.
pub(super) fn make_again(file: &Path) -> Result<(), Failure> {
    let lines = File::open(file).map(BufReader::new).map_err(|error| {
        format!(
            "{}: cannot be read ({error}); give a file that --record wrote",
            file.display()
        )
    })?;
    let (mut n_decisions, mut n_different) = (0_usize, 0_usize);
    for (line, number) in lines.lines().zip(1_usize..) {
        let place = format!("{}, line {number}", file.display());
        let line = line.map_err(|error| format!("{place}: cannot be read ({error})"))?;
        let recorded: RecordedDecision = serde_json::from_str(&line).map_err(|error| {
            format!("{place}: is no recorded decision ({error}); give a file that --record wrote")
        })?;
        let again = recorded.made_again();
        n_decisions += 1;
        if again != recorded {
            n_different += 1;
            print_line(&format!(
                "{place}: {} of cart {} at {}: recorded {}, now {}",
                recorded.stage,
                recorded.cart.id,
                recorded.at,
                told(&recorded)?,
                told(&again)?
            ));
        }
    }
    if n_different == 0 {
        print_line(&format!(
            "{n_decisions} decisions made again, all as recorded"
        ));
        return Ok(());
    }
    Err(format!(
        "{n_different} of {n_decisions} decisions come out otherwise: a rule has changed since, or the file"
    )
    .into())
}

fn told(recorded: &RecordedDecision) -> Result<String, Failure> {
    let decision = serde_json::to_string(&recorded.decision)?;
    let offer = match &recorded.offer {
        Some(offer) => format!(", offer {}", serde_json::to_string(offer)?),
        None => String::new(),
    };
    Ok(format!("{decision}{offer} on facts {}", recorded.digest))
}
