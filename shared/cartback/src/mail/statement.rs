//! Statements about the world. Each can only be built from a reading, or from the shop's settings, and
//! says when it was so; without one a mail is calm.

use jiff::{SignedDuration, Timestamp};

use crate::money::Money;
use crate::product::{Product, Stock};
use crate::pulse::Pulse;
use crate::selling::{Limits, Shipping};

/// The span of which orders are told.
const ORDERS_SPAN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Few of a variant are left, by a fresh reading of just this variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StockStatement {
    n_left: u32,
    at: Timestamp,
}

/// None of a variant is left, by a fresh reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoldOutStatement {
    at: Timestamp,
}

/// What free shipping still needs, by the shop's rule for the cart's country and currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThresholdStatement {
    missing: Option<Money>,
}

/// How many orders the shop had, by our own count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrdersStatement {
    more_than: u64,
}

impl StockStatement {
    /// What `product` tells at `now`; `None` if it is too old, not counted, or no cause to hurry.
    #[must_use]
    pub fn of(product: &Product, limits: &Limits, now: Timestamp) -> Option<Self> {
        let (stock, at) = fresh(product, limits, now)?;
        match stock {
            Stock::Left(n_left) if (1..=limits.stock_up_to).contains(&n_left) => {
                Some(Self { n_left, at })
            }
            Stock::Left(_) | Stock::Available | Stock::SoldOut => None,
        }
    }

    /// How many there were, one or more.
    #[must_use]
    pub fn n_left(self) -> u32 {
        self.n_left
    }

    /// When they were counted.
    #[must_use]
    pub fn at(self) -> Timestamp {
        self.at
    }
}

impl SoldOutStatement {
    /// What `product` tells at `now`; `None` if it is too old, or there are some.
    #[must_use]
    pub fn of(product: &Product, limits: &Limits, now: Timestamp) -> Option<Self> {
        let (stock, at) = fresh(product, limits, now)?;
        matches!(stock, Stock::SoldOut | Stock::Left(0)).then_some(Self { at })
    }

    /// When the shop said so.
    #[must_use]
    pub fn at(self) -> Timestamp {
        self.at
    }
}

impl ThresholdStatement {
    /// What a cart of `total` needs by `shipping`, which is that of its country and currency.
    #[must_use]
    pub fn of(total: Money, shipping: &Shipping) -> Option<Self> {
        let from = shipping.free_from?;
        let missing = from.checked_sub(total)?;
        let missing = Some(missing).filter(|missing| 0 < missing.minor);
        Some(Self { missing })
    }

    /// How much more must be added; `None` if shipping is free already.
    #[must_use]
    pub fn missing(self) -> Option<Money> {
        self.missing
    }
}

impl OrdersStatement {
    /// What `pulse` counts before `now`; `None` if it is less than the shop wants told. The hour that runs
    /// is left out at the other end, so that the span is never shorter than what is said.
    #[must_use]
    pub fn of(pulse: &Pulse, limits: &Limits, now: Timestamp) -> Option<Self> {
        let hours = pulse.hours.range(now - ORDERS_SPAN..=now);
        let n_orders: u64 = hours.map(|(_, counts)| counts.n_orders).sum();
        let more_than = rounded_down(n_orders.saturating_sub(1));
        let least = u64::from(limits.orders_from);
        (0 < least && least <= n_orders && 0 < more_than).then_some(Self { more_than })
    }

    /// There were more than this.
    #[must_use]
    pub fn more_than(self) -> u64 {
        self.more_than
    }

    /// In how many days.
    #[must_use]
    pub fn days(self) -> u64 {
        ORDERS_SPAN.as_hours().unsigned_abs() / 24
    }
}

/// The stock of `product` and when it was read, if that is not too long ago, nor still to come.
fn fresh(product: &Product, limits: &Limits, now: Timestamp) -> Option<(Stock, Timestamp)> {
    let held = product.stock.as_ref()?;
    let age = now.duration_since(held.stamp.at);
    let is_fresh = SignedDuration::ZERO <= age && age <= limits.stock_max_age;
    is_fresh.then_some((held.value, held.stamp.at))
}

/// `n` with its first digit kept, and a second from 100 on: 7, 20, 340, 5,600. Nobody believes 5,612.
fn rounded_down(n: u64) -> u64 {
    let n_digits = n.checked_ilog10().unwrap_or(0);
    let unit = 10_u64.pow(n_digits.saturating_sub(u32::from(n_digits >= 2)));
    n / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pulse::Counts;

    #[test]
    fn a_count_is_rounded_down_to_what_people_believe() {
        for (n, told) in [
            (0, 0),
            (7, 7),
            (19, 10),
            (99, 90),
            (340, 340),
            (349, 340),
            (5_612, 5_600),
        ] {
            assert_eq!(rounded_down(n), told, "{n}");
        }
    }

    #[test]
    fn orders_are_told_from_the_shops_least_number_on_and_never_too_many() {
        let now: Timestamp = "2026-11-22T12:30:00Z".parse().unwrap();
        let limits = Limits {
            orders_from: 20,
            ..Limits::default()
        };
        let counts = |n_orders| {
            let mut counts = Counts::order();
            counts.n_orders = n_orders;
            counts
        };
        let pulse = |n_orders| Pulse {
            // The older hour is too long ago in its first half.
            hours: [
                ("2026-11-22T12:00:00Z".parse().unwrap(), counts(n_orders)),
                ("2026-11-15T12:00:00Z".parse().unwrap(), counts(99)),
            ]
            .into(),
            ..Pulse::default()
        };
        for (n_orders, told) in [
            (0, None),
            (19, None),
            (20, Some(10)),
            (21, Some(20)),
            (347, Some(340)),
        ] {
            let statement = OrdersStatement::of(&pulse(n_orders), &limits, now);
            assert_eq!(
                statement.map(OrdersStatement::more_than),
                told,
                "{n_orders}"
            );
        }
        assert_eq!(
            OrdersStatement::of(&pulse(500), &Limits::default(), now),
            None
        );
    }
}
