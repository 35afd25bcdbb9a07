//! Snipcart's webhooks. Nothing signs them: each carries a token, and Snipcart says once whether the
//! token is its own. So a message is believed only after Snipcart was asked.
//!
//! Snipcart tells of orders only. Carts come in our own format, under Snipcart's cart token.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;

use super::contact::contact;
use super::fetch::{Access, Fetch, Next, Question, Reply};
use super::frame::{self, Frame, message_id};
use super::lenient::{Lenient, Scalar};
use super::secret::{InvalidSecret, Secret};
use super::signature::{SignatureError, header};
use super::{Malformed, Message, Parsed, Reception, Storefront, json, text};
use crate::event::{CartEvent, Change, ContactDetails, Order, Refund};
use crate::ids::CartId;
use crate::money::Money;

/// Snipcart, by its webhooks. It has no secret to sign with; its API key stands under `api`.
pub struct Snipcart;

const HOST: &str = "app.snipcart.com";
const TOKEN: &str = "x-snipcart-requesttoken";
const SECRET_KEY: &str = "secret_key";

impl Storefront for Snipcart {
    fn name(&self) -> &'static str {
        "snipcart"
    }

    fn check_secret(&self, _: &str) -> Result<(), InvalidSecret> {
        Err(InvalidSecret(
            "Snipcart signs nothing; give its key under `api`",
        ))
    }

    /// Never more than unproven: the token is checked by its letters alone, as it goes into a path.
    fn verify(
        &self,
        _: &[Secret],
        message: Message<'_>,
        _: &[Timestamp],
    ) -> Result<(), SignatureError> {
        match token(message) {
            Some(_) => Err(SignatureError::Unproven),
            None => Err(SignatureError::Header(TOKEN)),
        }
    }

    fn parse(&self, message: Message<'_>, reception: Reception) -> Result<Parsed, Malformed> {
        let notice: Notice = json::read(message.body)?;
        let event = notice
            .event_name
            .text()
            .ok_or_else(|| Malformed::new("eventName", "is missing"))?;
        let told = Told {
            content: notice.content.as_ref(),
            notice: &notice,
            body: message.body,
            reception,
        };
        let to = notice.to.text().unwrap_or_default();
        Ok(match event {
            "order.completed" => told.completed(),
            "order.paymentStatus.changed" => told.paid(to),
            "order.status.changed" if to.eq_ignore_ascii_case("cancelled") => told.cancelled(),
            "order.status.changed" => told.placed(),
            "order.refund.created" => told.refunded(),
            _ => {
                let event = text::clip(event, 80).unwrap_or_default();
                Parsed::Ignored(format!("event {event} is not needed"))
            }
        })
    }

    fn fetch(&self) -> Option<&dyn Fetch> {
        Some(self)
    }
}

impl Fetch for Snipcart {
    fn headers(&self) -> &'static [&'static str] {
        &[TOKEN]
    }

    fn check_access(&self, access: &Access) -> Result<(), InvalidSecret> {
        access.check_names(
            &[SECRET_KEY],
            "give `secret_key`, Snipcart's secret API key",
        )
    }

    /// Source: docs.snipcart.com, "Webhooks": 200 for a token of theirs, 404 for any other, and for one
    /// that was asked about before or is older than an hour.
    fn next(
        &self,
        access: &Access,
        message: Message<'_>,
        reception: Reception,
        replies: &[Reply],
    ) -> Result<Next, Malformed> {
        let Some(token) = token(message) else {
            return Ok(Next::Forged);
        };
        let Some(reply) = replies.first() else {
            let question = Question::get(HOST, &["api", "requestvalidation", token])
                .ok_or_else(|| Malformed::new(TOKEN, "is no token"))?;
            // The key is the user's name; there is no password.
            let key = format!("{}:", access.of(SECRET_KEY).unwrap_or_default());
            let basic = Secret(format!("Basic {}", STANDARD.encode(key)));
            return Ok(Next::Ask(question.header("authorization", basic).once()));
        };
        match reply.status {
            200 => Ok(match self.parse(message, reception)? {
                Parsed::Events(events) => Next::Record(events),
                Parsed::Ignored(reason) => Next::Ignore(reason),
                Parsed::Fetch | Parsed::Products(_) => Next::Unknown,
            }),
            404 => Ok(Next::Unknown),
            status => Err(Malformed::new(".", format!("Snipcart answered {status}"))),
        }
    }
}

fn token(message: Message<'_>) -> Option<&str> {
    let token = header(message.headers, TOKEN).ok()?;
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    ((1..=128).contains(&token.len()) && token.bytes().all(is_safe)).then_some(token)
}

/// A genuine message.
struct Told<'a> {
    notice: &'a Notice,
    content: Option<&'a Content>,
    body: &'a [u8],
    reception: Reception,
}

impl Told<'_> {
    /// An order as its payment stands: of one that failed the shopper still has the cart.
    fn completed(&self) -> Parsed {
        let status = self
            .content
            .and_then(|content| content.payment_status.text());
        self.paid(status.unwrap_or("Paid"))
    }

    fn paid(&self, status: &str) -> Parsed {
        match status.to_ascii_lowercase().as_str() {
            "failed" | "expired" | "cancelled" => self.told(Change::PaymentFailed),
            "pending" | "open" => self.told(Change::PaymentPending),
            _ => self.placed(),
        }
    }

    fn placed(&self) -> Parsed {
        told(self.placement().into_iter().collect())
    }

    fn cancelled(&self) -> Parsed {
        // With the placing, which may be late or lost: a cancelled order was an order.
        let cancellation = self.event(self.sent_at(), Change::OrderCancelled);
        told(self.placement().into_iter().chain(cancellation).collect())
    }

    fn refunded(&self) -> Parsed {
        let Some(content) = self.content else {
            return told(Vec::new());
        };
        let currency = content.currency.currency();
        let currency = currency.unwrap_or(self.reception.currency);
        let id = content.id.text();
        self.told(Change::OrderRefunded(Refund {
            id: id.map_or_else(|| self.id(), |id| id.chars().take(128).collect()),
            amount: content.amount.rounded_money(currency),
        }))
    }

    fn told(&self, change: Change) -> Parsed {
        told(self.event(self.sent_at(), change).into_iter().collect())
    }

    /// The order at the time of its placing, if that is told: a parcel days later would stop the next
    /// cart.
    fn placement(&self) -> Option<CartEvent> {
        let content = self.content?;
        let dates = [&content.completion_date, &content.creation_date];
        let is_new = self.notice.event_name.text() == Some("order.completed");
        let placed_at = dates.iter().find_map(|date| frame::utc(date.text()?));
        let at = placed_at.or_else(|| is_new.then(|| self.sent_at()))?;
        let currency = content
            .currency
            .currency()
            .unwrap_or(self.reception.currency);
        let totals = [&content.final_grand_total, &content.grand_total];
        let total: Option<Money> = totals
            .iter()
            .find_map(|total| total.rounded_money(currency));
        let id = content.invoice_number.text().or(content.token.text());
        let id = id.map_or_else(|| self.id(), |id| id.chars().take(128).collect());
        self.event(at, Change::OrderPlaced(Order { id, total }))
    }

    /// An event, if the message names a cart or a person.
    fn event(&self, at: Timestamp, change: Change) -> Option<CartEvent> {
        let content = self.content?;
        // A refund has a name of its own beside that of its order.
        let token = content.order_token.text().or(content.token.text());
        let cart: Option<CartId> = token.and_then(|token| token.parse().ok());
        let carts: Vec<CartId> = cart.into_iter().collect();
        let person = person(content);
        if carts.is_empty() && person.is_none() {
            return None;
        }
        let frame = Frame {
            id: self.id(),
            at: at.min(self.reception.received_at),
            // Whatever is not marked live must not reach a shopper.
            is_test: self
                .notice
                .mode
                .text()
                .is_none_or(|mode| !mode.eq_ignore_ascii_case("live")),
        };
        Some(frame.event(&carts, person.as_ref(), change))
    }

    /// Snipcart names no message; a repeated one has the same bytes.
    fn id(&self) -> String {
        message_id([], self.body)
    }

    fn sent_at(&self) -> Timestamp {
        let sent_at = self.notice.created_on.text().and_then(frame::utc);
        sent_at.unwrap_or(self.reception.received_at)
    }
}

fn told(events: Vec<CartEvent>) -> Parsed {
    Parsed::told(events, "it names no order, or not when that was placed")
}

fn person(content: &Content) -> Option<ContactDetails> {
    let billing = content.billing_address.as_ref();
    let user = content.user.as_ref();
    let email = content.email.text().or_else(|| user?.email.text());
    contact(
        email,
        &[
            billing.map(|address| &address.first_name),
            Some(&content.billing_address_first_name),
        ],
        Some(&content.lang),
        &[
            content
                .shipping_address
                .as_ref()
                .map(|address| &address.country),
            billing.map(|address| &address.country),
        ],
    )
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Notice {
    event_name: Scalar,
    mode: Scalar,
    created_on: Scalar,
    to: Scalar,
    content: Lenient<Content>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Content {
    token: Scalar,
    /// Of a refund.
    order_token: Scalar,
    id: Scalar,
    amount: Scalar,
    invoice_number: Scalar,
    email: Scalar,
    user: Lenient<User>,
    lang: Scalar,
    payment_status: Scalar,
    currency: Scalar,
    grand_total: Scalar,
    final_grand_total: Scalar,
    creation_date: Scalar,
    completion_date: Scalar,
    billing_address: Lenient<Address>,
    billing_address_first_name: Scalar,
    shipping_address: Lenient<Address>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct User {
    email: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Address {
    first_name: Scalar,
    country: Scalar,
}
