//! What all events of one message have in common: its id, its time and whether it is a test.

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use sha2::{Digest, Sha256};

use super::text;
use crate::event::{CartEvent, Change, ContactDetails, Origin};
use crate::ids::CartId;

/// The common part of the events of one message.
pub(super) struct Frame {
    /// The message's id, as [`CartEvent::id`] wants it.
    pub(super) id: String,
    /// Its time, never later than reception.
    pub(super) at: Timestamp,
    /// Whether it is a test.
    pub(super) is_test: bool,
}

impl Frame {
    /// An event of this message.
    pub(super) fn event(
        &self,
        carts: &[CartId],
        contact: Option<&ContactDetails>,
        change: Change,
    ) -> CartEvent {
        CartEvent {
            id: self.id.clone(),
            at: self.at,
            is_test: self.is_test,
            origin: Origin::Shop,
            carts: carts.to_vec(),
            contact: contact.cloned(),
            change,
        }
    }
}

/// The first of `candidates` that can be an id, or else one made of the body: the same body sent
/// again gets the same.
pub(super) fn message_id<'a>(
    candidates: impl IntoIterator<Item = Option<&'a str>>,
    body: &[u8],
) -> String {
    candidates
        .into_iter()
        .flatten()
        .find(|id| text::is_id(id))
        .map_or_else(|| digest(&[body]), str::to_owned)
}

/// An id made of `parts`; where one ends matters.
pub(super) fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for (index, part) in parts.iter().enumerate() {
        if 0 < index {
            hash.update([0]);
        }
        hash.update(part);
    }
    format!("sha256:{}", text::hex(&hash.finalize()))
}

/// An instant with its offset, or a date and time without one that is known to be UTC.
pub(super) fn utc(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    let plain: civil::DateTime = text.parse().ok()?;
    let zoned = plain.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp())
}
