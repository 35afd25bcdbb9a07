//! What every cart store must do: one suite, run by `store_contract!` against each of them.

mod held;
mod offers;
mod pulse;

use cartback::cart::Cart;
use cartback::contact::Contact;
use cartback::decide::SkipReason;
use cartback::entry::{Entry, What};
use cartback::event::{Change, MAX_LINES, Order};
use cartback::ids::CartKey;
use cartback::part::Part;
use cartback::policy::Policy;
use cartback::ports::{CartStore, Seen, Write, WriteError};
use cartback::stage::Stage;
use futures_util::future::join_all;
use jiff::SignedDuration;

use crate::samples::{
    NOON, at, attempt, cart, contact, contents, decided, event, idle, received, reservation, shop,
    shop_id, signed, waiting,
};

pub use held::{
    a_forgotten_history_is_gone_and_the_cart_and_others_are_not,
    a_product_is_stored_over_the_version_that_was_read,
    products_are_read_together_as_they_are_alone,
    requests_wait_in_the_order_of_their_time_until_they_are_dropped,
};
pub use offers::{
    a_code_is_claimed_once_and_the_budget_holds,
    codes_are_listed_while_they_work_and_nobody_has_them, of_racing_claims_on_one_code_one_wins,
    racing_claims_never_exceed_the_budget,
};
pub use pulse::{
    a_pulse_begins_with_the_hour_that_was_asked_for,
    a_standing_replaces_what_was_there_and_leaves_the_counts, counts_add_up_in_their_hour,
    racing_counts_are_all_there,
};

/// Runs every rule as a test of its own against the store of the value that `$open` gives; the value
/// also has `close`.
#[macro_export]
macro_rules! store_contract {
    ($open:path) => {
        $crate::store_contract! { @each $open:
            what_was_never_stored_is_none,
            what_is_stored_reads_back_and_its_version_counts_up,
            an_older_version_never_overwrites_a_newer_one,
            of_racing_writers_one_wins,
            of_racing_reservations_one_wins,
            a_repeated_reservation_is_no_second_one,
            cart_and_contact_are_stored_both_or_neither,
            cart_and_contact_are_read_together_as_they_are_alone,
            nothing_is_stored_once_another_cart_is_not_as_it_was_seen,
            the_due_list_has_what_is_due_and_nothing_else,
            the_due_list_ends_at_its_limit,
            parts_share_the_due_list,
            a_cart_leaves_the_due_list_with_its_order,
            history_is_complete_and_the_oldest_line_first,
            the_largest_cart_reads_back_as_it_was,
            shop_settings_replace_what_was_there,
            a_forgotten_history_is_gone_and_the_cart_and_others_are_not,
            a_product_is_stored_over_the_version_that_was_read,
            products_are_read_together_as_they_are_alone,
            requests_wait_in_the_order_of_their_time_until_they_are_dropped,
            codes_are_listed_while_they_work_and_nobody_has_them,
            a_code_is_claimed_once_and_the_budget_holds,
            of_racing_claims_on_one_code_one_wins,
            racing_claims_never_exceed_the_budget,
            counts_add_up_in_their_hour,
            racing_counts_are_all_there,
            a_pulse_begins_with_the_hour_that_was_asked_for,
            a_standing_replaces_what_was_there_and_leaves_the_counts,
        }
    };
    (@each $open:path: $($rule:ident,)+) => {$(
        #[tokio::test]
        async fn $rule() {
            let opened = $open().await;
            $crate::contract::$rule(&opened.store).await;
            opened.close().await;
        }
    )+};
}

/// Whichever of the two is stored, and whatever else is.
pub async fn cart_and_contact_are_read_together_as_they_are_alone(store: &impl CartStore) {
    let (cart, contact) = (cart("both"), contact());
    let read = || store.cart_and_contact(&cart.key, &contact.key);
    assert_eq!(read().await.unwrap(), (None, None));
    let alone = Write {
        contact: Some(contact.clone()),
        ..Write::default()
    };
    store.write(&alone).await.unwrap();
    let stored = store.contact(&contact.key).await.unwrap();
    assert_eq!(read().await.unwrap(), (None, stored.clone()));
    let added = Write {
        cart: Some(cart.clone()),
        ..Write::default()
    };
    store.write(&added).await.unwrap();
    let found = store.cart(&cart.key).await.unwrap();
    assert!(found.is_some() && stored.is_some());
    assert_eq!(read().await.unwrap(), (found, stored));
}

/// Nothing is there before it was stored.
pub async fn what_was_never_stored_is_none(store: &impl CartStore) {
    let cart = cart("never");
    assert_eq!(store.cart(&cart.key).await.unwrap(), None);
    assert_eq!(store.contact(&contact().key).await.unwrap(), None);
    assert_eq!(store.shop(&shop_id()).await.unwrap(), None);
    assert_eq!(store.history(&cart.key).await.unwrap(), []);
    assert_eq!(due(store, Stage::Nudge, 10).await, []);
}

/// Every field survives, and each write makes the version one higher.
pub async fn what_is_stored_reads_back_and_its_version_counts_up(store: &impl CartStore) {
    let (cart, contact) = (cart("c1"), contact());
    for version in 0..3 {
        let seen = (
            Cart {
                version,
                ..cart.clone()
            },
            Contact {
                version,
                ..contact.clone()
            },
        );
        store_cart(store, &seen.0).await.unwrap();
        store_contact(store, &seen.1).await.unwrap();
        let version = version + 1;
        let expected = (Cart { version, ..seen.0 }, Contact { version, ..seen.1 });
        assert_eq!(store.cart(&cart.key).await.unwrap(), Some(expected.0));
        assert_eq!(store.contact(&contact.key).await.unwrap(), Some(expected.1));
    }
}

/// A state computed from anything but the stored version is refused, with its history.
pub async fn an_older_version_never_overwrites_a_newer_one(store: &impl CartStore) {
    let (mut cart, mut contact) = (cart("c1"), contact());
    for version in 0..2 {
        cart.version = version;
        contact.version = version;
        store_cart(store, &cart).await.unwrap();
        store_contact(store, &contact).await.unwrap();
    }
    let stored = (
        store.cart(&cart.key).await.unwrap(),
        store.contact(&contact.key).await.unwrap(),
    );
    for version in [0, 1, 3] {
        cart.version = version;
        cart.facts.is_test = true;
        contact.version = version;
        contact.order(NOON);
        let stale = Write {
            cart: Some(cart.clone()),
            entries: vec![received(&cart.key, "m1", 0)],
            ..Write::default()
        };
        assert_conflict(store.write(&stale).await);
        assert_conflict(store_contact(store, &contact).await);
    }
    assert_eq!(store.cart(&cart.key).await.unwrap(), stored.0);
    assert_eq!(store.contact(&contact.key).await.unwrap(), stored.1);
    assert_eq!(store.history(&cart.key).await.unwrap(), []);
}

/// Of writers that saw the same version, exactly one is told that it has written.
pub async fn of_racing_writers_one_wins(store: &impl CartStore) {
    let new = cart("c1");
    let rivals: Vec<Cart> = (0..8).map(|n| signed(&new, n)).collect();
    let answers = join_all(rivals.iter().map(|cart| store_cart(store, cart))).await;
    let winner = only_winner(&answers);
    let stored = store.cart(&new.key).await.unwrap().unwrap();
    assert_eq!(stored.facts, rivals[winner].facts);
    assert_eq!(stored.version, 1);
}

/// The same with a transaction, as workers of two overlapping sweeps do it.
pub async fn of_racing_reservations_one_wins(store: &impl CartStore) {
    let (new, person) = (waiting("c1", NOON), contact());
    let rivals: Vec<Write> = (0..8)
        .map(|n| reservation(&signed(&new, n), &person, n))
        .collect();
    let answers = join_all(rivals.iter().map(|write| store.write(write))).await;
    let winner = &rivals[only_winner(&answers)];
    let stored = store.cart(&new.key).await.unwrap().unwrap();
    assert_eq!(
        Some(stored.facts),
        winner.cart.clone().map(|cart| cart.facts)
    );
    assert_eq!(store.history(&new.key).await.unwrap(), winner.entries);
    assert_eq!(
        store.contact(&person.key).await.unwrap().unwrap().version,
        1
    );
}

/// After a lost reply the same reservation may be asked for again: it is refused, or it is the same.
pub async fn a_repeated_reservation_is_no_second_one(store: &impl CartStore) {
    let write = reservation(&waiting("c1", NOON), &contact(), 1);
    store.write(&write).await.unwrap();
    if let Err(error) = store.write(&write).await {
        assert!(matches!(error, WriteError::Conflict), "{error:?}");
    }
    let key = &write.cart.unwrap().key;
    assert_eq!(store.cart(key).await.unwrap().unwrap().version, 1);
    assert_eq!(store.history(key).await.unwrap(), write.entries);
}

/// One stale state keeps the other and the history out.
pub async fn cart_and_contact_are_stored_both_or_neither(store: &impl CartStore) {
    let (mut cart, mut contact) = (waiting("c1", NOON), contact());
    for (version, minute) in [(0, 1), (1, 2)] {
        (cart.version, contact.version) = (version, version);
        let seen = reservation(&cart, &contact, minute);
        store.write(&seen).await.unwrap();
    }
    let stored = (
        store.cart(&cart.key).await.unwrap(),
        store.contact(&contact.key).await.unwrap(),
    );
    let history = store.history(&cart.key).await.unwrap();
    assert_eq!(history.len(), 2);
    for versions in [(0, 2), (2, 0), (1, 2), (2, 1), (1, 1)] {
        (cart.version, contact.version) = versions;
        assert_conflict(store.write(&reservation(&cart, &contact, 3)).await);
        assert_eq!(store.cart(&cart.key).await.unwrap(), stored.0);
        assert_eq!(store.contact(&contact.key).await.unwrap(), stored.1);
        assert_eq!(store.history(&cart.key).await.unwrap(), history);
    }
}

/// A reservation relies on the person's other carts, and leaves them as they are.
pub async fn nothing_is_stored_once_another_cart_is_not_as_it_was_seen(store: &impl CartStore) {
    let (cart, other, contact) = (waiting("c1", NOON), cart("c2"), contact());
    store_cart(store, &cart).await.unwrap();
    store_cart(store, &other).await.unwrap();
    let cart = Cart { version: 1, ..cart };
    let reserve = async |other: &CartKey, version| {
        let mut reservation = reservation(&cart, &contact, 1);
        reservation.seen = vec![Seen {
            cart: other.clone(),
            version,
        }];
        store.write(&reservation).await
    };
    assert_conflict(reserve(&other.key, 2).await);
    assert_conflict(reserve(&idle("never").key, 1).await);
    assert_eq!(store.cart(&cart.key).await.unwrap(), Some(cart.clone()));
    assert_eq!(store.contact(&contact.key).await.unwrap(), None);
    assert_eq!(store.history(&cart.key).await.unwrap(), []);
    reserve(&other.key, 1).await.unwrap();
    assert_eq!(store.cart(&cart.key).await.unwrap().unwrap().version, 2);
    let other = Cart {
        version: 1,
        ..other
    };
    assert_eq!(store.cart(&other.key).await.unwrap(), Some(other));
}

/// Only carts with that stage due up to now, to the millisecond, the longest due first.
pub async fn the_due_list_has_what_is_due_and_nothing_else(store: &impl CartStore) {
    let mut expected = Vec::new();
    for n in 0..20 {
        let due_at = NOON - SignedDuration::from_mins(n);
        let cart = waiting(&format!("due-{n}"), due_at);
        store_cart(store, &cart).await.unwrap();
        expected.insert(0, cart.key);
    }
    let later = waiting("later", NOON + SignedDuration::from_millis(1));
    store_cart(store, &later).await.unwrap();
    store_cart(store, &idle("idle")).await.unwrap();
    let mut second = waiting("second", NOON);
    second.sequence.skip(SkipReason::OrderPlaced, NOON);
    second.sequence.advance(Some((Stage::FollowUp, NOON)));
    store_cart(store, &second).await.unwrap();
    assert_eq!(due(store, Stage::Nudge, 100).await, expected);
    assert_eq!(due(store, Stage::FollowUp, 100).await, [second.key]);
    assert_eq!(due(store, Stage::Final, 100).await, []);
}

/// Never more than asked for, and no fewer while there are more.
pub async fn the_due_list_ends_at_its_limit(store: &impl CartStore) {
    let mut oldest = Vec::new();
    for n in 0..12 {
        let cart = waiting(
            &format!("due-{n}"),
            NOON - SignedDuration::from_hours(24 - n),
        );
        store_cart(store, &cart).await.unwrap();
        oldest.push(cart.key);
    }
    for limit in [0, 1, 5, 12, 13] {
        let due = due(store, Stage::Nudge, limit).await;
        assert_eq!(due, oldest[..limit.min(12)], "{limit}");
    }
}

/// Of the parts of a list, each cart is in exactly one.
pub async fn parts_share_the_due_list(store: &impl CartStore) {
    for n in 0..40 {
        let cart = waiting(&format!("due-{n}"), NOON - SignedDuration::from_mins(n));
        store_cart(store, &cart).await.unwrap();
    }
    let whole = store
        .due(Stage::Nudge, Part::WHOLE, NOON, 100)
        .await
        .unwrap();
    assert_eq!(whole.len(), 40);
    for parts in [2, 3, 4] {
        let mut all = Vec::new();
        for part in (0..parts).map(|n| Part::new(n, parts).unwrap()) {
            let listed = store.due(Stage::Nudge, part, NOON, 100).await.unwrap();
            assert!(listed.is_sorted());
            assert!(!listed.is_empty(), "{part:?}");
            all.extend(listed);
        }
        all.sort();
        assert_eq!(all, whole, "{parts}");
    }
}

/// T7: the write that records the order takes the cart out of the list.
pub async fn a_cart_leaves_the_due_list_with_its_order(store: &impl CartStore) {
    let mut cart = waiting("c1", NOON);
    store_cart(store, &cart).await.unwrap();
    assert_eq!(due(store, Stage::Nudge, 10).await, [cart.key.clone()]);
    cart.version = 1;
    let order = Change::OrderPlaced(Order {
        id: "o-1".to_owned(),
        total: None,
    });
    cart.apply(
        &event("ordered", NOON, order),
        None,
        &Policy::default(),
        NOON,
    );
    store_cart(store, &cart).await.unwrap();
    for stage in Stage::ALL {
        assert_eq!(due(store, stage, 10).await, []);
    }
}

/// Every kind of line, of one cart only, by time; the same line again changes nothing.
pub async fn history_is_complete_and_the_oldest_line_first(store: &impl CartStore) {
    let (cart, other) = (cart("c1"), cart("c2"));
    let attempt = attempt(&cart);
    let mailed = What::Mailed {
        stage: Stage::Nudge,
        attempt,
        event: "delivery".to_owned(),
    };
    let given_up = What::GivenUp {
        stage: Stage::Nudge,
        fault: "no \"template\"".to_owned(),
    };
    let entries = vec![
        received(&cart.key, "m-1", 1),
        received(&cart.key, "m-2 ü/#", 2),
        decided(&cart.key, attempt, 3),
        Entry::new(&cart.key, at(4), mailed),
        Entry::new(&cart.key, at(5), What::Restored { attempt }),
        Entry::new(&cart.key, at(6), given_up),
        received(&cart.key, "m-3", 7),
    ];
    let mut shuffled = entries.clone();
    shuffled.rotate_left(3);
    shuffled.push(entries[0].clone());
    shuffled.push(received(&other.key, "m-1", 1));
    let lines = Write {
        entries: shuffled,
        ..Write::default()
    };
    store.write(&lines).await.unwrap();
    store_cart(store, &cart).await.unwrap();
    store.write(&lines).await.unwrap();
    assert_eq!(store.history(&cart.key).await.unwrap(), entries);
    assert_eq!(
        store.history(&other.key).await.unwrap(),
        [received(&other.key, "m-1", 1)]
    );
}

/// As many items as an event may have, in letters that take four bytes.
pub async fn the_largest_cart_reads_back_as_it_was(store: &impl CartStore) {
    let mut cart = idle("large");
    let mut contents = contents(MAX_LINES);
    for line in &mut contents.lines {
        line.title = "🛒".repeat(200);
        line.variant = Some("\"\\\u{7f}é".repeat(25));
    }
    let filled = event("filled", NOON, Change::CartUpdated(contents));
    cart.apply(&filled, None, &Policy::default(), NOON);
    store_cart(store, &cart).await.unwrap();
    let stored = store.cart(&cart.key).await.unwrap();
    assert_eq!(stored, Some(Cart { version: 1, ..cart }));
}

/// The last settings count.
pub async fn shop_settings_replace_what_was_there(store: &impl CartStore) {
    let mut shop = shop();
    store.put_shop(&shop).await.unwrap();
    shop.name = "Ünter neuem Namen".to_owned();
    shop.policy.high_value_threshold = Some("300.00 EUR".parse().unwrap());
    store.put_shop(&shop).await.unwrap();
    assert_eq!(store.shop(&shop.id).await.unwrap(), Some(shop));
}

fn only_winner(answers: &[Result<(), WriteError>]) -> usize {
    let is_refused = |answer: &&_| matches!(answer, Err(WriteError::Conflict));
    let n_refused = answers.iter().filter(is_refused).count();
    assert_eq!(n_refused, answers.len() - 1, "{answers:?}");
    answers.iter().position(Result::is_ok).unwrap()
}

fn assert_conflict(answer: Result<(), WriteError>) {
    assert!(matches!(answer, Err(WriteError::Conflict)), "{answer:?}");
}

async fn due(store: &impl CartStore, stage: Stage, limit: usize) -> Vec<CartKey> {
    let listed = store.due(stage, Part::WHOLE, NOON, limit).await.unwrap();
    listed.into_iter().map(|cart| cart.key).collect()
}

async fn store_cart(store: &impl CartStore, cart: &Cart) -> Result<(), WriteError> {
    let write = Write {
        cart: Some(cart.clone()),
        ..Write::default()
    };
    store.write(&write).await
}

async fn store_contact(store: &impl CartStore, contact: &Contact) -> Result<(), WriteError> {
    let write = Write {
        contact: Some(contact.clone()),
        ..Write::default()
    };
    store.write(&write).await
}
