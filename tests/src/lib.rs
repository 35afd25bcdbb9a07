//! What journeys and other tests share: the memory store, the store contract, the emulated table and
//! a server that answers as told.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

pub mod contract;
pub mod emulator;
pub mod memory;
pub mod samples;
pub mod wire;
