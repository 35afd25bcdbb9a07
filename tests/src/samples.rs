//! A shop, a cart, a person and what happens to them: the values that tests start from.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use cartback::cart::Cart;
use cartback::consent::{Consent, ConsentBasis, ConsentState};
use cartback::contact::Contact;
use cartback::decide::{Channel, Decision};
use cartback::entry::{DecisionRecord, Entry, What};
use cartback::event::{
    CartEvent, Change, CheckoutStep, ContactDetails, Contents, Costs, LineItem, Order, Origin,
};
use cartback::ids::{Attempt, CartId, CartKey, ContactKey, Pepper, ShopId};
use cartback::money::{Currency, Money};
use cartback::ports::Write;
use cartback::shop::Shop;
use cartback::stage::Stage;
use cartback::stamp::Stamp;
use jiff::{SignedDuration, Timestamp};

/// Noon of the day on which the samples live.
pub const NOON: Timestamp = Timestamp::constant(1_795_348_800, 0);

/// Settings of the sample shop.
pub const SETTINGS: &str = r#"
    id = "demo"
    name = "Demo"
    url = "https://shop.example"
    hosts = ["shop.example"]
    links_url = "https://links.shop.example"
    from = "hello@shop.example"
    support_email = "help@shop.example"
    postal_address = "1 Long Street, Town"
"#;

/// A cart of three items with everything that storefronts tell, not planned yet.
#[must_use]
pub fn cart(id: &str) -> Cart {
    let mut cart = idle(id);
    let costs = Costs {
        shipping: Some(usd(499)),
        tax: None,
    };
    let step = Change::StepReached {
        step: CheckoutStep::Shipping,
        costs: Some(costs),
    };
    for change in [
        Change::CartUpdated(contents(3)),
        step,
        Change::PaymentFailed,
    ] {
        let event = event("m", NOON - SignedDuration::from_hours(1), change);
        cart.facts.apply(&event, Some(&contact().key));
    }
    cart
}

/// The person behind the sample carts.
#[must_use]
pub fn contact() -> Contact {
    let email = details().email;
    let pepper = Pepper(b"pepper".to_vec());
    let mut contact = Contact::new(ContactKey::new(&pepper, &shop_id(), &email));
    let stamp = Stamp::new(NOON, "m-1");
    let consent = Consent {
        state: ConsentState::Granted,
        basis: ConsentBasis::Express,
        source: Some("checkout box".to_owned()),
        text_version: None,
    };
    contact.answer(stamp, consent);
    contact.own(&idle("c1").key);
    contact
}

/// How storefronts describe that person.
#[must_use]
pub fn details() -> ContactDetails {
    ContactDetails {
        email: "ada@example.com".parse().unwrap(),
        first_name: Some("Ada".to_owned()),
        locale: Some("en".to_owned()),
        time_zone: Some("Europe/Berlin".to_owned()),
        country: Some("DE".to_owned()),
    }
}

/// The sample shop.
#[must_use]
pub fn shop() -> Shop {
    Shop::load(SETTINGS).unwrap()
}

/// An event of the sample cart.
#[must_use]
pub fn event(id: &str, at: Timestamp, change: Change) -> CartEvent {
    CartEvent {
        id: id.to_owned(),
        at,
        is_test: false,
        origin: Origin::Shop,
        carts: Vec::new(),
        contact: Some(details()),
        change,
    }
}

/// A snapshot as storefronts send it.
#[must_use]
pub fn contents(n_lines: usize) -> Contents {
    let line = |n: usize| LineItem {
        id: format!("4078456221{n:04}"),
        title: "Merino Crew Sweater".to_owned(),
        variant: Some("Navy / M".to_owned()),
        quantity: 1,
        price_minor: 8_900,
        compare_at_minor: Some(11_900),
        image_url: Some(format!(
            "https://cdn.shop.example/files/merino-crew-{n}.jpg?v=1718"
        )),
        url: Some(format!("https://shop.example/products/merino-crew-{n}")),
    };
    Contents {
        currency: Currency::USD,
        lines: (0..n_lines).map(line).collect(),
        total_minor: 26_700,
        checkout_url: Some("https://shop.example/checkouts/cn/Z2NwLWV1cm9wZS13ZXN0".to_owned()),
    }
}

/// What a worker writes that takes the right to send for a waiting cart, `minute` minutes after noon.
///
/// # Panics
/// When the cart does not wait.
#[must_use]
pub fn reservation(cart: &Cart, contact: &Contact, minute: i64) -> Write {
    let (mut cart, mut contact) = (cart.clone(), contact.clone());
    let attempt = attempt(&cart);
    assert!(cart.sequence.reserve(attempt, NOON), "the cart waits");
    contact.note_mail(&cart.key, Stage::Nudge, NOON);
    Write {
        entries: vec![decided(&cart.key, attempt, minute)],
        cart: Some(cart),
        contact: Some(contact),
        attempt: Some(attempt),
        ..Write::default()
    }
}

/// A line that tells of a storefront's message, taken note of `minute` minutes after noon.
#[must_use]
pub fn received(cart: &CartKey, id: &str, minute: i64) -> Entry {
    let what = What::Received {
        id: id.to_owned(),
        happened_at: at(minute) - SignedDuration::from_secs(1),
        kinds: vec!["cart.updated".to_owned()],
    };
    Entry::new(cart, at(minute), what)
}

/// A line that tells of a decision to send, `minute` minutes after noon.
#[must_use]
pub fn decided(cart: &CartKey, attempt: Attempt, minute: i64) -> Entry {
    let record = DecisionRecord {
        stage: Stage::Nudge,
        decision: Decision::Send,
        payment: None,
        attempt: Some(attempt),
        channel: Channel::Mail,
        offer: None,
        digest: "0123456789abcdef".to_owned(),
    };
    Entry::new(cart, at(minute), What::Decided(record))
}

/// The sample cart with its nudge due at `due_at`.
#[must_use]
pub fn waiting(id: &str, due_at: Timestamp) -> Cart {
    let mut cart = cart(id);
    cart.sequence.arm(due_at);
    cart
}

/// A cart of which nothing but its name is known.
#[must_use]
pub fn idle(id: &str) -> Cart {
    let id: CartId = id.parse().unwrap();
    Cart::new(CartKey::new(&shop_id(), &id), id, NOON)
}

/// `cart` with the mark of writer `n`, an order.
#[must_use]
pub fn signed(cart: &Cart, n: i64) -> Cart {
    let mut cart = cart.clone();
    let order = Order {
        id: format!("o-{n}"),
        total: Some(usd(26_700)),
    };
    cart.facts
        .apply(&event("ordered", NOON, Change::OrderPlaced(order)), None);
    cart
}

/// A new attempt at `cart`. Never the same twice: a DynamoDB that tests share remembers attempts.
#[must_use]
pub fn attempt(cart: &Cart) -> Attempt {
    static N_ATTEMPTS: AtomicU32 = AtomicU32::new(0);
    let n = N_ATTEMPTS.fetch_add(1, Ordering::Relaxed);
    let nonce = (u128::from(process::id()) << 32) | u128::from(n);
    Attempt::new(nonce, &cart.key, cart.version, NOON)
}

/// `minute` minutes after noon.
#[must_use]
pub fn at(minute: i64) -> Timestamp {
    NOON + SignedDuration::from_mins(minute)
}

/// The sample shop.
#[must_use]
pub fn shop_id() -> ShopId {
    "demo".parse().unwrap()
}

fn usd(minor: i64) -> Money {
    Money {
        minor,
        currency: Currency::USD,
    }
}
