//! What a shop's settings may not be, to the last second and letter, and in which words that is told.

use cartback::policy::{Caps, Policy, Window};
use cartback::shop::{Shop, ShopError};
use cartback::stage::Stage;
use jiff::SignedDuration;

use crate::samples::{HOUR, MINUTE};
use crate::settings::{least, with};

fn faults(toml: &str) -> Vec<String> {
    match Shop::load(toml) {
        Err(ShopError::Faulty(faults)) => faults.iter().map(ToString::to_string).collect(),
        other => panic!("{toml}: {other:?}"),
    }
}

/// A line of the settings, and how its fault reads.
const FAULTS: &[(&str, &str)] = &[
    (
        "name = \" \"",
        "name = \" \": give the shop's name in 1 to 60 characters",
    ),
    (
        "url = \"http://hearth.example\"",
        "url = \"http://hearth.example\": give an https address at one of `hosts`",
    ),
    (
        "logo_url = \"https://evil.example/l.png\"",
        "logo_url = \"https://evil.example/l.png\": give an https address at one of `hosts`",
    ),
    (
        "links_url = \"https://l.example/\"",
        "links_url = \"https://l.example/\": give the https address of the links function, without a slash at the end",
    ),
    (
        "postal_address = \"A\\nB\"",
        "postal_address = \"A\\nB\": give the postal address in one line; the law wants it in every mail",
    ),
    (
        "color = \"green\"",
        "color = \"green\": give a colour such as \"#1f4d3a\"",
    ),
    (
        "time_zone = \"Mars/Olympus\"",
        "time_zone = \"Mars/Olympus\": name an IANA time zone, such as \"Europe/Berlin\"",
    ),
    (
        "selling_points = [\"\"]",
        "selling_points = \"\": keep each to one sentence of at most 120 characters",
    ),
    (
        "policy.brakes.max_bounce_percent = 0",
        "policy.brakes.max_bounce_percent = 0: stop at 1 to 10 hard bounces in a hundred mails",
    ),
    (
        "policy.brakes.max_bounce_percent = 11",
        "policy.brakes.max_bounce_percent = 11: stop at 1 to 10 hard bounces in a hundred mails",
    ),
    (
        "policy.brakes.max_complaints_per_10000 = 51",
        "policy.brakes.max_complaints_per_10000 = 51: stop at 1 to 50 spam complaints in ten thousand mails",
    ),
    (
        "policy.nudge.delay = \"29m\"",
        "policy.nudge.delay = 29m: choose 30m to 54m for the nudge",
    ),
    (
        "policy.follow_up.delay = \"1h\"",
        "policy.follow_up.delay = 1h: choose 6h to 11h 49m for the follow_up",
    ),
    (
        "policy.final = { delay = \"28h\", delay_high_value = \"49h\" }",
        "policy.final.delay_high_value = 49h: choose 24h to 47h 49m for the final",
    ),
    (
        "policy.caps.gap = \"59m\"",
        "policy.caps.gap = 59m: leave at least 1h between two mails to one person",
    ),
    (
        "policy.caps.per_week = 4",
        "policy.caps.per_week = 4: allow 1 to 3 mails per person in seven days",
    ),
    (
        "policy.markets.Germany.consent = \"required\"",
        "policy.markets.Germany = Germany: name the market by its ISO 3166 country code, such as DE",
    ),
];

#[test]
fn an_unknown_field_is_refused_by_name() {
    for (line, field) in [
        ("colour = \"#1f4d3a\"", "colour"),
        ("policy.quiet = 1", "quiet"),
        (
            "policy.nudge = { delay = \"34m\", discount = 5 }",
            "discount",
        ),
        ("policy.caps = { per_day = 1 }", "per_day"),
        (
            "policy.markets.US = { consent = \"opt_out\", age = 1 }",
            "age",
        ),
        (
            "policy.quiet_hours = { from = \"21:00\", until = \"08:00\", zone = \"UTC\" }",
            "zone",
        ),
    ] {
        let Err(ShopError::Unreadable(message)) = Shop::load(&format!("{}{line}\n", least()))
        else {
            panic!("{line}");
        };
        assert!(
            message.contains(&format!("unknown field `{field}`")),
            "{message}"
        );
        assert!(message.contains("line 9"), "{message}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_its_line_and_what_to_write() {
    for (line, hint) in [
        ("id = \"Hearth\"", "use 1 to 40 of a-z, 0-9 and -"),
        ("from = \"hello\"", "such as \"ada@example.com\""),
        ("currency = \"XAU\"", "such as \"USD\""),
        (
            "policy.high_value_threshold = \"300\"",
            "is not a decimal amount",
        ),
        (
            "policy.consent = \"always\"",
            "`required`, `soft_opt_in`, `opt_out`",
        ),
        ("policy.on_unknown = \"guess\"", "`resend` or `presume`"),
        ("policy.caps.per_week = 300", "expected u8"),
        ("policy.nudge.delay = \"soon\"", "line 9"),
        (
            "policy.quiet_hours.from = \"21:00\"",
            "missing field `until`",
        ),
        ("policy.final.enabled = false", "missing field `delay`"),
        ("name = ", "line"),
    ] {
        let Err(ShopError::Unreadable(message)) = Shop::load(&with(line)) else {
            panic!("{line}");
        };
        assert!(
            message.contains(hint) && message.contains("line "),
            "{message}"
        );
    }
}

#[test]
fn every_fault_names_field_value_and_remedy() {
    for (line, fault) in FAULTS {
        assert_eq!(faults(&with(line)), [*fault], "{line}");
    }
    let no_hosts = "hosts = []: list the hosts of the shop, such as [\"shop.example\"]";
    assert!(faults(&with("hosts = []")).contains(&no_hosts.to_owned()));
}

#[test]
fn all_faults_are_told_at_once_in_the_order_of_the_fields() {
    let text =
        with("name = \"\"") + "color = \"red\"\npolicy.caps = { gap = \"1m\", per_week = 0 }\n";
    let error = Shop::load(&text).unwrap_err().to_string();
    let fields: Vec<_> = error
        .lines()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(
        fields,
        ["name", "color", "policy.caps.gap", "policy.caps.per_week"]
    );
}

#[test]
fn delays_are_accepted_up_to_the_second_at_which_the_window_closes() {
    let second = SignedDuration::from_secs(1);
    for (stage, is_high_value, earliest, latest) in [
        (Stage::Nudge, false, MINUTE * 30, MINUTE * 54),
        (Stage::Nudge, true, MINUTE * 30, MINUTE * 54),
        (Stage::FollowUp, false, HOUR * 6, HOUR * 12 - MINUTE * 11),
        (Stage::FollowUp, true, HOUR * 6, HOUR * 24 - MINUTE * 11),
        (Stage::Final, false, HOUR * 24, HOUR * 48 - MINUTE * 11),
        (Stage::Final, true, HOUR * 24, HOUR * 48 - MINUTE * 11),
    ] {
        for (delay, n_faults) in [
            (earliest - second, 1),
            (earliest, 0),
            (latest, 0),
            (latest + second, 1),
        ] {
            let mut policy = Policy::default();
            let rules = match stage {
                Stage::Nudge => &mut policy.nudge,
                Stage::FollowUp => &mut policy.follow_up,
                Stage::Final => &mut policy.r#final,
            };
            if is_high_value {
                rules.delay_high_value = Some(delay);
            } else {
                rules.delay = delay;
            }
            assert_eq!(
                policy.faults().len(),
                n_faults,
                "{stage} {is_high_value} {delay}"
            );
        }
    }
}

#[test]
fn a_late_follow_up_of_a_high_value_cart_has_twelve_hours_left_to_catch_up() {
    let window = Window::of(Stage::FollowUp, true);
    assert_eq!(window.catch_up - window.closes, HOUR * 12);
}

#[test]
fn caps_and_markets_are_accepted_up_to_their_limits() {
    let second = SignedDuration::from_secs(1);
    for (gap, per_week, n_faults) in [
        (HOUR, 1, 0),
        (HOUR - second, 1, 1),
        (HOUR, 3, 0),
        (HOUR, 4, 1),
        (HOUR - second, 0, 2),
    ] {
        let caps = Caps { gap, per_week };
        let policy = Policy {
            caps,
            ..Policy::default()
        };
        assert_eq!(policy.faults().len(), n_faults, "{gap} {per_week}");
    }
    for (country, is_good) in [
        ("DE", true),
        ("de", false),
        ("D", false),
        ("DEU", false),
        ("D1", false),
    ] {
        let line = format!("policy.markets.{country}.consent = \"opt_out\"");
        assert_eq!(Shop::load(&with(&line)).is_ok(), is_good, "{country}");
    }
}

#[test]
fn texts_are_accepted_up_to_their_length() {
    for (field, max) in [("name", 60), ("postal_address", 200)] {
        for (n, is_good) in [(0, false), (1, true), (max, true), (max + 1, false)] {
            let line = format!("{field} = \"{}\"", "é".repeat(n));
            assert_eq!(Shop::load(&with(&line)).is_ok(), is_good, "{field} {n}");
        }
    }
    for (n, is_good) in [(1, true), (120, true), (121, false)] {
        let line = format!("selling_points = [\"Good.\", \"{}\"]", "é".repeat(n));
        assert_eq!(Shop::load(&with(&line)).is_ok(), is_good, "{n}");
    }
    for (color, is_good) in [
        ("#1f4d3a", true),
        ("#1F4D3A", true),
        ("#1f4d3", false),
        ("#1f4d3a0", false),
        ("1f4d3a0", false),
        ("#1f4d3g", false),
    ] {
        assert_eq!(
            Shop::load(&with(&format!("color = \"{color}\""))).is_ok(),
            is_good,
            "{color}"
        );
    }
}
