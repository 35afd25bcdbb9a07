//! The fold of a cart's events, over every order of arrival.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use cartback::cart::{Cart, CartFacts, CartStatus, Payment};
use cartback::consent::{Consent, ConsentBasis, ConsentState};
use cartback::event::{
    CartEvent, Change, CheckoutStep, ContactDetails, Contents, Costs, LineItem, Order, Origin,
    Refund,
};
use cartback::ids::{CartKey, ContactKey, Pepper};
use cartback::push::PushSubscription;
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
        origin: Origin::Shop,
        carts: vec!["c1".parse().unwrap()],
        contact: email.map(details),
        change,
    }
}

fn refund(n: usize, minor: Option<i64>) -> Change {
    Change::OrderRefunded(Refund {
        id: format!("r{n}"),
        amount: minor.map(|minor| contents(1).money(minor)),
    })
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (0_u32..4).prop_map(|quantity| Change::CartUpdated(contents(quantity))),
        2 => Just(Change::ContactIdentified),
        1 => Just(Change::StepReached { step: CheckoutStep::Shipping, costs: None }),
        1 => Just(Change::StepReached { step: CheckoutStep::Contact, costs: None }),
        1 => Just(Change::PaymentFailed),
        1 => Just(Change::PushAllowed(subscription())),
        1 => Just(Change::PaymentPending),
        1 => (0..3).prop_map(|n| Change::OrderPlaced(Order { id: format!("o{n}"), total: None })),
        1 => Just(Change::OrderCancelled),
        1 => (0_usize..3, prop::option::of(1_i64..3)).prop_map(|(n, minor)| refund(n, minor)),
        1 => Just(Change::CartDeleted),
        1 => Just(Change::CheckoutDeleted),
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

/// Where a browser takes notifications.
fn subscription() -> PushSubscription {
    let told = r#"{"endpoint": "https://fcm.googleapis.com/fcm/send/abc", "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg"}}"#;
    serde_json::from_str(told).unwrap()
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
fn only_what_the_shopper_does_is_activity() {
    let step = CheckoutStep::Contact;
    let order = || Order {
        id: "o".into(),
        total: None,
    };
    let consent = Consent {
        state: ConsentState::Granted,
        basis: ConsentBasis::Express,
        source: None,
        text_version: None,
    };
    for (change, is_activity) in [
        (Change::CartUpdated(contents(1)), true),
        (Change::ContactIdentified, true),
        (Change::StepReached { step, costs: None }, true),
        (Change::PushAllowed(subscription()), false),
        (Change::PaymentFailed, true),
        (Change::PaymentPending, true),
        (Change::ConsentChanged(consent), false),
        (Change::OrderPlaced(order()), false),
        (Change::OrderCancelled, false),
        (refund(1, None), false),
        (Change::DataRequested, false),
        (Change::ShopErasureRequested, false),
        (Change::CartDeleted, false),
    ] {
        let cart = event(1, 0, Change::CartUpdated(contents(1)), None);
        let later = event(2, 60, change.clone(), None);
        let expected = if is_activity { at(60) } else { at(0) };
        let facts = fold(&[cart, later]);
        assert_eq!(facts.last_activity_at(), expected, "{change:?}");
    }
}

#[test]
fn idle_time_counts_from_the_first_event_until_the_shopper_acts() {
    let order = Order {
        id: "o".into(),
        total: None,
    };
    let late = event(1, 60, Change::OrderCancelled, None);
    let early = event(2, 30, Change::OrderPlaced(order), None);
    let facts = fold(&[late, early]);
    assert_eq!(facts.created_at, at(30));
    assert_eq!(facts.last_activity_at(), at(30));
}

#[test]
fn the_first_order_counts_and_a_cancellation_lifts_nothing() {
    let order = |id: usize, minutes| {
        let order = Order {
            id: format!("o{id}"),
            total: None,
        };
        event(id, minutes, Change::OrderPlaced(order), None)
    };
    let facts = fold(&[order(2, 20), order(1, 10), order(3, 30)]);
    assert_eq!(facts.order.as_ref().unwrap().value.id, "o1");
    assert!(!facts.is_order_cancelled);
    let facts = fold(&[order(1, 10), event(4, 40, Change::OrderCancelled, None)]);
    assert!(facts.is_order_cancelled);
    assert_eq!(facts.status(), CartStatus::Ordered);
}

#[test]
fn what_was_cancelled_or_paid_back_was_ordered_even_if_the_order_is_not_known_yet() {
    for change in [Change::OrderCancelled, refund(1, None)] {
        let cart = event(1, 0, Change::CartUpdated(contents(1)), None);
        let facts = fold(&[cart, event(2, 1, change, None)]);
        assert_eq!(facts.status(), CartStatus::Ordered);
    }
}

#[test]
fn a_shop_keeps_the_total_less_each_refund_once() {
    let order = Order {
        id: "o".into(),
        total: Some(contents(1).money(4900)),
    };
    let placed = event(1, 0, Change::OrderPlaced(order), None);
    let back = |id, minutes, change| event(id, minutes, change, None);
    let cancelled = back(9, 9, Change::OrderCancelled);
    let euros = Change::OrderRefunded(Refund {
        id: "r9".into(),
        amount: Some("1.00 EUR".parse().unwrap()),
    });
    for (news, expected) in [
        (vec![], Some(4900)),
        (vec![back(2, 1, refund(1, Some(1900)))], Some(3000)),
        (
            vec![
                back(2, 1, refund(1, Some(1900))),
                back(3, 2, refund(1, Some(1900))),
            ],
            Some(3000),
        ),
        (
            vec![
                back(2, 1, refund(1, Some(1900))),
                back(3, 2, refund(1, Some(900))),
            ],
            Some(4000),
        ),
        (
            vec![
                back(2, 1, refund(1, Some(1900))),
                back(3, 2, refund(2, Some(900))),
            ],
            Some(2100),
        ),
        (vec![back(2, 1, refund(1, Some(9900)))], Some(0)),
        (vec![back(2, 1, refund(1, None))], None),
        (vec![back(2, 1, euros)], None),
        (vec![back(2, 1, refund(1, None)), cancelled], Some(0)),
    ] {
        let mut history = vec![placed.clone()];
        history.extend(news);
        let net = fold(&history).net_total().map(|net| net.minor);
        assert_eq!(net, expected, "{history:?}");
    }
    assert_eq!(fold(&[back(2, 1, refund(1, Some(1)))]).net_total(), None);
}

#[test]
fn refunds_beyond_what_is_told_apart_are_the_same_in_any_order() {
    let all: Vec<_> = (100..180)
        .map(|n| event(n, 1, refund(n, Some(1)), None))
        .collect();
    let mut reversed = all.clone();
    reversed.reverse();
    let facts = fold(&all);
    assert_eq!(facts.refunds.len(), 50);
    assert_eq!(facts, fold(&reversed));
}

#[test]
fn the_furthest_step_and_the_newest_costs_and_payment_are_kept() {
    let reached = |id, minutes, step, shipping: Option<i64>| {
        let costs = shipping.map(|minor| Costs {
            shipping: Some(contents(1).money(minor)),
            tax: None,
        });
        event(id, minutes, Change::StepReached { step, costs }, None)
    };
    let facts = fold(&[
        reached(1, 10, CheckoutStep::Shipping, Some(499)),
        reached(2, 20, CheckoutStep::Contact, Some(599)),
        reached(3, 5, CheckoutStep::Address, Some(699)),
        reached(4, 30, CheckoutStep::Contact, None),
        event(5, 50, Change::PaymentPending, None),
        event(6, 40, Change::PaymentFailed, None),
    ]);
    assert_eq!(facts.step, Some(CheckoutStep::Shipping));
    let shipping = facts.costs.unwrap().value.shipping.unwrap();
    assert_eq!(shipping.minor, 599);
    assert_eq!(facts.payment.unwrap().value, Payment::Pending);
}

#[test]
fn the_person_named_last_is_behind_the_cart() {
    let ada = event(1, 20, Change::ContactIdentified, Some("ada@example.com"));
    let bob = event(2, 10, Change::PaymentFailed, Some("bob@example.com"));
    let nobody = event(3, 30, Change::ContactIdentified, None);
    let person = fold(&[ada, bob, nobody]).person.unwrap().value;
    assert_eq!(person.email.expose(), "ada@example.com");
}

#[test]
fn a_cart_is_mailable_with_a_person_and_at_least_one_item() {
    let ada = Some("ada@example.com");
    for (quantity, email, is_mailable) in [(1, ada, true), (0, ada, false), (1, None, false)] {
        let facts = fold(&[event(1, 0, Change::CartUpdated(contents(quantity)), email)]);
        assert_eq!(facts.is_mailable(), is_mailable, "{quantity} {email:?}");
    }
    let unknown = fold(&[event(1, 0, Change::ContactIdentified, ada)]);
    assert!(!unknown.is_mailable());
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
