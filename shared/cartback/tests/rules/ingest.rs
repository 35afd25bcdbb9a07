//! What one message of a storefront does to carts, people, history and counts.

use std::sync::atomic::Ordering;

use cartback::cart::CartStatus;
use cartback::consent::{ConsentBasis, ConsentState};
use cartback::contact::{MAX_CARTS, StopReason};
use cartback::entry::What;
use cartback::event::{CartEvent, Change, Origin};
use cartback::ids::{CartId, CartKey, ContactKey, Pepper};
use cartback::memory::MemoryStore;
use cartback::ports::{CartStore, Write};
use cartback::pulse::Counts;
use cartback::record::{RecordError, Recorded, record};
use cartback::stage::Stage;
use jiff::Timestamp;

use crate::desk::{Desk, Fate, run};
use crate::samples::{
    HOUR, MINUTE, cart, cart_key, consent, contact, contact_key, contents, event, named, noon,
    order,
};

/// The secret under which the samples' contact keys are made.
fn pepper() -> Pepper {
    Pepper(vec![1; 32])
}

fn ada() -> ContactKey {
    contact_key("ada@example.com")
}

fn of(carts: &[&str], event: CartEvent) -> CartEvent {
    let carts = carts.iter().map(|id| id.parse::<CartId>().unwrap());
    CartEvent {
        carts: carts.collect(),
        ..event
    }
}

fn on_page(event: CartEvent) -> CartEvent {
    CartEvent {
        origin: Origin::Browser,
        ..event
    }
}

fn filled(at: Timestamp) -> CartEvent {
    event(at, Change::CartUpdated(contents("49.00")))
}

fn try_record(desk: &Desk, events: &[CartEvent]) -> Result<Recorded, RecordError> {
    let now = events.iter().map(|event| event.at).max().unwrap_or(noon());
    run(record(&desk.table, &desk.shop, &pepper(), events, now))
}

fn recorded(desk: &Desk, events: &[CartEvent]) -> Recorded {
    try_record(desk, events).unwrap()
}

#[test]
fn a_message_stores_cart_person_and_one_line() {
    let desk = Desk::empty();
    let agreed = consent(ConsentState::Granted, ConsentBasis::Express);
    let answered = event(noon(), Change::ConsentChanged(agreed));
    let events = [filled(noon()), answered].map(|event| named("ada@example.com", event));
    assert_eq!(recorded(&desk, &events), Recorded::Stored);
    let key = cart_key("c1");
    let cart = desk.cart(&key);
    assert_eq!(cart.facts.person.as_ref().unwrap().value.key, ada());
    assert_eq!(
        cart.sequence.due().map(|(stage, _)| stage),
        Some(Stage::Nudge)
    );
    let person = desk.contact(&ada());
    assert_eq!(person.carts, std::slice::from_ref(&key));
    assert!(person.consent.is_some() && person.last_order_at.is_none());
    let line = What::Received {
        id: events[0].id.clone(),
        happened_at: noon(),
        kinds: vec!["cart.updated".to_owned(), "consent.changed".to_owned()],
    };
    assert_eq!(desk.lines(&key), std::slice::from_ref(&line));
    assert_eq!(desk.n_writes(), 1);
    // A repeat leaves cart and person as they are, and the line too.
    assert_eq!(recorded(&desk, &events), Recorded::Stored);
    assert_eq!(
        (desk.cart(&key).version, desk.contact(&ada()).version),
        (1, 1)
    );
    assert_eq!(desk.lines(&key), [line]);
    assert_eq!(desk.counts(), Counts::default());
}

#[test]
fn no_events_are_nothing_to_store() {
    let desk = Desk::empty();
    assert_eq!(recorded(&desk, &[]), Recorded::Stored);
    assert_eq!(desk.n_writes(), 0);
}

#[test]
fn an_order_is_counted_once_and_a_test_never() {
    let desk = Desk::empty();
    let test = CartEvent {
        is_test: true,
        ..of(&["c9"], named("ada@example.com", order(noon())))
    };
    recorded(&desk, &[test]);
    assert_eq!(desk.counts(), Counts::default());
    assert_eq!(desk.contact(&ada()).last_order_at, None);
    for n_orders in [1, 1] {
        recorded(&desk, &[order(noon())]);
        assert_eq!(desk.counts().n_orders, n_orders);
    }
    recorded(&desk, &[of(&["c2", "c3"], order(noon()))]);
    assert_eq!(desk.counts().n_orders, 2, "one order of two names");
}

#[test]
fn an_order_under_several_names_ends_each_and_nothing_else_is_filed_there() {
    let desk = Desk::empty();
    let both = ["c1", "token"];
    let message = [
        of(&both, named("ada@example.com", filled(noon()))),
        of(&both, named("ada@example.com", order(noon()))),
    ];
    recorded(&desk, &message);
    let (first, other) = (desk.cart(&cart_key("c1")), desk.cart(&cart_key("token")));
    assert!(first.facts.order.is_some() && other.facts.order.is_some());
    assert!(first.facts.contents.is_some() && other.facts.contents.is_none());
    assert!(first.facts.person.is_some() && other.facts.person.is_none());
    assert_eq!(desk.contact(&ada()).carts, [cart_key("c1")]);
    assert_eq!(desk.lines(&cart_key("token")), []);
    assert_eq!(desk.counts().n_orders, 1);
    assert_eq!(desk.contact(&ada()).last_order_at, Some(noon()));
}

#[test]
fn an_ordinary_message_reads_its_cart_once_however_many_names_it_has() {
    let desk = Desk::empty();
    recorded(&desk, &[of(&["c1", "token"], order(noon()))]);
    let anonymous = filled(noon() + HOUR);
    for event in [anonymous.clone(), named("ada@example.com", anonymous)] {
        let before = desk.table.n_cart_reads.load(Ordering::Relaxed);
        recorded(&desk, &[event]);
        assert_eq!(desk.table.n_cart_reads.load(Ordering::Relaxed), before + 1);
    }
}

#[test]
fn a_page_makes_no_two_carts_the_same() {
    let desk = Desk::empty();
    recorded(&desk, &[on_page(of(&["c1", "token"], filled(noon())))]);
    recorded(&desk, &[of(&["token"], order(noon() + HOUR))]);
    let (first, other) = (desk.cart(&cart_key("c1")), desk.cart(&cart_key("token")));
    assert!(first.facts.contents.is_some() && other.facts.contents.is_some());
    assert!(first.facts.order.is_none() && other.facts.order.is_some());
}

#[test]
fn a_page_fills_no_more_than_half_of_a_persons_list() {
    let desk = Desk::empty();
    let mut person = contact();
    for n in 0..MAX_CARTS / 2 {
        let cart = cart(&format!("old-{n}"), "9.00");
        person.own(&cart.key);
        desk.put(Some(cart), None);
    }
    desk.put(None, Some(person));
    let message = named("ada@example.com", filled(noon()));
    recorded(&desk, &[on_page(message.clone())]);
    assert_eq!(desk.contact(&ada()).carts.len(), MAX_CARTS / 2);
    assert!(desk.cart(&cart_key("c1")).facts.person.is_none());
    recorded(&desk, &[message]);
    assert_eq!(desk.contact(&ada()).carts.len(), MAX_CARTS / 2 + 1);
    assert!(desk.cart(&cart_key("c1")).facts.person.is_some());
}

#[test]
fn whom_a_page_names_is_counted_once() {
    let desk = Desk::empty();
    for (email, n_strangers) in [("ada", 1), ("ada", 1), ("bob", 2)] {
        let email = format!("{email}@example.com");
        let at = noon() + MINUTE * desk.n_writes().try_into().unwrap();
        recorded(&desk, &[on_page(named(&email, filled(at)))]);
        assert_eq!(desk.counts().n_strangers, n_strangers);
    }
}

#[test]
fn whoever_is_behind_a_cart_learns_of_its_order_and_of_nothing_else() {
    let desk = Desk::empty();
    recorded(&desk, &[named("ada@example.com", filled(noon()))]);
    recorded(&desk, &[filled(noon() + MINUTE)]);
    assert_eq!(desk.contact(&ada()).version, 1);
    recorded(&desk, &[order(noon() + HOUR)]);
    assert_eq!(desk.contact(&ada()).last_order_at, Some(noon() + HOUR));
    // One who is named in the order may be another than the one behind the cart: both have ordered.
    let desk = Desk::empty();
    recorded(&desk, &[named("ada@example.com", filled(noon()))]);
    recorded(&desk, &[named("bob@example.com", order(noon() + HOUR))]);
    for person in [ada(), contact_key("bob@example.com")] {
        assert_eq!(desk.contact(&person).last_order_at, Some(noon() + HOUR));
    }
    // And an order that came before anybody was named is theirs when they are.
    let desk = Desk::empty();
    recorded(&desk, &[order(noon())]);
    recorded(&desk, &[named("ada@example.com", filled(noon() + MINUTE))]);
    assert_eq!(desk.contact(&ada()).last_order_at, Some(noon()));
}

#[test]
fn a_message_of_a_person_without_a_cart_is_folded_into_the_person() {
    let desk = Desk::empty();
    let agreed = consent(ConsentState::Granted, ConsentBasis::Express);
    let answered = of(
        &[],
        named(
            "ada@example.com",
            event(noon(), Change::ConsentChanged(agreed)),
        ),
    );
    for _ in 0..2 {
        recorded(&desk, std::slice::from_ref(&answered));
        assert_eq!(desk.contact(&ada()).version, 1);
    }
    assert!(desk.contact(&ada()).consent.is_some());
    let ordered = of(&[], named("ada@example.com", order(noon())));
    recorded(&desk, &[ordered]);
    assert_eq!(desk.contact(&ada()).last_order_at, Some(noon()));
}

#[test]
fn an_erasure_forgets_the_person_and_all_of_their_carts() {
    let desk = Desk::empty();
    for id in ["c1", "c2"] {
        recorded(
            &desk,
            &[of(&[id], named("ada@example.com", filled(noon())))],
        );
    }
    let erased = of(
        &[],
        named(
            "ada@example.com",
            event(noon() + HOUR, Change::ErasureRequested),
        ),
    );
    assert_eq!(
        recorded(&desk, std::slice::from_ref(&erased)),
        Recorded::Stored
    );
    let person = desk.contact(&ada());
    assert_eq!(person.stop.unwrap().reason, StopReason::Erased);
    for id in ["c1", "c2"] {
        let cart = desk.cart(&cart_key(id));
        assert!(
            cart.facts.is_erased && cart.facts.contents.is_none(),
            "{id}"
        );
        assert_eq!(cart.sequence.due(), None, "{id}");
    }
    let n_writes = desk.n_writes();
    let late = named("ada@example.com", filled(noon() + HOUR * 2));
    assert_eq!(recorded(&desk, &[late]), Recorded::Erased);
    let late = of(&["c3"], named("ada@example.com", order(noon() + HOUR * 2)));
    assert_eq!(recorded(&desk, &[late]), Recorded::Erased);
    let late = of(&[], named("ada@example.com", order(noon() + HOUR * 2)));
    assert_eq!(recorded(&desk, &[late]), Recorded::Erased);
    assert_eq!(desk.n_writes(), n_writes, "nothing of theirs is kept");
    assert_eq!(recorded(&desk, &[erased]), Recorded::Stored, "asked again");
}

#[test]
fn an_erasure_in_the_same_moment_leaves_nothing_of_a_new_cart() {
    let erase = |store: &MemoryStore| {
        let mut person = run(store.contact(&contact().key)).unwrap().unwrap();
        person.erase(noon());
        let write = Write {
            contact: Some(person),
            ..Write::default()
        };
        run(store.write(&write)).unwrap();
    };
    let desk = Desk::empty();
    desk.put(None, Some(contact()));
    desk.let_writes([Fate::Overtake(erase)]);
    let filled = named("ada@example.com", filled(noon()));
    assert_eq!(recorded(&desk, &[filled]), Recorded::Erased);
    assert_eq!(run(desk.table.store.cart(&cart_key("c1"))).unwrap(), None);
}

#[test]
fn a_message_is_folded_over_other_writers_eight_times() {
    let touch = |store: &MemoryStore| {
        let key: CartKey = cart_key("c1");
        let write = Write {
            cart: run(store.cart(&key)).unwrap(),
            ..Write::default()
        };
        run(store.write(&write)).unwrap();
    };
    let desk = Desk::new();
    desk.let_writes([Fate::Overtake(touch); 7]);
    assert_eq!(recorded(&desk, &[filled(noon() + HOUR)]), Recorded::Stored);
    assert_eq!(desk.n_writes(), 8);
    let desk = Desk::new();
    desk.let_writes([Fate::Overtake(touch); 8]);
    assert!(try_record(&desk, &[filled(noon() + HOUR)]).is_err());
    let desk = Desk::new();
    desk.let_writes([Fate::Refuse]);
    assert!(try_record(&desk, &[filled(noon() + HOUR)]).is_err());
    assert_eq!(desk.n_writes(), 1, "left to the storefront's next try");
}

#[test]
fn a_list_of_carts_with_room_is_left_as_it_is() {
    let desk = Desk::empty();
    let mut person = contact();
    person.own(&cart_key("gone"));
    desk.put(None, Some(person));
    recorded(&desk, &[named("ada@example.com", filled(noon()))]);
    let mut expected = [cart_key("c1"), cart_key("gone")];
    expected.sort();
    assert_eq!(desk.contact(&ada()).carts, expected);
}

#[test]
fn a_full_list_of_carts_makes_room_for_a_new_one_where_old_ones_are_gone() {
    let desk = Desk::empty();
    let mut person = contact();
    for n in 0..MAX_CARTS {
        person.own(&cart_key(&format!("old-{n}")));
    }
    let mut kept = cart("old-7", "9.00");
    kept.facts.is_test = true;
    desk.put(Some(kept), Some(person));
    recorded(&desk, &[named("ada@example.com", filled(noon()))]);
    let mut expected = [cart_key("c1"), cart_key("old-7")];
    expected.sort();
    assert_eq!(desk.contact(&ada()).carts, expected);
    assert!(desk.cart(&cart_key("c1")).facts.person.is_some());
}

#[test]
fn a_deleted_checkout_ends_what_hangs_on_its_cart_and_not_the_cart() {
    let status = |desk: &Desk, id: &str| desk.cart(&cart_key(id)).facts.status();
    let basket = of(&["basket"], filled(noon()));
    let checkout = |at| {
        let names = ["checkout", "basket"];
        of(&names, named("ada@example.com", filled(at)))
    };
    let deleted = of(&["basket"], event(noon() + MINUTE, Change::CheckoutDeleted));
    let [basket, deleted] = [basket, deleted].map(|event| vec![event]);
    let early = vec![checkout(noon())];
    for order in [[&basket, &early, &deleted], [&deleted, &early, &basket]] {
        let desk = Desk::empty();
        for message in order {
            recorded(&desk, message);
        }
        assert_eq!(status(&desk, "checkout"), CartStatus::Deleted);
        assert_eq!(status(&desk, "basket"), CartStatus::Open);
        assert_eq!(desk.cart(&cart_key("checkout")).sequence.due(), None);
        recorded(&desk, &[checkout(noon() + HOUR)]);
        assert_eq!(status(&desk, "checkout"), CartStatus::Open);
    }
}
