//! The nudge as a notification: which way is decided, one cap over both ways, and no second reminder.

use cartback::cart::Cart;
use cartback::decide::{Channel, Decision, Facts, SkipReason, channel, decide};
use cartback::entry::What;
use cartback::event::Change;
use cartback::memory::MemoryStore;
use cartback::policy::OnUnknown;
use cartback::ports::{CartStore, PushError, Write};
use cartback::push::{PushState, PushSubscription};
use cartback::remind::Reminded;
use cartback::sequence::{EVIDENCE_WAIT, Outcome};
use cartback::stage::Stage;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::desk::{Desk, run};
use crate::samples::{HOUR, MINUTE, Moment, attempt, cart, cart_key, contact, event, noon};

/// Where the sample cart's browser takes notifications.
fn subscription() -> PushSubscription {
    let told = r#"{"endpoint": "https://fcm.googleapis.com/fcm/send/abc", "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg"}}"#;
    serde_json::from_str(told).unwrap()
}

/// The same browser, under another address of its push service.
fn other_subscription() -> PushSubscription {
    let told = serde_json::to_string(&subscription()).unwrap();
    serde_json::from_str(&told.replace("/send/abc", "/send/def")).unwrap()
}

fn allowed(mut cart: Cart) -> Cart {
    let allowed = event(noon() - MINUTE, Change::PushAllowed(subscription()));
    cart.facts.apply(&allowed, None);
    cart
}

/// A shop that notifies, with the sample cart in a browser that takes notifications.
fn desk() -> Desk {
    let mut desk = Desk::empty();
    desk.shop.policy.push = true;
    let mut cart = allowed(cart("c1", "49.00"));
    cart.plan(&desk.shop.policy, noon());
    desk.put(Some(cart), Some(contact()));
    desk
}

/// Works off the cart's next stage when it is due.
fn next(desk: &Desk) -> Reminded {
    let (_, due_at) = desk.cart(&cart_key("c1")).sequence.due().unwrap();
    desk.remind_of_due(&cart_key("c1"), due_at)
}

fn moment(stage: Stage) -> Moment {
    let mut moment = Moment::due(stage);
    moment.policy.push = true;
    moment.cart = allowed(moment.cart);
    moment
}

fn way(moment: &Moment) -> Channel {
    let facts = Facts {
        cart: &moment.cart,
        contact: &moment.contact,
        stage: moment.stage,
        shop_zone: &moment.shop_zone,
        brake: None,
        restored_at: None,
        newer_cart: None,
    };
    assert_eq!(decide(&facts, &moment.policy, moment.now), Decision::Send);
    channel(&facts, &moment.policy)
}

#[test]
fn only_a_first_nudge_of_a_shop_that_notifies_goes_to_a_browser_that_takes_it() {
    assert_eq!(way(&moment(Stage::Nudge)), Channel::Push);
    assert_eq!(way(&moment(Stage::FollowUp)), Channel::Mail);
    assert_eq!(way(&moment(Stage::Final)), Channel::Mail);
    let obstacles: [fn(&mut Moment); 4] = [
        |it| it.policy.push = false,
        |it| it.cart.facts.push = None,
        |it| assert!(it.cart.facts.note_push_gone(&subscription())),
        |it| {
            it.cart.sequence.arm(it.now);
            assert!(it.cart.sequence.reserve(attempt(1), it.now));
            assert!(it.cart.sequence.refuse(attempt(1), it.now));
        },
    ];
    for (n, obstacle) in obstacles.into_iter().enumerate() {
        let mut it = moment(Stage::Nudge);
        obstacle(&mut it);
        assert_eq!(way(&it), Channel::Mail, "{n}");
    }
}

#[test]
fn a_notification_is_decided_on_reserved_noted_and_logged_like_a_mail() {
    let desk = desk();
    assert_eq!(next(&desk), Reminded::Pushed);
    assert!(desk.mails.lock().unwrap().is_empty());
    let push = desk.pushes.lock().unwrap()[0].clone();
    let sent = Outcome::Sent {
        attempt: push.attempt,
    };
    let cart = desk.cart(&cart_key("c1"));
    assert_eq!(cart.sequence.outcome(Stage::Nudge).unwrap().outcome, sent);
    assert_eq!(desk.contact(&contact().key).mails.len(), 1);
    let ways: Vec<_> = desk
        .lines(&cart_key("c1"))
        .into_iter()
        .filter_map(|what| match what {
            What::Decided(record) => Some((record.channel, record.attempt)),
            _ => None,
        })
        .collect();
    assert_eq!(ways, [(Channel::Push, Some(push.attempt))]);
    // The follow-up is a mail.
    assert_eq!(next(&desk), Reminded::Sent);
}

#[test]
fn a_notification_tells_no_name_no_address_and_no_item() {
    let desk = desk();
    next(&desk);
    let push = desk.pushes.lock().unwrap()[0].clone();
    assert_eq!(push.sender, "mailto:help@shop.example");
    let told = serde_json::to_string(&push.notice).unwrap();
    for personal in ["Ada", "ada@", "Lantern", "49"] {
        assert!(
            !told.replace(&push.notice.url, "").contains(personal),
            "{told}"
        );
    }
    assert!(
        push.notice
            .url
            .starts_with("https://links.shop.example/restore/")
    );
    assert!(!format!("{push:?}").contains("/restore/"));
}

#[test]
fn a_notification_counts_for_the_caps_of_mails_and_they_for_it() {
    let desk = desk();
    next(&desk);
    let other = {
        let mut other = cart("c2", "49.00");
        other.plan(&desk.shop.policy, noon());
        other
    };
    let key = other.key.clone();
    let mut person = desk.contact(&contact().key);
    person.own(&key);
    desk.put(Some(other), Some(person));
    let (_, due_at) = desk.cart(&key).sequence.due().unwrap();
    let reminded = desk.remind_of_due(&key, due_at + MINUTE);
    let ended = desk.cart(&key).sequence.outcome(Stage::Nudge).cloned();
    let reason = SkipReason::NoFreeMoment;
    assert_eq!(reminded, Reminded::Skipped);
    assert_eq!(ended.unwrap().outcome, Outcome::Skipped { reason });
}

#[test]
fn a_browser_that_is_gone_is_forgotten_and_the_nudge_goes_by_mail() {
    let mut desk = desk();
    desk.push_answer = |_| Err(PushError::Gone);
    assert_eq!(next(&desk), Reminded::Refused);
    let cart = desk.cart(&cart_key("c1"));
    assert_eq!(cart.facts.push.unwrap().value, PushState::Gone);
    assert_eq!(next(&desk), Reminded::Sent);
    assert_eq!(desk.pushes.lock().unwrap().len(), 1);
    // A repeat of what the page told does not bring it back; a later permission does.
    let mut cart = desk.cart(&cart_key("c1"));
    for (at, is_back) in [(noon() - MINUTE, false), (noon() + HOUR, true)] {
        let told = event(at, Change::PushAllowed(subscription()));
        cart.facts.apply(&told, None);
        assert_eq!(cart.facts.subscription().is_some(), is_back);
    }
}

/// The browser subscribes anew while its old subscription is written to.
fn subscribe_anew(store: &MemoryStore) {
    let mut cart = run(store.cart(&cart_key("c1"))).unwrap().unwrap();
    let anew = event(noon() + HOUR, Change::PushAllowed(other_subscription()));
    cart.facts.apply(&anew, None);
    let write = Write {
        cart: Some(cart),
        ..Write::default()
    };
    run(store.write(&write)).unwrap();
}

#[test]
fn a_subscription_that_came_meanwhile_is_not_forgotten_for_the_dead_one() {
    let mut desk = desk();
    desk.push_answer = |store| {
        subscribe_anew(store);
        Err(PushError::Gone)
    };
    assert_eq!(next(&desk), Reminded::Refused);
    let cart = desk.cart(&cart_key("c1"));
    assert_eq!(cart.facts.subscription(), Some(&other_subscription()));
    assert_eq!(next(&desk), Reminded::Sent);
}

#[test]
fn a_refused_notification_is_followed_by_a_mail_and_not_by_a_second_one() {
    let mut desk = desk();
    desk.push_answer = |_| Err(PushError::Refused("429".into()));
    assert_eq!(next(&desk), Reminded::Refused);
    assert_eq!(next(&desk), Reminded::Sent);
    assert_eq!(desk.pushes.lock().unwrap().len(), 1);
}

#[test]
fn silence_about_a_notification_is_never_followed_by_a_mail() {
    for on_unknown in [OnUnknown::Presume, OnUnknown::Resend] {
        let mut desk = desk();
        desk.shop.policy.on_unknown = on_unknown;
        desk.push_answer = |_| Err(PushError::Unknown("no answer".into()));
        assert_eq!(next(&desk), Reminded::Unknown);
        let (_, due_at) = desk.cart(&cart_key("c1")).sequence.due().unwrap();
        let at = due_at.max(noon() + EVIDENCE_WAIT);
        assert_eq!(desk.remind_of_due(&cart_key("c1"), at), Reminded::Presumed);
        assert!(desk.mails.lock().unwrap().is_empty());
    }
}

/// What `stored` is when it is read again.
fn read_again<T: Serialize + DeserializeOwned>(stored: &T) -> T {
    serde_json::from_value(serde_json::to_value(stored).unwrap()).unwrap()
}

#[test]
fn the_way_is_stored_so_that_silence_about_a_notification_stays_that() {
    let mut desk = desk();
    desk.push_answer = |_| Err(PushError::Unknown("no answer".into()));
    assert_eq!(next(&desk), Reminded::Unknown);
    let cart = read_again(&desk.cart(&cart_key("c1")));
    assert_eq!(cart.sequence.pending().unwrap().channel, Channel::Push);
    let lines = desk.lines(&cart_key("c1"));
    assert_eq!(read_again(&lines), lines);
}

#[test]
fn an_order_while_the_nudge_waits_stops_the_notification() {
    let desk = desk();
    let (_, due_at) = desk.cart(&cart_key("c1")).sequence.due().unwrap();
    let mut cart = desk.cart(&cart_key("c1"));
    cart.facts.apply(&crate::samples::order(noon()), None);
    desk.put(Some(cart), None);
    let end = desk.remind_of_due(&cart_key("c1"), due_at);
    assert_eq!(end, Reminded::Skipped);
    assert!(desk.pushes.lock().unwrap().is_empty());
}

#[test]
fn a_subscription_is_no_activity_and_goes_with_the_erasure() {
    let before = cart("c1", "49.00");
    let mut with = allowed(before.clone());
    assert_eq!(
        with.facts.last_activity_at(),
        before.facts.last_activity_at()
    );
    with.erase(noon());
    assert_eq!(with.facts.push, None);
}
