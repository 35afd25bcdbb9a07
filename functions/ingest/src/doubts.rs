//! Whether a storefront's bad signatures are its own or somebody else's: while some are refused, the good
//! ones are counted as well. In quiet times they are not, as each count costs a write.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use cartback::ids::ShopId;
use cartback::pulse::hour_of;
use cartback::storefront::Storefront;
use jiff::{SignedDuration, Timestamp};

/// How long refused messages brake; see `Pulse::brake`.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The doubts of one environment. Others have their own, and count for themselves.
#[derive(Debug, Default)]
pub struct Doubts(Mutex<HashMap<(ShopId, &'static str), Doubt>>);

#[derive(Debug, Clone, Copy)]
struct Doubt {
    /// The hour of the last refusal.
    refused_in: Timestamp,
    /// The hour for which a good message was counted.
    verified_in: Option<Timestamp>,
}

impl Doubts {
    /// Notes that a message of `storefront` was refused at `at`.
    pub fn note_refused(&self, shop: &ShopId, storefront: &dyn Storefront, at: Timestamp) {
        let mut doubts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let doubt = doubts
            .entry((shop.clone(), storefront.name()))
            .or_insert(Doubt {
                refused_in: hour_of(at),
                verified_in: None,
            });
        doubt.refused_in = doubt.refused_in.max(hour_of(at));
    }

    /// Notes that a message of `storefront` was found good at `at`. Whether it is to be counted: if others
    /// were refused within a day, once an hour.
    pub fn note_verified(&self, shop: &ShopId, storefront: &dyn Storefront, at: Timestamp) -> bool {
        let mut doubts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(doubt) = doubts.get_mut(&(shop.clone(), storefront.name())) else {
            return false;
        };
        let hour = hour_of(at);
        let is_news = hour <= doubt.refused_in + DAY && doubt.verified_in != Some(hour);
        if is_news {
            doubt.verified_in = Some(hour);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use cartback::storefront::{cartback::Cartback, shopify::Shopify};

    use super::*;

    #[test]
    fn a_good_message_is_counted_once_an_hour_while_others_are_refused() {
        let doubts = Doubts::default();
        let shop: ShopId = "demo".parse().unwrap();
        let at = |minutes: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
        assert!(!doubts.note_verified(&shop, &Shopify, at(0)), "no refusals");
        doubts.note_refused(&shop, &Shopify, at(30));
        let other = "other".parse().unwrap();
        assert!(
            !doubts.note_verified(&other, &Shopify, at(31)),
            "another shop"
        );
        assert!(
            !doubts.note_verified(&shop, &Cartback, at(31)),
            "another storefront"
        );
        for (minutes, is_counted) in [
            (31, true),
            (59, false),
            (60, true),
            (119, false),
            (24 * 60 + 59, true),
            (25 * 60, false),
        ] {
            let is_news = doubts.note_verified(&shop, &Shopify, at(minutes));
            assert_eq!(is_news, is_counted, "{minutes}");
        }
        doubts.note_refused(&shop, &Shopify, at(1600));
        assert!(doubts.note_verified(&shop, &Shopify, at(1601)));
    }
}
