//! What a worker's outcomes do to a cart, and what tells two decisions apart.

use super::settle::{backoff, note_refused, verdict};
use super::*;
use crate::decide::latest;
use crate::event::{CartEvent, Change, ContactDetails, Contents, LineItem, Order};
use crate::memory::MemoryStore;
use crate::policy::OnUnknown;
use crate::pulse::Counts;
use crate::sequence::{EVIDENCE_WAIT, Outcome, Verdict};

fn noon() -> Timestamp {
    "2026-07-01T12:00:00Z".parse().unwrap()
}

fn shop() -> Shop {
    let settings = r#"
        id = "demo"
        name = "Demo"
        url = "https://shop.example"
        hosts = ["shop.example"]
        links_url = "https://links.shop.example"
        from = "hello@shop.example"
        support_email = "help@shop.example"
        postal_address = "1 Long Street, Town"
    "#;
    Shop::load(settings).unwrap()
}

fn attempt(n: u8) -> Attempt {
    Attempt::from_bytes([n; 16])
}

fn event(change: Change) -> CartEvent {
    CartEvent {
        id: "evt".to_owned(),
        at: noon(),
        is_test: false,
        origin: crate::event::Origin::Shop,
        carts: Vec::new(),
        contact: Some(ContactDetails {
            email: "ada@example.com".parse().unwrap(),
            first_name: None,
            locale: None,
            time_zone: None,
            country: None,
        }),
        change,
    }
}

/// A cart whose nudge waits.
fn waiting() -> Cart {
    let key: CartKey = "demo_00000000000000000000000001".parse().unwrap();
    let mut cart = Cart::new(key.clone(), "c1".parse().unwrap(), noon());
    let line = LineItem {
        id: "sku".to_owned(),
        title: "Lantern".to_owned(),
        variant: None,
        quantity: 1,
        price_minor: 4900,
        compare_at_minor: None,
        image_url: None,
        url: None,
    };
    let contents = Contents {
        currency: "USD".parse().unwrap(),
        lines: vec![line],
        total_minor: 4900,
        checkout_url: None,
    };
    let person = ContactKey::nobody(key.shop());
    let updated = event(Change::CartUpdated(contents));
    cart.apply(&updated, Some(&person), &shop().policy, noon());
    cart
}

fn reserved() -> Cart {
    let mut cart = waiting();
    assert!(cart.sequence.reserve(attempt(1), noon()));
    cart
}

fn attempt_at(at: Timestamp) -> Attempt {
    Attempt::new(1, &waiting().key, 1, at)
}

/// A cart whose nudge is on its way since `at`.
fn reserved_at(at: Timestamp) -> Cart {
    let mut cart = waiting();
    assert!(cart.sequence.reserve(attempt_at(at), at));
    cart
}

fn ordered(mut cart: Cart) -> Cart {
    let order = Order {
        id: "o1".to_owned(),
        total: None,
    };
    let placed = event(Change::OrderPlaced(order));
    cart.apply(&placed, None, &shop().policy, noon());
    cart
}

#[test]
fn pauses_double_from_two_minutes_to_half_an_hour() {
    let minutes = [0, 1, 2, 3, 4, 5].map(|n_refusals| backoff(n_refusals).as_mins());
    assert_eq!(minutes, [2, 4, 8, 16, 30, 30]);
    assert_eq!(backoff(u8::MAX), backoff(4));
}

#[test]
fn a_mail_refused_for_now_waits_longer_each_time_and_never_fails() {
    let mut cart = waiting();
    for (n, minutes) in (1..=20).zip([2, 4, 8, 16].into_iter().chain([30; 16])) {
        assert!(cart.sequence.reserve(attempt(n), noon()));
        assert!(note_refused(&mut cart, attempt(n), &shop(), noon()));
        let retry_at = noon() + SignedDuration::from_mins(minutes);
        assert_eq!(cart.sequence.due(), Some((Stage::Nudge, retry_at)));
    }
    assert_eq!(cart.sequence.pending().unwrap().tries, 0);
}

#[test]
fn silence_means_something_only_while_others_are_heard_of() {
    let cart = reserved_at(noon());
    let mut resend = shop();
    resend.policy.on_unknown = OnUnknown::Resend;
    let now = noon() + EVIDENCE_WAIT;
    let mut pulse = Pulse::default();
    assert_eq!(verdict(&cart, &resend, &pulse, now), Verdict::Wait);
    let other = attempt_at(noon() + SignedDuration::from_mins(1));
    let told = Counts::evidenced(Stage::Final, other);
    pulse.hours.insert(noon(), told);
    assert_eq!(verdict(&cart, &resend, &pulse, now), Verdict::Resend);
    assert_eq!(verdict(&cart, &shop(), &pulse, now), Verdict::Presume);
    let mut of_stage = resend.clone();
    of_stage.policy.nudge.on_unknown = Some(OnUnknown::Presume);
    assert_eq!(verdict(&cart, &of_stage, &pulse, now), Verdict::Presume);
    let end = noon() + SignedDuration::from_hours(3);
    assert_eq!(verdict(&cart, &resend, &pulse, end), Verdict::Resend);
    let late = end + SignedDuration::from_secs(1);
    assert_eq!(verdict(&cart, &resend, &pulse, late), Verdict::Presume);
}

#[test]
fn coming_back_never_prolongs_a_doubt_beyond_a_day() {
    let cart = reserved_at(noon());
    let mut resend = shop();
    resend.policy.on_unknown = OnUnknown::Resend;
    let back = noon() + SignedDuration::from_hours(24);
    let contents = cart.facts.contents.clone().unwrap().value;
    let returned = CartEvent {
        at: back,
        ..event(Change::CartUpdated(contents))
    };
    let mut active = cart.clone();
    active.apply(&returned, None, &resend.policy, back);
    let late = back + SignedDuration::from_secs(1);
    assert!(late < latest(&active, Stage::Nudge, &resend.policy));
    let mut pulse = Pulse::default();
    let other = attempt_at(noon() + SignedDuration::from_mins(1));
    pulse
        .hours
        .insert(noon(), Counts::evidenced(Stage::Final, other));
    assert_eq!(verdict(&active, &resend, &pulse, back), Verdict::Resend);
    assert_eq!(verdict(&active, &resend, &pulse, late), Verdict::Presume);
}

#[test]
fn a_mail_that_makes_us_panic_is_one_that_does_not_render() {
    let composed = caught::<()>(|| panic!("no such filter"));
    assert!(matches!(composed, Err(ComposeError::Panicked)));
    let composed = caught::<()>(|| Err(ComposeError::Incomplete));
    assert!(matches!(composed, Err(ComposeError::Incomplete)));
}

#[test]
fn a_refusal_of_a_lost_reservation_writes_nothing() {
    let mut cart = reserved();
    let before = cart.clone();
    assert!(!note_refused(&mut cart, attempt(2), &shop(), noon()));
    assert_eq!(cart, before);
}

#[test]
fn a_refusal_after_an_order_ends_the_sequence() {
    let mut cart = ordered(reserved());
    assert!(note_refused(&mut cart, attempt(1), &shop(), noon()));
    assert_eq!(cart.sequence.phase, Phase::Done);
}

#[test]
fn a_skip_plans_the_next_stage_unless_it_ends_the_sequence() {
    let mut cart = waiting();
    skip(&mut cart, SkipReason::NoConsent, &shop(), noon());
    let due_at = cart.stage_due_at(Stage::FollowUp, &shop().policy);
    assert_eq!(cart.sequence.due(), Some((Stage::FollowUp, due_at)));
    skip(&mut cart, SkipReason::Unsubscribed, &shop(), noon());
    assert_eq!(cart.sequence.phase, Phase::Done);
    let reasons: Vec<_> = cart.sequence.log.iter().map(|log| &log.outcome).collect();
    let skipped = |reason| Outcome::Skipped { reason };
    let expected = [
        &skipped(SkipReason::NoConsent),
        &skipped(SkipReason::Unsubscribed),
    ];
    assert_eq!(reasons, expected);
}

#[test]
fn a_digest_changes_with_cart_person_policy_and_brake_alone() {
    let (cart, person) = (waiting(), nobody(&waiting()));
    let zone = shop().zone();
    let facts = Facts {
        cart: &cart,
        contact: &person,
        stage: Stage::Nudge,
        shop_zone: &zone,
        brake: None,
        restored_at: None,
        newer_cart: None,
    };
    let policy = shop().policy;
    let same = digest(&facts, &policy);
    assert_eq!(same.len(), 16);
    assert!(same.bytes().all(|byte| byte.is_ascii_hexdigit()), "{same}");
    let mut stopped = person.clone();
    stopped.order(noon());
    let mut strict = policy.clone();
    strict.caps.per_week = 1;
    let other_stage = Facts {
        stage: Stage::Final,
        ..facts
    };
    assert_eq!(digest(&other_stage, &policy), same);
    let (reserved, brake) = (reserved(), Brake::Restored);
    let others = [
        Facts {
            cart: &reserved,
            ..facts
        },
        Facts {
            contact: &stopped,
            ..facts
        },
        Facts {
            brake: Some(&brake),
            ..facts
        },
        Facts {
            restored_at: Some(noon()),
            ..facts
        },
        Facts {
            newer_cart: Some(&cart.key),
            ..facts
        },
    ];
    for facts in others {
        assert_ne!(digest(&facts, &policy), same, "{facts:?}");
    }
    assert_ne!(digest(&facts, &strict), same);
}

/// Nothing leaves by it.
struct NoMailer;

impl Mailer for NoMailer {
    async fn permit(&self, _: SignedDuration) -> bool {
        true
    }

    async fn push(&self, _: &crate::push::Push) -> Result<(), crate::ports::PushError> {
        Err(crate::ports::PushError::Gone)
    }

    async fn send(&self, _: &crate::mail::Mail) -> Result<(), crate::ports::SendError> {
        Err(crate::ports::SendError::Refused("closed".into()))
    }
}

/// The memory store waits for nothing but its turn.
fn run<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// A nudge is to leave by mail, without an offer.
fn to_send() -> Decided {
    Decided {
        stage: Stage::Nudge,
        decision: Decision::Send,
        channel: Channel::Mail,
        choice: Choice::NotAsked,
        digest: String::new(),
    }
}

#[test]
fn a_cart_of_the_person_that_is_used_after_the_look_stops_the_reservation() {
    let (store, cart) = (MemoryStore::default(), waiting());
    let older = Cart {
        key: "demo_00000000000000000000000002".parse().unwrap(),
        ..waiting()
    };
    let key = ContactKey::nobody(cart.key.shop());
    let mut contact = Contact::new(key.clone());
    contact.own(&cart.key);
    contact.own(&older.key);
    let put = |cart: &Cart, contact: Option<&Contact>| {
        let write = Write {
            cart: Some(cart.clone()),
            contact: contact.cloned(),
            ..Write::default()
        };
        run(store.write(&write)).unwrap();
    };
    put(&cart, Some(&contact));
    put(&older, None);
    let keys = crate::link::LinkKey {
        id: 1,
        secret: vec![7; 32],
    };
    let worker = Worker {
        store: &store,
        mailer: &NoMailer,
        keys: &LinkKeys::new(vec![keys]).unwrap(),
        nonce: 1,
        started_at: noon(),
        elapsed: &|| SignedDuration::ZERO,
        time_limit: SignedDuration::from_mins(1),
        offers: OfferCounts::default(),
        on_decision: None,
    };
    let reserve = |is_used_meanwhile: bool| {
        run(async {
            let cart = store.cart(&cart.key).await.unwrap().unwrap();
            let contact = store.contact(&key).await.unwrap().unwrap();
            let rivals = Rivals::of(&store, &cart.key, &contact).await.unwrap();
            if is_used_meanwhile {
                let mut used = store.cart(&older.key).await.unwrap().unwrap();
                used.facts.apply(&event(Change::PaymentFailed), None);
                let write = Write {
                    cart: Some(used),
                    ..Write::default()
                };
                store.write(&write).await.unwrap();
            }
            let person = Person { contact, rivals };
            worker
                .reserve(cart, person, to_send(), attempt(1), noon())
                .await
                .unwrap()
        })
    };
    assert_eq!(reserve(true), None);
    assert!(reserve(false).is_some());
}
