//! A code belongs to one cart and stage for ever, and goes with its mail alone.

use super::*;

fn desk(codes: &[&str]) -> Desk {
    let mut desk = Desk::new();
    desk.shop.policy.offers = offers(POOL).unwrap().policy.offers;
    let codes: Vec<_> = codes
        .iter()
        .map(|text| pool_code(text, Some(DAY * 10)))
        .collect();
    let n_new = run(desk.table.store.put_codes(&shop_id(), &codes)).unwrap();
    assert_eq!(n_new, codes.len());
    desk
}

/// Plays the sample cart up to its final reminder; the end of that.
fn last(desk: &Desk, id: &str) -> Reminded {
    loop {
        let (stage, due_at) = desk.cart(&cart_key(id)).sequence.due().unwrap();
        let end = desk.remind_of_due(&cart_key(id), due_at);
        if stage == Stage::Final {
            return end;
        }
        assert_eq!(end, Reminded::Sent);
    }
}

fn stock_of(desk: &Desk) -> Stock {
    let it = moment();
    let ask = ask(&facts(&it), &it.policy, it.now).unwrap();
    run(desk.table.store.offer_stock(&shop_id(), &ask)).unwrap()
}

#[test]
fn only_the_final_mail_shows_the_code_and_cart_and_person_remember_it() {
    let desk = desk(&["A-1"]);
    assert_eq!(last(&desk, "c1"), Reminded::Sent);
    let texts = desk.texts.lock().unwrap().clone();
    let says: Vec<_> = texts.iter().map(|text| text.contains("A-1")).collect();
    assert_eq!(says, [false, false, true]);
    assert!(
        texts[2].contains("10% off this cart with this code:\nA-1\n"),
        "{}",
        texts[2]
    );
    assert!(
        texts[2].contains("until Saturday, July 11, 2026 at 12:00\u{202f}PM GMT+0"),
        "{}",
        texts[2]
    );
    let cart = desk.cart(&cart_key("c1"));
    assert_eq!(cart.offers.len(), 1);
    assert_eq!(desk.contact(&contact().key).offers.len(), 1);
    let left = stock_of(&desk);
    assert_eq!((left.codes, left.spent_minor), (vec![], 490));
}

#[test]
fn a_refused_mail_is_tried_again_with_the_same_code() {
    let mut desk = desk(&["A-1", "A-2", "A-3"]);
    desk.answer = |_, mail| match mail.stage {
        Stage::Final => Err(SendError::Refused("told to".into())),
        Stage::Nudge | Stage::FollowUp => Ok(()),
    };
    assert_eq!(last(&desk, "c1"), Reminded::Refused);
    let code = desk.cart(&cart_key("c1")).offers[0].code.clone();
    desk.answer = |_, _| Ok(());
    assert_eq!(last(&desk, "c1"), Reminded::Sent);
    let cart = desk.cart(&cart_key("c1"));
    assert_eq!(cart.offers.len(), 1);
    assert_eq!(cart.offers[0].code, code);
    let texts = desk.texts.lock().unwrap().clone();
    let n_with = texts.iter().filter(|text| text.contains(code.expose()));
    assert_eq!(n_with.count(), 2);
    assert_eq!(stock_of(&desk).codes.len(), 2);
    assert_eq!(stock_of(&desk).spent_minor, 490);
}

#[test]
fn a_sweep_tells_which_of_the_mails_that_left_carried_an_offer() {
    let mut desk = desk(&["A-1"]);
    run(desk.table.store.put_shop(&desk.shop)).unwrap();
    let due = || desk.cart(&cart_key("c1")).sequence.due().unwrap();
    while due().0 != Stage::Final {
        let end = desk.remind_of_due(&cart_key("c1"), due().1);
        assert_eq!(end, Reminded::Sent);
    }
    let due_at = due().1;
    desk.answer = |_, _| Err(SendError::Refused("told to".into()));
    let tally = desk.sweep_of(Stage::Final, due_at, NO_LIMIT);
    assert_eq!(tally.offers, [].into());
    let again_at = desk.cart(&cart_key("c1")).sequence.due().unwrap().1;
    desk.answer = |_, _| Ok(());
    let tally = desk.sweep_of(Stage::Final, again_at, NO_LIMIT);
    assert_eq!(tally.offers, [(None, 1)].into());
}

/// Somebody else takes the code `A-1`, as another cart's reservation would.
fn take_the_code(store: &MemoryStore) {
    let Choice::New(offer, claim) = chosen(&moment(), &stock(&["A-1"])) else {
        panic!("no offer");
    };
    let mut other = cart("other", "49.00");
    other.note_offer(offer);
    let write = Write {
        cart: Some(other),
        contact: Some(Contact::new(crate::samples::contact_key("bob@example.com"))),
        claim: Some(claim),
        ..Write::default()
    };
    run(store.write(&write)).unwrap();
}

#[test]
fn a_code_that_somebody_else_takes_in_between_is_not_sent() {
    let desk = desk(&["A-1"]);
    for _ in 0..2 {
        let (_, due_at) = desk.cart(&cart_key("c1")).sequence.due().unwrap();
        desk.remind_of_due(&cart_key("c1"), due_at);
    }
    // The line of the decision is written first, then the reservation.
    desk.let_writes([Fate::Work, Fate::Overtake(take_the_code)]);
    assert_eq!(last(&desk, "c1"), Reminded::Stale);
    assert_eq!(desk.cart(&cart_key("c1")).offers, []);
    assert_eq!(desk.contact(&contact().key).offers, []);
    // The next tick finds no code, and sends the reminder without.
    assert_eq!(last(&desk, "c1"), Reminded::Sent);
    let texts = desk.texts.lock().unwrap().clone();
    assert!(texts.iter().all(|text| !text.contains("A-1")));
}

/// Another cart of the same person is given an offer first.
fn give_the_person_another(store: &MemoryStore) {
    let mut person = run(store.contact(&contact().key)).unwrap().unwrap();
    given(&mut person, &moment(), SECOND, DAY);
    let write = Write {
        contact: Some(person),
        ..Write::default()
    };
    run(store.write(&write)).unwrap();
}

#[test]
fn an_offer_for_another_cart_in_between_leaves_this_one_without() {
    let desk = desk(&["A-1"]);
    for _ in 0..2 {
        let (_, due_at) = desk.cart(&cart_key("c1")).sequence.due().unwrap();
        desk.remind_of_due(&cart_key("c1"), due_at);
    }
    desk.let_writes([Fate::Work, Fate::Overtake(give_the_person_another)]);
    assert_eq!(last(&desk, "c1"), Reminded::Stale);
    assert_eq!(stock_of(&desk), stock(&["A-1"]));
    assert_eq!(last(&desk, "c1"), Reminded::Sent);
    assert_eq!(desk.cart(&cart_key("c1")).offers, []);
    assert_eq!(stock_of(&desk), stock(&["A-1"]));
}

#[test]
fn an_import_again_frees_no_code_that_was_given() {
    let desk = desk(&["A-1"]);
    last(&desk, "c1");
    let again = [pool_code("A-1", Some(DAY * 20)), pool_code("A-2", None)];
    let n_new = run(desk.table.store.put_codes(&shop_id(), &again)).unwrap();
    assert_eq!(n_new, 1);
    assert_eq!(stock_of(&desk).codes, [pool_code("A-2", None)]);
}

#[test]
fn an_erasure_forgets_the_offers_of_cart_and_person() {
    let desk = desk(&["A-1"]);
    last(&desk, "c1");
    let mut person = desk.contact(&contact().key);
    person.own(&cart_key("c1"));
    desk.put(None, Some(person));
    run(cartback::erasure::erase_person(
        &desk.table.store,
        &contact().key,
        noon() + DAY * 3,
    ))
    .unwrap();
    assert_eq!(desk.cart(&cart_key("c1")).offers, []);
    assert_eq!(desk.contact(&contact().key).offers, []);
}
