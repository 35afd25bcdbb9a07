//! What a change of state means to other systems: which facts, with which ids, and nothing personal.

use cartback::cart::Cart;
use cartback::contact::StopReason;
use cartback::decide::SkipReason;
use cartback::event::{Change, CheckoutStep, Refund};
use cartback::fact::{Fact, FactKind, facts_of_cart, facts_of_contact, facts_of_request};
use cartback::policy::Policy;
use cartback::request::{Asked, Request};
use cartback::sequence::{Expiry, Verdict};
use cartback::stage::Stage;
use jiff::Timestamp;
use serde_json::json;

use crate::samples::{DAY, HOUR, SKIP_REASONS, attempt, cart, contact, event, noon, order, usd};

/// What ends the nudge of a reserved cart.
type Ending = fn(&mut Cart);

fn one() -> Timestamp {
    noon() + HOUR
}

fn waiting() -> Cart {
    let mut cart = cart("c1", "49.00");
    cart.plan(&Policy::default(), noon());
    cart
}

fn reserved() -> Cart {
    let mut cart = waiting();
    assert!(cart.sequence.reserve(attempt(1), one()));
    cart
}

fn sent() -> Cart {
    let mut cart = reserved();
    let _ = cart.accept(Stage::Nudge, attempt(1), &Policy::default(), one());
    cart
}

fn kinds(facts: &[Fact]) -> Vec<FactKind> {
    facts.iter().map(|fact| fact.kind).collect()
}

#[test]
fn each_end_of_a_stage_is_told_with_its_result() {
    let endings: [(FactKind, &str, Ending); 4] = [
        (FactKind::ReminderSent, "sent", |it| {
            let _ = it.sequence.accept(Stage::Nudge, attempt(1), one());
        }),
        (FactKind::ReminderSent, "presumed", |it| {
            assert_eq!(
                it.sequence.expire(Verdict::Presume, one()),
                Expiry::Presumed
            );
        }),
        (FactKind::ReminderFailed, "failed", |it| {
            assert!(it.sequence.reject(attempt(1), one()));
        }),
        (FactKind::ReminderSkipped, "no_consent", |it| {
            assert!(it.sequence.release(attempt(1), one()));
            it.sequence.skip(SkipReason::NoConsent, one());
        }),
    ];
    for (kind, result, end) in endings {
        let (old, mut new) = (reserved(), reserved());
        end(&mut new);
        let facts = facts_of_cart(Some(&old), &new);
        assert_eq!(kinds(&facts), [FactKind::CartAbandoned, kind], "{result}");
        let expected = Fact {
            id: format!("{}-nudge-{}", new.key, kind.name()),
            kind,
            time: one(),
            detail: json!({ "shop": "demo", "cart": new.key, "stage": "nudge", "result": result }),
        };
        assert_eq!(facts[1], expected);
    }
}

#[test]
fn every_reason_to_skip_is_told_by_its_name() {
    for reason in SKIP_REASONS {
        let (old, mut new) = (waiting(), waiting());
        new.sequence.skip(reason, one());
        let facts = facts_of_cart(Some(&old), &new);
        assert_eq!(facts[1].detail["result"], json!(reason));
    }
}

#[test]
fn a_cart_is_abandoned_when_its_nudge_ends_and_only_then() {
    let (old, mut new) = (reserved(), sent());
    let step = Change::StepReached {
        step: CheckoutStep::Shipping,
        costs: None,
    };
    new.facts.apply(&event(noon(), step), None);
    let facts = facts_of_cart(Some(&old), &new);
    let expected = Fact {
        id: format!("{}-abandoned", new.key),
        kind: FactKind::CartAbandoned,
        time: one(),
        detail: json!({
            "shop": "demo",
            "cart": new.key,
            "last_activity_at": "2026-07-01T12:00:00Z",
            "total": "49.00",
            "currency": "USD",
            "n_items": 1,
            "payment": null, "step": "shipping",
        }),
    };
    assert_eq!(facts[0], expected);
    let mut later = sent();
    later.sequence.skip(SkipReason::WindowMissed, one() + DAY);
    let facts = facts_of_cart(Some(&sent()), &later);
    assert_eq!(kinds(&facts), [FactKind::ReminderSkipped]);
}

#[test]
fn what_an_order_or_an_erasure_ends_was_not_abandoned() {
    for change in [order(one()), event(one(), Change::ErasureRequested)] {
        let mut new = waiting();
        new.apply(&change, None, &Policy::default(), one());
        let facts = facts_of_cart(Some(&waiting()), &new);
        assert_eq!(kinds(&facts), [FactKind::ReminderSkipped], "{change:?}");
    }
}

#[test]
fn a_change_of_something_else_repeats_no_fact() {
    let mut recovered = sent();
    recovered.restore(attempt(1), one());
    recovered.facts.apply(&order(one()), None);
    for cart in [waiting(), reserved(), sent(), recovered] {
        let mut new = cart.clone();
        new.facts
            .apply(&event(noon() + HOUR, Change::PaymentFailed), None);
        assert_eq!(facts_of_cart(Some(&cart), &new), vec![]);
    }
    assert_eq!(facts_of_cart(None, &waiting()), vec![]);
}

#[test]
fn the_same_change_makes_the_same_facts_and_different_facts_have_different_ids() {
    let (old, mut new) = (waiting(), sent());
    new.restore(attempt(1), one());
    new.facts.apply(&order(one()), None);
    let _ = new
        .sequence
        .accept(Stage::FollowUp, attempt(2), one() + DAY);
    let facts = facts_of_cart(Some(&old), &new);
    assert_eq!(facts, facts_of_cart(Some(&old), &new));
    let ids: std::collections::BTreeSet<_> = facts.iter().map(|fact| &fact.id).collect();
    assert_eq!(ids.len(), facts.len());
}

#[test]
fn late_evidence_tells_of_the_mail_that_was_thought_skipped() {
    let mut skipped = waiting();
    skipped.sequence.skip(SkipReason::WindowMissed, one());
    let mut known = skipped.clone();
    let _ = known
        .sequence
        .accept(Stage::Nudge, attempt(1), one() + HOUR);
    let facts = facts_of_cart(Some(&skipped), &known);
    assert_eq!(kinds(&facts), [FactKind::ReminderSent]);
}

#[test]
fn an_order_after_a_visit_is_told_as_recovered_once() {
    let mut old = sent();
    old.restore(attempt(1), one());
    let mut new = old.clone();
    new.facts.apply(&order(one() + HOUR), None);
    let expected = Fact {
        id: format!("{}-recovered", new.key),
        kind: FactKind::CartRecovered,
        time: one() + HOUR,
        detail: json!({ "shop": "demo", "cart": new.key, "total": "49.00", "currency": "USD" }),
    };
    assert_eq!(facts_of_cart(Some(&old), &new), [expected]);
    assert_eq!(facts_of_cart(Some(&new), &new), vec![]);
}

#[test]
fn what_takes_from_the_worth_of_an_order_is_told_once_the_order_is_known() {
    let refund = |id: &str, amount: &str| {
        Change::OrderRefunded(Refund {
            id: id.to_owned(),
            amount: Some(usd(amount)),
        })
    };
    let mut unordered = sent();
    unordered.restore(attempt(1), one());
    unordered
        .facts
        .apply(&event(one() + DAY, refund("r1", "9.00")), None);
    assert_eq!(facts_of_cart(Some(&sent()), &unordered), vec![]);
    let mut ordered = unordered.clone();
    ordered.facts.apply(&order(one() + HOUR), None);
    let told = facts_of_cart(Some(&unordered), &ordered);
    assert_eq!(
        kinds(&told),
        [FactKind::CartRecovered, FactKind::OrderRefunded]
    );
    let detail = json!({
        "shop": "demo",
        "cart": ordered.key,
        "recovered": true,
        "amount": "9.00",
        "net_total": "40.00",
        "currency": "USD",
    });
    assert_eq!((told[1].time, &told[1].detail), (one() + DAY, &detail));
    let mut more = ordered.clone();
    more.facts
        .apply(&event(one() + DAY, refund("r1", "9.00")), None);
    assert_eq!(facts_of_cart(Some(&ordered), &more), vec![]);
    more.facts
        .apply(&event(one() + DAY, refund("r2", "1.00")), None);
    more.facts
        .apply(&event(one() + DAY, Change::OrderCancelled), None);
    let told = facts_of_cart(Some(&ordered), &more);
    assert_eq!(
        kinds(&told),
        [FactKind::OrderCancelled, FactKind::OrderRefunded]
    );
    assert!(
        told.iter().all(|fact| fact.detail["net_total"] == "0.00"),
        "{told:?}"
    );
    assert_ne!(told[0].id, told[1].id);
}

#[test]
fn a_request_to_the_operator_is_told_once_and_names_a_person_by_key() {
    let request = |asked| Request {
        shop: "demo".parse().unwrap(),
        id: "msg-1".to_owned(),
        at: noon(),
        asked,
    };
    let data = request(Asked::PersonsData(contact().key));
    let told = facts_of_request(None, &data);
    assert_eq!(kinds(&told), [FactKind::DataRequested]);
    assert_eq!(
        told[0].detail,
        json!({ "shop": "demo", "contact": contact().key })
    );
    assert_eq!(facts_of_request(Some(&data), &data), vec![]);
    let told = facts_of_request(None, &request(Asked::ShopErasure));
    assert_eq!(kinds(&told), [FactKind::ShopErasureRequested]);
}

#[test]
fn an_order_without_a_visit_is_not_told_as_recovered() {
    let mut new = sent();
    new.facts.apply(&order(one()), None);
    assert_eq!(facts_of_cart(Some(&sent()), &new), vec![]);
}

#[test]
fn a_visit_proves_the_mail_before_its_evidence_comes() {
    let mut presumed = reserved();
    assert_eq!(
        presumed.sequence.expire(Verdict::Presume, one()),
        Expiry::Presumed
    );
    for mut old in [reserved(), presumed] {
        old.restore(attempt(1), one());
        let mut new = old.clone();
        new.facts.apply(&order(one() + HOUR), None);
        let facts = facts_of_cart(Some(&old), &new);
        assert_eq!(kinds(&facts), [FactKind::CartRecovered]);
    }
}

#[test]
fn a_visit_stored_after_its_order_is_told_as_recovered() {
    let mut old = sent();
    old.facts.apply(&order(one() + HOUR), None);
    let mut new = old.clone();
    new.restore(attempt(1), one());
    let facts = facts_of_cart(Some(&old), &new);
    assert_eq!(kinds(&facts), [FactKind::CartRecovered]);
}

#[test]
fn every_stop_is_told_once() {
    for (reason, name) in [
        (StopReason::Unsubscribed, "unsubscribed"),
        (StopReason::AllMail, "all_mail"),
        (StopReason::Complained, "complained"),
        (StopReason::Bounced, "bounced"),
        (StopReason::Erased, "erased"),
    ] {
        let mut new = contact();
        new.stop(reason, one());
        let expected = Fact {
            id: format!("{}-suppressed-{name}", new.key),
            kind: FactKind::ContactSuppressed,
            time: one(),
            detail: json!({ "shop": "demo", "contact": new.key, "reason": name }),
        };
        let facts = facts_of_contact(Some(&contact()), &new);
        assert_eq!(facts, [expected]);
        assert_eq!(facts_of_contact(None, &new), facts);
        let mut later = new.clone();
        later.order(one());
        assert_eq!(facts_of_contact(Some(&new), &later), vec![]);
    }
    assert_eq!(facts_of_contact(None, &contact()), vec![]);
}

#[test]
fn an_erasure_after_another_stop_is_news_of_its_own() {
    let mut old = contact();
    old.stop(StopReason::Unsubscribed, one());
    let mut new = old.clone();
    new.erase(one() + HOUR);
    let before = facts_of_contact(None, &old);
    let after = facts_of_contact(Some(&old), &new);
    assert_eq!((before.len(), after.len()), (1, 1));
    assert_ne!(before[0].id, after[0].id);
}

#[test]
fn a_fact_tells_nothing_personal() {
    let mut new = sent();
    new.restore(attempt(1), one());
    new.facts.apply(&order(one()), None);
    let mut stopped = contact();
    stopped.stop(StopReason::Complained, one());
    let mut facts = facts_of_cart(None, &sent());
    facts.extend(facts_of_cart(None, &new));
    facts.extend(facts_of_contact(None, &stopped));
    assert_eq!(facts.len(), 5);
    let text = serde_json::to_string(&facts).unwrap();
    for personal in ["ada", "example.com", "Lantern", "\"c1\"", "o1"] {
        assert!(
            !text.to_lowercase().contains(&personal.to_lowercase()),
            "{personal}: {text}"
        );
    }
}

#[test]
fn a_fact_names_its_kind_as_the_bus_does() {
    for kind in [
        FactKind::CartAbandoned,
        FactKind::ReminderSent,
        FactKind::ReminderSkipped,
        FactKind::CartRecovered,
        FactKind::OrderCancelled,
        FactKind::OrderRefunded,
        FactKind::ContactSuppressed,
        FactKind::DataRequested,
        FactKind::ShopErasureRequested,
    ] {
        assert_eq!(json!(kind), json!(kind.name()));
    }
}
