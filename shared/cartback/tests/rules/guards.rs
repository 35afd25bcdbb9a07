//! The rule book said a second time, in other words, and compared with the first on any facts.

use cartback::cart::Payment;
use cartback::consent::{ConsentBasis, ConsentState};
use cartback::contact::StopReason;
use cartback::decide::Decision;
use cartback::event::Change;
use cartback::policy::{Caps, ConsentMode, Policy, QuietHours};
use cartback::stage::Stage;
use cartback::stamp::{Stamp, Stamped};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;

use crate::samples::{DAY, HOUR, Moment, answered, event, noon, order};

/// Idle time from which a stage may ever leave, and until which it may.
fn limits(stage: Stage) -> (SignedDuration, SignedDuration) {
    match stage {
        Stage::Nudge => (SignedDuration::from_mins(30), HOUR * 3),
        Stage::FollowUp => (HOUR * 6, HOUR * 24),
        Stage::Final => (HOUR * 24, HOUR * 72),
    }
}

fn agreed(moment: &Moment) -> bool {
    let held = moment.contact.consent.as_ref().map(|held| &held.value);
    let state = held.map_or(ConsentState::Unknown, |held| held.state);
    let basis = held.map_or(ConsentBasis::None, |held| held.basis);
    let said_yes = state == ConsentState::Granted
        && [ConsentBasis::Express, ConsentBasis::DoubleOptIn].contains(&basis);
    let by_sale = state != ConsentState::Refused && basis == ConsentBasis::SoftOptIn;
    match moment.policy.consent {
        ConsentMode::Required => said_yes,
        ConsentMode::SoftOptIn => said_yes || by_sale,
        ConsentMode::OptOut => state != ConsentState::Refused,
    }
}

fn is_awake(moment: &Moment) -> bool {
    let Some(quiet) = moment.policy.quiet_hours else {
        return true;
    };
    let second = |time: Time| time.duration_since(Time::midnight()).as_secs();
    let day = 24 * 3600;
    let clock = second(moment.now.to_zoned(moment.shop_zone.clone()).time());
    let length = (second(quiet.until) - second(quiet.from)).rem_euclid(day);
    let since = (clock - second(quiet.from)).rem_euclid(day);
    length <= since
}

/// Every guard that a reminder must pass, in no order.
fn guards(moment: &Moment) -> Vec<(&'static str, bool)> {
    let Moment {
        cart,
        contact,
        policy,
        stage,
        now,
        ..
    } = moment;
    let (facts, now) = (&cart.facts, *now);
    let idle = now.duration_since(facts.last_activity_at());
    let (opens, closes) = limits(*stage);
    let ago = |at: Timestamp| now.duration_since(at);
    let mails: Vec<_> = contact
        .mails
        .iter()
        .filter(|note| note.cart != cart.key)
        .collect();
    let is_open = facts.order.is_none() && facts.deleted.is_none() && !facts.is_erased;
    let has_ordered_since = contact
        .last_order_at
        .is_some_and(|at| facts.last_activity_at() <= at + HOUR);
    let pays = facts.payment.as_ref().is_some_and(|payment| {
        payment.value == Payment::Pending && ago(payment.stamp.at) < DAY * 7
    });
    let has_contents = facts
        .contents
        .as_ref()
        .is_some_and(|it| !it.value.lines.is_empty());
    let n_recent = mails.iter().filter(|note| ago(note.at) < DAY * 7).count();
    vec![
        ("cart open", is_open),
        ("no test", !facts.is_test),
        ("no stop", contact.stop.is_none()),
        ("no order since", !has_ordered_since),
        ("someone to write to", facts.person.is_some()),
        ("something to write about", has_contents),
        ("stage enabled", policy.stage(*stage).enabled),
        ("window open", opens <= idle),
        ("due", cart.stage_due_at(*stage, policy) <= now),
        ("window not closed", idle <= closes),
        ("consent", agreed(moment)),
        (
            "gap",
            mails.iter().all(|note| policy.caps.gap <= ago(note.at)),
        ),
        ("week", n_recent < usize::from(policy.caps.per_week)),
        ("no payment under way", !pays),
        ("awake", is_awake(moment)),
    ]
}

fn state() -> impl Strategy<Value = ConsentState> {
    prop_oneof![
        6 => Just(ConsentState::Granted),
        1 => Just(ConsentState::Unknown),
        1 => Just(ConsentState::Refused),
    ]
}

fn basis() -> impl Strategy<Value = ConsentBasis> {
    prop_oneof![
        3 => Just(ConsentBasis::Express),
        1 => Just(ConsentBasis::DoubleOptIn),
        1 => Just(ConsentBasis::SoftOptIn),
        1 => Just(ConsentBasis::None),
    ]
}

fn mode() -> impl Strategy<Value = ConsentMode> {
    prop_oneof![
        Just(ConsentMode::Required),
        Just(ConsentMode::SoftOptIn),
        Just(ConsentMode::OptOut),
    ]
}

prop_compose! {
    /// A time of day, often with seconds.
    fn clock()(second in 0_i64..86_400) -> Time {
        Time::midnight() + second.seconds()
    }
}

prop_compose! {
    fn policies()(
        (consent, per_week, gap) in (mode(), 1_u8..=3, 1..=8),
        quiet in proptest::option::of((clock(), clock())),
        is_enabled in prop::bool::weighted(0.9),
    ) -> Policy {
        let mut policy = Policy {
            consent,
            caps: Caps { per_week, gap: HOUR * gap },
            quiet_hours: quiet.map(|(from, until)| QuietHours { from, until }),
            ..Policy::default()
        };
        policy.follow_up.enabled = is_enabled;
        policy
    }
}

/// Something that may stand in the way; most of the time nothing of it does.
#[derive(Debug, Clone, Copy)]
enum Incident {
    Order,
    Deletion,
    Test,
    Stop,
    Nobody,
    Emptied,
    Elsewhere(i64),
    Payment(Payment, i64),
    Return(i64),
}

/// How many seconds before now.
fn incidents() -> impl Strategy<Value = Incident> {
    let payment = prop_oneof![Just(Payment::Pending), Just(Payment::Failed)];
    prop_oneof![
        1 => Just(Incident::Order),
        1 => Just(Incident::Deletion),
        1 => Just(Incident::Test),
        1 => Just(Incident::Stop),
        1 => Just(Incident::Nobody),
        1 => Just(Incident::Emptied),
        3 => (0_i64..400_000).prop_map(Incident::Elsewhere),
        3 => (payment, 0_i64..700_000).prop_map(|(payment, ago)| Incident::Payment(payment, ago)),
        3 => (0_i64..300_000).prop_map(Incident::Return),
    ]
}

fn befall(moment: &mut Moment, incident: Incident) {
    let now = moment.now;
    let facts = &mut moment.cart.facts;
    match incident {
        Incident::Order => facts.apply(&order(now), None),
        Incident::Deletion => facts.apply(&event(now, Change::CartDeleted), None),
        Incident::Test => facts.is_test = true,
        Incident::Stop => moment.contact.stop(StopReason::Complained, now),
        Incident::Nobody => facts.person = None,
        Incident::Emptied => facts.contents.as_mut().unwrap().value.lines.clear(),
        Incident::Elsewhere(ago) => moment.contact.order(now - SignedDuration::from_secs(ago)),
        Incident::Payment(value, ago) => {
            let stamp = Stamp::new(now - SignedDuration::from_secs(ago), "evt-payment");
            facts.payment = Some(Stamped { stamp, value });
        }
        Incident::Return(ago) => {
            let back = Change::ContactIdentified;
            facts.apply(&event(now - SignedDuration::from_secs(ago), back), None);
        }
    }
}

prop_compose! {
    fn moments()(
        stage in prop::sample::select(Stage::ALL.to_vec()),
        zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
        policy in policies(),
        idle_s in prop_oneof![3 => 0_i64..90_000, 1 => 90_000_i64..300_000],
        consent in proptest::option::weighted(0.9, (state(), basis())),
        mails in prop::collection::vec(0_i64..800_000, 0..3),
        incidents in prop::collection::vec(incidents(), 0..2),
    ) -> Moment {
        let mut moment = Moment::due(stage);
        moment.now = noon() + SignedDuration::from_secs(idle_s);
        moment.shop_zone = TimeZone::get(zone).unwrap();
        moment.policy = policy;
        moment.contact.consent = None;
        if let Some((state, basis)) = consent {
            answered(&mut moment, state, basis);
        }
        for ago in mails {
            moment.mailed(moment.now - SignedDuration::from_secs(ago));
        }
        for incident in incidents {
            befall(&mut moment, incident);
        }
        moment
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_reminder_leaves_exactly_when_every_guard_holds(moment in moments()) {
        let broken: Vec<_> = guards(&moment).into_iter().filter(|(_, holds)| !holds).collect();
        prop_assert_eq!(moment.decide() == Decision::Send, broken.is_empty(), "{:?}", broken);
    }

    #[test]
    fn the_next_look_is_later_than_now_and_within_the_window(moment in moments()) {
        if let Decision::Defer { until, .. } = moment.decide() {
            let (_, closes) = limits(moment.stage);
            prop_assert!(moment.now < until, "{until}");
            prop_assert!(until <= moment.after(closes), "{until}");
        }
    }

    #[test]
    fn the_same_facts_always_decide_the_same(moment in moments()) {
        prop_assert_eq!(moment.decide(), moment.clone().decide());
    }

    #[test]
    fn a_night_always_ends_later_and_within_a_day(
        zone in prop::sample::select(vec!["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]),
        second in 0_i64..31_536_000,
        from in clock(),
        until in clock(),
    ) {
        let at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 365 * 56) + SignedDuration::from_secs(second);
        let quiet = QuietHours { from, until };
        if let Some(end) = quiet.end_after(at, &TimeZone::get(zone).unwrap()) {
            prop_assert!(at < end && end.duration_since(at) <= HOUR * 25, "{at} {end}");
        }
    }
}
