//! `cartback replay`: months of events against a shop's settings in seconds, through the real use cases
//! on a table in memory. Says who would get what, when and why, and what other settings would change.

mod decisions;
mod events;
mod player;
mod report;

use std::path::{Path, PathBuf};

use clap::Args;

use crate::decision_file::DecisionFile;
use crate::{Failure, print_line};
use events::Message;
use player::Replayed;
use report::Column;

#[derive(Args)]
pub(crate) struct Options {
    /// The events: one JSON object a line, as docs/events.md describes them, each with `at`.
    #[arg(long, required_unless_present = "decisions", requires = "policy")]
    events: Option<PathBuf>,
    /// The shop's settings file.
    #[arg(long, requires = "events")]
    policy: Option<PathBuf>,
    /// Other settings to compare with: only what differs is printed, and both summaries.
    #[arg(long, requires = "events")]
    against: Option<PathBuf>,
    /// Write each decision with all that it was made from into this file, e-mail addresses included.
    #[arg(long, requires = "events", conflicts_with = "against")]
    record: Option<PathBuf>,
    /// Make the decisions of such a file again and compare them with what it says.
    #[arg(long, conflicts_with = "events")]
    decisions: Option<PathBuf>,
}

pub(crate) async fn run(options: &Options) -> Result<(), Failure> {
    if let Some(file) = &options.decisions {
        return decisions::make_again(file);
    }
    let (Some(events), Some(policy)) = (&options.events, &options.policy) else {
        return Err("give --events and --policy, or --decisions".into());
    };
    let record = options.record.as_deref().map(DecisionFile::create);
    let (messages, replayed) = replay(events, policy, record.transpose()?).await?;
    print_line(&events::describe(&messages));
    let ours = Column {
        name: "A",
        policy,
        replayed: &replayed,
    };
    match &options.against {
        None => {
            report::print_all(&replayed);
            report::print_summary(&[ours]);
        }
        Some(against) => {
            let (_, replayed) = replay(events, against, None).await?;
            let theirs = Column {
                name: "B",
                policy: against,
                replayed: &replayed,
            };
            report::print_difference(&ours, &theirs);
            report::print_summary(&[ours, theirs]);
        }
    }
    Ok(())
}

async fn replay(
    events: &Path,
    policy: &Path,
    record: Option<DecisionFile>,
) -> Result<(Vec<Message>, Replayed), Failure> {
    let shop = crate::shop::load(policy)?;
    let messages = events::read(events, &shop)?;
    let replayed = player::play(&shop, &messages, record.as_ref()).await?;
    if let Some(record) = record {
        record.check()?;
    }
    Ok((messages, replayed))
}
