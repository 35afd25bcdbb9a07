//! The rules that no use case needs a store for: tables of cases and properties on pure functions.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod brakes;
mod cart;
mod compose;
mod consent;
mod decide;
mod facts;
mod faults;
mod guards;
mod history;
mod origin;
mod pulse;
mod quiet_hours;
mod samples;
mod sequence;
mod settings;
mod story;
mod urls;
mod worker;
