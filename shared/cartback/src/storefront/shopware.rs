//! Shopware's webhooks, as an app registers them. They tell of orders, logins and newsletters, never of
//! carts: a plugin tells of those in our own format and notes the cart's name on the order.

use jiff::Timestamp;
use serde::Deserialize;

use super::basket::first_text;
use super::contact::contact;
use super::frame::{Frame, message_id};
use super::lenient::{Lenient, Scalar};
use super::secret::Secret;
use super::signature::{SignatureError, check_time_within, hex_hmac, match_any};
use super::{Malformed, Message, Parsed, Reception, Storefront, json, price, text};
use crate::consent::{Consent, ConsentBasis, ConsentState};
use crate::event::{CartEvent, Change, ContactDetails, Order, Refund};
use crate::ids::CartId;

const SIGNATURE_HEADER: &str = "shopware-shop-signature";
/// The same by the secret before, while a shop registers again.
const PREVIOUS_HEADER: &str = "shopware-shop-signature-previous";

/// Shopware repeats a message for 4 h 35 min, with the time at which it first sent it. What is replayed
/// within that changes nothing: the fold knows it. Source: shopware/docs, "webhook outbox transport".
const TOLERANCE_SECONDS: i64 = 6 * 3600;

/// Shopware 6, by an app's webhooks. A secret is the shop's, made when the app was registered.
pub struct Shopware;

impl Storefront for Shopware {
    fn name(&self) -> &'static str {
        "shopware"
    }

    /// Either header will do: who still has the secret before knows the second.
    fn verify(
        &self,
        secrets: &[Secret],
        message: Message<'_>,
        accepted_times: &[Timestamp],
    ) -> Result<(), SignatureError> {
        let given = [SIGNATURE_HEADER, PREVIOUS_HEADER].map(|name| message.header(name));
        if given == [None, None] {
            return Err(SignatureError::Header(SIGNATURE_HEADER));
        }
        match_any(secrets, given.into_iter().flatten(), |secret| {
            Some(hex_hmac(secret.text(), &[message.body]))
        })?;
        // Only now is the body believed, in which the time stands; older shops send none.
        let sent: Option<Sent> = serde_json::from_slice(message.body).ok();
        match sent.and_then(|sent| sent.time()) {
            Some(sent_at) => check_time_within(TOLERANCE_SECONDS, sent_at, accepted_times),
            None => Ok(()),
        }
    }

    fn parse(&self, message: Message<'_>, reception: Reception) -> Result<Parsed, Malformed> {
        let sent: Sent = json::read(message.body)?;
        let Some(name) = sent.data.event.text() else {
            return Err(Malformed::new("data.event", "is missing"));
        };
        let told = Told {
            sent: &sent,
            message,
            reception,
        };
        let payload = sent.data.payload.as_ref();
        let order = payload.and_then(|payload| payload.order.as_ref());
        let customer = payload.and_then(|payload| payload.customer.as_ref());
        let recipient = payload.and_then(|payload| payload.recipient.as_ref());
        let events = match (name, order) {
            ("state_enter.order.state.cancelled", Some(order)) => told.cancelled(order),
            (
                "state_enter.order_transaction.state.failed"
                | "state_enter.order_transaction.state.cancelled",
                Some(order),
            ) => told.payment_failed(order),
            ("checkout.order.placed" | "state_enter.order_transaction.state.paid", Some(order)) => {
                told.placed(order)
            }
            (
                "state_enter.order_transaction.state.refunded"
                | "state_enter.order_transaction.state.refunded_partially",
                Some(order),
            ) => told.refunded(name, order),
            _ => match name {
                "checkout.customer.login" | "checkout.customer.guest_register" => {
                    let token = payload.and_then(|payload| payload.context_token.text());
                    told.identified(token, customer)
                }
                "checkout.customer.deleted" => told.deleted(customer),
                "newsletter.confirm" => told.consent(recipient, ConsentBasis::DoubleOptIn),
                // Without confirmation, as the shop has it set.
                "newsletter.register" if recipient.is_some_and(Recipient::is_direct) => {
                    told.consent(recipient, ConsentBasis::Express)
                }
                "newsletter.unsubscribe" => told.consent(recipient, ConsentBasis::None),
                _ => Vec::new(),
            },
        };
        let name = text::clip(name, 80).unwrap_or_default();
        let nothing = format!("{name} tells nothing of a cart");
        Ok(Parsed::told(events, &nothing))
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Sent {
    data: SentData,
    source: Lenient<Source>,
    timestamp: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SentData {
    event: Scalar,
    payload: Lenient<Payload>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Source {
    event_id: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Payload {
    order: Lenient<SentOrder>,
    customer: Lenient<Customer>,
    context_token: Scalar,
    #[serde(rename = "newsletterRecipient")]
    recipient: Lenient<Recipient>,
}

/// An order, without its `deepLinkCode`, which is a secret.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct SentOrder {
    id: Scalar,
    order_number: Scalar,
    order_date_time: Scalar,
    created_at: Scalar,
    amount_total: Scalar,
    currency: Lenient<SentCurrency>,
    order_customer: Lenient<Customer>,
    custom_fields: Lenient<CustomFields>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct SentCurrency {
    iso_code: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Customer {
    email: Scalar,
    first_name: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CustomFields {
    cartback_cart: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Recipient {
    email: Scalar,
    status: Scalar,
}

impl Sent {
    fn time(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.timestamp.text()?.parse().ok()?).ok()
    }
}

impl Recipient {
    fn is_direct(&self) -> bool {
        self.status.text() == Some("direct")
    }
}

struct Told<'a> {
    sent: &'a Sent,
    message: Message<'a>,
    reception: Reception,
}

impl Told<'_> {
    /// `eventId` stays the same over retries. Shopware marks no tests.
    fn frame(&self, times: &[&Scalar]) -> Frame {
        let received_at = self.reception.received_at;
        let source = self.sent.source.as_ref();
        let id = source.and_then(|source| source.event_id.text());
        Frame {
            id: message_id([id], self.message.body),
            at: times
                .iter()
                .find_map(|time| time.text()?.parse::<Timestamp>().ok())
                .or_else(|| self.sent.time())
                .unwrap_or(received_at)
                .min(received_at),
            is_test: false,
        }
    }

    /// An order counts once it is placed, paid or not: many are paid by invoice.
    fn placed(&self, order: &SentOrder) -> Vec<CartEvent> {
        let (carts, person) = (carts(order), order_person(order));
        if carts.is_empty() && person.is_none() {
            return Vec::new();
        }
        let frame = self.frame(&[&order.order_date_time, &order.created_at]);
        let currency = order.currency.as_ref();
        let currency = currency.and_then(|currency| currency.iso_code.currency());
        let currency = currency.unwrap_or(self.reception.currency);
        let id = first_text(&[&order.order_number, &order.id], 128);
        let change = Change::OrderPlaced(Order {
            id: id.unwrap_or_else(|| frame.id.clone()),
            // A float, in the currency's major units.
            total: order
                .amount_total
                .text()
                .and_then(|total| price::decimal(total, currency)),
        });
        vec![frame.event(&carts, person.as_ref(), change)]
    }

    /// The event tells no amount; all was paid back if it was not in part.
    fn refunded(&self, name: &str, order: &SentOrder) -> Vec<CartEvent> {
        let mut events = self.placed(order);
        let refund = events.first().and_then(|placement| {
            let Change::OrderPlaced(placed) = &placement.change else {
                return None;
            };
            let is_whole = name.ends_with(".refunded");
            let frame = self.frame(&[]);
            let refund = Refund {
                id: frame.id.clone(),
                amount: placed.total.filter(|_| is_whole),
            };
            let person = placement.contact.as_ref();
            let change = Change::OrderRefunded(refund);
            Some(frame.event(&placement.carts, person, change))
        });
        events.extend(refund);
        events
    }

    fn cancelled(&self, order: &SentOrder) -> Vec<CartEvent> {
        let mut events = self.placed(order);
        let cancellation = events.first().map(|placement| {
            let person = placement.contact.as_ref();
            self.frame(&[])
                .event(&placement.carts, person, Change::OrderCancelled)
        });
        events.extend(cancellation);
        events
    }

    /// The order stays one for us; that its payment failed is noted.
    fn payment_failed(&self, order: &SentOrder) -> Vec<CartEvent> {
        let carts = carts(order);
        if carts.is_empty() {
            return Vec::new();
        }
        let frame = self.frame(&[]);
        vec![frame.event(&carts, None, Change::PaymentFailed)]
    }

    /// The token of the shopper's session is that of their cart.
    fn identified(&self, token: Option<&str>, customer: Option<&Customer>) -> Vec<CartEvent> {
        let cart = token.and_then(|token| token.parse::<CartId>().ok());
        let (Some(cart), Some(person)) = (cart, customer.and_then(person)) else {
            return Vec::new();
        };
        let frame = self.frame(&[]);
        vec![frame.event(&[cart], Some(&person), Change::ContactIdentified)]
    }

    fn deleted(&self, customer: Option<&Customer>) -> Vec<CartEvent> {
        let email = customer.and_then(|customer| customer.email.text());
        // With the address only: whoever asks to be forgotten is not described once more.
        let Some(person) = contact(email, &[], None, &[]) else {
            return Vec::new();
        };
        let frame = self.frame(&[]);
        vec![frame.event(&[], Some(&person), Change::ErasureRequested)]
    }

    fn consent(&self, recipient: Option<&Recipient>, basis: ConsentBasis) -> Vec<CartEvent> {
        let email = recipient.and_then(|recipient| recipient.email.text());
        let Some(person) = contact(email, &[], None, &[]) else {
            return Vec::new();
        };
        let state = match basis {
            ConsentBasis::None => ConsentState::Refused,
            ConsentBasis::Express | ConsentBasis::DoubleOptIn | ConsentBasis::SoftOptIn => {
                ConsentState::Granted
            }
        };
        let change = Change::ConsentChanged(Consent {
            state,
            basis,
            source: Some("Shopware, newsletter".to_owned()),
            text_version: None,
        });
        let frame = self.frame(&[]);
        vec![frame.event(&[], Some(&person), change)]
    }
}

/// The name that the plugin noted, then the order's own.
fn carts(order: &SentOrder) -> Vec<CartId> {
    let own = order.custom_fields.as_ref();
    let own = own.and_then(|fields| fields.cartback_cart.text());
    [own, order.id.text()]
        .into_iter()
        .flatten()
        .filter_map(|name| name.parse().ok())
        .collect()
}

fn order_person(order: &SentOrder) -> Option<ContactDetails> {
    person(order.order_customer.as_ref()?)
}

fn person(customer: &Customer) -> Option<ContactDetails> {
    contact(
        customer.email.text(),
        &[Some(&customer.first_name)],
        None,
        &[],
    )
}
