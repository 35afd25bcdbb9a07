//! Which cart of a person is the newest, and what a reservation relies on.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::event::{CartEvent, Change, ContactDetails, Contents, LineItem, Order};
use crate::ids::ContactKey;

fn at(minute: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
}

fn event(minute: i64, change: Change) -> CartEvent {
    let contact = ContactDetails {
        email: "ada@example.com".parse().unwrap(),
        first_name: None,
        locale: None,
        time_zone: None,
        country: None,
    };
    CartEvent {
        id: format!("evt-{minute}"),
        at: at(minute),
        is_test: false,
        origin: Origin::Shop,
        carts: Vec::new(),
        contact: Some(contact),
        change,
    }
}

fn filled(n_lines: usize) -> Change {
    let line = LineItem {
        id: "sku".to_owned(),
        title: "Lantern".to_owned(),
        variant: None,
        quantity: 1,
        price_minor: 4_900,
        compare_at_minor: None,
        image_url: None,
        url: None,
    };
    Change::CartUpdated(Contents {
        currency: "USD".parse().unwrap(),
        lines: vec![line; n_lines],
        total_minor: 4_900,
        checkout_url: None,
    })
}

/// Ada's cart `n`, last used at `minute`.
fn cart(n: u32, minute: i64) -> Cart {
    let key: CartKey = format!("demo_{n:026}").parse().unwrap();
    let mut cart = Cart::new(key, "c".parse().unwrap(), at(minute));
    cart.facts
        .apply(&event(minute, filled(1)), Some(&person(1)));
    cart
}

fn person(n: u32) -> ContactKey {
    format!("demo_{n:026}").parse().unwrap()
}

fn rivals(carts: Vec<Cart>) -> Rivals {
    Rivals {
        carts,
        gone: Vec::new(),
    }
}

#[test]
fn the_cart_used_last_is_the_newest_and_of_one_moment_that_of_the_greater_key() {
    let own = cart(5, 30);
    for (others, expected) in [
        (vec![], None),
        (vec![cart(9, 29)], None),
        (vec![cart(1, 31)], Some(1)),
        (vec![cart(4, 30)], None),
        (vec![cart(6, 30)], Some(6)),
        (vec![cart(1, 31), cart(2, 40), cart(3, 35)], Some(2)),
    ] {
        let expected = expected.map(|n| cart(n, 0).key);
        let rivals = rivals(others);
        assert_eq!(rivals.newer_than(&own), expected.as_ref(), "{rivals:?}");
    }
}

#[test]
fn only_a_cart_of_the_same_person_that_could_be_mailed_is_newer() {
    let own = cart(5, 30);
    let mut of_another = cart(1, 40);
    of_another
        .facts
        .apply(&event(41, Change::ContactIdentified), Some(&person(2)));
    let order = Order {
        id: "o".to_owned(),
        total: None,
    };
    for (change, is_newer) in [
        (Change::PaymentFailed, true),
        (filled(0), false),
        (Change::CartDeleted, false),
        (Change::OrderPlaced(order), false),
    ] {
        let mut other = cart(1, 40);
        other.facts.apply(&event(41, change.clone()), None);
        let is_found = rivals(vec![other]).newer_than(&own).is_some();
        assert_eq!(is_found, is_newer, "{change:?}");
    }
    assert_eq!(rivals(vec![of_another]).newer_than(&own), None);
}

#[test]
fn a_reservation_relies_on_every_cart_that_could_become_newer() {
    let open = cart(1, 10);
    let mut ordered = cart(2, 10);
    let order = Order {
        id: "o".to_owned(),
        total: None,
    };
    ordered
        .facts
        .apply(&event(11, Change::OrderPlaced(order)), None);
    let mut deleted = Cart {
        version: 7,
        ..cart(3, 10)
    };
    deleted.facts.apply(&event(11, Change::CartDeleted), None);
    let seen = rivals(vec![open, ordered, deleted]).seen();
    let seen: Vec<_> = seen.iter().map(|seen| (&seen.cart, seen.version)).collect();
    assert_eq!(seen, [(&cart(1, 0).key, 0), (&cart(3, 0).key, 7)]);
}

#[test]
fn a_cart_that_a_page_alone_files_under_a_person_retires_none_that_the_shop_has_signed() {
    let page = |mut cart: Cart| {
        if let Some(person) = &mut cart.facts.person {
            person.stamp.origin = Origin::Browser;
        }
        cart
    };
    let (older, newer) = (cart(1, 0), cart(2, 9));
    let of_page = rivals(vec![page(newer.clone())]);
    assert_eq!(of_page.newer_than(&older), None);
    assert_eq!(of_page.newer_than(&page(older.clone())), Some(&newer.key));
    assert_eq!(
        rivals(vec![newer.clone()]).newer_than(&page(older)),
        Some(&newer.key)
    );
}
