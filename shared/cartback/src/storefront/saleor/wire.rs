//! Saleor's JSON, as far as we read it: the fields of our query, and the older names beside them.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::value::RawValue;

use super::super::lenient::{Lenient, Scalar};
use crate::money::{Currency, Money};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Envelope {
    #[serde(rename = "__typename")]
    pub(super) typename: Scalar,
    pub(super) notify_event: Scalar,
    #[serde(rename = "issuedAt")]
    pub(super) issued_at: Scalar,
    pub(super) checkout: First<Checkout>,
    pub(super) order: First<Order>,
    pub(super) user: Lenient<User>,
    pub(super) payload: Lenient<Notice>,
    #[serde(rename = "productVariant")]
    pub(super) product_variant: Lenient<Variant>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Notice {
    pub(super) order: First<Order>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Checkout {
    pub(super) id: Scalar,
    pub(super) token: Scalar,
    pub(super) email: Scalar,
    pub(super) created: Scalar,
    #[serde(rename = "updatedAt", alias = "last_change")]
    pub(super) updated_at: Scalar,
    #[serde(rename = "languageCode", alias = "language_code")]
    pub(super) language_code: Scalar,
    pub(super) user: Lenient<User>,
    #[serde(rename = "billingAddress", alias = "billing_address")]
    pub(super) billing_address: Lenient<Address>,
    #[serde(rename = "shippingAddress", alias = "shipping_address")]
    pub(super) shipping_address: Lenient<Address>,
    #[serde(rename = "deliveryMethod", alias = "shipping_method")]
    pub(super) delivery_method: Lenient<serde_json::Map<String, serde_json::Value>>,
    #[serde(rename = "authorizeStatus")]
    pub(super) authorize_status: Scalar,
    pub(super) currency: Scalar,
    pub(super) lines: Lenient<Vec<Lenient<Line>>>,
    #[serde(rename = "subtotalPrice")]
    pub(super) subtotal_price: Lenient<TaxedMoney>,
    #[serde(rename = "shippingPrice")]
    pub(super) shipping_price: Lenient<TaxedMoney>,
    #[serde(rename = "checkoutUrl")]
    pub(super) checkout_url: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Line {
    pub(super) id: Scalar,
    pub(super) quantity: Scalar,
    pub(super) variant: Lenient<Variant>,
    #[serde(rename = "unitPrice")]
    pub(super) unit_price: Lenient<TaxedMoney>,
    #[serde(rename = "undiscountedUnitPrice")]
    pub(super) undiscounted_unit_price: Lenient<Amount>,
    pub(super) sku: Scalar,
    pub(super) base_price: Scalar,
    pub(super) currency: Scalar,
    pub(super) full_name: Scalar,
    pub(super) product_name: Scalar,
    pub(super) variant_name: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Variant {
    pub(super) id: Scalar,
    pub(super) sku: Scalar,
    pub(super) name: Scalar,
    pub(super) product: Lenient<Product>,
    #[serde(rename = "trackInventory")]
    pub(super) track_inventory: Lenient<bool>,
    pub(super) preorder: Lenient<serde_json::Map<String, serde_json::Value>>,
    pub(super) stocks: Lenient<Vec<Lenient<Stocked>>>,
    pub(super) pricing: Lenient<Pricing>,
}

/// What one warehouse has of a variant.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Stocked {
    pub(super) quantity: Scalar,
    #[serde(rename = "quantityAllocated")]
    pub(super) quantity_allocated: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Pricing {
    pub(super) price: Lenient<TaxedMoney>,
    #[serde(rename = "priceUndiscounted")]
    pub(super) undiscounted: Lenient<TaxedMoney>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Product {
    pub(super) name: Scalar,
    pub(super) thumbnail: Lenient<Picture>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Picture {
    pub(super) url: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Order {
    pub(super) id: Scalar,
    pub(super) status: Scalar,
    #[serde(rename = "checkoutId", alias = "checkout_id")]
    pub(super) checkout_id: Scalar,
    #[serde(alias = "createdAt")]
    pub(super) created: Scalar,
    #[serde(rename = "updatedAt", alias = "updated_at")]
    pub(super) updated_at: Scalar,
    #[serde(rename = "userEmail", alias = "user_email")]
    pub(super) user_email: Scalar,
    pub(super) email: Scalar,
    pub(super) user: Lenient<User>,
    #[serde(rename = "languageCodeEnum", alias = "language_code")]
    pub(super) language_code: Scalar,
    #[serde(rename = "billingAddress", alias = "billing_address")]
    pub(super) billing_address: Lenient<Address>,
    #[serde(rename = "shippingAddress", alias = "shipping_address")]
    pub(super) shipping_address: Lenient<Address>,
    pub(super) total: Lenient<TaxedMoney>,
    pub(super) currency: Scalar,
    pub(super) total_gross_amount: Scalar,
    #[serde(rename = "totalRefunded")]
    pub(super) total_refunded: Lenient<Amount>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct User {
    pub(super) email: Scalar,
    #[serde(rename = "firstName", alias = "first_name")]
    pub(super) first_name: Scalar,
    #[serde(rename = "updatedAt")]
    pub(super) updated_at: Scalar,
    #[serde(rename = "emailConsent")]
    pub(super) email_consent: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Address {
    #[serde(rename = "firstName", alias = "first_name")]
    pub(super) first_name: Scalar,
    pub(super) country: Code,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct TaxedMoney {
    pub(super) gross: Lenient<Amount>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Amount {
    pub(super) amount: Scalar,
    pub(super) currency: Scalar,
}

impl TaxedMoney {
    /// What the shopper pays, in its own currency or else in `fallback`.
    pub(super) fn money(&self, fallback: Currency) -> Option<Money> {
        self.gross.as_ref()?.money(fallback)
    }
}

impl Amount {
    pub(super) fn money(&self, fallback: Currency) -> Option<Money> {
        self.amount
            .rounded_money(self.currency.currency().unwrap_or(fallback))
    }
}

/// A `T`, or the first of an array of them: old payloads are arrays of one.
pub(super) struct First<T>(pub(super) Option<T>);

impl<T> Default for First<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for First<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let json = raw.get();
        if json.starts_with('[') {
            let all: Option<Vec<T>> = serde_json::from_str(json).ok();
            return Ok(Self(all.and_then(|all| all.into_iter().next())));
        }
        Ok(Self(serde_json::from_str(json).ok()))
    }
}

/// A code by itself, or the `code` of an object.
#[derive(Default)]
pub(super) struct Code(pub(super) Scalar);

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Coded {
            code: Scalar,
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if raw.get().starts_with('{') {
            let coded: Coded = serde_json::from_str(raw.get()).unwrap_or_default();
            return Ok(Self(coded.code));
        }
        Ok(Self(serde_json::from_str(raw.get()).unwrap_or_default()))
    }
}
