//! The health gate, when silence about a mail means that it did not leave, and the names of what is counted.

use cartback::ids::Attempt;
use cartback::pulse::{Counts, MailCounts, Pulse, hour_of};
use cartback::stage::Stage;
use cartback::storefront;
use jiff::{SignedDuration, Timestamp};

use crate::samples::{HOUR, MINUTE, SECOND, cart_key, noon, time};

/// The mail whose fate is asked for leaves half an hour past noon.
fn silent() -> Attempt {
    attempt(noon() + MINUTE * 30)
}

fn attempt(at: Timestamp) -> Attempt {
    Attempt::new(1, &cart_key("c1"), 1, at)
}

fn add(pulse: &mut Pulse, at: Timestamp, counts: &Counts) {
    pulse.hours.entry(hour_of(at)).or_default().add(counts);
}

/// Mails of the hour of `at` and how many of them have evidence; the last one left at `at`.
fn mails(pulse: &mut Pulse, at: Timestamp, n_sent: u64, n_evidenced: u64) {
    add(pulse, at, &Counts::sent(Stage::Nudge, n_sent));
    for _ in 0..n_evidenced {
        add(pulse, at, &Counts::evidenced(Stage::Nudge, attempt(at)));
    }
}

#[test]
fn without_any_mail_nobody_can_tell() {
    assert!(!Pulse::default().shows_evidence_since(silent()));
}

#[test]
fn only_evidence_of_a_later_mail_shows_that_evidence_comes_in() {
    for (offset, is_shown) in [
        (-MINUTE * 29, false),
        (SignedDuration::ZERO, false),
        (SECOND, true),
        (HOUR * 20, true),
    ] {
        let mut pulse = Pulse::default();
        mails(&mut pulse, silent().at() + offset, 1, 1);
        assert_eq!(pulse.shows_evidence_since(silent()), is_shown, "{offset}");
    }
}

#[test]
fn one_mail_in_a_hundred_may_be_without_evidence() {
    for (n_sent, n_evidenced, is_shown) in [(100, 99, true), (100, 98, false), (99, 98, false)] {
        for offset in [-HOUR, SignedDuration::ZERO, HOUR] {
            let mut pulse = Pulse::default();
            mails(&mut pulse, silent().at() + offset, n_sent, n_evidenced);
            mails(&mut pulse, silent().at() + HOUR * 5, 1000, 1000);
            let shown = pulse.shows_evidence_since(silent());
            assert_eq!(shown, is_shown, "{n_evidenced} of {n_sent}, {offset:#}");
        }
    }
}

#[test]
fn mails_far_from_the_silent_one_do_not_count() {
    let mut pulse = Pulse::default();
    mails(&mut pulse, silent().at() - HOUR * 2, 100, 0);
    mails(&mut pulse, silent().at() + HOUR * 2, 100, 1);
    assert!(pulse.shows_evidence_since(silent()));
}

#[test]
fn evidence_of_mails_that_no_reply_accepted_makes_up_for_no_other() {
    let mut pulse = Pulse::default();
    mails(&mut pulse, silent().at() - HOUR, 0, 50);
    mails(&mut pulse, silent().at() + SECOND, 100, 90);
    assert!(!pulse.shows_evidence_since(silent()));
}

#[test]
fn an_hour_begins_with_its_first_instant() {
    for (at, hour) in [
        ("2026-11-22T21:00:00Z", "2026-11-22T21:00:00Z"),
        ("2026-11-22T21:59:59.999Z", "2026-11-22T21:00:00Z"),
        ("1969-12-31T23:30:00Z", "1969-12-31T23:00:00Z"),
    ] {
        assert_eq!(hour_of(time(at)), time(hour));
    }
}

type Set = fn(&mut MailCounts);

/// One of each thing that is counted, and the name under which it is kept.
fn one_of_each() -> Vec<(Counts, String)> {
    let mut all = vec![
        (Counts::order(), "orders".to_owned()),
        (Counts::stranger(), "strangers".to_owned()),
    ];
    for storefront in storefront::ALL {
        let name = storefront.name().replace('-', "_");
        all.push((Counts::refused(storefront), format!("{name}_refused")));
        all.push((Counts::verified(storefront), format!("{name}_verified")));
    }
    let of_mails: [(&str, Set); 5] = [
        ("sent", |mails| mails.n_sent = 1),
        ("evidenced", |mails| mails.n_evidenced = 1),
        ("bounced", |mails| mails.n_bounced = 1),
        ("complained", |mails| mails.n_complained = 1),
        ("duplicates", |mails| mails.n_duplicates = 1),
    ];
    for stage in Stage::ALL {
        for (what, set) in of_mails {
            all.push((Counts::of(stage, set), format!("{stage}_{what}")));
        }
    }
    all
}

#[test]
fn each_count_is_kept_under_a_name_of_its_own() {
    for (mut counts, name) in one_of_each() {
        let kept: Vec<_> = counts.named().filter(|(_, n)| **n != 0).collect();
        assert_eq!(kept, [(name.as_str(), &mut 1)]);
    }
    assert_eq!(Counts::default().named().count(), one_of_each().len());
}
