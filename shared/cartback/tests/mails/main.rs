//! Mails as people get them, held against what strangers write into carts and what shops tell of their
//! products.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod carts;
mod injection;
mod truth;
