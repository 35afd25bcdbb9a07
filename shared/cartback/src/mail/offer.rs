//! What a mail may say of an offer: only what a claimed one is.

use serde::Serialize;

use super::message::DeadlineStatement;
use super::render::RenderError;
use super::shown::Look;
use crate::language::Arg;
use crate::offer::{Discount, Offer, OfferCode};

/// An offer that the cart was given, with its code and the end that the shop's platform enforces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferStatement {
    discount: Discount,
    code: OfferCode,
    deadline: Option<DeadlineStatement>,
}

/// The same, in words.
#[derive(Serialize)]
pub(super) struct OfferShown<'a> {
    text: String,
    code: &'a str,
    end: Option<String>,
}

impl OfferStatement {
    /// What there is to say of `offer`.
    #[must_use]
    pub fn of(offer: &Offer) -> Self {
        Self {
            discount: offer.discount,
            code: offer.code.clone(),
            deadline: offer.expires_at.map(DeadlineStatement::offer_end),
        }
    }

    /// In the language and the zone of `look`.
    pub(super) fn shown(&self, look: &Look<'_>) -> Result<OfferShown<'_>, RenderError> {
        let discount = self.discount.shown(look.words.locale());
        let discount = [("discount", Arg::Text(&discount))];
        let end = self.deadline.map(|deadline| {
            let moment = look.moment(deadline.at());
            let moment = [("moment", Arg::Text(&moment))];
            look.words.say("statement-offer-end", &moment)
        });
        Ok(OfferShown {
            text: look.words.say("statement-offer", &discount)?,
            code: self.code.expose(),
            end: end.transpose()?,
        })
    }
}
