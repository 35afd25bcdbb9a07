//! Prints what attackers achieve, and fails when it is more than nothing: a million forged signatures, a
//! million broken messages, and a hundred thousand events that name one victim. A number as the only
//! argument is the seed; the same seed makes the same attacks.

#![expect(clippy::print_stdout, reason = "the figures are its output")]

use std::process::ExitCode;
use std::time::Instant;

use cartback_abuse::{attack, broken, forged};

const N_FORGED: u64 = 1_000_000;
const N_BROKEN: u64 = 1_000_000;
const N_EVENTS: u32 = 100_000;

fn main() -> ExitCode {
    let seed = std::env::args().nth(1).and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or(0x00C0_FFEE);
    println!("seed {seed}");
    let began = Instant::now();
    let forgeries = forged::forge(N_FORGED, seed);
    println!(
        "forged signatures      {} over {} storefronts, {} accepted, {} s",
        forgeries.n_tried,
        forgeries.n_storefronts,
        forgeries.accepted.len(),
        began.elapsed().as_secs()
    );
    let began = Instant::now();
    let messages = broken::play(N_BROKEN, seed);
    println!(
        "broken messages        {} over {} storefronts: {} read, {} ignored, {} refused; slowest {} us, {} s",
        messages.n_played,
        messages.n_storefronts,
        messages.n_read,
        messages.n_ignored,
        messages.n_refused,
        messages.slowest_us,
        began.elapsed().as_secs()
    );
    let mut is_held = forgeries.is_held() && messages.is_held();
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
