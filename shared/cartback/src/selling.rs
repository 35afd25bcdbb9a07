//! What a shop says of itself in mails, as facts in its settings: returns, shipping, payment, reviews.
//! And how fresh a reading must be to be told.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money};
use crate::policy::Fault;

/// Facts of the shop; what is left out is not told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Selling {
    /// Days within which goods can be sent back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returns_days: Option<u16>,
    /// Whether sending back costs nothing.
    pub returns_free: bool,
    /// Ways to pay, by the names that shoppers know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub payment_methods: Vec<String>,
    /// Whether one can order without an account.
    pub guest_checkout: bool,
    /// Hours within which questions are answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support_hours: Option<u16>,
    /// How shoppers rate the shop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviews: Option<Reviews>,
    /// Shipping by country. The first that fits holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shipping: Vec<Shipping>,
}

/// How shoppers rate the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reviews {
    /// Of five stars, such as `4.7`.
    pub rating: String,
    /// How many gave one.
    pub n: u32,
}

/// Shipping to some countries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shipping {
    /// ISO 3166-1 alpha-2 codes in upper case; empty is every country that no other entry names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// What it costs; zero is free.
    #[serde(
        with = "crate::shop::money_text",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub cost: Option<Money>,
    /// The most working days it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u16>,
    /// Carts of this total or more are shipped for nothing.
    #[serde(
        with = "crate::shop::money_text",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub free_from: Option<Money>,
}

/// When a reading may be told of, and a count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// An older reading of a stock is not told.
    pub stock_max_age: SignedDuration,
    /// More than this many left are not told; 0 never tells any.
    pub stock_up_to: u32,
    /// Fewer orders in the last seven days than this are not told; 0 never tells any.
    pub orders_from: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            stock_max_age: SignedDuration::from_hours(2),
            stock_up_to: 5,
            orders_from: 0,
        }
    }
}

impl Limits {
    /// All faults, in the order of the fields.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let most = SignedDuration::from_hours(24);
        if SignedDuration::from_mins(1) <= self.stock_max_age && self.stock_max_age <= most {
            return Vec::new();
        }
        let value = format!("{:#}", self.stock_max_age);
        let remedy = "give 1 minute to 24 hours: an older count says nothing of now";
        vec![Fault::new("statements.stock_max_age", value, remedy)]
    }
}

impl Selling {
    /// Shipping to `country` of a cart in `currency`. Of an unknown country only what holds everywhere.
    #[must_use]
    pub fn shipping_to(&self, country: Option<&str>, currency: Currency) -> Option<&Shipping> {
        let is_of = |shipping: &&Shipping| {
            let amounts = [shipping.cost, shipping.free_from];
            let mut known = amounts.iter().flatten();
            known.all(|amount| amount.currency == currency)
        };
        let fitting = || self.shipping.iter().filter(is_of);
        let is_everywhere = |shipping: &&Shipping| shipping.countries.is_empty();
        let Some(country) = country else {
            let is_one_rule = self
                .shipping
                .iter()
                .all(|shipping| is_everywhere(&shipping));
            return fitting().next().filter(|_| is_one_rule);
        };
        let names_it = |shipping: &&Shipping| shipping.countries.iter().any(|name| name == country);
        if self.shipping.iter().any(|shipping| names_it(&shipping)) {
            return fitting().find(names_it);
        }
        fitting().find(is_everywhere)
    }

    /// All faults, in the order of the fields.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |is_good: bool, field: &str, value: String, remedy: &str| {
            if !is_good {
                faults.push(Fault::new(format!("selling.{field}"), value, remedy));
            }
        };
        for (field, number) in [
            ("returns_days", self.returns_days),
            ("support_hours", self.support_hours),
        ] {
            let is_good = number.is_none_or(|number| (1..=3650).contains(&number));
            let value = number.unwrap_or_default().to_string();
            fault(is_good, field, value, "give 1 to 3650, or leave it out");
        }
        for method in &self.payment_methods {
            let is_good = (1..=40).contains(&method.trim().chars().count())
                && !method.chars().any(char::is_control);
            let remedy = "give names of 1 to 40 characters, such as \"PayPal\"";
            fault(is_good, "payment_methods", format!("{method:?}"), remedy);
        }
        if let Some(reviews) = &self.reviews {
            let remedy =
                "give a rating from 0 to 5 with one digit after the point, such as \"4.7\"";
            let value = format!("{:?}", reviews.rating);
            fault(is_rating(&reviews.rating), "reviews.rating", value, remedy);
            let remedy = "give how many reviews there are, 1 or more";
            fault(0 < reviews.n, "reviews.n", reviews.n.to_string(), remedy);
        }
        for shipping in &self.shipping {
            for country in &shipping.countries {
                let is_good = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
                let remedy = "name countries by two letters, such as \"DE\"";
                fault(
                    is_good,
                    "shipping.countries",
                    format!("{country:?}"),
                    remedy,
                );
            }
            let is_good = shipping.days.is_none_or(|days| (1..=365).contains(&days));
            let value = shipping.days.unwrap_or_default().to_string();
            fault(
                is_good,
                "shipping.days",
                value,
                "give 1 to 365 working days, or leave it out",
            );
            for (field, amount) in [("cost", shipping.cost), ("free_from", shipping.free_from)] {
                let Some(amount) = amount else { continue };
                let field = format!("shipping.{field}");
                let remedy = "give zero or more, such as \"4.90 EUR\"";
                fault(0 <= amount.minor, &field, amount.to_string(), remedy);
            }
        }
        faults
    }
}

fn is_rating(rating: &str) -> bool {
    match rating.as_bytes() {
        [stars] => (b'0'..=b'5').contains(stars),
        [b'5', b'.', tenths] => *tenths == b'0',
        [stars, b'.', tenths] => (b'0'..=b'4').contains(stars) && tenths.is_ascii_digit(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipping(countries: &[&str], free_from: &str) -> Shipping {
        Shipping {
            countries: countries.iter().map(|&name| name.to_owned()).collect(),
            cost: None,
            days: None,
            free_from: Some(free_from.parse().unwrap()),
        }
    }

    #[test]
    fn shipping_is_that_of_the_country_and_the_currency() {
        let selling = Selling {
            shipping: vec![
                shipping(&["DE", "AT"], "50.00 EUR"),
                shipping(&["CH"], "80.00 CHF"),
                shipping(&[], "100.00 EUR"),
            ],
            ..Selling::default()
        };
        let free_from = |country: Option<&str>, currency: &str| {
            let shipping = selling.shipping_to(country, currency.parse().unwrap());
            shipping
                .and_then(|shipping| shipping.free_from)
                .map(|from| from.to_string())
        };
        for (country, currency, told) in [
            (Some("AT"), "EUR", Some("50.00 EUR")),
            (Some("FR"), "EUR", Some("100.00 EUR")),
            (Some("CH"), "CHF", Some("80.00 CHF")),
            // The rule of Switzerland is in francs, and no other rule is of Switzerland.
            (Some("CH"), "EUR", None),
            (Some("FR"), "USD", None),
            // Somewhere it would not be so.
            (None, "EUR", None),
        ] {
            assert_eq!(
                free_from(country, currency).as_deref(),
                told,
                "{country:?} {currency}"
            );
        }
    }

    #[test]
    fn one_rule_for_all_countries_holds_where_the_country_is_not_known() {
        let selling = Selling {
            shipping: vec![shipping(&[], "50.00 EUR")],
            ..Selling::default()
        };
        assert!(selling.shipping_to(None, "EUR".parse().unwrap()).is_some());
    }

    #[test]
    fn a_wrong_fact_names_its_field() {
        let selling: Selling = toml::from_str(
            "returns_days = 0\npayment_methods = [\"\"]\nreviews = { rating = \"6\", n = 0 }\n\
             [[shipping]]\ncountries = [\"Germany\"]\ndays = 0\ncost = \"-1 EUR\"",
        )
        .unwrap();
        let fields: Vec<_> = selling
            .faults()
            .into_iter()
            .map(|fault| fault.field)
            .collect();
        let expected = [
            "returns_days",
            "payment_methods",
            "reviews.rating",
            "reviews.n",
            "shipping.countries",
            "shipping.days",
            "shipping.cost",
        ];
        assert_eq!(fields, expected.map(|field| format!("selling.{field}")));
        for rating in ["5", "5.0", "4.7", "0.0"] {
            assert!(is_rating(rating));
        }
        for rating in ["5.1", "4.77", "-1", "", "4,7"] {
            assert!(!is_rating(rating));
        }
    }
}
