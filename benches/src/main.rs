//! `make bench`: what Cartback costs, beside the same work in Node and Python, in one table.
//!
//! CPU time of the measured process is what counts; wall time on a shared machine says little. Competitors take turns
//! within one run, so that whatever else the machine does hits all of them.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench prints its tables and its progress"
)]
#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]
#![expect(clippy::float_arithmetic, reason = "measurements are not money")]
#![expect(
    clippy::disallowed_methods,
    reason = "a bench runs servers and reads the clock and its environment"
)]

mod cloud;
mod events;
mod functions;
mod history;
mod hours;
mod lambda;
mod machine;
mod peers;
mod render;
mod replay;
mod sweep;
mod table;
mod units;

use std::fs;

use crate::table::Section;

/// How much of everything is done.
#[derive(Debug, Clone, Copy)]
struct Scale {
    /// Cold starts of each competitor.
    n_starts: usize,
    /// Calls before the warm ones are counted.
    n_warm_up: usize,
    /// Warm calls that are counted.
    n_warm: usize,
    /// Sweeps and batches of mails of each competitor that are counted.
    n_sweeps: usize,
    /// Due carts of a sweep.
    n_due: usize,
    /// Mails of a batch.
    n_mails: usize,
    /// Open carts of the growing table.
    open_carts: [usize; 3],
    /// Events of the longest cart.
    n_events: usize,
    /// Carts of the local runner.
    n_local: usize,
}

const FULL: Scale = Scale {
    n_starts: 15,
    n_warm_up: 3_000,
    n_warm: 1_000,
    n_sweeps: 5,
    n_due: 400,
    n_mails: 1_000,
    open_carts: [1_000, 100_000, 1_000_000],
    n_events: 1_000,
    n_local: 1_000,
};

const QUICK: Scale = Scale {
    n_starts: 3,
    n_warm_up: 200,
    n_warm: 200,
    n_sweeps: 2,
    n_due: 100,
    n_mails: 200,
    open_carts: [1_000, 10_000, 100_000],
    n_events: 100,
    n_local: 200,
};

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_quick = arguments.iter().any(|argument| argument == "--quick");
    // A part of it, while one works on that part; the document is written by a whole run.
    let part = arguments.iter().find(|argument| !argument.starts_with('-'));
    let scale = if is_quick { QUICK } else { FULL };
    let load = machine::load();
    let mut sections = Vec::new();
    for name in [
        "functions",
        "sweep",
        "render",
        "units",
        "growth",
        "history",
        "hours",
        "replay",
    ] {
        if part.is_none_or(|part| part == name) {
            eprintln!("{name}");
            sections.extend(measure(name, scale).await);
        }
    }
    let text = table::document(&machine::description(&load), &sections, is_quick);
    println!("{text}");
    if !is_quick && part.is_none() {
        fs::write(machine::root().join("docs/benchmarks.md"), text).unwrap();
    }
}

async fn measure(name: &str, scale: Scale) -> Vec<Section> {
    match name {
        "functions" => functions::measure(scale).await,
        "sweep" => vec![sweep::measure(scale).await],
        "render" => vec![render::measure(scale).await],
        "units" => units::measure().await,
        "growth" => vec![sweep::growth(scale).await],
        "history" => vec![history::measure(scale.n_events).await],
        "replay" => vec![replay::measure()],
        _ => vec![hours::measure(scale.n_local)],
    }
}
