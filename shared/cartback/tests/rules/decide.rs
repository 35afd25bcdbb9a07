//! The rule book: each rule, its boundaries to the second, and which one wins.

use cartback::brake::{BRAKE_PAUSE, Brake};
use cartback::cart::Payment;
use cartback::consent::{ConsentBasis, ConsentState};
use cartback::contact::StopReason;
use cartback::decide::{Decision, DeferReason, SkipReason};
use cartback::event::Change;
use cartback::policy::{QuietHours, Window};
use cartback::stage::Stage;
use cartback::stamp::{Stamp, Stamped};
use jiff::SignedDuration;

use crate::samples::{
    DAY, HOUR, MINUTE, Moment, SECOND, SKIP_REASONS, answered, cart_key, defer, event, order, skip,
    usd,
};

/// What makes one rule fire, and the reason it gives.
type Obstacle = (Reason, fn(&mut Moment));

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Skip(SkipReason),
    Defer(DeferReason),
    None,
}

fn reason(decision: Decision) -> Reason {
    match decision {
        Decision::Send => Reason::None,
        Decision::Defer { reason, .. } => Reason::Defer(reason),
        Decision::Skip { reason } => Reason::Skip(reason),
    }
}

/// News of a payment under way came `ago`.
fn pending(moment: &mut Moment, ago: SignedDuration) {
    moment.cart.facts.payment = Some(Stamped {
        stamp: Stamp::new(moment.now - ago, "evt-payment"),
        value: Payment::Pending,
    });
}

/// Every obstacle but a full window, the strongest first.
const OBSTACLES: [Obstacle; 27] = [
    (Reason::Skip(SkipReason::Erased), |it| {
        it.cart.facts.is_erased = true;
    }),
    (Reason::Skip(SkipReason::OrderPlaced), |it| {
        it.cart.facts.apply(&order(it.now), None);
    }),
    (Reason::Skip(SkipReason::CartDeleted), |it| {
        let deleted = event(it.now - MINUTE, Change::CartDeleted);
        it.cart.facts.apply(&deleted, None);
    }),
    (Reason::Skip(SkipReason::TestSource), |it| {
        it.cart.facts.is_test = true;
    }),
    (Reason::Skip(SkipReason::Machine), |it| {
        it.cart.facts.is_machine = true;
    }),
    (Reason::Skip(SkipReason::OrderClaimed), |it| {
        it.cart.facts.order_claimed_at = Some(it.now);
    }),
    (Reason::Skip(SkipReason::Erased), |it| {
        it.contact.stop(StopReason::Erased, it.now);
    }),
    (Reason::Skip(SkipReason::Unsubscribed), |it| {
        it.contact.stop = None;
        it.contact.stop(StopReason::Unsubscribed, it.now);
    }),
    (Reason::Skip(SkipReason::Complained), |it| {
        it.contact.stop = None;
        it.contact.stop(StopReason::Complained, it.now);
    }),
    (Reason::Skip(SkipReason::Bounced), |it| {
        it.contact.stop(StopReason::Bounced, it.now);
    }),
    (Reason::Skip(SkipReason::OrderedElsewhere), |it| {
        it.contact.order(it.now);
    }),
    (Reason::Skip(SkipReason::Restored), |it| {
        it.restored_at = Some(it.now);
    }),
    (Reason::Skip(SkipReason::NewerCart), |it| {
        it.newer_cart = Some(cart_key("newer"));
    }),
    (Reason::Skip(SkipReason::NoContact), |it| {
        it.cart.facts.person = None;
    }),
    (Reason::Skip(SkipReason::DisposableAddress), |it| {
        if let Some(person) = &mut it.cart.facts.person {
            person.value.is_disposable = true;
        }
    }),
    (Reason::Skip(SkipReason::CartEmpty), |it| {
        it.cart.facts.contents.as_mut().unwrap().value.lines.clear();
    }),
    (Reason::Skip(SkipReason::StageDisabled), |it| {
        it.policy.nudge.enabled = false;
        it.policy.follow_up.enabled = false;
        it.policy.r#final.enabled = false;
    }),
    (Reason::Defer(DeferReason::NewerActivity), |it| {
        let back = event(it.now - MINUTE, Change::PaymentFailed);
        let (contents, payment) = (
            it.cart.facts.contents.clone(),
            it.cart.facts.payment.clone(),
        );
        it.cart.facts.apply(&back, None);
        (it.cart.facts.contents, it.cart.facts.payment) = (contents, payment);
    }),
    (Reason::Skip(SkipReason::WindowMissed), |it| {
        it.now = it.after(DAY * 4);
    }),
    (Reason::Skip(SkipReason::AskedToPause), |it| {
        it.contact.paused_until = Some(it.now + SECOND);
    }),
    (Reason::Skip(SkipReason::ConsentRefused), |it| {
        answered(it, ConsentState::Refused, ConsentBasis::Express);
    }),
    (Reason::Skip(SkipReason::NoConsent), |it| {
        it.contact.consent = None;
    }),
    (Reason::Defer(DeferReason::Bounces), |it| {
        it.brake = Some(Brake::Bounces {
            n_sent: 100,
            n_bounced: 6,
        });
    }),
    (Reason::Skip(SkipReason::WeeklyCap), |it| {
        for _ in 0..3 {
            it.mailed(it.now - DAY * 2);
        }
    }),
    (Reason::Defer(DeferReason::TooSoon), |it| {
        it.mailed(it.now - HOUR * 3);
    }),
    (Reason::Defer(DeferReason::PaymentPending), |it| {
        pending(it, MINUTE);
    }),
    (Reason::Defer(DeferReason::QuietHours), |it| {
        let local = it.now.to_zoned(it.shop_zone.clone()).time();
        it.policy.quiet_hours = Some(QuietHours {
            from: local,
            until: local + MINUTE,
        });
    }),
];

#[test]
fn nothing_in_the_way_means_send() {
    for stage in Stage::ALL {
        assert_eq!(Moment::due(stage).decide(), Decision::Send, "{stage}");
    }
}

#[test]
fn each_obstacle_alone_names_its_reason_at_every_stage() {
    for stage in Stage::ALL {
        for (expected, put) in OBSTACLES {
            let mut moment = Moment::due(stage);
            put(&mut moment);
            assert_eq!(reason(moment.decide()), expected, "{stage}");
        }
    }
}

#[test]
fn of_two_obstacles_the_stronger_one_is_named() {
    for (weak, (_, put_weak)) in OBSTACLES.iter().enumerate() {
        for (expected, put_strong) in &OBSTACLES[..weak] {
            let mut moment = Moment::due(Stage::FollowUp);
            put_weak(&mut moment);
            put_strong(&mut moment);
            let weak = OBSTACLES[weak].0;
            assert_eq!(reason(moment.decide()), *expected, "over {weak:?}");
        }
    }
}

#[test]
fn every_reason_to_skip_has_an_obstacle() {
    for expected in SKIP_REASONS {
        let is_covered = OBSTACLES
            .iter()
            .any(|(reason, _)| *reason == Reason::Skip(expected));
        assert!(
            is_covered || expected == SkipReason::NoFreeMoment,
            "{expected:?}"
        );
    }
}

#[test]
fn only_what_no_later_stage_could_overcome_ends_the_sequence() {
    let ending: Vec<_> = SKIP_REASONS
        .into_iter()
        .filter(|reason| reason.ends_sequence())
        .collect();
    let expected = [
        SkipReason::OrderPlaced,
        SkipReason::OrderedElsewhere,
        SkipReason::NewerCart,
        SkipReason::CartDeleted,
        SkipReason::Erased,
        SkipReason::Unsubscribed,
        SkipReason::Complained,
        SkipReason::Bounced,
        SkipReason::TestSource,
        SkipReason::Machine,
        SkipReason::OrderClaimed,
        SkipReason::Restored,
    ];
    assert_eq!(ending, expected);
}

#[test]
fn a_cart_whose_contents_were_never_told_counts_as_empty() {
    let mut moment = Moment::due(Stage::Nudge);
    moment.cart.facts.contents = None;
    assert_eq!(moment.decide(), skip(SkipReason::CartEmpty));
}

#[test]
fn only_the_stage_that_is_due_must_be_enabled() {
    for stage in Stage::ALL {
        let mut moment = Moment::due(stage);
        moment.policy.nudge.enabled = stage == Stage::Nudge;
        moment.policy.follow_up.enabled = stage == Stage::FollowUp;
        moment.policy.r#final.enabled = stage == Stage::Final;
        assert_eq!(moment.decide(), Decision::Send, "{stage}");
    }
}

#[test]
fn a_reminder_leaves_from_the_second_it_is_due() {
    for stage in Stage::ALL {
        let mut moment = Moment::due(stage);
        let due_at = moment.now;
        moment.now = due_at - SECOND;
        let later = defer(DeferReason::NewerActivity, due_at);
        assert_eq!(moment.decide(), later, "{stage}");
    }
}

#[test]
fn a_reminder_may_leave_up_to_the_last_second_of_the_catch_up() {
    for (stage, hours) in [(Stage::Nudge, 3), (Stage::FollowUp, 24), (Stage::Final, 72)] {
        let mut moment = Moment::due(stage);
        moment.now = moment.after(HOUR * hours);
        assert_eq!(moment.decide(), Decision::Send, "{stage}");
        moment.now += SECOND;
        let missed = skip(SkipReason::WindowMissed);
        assert_eq!(moment.decide(), missed, "{stage}");
    }
}

#[test]
fn the_last_mail_must_be_a_full_gap_ago() {
    for hours in [1, 4, 9] {
        let mut moment = Moment::due(Stage::Final);
        moment.policy.caps.gap = HOUR * hours;
        moment.mailed(moment.now - HOUR * hours);
        assert_eq!(moment.decide(), Decision::Send);
        moment.mailed(moment.now - HOUR * hours + SECOND);
        let free_at = moment.now + SECOND;
        assert_eq!(moment.decide(), defer(DeferReason::TooSoon, free_at));
    }
}

#[test]
fn the_week_holds_as_many_mails_as_the_shop_allows() {
    for per_week in 1..=3 {
        let mut moment = Moment::due(Stage::Final);
        moment.policy.caps.per_week = per_week;
        for _ in 1..per_week {
            moment.mailed(moment.now - DAY);
        }
        assert_eq!(moment.decide(), Decision::Send, "{per_week}");
        let mut full = moment.clone();
        full.mailed(moment.now - DAY * 7 + SECOND);
        assert_eq!(full.decide(), skip(SkipReason::WeeklyCap), "{per_week}");
        moment.mailed(moment.now - DAY * 7);
        assert_eq!(moment.decide(), Decision::Send, "{per_week}");
    }
}

#[test]
fn an_earlier_try_of_the_same_reminder_blocks_nothing() {
    let mut moment = Moment::due(Stage::FollowUp);
    moment.policy.caps.per_week = 1;
    let key = moment.cart.key.clone();
    moment
        .contact
        .note_mail(&key, Stage::FollowUp, moment.now - MINUTE);
    assert_eq!(moment.decide(), Decision::Send);
    moment
        .contact
        .note_mail(&key, Stage::Nudge, moment.now - MINUTE);
    assert_eq!(moment.decide(), skip(SkipReason::WeeklyCap));
}

#[test]
fn activity_up_to_an_hour_after_an_order_belongs_to_it() {
    let mut moment = Moment::due(Stage::Nudge);
    let last_activity_at = moment.after(SignedDuration::ZERO);
    moment.contact.order(last_activity_at - HOUR - SECOND);
    assert_eq!(moment.decide(), Decision::Send);
    moment.contact.order(last_activity_at - HOUR);
    assert_eq!(moment.decide(), skip(SkipReason::OrderedElsewhere));
}

#[test]
fn a_pending_payment_holds_for_an_hour_at_a_time_and_at_most_seven_days() {
    let mut moment = Moment::due(Stage::Final);
    pending(&mut moment, DAY * 7);
    assert_eq!(moment.decide(), Decision::Send);
    pending(&mut moment, DAY * 7 - SECOND);
    let next_look = moment.now + HOUR;
    assert_eq!(
        moment.decide(),
        defer(DeferReason::PaymentPending, next_look)
    );
}

#[test]
fn a_failed_payment_holds_nothing_back() {
    let mut moment = Moment::due(Stage::Nudge);
    pending(&mut moment, MINUTE);
    moment.cart.facts.payment.as_mut().unwrap().value = Payment::Failed;
    assert_eq!(moment.decide(), Decision::Send);
}

#[test]
fn a_wait_beyond_the_catch_up_limit_is_given_up() {
    let cases: [Obstacle; 3] = [
        (Reason::Defer(DeferReason::TooSoon), |it| {
            it.mailed(it.now - HOUR * 3)
        }),
        (Reason::Defer(DeferReason::PaymentPending), |it| {
            pending(it, SignedDuration::ZERO)
        }),
        (Reason::Defer(DeferReason::QuietHours), |it| {
            let local = it.now.to_zoned(it.shop_zone.clone()).time();
            it.policy.quiet_hours = Some(QuietHours {
                from: local,
                until: local + HOUR,
            });
        }),
    ];
    for (expected, put) in cases {
        let mut moment = Moment::due(Stage::Nudge);
        moment.now = moment.after(HOUR * 2);
        put(&mut moment);
        assert_eq!(reason(moment.decide()), expected);
        moment.now = moment.after(HOUR * 2) + SECOND;
        put(&mut moment);
        let given_up = skip(SkipReason::NoFreeMoment);
        assert_eq!(moment.decide(), given_up, "{expected:?}");
    }
}

#[test]
fn a_high_value_cart_waits_longer_from_exactly_the_threshold() {
    for (total, is_high_value) in [("299.99", false), ("300.00", true), ("300.01", true)] {
        for (stage, usual, longer) in [(Stage::FollowUp, 8, 16), (Stage::Final, 28, 44)] {
            let mut moment = Moment::due(stage);
            moment.cart = crate::samples::cart("c1", total);
            moment.policy.high_value_threshold = Some(usd("300.00"));
            let jitter = Moment::due(stage).now - Moment::due(stage).after(HOUR * usual);
            let jitter = SignedDuration::try_from(jitter).unwrap();
            moment.now = moment.after(HOUR * usual) + jitter;
            let due_at = moment.after(HOUR * longer) + jitter;
            let expected = if is_high_value {
                defer(DeferReason::NewerActivity, due_at)
            } else {
                Decision::Send
            };
            assert_eq!(moment.decide(), expected, "{total} {stage}");
        }
    }
}

#[test]
fn a_braked_reminder_is_looked_at_again_until_its_window_ends() {
    for stage in Stage::ALL {
        let mut moment = Moment::due(stage);
        moment.brake = Some(Brake::Restored);
        let later = defer(DeferReason::Restored, moment.now + BRAKE_PAUSE);
        assert_eq!(moment.decide(), later, "{stage}");
        let catch_up = Window::of(stage, false).catch_up;
        moment.now = moment.after(catch_up - BRAKE_PAUSE);
        let last = defer(DeferReason::Restored, moment.after(catch_up));
        assert_eq!(moment.decide(), last, "{stage}");
        moment.now += SECOND;
        assert_eq!(moment.decide(), skip(SkipReason::NoFreeMoment), "{stage}");
    }
}

#[test]
fn after_a_restore_only_carts_with_later_activity_are_reminded() {
    let mut moment = Moment::due(Stage::Nudge);
    moment.restored_at = Some(moment.after(SignedDuration::ZERO));
    assert_eq!(moment.decide(), skip(SkipReason::Restored));
    moment.restored_at = Some(moment.after(-SECOND));
    assert_eq!(moment.decide(), Decision::Send);
}

#[test]
fn a_pending_payment_blocks_a_failed_one_does_not_and_an_order_ends_all_in_any_order_of_arrival() {
    let pending = |at| event(at, Change::PaymentPending);
    let failed = |at| event(at, Change::PaymentFailed);
    let due = Moment::due(Stage::Nudge);
    let [first, second, third] = [MINUTE, MINUTE * 2, MINUTE * 3].map(|after| due.after(after));
    for (news, expected) in [
        (
            [pending(first), failed(second), pending(third)],
            Reason::Defer(DeferReason::PaymentPending),
        ),
        (
            [failed(first), pending(second), failed(third)],
            Reason::None,
        ),
        ([failed(first), failed(second), failed(third)], Reason::None),
        (
            [pending(first), failed(second), order(third)],
            Reason::Skip(SkipReason::OrderPlaced),
        ),
        (
            [order(first), pending(second), failed(third)],
            Reason::Skip(SkipReason::OrderPlaced),
        ),
    ] {
        for arrival in [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ] {
            let mut it = due.clone();
            for n in arrival {
                it.cart.facts.apply(&news[n], None);
            }
            it.now = it.cart.stage_due_at(Stage::Nudge, &it.policy);
            assert_eq!(reason(it.decide()), expected, "{news:?} {arrival:?}");
        }
    }
}
