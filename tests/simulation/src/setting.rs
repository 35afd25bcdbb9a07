//! The shop in which everything happens, and the names of its carts and people.

use cartback::email::EmailAddress;
use cartback::event::ContactDetails;
use cartback::ids::{CartId, CartKey, ContactKey, Pepper};
use cartback::link::{LinkKey, LinkKeys};
use cartback::policy::{OnUnknown, Policy};
use cartback::shop::Shop;
use jiff::SignedDuration;

use crate::shelf::OFFERS;
use crate::weather::Weather;

/// Noon of the day on which all worlds begin, in milliseconds since 1970.
pub const START_MS: i64 = 1_795_348_800_000;

/// Milliseconds of a minute.
pub const MINUTE_MS: i64 = 60_000;

/// Milliseconds of an hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;

/// What stays the same over a whole run.
#[derive(Debug)]
pub struct Setting {
    /// The shop with its policy.
    pub shop: Shop,
    /// The same shop with other settings, by which every second version goes; see [`crate::deploy`].
    pub other_shop: Shop,
    /// The secret behind contact keys.
    pub pepper: Pepper,
    /// The keys of links.
    pub keys: Keys,
}

/// Link keys, hidden from debug output.
pub struct Keys(pub LinkKeys);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(***)")
    }
}

impl Setting {
    /// A shop with quiet hours, whose unknown sends go by `on_unknown`.
    ///
    /// # Panics
    /// Never: its settings are valid.
    #[must_use]
    pub fn new(on_unknown: OnUnknown) -> Self {
        let settings = r##"
            id = "sim"
            name = "Sim"
            url = "https://shop.example"
            hosts = ["shop.example"]
            links_url = "https://links.shop.example"
            from = "hello@shop.example"
            support_email = "help@shop.example"
            postal_address = "1 Long Street, Town"

            [policy.quiet_hours]
            from = "22:00"
            until = "06:00"
        "##;
        let mut shop = Shop::load(&format!("{settings}{OFFERS}")).unwrap();
        shop.policy.on_unknown = on_unknown;
        shop.policy.push = true;
        // The few complaints of the people whom we play must not brake a stage by themselves.
        shop.policy.brakes.max_complaints_per_10000 = 50;
        let other_shop = with_other_settings(&shop);
        let key = LinkKey {
            id: 1,
            secret: vec![7; 32],
        };
        Self {
            shop,
            other_shop,
            pepper: Pepper(b"pepper".to_vec()),
            keys: Keys(LinkKeys::new(vec![key]).unwrap()),
        }
    }

    /// The shop as `version` has it.
    #[must_use]
    pub fn shop_of(&self, version: usize) -> &Shop {
        if version.is_multiple_of(2) {
            &self.shop
        } else {
            &self.other_shop
        }
    }

    /// What is promised in `weather`: the laxer of two rules where versions of both settings are at
    /// work.
    #[must_use]
    pub fn promises(&self, weather: &Weather) -> Policy {
        let (ours, others) = (&self.shop.policy, &self.other_shop.policy);
        let mut policy = ours.clone();
        if !weather.has_deploys {
            return policy;
        }
        policy.caps.gap = ours.caps.gap.min(others.caps.gap);
        policy.caps.per_week = ours.caps.per_week.max(others.caps.per_week);
        policy
    }

    /// The key of the cart that the storefront calls `id`.
    #[must_use]
    pub fn cart_key(&self, id: &CartId) -> CartKey {
        CartKey::new(&self.shop.id, id)
    }

    /// The key of the person at `email`.
    #[must_use]
    pub fn contact_key(&self, email: &EmailAddress) -> ContactKey {
        ContactKey::new(&self.pepper, &self.shop.id, email)
    }

    /// How the storefront describes person `n` of world `seed`.
    ///
    /// # Panics
    /// Never: the address is valid.
    #[must_use]
    pub fn details(&self, seed: u64, n: usize) -> ContactDetails {
        ContactDetails {
            email: format!("p{n}@w{seed}.example").parse().unwrap(),
            first_name: None,
            locale: Some("en".to_owned()),
            time_zone: None,
            country: None,
        }
    }
}

/// Other delays, a shorter gap and a lower cap, and the other answer to what nobody knows.
fn with_other_settings(shop: &Shop) -> Shop {
    let mut shop = shop.clone();
    let policy = &mut shop.policy;
    policy.on_unknown = match policy.on_unknown {
        OnUnknown::Resend => OnUnknown::Presume,
        OnUnknown::Presume => OnUnknown::Resend,
    };
    policy.nudge.delay = SignedDuration::from_mins(50);
    policy.follow_up.delay = SignedDuration::from_hours(11);
    policy.r#final.delay = SignedDuration::from_hours(40);
    policy.caps.gap = SignedDuration::from_hours(2);
    policy.caps.per_week = 2;
    shop
}
