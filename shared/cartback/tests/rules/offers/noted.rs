//! What cart and person remember of an offer, and for how long.

use super::*;
use cartback::offer::OFFER_YEAR;
use cartback::shop::RESTORE_LINK_LIFE;

/// An offer of `stage`, given at noon, that ends after `life`; `None` never.
fn offer(stage: Stage, life: Option<SignedDuration>) -> Offer {
    Offer {
        stage,
        at: noon(),
        discount: Discount::Percent(10),
        cost: usd("4.90"),
        code: code("A-1"),
        pool: None,
        expires_at: life.map(|life| noon() + life),
    }
}

/// Whether an offer of another cart, given at noon for a day, is still remembered when the sample cart is given
/// one `later`; the person ordered `ordered_at` after noon, if at all.
fn is_kept(later: SignedDuration, ordered_at: Option<SignedDuration>) -> bool {
    let mut contact = contact();
    let other = cart_key("other");
    contact.note_offer(&other, &offer(Stage::Final, Some(DAY)));
    if let Some(after) = ordered_at {
        contact.order(noon() + after);
    }
    let mut next = offer(Stage::Final, Some(DAY));
    next.at = noon() + later;
    contact.note_offer(&cart_key("c1"), &next);
    contact.offers.iter().any(|note| note.cart == other)
}

#[test]
fn a_person_remembers_an_offer_for_a_year_and_for_ever_if_they_ordered_while_it_was_open() {
    assert!(is_kept(OFFER_YEAR - SECOND, None));
    assert!(!is_kept(OFFER_YEAR, None));
    assert!(is_kept(OFFER_YEAR, Some(DAY)));
    assert!(!is_kept(OFFER_YEAR, Some(DAY + SECOND)));
}

#[test]
fn a_person_remembers_one_offer_of_a_cart_until_the_last_of_its_codes_ends() {
    let mut contact = contact();
    for life in [DAY * 2, DAY * 3, DAY] {
        contact.note_offer(&cart_key("c1"), &offer(Stage::Final, Some(life)));
    }
    assert_eq!(contact.offers.len(), 1);
    assert_eq!(contact.offers[0].open_until, noon() + DAY * 3);
    contact.note_offer(&cart_key("c2"), &offer(Stage::Final, Some(DAY)));
    assert_eq!(contact.offers.len(), 2);
    assert_eq!(contact.offers[1].open_until, noon() + DAY);
}

#[test]
fn a_code_without_an_end_is_open_as_long_as_the_link_that_applies_it() {
    let open_until = offer(Stage::Final, None).open_until();
    assert_eq!(open_until, noon() + RESTORE_LINK_LIFE);
}

#[test]
fn a_cart_keeps_one_offer_of_each_stage() {
    let mut cart = cart("c1", "49.00");
    let last = offer(Stage::Final, Some(DAY));
    cart.note_offer(offer(Stage::FollowUp, None));
    cart.note_offer(offer(Stage::Final, None));
    cart.note_offer(last.clone());
    assert_eq!(cart.offers, [offer(Stage::FollowUp, None), last]);
}
