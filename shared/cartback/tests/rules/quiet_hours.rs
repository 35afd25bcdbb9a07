//! Nights: where the person is, across midnight and on the days on which the clock changes.

use cartback::decide::{Decision, DeferReason};
use cartback::event::Change;
use cartback::policy::QuietHours;
use cartback::stage::Stage;
use jiff::tz::TimeZone;

use crate::samples::{HOUR, Moment, defer, event, time};

fn quiet(from: &str, until: &str) -> Option<QuietHours> {
    let (from, until) = (from.parse().unwrap(), until.parse().unwrap());
    Some(QuietHours { from, until })
}

#[test]
fn at_night_the_reminder_waits_for_the_morning_where_the_person_is() {
    // The person's zone, the moment, when the night from 21:00 to 08:00 ends there.
    let cases = [
        (Some("Europe/Berlin"), "2026-07-05T18:59:59Z", None),
        (
            Some("Europe/Berlin"),
            "2026-07-05T19:00:00Z",
            Some("2026-07-06T06:00:00Z"),
        ),
        (
            Some("Europe/Berlin"),
            "2026-07-06T05:59:59Z",
            Some("2026-07-06T06:00:00Z"),
        ),
        (Some("Europe/Berlin"), "2026-07-06T06:00:00Z", None),
        (
            Some("America/New_York"),
            "2026-07-06T01:00:00Z",
            Some("2026-07-06T12:00:00Z"),
        ),
        (Some("America/New_York"), "2026-07-06T12:00:00Z", None),
        (
            Some("Asia/Kolkata"),
            "2026-07-05T15:30:00Z",
            Some("2026-07-06T02:30:00Z"),
        ),
        // An unknown zone, or none: the shop's, which is Berlin's here.
        (
            Some("Mars/Olympus"),
            "2026-07-05T19:00:00Z",
            Some("2026-07-06T06:00:00Z"),
        ),
        (None, "2026-07-05T19:00:00Z", Some("2026-07-06T06:00:00Z")),
    ];
    for (zone, now, end) in cases {
        let mut moment = Moment::due(Stage::FollowUp);
        moment.shop_zone = TimeZone::get("Europe/Berlin").unwrap();
        moment.policy.quiet_hours = quiet("21:00", "08:00");
        let person = moment.cart.facts.person.as_mut().unwrap();
        person.value.time_zone = zone.map(str::to_owned);
        let back = event(time(now) - HOUR * 9, Change::PaymentFailed);
        moment.cart.facts.apply(&back, None);
        moment.now = time(now);
        let expected = end.map_or(Decision::Send, |end| {
            defer(DeferReason::QuietHours, time(end))
        });
        assert_eq!(moment.decide(), expected, "{zone:?} {now}");
    }
}

#[test]
fn quiet_hours_may_lie_within_a_day() {
    for (now, end) in [
        ("12:59:59", None),
        ("13:00:00", Some("14:30:00")),
        ("14:29:59", Some("14:30:00")),
        ("14:30:00", None),
        ("23:59:59", None),
        ("00:00:00", None),
    ] {
        let quiet = quiet("13:00", "14:30").unwrap();
        let at = |clock: &str| time(&format!("2026-07-01T{clock}Z"));
        let end_at = quiet.end_after(at(now), &TimeZone::UTC);
        assert_eq!(end_at, end.map(at), "{now}");
    }
}

#[test]
fn quiet_hours_that_end_where_they_begin_hold_nothing_back() {
    let quiet = quiet("08:00", "08:00").unwrap();
    for now in ["07:59:59", "08:00:00", "20:00:00"] {
        let at = time(&format!("2026-07-01T{now}Z"));
        assert_eq!(quiet.end_after(at, &TimeZone::UTC), None, "{now}");
    }
}

#[test]
fn a_night_ends_by_the_clock_when_the_clock_changes() {
    // Zone, from, until, now, the end. Forward: the night is an hour shorter, and 02:30 does not
    // exist. Back: it is an hour longer, and 02:30 comes twice; the second one counts.
    let table = "
        Europe/Berlin    22:00 08:00 2026-03-28T22:00:00Z 2026-03-29T06:00:00Z
        Europe/Berlin    22:00 02:30 2026-03-29T00:30:00Z 2026-03-29T01:30:00Z
        America/New_York 22:00 08:00 2026-03-08T04:00:00Z 2026-03-08T12:00:00Z
        Europe/Berlin    22:00 08:00 2026-10-24T21:00:00Z 2026-10-25T07:00:00Z
        Europe/Berlin    22:00 02:30 2026-10-25T00:15:00Z 2026-10-25T01:30:00Z
        Europe/Berlin    22:00 02:30 2026-10-25T01:15:00Z 2026-10-25T01:30:00Z
        America/New_York 22:00 08:00 2026-11-01T03:00:00Z 2026-11-01T13:00:00Z
        America/New_York 22:00 01:30 2026-11-01T06:15:00Z 2026-11-01T06:30:00Z
    ";
    for row in table.trim().lines() {
        let mut cells = row.split_whitespace();
        let mut cell = || cells.next().unwrap();
        let zone = TimeZone::get(cell()).unwrap();
        let quiet = quiet(cell(), cell()).unwrap();
        assert_eq!(
            quiet.end_after(time(cell()), &zone),
            Some(time(cell())),
            "{row}"
        );
    }
}
