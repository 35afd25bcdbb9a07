//! A stage's tick: what it takes, what it counts, and when it stops.

use std::sync::atomic::Ordering;

use cartback::cart::Cart;
use cartback::decide::DeferReason;
use cartback::ids::{CartKey, ShopId};
use cartback::ports::CartStore;
use cartback::pulse::Counts;
use cartback::remind::Reminded;
use cartback::shop::Shop;
use cartback::stage::Stage;
use cartback::standing::pause;
use cartback::sweep::Tally;
use jiff::{SignedDuration, Timestamp};

use crate::desk::{Desk, Fate, NO_LIMIT, run};
use crate::samples::{HOUR, MINUTE, SECOND, cart, contact, contact_key, noon};

/// Stores an order in each hour from `first` to `last` days before noon.
fn count_orders(desk: &Desk, first: i64, last: i64) {
    for hour in last * 24..first * 24 {
        let at = noon() - HOUR * i32::try_from(hour).unwrap();
        run(desk.table.count(&desk.shop.id, at, &Counts::order())).unwrap();
    }
}

/// The sample cart under another name, with its nudge due at `due_at`.
fn waiting(id: &str, due_at: Timestamp) -> Cart {
    let mut cart = cart(id, "49.00");
    cart.sequence.arm(due_at);
    cart
}

/// A cart of a shop that nobody knows, due at `due_at`.
fn stuck(n: usize, due_at: Timestamp) -> Cart {
    let shop: ShopId = "gone".parse().unwrap();
    let id = format!("s{n}").parse().unwrap();
    let mut cart = Cart::new(CartKey::new(&shop, &id), id, noon());
    cart.sequence.arm(due_at);
    cart
}

#[test]
fn a_sweep_takes_what_is_due_and_counts_how_it_ended() {
    let desk = Desk::new();
    let now = noon() + HOUR;
    let no_person = |id, due_at| {
        let mut cart = waiting(id, due_at);
        cart.facts.person = None;
        cart
    };
    desk.put(Some(no_person("c2", now)), None);
    desk.put(Some(no_person("c3", now - MINUTE * 40)), None);
    desk.put(Some(waiting("c4", now + SECOND)), None);
    desk.put(Some(stuck(0, now)), None);
    let tally = desk.sweep(now, NO_LIMIT);
    let expected = Tally {
        counts: [(Reminded::Sent, 1), (Reminded::Skipped, 2)].into(),
        n_due: 4,
        overdue: MINUTE * 40,
        n_errors: 1,
        ..Tally::default()
    };
    assert_eq!(tally, expected);
    assert_eq!(tally.count(Reminded::Skipped), 2);
    assert_eq!(tally.count(Reminded::Failed), 0);
    assert_eq!(
        desk.pulse().hours,
        [(now, Counts::sent(Stage::Nudge, 1))].into()
    );
}

#[test]
fn mails_are_counted_in_the_hour_in_which_they_were_begun_and_by_their_number() {
    let desk = Desk::new();
    let now = noon() + HOUR - SECOND;
    for n in 0..3 {
        let mut other = waiting(&format!("c{n}0"), noon());
        let mut person = contact();
        let named = format!("p{n}@example.com");
        person.key = contact_key(&named);
        other.facts.person.as_mut().unwrap().value.key = person.key.clone();
        desk.put(Some(other), Some(person));
    }
    let tally = desk.sweep(now, NO_LIMIT);
    assert_eq!(tally.count(Reminded::Sent), 4);
    assert_eq!(
        desk.pulse().hours,
        [(noon(), Counts::sent(Stage::Nudge, 4))].into()
    );
}

#[test]
fn carts_that_nobody_can_take_never_hide_those_behind_them() {
    for (n_stuck, limits) in [
        (199, vec![200, 200]),
        (200, vec![200, 200, 400, 400]),
        (201, vec![200, 200, 400, 400]),
        (450, vec![200, 200, 400, 400, 600, 600]),
    ] {
        let desk = Desk::new();
        for n in 0..n_stuck {
            desk.put(Some(stuck(n, noon())), None);
        }
        let tally = desk.sweep(noon() + HOUR, NO_LIMIT);
        assert_eq!(tally.count(Reminded::Sent), 1, "{n_stuck}");
        assert_eq!((tally.n_errors, tally.n_due), (n_stuck, n_stuck + 1));
        let asked = desk.table.limits.lock().unwrap();
        assert_eq!(*asked, limits, "{n_stuck}");
    }
}

#[test]
fn a_cart_that_cannot_be_written_is_left_for_the_next_sweep() {
    let desk = Desk::new();
    desk.let_writes([Fate::Refuse]);
    let now = noon() + HOUR;
    let tally = desk.sweep(now, NO_LIMIT);
    assert_eq!((tally.n_errors, tally.counts.len()), (1, 0));
    let tally = desk.sweep(now, NO_LIMIT);
    assert_eq!((tally.n_errors, tally.count(Reminded::Sent)), (0, 1));
}

#[test]
fn no_cart_is_begun_once_the_time_is_over() {
    let desk = Desk::new();
    let now = noon() + HOUR;
    let tally = desk.sweep(now, SignedDuration::ZERO);
    assert_eq!((tally.is_cut_short, tally.counts.len()), (true, 0));
    // What has passed since the invocation began is gone.
    desk.table.elapsed_s.store(1, Ordering::Relaxed);
    let tally = desk.sweep(now, SECOND);
    assert_eq!((tally.is_cut_short, tally.counts.len()), (true, 0));
    desk.table.elapsed_s.store(0, Ordering::Relaxed);
    let tally = desk.sweep(now, SECOND);
    assert_eq!(
        (tally.is_cut_short, tally.count(Reminded::Sent)),
        (false, 1)
    );
}

#[test]
fn a_mail_whose_turn_comes_after_the_time_is_left_as_it_is() {
    let now = noon() + HOUR;
    for (wait_s, n_sent) in [(2, 1), (3, 0)] {
        let desk = Desk::new();
        desk.wait_s.store(wait_s, Ordering::Relaxed);
        let before = desk.n_writes();
        let tally = desk.sweep(now, SECOND * 2);
        assert_eq!(tally.count(Reminded::Sent), n_sent);
        assert_eq!((tally.is_cut_short, tally.n_errors), (n_sent == 0, 0));
        assert_eq!(desk.n_writes() == before, n_sent == 0, "nothing is written");
    }
}

#[test]
fn a_shop_that_cannot_be_understood_holds_up_no_other() {
    for item in ["SHOP", "PULSE"] {
        let desk = Desk::new();
        let now = noon() + HOUR;
        let broken = stuck(0, noon());
        let shop = Shop {
            id: broken.key.shop().clone(),
            ..desk.shop.clone()
        };
        run(desk.table.store.put_shop(&shop)).unwrap();
        desk.table.corrupt.lock().unwrap().push((item, shop.id));
        desk.put(Some(broken), None);
        let tally = desk.sweep(now, NO_LIMIT);
        let ends = (tally.n_errors, tally.count(Reminded::Sent));
        assert_eq!(ends, (1, 1), "{item}");
    }
}

#[test]
fn a_silence_of_two_weeks_is_held_against_the_two_before_it() {
    let desk = Desk::new();
    count_orders(&desk, 27, 13);
    let tally = desk.sweep(noon() + HOUR, NO_LIMIT);
    assert_eq!(tally.held, [(DeferReason::OrdersSilent, 1)].into());
}

#[test]
fn a_braked_shop_is_counted_once_by_what_holds_it() {
    let desk = Desk::new();
    desk.put(Some(waiting("c2", noon())), None);
    let paused = pause(&desk.table.store, &desk.shop.id, "prices", noon());
    run(paused).unwrap();
    let tally = desk.sweep(noon() + HOUR, NO_LIMIT);
    assert_eq!(tally.held, [(DeferReason::Paused, 1)].into());
    assert_eq!(
        tally.count(Reminded::Deferred) + tally.count(Reminded::Skipped),
        2
    );
}
