//! The story that people read: nothing is lost, every word exists, and nobody is named.

use std::collections::BTreeSet;

use cartback::cart::{Cart, Payment};
use cartback::consent::{ConsentBasis, ConsentState};
use cartback::contact::StopReason;
use cartback::decide::{Channel, Decision, DeferReason, SkipReason};
use cartback::entry::{DecisionRecord, Entry, What};
use cartback::event::{CartEvent, Change, CheckoutStep, Order, Refund};
use cartback::evidence::MailEventKind;
use cartback::offer::{Discount, Offer, OfferVerdict, Withheld};
use cartback::policy::Policy;
use cartback::sequence::Verdict;
use cartback::shop::Shop;
use cartback::stage::Stage;
use cartback::story::{skip_text, state, tell, why_idle};
use serde_json::{Value, json};

use crate::history::{DEFER_REASONS, MAIL_EVENTS, decided, lines, mailed, received, restored};
use crate::samples::{
    HOUR, SKIP_REASONS, attempt, cart, cart_key, consent, contact, contents, event, noon, order,
    usd,
};
use crate::settings::least;

/// What happened to a cart.
type Happened = fn(&mut Cart);

fn told(cart: &Cart, history: &[Entry]) -> Value {
    let shop = Shop::load(least()).unwrap();
    serde_json::to_value(tell(cart, Some(&contact()), &shop, history)).unwrap()
}

#[test]
fn every_reason_has_words_of_its_own() {
    let skips: BTreeSet<_> = SKIP_REASONS
        .iter()
        .map(|reason| skip_text(*reason))
        .collect();
    assert_eq!(skips.len(), SKIP_REASONS.len());
    let history: Vec<_> = DEFER_REASONS
        .map(|reason| {
            decided(
                noon(),
                Stage::Nudge,
                Decision::Defer {
                    until: noon() + HOUR,
                    reason,
                },
            )
        })
        .into();
    let story = told(&cart("c1", "49.00"), &history);
    let texts = story["decisions"].as_array().unwrap().iter();
    let texts: BTreeSet<_> = texts
        .map(|it| it["text"].as_str().unwrap())
        .chain(skips)
        .collect();
    assert_eq!(texts.len(), SKIP_REASONS.len() + DEFER_REASONS.len());
    assert!(
        texts
            .iter()
            .all(|text| text.ends_with('.') && 10 < text.len()),
        "{texts:?}"
    );
}

#[test]
fn a_decision_is_told_with_reason_time_and_attempt() {
    let until = noon() + HOUR;
    let skip = Decision::Skip {
        reason: SkipReason::NoConsent,
    };
    let defer = Decision::Defer {
        until,
        reason: DeferReason::TooSoon,
    };
    let history = [
        decided(noon(), Stage::Nudge, Decision::Send),
        decided(noon(), Stage::FollowUp, skip),
        decided(noon(), Stage::Final, defer),
        restored(noon()),
    ];
    let story = told(&cart("c1", "49.00"), &history);
    let row = |stage, decision, reason: Value, text, until: Value, attempt: Value| {
        json!({
            "at": noon(), "stage": stage, "decision": decision, "reason": reason, "text": text,
            "until": until, "attempt": attempt, "offer": null, "facts_digest": "0123456789abcdef",
        })
    };
    let expected = json!([
        row(
            "nudge",
            "send",
            Value::Null,
            "All rules allow it.",
            Value::Null,
            json!(attempt(1))
        ),
        row(
            "follow_up",
            "skip",
            json!("no_consent"),
            skip_text(SkipReason::NoConsent),
            Value::Null,
            Value::Null
        ),
        row(
            "final",
            "defer",
            json!("too_soon"),
            "The person got another mail a short while ago.",
            json!(until),
            Value::Null
        ),
    ]);
    assert_eq!(story["decisions"], expected);
}

#[test]
fn the_timeline_tells_in_words_what_happened_in_order_of_time() {
    let skip = Decision::Skip {
        reason: SkipReason::NoConsent,
    };
    let history = [
        restored(noon() + HOUR * 3),
        mailed(noon() + HOUR * 2, Stage::FollowUp, "soft_bounce"),
        decided(noon() + HOUR, Stage::FollowUp, Decision::Send),
        decided(noon() + HOUR, Stage::Final, skip),
        received(noon(), "evt-1", &["cart.updated", "contact.identified"]),
    ];
    let story = told(&cart("c1", "49.00"), &history);
    let row =
        |hours, kind, text| json!({ "at": noon() + HOUR * hours, "kind": kind, "text": text });
    let expected = json!([
        row(
            0,
            "cart.updated, contact.identified",
            "The cart changed. The shopper gave an address."
        ),
        row(
            1,
            "reminder.allowed",
            "All rules allowed the follow-up mail to leave."
        ),
        row(
            2,
            "mail.soft_bounce",
            "Temporary bounce of the follow-up mail."
        ),
        row(
            3,
            "cart.restored",
            "The shopper came back by the mail's link."
        ),
    ]);
    assert_eq!(story["timeline"], expected);
}

#[test]
fn every_event_and_mail_event_has_words() {
    let changes = [
        Change::CartUpdated(contents("1.00")),
        Change::ContactIdentified,
        Change::ConsentChanged(consent(ConsentState::Granted, ConsentBasis::Express)),
        Change::StepReached {
            step: CheckoutStep::Contact,
            costs: None,
        },
        Change::PaymentFailed,
        Change::PaymentPending,
        Change::OrderPlaced(Order {
            id: "o1".to_owned(),
            total: None,
        }),
        Change::OrderCancelled,
        Change::OrderRefunded(Refund {
            id: "r1".to_owned(),
            amount: None,
        }),
        Change::CartDeleted,
        Change::ErasureRequested,
    ];
    let kinds = changes.map(|change| event(noon(), change).kind());
    let mut history: Vec<_> = kinds
        .iter()
        .map(|kind| received(noon(), kind, &[kind]))
        .collect();
    // A send is told by its decision; SES's event of it adds no line.
    let mail_events = MAIL_EVENTS
        .iter()
        .filter(|kind| **kind != MailEventKind::Send);
    history.extend(mail_events.map(|kind| mailed(noon(), Stage::Nudge, kind.name())));
    history.push(mailed(noon(), Stage::Nudge, "duplicate"));
    let story = told(&cart("c1", "49.00"), &history);
    let rows = story["timeline"].as_array().unwrap();
    let texts: BTreeSet<_> = rows
        .iter()
        .map(|row| row["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts.len(), 19);
    assert!(
        texts
            .iter()
            .all(|text| !text.contains('_') && text.contains(' ') && text.ends_with('.')),
        "{texts:?}"
    );
}

#[test]
fn the_state_shows_the_cart_and_masks_the_person() {
    let shop = Shop::load(&format!(
        "{}policy.high_value_threshold = \"49.00 USD\"\n",
        least()
    ))
    .unwrap();
    let mut cart = cart("c1", "49.00");
    cart.facts.contents.as_mut().unwrap().value.lines[0].compare_at_minor = Some(5900);
    cart.facts.person.as_mut().unwrap().value.country = Some("DE".to_owned());
    let step = Change::StepReached {
        step: CheckoutStep::Shipping,
        costs: None,
    };
    cart.facts.apply(&event(noon(), step), None);
    cart.plan(&shop.policy, noon());
    let due_at = cart.stage_due_at(Stage::Nudge, &shop.policy);
    let shown = serde_json::to_value(state(&cart, Some(&contact()), &shop)).unwrap();
    let expected = json!({
        "shop": "demo", "cart": "c1", "status": "open", "contact": "a***@example.com",
        "consent": "granted", "country": "DE",
        "items": [{
            "id": "sku", "title": "Lantern", "variant": null, "quantity": 1, "price": "49.00",
            "compare_at_price": "59.00", "image_url": null, "url": null,
        }],
        "currency": "USD", "total": "49.00", "total_text": "$49.00", "savings_text": "$10.00",
        "created_at": noon(), "last_activity_at": noon(), "high_value": true,
        "sequence": { "stage": "nudge", "phase": "wait", "due_at": due_at, "log": [] },
        "order": null, "offers": [], "steps": ["contact", "address", "shipping"],
    });
    assert_eq!(shown, expected);
}

#[test]
fn the_state_of_a_cart_of_which_nothing_is_known_is_empty() {
    let cart = Cart::new(cart_key("c1"), "c1".parse().unwrap(), noon());
    let shown = serde_json::to_value(state(&cart, None, &Shop::load(least()).unwrap())).unwrap();
    for field in [
        "contact",
        "country",
        "currency",
        "total",
        "total_text",
        "savings_text",
        "order",
    ] {
        assert_eq!(shown[field], Value::Null, "{field}");
    }
    assert_eq!((&shown["items"], &shown["steps"]), (&json!([]), &json!([])));
    assert_eq!(shown["consent"], "unknown");
    let idle = json!({ "stage": null, "phase": "idle", "due_at": null, "log": [] });
    assert_eq!(shown["sequence"], idle);
}

#[test]
fn the_plan_shows_the_phase_and_how_each_stage_ended() {
    let policy = Policy::default();
    let shop = Shop::load(least()).unwrap();
    let mut cart = cart("c1", "49.00");
    cart.plan(&policy, noon());
    cart.sequence.skip(SkipReason::NoConsent, noon());
    cart.advance(&policy, noon());
    assert!(cart.sequence.reserve(attempt(1), noon()));
    let plan =
        |cart: &Cart| serde_json::to_value(state(cart, None, &shop)).unwrap()["sequence"].clone();
    let skipped =
        json!({ "stage": "nudge", "result": "skipped", "reason": "no_consent", "at": noon() });
    assert_eq!(
        (&plan(&cart)["phase"], &plan(&cart)["log"]),
        (&json!("sending"), &json!([skipped]))
    );
    let ends: [(&str, Happened); 3] = [
        ("sent", |it| {
            let _ = it.sequence.accept(Stage::FollowUp, attempt(1), noon());
        }),
        ("failed", |it| {
            let _ = it.sequence.reject(attempt(1), noon());
        }),
        ("presumed", |it| {
            let _ = it.sequence.expire(Verdict::Presume, noon());
        }),
    ];
    for (result, end) in ends {
        let mut cart = cart.clone();
        end(&mut cart);
        cart.sequence.close(SkipReason::Erased, noon());
        let ended = json!({ "stage": "follow_up", "result": result, "reason": null, "at": noon() });
        assert_eq!(plan(&cart)["log"][1], ended);
        assert_eq!(plan(&cart)["phase"], "done");
    }
}

#[test]
fn an_order_is_shown_with_how_it_came_about() {
    let mut cart = cart("c1", "49.00");
    cart.restore(attempt(1), noon());
    cart.facts.apply(&order(noon() + HOUR), None);
    let shown = serde_json::to_value(state(&cart, None, &Shop::load(least()).unwrap())).unwrap();
    let placed = json!({
        "id": "o1",
        "placed_at": noon() + HOUR,
        "attribution": "recovered",
        "total": "49.00",
        "net_total": "49.00",
        "cancelled": false,
    });
    assert_eq!(
        (&shown["order"], &shown["status"]),
        (&placed, &json!("ordered"))
    );
}

#[test]
fn an_idle_cart_says_why_nothing_is_planned() {
    let changes: [(&str, Happened); 7] = [
        ("it became an order", |it| {
            it.facts.apply(&order(noon()), None)
        }),
        ("its person asked to be forgotten", |it| {
            it.facts.is_erased = true
        }),
        ("the storefront deleted it", |it| {
            it.facts
                .apply(&event(noon() + HOUR, Change::CartDeleted), None);
        }),
        ("the storefront marked it as a test", |it| {
            let test = CartEvent {
                is_test: true,
                ..event(noon(), Change::PaymentFailed)
            };
            it.facts.apply(&test, None);
        }),
        ("no e-mail address is known", |it| it.facts.person = None),
        ("it is empty", |it| {
            it.facts.contents.as_mut().unwrap().value.lines.clear()
        }),
        ("it is empty", |it| it.facts.contents = None),
    ];
    for (why, change) in changes {
        let mut cart = cart("c1", "49.00");
        change(&mut cart);
        assert_eq!(why_idle(&cart), Some(why));
    }
    let mut planned = cart("c1", "49.00");
    planned.plan(&Policy::default(), noon());
    assert_eq!(why_idle(&planned), None);
    planned.sequence.close(SkipReason::Erased, noon());
    assert_eq!(why_idle(&planned), None);
}

#[test]
fn a_story_tells_nothing_of_the_person_but_a_masked_address() {
    let mut person = contact();
    person.stop(StopReason::Complained, noon());
    let cart = cart("c1", "49.00");
    let shop = Shop::load(least()).unwrap();
    let text = serde_json::to_string(&tell(&cart, Some(&person), &shop, &lines(noon()))).unwrap();
    assert!(!text.contains("ada@") && !text.contains("Ada"), "{text}");
}

#[test]
fn a_reminder_after_a_failed_payment_is_told_with_this_reason() {
    for (payment, text) in [
        (None, "All rules allow it."),
        (Some(Payment::Pending), "All rules allow it."),
        (
            Some(Payment::Failed),
            "All rules allow it, and the last payment failed.",
        ),
    ] {
        let record = DecisionRecord {
            stage: Stage::Nudge,
            decision: Decision::Send,
            payment,
            attempt: None,
            channel: Channel::Mail,
            offer: None,
            digest: String::new(),
        };
        let line = Entry::new(&cart("c1", "1.00").key, noon(), What::Decided(record));
        let story = told(&cart("c1", "49.00"), &[line]);
        assert_eq!(story["decisions"][0]["text"], text);
    }
}

#[test]
fn an_offer_is_told_with_its_worth_and_without_its_code() {
    let verdicts = [
        (
            OfferVerdict::Given(Discount::Percent(10)),
            "All rules allow it. It carries an offer of 10%.",
        ),
        (
            OfferVerdict::Withheld(Withheld::LeftAgain),
            "All rules allow it. It carries no offer: the person left this cart too soon after their last offer.",
        ),
    ];
    let mut cart = cart("c1", "49.00");
    cart.note_offer(Offer {
        stage: Stage::Final,
        at: noon(),
        discount: Discount::Percent(10),
        cost: usd("4.90"),
        code: "SECRET-1".parse().unwrap(),
        pool: None,
        expires_at: None,
    });
    for (verdict, text) in verdicts {
        let record = DecisionRecord {
            stage: Stage::Final,
            decision: Decision::Send,
            payment: None,
            attempt: None,
            channel: Channel::Mail,
            offer: Some(verdict),
            digest: String::new(),
        };
        let line = Entry::new(&cart.key, noon(), What::Decided(record));
        let story = told(&cart, &[line]);
        assert_eq!(story["decisions"][0]["text"], text);
        assert_eq!(story["state"]["offers"][0]["cost"], "$4.90");
        assert!(!story.to_string().contains("SECRET-1"));
    }
}

#[test]
fn an_order_is_shown_with_what_is_left_of_it() {
    let mut cart = cart("c1", "49.00");
    cart.facts.apply(&order(noon()), None);
    let refund = Refund {
        id: "r1".to_owned(),
        amount: Some(usd("9.00")),
    };
    cart.facts
        .apply(&event(noon(), Change::OrderRefunded(refund)), None);
    let story = told(&cart, &[]);
    assert_eq!(story["state"]["order"]["total"], "49.00");
    assert_eq!(story["state"]["order"]["net_total"], "40.00");
    assert_eq!(story["state"]["order"]["cancelled"], false);
}
