//! Commerce Layer's JSON:API documents, as far as we read them.

use serde::Deserialize;

use super::super::lenient::{Lenient, Scalar};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Document {
    pub(super) data: Resource,
    pub(super) included: Lenient<Vec<Lenient<Resource>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Resource {
    pub(super) id: Scalar,
    #[serde(rename = "type")]
    pub(super) kind: Scalar,
    pub(super) attributes: Attributes,
    pub(super) relationships: Lenient<Relationships>,
    pub(super) meta: Lenient<Meta>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Meta {
    pub(super) mode: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Relationships {
    pub(super) billing_address: Lenient<Relationship>,
    pub(super) shipping_address: Lenient<Relationship>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Relationship {
    pub(super) data: Lenient<Identifier>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Identifier {
    pub(super) id: Scalar,
}

/// The attributes of orders, line items, addresses, customers and subscriptions, whose names do not
/// clash.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Attributes {
    pub(super) number: Scalar,
    pub(super) status: Scalar,
    pub(super) payment_status: Scalar,
    pub(super) customer_email: Scalar,
    pub(super) email: Scalar,
    pub(super) language_code: Scalar,
    pub(super) country_code: Scalar,
    pub(super) currency_code: Scalar,
    pub(super) tax_included: Lenient<bool>,
    pub(super) subtotal_amount_cents: Scalar,
    pub(super) discount_amount_cents: Scalar,
    pub(super) shipping_amount_cents: Scalar,
    pub(super) total_tax_amount_cents: Scalar,
    pub(super) total_amount_with_taxes_cents: Scalar,
    pub(super) skus_count: Scalar,
    pub(super) cart_url: Scalar,
    pub(super) checkout_url: Scalar,
    pub(super) placed_at: Scalar,
    pub(super) cancelled_at: Scalar,
    pub(super) updated_at: Scalar,
    pub(super) first_name: Scalar,
    pub(super) item_type: Scalar,
    pub(super) sku_code: Scalar,
    pub(super) bundle_code: Scalar,
    pub(super) name: Scalar,
    pub(super) image_url: Scalar,
    pub(super) quantity: Scalar,
    pub(super) unit_amount_cents: Scalar,
    pub(super) total_amount_cents: Scalar,
    pub(super) reference: Scalar,
    pub(super) amount_cents: Scalar,
    pub(super) succeeded: Lenient<bool>,
}
