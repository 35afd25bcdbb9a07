//! Shopify's JSON, as far as we read it.

use serde::Deserialize;

use super::super::lenient::{Lenient, Scalar};
use crate::money::Money;

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Cart {
    pub(super) token: Scalar,
    pub(super) id: Scalar,
    pub(super) line_items: Option<Vec<Option<Line>>>,
    pub(super) updated_at: Scalar,
    pub(super) created_at: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Checkout {
    pub(super) token: Scalar,
    pub(super) cart_token: Scalar,
    pub(super) email: Scalar,
    pub(super) phone: Scalar,
    pub(super) customer_locale: Scalar,
    pub(super) currency: Scalar,
    pub(super) presentment_currency: Scalar,
    pub(super) line_items: Option<Vec<Option<Line>>>,
    pub(super) shipping_lines: Lenient<Vec<ShippingLine>>,
    pub(super) subtotal_price: Scalar,
    pub(super) total_price: Scalar,
    pub(super) total_tax: Scalar,
    pub(super) taxes_included: Lenient<bool>,
    pub(super) abandoned_checkout_url: Scalar,
    pub(super) shipping_address: Lenient<Address>,
    pub(super) billing_address: Lenient<Address>,
    pub(super) customer: Lenient<Customer>,
    pub(super) updated_at: Scalar,
    pub(super) created_at: Scalar,
    pub(super) completed_at: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Order {
    pub(super) id: Scalar,
    pub(super) checkout_token: Scalar,
    pub(super) cart_token: Scalar,
    pub(super) email: Scalar,
    pub(super) contact_email: Scalar,
    pub(super) customer_locale: Scalar,
    pub(super) customer: Lenient<Customer>,
    pub(super) shipping_address: Lenient<Address>,
    pub(super) billing_address: Lenient<Address>,
    pub(super) currency: Scalar,
    pub(super) total_price: Scalar,
    pub(super) total_price_set: Lenient<MoneySet>,
    pub(super) test: Lenient<bool>,
    pub(super) created_at: Scalar,
    pub(super) processed_at: Scalar,
    pub(super) updated_at: Scalar,
    pub(super) cancelled_at: Scalar,
    pub(super) note_attributes: Lenient<Vec<Lenient<NoteAttribute>>>,
    pub(super) refunds: Lenient<Vec<Lenient<Refund>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Refund {
    pub(super) id: Scalar,
    pub(super) created_at: Scalar,
    pub(super) transactions: Lenient<Vec<Lenient<Transaction>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Transaction {
    pub(super) kind: Scalar,
    pub(super) status: Scalar,
    pub(super) amount: Scalar,
    pub(super) currency: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Product {
    pub(super) title: Scalar,
    pub(super) status: Scalar,
    pub(super) image: Lenient<Image>,
    pub(super) variants: Lenient<Vec<Lenient<Variant>>>,
    pub(super) created_at: Scalar,
    pub(super) updated_at: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Image {
    pub(super) src: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Variant {
    pub(super) id: Scalar,
    pub(super) title: Scalar,
    pub(super) price: Scalar,
    pub(super) compare_at_price: Scalar,
    pub(super) inventory_policy: Scalar,
    pub(super) inventory_management: Scalar,
    pub(super) inventory_quantity: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct NoteAttribute {
    pub(super) name: Scalar,
    pub(super) value: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Customer {
    pub(super) email: Scalar,
    pub(super) first_name: Scalar,
    pub(super) default_address: Lenient<Address>,
    pub(super) email_marketing_consent: Lenient<EmailConsent>,
    pub(super) created_at: Scalar,
    pub(super) updated_at: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ConsentUpdate {
    pub(super) email_address: Scalar,
    pub(super) email_marketing_consent: Lenient<EmailConsent>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Redaction {
    pub(super) customer: Lenient<Customer>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct EmailConsent {
    pub(super) state: Scalar,
    pub(super) opt_in_level: Scalar,
    pub(super) consent_updated_at: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Address {
    pub(super) first_name: Scalar,
    pub(super) country_code: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ShippingLine {
    pub(super) price: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Line {
    pub(super) variant_id: Scalar,
    pub(super) product_id: Scalar,
    pub(super) id: Scalar,
    pub(super) key: Scalar,
    pub(super) sku: Scalar,
    pub(super) presentment_title: Scalar,
    pub(super) title: Scalar,
    pub(super) presentment_variant_title: Scalar,
    pub(super) variant_title: Scalar,
    pub(super) image_url: Scalar,
    pub(super) quantity: Scalar,
    pub(super) discounted_price: Scalar,
    pub(super) discounted_price_set: Lenient<MoneySet>,
    pub(super) price: Scalar,
    pub(super) price_set: Lenient<MoneySet>,
    pub(super) compare_at_price: Scalar,
    pub(super) line_price: Scalar,
    pub(super) line_price_set: Lenient<MoneySet>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct MoneySet {
    pub(super) shop_money: Lenient<Amount>,
    pub(super) presentment_money: Lenient<Amount>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Amount {
    amount: Scalar,
    currency_code: Scalar,
}

impl Amount {
    /// The amount with its own currency, zero or more.
    pub(super) fn money(&self) -> Option<Money> {
        self.amount.money(self.currency_code.currency()?)
    }
}
