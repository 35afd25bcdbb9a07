//! Stripe's JSON, as far as we read it.

use serde::Deserialize;

use super::super::lenient::{Lenient, Scalar};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Event {
    pub(super) id: Scalar,
    #[serde(rename = "type")]
    pub(super) kind: Scalar,
    pub(super) created: Scalar,
    pub(super) livemode: Lenient<bool>,
    pub(super) data: Lenient<EventData>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct EventData {
    pub(super) object: Lenient<Session>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Session {
    pub(super) id: Scalar,
    pub(super) created: Scalar,
    pub(super) livemode: Lenient<bool>,
    pub(super) mode: Scalar,
    pub(super) payment_status: Scalar,
    pub(super) currency: Scalar,
    pub(super) amount_subtotal: Scalar,
    pub(super) amount_total: Scalar,
    pub(super) total_details: Lenient<TotalDetails>,
    pub(super) presentment_details: Lenient<Presentment>,
    pub(super) line_items: Lenient<LineItems>,
    pub(super) customer_details: Lenient<Customer>,
    pub(super) customer_email: Scalar,
    pub(super) locale: Scalar,
    pub(super) consent: Lenient<SessionConsent>,
    pub(super) after_expiration: Lenient<AfterExpiration>,
    pub(super) recovered_from: Scalar,
    pub(super) client_reference_id: Scalar,
    pub(super) metadata: Lenient<Metadata>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct TotalDetails {
    pub(super) amount_discount: Scalar,
    pub(super) amount_shipping: Scalar,
    pub(super) amount_tax: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Presentment {
    pub(super) presentment_amount: Scalar,
    pub(super) presentment_currency: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct LineItems {
    pub(super) data: Lenient<Vec<Lenient<Line>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Line {
    pub(super) id: Scalar,
    pub(super) description: Scalar,
    pub(super) quantity: Scalar,
    pub(super) amount_total: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Customer {
    pub(super) email: Scalar,
    pub(super) name: Scalar,
    pub(super) address: Lenient<Address>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Address {
    pub(super) country: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct SessionConsent {
    pub(super) promotions: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct AfterExpiration {
    pub(super) recovery: Lenient<Recovery>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Recovery {
    pub(super) url: Scalar,
}

/// What the shop wrote on the session for us.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Metadata {
    pub(super) cartback_cart: Scalar,
    pub(super) cartback_title: Scalar,
}
