//! The one integration-test binary: each topic is a module, so that all of it links once.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;
mod bus;
mod ses_wire;
mod store;
