//! Somebody has a shop's page and a list of addresses. Through the pages' own door, the real use cases
//! and every minute's sweep.

use std::collections::BTreeMap;
use std::fmt;
use std::future::ready;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use cartback::ids::Pepper;
use cartback::link::{LinkKey, LinkKeys};
use cartback::mail::Mail;
use cartback::memory::MemoryStore;
use cartback::part::Part;
use cartback::ports::{CartStore, Mailer, PushError, SendError};
use cartback::push::Push;
use cartback::record::record;
use cartback::remind::{OfferCounts, Worker};
use cartback::shop::Shop;
use cartback::stage::Stage;
use cartback::storefront::browser::Browser;
use cartback::storefront::{Message, Parsed, Reception, Storefront};
use cartback::sweep::sweep;
use fastrand::Rng;
use http::{HeaderMap, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::genuine::NOW;

const VICTIM: &str = "victim@example.com";
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Events after which the attacker takes another cart.
const EVENTS_OF_A_CART: u32 = 100;

/// Pages may name fifty people in three hours before strangers wait, and each of them gets three mails.
const FEW_STRANGERS: Limits = Limits {
    n_least: 0,
    n_most: 150,
    n_in_a_week: 3,
};

/// What one attack achieved.
pub struct Attack {
    name: &'static str,
    n_events: u32,
    n_mails: usize,
    /// The most mails to one address in any seven days.
    n_in_a_week: usize,
    limits: Limits,
}

/// What an attack may achieve.
#[derive(Clone, Copy)]
struct Limits {
    /// Mails that must leave, or the attack was none.
    n_least: usize,
    /// Mails.
    n_most: usize,
    /// Mails to one address in seven days.
    n_in_a_week: usize,
}

/// Nothing.
const NO_MAIL: Limits = Limits {
    n_least: 0,
    n_most: 0,
    n_in_a_week: 0,
};

impl Attack {
    /// Whether it achieved no more than it may.
    #[must_use]
    pub fn is_held(&self) -> bool {
        let limits = self.limits;
        (limits.n_least..=limits.n_most).contains(&self.n_mails)
            && self.n_in_a_week <= limits.n_in_a_week
    }
}

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<22} {} events: {} mails, at most {} to one address in seven days",
            self.name, self.n_events, self.n_mails, self.n_in_a_week
        )
    }
}

/// Every attack, with `n_events` events each.
#[must_use]
pub fn all(n_events: u32) -> Vec<Attack> {
    vec![
        one_victim("victim, box ticked", n_events, true, "required"),
        one_victim("victim, box empty", n_events, false, "required"),
        one_victim("victim, no box asked", n_events, false, "opt_out"),
        // Each of these is looked at again and again for days.
        strangers(n_events / 10),
        waiting_strangers(n_events / 10),
        machine(n_events / 10),
    ]
}

/// Two weeks of carts that all name one victim.
fn one_victim(name: &'static str, n_events: u32, is_ticked: bool, consent: &str) -> Attack {
    let mut shop = Scene::open(consent);
    let mut random = Rng::with_seed(1);
    let pause_ms = 2 * WEEK.as_millis() / i128::from(n_events);
    let pause_ms = i64::try_from(pause_ms).unwrap_or(i64::MAX);
    for n in 0..n_events {
        let cart = format!("cart-{}", n / EVENTS_OF_A_CART);
        if n % 2 == 0 {
            shop.report(&cart, FIREFOX, &[contents()]);
        } else if is_ticked {
            shop.report(&cart, FIREFOX, &[address(VICTIM)]);
        } else {
            shop.name_without_consent(&cart, VICTIM);
        }
        // Unevenly, as a person would.
        let pause = SignedDuration::from_millis(random.i64(0..2 * pause_ms));
        shop.run_until(shop.now + pause);
    }
    shop.run_until(shop.now + WEEK);
    let limits = Limits {
        n_least: 1,
        n_most: 9,
        n_in_a_week: 3,
    };
    shop.ended(name, n_events, if is_ticked { limits } else { NO_MAIL })
}

/// Five hours in which every cart names another address, with the box ticked.
fn strangers(n_events: u32) -> Attack {
    let mut shop = Scene::open("required");
    let pause = SignedDuration::from_hours(5) / i32::try_from(n_events).unwrap_or(i32::MAX);
    for n in 0..n_events / 2 {
        let cart = format!("cart-{n}");
        let events = [contents(), address(&format!("person-{n}@example.com"))];
        shop.report(&cart, FIREFOX, &events);
        shop.run_until(shop.now + pause * 2);
    }
    shop.run_until(shop.now + WEEK);
    shop.ended("rotating addresses", n_events, FEW_STRANGERS)
}

/// All addresses in an hour, and then every cart is kept busy until the hour is long past.
fn waiting_strangers(n_events: u32) -> Attack {
    let mut shop = Scene::open("required");
    let n_carts = n_events / 10;
    for n in 0..n_carts {
        let events = [contents(), address(&format!("person-{n}@example.com"))];
        shop.report(&format!("cart-{n}"), FIREFOX, &events);
        shop.run_until(shop.now + SignedDuration::from_hours(1) / 10_000);
    }
    for round in 0..9 {
        shop.run_until(shop.now + SignedDuration::from_mins(20));
        for n in 0..n_carts {
            // Named again in the end, so that the naming itself is no longer of that hour.
            let event = match round {
                8 => address(&format!("person-{n}@example.com")),
                _ => contents(),
            };
            shop.report(&format!("cart-{n}"), FIREFOX, &[event]);
        }
    }
    shop.run_until(shop.now + WEEK);
    shop.ended("rotating, patient", n_events, FEW_STRANGERS)
}

/// A script that says what it is, and one that does not and works like clockwork.
fn machine(n_events: u32) -> Attack {
    let mut shop = Scene::open("required");
    for n in 0..n_events / 50 {
        let user_agent = if n % 2 == 0 {
            "python-requests/2.32"
        } else {
            FIREFOX
        };
        for beat in 0..25 {
            let address = address(&format!("person-{}@example.com", n % 40));
            shop.report(&format!("cart-{n}"), user_agent, &[contents(), address]);
            if beat != 24 {
                shop.now += SignedDuration::from_secs(2);
            }
        }
        shop.run_until(shop.now + SignedDuration::from_mins(4));
    }
    shop.run_until(shop.now + WEEK);
    shop.ended("machines", n_events, NO_MAIL)
}

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0";

fn contents() -> serde_json::Value {
    let item = json!({ "id": "mug", "title": "Mug", "quantity": 1, "price": "9.90" });
    json!({ "type": "cart", "cart": { "currency": "EUR", "items": [item] } })
}

fn address(email: &str) -> serde_json::Value {
    json!({ "type": "contact", "email": email, "consent": true })
}

/// One shop and its door, its store and its outbox, and a clock.
struct Scene {
    shop: Shop,
    store: MemoryStore,
    outbox: Outbox,
    keys: LinkKeys,
    pepper: Pepper,
    now: Timestamp,
    ticked_at: Timestamp,
    n_messages: u64,
    nonce: u128,
}

#[derive(Default)]
struct Outbox {
    mails: Mutex<Vec<(String, Timestamp)>>,
    now: Mutex<Timestamp>,
}

impl Mailer for Outbox {
    async fn push(&self, _: &Push) -> Result<(), PushError> {
        Err(PushError::Refused("there is no push service here".into()))
    }

    fn permit(&self, _: SignedDuration) -> impl Future<Output = bool> + Send {
        ready(true)
    }

    fn send(&self, mail: &Mail) -> impl Future<Output = Result<(), SendError>> + Send {
        let now = *self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        mails.push((mail.to.expose().to_owned(), now));
        ready(Ok(()))
    }
}

const SETTINGS: &str = r#"
id = "demo"
name = "Demo"
url = "https://shop.example"
hosts = ["shop.example"]
links_url = "https://links.shop.example"
from = "hello@shop.example"
support_email = "help@shop.example"
postal_address = "12 Harbour Lane, Exampleton"
currency = "EUR"

[policy]
"#;

impl Scene {
    fn open(consent: &str) -> Self {
        let settings = format!("{SETTINGS}consent = \"{consent}\"");
        let shop = Shop::load(&settings).expect("the settings above are right");
        let secret = vec![2; 32];
        let keys = LinkKeys::new(vec![LinkKey { id: 1, secret }]).expect("the key is long enough");
        let store = MemoryStore::default();
        at_once(store.put_shop(&shop)).expect("memory takes everything");
        Self {
            shop,
            store,
            outbox: Outbox::default(),
            keys,
            pepper: Pepper(vec![1; 32]),
            now: NOW,
            ticked_at: NOW,
            n_messages: 0,
            nonce: 0,
        }
    }

    /// A page with a session for `cart` reports `events`.
    fn report(&mut self, cart: &str, user_agent: &'static str, events: &[serde_json::Value]) {
        for event in self.read(cart, user_agent, events) {
            let stored = record(&self.store, &self.shop, &self.pepper, &event, self.now);
            at_once(stored).expect("memory takes everything");
        }
    }

    /// What an attacker would have us believe who got around the door: the same address, with no tick.
    fn name_without_consent(&mut self, cart: &str, email: &str) {
        let events = self.read(cart, FIREFOX, &[address(email)]);
        let named = events.into_iter().map(|events| {
            let without = |event: &cartback::event::CartEvent| event.kind() != "consent.changed";
            events.into_iter().filter(without).collect::<Vec<_>>()
        });
        for events in named {
            let stored = record(&self.store, &self.shop, &self.pepper, &events, self.now);
            at_once(stored).expect("memory takes everything");
        }
        // And the door itself, without the tick.
        let unticked = json!({ "type": "contact", "email": email, "consent": false });
        self.report(cart, FIREFOX, &[unticked]);
    }

    fn read(
        &mut self,
        cart: &str,
        user_agent: &'static str,
        events: &[serde_json::Value],
    ) -> Vec<Vec<cartback::event::CartEvent>> {
        let events: Vec<serde_json::Value> = events
            .iter()
            .map(|event| {
                self.n_messages += 1;
                let mut event = event.clone();
                event["id"] = json!(format!("e{}", self.n_messages));
                event
            })
            .collect();
        let session = cartback::session::Session {
            cart: cart.parse().expect("the attacks have good ids"),
            expires_at: self.now + SignedDuration::from_mins(30),
        };
        let token = session.mint(b"-");
        let body = format!("pk_demo {token}\n{}", json!({ "events": events }));
        let mut headers = HeaderMap::new();
        headers.insert("user-agent", HeaderValue::from_static(user_agent));
        let message = Message {
            headers: &headers,
            body: body.as_bytes(),
        };
        let reception = Reception {
            received_at: self.now,
            currency: self.shop.currency,
        };
        match Browser.parse(message, reception) {
            Ok(Parsed::Events(events)) => vec![events],
            _ => Vec::new(),
        }
    }

    /// Lets time pass up to `to`: each minute, every stage, where something is due.
    fn run_until(&mut self, to: Timestamp) {
        while self.ticked_at + MINUTE <= to {
            self.ticked_at += MINUTE;
            let is_due = self
                .store
                .next_due()
                .is_some_and(|due| due <= self.ticked_at);
            if is_due {
                for stage in Stage::ALL {
                    self.tick(stage, self.ticked_at);
                }
            }
        }
        self.now = to;
    }

    fn tick(&mut self, stage: Stage, now: Timestamp) {
        self.nonce += 1;
        *self
            .outbox
            .now
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = now;
        let worker = Worker {
            store: &self.store,
            mailer: &self.outbox,
            keys: &self.keys,
            nonce: self.nonce,
            started_at: now,
            elapsed: &|| SignedDuration::ZERO,
            time_limit: SignedDuration::from_mins(1),
            offers: OfferCounts::default(),
            on_decision: None,
        };
        let swept = sweep(&worker, stage, Part::WHOLE);
        let tally = at_once(swept).expect("memory answers");
        assert_eq!(tally.n_errors, 0, "memory answers");
    }

    fn ended(&self, name: &'static str, n_events: u32, limits: Limits) -> Attack {
        let mails = self
            .outbox
            .mails
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut by_address: BTreeMap<&str, Vec<Timestamp>> = BTreeMap::new();
        for (to, at) in mails.iter() {
            by_address.entry(to).or_default().push(*at);
        }
        let in_a_week = |times: &Vec<Timestamp>| {
            let from = |start: Timestamp| {
                let held = times
                    .iter()
                    .filter(|at| start <= **at && at.duration_since(start) < WEEK);
                held.count()
            };
            times.iter().map(|at| from(*at)).max().unwrap_or(0)
        };
        Attack {
            name,
            n_events,
            n_mails: mails.len(),
            n_in_a_week: by_address.values().map(in_a_week).max().unwrap_or(0),
            limits,
        }
    }
}

/// The result of a future that waits for nothing but its turn.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
            return result;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_events_of_an_attack_achieve_nothing() {
        for attack in all(1_000) {
            assert!(attack.is_held(), "{attack}");
        }
    }

    #[test]
    fn a_shopper_who_agrees_gets_their_mails() {
        let mut shop = Scene::open("required");
        shop.report("cart-1", FIREFOX, &[contents(), address("ada@example.com")]);
        shop.run_until(shop.now + WEEK);
        assert_eq!(shop.ended("", 1, NO_MAIL).n_mails, 3);
    }
}
