//! Takes storefront messages: verifies each over its raw bytes, parses it once, and stores its events
//! before it answers.

pub mod doubts;
pub mod handler;
mod page;
