//! What journeys and other tests share: an installation of the real handlers, the
//! store contract, the emulated table, the outbox and a server that answers as told.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

pub mod contract;
pub mod emulator;
pub mod installation;
pub mod kills;
pub mod mails;
pub mod messages;
pub mod outbox;
pub mod samples;
pub mod tls;
pub mod wire;
