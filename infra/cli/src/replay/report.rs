//! What an operator reads of a replay: a line for each stage of a cart, and counts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cartback::sequence::Outcome;
use cartback::stage::Stage;
use cartback::story::{defer_text, skip_text};

use super::player::{CartStage, End, Replayed};
use crate::print_line;

/// One replay with what it is called.
pub(super) struct Column<'a> {
    pub(super) name: &'static str,
    pub(super) policy: &'a Path,
    pub(super) replayed: &'a Replayed,
}

/// Counts of what happened, by what; for each replay the three stages' and all together.
type Table = BTreeMap<String, Vec<[usize; 4]>>;

const STAGES: [&str; 4] = ["nudge", "follow_up", "final", "all"];

/// Prints every stage's end, in order of time.
pub(super) fn print_all(replayed: &Replayed) {
    for (cart_stage, end) in in_order_of_time(&replayed.ends) {
        print_line(&format!(
            "{}  {}  {}",
            end.log.at,
            place(cart_stage, end),
            told(end)
        ));
    }
}

/// Prints the stages that ended in another way or at another time.
pub(super) fn print_difference(ours: &Column<'_>, theirs: &Column<'_>) {
    for column in [ours, theirs] {
        print_line(&format!("{} is {}", column.name, column.policy.display()));
    }
    let (a, b) = (&ours.replayed.ends, &theirs.replayed.ends);
    let cart_stages: BTreeSet<_> = a.keys().chain(b.keys()).collect();
    let mut n_different = 0;
    for cart_stage in cart_stages {
        let ends = [a.get(cart_stage), b.get(cart_stage)];
        let [told_a, told_b] = ends.map(told_with_time);
        if told_a == told_b {
            continue;
        }
        n_different += 1;
        if let Some(end) = ends.into_iter().flatten().next() {
            let place = place(cart_stage, end);
            print_line(&format!(
                "{place}  {}: {told_a}  {}: {told_b}",
                ours.name, theirs.name
            ));
        }
    }
    print_line(&format!("{n_different} reminders differ"));
}

/// Prints how often what happened under each policy, side by side.
pub(super) fn print_summary(columns: &[Column<'_>]) {
    let mut table = Table::new();
    for (index, column) in columns.iter().enumerate() {
        count(&mut table, index, columns.len(), column.replayed);
    }
    let heads = STAGES.iter().flat_map(|stage| {
        columns.iter().map(move |column| match columns {
            [_] => (*stage).to_owned(),
            _ => format!("{stage} {}", column.name),
        })
    });
    let width = table.keys().map(String::len).max().unwrap_or(0);
    print_row("Summary", width, heads);
    for (what, counts) in &table {
        let cells = (0..STAGES.len()).flat_map(|stage| counts.iter().map(move |of| of[stage]));
        print_row(what, width, cells.map(|n| n.to_string()));
    }
}

fn print_row(what: &str, width: usize, cells: impl Iterator<Item = String>) {
    let mut line = format!("{what:<width$}");
    for cell in cells {
        line.push_str(&format!(" {cell:>11}"));
    }
    print_line(&line);
}

fn count(table: &mut Table, index: usize, n_columns: usize, replayed: &Replayed) {
    let mut add = |what: String, stage: Option<Stage>, n: usize| {
        let row = table.entry(what);
        let counts = &mut row.or_insert_with(|| vec![[0; 4]; n_columns])[index];
        counts[3] += n;
        if let Some(stage) = stage {
            counts[position(stage)] += n;
        }
    };
    add("carts".to_owned(), None, replayed.n_carts);
    for stage in Stage::ALL {
        add("mails".to_owned(), Some(stage), 0);
    }
    for end in replayed.ends.values() {
        let what = match told(end) {
            text if text == MAIL => "mails".to_owned(),
            text => text,
        };
        add(what, Some(end.log.stage), 1);
    }
    for (stage, reason) in &replayed.waits {
        add(format!("wait: {}", defer_text(*reason)), Some(*stage), 1);
    }
    for reason in &replayed.idle {
        add(format!("no reminder planned: {reason}"), None, 1);
    }
    if replayed.n_open != 0 {
        add("still open at the end".to_owned(), None, replayed.n_open);
    }
}

const MAIL: &str = "mail";

fn told(end: &End) -> String {
    match &end.log.outcome {
        Outcome::Sent { .. } => MAIL.to_owned(),
        Outcome::Skipped { reason } => format!("skip: {}", skip_text(*reason)),
        Outcome::Failed => "failed: the mail cannot be composed".to_owned(),
        Outcome::Presumed { .. } => "presumed sent".to_owned(),
    }
}

fn told_with_time(end: Option<&End>) -> String {
    end.map_or("nothing".to_owned(), |end| {
        format!("{} {}", end.log.at, told(end))
    })
}

fn place((cart, stage): &CartStage, end: &End) -> String {
    let person = end.person.as_deref().unwrap_or("nobody");
    format!("{:<9}  {person}  cart {cart}", stage.name())
}

fn in_order_of_time(ends: &BTreeMap<CartStage, End>) -> Vec<(&CartStage, &End)> {
    let mut ends: Vec<_> = ends.iter().collect();
    ends.sort_by_key(|(_, end)| end.log.at);
    ends
}

fn position(stage: Stage) -> usize {
    match stage {
        Stage::Nudge => 0,
        Stage::FollowUp => 1,
        Stage::Final => 2,
    }
}
