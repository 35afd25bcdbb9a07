//! The fold of a cart's events, over every order of arrival.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use cartback::cart::{Cart, CartFacts, CartStatus};
use cartback::consent::{Consent, ConsentBasis, ConsentState};
use cartback::event::{CartEvent, Change, CheckoutStep, ContactDetails, Contents, LineItem, Order};
use cartback::ids::{CartKey, ContactKey, Pepper};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap() + SignedDuration::from_mins(minutes)
}

fn contents(quantity: u32) -> Contents {
    let line = LineItem {
        id: "sku".into(),
        title: "Lantern".into(),
        variant: None,
        quantity,
        price_minor: 4900,
        compare_at_minor: None,
        image_url: None,
        url: None,
    };
    let lines = if quantity == 0 { vec![] } else { vec![line] };
    let total_minor = 4900 * i64::from(quantity);
    Contents {
        currency: "USD".parse().unwrap(),
        lines,
        total_minor,
        checkout_url: None,
    }
}

fn event(id: usize, minutes: i64, change: Change, email: Option<&str>) -> CartEvent {
    let details = |email: &str| ContactDetails {
        email: email.parse().unwrap(),
        first_name: None,
        locale: None,
        time_zone: None,
        country: None,
    };
    CartEvent {
        id: format!("evt-{id}"),
        at: at(minutes),
        is_test: false,
        carts: vec!["c1".parse().unwrap()],
        contact: email.map(details),
        change,
    }
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (0_u32..4).prop_map(|quantity| Change::CartUpdated(contents(quantity))),
        2 => Just(Change::ContactIdentified),
        1 => Just(Change::StepReached { step: CheckoutStep::Shipping, costs: None }),
        1 => Just(Change::StepReached { step: CheckoutStep::Contact, costs: None }),
        1 => Just(Change::PaymentFailed),
        1 => Just(Change::PaymentPending),
        1 => (0..3).prop_map(|n| Change::OrderPlaced(Order { id: format!("o{n}"), total: None })),
        1 => Just(Change::OrderCancelled),
        1 => Just(Change::CartDeleted),
        1 => Just(Change::ErasureRequested),
        1 => Just(Change::ConsentChanged(Consent {
            state: ConsentState::Granted,
            basis: ConsentBasis::Express,
            source: None,
            text_version: None,
        })),
    ]
}

/// Histories in which several events may share a time.
fn histories() -> impl Strategy<Value = Vec<CartEvent>> {
    let email = prop_oneof![
        Just(None),
        Just(Some("ada@example.com")),
        Just(Some("bob@example.com"))
    ];
    prop::collection::vec((0_i64..6, changes(), email), 1..9).prop_map(|parts| {
        let numbered = parts.into_iter().enumerate();
        numbered
            .map(|(id, (minutes, change, email))| event(id, minutes, change, email))
            .collect()
    })
}

fn fold(events: &[CartEvent]) -> CartFacts {
    let shop = "demo".parse().unwrap();
    let id = "c1".parse().unwrap();
    let mut cart = Cart::new(CartKey::new(&shop, &id), id, events[0].at);
    for event in events {
        let pepper = Pepper(vec![1; 32]);
        let key = event
            .contact
            .as_ref()
            .map(|details| ContactKey::new(&pepper, &shop, &details.email));
        cart.facts.apply(event, key.as_ref());
    }
    cart.facts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_order_of_arrival_with_any_repeats_ends_in_the_same_cart(
        history in histories(),
        shuffle in any::<[Index; 8]>(),
        repeats in prop::collection::vec(any::<Index>(), 0..4),
    ) {
        let mut arrived = history.clone();
        for repeat in &repeats {
            arrived.push(repeat.get(&history).clone());
        }
        for (position, index) in shuffle.iter().enumerate() {
            let other = index.index(arrived.len());
            arrived.swap(position % history.len(), other);
        }
        prop_assert_eq!(fold(&arrived), fold(&history));
    }

    #[test]
    fn no_event_lifts_an_order(history in histories(), order_at in 0_usize..8) {
        let mut history: Vec<_> =
            history.into_iter().filter(|event| event.change != Change::ErasureRequested).collect();
        let order = event(99, 0, Change::OrderPlaced(Order { id: "o".into(), total: None }), None);
        history.insert(order_at.min(history.len()), order);
        prop_assert_eq!(fold(&history).status(), CartStatus::Ordered);
    }
}

#[test]
fn a_deleted_cart_comes_back_with_a_newer_snapshot_only() {
    let deleted = event(1, 5, Change::CartDeleted, None);
    let older = event(2, 4, Change::CartUpdated(contents(1)), None);
    let newer = event(3, 6, Change::CartUpdated(contents(1)), None);
    assert_eq!(
        fold(&[deleted.clone(), older.clone()]).status(),
        CartStatus::Deleted
    );
    assert_eq!(fold(&[newer, deleted, older]).status(), CartStatus::Open);
}

#[test]
fn one_test_event_makes_the_cart_a_test() {
    let mut test = event(1, 0, Change::PaymentFailed, None);
    test.is_test = true;
    let real = event(
        2,
        9,
        Change::CartUpdated(contents(1)),
        Some("ada@example.com"),
    );
    assert!(!fold(&[real.clone(), test.clone()]).is_mailable());
    assert!(fold(&[real]).is_mailable());
}

#[test]
fn what_the_shop_does_is_no_activity() {
    let cart = event(1, 0, Change::CartUpdated(contents(1)), None);
    let order = event(
        2,
        60,
        Change::OrderPlaced(Order {
            id: "o".into(),
            total: None,
        }),
        None,
    );
    assert_eq!(fold(&[cart, order]).last_activity_at(), at(0));
}

#[test]
fn erasure_leaves_nothing_of_the_person_or_the_contents() {
    let cart = event(
        1,
        0,
        Change::CartUpdated(contents(1)),
        Some("ada@example.com"),
    );
    let erasure = event(2, 1, Change::ErasureRequested, Some("ada@example.com"));
    let late = event(
        3,
        2,
        Change::CartUpdated(contents(2)),
        Some("ada@example.com"),
    );
    let facts = fold(&[cart, erasure, late]);
    let text = serde_json::to_string(&facts).unwrap();
    assert!(
        !text.contains("ada@") && !text.contains("Lantern"),
        "{text}"
    );
}
