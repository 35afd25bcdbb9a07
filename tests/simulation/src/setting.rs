//! The shop in which everything happens, and the names of its carts and people.

use cartback::email::EmailAddress;
use cartback::event::ContactDetails;
use cartback::ids::{CartId, CartKey, ContactKey, Pepper};
use cartback::link::{LinkKey, LinkKeys};
use cartback::policy::OnUnknown;
use cartback::shop::Shop;

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
        let mut shop = Shop::load(settings).unwrap();
        shop.policy.on_unknown = on_unknown;
        let key = LinkKey {
            id: 1,
            secret: vec![7; 32],
        };
        Self {
            shop,
            pepper: Pepper(b"pepper".to_vec()),
            keys: Keys(LinkKeys::new(vec![key]).unwrap()),
        }
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
