//! Whole lives of carts under faults: the real use cases over a store and a mailer that crash, lose
//! replies, throttle, lag and repeat as a seed says, and a checker that reads only what was recorded.
//! The same seed gives the same history. It does not test the adapters; `cartback-tests` does.

#![expect(
    clippy::unwrap_used,
    reason = "a simulation that cannot go on must fail"
)]

pub mod bustle;
pub mod checker;
pub mod deploy;
pub mod executor;
pub mod fault;
pub mod history;
pub mod lives;
pub mod people;
pub mod ports;
pub mod promised;
#[cfg(test)]
mod regressions;
pub mod report;
pub mod sabotage;
pub mod schedules;
pub mod ses;
pub mod setting;
pub mod shelf;
pub mod store;
pub mod trouble;
pub mod weather;
pub mod world;
