//! The one integration-test binary: each topic is a module, so that all of it links once.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod bigcommerce;
mod brakes;
mod browser;
mod bus;
mod collected;
mod command;
mod consent;
mod doctor;
mod durable;
mod emulated;
mod erasure;
mod fetch;
mod fixtures;
mod guides;
mod held;
mod hostile;
mod journey;
mod limits;
mod medusa;
mod offers;
mod operator;
mod outcomes;
mod page;
mod payloads;
mod preferences;
mod privacy;
mod process;
mod publish;
mod pulse;
mod push;
mod reconcile;
mod replay;
mod restore;
mod rivals;
mod saleor;
mod ses_wire;
mod spoken;
mod sqs_wire;
mod stops;
mod store;
mod storefronts;
mod trust;
mod visits;
