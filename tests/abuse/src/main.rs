//! Prints what attackers achieve, and fails when it is more than nothing: a million forged signatures, a
//! million broken messages, and a hundred thousand events that name one victim. A number as the only
//! argument is the seed; the same seed makes the same attacks.

#![expect(clippy::print_stdout, reason = "the figures are its output")]

use std::process::ExitCode;
use std::time::Instant;

use cartback_abuse::{attack, broken, forged};
use nix::time::{ClockId, clock_gettime};

const N_FORGED: u64 = 1_000_000;
const N_BROKEN: u64 = 1_000_000;
const N_EVENTS: u32 = 100_000;

/// Of a core's time, which others on the machine do not change.
const MAX_FORGING_SECONDS: i64 = 60;

fn main() -> ExitCode {
    let seed = std::env::args().nth(1).and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or(0x00C0_FFEE);
    println!("seed {seed}");
    let began = busy_seconds();
    let forgeries = forged::forge(N_FORGED, seed);
    let forging_seconds = busy_seconds() - began;
    println!(
        "forged signatures      {} over {} storefronts, {} accepted, {forging_seconds} s of one core",
        forgeries.n_tried,
        forgeries.n_storefronts,
        forgeries.accepted.len(),
    );
    let began = Instant::now();
    let messages = broken::play(N_BROKEN, seed);
    println!(
        "broken messages        {} over {} storefronts, {} in talks: {} read, {} ignored, {} refused; slowest {} us, {} s",
        messages.n_played,
        messages.n_storefronts,
        messages.n_talks,
        messages.n_read,
        messages.n_ignored,
        messages.n_refused,
        messages.slowest_us,
        began.elapsed().as_secs()
    );
    if MAX_FORGING_SECONDS < forging_seconds {
        println!("  verifying takes too long: more than {MAX_FORGING_SECONDS} s");
    }
    let mut is_held = forgeries.is_held() && messages.is_held();
    is_held &= forging_seconds <= MAX_FORGING_SECONDS;
    for fault in forgeries.accepted.iter().chain(&messages.faults).take(20) {
        println!("  {fault}");
    }
    for attack in attack::all(N_EVENTS) {
        println!("{attack}");
        is_held &= attack.is_held();
    }
    if is_held {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// How long this process has worked so far.
fn busy_seconds() -> i64 {
    let worked = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID);
    worked.map_or(0, |worked| worked.tv_sec())
}
