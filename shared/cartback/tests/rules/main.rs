//! The rules: tables of cases and properties on pure functions, and each use case by itself.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod brakes;
mod cart;
mod cart_facts;
mod compose;
mod consent;
mod decide;
mod desk;
mod erasure;
mod facts;
mod faults;
mod feedback;
mod guards;
mod history;
mod ingest;
mod offers;
mod origin;
mod outcome;
mod pulse;
mod push;
mod quiet_hours;
mod samples;
mod sequence;
mod settings;
mod story;
mod sweep;
mod urls;
mod worker;
