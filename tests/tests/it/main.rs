//! The one integration-test binary: each topic is a module, so that all of it links once.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

<<<<<<< HEAD
=======
mod bus;
mod ses_wire;
>>>>>>> 5b717d3 (bus: Put facts on EventBridge in batches of ten)
mod store;
