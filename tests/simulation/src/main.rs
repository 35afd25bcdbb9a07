//! Prints the figures of `docs/guarantees.md` and fails when a promise is broken. `--extended` plays a
//! million triples of faults as well; `trace WEATHER SEED` tells all that happens in one world.

#![expect(clippy::print_stdout, reason = "the figures are its output")]

mod figures;
mod trace;

use std::process::ExitCode;
use std::time::Instant;

use cartback::policy::OnUnknown;
use cartback_simulation::weather::Weather;

use crate::figures::{Figures, break_it, live_all, play_pairs, play_singles, play_triples};

/// A third of the time goes into small allocations, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Schedules of two faults to play at least.
const N_PAIRS: u64 = 200_000;

/// Schedules of three faults, in an extended run and in a short one.
const N_TRIPLES: (u64, u64) = (1_000_000, 20_000);

/// Carts of a run in which all evidence comes, and of those in which it does not.
const N_CARTS: (u64, u64) = (1_000_000, 150_000);

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args().skip(1).collect();
    if let [command, rest @ ..] = &args[..]
        && command == "trace"
    {
        return trace::run(rest);
    }
    play_all(args.iter().any(|arg| arg == "--extended"))
}

fn play_all(is_extended: bool) -> ExitCode {
    let began = Instant::now();
    let n_triples = if is_extended {
        N_TRIPLES.0
    } else {
        N_TRIPLES.1
    };
    let (singles, pairs, triples) = (play_singles(), play_pairs(N_PAIRS), play_triples(n_triples));
    let n_each = [&singles, &pairs, &triples].map(|figures| figures.n_schedules);
    let mut schedules = singles;
    schedules.add(pairs);
    schedules.add(triples);
    let lives_began = Instant::now();
    let lives = live_all(N_CARTS.0, OnUnknown::Resend, Weather::stormy);
    let lives_s = lives_began.elapsed().as_secs_f64();
    let deploys = live_all(N_CARTS.1, OnUnknown::Resend, Weather::deploying);
    let deaf = live_all(N_CARTS.1, OnUnknown::Resend, Weather::deaf);
    let troubled = live_all(N_CARTS.1, OnUnknown::Resend, Weather::troubled);
    let resend = live_all(N_CARTS.1, OnUnknown::Resend, Weather::lossy);
    let presume = live_all(N_CARTS.1, OnUnknown::Presume, Weather::lossy);
    let (n_caught, n_sabotages) = break_it();

    let reliable = [&schedules, &lives, &deploys, &deaf, &troubled];
    print_reliable(&reliable);
    let [n_singles, n_pairs, n_triples] = n_each;
    println!("schedules: {n_singles} of one fault, {n_pairs} of two, {n_triples} of three");
    println!("one million carts took {lives_s:.1} s");
    print_lossy(&resend, &presume);
    println!("\nsabotages caught: {n_caught} of {n_sabotages}");
    println!("took {:.1} s", began.elapsed().as_secs_f64());

    let holds = reliable
        .iter()
        .all(|figures| figures.report.n_broken() == 0)
        && troubled.report.n_resumed != 0
        && resend.n_duplicates() * 10_000 <= 2 * resend.n_mailed()
        && presume.n_duplicates() == 0
        && resend.n_other_violations() + presume.n_other_violations() == 0
        && n_caught == n_sabotages;
    for figures in reliable.iter().chain(&[&resend, &presume]) {
        figures
            .report
            .first
            .iter()
            .for_each(|first| println!("first break: {first}"));
    }
    if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn print_reliable(columns: &[&Figures; 5]) {
    println!(
        "\n                                     schedules       lives     deploys        deaf    troubled"
    );
    let print = |name: &str, figure: &dyn Fn(&Figures) -> u64| {
        let counts = columns.map(|figures| format!("{:>12}", figure(figures)));
        println!("{name:<34}{}", counts.concat());
    };
    print("schedules run", &|figures| figures.n_schedules);
    print("carts simulated", &|figures| figures.n_carts);
    print("calls of the ports", &|figures| figures.n_calls);
    print("crashes injected", &|figures| figures.n_crashes);
    print("reads of a newer form", &|figures| figures.n_unreadable);
    print("mails accepted", &|figures| figures.report.n_mails);
    print("offers claimed", &|figures| figures.report.n_offers);
    for (name, promise) in Figures::PROMISES {
        print(name, &|figures| figures.report.count(promise));
    }
    print("presumed, and never sent", &|figures| {
        figures.report.n_missed
    });
    print("notifications presumed, and lost", &|figures| {
        figures.report.n_unheard
    });
    print("nudges given up while braked", &|figures| {
        figures.report.n_withheld
    });
    print("mails begun when that was over", &|figures| {
        figures.report.n_resumed
    });
}

fn print_lossy(resend: &Figures, presume: &Figures) {
    println!("\n1 % of mails without evidence, 1 % crashes per call");
    println!("{:<34}{:>12}{:>12}", "", "resend", "presume");
    println!(
        "{:<34}{:>12}{:>12}",
        "carts simulated", resend.n_carts, presume.n_carts
    );
    println!(
        "{:<34}{:>12}{:>12}",
        "crashes injected", resend.n_crashes, presume.n_crashes
    );
    println!(
        "{:<34}{:>12}{:>12}",
        "stages mailed",
        resend.n_mailed(),
        presume.n_mailed()
    );
    println!(
        "{:<34}{:>12}{:>12}",
        "duplicates",
        resend.n_duplicates(),
        presume.n_duplicates()
    );
    println!(
        "{:<34}{:>12}{:>12}",
        "duplicates per 10,000 stages mailed",
        resend.duplicates_per_10k(),
        presume.duplicates_per_10k()
    );
    println!(
        "{:<34}{:>12}{:>12}",
        "presumed, and never sent", resend.report.n_missed, presume.report.n_missed
    );
    println!(
        "{:<34}{:>12}{:>12}",
        "other violations",
        resend.n_other_violations(),
        presume.n_other_violations()
    );
}
