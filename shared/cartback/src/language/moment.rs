//! Moments as shoppers read them, in their own zone, by ICU4X.

use icu_calendar::{Gregorian, Iso};
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::{MDT, YMDET, zone::LocalizedOffsetShort};
use icu_datetime::options::TimePrecision;
use icu_time::zone::UtcOffset;
use icu_time::{DateTime, Time, TimeZone as IcuZone, ZonedDateTime};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Locale;

impl Locale {
    /// "Sunday, October 12, 2025 at 6:00 PM GMT-4": never later than `at`.
    pub(crate) fn moment(self, at: Timestamp, zone: &TimeZone) -> String {
        let fields = YMDET::long().with_time_precision(TimePrecision::Minute);
        let fields = fields.with_zone(LocalizedOffsetShort);
        let formatter = FixedCalendarDateTimeFormatter::try_new((&self.0.icu).into(), fields);
        match (formatter, civil(at, zone)) {
            (Ok(formatter), Some(civil)) => formatter.format(&civil).to_string(),
            // A form that no language has, and everyone can read.
            _ => format!("{at:.0}"),
        }
    }

    /// "Oct 12, 6:00 PM GMT-4", for what was a short while ago.
    pub(crate) fn recent_moment(self, at: Timestamp, zone: &TimeZone) -> String {
        let fields = MDT::medium().with_time_precision(TimePrecision::Minute);
        let fields = fields.with_zone(LocalizedOffsetShort);
        let formatter = FixedCalendarDateTimeFormatter::try_new((&self.0.icu).into(), fields);
        match (formatter, civil(at, zone)) {
            (Ok(formatter), Some(civil)) => formatter.format(&civil).to_string(),
            _ => format!("{at:.0}"),
        }
    }
}

type Civil = ZonedDateTime<Gregorian, icu_time::TimeZoneInfo<icu_time::zone::models::AtTime>>;

fn civil(at: Timestamp, zone: &TimeZone) -> Option<Civil> {
    let here = at.to_zoned(zone.clone());
    let offset = UtcOffset::try_from_seconds(here.offset().seconds()).ok()?;
    let date = icu_calendar::Date::try_new_gregorian(
        here.year().into(),
        here.month().unsigned_abs(),
        here.day().unsigned_abs(),
    );
    let time = Time::try_new(
        here.hour().unsigned_abs(),
        here.minute().unsigned_abs(),
        here.second().unsigned_abs(),
        0,
    );
    let (date, time) = (date.ok()?, time.ok()?);
    let zone = IcuZone::UNKNOWN
        .with_offset(Some(offset))
        .at_date_time(DateTime {
            date: date.to_calendar(Iso),
            time,
        });
    Some(ZonedDateTime { date, time, zone })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As CLDR 48 has them.
    #[test]
    fn moments_read_as_in_a_letter_of_the_place() {
        let at = "2025-10-12T22:00:59Z".parse().unwrap();
        for (tag, zone, shown) in [
            (
                "en",
                "America/New_York",
                "Sunday, October 12, 2025 at 6:00\u{202f}PM GMT-4",
            ),
            (
                "en-GB",
                "Europe/London",
                "Sunday, 12 October 2025 at 23:00 GMT+1",
            ),
            (
                "de",
                "Europe/Berlin",
                "Montag, 13. Oktober 2025 um 00:00 GMT+2",
            ),
            ("ja", "Asia/Tokyo", "2025年10月13日月曜日 7:00 GMT+9"),
        ] {
            let zone = super::super::zone(zone);
            assert_eq!(Locale::of(tag).unwrap().moment(at, &zone), shown);
        }
    }

    #[test]
    fn a_recent_moment_is_short() {
        let at = "2025-10-12T12:05:59Z".parse().unwrap();
        let zone = super::super::zone("Nowhere/Land");
        let shown = Locale::ENGLISH.recent_moment(at, &zone);
        assert_eq!(shown, "Oct 12, 12:05\u{202f}PM GMT+0");
    }
}
