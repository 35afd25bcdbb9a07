//! What a page's word is worth: enough to remind whoever agreed, never enough to undo what the shop
//! said.

use cartback::brake::Brake;
use cartback::cart::{Cart, CartFacts, CartStatus};
use cartback::consent::{Consent, ConsentBasis, ConsentState};
use cartback::contact::Contact;
use cartback::decide::{Decision, SkipReason};
use cartback::event::{Behaviour, CartEvent, Change, ContactDetails, Order, Origin};
use cartback::ids::{ContactKey, Pepper};
use cartback::memory::MemoryStore;
use cartback::policy::ConsentMode;
use cartback::ports::CartStore;
use cartback::pulse::{Counts, Pulse};
use cartback::record::record;
use cartback::shop::Shop;
use cartback::stage::Stage;
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};

use crate::samples::{DAY, HOUR, MINUTE, Moment, answered, cart_key, contents, event, noon, skip};

fn told(origin: Origin, at: Timestamp, change: Change) -> CartEvent {
    CartEvent {
        origin,
        ..event(at, change)
    }
}

fn order() -> Change {
    Change::OrderPlaced(Order {
        id: "o-1".into(),
        total: None,
    })
}

/// The facts of a new cart after `events`.
fn cart_of(events: &[&CartEvent]) -> CartFacts {
    let mut cart = Cart::new(cart_key("c1"), "c1".parse().unwrap(), noon());
    for event in events {
        cart.facts.apply(event, None);
    }
    cart.facts
}

/// A cart that is due whose person nothing but a page named.
fn stranger() -> Moment {
    let mut moment = Moment::due(Stage::Nudge);
    if let Some(person) = &mut moment.cart.facts.person {
        person.stamp.origin = Origin::Browser;
    }
    moment
}

#[test]
fn whoever_a_page_names_is_mailed_only_if_they_agreed() {
    for mode in [
        ConsentMode::Required,
        ConsentMode::SoftOptIn,
        ConsentMode::OptOut,
    ] {
        let mut moment = stranger();
        moment.policy.consent = mode;
        assert_eq!(moment.decide(), Decision::Send, "{mode:?}");
        moment.contact.consent = None;
        assert_eq!(moment.decide(), skip(SkipReason::NoConsent), "{mode:?}");
        answered(&mut moment, ConsentState::Unknown, ConsentBasis::SoftOptIn);
        assert_eq!(moment.decide(), skip(SkipReason::NoConsent), "{mode:?}");
    }
    let mut known = Moment::due(Stage::Nudge);
    known.policy.consent = ConsentMode::OptOut;
    known.contact.consent = None;
    assert_eq!(known.decide(), Decision::Send);
}

#[test]
fn a_signed_checkout_proves_whom_a_page_named() {
    let mut moment = stranger();
    let person = moment.cart.facts.person.clone().unwrap();
    let details = ContactDetails {
        email: person.value.email.clone(),
        first_name: None,
        locale: None,
        time_zone: None,
        country: None,
    };
    let signed = CartEvent {
        contact: Some(details),
        ..told(Origin::Shop, noon() - HOUR, Change::ContactIdentified)
    };
    moment.cart.facts.apply(&signed, Some(&person.value.key));
    let origin = |moment: &Moment| moment.cart.facts.person.as_ref().unwrap().stamp.origin;
    assert_eq!(origin(&moment), Origin::Shop);
    let page = CartEvent {
        origin: Origin::Browser,
        at: noon() + HOUR,
        ..signed
    };
    moment.cart.facts.apply(&page, Some(&person.value.key));
    assert_eq!(origin(&moment), Origin::Shop);
}

#[test]
fn a_page_replaces_nothing_of_what_the_shop_told_of_a_cart() {
    let cart = |origin, at, total| told(origin, at, Change::CartUpdated(contents(total)));
    let shops = cart(Origin::Shop, noon(), "49.00");
    let pages = cart(Origin::Browser, noon() + HOUR, "1.00");
    for order in [[&shops, &pages], [&pages, &shops]] {
        let mut facts = cart_of(&[]);
        for event in order {
            facts.apply(event, None);
        }
        // It is a sign of life all the same.
        assert_eq!(facts.last_activity_at(), noon() + HOUR);
        assert_eq!(facts.contents.unwrap().value, contents("49.00"));
    }
    let newer = cart(Origin::Shop, noon() + MINUTE, "59.00");
    let facts = cart_of(&[&pages, &shops, &newer]);
    assert_eq!(facts.contents.unwrap().value, contents("59.00"));
}

#[test]
fn an_order_that_a_page_claims_stops_mail_and_is_none() {
    let mut moment = Moment::due(Stage::Nudge);
    let claim = told(Origin::Browser, moment.now, order());
    moment.cart.facts.apply(&claim, None);
    assert_eq!(moment.decide(), skip(SkipReason::OrderClaimed));
    assert_eq!(moment.cart.facts.order, None);
    assert_eq!(moment.cart.facts.attribution(), None);
    assert_eq!(moment.cart.facts.status(), CartStatus::Open);
    assert!(!moment.cart.facts.is_mailable());
    moment
        .cart
        .facts
        .apply(&told(Origin::Shop, moment.now, order()), None);
    assert_eq!(moment.decide(), skip(SkipReason::OrderPlaced));
}

#[test]
fn a_page_cannot_undo_delete_or_forget() {
    for change in [
        Change::OrderCancelled,
        Change::CartDeleted,
        Change::ErasureRequested,
    ] {
        for origin in [Origin::Browser, Origin::Machine] {
            let mut moment = Moment::due(Stage::Nudge);
            let before = moment.cart.facts.clone();
            let said = told(origin, moment.now, change.clone());
            assert!(!said.is_credible());
            moment.cart.facts.apply(&said, None);
            assert_eq!(moment.cart.facts, before, "{change:?}");
        }
    }
}

#[test]
fn a_machine_is_marked_for_good_and_nothing_is_sent() {
    let mut moment = Moment::due(Stage::Nudge);
    let crawl = told(
        Origin::Machine,
        noon(),
        Change::PageReported(Behaviour::default()),
    );
    moment.cart.facts.apply(&crawl, None);
    moment.now = moment.after(MINUTE * 59);
    assert_eq!(moment.decide(), skip(SkipReason::Machine));
    assert!(!moment.cart.facts.is_mailable());
}

#[test]
fn a_mechanical_page_is_a_machine_however_it_calls_itself() {
    let mut moment = Moment::due(Stage::Nudge);
    for n in 0..20 {
        let at = noon() - HOUR + SignedDuration::from_secs(n * 3);
        let beat = told(
            Origin::Browser,
            at,
            Change::PageReported(Behaviour::default()),
        );
        assert!(!moment.cart.facts.is_of_machine(), "{n}");
        moment.cart.facts.apply(&beat, None);
    }
    assert!(moment.cart.facts.is_of_machine());
    assert_eq!(moment.decide(), skip(SkipReason::Machine));
}

#[test]
fn what_a_page_meets_with_only_grows() {
    let report = |n_errors, slowest_page_ms| {
        let behaviour = Behaviour {
            n_errors,
            slowest_page_ms,
            ..Behaviour::default()
        };
        told(Origin::Browser, noon(), Change::PageReported(behaviour))
    };
    for order in [
        [report(1, 900), report(3, 400)],
        [report(3, 400), report(1, 900)],
    ] {
        let mut moment = Moment::due(Stage::Nudge);
        for event in order.iter().chain(&order) {
            moment.cart.facts.apply(event, None);
        }
        let behaviour = moment.cart.facts.behaviour.unwrap();
        assert_eq!((behaviour.n_errors, behaviour.slowest_page_ms), (3, 900));
    }
}

fn answer(origin: Origin, minutes: i64, state: ConsentState) -> CartEvent {
    let consent = Consent {
        state,
        basis: ConsentBasis::Express,
        source: None,
        text_version: None,
    };
    CartEvent {
        id: format!("{origin:?}-{minutes}"),
        carts: Vec::new(),
        contact: Some(ContactDetails {
            email: "ada@example.com".parse().unwrap(),
            first_name: None,
            locale: None,
            time_zone: None,
            country: None,
        }),
        ..told(
            origin,
            noon() + MINUTE * i32::try_from(minutes).unwrap(),
            Change::ConsentChanged(consent),
        )
    }
}

/// The person after all `answers`, recorded one after the other.
fn after(answers: &[CartEvent]) -> Contact {
    let store = MemoryStore::default();
    let shop = Shop::load(include_str!("../../../../infra/example-shop.toml")).unwrap();
    let pepper = Pepper(vec![1; 32]);
    for answer in answers {
        let recorded = record(
            &store,
            &shop,
            &pepper,
            std::slice::from_ref(answer),
            noon() + DAY,
        );
        block_on(recorded).unwrap();
    }
    let key = ContactKey::new(&pepper, &shop.id, &"ada@example.com".parse().unwrap());
    block_on(store.contact(&key)).unwrap().unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    loop {
        if let Some(done) = future.as_mut().now_or_never() {
            return done;
        }
    }
}

#[test]
fn a_page_never_lifts_a_refusal_and_may_always_refuse() {
    use ConsentState::{Granted, Refused};
    use Origin::{Browser, Shop};
    for (answers, expected) in [
        (vec![(Browser, 0, Granted)], Granted),
        (vec![(Shop, 0, Refused), (Browser, 9, Granted)], Refused),
        (vec![(Shop, 0, Granted), (Browser, 9, Refused)], Refused),
        (vec![(Browser, 0, Refused), (Browser, 9, Granted)], Refused),
        (vec![(Browser, 0, Refused), (Shop, 9, Granted)], Granted),
        (vec![(Browser, 9, Refused), (Shop, 0, Granted)], Refused),
    ] {
        let mut events: Vec<_> = answers
            .iter()
            .map(|(origin, at, state)| answer(*origin, *at, *state))
            .collect();
        assert_eq!(after(&events).consent_state(), expected, "{answers:?}");
        events.reverse();
        assert_eq!(
            after(&events).consent_state(),
            expected,
            "{answers:?} in reverse"
        );
    }
}

/// `n` strangers in the hour of `at`.
fn add(pulse: &mut Pulse, at: Timestamp, n: u64) {
    let mut counts = Counts::default();
    counts.n_strangers = n;
    let hour = pulse.hours.entry(cartback::pulse::hour_of(at));
    hour.or_default().add(&counts);
}

/// `n` strangers in the hour of noon, after `n_busy` hours with 20 each.
fn named(n: u64, n_busy: i64) -> Pulse {
    let mut pulse = Pulse::default();
    for hour in 0..n_busy {
        add(
            &mut pulse,
            noon() - SignedDuration::from_hours(hour + 2),
            20,
        );
    }
    add(&mut pulse, noon(), n);
    pulse
}

#[test]
fn strangers_beyond_the_usual_wait_and_nobody_else_does() {
    let mut moment = stranger();
    moment.cart.facts.person.as_mut().unwrap().stamp.at = noon();
    let brake = |pulse: &Pulse, moment: &Moment| pulse.brake_on_stranger(&moment.cart);
    assert_eq!(brake(&named(50, 0), &moment), None);
    assert_eq!(
        brake(&named(51, 0), &moment),
        Some(Brake::Strangers {
            n_strangers: 51,
            n_usual: 0
        })
    );
    // Two weeks have 336 hours. A quarter of them does not make it usual, a little more does.
    assert!(brake(&named(51, 84), &moment).is_some());
    assert_eq!(brake(&named(360, 85), &moment), None);
    assert_eq!(
        brake(&named(361, 85), &moment),
        Some(Brake::Strangers {
            n_strangers: 361,
            n_usual: 60
        })
    );
    let mut resumed = named(51, 0);
    resumed.standing.resumed_at = Some(noon() + HOUR * 2);
    assert_eq!(brake(&resumed, &moment), None);
    add(&mut resumed, noon() + HOUR, 51);
    for resumed_at in [noon() + MINUTE, noon() + HOUR] {
        resumed.standing.resumed_at = Some(resumed_at);
        assert!(brake(&resumed, &moment).is_some(), "{resumed_at}");
    }
    assert_eq!(brake(&named(9_999, 0), &Moment::due(Stage::Nudge)), None);
    // Days later the same person, named then, still waits; one named days later does not.
    moment.cart.facts.person.as_mut().unwrap().stamp.at = noon() + DAY;
    assert_eq!(brake(&named(9_999, 0), &moment), None);
}
