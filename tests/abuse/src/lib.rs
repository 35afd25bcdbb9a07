//! Attacks on the door, through the real storefronts and use cases.

pub mod attack;
pub mod broken;
pub mod forged;
pub mod genuine;
pub mod samples;
pub mod talk;
