//! Turns the table's stream into facts and puts them on the event bus.

pub mod handler;
