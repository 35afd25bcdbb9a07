//! A shop's rules for offers, as its settings have them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::code::{OfferCode, PoolName};
use crate::event::Contents;
use crate::language::Locale;
use crate::money::Money;
use crate::policy::Fault;
use crate::stage::Stage;

/// What a shop gives, to whom and how often. Part of [`crate::policy::Policy`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offers {
    /// What the shop keeps of a regular price after the cost of the goods, 1 to 100 percent.
    pub margin_percent: u8,
    /// What it wants to keep of the price with the offer, in percent, at most `margin_percent`.
    pub margin_floor_percent: u8,
    /// Most that all offers of a calendar month (in the shop's zone) may cost, redeemed or not.
    #[serde(
        default,
        with = "crate::shop::money_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub monthly_budget: Option<Money>,
    /// Most carts of one person that get an offer in 365 days, 1 to 12.
    #[serde(default = "one")]
    pub per_person: u8,
    /// A cart that is left within so many days after the person's last offer gets none, 30 to 365.
    #[serde(default = "sixty")]
    pub pause_days: u16,
    /// A code is given only while it can be redeemed for this long, 24 hours to 30 days.
    #[serde(default = "two_days")]
    pub validity: SignedDuration,
    /// The query parameter by which the shop's checkout takes a code, such as Shopify's `discount`;
    /// without one the mail only shows the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_parameter: Option<String>,
    /// The first rung that fits a cart's stage and person counts.
    pub ladder: Vec<Rung>,
}

/// One step of the ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RungText", into = "RungText")]
pub struct Rung {
    /// With which reminder; never the nudge.
    pub stage: Stage,
    /// To whom.
    pub segment: Segment,
    /// What is given.
    pub discount: Discount,
    /// Where the code comes from.
    pub source: CodeSource,
}

/// To whom a rung is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    /// To all.
    #[default]
    Everyone,
    /// To people of whom no order is known.
    New,
    /// To people who have ordered before.
    Returning,
    /// With carts at or above the shop's high-value threshold.
    HighValue,
}

/// What an offer takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Discount {
    /// Of the items' total, 1 to 90.
    Percent(u8),
    /// Once, above zero.
    Amount(Money),
}

/// Where a rung's code comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeSource {
    /// One code for all.
    Fixed {
        /// The code.
        code: OfferCode,
        /// When the shop's platform stops taking it; `None` never.
        expires_at: Option<Timestamp>,
    },
    /// A code of its own for each cart, out of those that were imported.
    Pool(PoolName),
}

/// A rung as TOML has it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RungText {
    stage: Stage,
    #[serde(default)]
    segment: Segment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    percent: Option<u8>,
    #[serde(
        default,
        with = "crate::shop::money_text",
        skip_serializing_if = "Option::is_none"
    )]
    amount: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<OfferCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pool: Option<PoolName>,
}

impl TryFrom<RungText> for Rung {
    type Error = &'static str;

    fn try_from(text: RungText) -> Result<Self, &'static str> {
        let discount = match (text.percent, text.amount) {
            (Some(percent), None) if (1..=90).contains(&percent) => Discount::Percent(percent),
            (Some(_), None) => return Err("percent: give 1 to 90"),
            (None, Some(amount)) if 0 < amount.minor => Discount::Amount(amount),
            (None, Some(_)) => return Err("amount: give more than nothing, such as \"5.00 USD\""),
            (Some(_), Some(_)) | (None, None) => {
                return Err("a rung gives either `percent` or `amount`");
            }
        };
        let source = match (text.code, text.pool, text.expires_at) {
            (Some(code), None, expires_at) => CodeSource::Fixed { code, expires_at },
            (None, Some(pool), None) => CodeSource::Pool(pool),
            (None, Some(_), Some(_)) => {
                return Err("expires_at: each code of a pool has its own, from its import");
            }
            (Some(_), Some(_), _) | (None, None, _) => {
                return Err("a rung has either a `code` or a `pool`");
            }
        };
        Ok(Self {
            stage: text.stage,
            segment: text.segment,
            discount,
            source,
        })
    }
}

impl From<Rung> for RungText {
    fn from(rung: Rung) -> Self {
        let (percent, amount) = match rung.discount {
            Discount::Percent(percent) => (Some(percent), None),
            Discount::Amount(amount) => (None, Some(amount)),
        };
        let (code, expires_at, pool) = match rung.source {
            CodeSource::Fixed { code, expires_at } => (Some(code), expires_at, None),
            CodeSource::Pool(pool) => (None, None, Some(pool)),
        };
        Self {
            stage: rung.stage,
            segment: rung.segment,
            percent,
            amount,
            code,
            expires_at,
            pool,
        }
    }
}

impl Discount {
    /// What it takes off `total`, rounded up and never more than all of it; `None` in another currency.
    #[must_use]
    pub fn of(self, total: Money) -> Option<Money> {
        let minor = match self {
            Self::Percent(percent) => {
                let hundredfold = i128::from(total.minor) * i128::from(percent);
                // A part of an `i64` fits one.
                i64::try_from((hundredfold + 99) / 100).unwrap_or(total.minor)
            }
            Self::Amount(amount) if amount.currency == total.currency => amount.minor,
            Self::Amount(_) => return None,
        };
        Some(Money {
            minor: minor.min(total.minor),
            ..total
        })
    }

    /// As it is written in `locale`: `10%`, `$5.00`.
    #[must_use]
    pub fn shown(self, locale: Locale) -> String {
        match self {
            Self::Percent(percent) => locale.percent(percent),
            Self::Amount(amount) => locale.money(amount),
        }
    }
}

impl Offers {
    /// Whether enough is left of `contents` with `cost` taken off: what the goods cost follows from their
    /// regular prices, so that a cart on sale has less to give.
    #[must_use]
    pub fn keeps_floor(&self, contents: &Contents, cost: Money) -> bool {
        let total = i128::from(contents.total_minor);
        let regular = contents.lines.iter().map(|line| {
            let one = line
                .compare_at_minor
                .map_or(line.price_minor, |regular| regular.max(line.price_minor));
            i128::from(one) * i128::from(line.quantity)
        });
        let regular = regular.sum::<i128>().max(total);
        let left = total - i128::from(cost.minor);
        // All sides a hundredfold, so that nothing is rounded.
        let goods = regular * i128::from(100 - self.margin_percent.min(100));
        0 < left && left * 100 - goods >= left * i128::from(self.margin_floor_percent)
    }

    /// All faults, in the order of the fields.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut check = |field: &str, value: String, is_good: bool, remedy: &str| {
            if !is_good {
                faults.push(Fault::new(format!("policy.offers.{field}"), value, remedy));
            }
        };
        let (margin, floor) = (self.margin_percent, self.margin_floor_percent);
        let value = margin.to_string();
        check(
            "margin_percent",
            value,
            (1..=100).contains(&margin),
            "give 1 to 100",
        );
        let remedy = "give 0 to `margin_percent`; at the margin itself nothing is ever given";
        check(
            "margin_floor_percent",
            floor.to_string(),
            floor <= margin,
            remedy,
        );
        if let Some(budget) = self.monthly_budget {
            let remedy = "give more than nothing, or leave it out for no limit";
            check(
                "monthly_budget",
                budget.to_string(),
                0 < budget.minor,
                remedy,
            );
        }
        let value = self.per_person.to_string();
        let is_good = (1..=12).contains(&self.per_person);
        check("per_person", value, is_good, "give 1 to 12 in 365 days");
        let value = self.pause_days.to_string();
        let is_good = (30..=365).contains(&self.pause_days);
        check("pause_days", value, is_good, "give 30 to 365 days");
        let hours = SignedDuration::from_hours;
        let is_good = (hours(24)..=hours(30 * 24)).contains(&self.validity);
        let value = format!("{:#}", self.validity);
        check("validity", value, is_good, "give 24h to 720h");
        if let Some(parameter) = &self.code_parameter {
            let is_word =
                |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
            let is_good = (1..=40).contains(&parameter.len()) && parameter.bytes().all(is_word);
            let remedy = "name a query parameter, such as discount";
            check("code_parameter", format!("{parameter:?}"), is_good, remedy);
        }
        let n_rungs = self.ladder.len();
        let is_good = (1..=12).contains(&n_rungs);
        check(
            "ladder",
            format!("{n_rungs} rungs"),
            is_good,
            "give 1 to 12 rungs, or leave the offers out",
        );
        faults.extend(self.ladder.iter().enumerate().filter_map(rung_fault));
        faults
    }
}

fn rung_fault((n, rung): (usize, &Rung)) -> Option<Fault> {
    let field = format!("policy.offers.ladder[{n}].stage");
    let remedy = "a nudge never carries an offer; name follow_up or final";
    let is_nudge = rung.stage == Stage::Nudge;
    is_nudge.then(|| Fault::new(field, rung.stage.to_string(), remedy))
}

fn one() -> u8 {
    1
}

fn sixty() -> u16 {
    60
}

fn two_days() -> SignedDuration {
    SignedDuration::from_hours(48)
}
