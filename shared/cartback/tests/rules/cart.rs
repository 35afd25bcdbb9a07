//! A cart's plan: when its stages fall due, what ends them, and how an order came about.

use cartback::cart::{ATTRIBUTION_WINDOW, Attribution, Cart, CartStatus};
use cartback::decide::SkipReason;
use cartback::event::{CartEvent, Change, CheckoutStep, Contents, Costs, Refund};
use cartback::ids::CartId;
use cartback::money::Money;
use cartback::policy::{Policy, StagePolicy, Window};
use cartback::reason::{Answer, Answered};
use cartback::sequence::{Evidence, Outcome, Phase, Sequence};
use cartback::stage::Stage;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::samples::{
    DAY, HOUR, MINUTE, SECOND, attempt, cart, cart_key, contents, event, noon, order, usd,
};

fn planned() -> Cart {
    let mut cart = cart("c1", "49.00");
    cart.plan(&Policy::default(), noon());
    cart
}

/// The sample cart with its nudge reserved by attempt 1.
fn reserved() -> Cart {
    let mut cart = planned();
    assert!(cart.sequence.reserve(attempt(1), noon() + HOUR));
    cart
}

fn apply(cart: &mut Cart, event: &CartEvent, now: Timestamp) {
    cart.apply(event, None, &Policy::default(), now);
}

fn skipped(reason: SkipReason) -> Outcome {
    Outcome::Skipped { reason }
}

#[test]
fn the_nudge_is_planned_once_there_is_someone_and_something_to_write_about() {
    let policy = Policy::default();
    let unplannable: [fn(&mut Cart); 5] = [
        |it| it.facts.person = None,
        |it| it.facts.contents = None,
        |it| it.facts.contents.as_mut().unwrap().value.lines.clear(),
        |it| it.facts.is_test = true,
        |it| {
            it.facts
                .apply(&event(noon() + SECOND, Change::CartDeleted), None)
        },
    ];
    for (n, change) in unplannable.into_iter().enumerate() {
        let mut cart = cart("c1", "49.00");
        change(&mut cart);
        cart.plan(&policy, noon());
        assert_eq!(cart.sequence.due(), None, "{n}");
        assert_eq!(cart.sequence.phase, Phase::Idle, "{n}");
    }
    let due_at = planned().stage_due_at(Stage::Nudge, &policy);
    assert_eq!(planned().sequence.due(), Some((Stage::Nudge, due_at)));
}

#[test]
fn a_cart_told_of_late_is_due_at_once() {
    let mut cart = cart("c1", "49.00");
    let now = noon() + HOUR * 2;
    cart.plan(&Policy::default(), now);
    assert_eq!(cart.sequence.due(), Some((Stage::Nudge, now)));
}

#[test]
fn activity_does_not_move_what_is_planned() {
    let mut cart = planned();
    let due = cart.sequence.due();
    apply(
        &mut cart,
        &event(noon() + MINUTE, Change::PaymentFailed),
        noon() + MINUTE,
    );
    assert_eq!(cart.sequence.due(), due);
}

#[test]
fn an_order_or_an_erasure_closes_the_sequence_in_the_same_write() {
    let now = noon() + MINUTE;
    for (event, reason) in [
        (order(now), SkipReason::OrderPlaced),
        (event(now, Change::ErasureRequested), SkipReason::Erased),
    ] {
        let mut cart = planned();
        apply(&mut cart, &event, now);
        assert_eq!(cart.sequence.phase, Phase::Done, "{reason:?}");
        let log = cart.sequence.outcome(Stage::Nudge).unwrap();
        assert_eq!((&log.outcome, log.at), (&skipped(reason), now));
    }
}

#[test]
fn a_cart_that_is_deleted_before_its_first_reminder_is_planned_anew_when_it_is_filled_again() {
    let mut cart = planned();
    let deleted = event(noon() + MINUTE, Change::CartDeleted);
    apply(&mut cart, &deleted, noon() + MINUTE);
    assert_eq!(cart.sequence, Sequence::default());
    let filled_at = noon() + HOUR * 5;
    let filled = event(filled_at, Change::CartUpdated(contents("9.00")));
    apply(&mut cart, &filled, filled_at);
    let due_at = cart.stage_due_at(Stage::Nudge, &Policy::default());
    assert!(filled_at < due_at);
    assert_eq!(cart.sequence.due(), Some((Stage::Nudge, due_at)));
}

#[test]
fn a_message_that_fills_and_deletes_a_cart_at_once_leaves_it_open() {
    let mut cart = cart("c1", "49.00");
    let at = noon() + MINUTE;
    for change in [Change::CartUpdated(contents("9.00")), Change::CartDeleted] {
        apply(&mut cart, &event(at, change), at);
    }
    assert_eq!(cart.facts.status(), CartStatus::Open);
}

#[test]
fn a_deletion_after_the_first_reminder_leaves_the_next_for_the_decision_to_end() {
    let mut mailed = reserved();
    let evidence = mailed.accept(Stage::Nudge, attempt(1), &Policy::default(), noon() + HOUR);
    assert_eq!(evidence, Evidence::Settled);
    for mut cart in [reserved(), mailed] {
        let due = cart.sequence.due();
        let deleted = event(noon() + HOUR, Change::CartDeleted);
        apply(&mut cart, &deleted, noon() + HOUR);
        assert_eq!(cart.sequence.due(), due);
    }
}

#[test]
fn an_order_during_a_send_leaves_the_send_and_ends_the_sequence_after_it() {
    let mut cart = reserved();
    let now = noon() + HOUR;
    apply(&mut cart, &order(now), now);
    assert!(cart.sequence.is_reserved_by(attempt(1)));
    let evidence = cart.accept(Stage::Nudge, attempt(1), &Policy::default(), now);
    assert_eq!(evidence, Evidence::Settled);
    assert_eq!(cart.sequence.phase, Phase::Done);
    let sent = Outcome::Sent {
        attempt: attempt(1),
    };
    assert_eq!(cart.sequence.outcome(Stage::Nudge).unwrap().outcome, sent);
}

#[test]
fn each_accepted_mail_plans_the_next_stage_from_the_last_activity() {
    let policy = Policy::default();
    let mut cart = planned();
    for stage in Stage::ALL {
        let (due, due_at) = cart.sequence.due().unwrap();
        assert_eq!((due, due_at), (stage, cart.stage_due_at(stage, &policy)));
        assert!(cart.sequence.reserve(attempt(1), due_at));
        let evidence = cart.accept(stage, attempt(1), &policy, due_at);
        assert_eq!(evidence, Evidence::Settled);
    }
    assert_eq!(cart.sequence.phase, Phase::Done);
    assert_eq!(cart.sequence.log.len(), 3);
}

#[test]
fn a_stage_that_ends_late_leaves_the_next_one_due_at_once() {
    let mut cart = reserved();
    let now = noon() + DAY;
    let evidence = cart.accept(Stage::Nudge, attempt(1), &Policy::default(), now);
    assert_eq!(evidence, Evidence::Settled);
    assert_eq!(cart.sequence.due(), Some((Stage::FollowUp, now)));
}

#[test]
fn repeated_evidence_changes_nothing() {
    let policy = Policy::default();
    let mut cart = reserved();
    let evidence = cart.accept(Stage::Nudge, attempt(1), &policy, noon() + HOUR);
    assert_eq!(evidence, Evidence::Settled);
    let settled = cart.clone();
    let evidence = cart.accept(Stage::Nudge, attempt(1), &policy, noon() + HOUR * 9);
    assert_eq!((evidence, &cart), (Evidence::Known, &settled));
}

#[test]
fn a_second_mail_of_a_stage_is_noted_once_and_changes_nothing_else() {
    let policy = Policy::default();
    let mut cart = reserved();
    let evidence = cart.accept(Stage::Nudge, attempt(1), &policy, noon() + HOUR);
    assert_eq!(evidence, Evidence::Settled);
    let mut expected = cart.clone();
    expected.sequence.log[0].duplicates = vec![attempt(2)];
    for news in [Evidence::Duplicate, Evidence::Known] {
        let evidence = cart.accept(Stage::Nudge, attempt(2), &policy, noon() + HOUR * 9);
        assert_eq!((evidence, &cart), (news, &expected));
        assert!(cart.sequence.is_sent_by(Stage::Nudge, attempt(2)));
    }
    let text = serde_json::to_string(&cart).unwrap();
    let mut read: Cart = serde_json::from_str(&text).unwrap();
    read.version = cart.version;
    assert_eq!(read, cart);
}

#[test]
fn a_cart_is_of_high_value_from_the_threshold_in_its_currency() {
    for (total, threshold, is_high_value) in [
        ("299.99", Some("300.00 USD"), false),
        ("300.00", Some("300.00 USD"), true),
        ("300.01", Some("300.00 USD"), true),
        ("300.00", Some("1.00 EUR"), false),
        ("300.00", None, false),
    ] {
        let policy = Policy {
            high_value_threshold: threshold.map(|text| text.parse().unwrap()),
            ..Policy::default()
        };
        let mut cart = cart("c1", total);
        assert_eq!(
            cart.is_high_value(&policy),
            is_high_value,
            "{total} {threshold:?}"
        );
        cart.facts.contents = None;
        assert!(!cart.is_high_value(&policy));
    }
}

#[test]
fn carts_spread_over_the_jitter_of_their_stage() {
    let policy = Policy::default();
    for (stage, minutes) in [(Stage::Nudge, 5), (Stage::FollowUp, 10), (Stage::Final, 10)] {
        let jitters = (0..2_000).map(|n| {
            let due_at = cart(&format!("c{n}"), "49.00").stage_due_at(stage, &policy);
            due_at.duration_since(noon() + policy.delay(stage, false))
        });
        let (least, most) = jitters.fold((DAY, -DAY), |(least, most), jitter| {
            (least.min(jitter), most.max(jitter))
        });
        let end = MINUTE * minutes;
        assert!(
            SignedDuration::ZERO <= least && least < SECOND * 5,
            "{stage} {least}"
        );
        assert!(end - SECOND * 5 < most && most < end, "{stage} {most}");
    }
}

/// A stage with a delay that the policy check accepts, down to the second.
fn delays() -> impl Strategy<Value = (Stage, bool, SignedDuration)> {
    let stages = (prop::sample::select(Stage::ALL.to_vec()), any::<bool>());
    stages.prop_flat_map(|(stage, is_high_value)| {
        let window = Window::of(stage, is_high_value);
        let tick = SignedDuration::from_mins(1);
        let latest = window.closes - Policy::default().jitter(stage) - tick;
        (window.opens.as_secs()..=latest.as_secs())
            .prop_map(move |delay_s| (stage, is_high_value, SignedDuration::from_secs(delay_s)))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_stage_of_every_cart_falls_due_within_its_window(
        (stage, is_high_value, delay) in delays(),
        id in "[!-~]{1,40}",
    ) {
        let mut policy = Policy { high_value_threshold: Some(usd("1.00")), ..Policy::default() };
        let rules = StagePolicy {
            enabled: true,
            delay: if is_high_value { Window::of(stage, false).opens } else { delay },
            delay_high_value: Some(delay).filter(|_| is_high_value),
            on_unknown: None,
        };
        match stage {
            Stage::Nudge => policy.nudge = rules,
            Stage::FollowUp => policy.follow_up = rules,
            Stage::Final => policy.r#final = rules,
        }
        prop_assert_eq!(policy.faults(), vec![]);
        let cart = cart(&id, if is_high_value { "1.00" } else { "0.99" });
        let idle = cart.stage_due_at(stage, &policy).duration_since(noon());
        let window = Window::of(stage, is_high_value);
        prop_assert!(window.opens <= idle && idle + SignedDuration::from_mins(1) < window.closes, "{idle}");
        prop_assert!(window.closes <= window.catch_up);
    }
}

#[test]
fn an_order_is_recovered_by_a_visit_of_the_seven_days_before_it() {
    let visited_at = noon();
    for (lead, expected) in [
        (-SECOND, Attribution::Ordered),
        (SignedDuration::ZERO, Attribution::Recovered),
        (DAY * 7, Attribution::Recovered),
        (DAY * 7 + SECOND, Attribution::Ordered),
    ] {
        let mut cart = cart("c1", "49.00");
        cart.restore(attempt(1), visited_at);
        assert_eq!(cart.facts.attribution(), None);
        cart.facts.apply(&order(visited_at + lead), None);
        assert_eq!(cart.facts.attribution(), Some(expected), "{lead}");
    }
    assert_eq!(ATTRIBUTION_WINDOW, DAY * 7);
}

#[test]
fn an_order_without_a_visit_is_no_claim_of_ours() {
    let mut cart = cart("c1", "49.00");
    cart.facts.apply(&order(noon() + HOUR), None);
    assert_eq!(cart.facts.attribution(), Some(Attribution::Ordered));
}

#[test]
fn looking_at_the_mail_again_after_the_order_takes_nothing_back() {
    let mut cart = cart("c1", "49.00");
    cart.restore(attempt(1), noon() + HOUR);
    cart.facts.apply(&order(noon() + HOUR * 2), None);
    cart.restore(attempt(1), noon() + HOUR * 3);
    assert_eq!(cart.facts.attribution(), Some(Attribution::Recovered));
}

#[test]
fn a_visit_told_after_its_order_still_counts() {
    let mut cart = cart("c1", "49.00");
    cart.facts.apply(&order(noon() + HOUR * 2), None);
    cart.restore(attempt(1), noon() + HOUR * 2);
    assert_eq!(cart.facts.attribution(), Some(Attribution::Recovered));
}

#[test]
fn the_latest_visit_is_kept_in_any_order_of_arrival() {
    for visits in [[(1, 1), (2, 2)], [(2, 2), (1, 1)]] {
        let mut cart = cart("c1", "49.00");
        for (n, hours) in visits {
            cart.restore(attempt(n), noon() + HOUR * hours);
        }
        let kept = cart.facts.restored.unwrap();
        assert_eq!((kept.attempt, kept.at), (attempt(2), noon() + HOUR * 2));
    }
}

#[test]
fn the_latest_answer_is_kept_in_any_order_of_arrival() {
    let answers = [(noon(), Answer::Payment), (noon() + HOUR, Answer::Deciding)];
    let [first, last] = answers.map(|(at, answer)| Answered { at, answer });
    for told in [[first, last], [last, first]] {
        let mut cart = cart("c1", "49.00");
        for answered in told {
            cart.answer(answered);
        }
        assert_eq!(cart.facts.answered, Some(last));
    }
}

#[test]
fn what_is_not_so_is_not_stored() {
    let text = serde_json::to_string(&planned()).unwrap();
    assert!(!text.contains("false") && !text.contains("null"), "{text}");
}

#[test]
fn an_erased_cart_keeps_its_key_and_outcomes_only() {
    let mut cart = reserved();
    cart.restore(attempt(1), noon());
    let _ = cart.accept(Stage::Nudge, attempt(1), &Policy::default(), noon() + HOUR);
    cart.erase(noon() + HOUR * 2);
    cart.restore(attempt(1), noon() + HOUR * 3);
    cart.answer(Answered {
        at: noon() + HOUR * 3,
        answer: Answer::Looking,
    });
    cart.facts.apply(&order(noon() + HOUR * 3), None);
    let mut blank = Cart::new(cart_key("c1"), CartId::erased(), Timestamp::UNIX_EPOCH);
    blank.facts.is_erased = true;
    blank.sequence = cart.sequence.clone();
    assert_eq!(cart, blank);
    assert_eq!(cart.facts.status(), CartStatus::Erased);
    let outcomes: Vec<_> = cart.sequence.log.iter().map(|log| &log.outcome).collect();
    let sent = Outcome::Sent {
        attempt: attempt(1),
    };
    assert_eq!(outcomes, [&sent, &skipped(SkipReason::Erased)]);
}

#[test]
fn a_stored_cart_reads_back_as_itself() {
    let mut full = reserved();
    let changes = [
        Change::StepReached {
            step: CheckoutStep::Shipping,
            costs: Some(Costs {
                shipping: Some(usd("4.99")),
                tax: None,
            }),
        },
        Change::PaymentPending,
        Change::OrderCancelled,
        Change::OrderRefunded(Refund {
            id: "r1".to_owned(),
            amount: Some(usd("1.00")),
        }),
        Change::CartDeleted,
    ];
    for change in changes {
        full.facts.apply(&event(noon(), change), None);
    }
    full.facts.apply(&order(noon()), None);
    full.facts.is_test = true;
    full.facts.note_names([&planned().key]);
    full.restore(attempt(1), noon());
    let mut erased = cart("c2", "1.00");
    erased.erase(noon());
    for cart in [full, erased, planned(), cart("c3", "1.00")] {
        let text = serde_json::to_string(&cart).unwrap();
        assert_eq!(serde_json::from_str::<Cart>(&text).unwrap(), cart, "{text}");
    }
}

#[test]
fn amounts_of_contents_are_in_their_currency() {
    let contents: Contents = contents("12.34");
    assert_eq!(contents.total(), usd("12.34"));
    let one = Money {
        minor: 1,
        ..usd("0")
    };
    assert_eq!(contents.money(1), one);
}

#[test]
fn a_cart_that_gave_way_is_planned_again_only_when_it_is_used_again() {
    let policy = Policy::default();
    let gave_way = || {
        let mut cart = planned();
        cart.sequence.close(SkipReason::NewerCart, noon() + HOUR);
        cart
    };
    let told = |at, change| event(at, change);
    let used_at = noon() + HOUR * 2;
    let used = told(used_at, Change::PaymentFailed);
    let mut cart = gave_way();
    apply(&mut cart, &used, used_at);
    let due_at = cart.stage_due_at(Stage::Nudge, &policy);
    assert!(used_at < due_at);
    assert_eq!(cart.sequence.due(), Some((Stage::Nudge, due_at)));
    for (event, name) in [
        (told(noon(), Change::PaymentFailed), "no later than before"),
        (told(noon() - HOUR, Change::PaymentFailed), "earlier"),
        (told(used_at, Change::OrderCancelled), "not the shopper"),
    ] {
        let mut cart = gave_way();
        apply(&mut cart, &event, used_at);
        assert_eq!(cart.sequence.due(), None, "{name}");
    }
    let mut cart = gave_way();
    apply(&mut cart, &order(noon() + HOUR), noon() + HOUR);
    apply(&mut cart, &used, used_at);
    assert_eq!(cart.sequence.due(), None, "an order has ended it");
}
