//! What a mail may say of an offer: only what a claimed one is.

use serde::Serialize;

use super::message::DeadlineStatement;
use super::render::shown_moment;
use crate::offer::{Discount, Offer, OfferCode};

/// An offer that the cart was given, with its code and the end that the shop's platform enforces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferStatement {
    discount: Discount,
    code: OfferCode,
    deadline: Option<DeadlineStatement>,
    /// IANA zone of the shopper; `None` if it is not known.
    time_zone: Option<String>,
}

/// The same, ready to print.
#[derive(Serialize)]
pub(super) struct OfferShown<'a> {
    discount: String,
    code: &'a str,
    deadline: Option<String>,
}

impl OfferStatement {
    /// What there is to say of `offer` to a shopper in `time_zone`.
    #[must_use]
    pub fn of(offer: &Offer, time_zone: Option<&str>) -> Self {
        Self {
            discount: offer.discount,
            code: offer.code.clone(),
            deadline: offer.expires_at.map(DeadlineStatement::offer_end),
            time_zone: time_zone.map(str::to_owned),
        }
    }

    /// In the shopper's zone, or else in that of the shop.
    pub(super) fn shown(&self, shop_zone: &str) -> OfferShown<'_> {
        let zone = self.time_zone.as_deref().unwrap_or(shop_zone);
        OfferShown {
            discount: self.discount.shown(),
            code: self.code.expose(),
            deadline: self.deadline.map(|end| shown_moment(end.at(), zone)),
        }
    }
}
