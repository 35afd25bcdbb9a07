//! What a cart knows: how much of it at most, what counts as ordered, and what it takes over from another
//! of its names.

use cartback::cart::{Cart, CartStatus};
use cartback::event::{CartEvent, Change, Order, Refund};
use jiff::Timestamp;

use crate::samples::{HOUR, cart, cart_key, contact_key, event, named, noon, order, usd};

fn refund(id: usize) -> Change {
    Change::OrderRefunded(Refund {
        id: format!("r{id:03}"),
        amount: Some(usd("1.00")),
    })
}

fn told(changes: impl IntoIterator<Item = Change>) -> Cart {
    let mut cart = cart("c1", "49.00");
    for change in changes {
        cart.facts.apply(&event(noon(), change), None);
    }
    cart
}

/// The sample cart's order by another id.
fn order_called(id: &str, at: Timestamp) -> CartEvent {
    let total = Some(usd("49.00"));
    let id = id.to_owned();
    event(at, Change::OrderPlaced(Order { id, total }))
}

#[test]
fn what_was_cancelled_or_paid_back_was_ordered() {
    for change in [Change::OrderCancelled, refund(1)] {
        assert_eq!(told([change]).facts.status(), CartStatus::Ordered);
    }
}

#[test]
fn the_first_order_counts_in_any_order_of_arrival() {
    let (first, later) = (
        order_called("o1", noon()),
        order_called("o2", noon() + HOUR),
    );
    for told in [[&first, &later], [&later, &first]] {
        let mut cart = cart("c1", "49.00");
        for event in told {
            cart.facts.apply(event, None);
        }
        assert_eq!(cart.facts.order.unwrap().value.id, "o1");
        assert_eq!(cart.facts.last_order_at, Some(noon() + HOUR));
    }
}

#[test]
fn the_order_is_taken_over_from_another_name_and_nothing_of_who_was_erased() {
    let mut other = told([Change::OrderCancelled, refund(1)]);
    other.facts.apply(&order(noon()), None);
    other.facts.is_test = true;
    let mut learnt = told([]);
    learnt.facts.learn_order(&other.facts);
    assert_eq!(learnt.facts.order, other.facts.order);
    assert_eq!(learnt.facts.last_order_at, Some(noon()));
    assert_eq!(learnt.facts.refunds, other.facts.refunds);
    assert!(learnt.facts.is_order_cancelled && learnt.facts.is_test);
    // What it knew itself stays, too.
    let known = learnt.facts.clone();
    learnt.facts.learn_order(&told([]).facts);
    assert_eq!(learnt.facts, known);

    let mut erased = told([]);
    erased.erase(noon());
    let before = erased.clone();
    erased.facts.learn_order(&other.facts);
    assert_eq!(erased, before);
    // The item of an erased cart has no order to learn of. The rule does not rely on that.
    other.facts.is_erased = true;
    let mut learnt = told([]);
    learnt.facts.learn_order(&other.facts);
    assert_eq!(learnt, told([]));
}

#[test]
fn no_list_of_a_cart_grows_without_end() {
    let mut full = told((0..60).rev().map(refund));
    let refunds: Vec<_> = full.facts.refunds.keys().cloned().collect();
    assert_eq!((refunds.len(), refunds[49].as_str()), (50, "r049"));

    let mut names: Vec<_> = (0..50).map(|n| cart_key(&format!("name-{n}"))).collect();
    full.facts.note_names(&names);
    names.sort();
    assert!(full.facts.names.iter().eq(&names[..40]));

    for n in 0..20 {
        let email = format!("person-{n}@example.com");
        let identified = named(&email, event(noon(), Change::ContactIdentified));
        full.facts.apply(&identified, Some(&contact_key(&email)));
    }
    // The one behind it, and ten others.
    assert_eq!(full.facts.people().len(), 11);
}
