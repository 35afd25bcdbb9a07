//! What a worker's outcomes do to a cart, and what tells two decisions apart.

use super::*;
use crate::event::{CartEvent, Change, ContactDetails, Contents, LineItem, Order};
use crate::sequence::Outcome;

fn noon() -> Timestamp {
    "2026-07-01T12:00:00Z".parse().unwrap()
}

fn shop() -> Shop {
    let settings = r#"
        id = "demo"
        name = "Demo"
        url = "https://shop.example"
        hosts = ["shop.example"]
        links_url = "https://links.shop.example"
        from = "hello@shop.example"
        support_email = "help@shop.example"
        postal_address = "1 Long Street, Town"
    "#;
    Shop::load(settings).unwrap()
}

fn attempt(n: u8) -> Attempt {
    Attempt::from_bytes([n; 16])
}

fn event(change: Change) -> CartEvent {
    CartEvent {
        id: "evt".to_owned(),
        at: noon(),
        is_test: false,
        carts: Vec::new(),
        contact: Some(ContactDetails {
            email: "ada@example.com".parse().unwrap(),
            first_name: None,
            locale: None,
            time_zone: None,
            country: None,
        }),
        change,
    }
}

/// A cart whose nudge waits.
fn waiting() -> Cart {
    let key: CartKey = "demo_00000000000000000000000001".parse().unwrap();
    let mut cart = Cart::new(key.clone(), "c1".parse().unwrap(), noon());
    let line = LineItem {
        id: "sku".to_owned(),
        title: "Lantern".to_owned(),
        variant: None,
        quantity: 1,
        price_minor: 4900,
        compare_at_minor: None,
        image_url: None,
        url: None,
    };
    let contents = Contents {
        currency: "USD".parse().unwrap(),
        lines: vec![line],
        total_minor: 4900,
        checkout_url: None,
    };
    let person = ContactKey::nobody(key.shop());
    let updated = event(Change::CartUpdated(contents));
    cart.apply(&updated, Some(&person), &shop().policy, noon());
    cart
}

fn reserved() -> Cart {
    let mut cart = waiting();
    assert!(cart.sequence.reserve(attempt(1), noon()));
    cart
}

fn ordered(mut cart: Cart) -> Cart {
    let order = Order {
        id: "o1".to_owned(),
        total: None,
    };
    let placed = event(Change::OrderPlaced(order));
    cart.apply(&placed, None, &shop().policy, noon());
    cart
}

#[test]
fn pauses_double_from_two_minutes() {
    let minutes = [0, 1, 2, MAX_TRIES].map(|n_tries| backoff(n_tries).as_mins());
    assert_eq!(minutes, [2, 4, 8, 16]);
    assert_eq!(backoff(u8::MAX), backoff(MAX_TRIES));
}

#[test]
fn a_refused_try_waits_and_the_third_plans_the_next_stage() {
    let mut cart = waiting();
    for (n, minutes) in [(1, 2), (2, 4)] {
        assert!(cart.sequence.reserve(attempt(n), noon()));
        assert!(note_refused(&mut cart, attempt(n), &shop(), noon()));
        let retry_at = noon() + SignedDuration::from_mins(minutes);
        assert_eq!(cart.sequence.due(), Some((Stage::Nudge, retry_at)));
    }
    assert!(cart.sequence.reserve(attempt(3), noon()));
    assert!(note_refused(&mut cart, attempt(3), &shop(), noon()));
    let due_at = cart.stage_due_at(Stage::FollowUp, &shop().policy);
    assert_eq!(cart.sequence.due(), Some((Stage::FollowUp, due_at)));
}

#[test]
fn a_refusal_of_a_lost_reservation_writes_nothing() {
    let mut cart = reserved();
    let before = cart.clone();
    assert!(!note_refused(&mut cart, attempt(2), &shop(), noon()));
    assert_eq!(cart, before);
}

#[test]
fn a_refusal_after_an_order_ends_the_sequence() {
    let mut cart = ordered(reserved());
    assert!(note_refused(&mut cart, attempt(1), &shop(), noon()));
    assert_eq!(cart.sequence.phase, Phase::Done);
}

#[test]
fn an_accepted_mail_is_written_once() {
    let mut cart = reserved();
    assert!(note_accepted(
        &mut cart,
        Stage::Nudge,
        attempt(1),
        &shop(),
        noon()
    ));
    assert!(!note_accepted(
        &mut cart,
        Stage::Nudge,
        attempt(1),
        &shop(),
        noon()
    ));
    assert!(!note_accepted(
        &mut cart,
        Stage::Nudge,
        attempt(2),
        &shop(),
        noon()
    ));
    let sent = Outcome::Sent {
        attempt: attempt(1),
    };
    assert_eq!(cart.sequence.outcome(Stage::Nudge).unwrap().outcome, sent);
}

#[test]
fn a_skip_plans_the_next_stage_unless_it_ends_the_sequence() {
    let mut cart = waiting();
    skip(&mut cart, SkipReason::NoConsent, &shop(), noon());
    let due_at = cart.stage_due_at(Stage::FollowUp, &shop().policy);
    assert_eq!(cart.sequence.due(), Some((Stage::FollowUp, due_at)));
    skip(&mut cart, SkipReason::Unsubscribed, &shop(), noon());
    assert_eq!(cart.sequence.phase, Phase::Done);
    let reasons: Vec<_> = cart.sequence.log.iter().map(|log| &log.outcome).collect();
    let skipped = |reason| Outcome::Skipped { reason };
    let expected = [
        &skipped(SkipReason::NoConsent),
        &skipped(SkipReason::Unsubscribed),
    ];
    assert_eq!(reasons, expected);
}

#[test]
fn a_digest_changes_with_cart_person_and_policy_alone() {
    let (cart, person) = (waiting(), nobody(&waiting()));
    let same = digest(&cart, &person, &shop());
    assert_eq!(same.len(), 16);
    assert!(same.bytes().all(|byte| byte.is_ascii_hexdigit()), "{same}");
    let renamed = Shop {
        name: "Other".to_owned(),
        ..shop()
    };
    assert_eq!(digest(&cart, &person, &renamed), same);
    let mut stopped = person.clone();
    stopped.order(noon());
    let mut strict = shop();
    strict.policy.caps.per_week = 1;
    assert_ne!(digest(&reserved(), &person, &shop()), same);
    assert_ne!(digest(&cart, &stopped, &shop()), same);
    assert_ne!(digest(&cart, &person, &strict), same);
}
