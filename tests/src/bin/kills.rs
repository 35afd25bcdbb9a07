//! `make kills`: kills the local runner again and again, and prints what came of it.

#![expect(clippy::print_stdout, reason = "the figures are its output")]

use std::process::ExitCode;

use cartback_tests::kills::{Fault, binary, kill};

/// Kills at least, and what chooses their instants, unless other numbers are given.
const DEFAULTS: [u64; 2] = [220, 1];

/// Faults that are named; the first few tell as much as all.
const N_SHOWN: usize = 20;

fn main() -> ExitCode {
    let given: Vec<u64> = std::env::args()
        .skip(1)
        .filter_map(|arg| arg.parse().ok())
        .collect();
    let [n_kills, seed] = [0, 1].map(|n| given.get(n).copied().unwrap_or(DEFAULTS[n]));
    println!("seed                       {seed:>8}");
    let figures = kill(&binary(), u32::try_from(n_kills).unwrap_or(u32::MAX), seed);
    println!("kills                      {:>8}", figures.n_kills);
    println!("  before it said it runs   {:>8}", figures.n_early);
    println!("requests without an answer {:>8}", figures.n_unanswered);
    println!("events acknowledged        {:>8}", figures.n_acknowledged);
    println!("mails                      {:>8}", figures.n_mails);
    println!("presumed, and never sent   {:>8}", figures.n_presumed);
    for (name, fault) in [
        ("acknowledged and lost      ", Fault::Lost),
        ("second mails               ", Fault::Second),
        ("stages forgotten           ", Fault::Forgotten),
        ("logs that are not true     ", Fault::Untrue),
        ("times the clock went back  ", Fault::Clock),
    ] {
        println!("{name}{:>8}", figures.count(fault));
    }
    for (_, text) in figures.faults.iter().take(N_SHOWN) {
        println!("  {text}");
    }
    if figures.faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
