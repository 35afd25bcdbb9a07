//! What shoppers do, as their storefront tells it: late, twice, shuffled, partly without a name.

use std::sync::Arc;

use cartback::cart::Cart;
use cartback::consent::{Consent, ConsentBasis, ConsentState};
use cartback::event::{
    CartEvent, Change, CheckoutStep, ContactDetails, Contents, LineItem, Order, Origin,
};
use cartback::ids::CartId;
use cartback::money::Currency;
use cartback::push::{PushKeys, PushSubscription, Subscribed};
use cartback::stage::Stage;
use fastrand::Rng;
use jiff::Timestamp;

use crate::fault::chance;
use crate::lives::timestamp;
use crate::setting::{HOUR_MS, MINUTE_MS, START_MS, Setting};

/// Days over which the shoppers of one world come.
const SPAN_MS: i64 = 9 * 24 * HOUR_MS;

/// A message and when the storefront first delivers it, in milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// When.
    pub at_ms: i64,
    /// Its events, all of the same carts and person.
    pub events: Arc<[CartEvent]>,
}

/// One shopper of a world.
pub struct Shopper<'a> {
    /// The shop.
    pub setting: &'a Setting,
    /// The world.
    pub seed: u64,
    /// Their number in it.
    pub n: usize,
    /// Dice of the world's people.
    pub rng: &'a mut Rng,
    /// Where the messages go.
    pub deliveries: &'a mut Vec<Delivery>,
}

impl Shopper<'_> {
    /// Everything that this shopper does in `n_carts` carts.
    pub fn live(&mut self, n_carts: usize) {
        let mut at_ms = START_MS + self.rng.i64(0..SPAN_MS);
        let is_named = self.rng.u8(0..10) < 6;
        let mut used_ms = at_ms;
        for cart in 0..n_carts {
            used_ms = self.fill(cart, at_ms, is_named);
            // A second cart comes at once on another device, or days later.
            at_ms += if self.rng.bool() {
                self.rng.i64(0..6 * HOUR_MS)
            } else {
                self.rng.i64(0..4 * 24 * HOUR_MS)
            };
        }
        for cart in 0..n_carts - 1 {
            if chance(self.rng, 7_500) {
                // Back to an older cart, while the reminder of the last one is on its way.
                let (older, back_ms) =
                    (self.cart_id(cart), self.around_nudge(n_carts - 1, used_ms));
                let change = Change::CartUpdated(contents(1));
                self.tell(&older, back_ms, false, "b", vec![change]);
            }
        }
        if is_named && chance(self.rng, 100) {
            let at_ms = at_ms + self.rng.i64(0..48 * HOUR_MS);
            let cart = self.cart_id(0);
            self.tell(&cart, at_ms, true, "erase", vec![Change::ErasureRequested]);
        }
    }

    /// A cart from its first item to its end, and when that was.
    fn fill(&mut self, cart: usize, at_ms: i64, is_named: bool) -> i64 {
        let id = self.cart_id(cart);
        let mut now_ms = at_ms;
        self.tell(
            &id,
            now_ms,
            false,
            "1",
            vec![Change::CartUpdated(contents(1))],
        );
        now_ms += self.rng.i64(1_000..10 * MINUTE_MS);
        if is_named {
            self.identify(&id, now_ms);
        }
        for n in 0..self.rng.u8(0..3) {
            now_ms += if self.rng.u8(0..10) == 0 {
                self.rng.i64(0..5 * HOUR_MS)
            } else {
                self.rng.i64(1_000..20 * MINUTE_MS)
            };
            let change = self.action();
            let is_told_by_name = is_named && self.rng.bool();
            self.tell(&id, now_ms, is_told_by_name, &format!("a{n}"), vec![change]);
        }
        match self.rng.u8(0..100) {
            0..40 => {
                now_ms += self.rng.i64(MINUTE_MS..25 * MINUTE_MS);
                self.order(&id, now_ms, is_named);
            }
            40..46 => {
                // While the first reminder is on its way.
                now_ms += self.rng.i64(34 * MINUTE_MS..41 * MINUTE_MS);
                self.order(&id, now_ms, is_named);
            }
            46..50 => {
                now_ms += self.rng.i64(25 * MINUTE_MS..30 * HOUR_MS);
                self.order(&id, now_ms, is_named);
            }
            50..57 => {
                // By another device: the storefront knows the order under another cart.
                now_ms = if chance(self.rng, 7_500) {
                    self.around_nudge(cart, now_ms)
                } else {
                    now_ms + self.rng.i64(MINUTE_MS..20 * HOUR_MS)
                };
                self.order_elsewhere(&self.cart_id(cart + 100), id, now_ms);
            }
            57..60 => {
                now_ms += self.rng.i64(MINUTE_MS..20 * HOUR_MS);
                self.tell(&id, now_ms, false, "d", vec![Change::CartDeleted]);
                if self.rng.bool() {
                    now_ms += self.rng.i64(MINUTE_MS..20 * HOUR_MS);
                    let change = Change::CartUpdated(contents(1));
                    self.tell(&id, now_ms, false, "f", vec![change]);
                }
            }
            _ => {}
        }
        now_ms
    }

    /// Around the tick that takes the first reminder of a cart that was last used at `used_ms`.
    fn around_nudge(&mut self, cart: usize, used_ms: i64) -> i64 {
        let id = self.cart_id(cart);
        let cart = Cart::new(self.setting.cart_key(&id), id, timestamp(used_ms));
        let due_at = cart.stage_due_at(Stage::Nudge, &self.setting.shop.policy);
        let n_minutes = due_at.as_millisecond().div_euclid(MINUTE_MS) + 1;
        n_minutes * MINUTE_MS + self.rng.i64(0..2_000)
    }

    fn identify(&mut self, id: &CartId, at_ms: i64) {
        let (state, basis) = match self.rng.u8(0..10) {
            0 => (ConsentState::Refused, ConsentBasis::None),
            1 | 2 => (ConsentState::Unknown, ConsentBasis::None),
            _ => (ConsentState::Granted, ConsentBasis::Express),
        };
        let consent = Consent {
            state,
            basis,
            source: None,
            text_version: None,
        };
        let mut changes = vec![Change::ContactIdentified, Change::ConsentChanged(consent)];
        if self.rng.u8(0..4) == 0 {
            changes.push(Change::PushAllowed(subscription()));
        }
        self.tell(id, at_ms, true, "i", changes);
    }

    fn action(&mut self) -> Change {
        match self.rng.u8(0..20) {
            0 => Change::CartUpdated(contents(0)),
            1 => Change::PaymentFailed,
            2 => Change::PaymentPending,
            3..9 => Change::StepReached {
                step: CheckoutStep::Address,
                costs: None,
            },
            _ => Change::CartUpdated(contents(2)),
        }
    }

    /// Many storefronts name the person in the order; some leave it to the cart.
    fn order(&mut self, id: &CartId, at_ms: i64, is_named: bool) {
        let is_named = is_named && (self.rng.u8(0..10) < 8 || id.as_str().contains("-10"));
        let order = Order {
            id: format!("o{id}", id = id.as_str()),
            total: None,
        };
        self.tell(id, at_ms, is_named, "o", vec![Change::OrderPlaced(order)]);
        if self.rng.u8(0..4) == 0 {
            // Storefronts touch the cart once more after the order.
            let change = Change::CartUpdated(contents(1));
            let at_ms = at_ms + self.rng.i64(0..MINUTE_MS);
            self.tell(id, at_ms, false, "t", vec![change]);
        }
    }

    /// The storefront knows the order of the cart `id` under another name: it says whose it is, or that the
    /// cart is the same and leaves the person to it.
    fn order_elsewhere(&mut self, name: &CartId, id: CartId, at_ms: i64) {
        if self.rng.bool() {
            return self.order(name, at_ms, true);
        }
        let order = Order {
            id: format!("o{name}", name = name.as_str()),
            total: None,
        };
        let mut events = events(name, at_ms, "o", None, vec![Change::OrderPlaced(order)]);
        for event in &mut events {
            event.carts.push(id.clone());
        }
        self.deliver(at_ms, events);
    }

    fn tell(&mut self, id: &CartId, at_ms: i64, by_name: bool, mark: &str, changes: Vec<Change>) {
        let contact = by_name.then(|| self.setting.details(self.seed, self.n));
        let events = events(id, at_ms, mark, contact, changes);
        self.deliver(at_ms, events);
    }

    /// Has the storefront deliver one message, mostly at once, sometimes hours later, sometimes again.
    fn deliver(&mut self, at_ms: i64, events: Vec<CartEvent>) {
        let lag_ms = match self.rng.u8(0..100) {
            0 => self.rng.i64(0..5 * HOUR_MS),
            1..8 => self.rng.i64(0..10 * MINUTE_MS),
            _ => self.rng.i64(100..5_000),
        };
        let events: Arc<[CartEvent]> = events.into();
        if self.rng.u8(0..20) == 0 {
            let again_ms = at_ms + self.rng.i64(0..4 * HOUR_MS);
            self.deliveries.push(Delivery {
                at_ms: again_ms,
                events: Arc::clone(&events),
            });
        }
        self.deliveries.push(Delivery {
            at_ms: at_ms + lag_ms,
            events,
        });
    }

    fn cart_id(&self, cart: usize) -> CartId {
        cart_id(self.seed, self.n, cart)
    }
}

/// Where a browser takes notifications. Nobody encrypts for it here.
fn subscription() -> PushSubscription {
    let told = Subscribed {
        endpoint: "https://fcm.googleapis.com/fcm/send/abc".to_owned(),
        keys: PushKeys {
            p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4".to_owned(),
            auth: "BTBZMqHH6r4Tts7J_aSIgg".to_owned(),
        },
    };
    PushSubscription::try_from(told).unwrap()
}

/// The storefront's id of a shopper's cart.
///
/// # Panics
/// Never: the id is valid.
#[must_use]
pub fn cart_id(seed: u64, shopper: usize, cart: usize) -> CartId {
    format!("{seed}-{shopper}-{cart}").parse().unwrap()
}

/// The events of one message.
///
/// # Panics
/// Never: times of a world are valid.
#[must_use]
pub fn events(
    id: &CartId,
    at_ms: i64,
    mark: &str,
    contact: Option<ContactDetails>,
    changes: Vec<Change>,
) -> Vec<CartEvent> {
    let event = |change| CartEvent {
        id: format!("{}-{mark}", id.as_str()),
        at: Timestamp::from_millisecond(at_ms).unwrap(),
        is_test: false,
        origin: Origin::Shop,
        carts: vec![id.clone()],
        contact: contact.clone(),
        change,
    };
    changes.into_iter().map(event).collect()
}

/// A snapshot of `n_lines` items.
#[must_use]
pub fn contents(n_lines: usize) -> Contents {
    let line = |n: usize| LineItem {
        id: format!("v{n}"),
        title: "Merino Crew Sweater".to_owned(),
        variant: None,
        quantity: 1,
        price_minor: 8_900,
        compare_at_minor: None,
        image_url: None,
        url: None,
    };
    Contents {
        currency: Currency::USD,
        lines: (0..n_lines).map(line).collect(),
        total_minor: 8_900,
        checkout_url: None,
    }
}
