//! Reads recorded events: one message a line, in any order.

use std::path::Path;

use cartback::event::CartEvent;
use cartback::shop::Shop;
use cartback::storefront::cartback::Cartback;
use cartback::storefront::{self, Parsed, Reception, Storefront};
use jiff::Timestamp;

use crate::Failure;

/// The events of one line, which stay together.
pub(super) struct Message {
    /// When it happened, and so when it is played.
    pub(super) at: Timestamp,
    pub(super) events: Vec<CartEvent>,
}

/// What an event without a time gets from the parser; no event can say it itself.
const NO_TIME: Timestamp = Timestamp::MAX;

/// The messages of `file`, oldest first; those of one time in the order of their lines.
pub(super) fn read(file: &Path, shop: &Shop) -> Result<Vec<Message>, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        format!(
            "{}: cannot be read ({error}); give a file with one event a line, as docs/events.md describes them",
            file.display()
        )
    })?;
    let mut messages = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let message = read_line(line, number, shop)
            .map_err(|fault| format!("{}, line {number}: {fault}", file.display()))?;
        messages.extend(message);
    }
    messages.sort_by_key(|message| message.at);
    Ok(messages)
}

/// One line about `messages`.
pub(super) fn describe(messages: &[Message]) -> String {
    match (messages.first(), messages.last()) {
        (Some(first), Some(last)) => {
            format!("{} events from {} to {}", messages.len(), first.at, last.at)
        }
        _ => "no events".to_owned(),
    }
}

/// The message on a line; `None` if the line is empty, or its event changes no cart.
fn read_line(line: &str, number: usize, shop: &Shop) -> Result<Option<Message>, Failure> {
    if line.trim().is_empty() {
        return Ok(None);
    }
    let mut headers = http::HeaderMap::new();
    // Events without an id of their own need one that is theirs alone.
    headers.insert("webhook-id", format!("line-{number}").parse()?);
    let reception = Reception {
        received_at: NO_TIME,
        currency: shop.currency,
    };
    let Parsed::Events(events) = Cartback.parse(
        storefront::Message {
            headers: &headers,
            body: line.as_bytes(),
        },
        reception,
    )?
    else {
        return Ok(None);
    };
    match events.first().map(|event| event.at) {
        Some(at) if at == NO_TIME => {
            Err("at: is missing; give the time at which it happened".into())
        }
        Some(at) => Ok(Some(Message { at, events })),
        None => Ok(None),
    }
}
