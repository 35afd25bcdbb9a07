//! The brakes: when each holds, when it lets go, and in which words it is told.

use std::sync::atomic::Ordering;

use cartback::brake::{Brake, Brakes};
use cartback::policy::Policy;
use cartback::pulse::{Counts, Pulse, hour_of};
use cartback::stage::Stage;
use cartback::standing::{Pause, StandingError, pause, resume};
use cartback::storefront::{cartback::Cartback, shopify::Shopify};
use jiff::{SignedDuration, Timestamp};

use crate::desk::{Desk, run};
use crate::samples::{DAY, HOUR, MINUTE, SECOND, noon, shop_id, time};

fn add(pulse: &mut Pulse, at: Timestamp, counts: &Counts) {
    pulse.hours.entry(hour_of(at)).or_default().add(counts);
}

fn orders(pulse: &mut Pulse, at: Timestamp, n: u64) {
    for _ in 0..n {
        add(pulse, at, &Counts::order());
    }
}

/// `per_hour` orders in each hour of `days` days, up to the hour before noon.
fn steady(per_hour: u64, days: i64) -> Pulse {
    let mut pulse = Pulse::default();
    for hour in 1..=24 * days {
        let at = noon() - SignedDuration::from_hours(hour);
        orders(&mut pulse, at, per_hour);
    }
    pulse
}

fn brake(pulse: &Pulse, now: Timestamp) -> Option<Brake> {
    pulse.brake(&Policy::default(), Stage::Nudge, now)
}

#[test]
fn a_shop_without_counts_is_not_braked() {
    assert_eq!(brake(&Pulse::default(), noon()), None);
}

#[test]
fn orders_are_silent_once_twelve_are_missing_and_two_hours_have_passed() {
    // Twelve orders of this shop take four hours.
    let pulse = steady(3, 14);
    assert_eq!(brake(&pulse, noon() + HOUR * 4 - MINUTE), None);
    let silent = Brake::OrdersSilent {
        since: noon(),
        n_expected: 12,
    };
    assert_eq!(brake(&pulse, noon() + HOUR * 4), Some(silent));
    // Of this one, 12 minutes.
    let pulse = steady(60, 14);
    assert_eq!(brake(&pulse, noon() + HOUR * 2 - SECOND), None);
    let silent = Brake::OrdersSilent {
        since: noon(),
        n_expected: 120,
    };
    assert_eq!(brake(&pulse, noon() + HOUR * 2), Some(silent));
}

#[test]
fn an_order_or_the_operators_word_ends_the_silence() {
    let silent_at = noon() + HOUR * 5;
    let mut pulse = steady(3, 14);
    assert!(brake(&pulse, silent_at).is_some());
    let mut resumed = pulse.clone();
    resumed.standing.resume(silent_at);
    assert_eq!(brake(&resumed, silent_at + HOUR * 4 - MINUTE), None);
    assert!(brake(&resumed, silent_at + HOUR * 4).is_some());
    orders(&mut pulse, silent_at, 1);
    assert_eq!(brake(&pulse, silent_at), None);
}

#[test]
fn a_night_without_orders_is_no_silence_when_all_nights_are() {
    let mut pulse = Pulse::default();
    for day in 1..=14 {
        for hour in 0..12 {
            let at = noon() - DAY * day + SignedDuration::from_hours(hour);
            orders(&mut pulse, at, 10);
        }
    }
    // The last orders came in the hour before midnight; the next ones are usual from noon on.
    assert_eq!(brake(&pulse, noon()), None);
    assert_eq!(brake(&pulse, noon() + HOUR), None);
    let is_silent = |brake| {
        matches!(
            brake,
            Some(Brake::OrdersSilent {
                n_expected: 12..,
                ..
            })
        )
    };
    assert!(is_silent(brake(&pulse, noon() + HOUR + MINUTE * 15)));
}

#[test]
fn a_silence_of_days_is_compared_with_the_days_before_it() {
    let pulse = steady(1, 14);
    for days in [1, 3, 13] {
        let expected = Brake::OrdersSilent {
            since: noon(),
            n_expected: u64::try_from(days * 24).unwrap(),
        };
        let now = noon() + SignedDuration::from_hours(24 * days);
        assert_eq!(brake(&pulse, now), Some(expected));
    }
}

#[test]
fn a_shop_with_a_short_history_is_never_silent() {
    let day_later = noon() + DAY;
    assert_eq!(brake(&steady(60, 6), day_later), None);
    assert!(brake(&steady(60, 7), day_later).is_some());
    // Six orders a day are enough to expect twelve in time; 49 in eight days are too few to know.
    let mut pulse = Pulse::default();
    for day in 1..=9 {
        orders(&mut pulse, noon() - DAY * day, 6);
    }
    let silent_at = noon() + DAY * 3;
    orders(&mut pulse, noon() - DAY, 1);
    assert_eq!(brake(&pulse, silent_at), None);
    orders(&mut pulse, noon() - DAY, 1);
    assert!(brake(&pulse, silent_at).is_some());
}

#[test]
fn five_refused_messages_without_an_order_brake_until_one_comes_or_a_day_passes() {
    let mut pulse = Pulse::default();
    let refused_at = noon() + MINUTE * 30;
    for n in 1..=5 {
        assert_eq!(brake(&pulse, refused_at), None, "{n}");
        add(&mut pulse, refused_at, &Counts::refused(&Shopify));
    }
    let unverified = Some(Brake::OrdersUnverified { n_refused: 5 });
    assert_eq!(brake(&pulse, refused_at), unverified);
    assert_eq!(brake(&pulse, noon() + HOUR * 25 - SECOND), unverified);
    assert_eq!(brake(&pulse, noon() + HOUR * 25), None);
    let mut resumed = pulse.clone();
    resumed.standing.resume(refused_at + MINUTE);
    assert_eq!(brake(&resumed, refused_at + MINUTE), None);
    resumed.standing.resume(noon() + HOUR);
    for _ in 0..5 {
        add(&mut resumed, noon() + HOUR, &Counts::refused(&Shopify));
    }
    assert_eq!(brake(&resumed, noon() + HOUR), unverified);
    orders(&mut pulse, noon() - MINUTE, 1);
    assert_eq!(brake(&pulse, noon() + HOUR), unverified);
    assert_eq!(brake(&pulse, refused_at), None);
    orders(&mut pulse, noon() + HOUR * 9, 1);
    assert_eq!(brake(&pulse, noon() + HOUR * 9 - SECOND), unverified);
    assert_eq!(brake(&pulse, noon() + HOUR * 20), None);
}

#[test]
fn refusals_brake_when_they_come_together_and_not_when_they_trickle_in() {
    let mut pulse = Pulse::default();
    for hour in [0, 2, 4, 6, 8] {
        add(&mut pulse, noon() + HOUR * hour, &Counts::refused(&Shopify));
    }
    assert_eq!(brake(&pulse, noon() + HOUR * 9), None);
    for _ in 0..3 {
        add(&mut pulse, noon() + HOUR * 3, &Counts::refused(&Shopify));
    }
    assert_eq!(brake(&pulse, noon() + HOUR * 9), None);
    add(&mut pulse, noon() + HOUR * 3, &Counts::refused(&Shopify));
    let unverified = Some(Brake::OrdersUnverified { n_refused: 5 });
    assert_eq!(brake(&pulse, noon() + HOUR * 9), unverified);
}

#[test]
fn a_good_message_of_the_same_storefront_shows_that_the_bad_ones_are_not_its_own() {
    let mut pulse = Pulse::default();
    for _ in 0..5 {
        add(&mut pulse, noon(), &Counts::refused(&Shopify));
    }
    let unverified = Some(Brake::OrdersUnverified { n_refused: 5 });
    add(&mut pulse, noon(), &Counts::verified(&Cartback));
    assert_eq!(brake(&pulse, noon()), unverified, "of another");
    for _ in 0..4 {
        add(&mut pulse, noon(), &Counts::refused(&Cartback));
    }
    assert_eq!(brake(&pulse, noon()), unverified, "each by itself");
    add(&mut pulse, noon(), &Counts::verified(&Shopify));
    assert_eq!(brake(&pulse, noon()), None);
    assert_eq!(brake(&pulse, noon() + HOUR), None);
    for _ in 0..5 {
        add(&mut pulse, noon() + HOUR, &Counts::refused(&Shopify));
    }
    let still = Some(Brake::OrdersUnverified { n_refused: 5 });
    assert_eq!(brake(&pulse, noon() + HOUR), None);
    assert_eq!(brake(&pulse, noon() + HOUR * 2), still, "good ones ended");
}

/// A stage's mails in one hour, some of which bounced or were complained about.
fn mailed(n_sent: u64, n_bounced: u64, n_complained: u64) -> Counts {
    Counts::of(Stage::Nudge, |mails| {
        mails.n_sent = n_sent;
        mails.n_bounced = n_bounced;
        mails.n_complained = n_complained;
    })
}

#[test]
fn bounces_and_complaints_brake_above_their_share_and_from_their_least_number() {
    let cases = [
        (99, 5, 0, true),
        (100, 5, 0, false),
        (0, 5, 0, true),
        (1, 4, 0, false),
        (2_999, 0, 3, true),
        (3_000, 0, 3, false),
        (1, 0, 2, false),
    ];
    for (n_sent, n_bounced, n_complained, is_braked) in cases {
        let mut pulse = Pulse::default();
        add(&mut pulse, noon(), &mailed(n_sent, n_bounced, n_complained));
        let case = format!("{n_bounced} and {n_complained} of {n_sent}");
        assert_eq!(brake(&pulse, noon()).is_some(), is_braked, "{case}");
        let other = pulse.brake(&Policy::default(), Stage::Final, noon());
        assert_eq!(other, None, "{case}");
    }
}

#[test]
fn the_shops_own_limits_count() {
    let brakes = Brakes {
        max_bounce_percent: 10,
        max_complaints_per_10000: 50,
    };
    let policy = Policy {
        brakes,
        ..Policy::default()
    };
    for (n_bounced, n_complained, is_braked) in
        [(100, 0, false), (101, 0, true), (0, 5, false), (0, 6, true)]
    {
        let mut pulse = Pulse::default();
        add(&mut pulse, noon(), &mailed(1_000, n_bounced, n_complained));
        let brake = pulse.brake(&policy, Stage::Nudge, noon());
        assert_eq!(brake.is_some(), is_braked, "{n_bounced} {n_complained}");
    }
}

#[test]
fn bounces_are_forgotten_after_seven_days_or_when_the_operator_resumes() {
    let mut pulse = Pulse::default();
    add(&mut pulse, noon(), &mailed(10, 9, 9));
    assert!(brake(&pulse, noon() + DAY * 7).is_some());
    assert_eq!(brake(&pulse, noon() + DAY * 7 + HOUR), None);
    pulse.standing.resume(noon() + MINUTE);
    assert_eq!(brake(&pulse, noon() + HOUR), None);
    add(&mut pulse, noon() + HOUR, &mailed(10, 9, 9));
    assert!(brake(&pulse, noon() + HOUR).is_some());
}

#[test]
fn a_pause_holds_until_it_is_lifted_and_a_restored_table_before_all() {
    let mut pulse = Pulse::default();
    pulse.standing.paused = Some(Pause {
        at: noon(),
        reason: "the sale is wrong".to_owned(),
    });
    let paused = Brake::Paused {
        reason: "the sale is wrong".to_owned(),
    };
    for now in [noon() - DAY, noon() + DAY * 300] {
        assert_eq!(brake(&pulse, now), Some(paused.clone()));
    }
    pulse.is_of_other_table = true;
    assert_eq!(brake(&pulse, noon()), Some(Brake::Restored));
    pulse.is_of_other_table = false;
    pulse.standing.resume_after_restore(noon());
    assert_eq!(brake(&pulse, noon()), None);
    assert_eq!(pulse.standing.restored_at, Some(noon()));
}

#[test]
fn every_brake_tells_its_figures_and_a_remedy() {
    let brakes = [
        Brake::Restored,
        Brake::Paused {
            reason: "the sale is wrong".to_owned(),
        },
        Brake::OrdersSilent {
            since: time("2026-07-01T12:00:00Z"),
            n_expected: 12,
        },
        Brake::OrdersUnverified { n_refused: 5 },
        Brake::Bounces {
            n_sent: 99,
            n_bounced: 6,
        },
        Brake::Complaints {
            n_sent: 2_999,
            n_complained: 3,
        },
        Brake::Strangers {
            n_strangers: 61,
            n_usual: 6,
        },
    ];
    let told: Vec<_> = brakes.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn the_operators_word_is_kept_and_takes_nothing_else_back() {
    let desk = Desk::new();
    let (store, shop) = (&desk.table.store, shop_id());
    let standing = || desk.pulse().standing;
    run(resume(store, &shop, true, noon())).unwrap();
    run(pause(store, &shop, "holidays", noon() + HOUR)).unwrap();
    let paused = standing().paused.unwrap();
    assert_eq!(
        (paused.reason.as_str(), paused.at),
        ("holidays", noon() + HOUR)
    );
    assert_eq!(standing().restored_at, Some(noon()));
    run(resume(store, &shop, false, noon() + HOUR * 2)).unwrap();
    let told = (
        standing().paused,
        standing().resumed_at,
        standing().restored_at,
    );
    assert_eq!(told, (None, Some(noon() + HOUR * 2), Some(noon())));
    let nobody = "nobody".parse().unwrap();
    for said in [
        run(pause(store, &nobody, "holidays", noon())),
        run(resume(store, &nobody, false, noon())),
    ] {
        assert!(matches!(said, Err(StandingError::UnknownShop)), "{said:?}");
    }
}

#[test]
fn a_restored_table_is_resumed_by_who_says_that_it_is_one() {
    let desk = Desk::new();
    desk.table.is_restored.store(true, Ordering::Relaxed);
    let unsaid = run(resume(&desk.table, &shop_id(), false, noon()));
    assert!(matches!(unsaid, Err(StandingError::Restored)), "{unsaid:?}");
    assert_eq!(desk.pulse().standing.resumed_at, None);
    run(resume(&desk.table, &shop_id(), true, noon())).unwrap();
    assert_eq!(desk.pulse().standing.restored_at, Some(noon()));
}
