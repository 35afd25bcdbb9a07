//! The record over every order of arrival: whole messages, two people, carts with several names.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use cartback::consent::{Consent, ConsentBasis, ConsentState};
use cartback::event::{
    CartEvent, Change, ContactDetails, Contents, LineItem, Order, Origin, Refund,
};
use cartback::ids::{CartId, CartKey, ContactKey, Pepper};
use cartback::memory::MemoryStore;
use cartback::ports::CartStore;
use cartback::record::record;
use cartback::shop::Shop;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

const ADDRESSES: [&str; 2] = ["ada@example.com", "bob@example.com"];
const NAMES: [&str; 4] = ["phone", "laptop", "order-1", "order-2"];

const SETTINGS: &str = r#"
    id = "demo"
    name = "Lantern & Loom"
    url = "https://shop.example"
    hosts = ["shop.example"]
    links_url = "https://links.shop.example"
    from = "hello@shop.example"
    support_email = "help@shop.example"
    postal_address = "1 Long Street, Town"
"#;

fn shop() -> Shop {
    Shop::load(SETTINGS).unwrap()
}

fn pepper() -> Pepper {
    Pepper(vec![1; 32])
}

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn contents(quantity: u32) -> Contents {
    let line = LineItem {
        id: "sku".to_owned(),
        title: "Lantern".to_owned(),
        variant: None,
        quantity,
        price_minor: 4_900,
        compare_at_minor: None,
        image_url: None,
        url: None,
    };
    Contents {
        currency: "USD".parse().unwrap(),
        lines: vec![line],
        total_minor: 4_900,
        checkout_url: None,
    }
}

fn changes() -> impl Strategy<Value = Change> {
    let consent = |state| Consent {
        state,
        basis: ConsentBasis::Express,
        source: None,
        text_version: None,
    };
    let refund = |(n, minor): (u8, Option<i64>)| Refund {
        id: format!("r-{n}"),
        amount: minor.map(|minor| contents(1).money(minor)),
    };
    prop_oneof![
        3 => (1_u32..4).prop_map(|quantity| Change::CartUpdated(contents(quantity))),
        3 => Just(Change::ContactIdentified),
        1 => Just(Change::PaymentFailed),
        1 => Just(Change::PaymentPending),
        1 => Just(Change::ConsentChanged(consent(ConsentState::Granted))),
        1 => Just(Change::ConsentChanged(consent(ConsentState::Refused))),
        3 => (0_u8..3).prop_map(|n| Change::OrderPlaced(Order { id: format!("o-{n}"), total: None })),
        1 => Just(Change::OrderCancelled),
        2 => (0_u8..3, prop::option::of(100_i64..300)).prop_map(refund).prop_map(Change::OrderRefunded),
        1 => Just(Change::CartDeleted),
        1 => Just(Change::CheckoutDeleted),
    ]
}

/// Messages of one event each, several of which may share a time, and carts that go by two names.
fn histories() -> impl Strategy<Value = Vec<CartEvent>> {
    let person = prop::option::of(0_usize..2);
    let parts = (
        -9_i64..0,
        changes(),
        person,
        0_usize..2,
        prop::option::of(2_usize..4),
    );
    prop::collection::vec(parts, 1..9).prop_map(|parts| {
        let numbered = parts.into_iter().enumerate();
        numbered
            .map(|(n, (minute, change, person, cart, further))| {
                let names = [Some(cart), further];
                let details = |n: usize| ContactDetails {
                    email: ADDRESSES[n].parse().unwrap(),
                    first_name: None,
                    locale: None,
                    time_zone: None,
                    country: None,
                };
                CartEvent {
                    id: format!("evt-{n}"),
                    at: now() + SignedDuration::from_mins(minute),
                    is_test: false,
                    origin: Origin::Shop,
                    carts: names
                        .into_iter()
                        .flatten()
                        .map(|n| NAMES[n].parse().unwrap())
                        .collect(),
                    contact: person.map(details),
                    change,
                }
            })
            .collect()
    })
}

/// What is stored after `messages` came in, in this order.
fn stored(messages: &[CartEvent]) -> Value {
    let (store, shop) = (MemoryStore::default(), shop());
    run(async {
        for message in messages {
            let events = std::slice::from_ref(message);
            record(&store, &shop, &pepper(), events, now())
                .await
                .unwrap();
        }
        let mut carts = Vec::new();
        for name in NAMES {
            let id: CartId = name.parse().unwrap();
            let cart = store.cart(&CartKey::new(&shop.id, &id)).await.unwrap();
            let mut facts = json!(cart.map(|cart| cart.facts));
            // The first event of a name depends on when the names were known to be one cart.
            if let Some(facts) = facts.as_object_mut() {
                facts.remove("created_at");
            }
            carts.push(facts);
        }
        let mut people = Vec::new();
        for address in ADDRESSES {
            let key = ContactKey::new(&pepper(), &shop.id, &address.parse().unwrap());
            people.push(store.contact(&key).await.unwrap());
        }
        json!({ "carts": carts, "people": people })
    })
}

/// The memory store never waits for anything but its turn.
fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_order_of_arrival_with_any_repeats_ends_in_the_same_carts_and_people(
        history in histories(),
        swaps in prop::collection::vec(any::<(Index, Index)>(), 0..12),
        repeats in prop::collection::vec(any::<Index>(), 0..4),
    ) {
        let mut arrived = history.clone();
        for repeat in &repeats {
            arrived.push(repeat.get(&history).clone());
        }
        for (a, b) in &swaps {
            let n = arrived.len();
            arrived.swap(a.index(n), b.index(n));
        }
        prop_assert_eq!(stored(&arrived), stored(&history));
    }
}
