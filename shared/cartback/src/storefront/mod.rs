//! Storefront messages in, canonical events out: bytes and headers are verified, parsed once, and
//! either become events, are ignored for a stated reason, or are refused with the fault named.

use jiff::Timestamp;

use crate::event::CartEvent;
use crate::money::Currency;

pub mod cartback;
mod frame;
mod json;
pub mod shopify;
pub mod signature;
mod text;

/// What a parser must know besides the message.
#[derive(Debug, Clone, Copy)]
pub struct Reception {
    /// When the message arrived; no event is later than that.
    pub received_at: Timestamp,
    /// The shop's currency, for messages that name none.
    pub currency: Currency,
}

/// What a genuine message turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// Events to record, in the order in which they are to be applied; never empty.
    Events(Vec<CartEvent>),
    /// Known and of no use for carts, such as a topic that we do not need; the reason is for
    /// people.
    Ignored(String),
}

/// Why a genuine message cannot be used. Nothing of it is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {fault}")]
pub struct Malformed {
    /// JSON path of the fault, such as `cart.items[0].price`; `.` is the whole body.
    pub path: String,
    /// The fault and what to send instead. Repeats nothing personal.
    pub fault: String,
}

impl Malformed {
    fn new(path: impl Into<String>, fault: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            fault: fault.into(),
        }
    }
}
