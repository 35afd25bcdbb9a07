//! Asks storefronts back about messages that say too little, or that only the storefront can vouch for,
//! and records what comes of it.

pub mod handler;
