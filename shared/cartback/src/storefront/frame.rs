//! What all events of one message have in common: its id, its time and whether it is a test.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::text;
use crate::event::{CartEvent, Change, ContactDetails};
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
            carts: carts.to_vec(),
            contact: contact.cloned(),
            change,
        }
    }
}

/// A time with an offset, in RFC 3339 or as mails have it, or without one in UTC.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let in_utc = || {
        let civil: DateTime = text.parse().ok()?;
        civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    };
    text.parse()
        .ok()
        .or_else(in_utc)
        .or_else(|| rfc2822::DateTimeParser::new().parse_timestamp(text).ok())
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
        .map_or_else(|| digest(body), str::to_owned)
}

fn digest(body: &[u8]) -> String {
    Sha256::digest(body)
        .iter()
        .fold("sha256:".to_owned(), |mut hex, byte| {
            // Writing to a `String` cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}
