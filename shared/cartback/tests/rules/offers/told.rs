//! What mail and restore link make of an offer.

use super::*;

#[test]
fn the_restore_link_takes_a_code_along_while_it_works() {
    let checkout = "https://hearth.example/checkout/1?key=a";
    let shop = offers(POOL).unwrap();
    let mut it = moment();
    it.cart.facts.contents.as_mut().unwrap().value.checkout_url = Some(checkout.to_owned());
    let offer = chosen(&it, &stock(&["A+1/2"])).offer().unwrap().clone();
    let ends_at = offer.expires_at.unwrap();
    it.cart.note_offer(offer);
    let url = |shop: &Shop, at| {
        let visit = Visit {
            cart: it.cart.clone(),
            shop: shop.clone(),
            attempt: attempt(1),
            at,
            readings: Readings::default(),
            chosen: None,
        };
        visit.checkout_url().into_owned()
    };
    let taken = format!("{checkout}&discount=A%2B1%2F2");
    assert_eq!(url(&shop, ends_at - SECOND), taken);
    assert_eq!(url(&shop, ends_at), checkout);
    let mut shown_only = shop.clone();
    shown_only.policy.offers.as_mut().unwrap().code_parameter = None;
    assert_eq!(url(&shown_only, noon() + HOUR), checkout);
}

#[test]
fn the_mail_shows_the_end_of_the_code_in_the_shoppers_zone_and_no_end_that_nobody_enforces() {
    let mut it = moment();
    let person = &mut it.cart.facts.person.as_mut().unwrap().value;
    person.time_zone = Some("Asia/Tokyo".to_owned());
    let keys = LinkKeys::new(vec![LinkKey {
        id: 1,
        secret: vec![7; 32],
    }])
    .unwrap();
    let shop = offers(POOL).unwrap();
    for (life, end) in [
        (
            Some(DAY * 10),
            "until Saturday, July 11, 2026 at 9:00\u{202f}PM GMT+9",
        ),
        (None, ""),
    ] {
        let stock = Stock {
            codes: vec![pool_code("A-1", life)],
            spent_minor: 0,
        };
        let choice = chosen(&it, &stock);
        for stage in Stage::ALL {
            let known = Known {
                offer: choice.offer(),
                ..Known::default()
            };
            let mail = compose(&it.cart, stage, &known, attempt(1), &shop, &keys, it.now);
            let mail = mail.unwrap();
            for part in [&mail.html, &mail.text] {
                let says = (part.contains("A-1"), part.contains("The code works"));
                let has_offer = stage != Stage::Nudge;
                assert_eq!(says, (has_offer, has_offer && life.is_some()), "{stage}");
                assert!(!has_offer || part.contains(end), "{part}");
            }
        }
    }
}
