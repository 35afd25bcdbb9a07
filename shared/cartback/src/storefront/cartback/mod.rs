//! Our own event format, for shops that send their own events: one JSON object for each request,
//! signed by Standard Webhooks. A public contract: `docs/events.md` explains it.
//!
//! Fields may be added, never changed. What is wrong is refused with its path, not repaired.

mod cart;
mod person;
mod product;
mod wire;

pub(super) use person::time_zone;

use jiff::Timestamp;
use serde::de::DeserializeOwned;

pub use self::product::{Products, products_schema};
use self::wire::{Event, Head};
use super::frame::{Frame, message_id};
use super::secret::{InvalidSecret, Secret};
use super::signature::SignatureError;
use super::{Malformed, Message, Parsed, Reception, Storefront, json, standard_webhooks, text};
use crate::event::{CartEvent, Change};
use crate::ids::CartId;

/// A shop's own events, at `/events/{shop}` too.
pub struct Cartback;

impl Storefront for Cartback {
    fn name(&self) -> &'static str {
        "cartback"
    }

    fn check_secret(&self, text: &str) -> Result<(), InvalidSecret> {
        standard_webhooks::check_secret(text)
    }

    fn verify(
        &self,
        secrets: &[Secret],
        message: Message<'_>,
        accepted_times: &[Timestamp],
    ) -> Result<(), SignatureError> {
        standard_webhooks::verify(secrets, message.headers, message.body, accepted_times)
    }

    /// One event, or for a cart with contact and consent up to three. Without `id` the event has the id
    /// of the `webhook-id` header, without `at` the time of reception.
    fn parse(&self, message: Message<'_>, reception: Reception) -> Result<Parsed, Malformed> {
        let head: Head = json::read(message.body)?;
        let event = Event {
            message: read(&head.kind, message.body)?,
            head,
        };
        let frame = frame(&event.head, message, reception)?;
        events(&frame, event.message, reception)
    }
}

fn events(
    frame: &Frame,
    message: wire::Message,
    reception: Reception,
) -> Result<Parsed, Malformed> {
    use wire::Message;
    match message {
        Message::CartUpdated(message) => cart::updated(frame, message),
        Message::ContactIdentified(message) => {
            let cart = cart_id("cart_id", &message.cart_id)?;
            let contact = person::contact(&message.contact)?;
            Ok(one(frame.event(
                &[cart],
                Some(&contact),
                Change::ContactIdentified,
            )))
        }
        Message::ConsentChanged(message) => {
            let cart = message
                .cart_id
                .as_ref()
                .map(|id| cart_id("cart_id", id))
                .transpose()?;
            let contact = person::of_address("contact.email", &message.contact.email.0)?;
            let consent = person::consent(&message.consent)?;
            Ok(one(frame.event(
                cart.as_slice(),
                Some(&contact),
                Change::ConsentChanged(consent),
            )))
        }
        Message::StepReached(message) => cart::step_reached(frame, &message),
        Message::PaymentFailed(message) => of_cart(frame, &message, Change::PaymentFailed),
        Message::PaymentPending(message) => of_cart(frame, &message, Change::PaymentPending),
        Message::OrderPlaced(message) => cart::order_placed(frame, &message, reception.currency),
        Message::OrderCancelled(message) => {
            cart::order_id(&message.order.id)?;
            match &message.cart_id {
                Some(id) => Ok(one(frame.event(
                    &[cart_id("cart_id", id)?],
                    None,
                    Change::OrderCancelled,
                ))),
                None => Ok(Parsed::Ignored(
                    "order.cancelled without cart_id changes no cart".to_owned(),
                )),
            }
        }
        Message::OrderRefunded(message) => {
            cart::order_refunded(frame, &message, reception.currency)
        }
        Message::CartDeleted(message) => of_cart(frame, &message, Change::CartDeleted),
        Message::DataRequested(message) => {
            let contact = person::of_address("contact.email", &message.contact.email.0)?;
            Ok(one(frame.event(&[], Some(&contact), Change::DataRequested)))
        }
        Message::ErasureRequested(message) => {
            let contact = person::of_address("contact.email", &message.contact.email.0)?;
            Ok(one(frame.event(
                &[],
                Some(&contact),
                Change::ErasureRequested,
            )))
        }
    }
}

/// The JSON Schema of a message, draft 2020-12, as published in `docs/events.schema.json`.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Event).to_value()
}

fn read(kind: &str, body: &[u8]) -> Result<wire::Message, Malformed> {
    use wire::Message;
    fn of<T: DeserializeOwned>(wrap: fn(T) -> Message, body: &[u8]) -> Result<Message, Malformed> {
        json::read(body).map(wrap)
    }
    match kind {
        "cart.updated" => of(Message::CartUpdated, body),
        "contact.identified" => of(Message::ContactIdentified, body),
        "consent.changed" => of(Message::ConsentChanged, body),
        "checkout.step_reached" => of(Message::StepReached, body),
        "payment.failed" => of(Message::PaymentFailed, body),
        "payment.pending" => of(Message::PaymentPending, body),
        "order.placed" => of(Message::OrderPlaced, body),
        "order.cancelled" => of(Message::OrderCancelled, body),
        "order.refunded" => of(Message::OrderRefunded, body),
        "cart.deleted" => of(Message::CartDeleted, body),
        "data.requested" => of(Message::DataRequested, body),
        "erasure.requested" => of(Message::ErasureRequested, body),
        _ => Err(Malformed::new(
            "type",
            "is no event type; send cart.updated, contact.identified, consent.changed, \
             checkout.step_reached, payment.failed, payment.pending, order.placed, order.cancelled, \
             order.refunded, cart.deleted, data.requested or erasure.requested",
        )),
    }
}

fn frame(head: &Head, message: Message<'_>, reception: Reception) -> Result<Frame, Malformed> {
    let frame = frame_of(head.id.as_deref(), head.at.as_deref(), message, reception)?;
    Ok(Frame {
        is_test: head.test.unwrap_or(false),
        ..frame
    })
}

/// The frame of a message that says its own id and time, or leaves them to the header and to us.
fn frame_of(
    id: Option<&str>,
    at: Option<&str>,
    message: Message<'_>,
    reception: Reception,
) -> Result<Frame, Malformed> {
    if id.is_some_and(|id| !text::is_id(id)) {
        return Err(Malformed::new(
            "id",
            "is no id; send 1 to 128 printable ASCII characters without spaces",
        ));
    }
    let header = message.header(standard_webhooks::ID_HEADER);
    let at = match at {
        None => reception.received_at,
        Some(text) => text.parse::<Timestamp>().map_err(|_| {
            Malformed::new(
                "at",
                "is no time; send RFC 3339 with an offset, such as \"2026-07-01T12:00:00Z\"",
            )
        })?,
    };
    Ok(Frame {
        id: message_id([id, header], message.body),
        at: at.min(reception.received_at),
        is_test: false,
    })
}

fn of_cart(frame: &Frame, message: &wire::CartOnly, change: Change) -> Result<Parsed, Malformed> {
    Ok(one(frame.event(
        &[cart_id("cart_id", &message.cart_id)?],
        None,
        change,
    )))
}

fn one(event: CartEvent) -> Parsed {
    Parsed::Events(vec![event])
}

fn cart_id(path: &str, id: &wire::CartId) -> Result<CartId, Malformed> {
    id.0.parse().map_err(|_| {
        Malformed::new(
            path,
            "is no cart id; send 1 to 128 printable ASCII characters without spaces",
        )
    })
}
