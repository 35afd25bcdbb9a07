//! A shop's settings: what loads, with which defaults, and what the documents promise of them.

use std::collections::BTreeSet;

use cartback::brake::Brakes;
use cartback::policy::{Caps, ConsentMode, OnUnknown, Policy, StagePolicy};
use cartback::shop::{Shop, ShopError};
use cartback::stage::Stage;
use serde_json::Value;

use crate::samples::{HOUR, MINUTE};

pub(crate) const EXAMPLE: &str = include_str!("../../../../infra/example-shop.toml");
const DOCUMENT: &str = include_str!("../../../../docs/shop.md");

/// The least that loads, as the document shows it.
pub(crate) fn least() -> &'static str {
    let (_, rest) = DOCUMENT.split_once("```toml\n").unwrap();
    rest.split_once("```").unwrap().0
}

/// The least, with `line` in place of its line for the same field.
pub(crate) fn with(line: &str) -> String {
    let field = line.split(" = ").next().unwrap();
    let mut text = format!("{line}\n");
    for other in least().lines() {
        if !other.starts_with(&format!("{field} = ")) {
            text = format!("{other}\n{text}");
        }
    }
    text
}

/// Field and default of every row of the document's tables.
fn rows() -> Vec<(&'static str, &'static str)> {
    let rows = DOCUMENT.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        (cells[0].trim_matches('`'), cells[3])
    })
    .collect()
}

#[test]
fn the_documented_defaults_are_those_of_the_least_shop() {
    let stated: String = rows()
        .iter()
        .filter(|(_, default)| default.starts_with('`') && !default.contains("delay`"))
        .map(|(field, default)| format!("{field} = {}\n", default.trim_matches('`')))
        .collect();
    let explicit = Shop::load(&format!("{}{stated}", least())).unwrap();
    assert_eq!(explicit, Shop::load(least()).unwrap());
    assert_eq!(stated.lines().count(), 26, "{stated}");
}

#[test]
fn every_field_that_is_required_is_said_to_be() {
    for (field, default) in rows() {
        let without: String = least()
            .lines()
            .filter(|line| !line.starts_with(&format!("{field} = ")))
            .map(|line| format!("{line}\n"))
            .collect();
        let is_required = default == "required";
        assert_eq!(Shop::load(&without).is_err(), is_required, "{field}");
        if is_required {
            let Err(ShopError::Unreadable(message)) = Shop::load(&without) else {
                panic!("{field}");
            };
            assert!(
                message.contains(&format!("missing field `{field}`")),
                "{message}"
            );
        }
    }
}

#[test]
fn every_field_of_the_settings_is_documented() {
    let mut shop = Shop::load(EXAMPLE).unwrap();
    shop.policy.nudge.delay_high_value = Some(MINUTE * 40);
    shop.policy.nudge.on_unknown = Some(OnUnknown::Resend);
    shop.policy.follow_up.on_unknown = Some(OnUnknown::Resend);
    shop.policy.r#final.on_unknown = Some(OnUnknown::Resend);
    shop.test_speed = Some(2);
    shop.policy.push = true;
    let mut known = BTreeSet::new();
    collect(
        &serde_json::to_value(&shop).unwrap(),
        String::new(),
        &mut known,
    );
    let documented: BTreeSet<_> = rows()
        .iter()
        .map(|(field, _)| (*field).to_owned())
        .collect();
    assert_eq!(documented, known);
}

fn collect(value: &Value, path: String, fields: &mut BTreeSet<String>) {
    if let Value::Array(items) = value
        && let Some(first @ Value::Object(_)) = items.first()
    {
        return collect(first, path, fields);
    }
    let Value::Object(members) = value else {
        fields.insert(path.replace("markets.US", "markets.XX"));
        return;
    };
    for (name, member) in members {
        let dot = if path.is_empty() { "" } else { "." };
        collect(member, format!("{path}{dot}{name}"), fields);
    }
}

#[test]
fn the_example_loads_and_so_do_the_defaults_it_shows() {
    let shop = Shop::load(EXAMPLE).unwrap();
    let uncommented: String = EXAMPLE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(field) if field.contains(" = ") => format!("{field}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    assert_ne!(uncommented, EXAMPLE);
    assert_eq!(Shop::load(&uncommented), Ok(shop));
}

#[test]
fn a_shop_that_was_stored_reads_back_as_itself() {
    for toml in [least(), EXAMPLE] {
        let shop = Shop::load(toml).unwrap();
        let text = serde_json::to_string(&shop).unwrap();
        assert_eq!(serde_json::from_str::<Shop>(&text).unwrap(), shop);
    }
}

#[test]
fn the_default_policy_is_the_cautious_one() {
    let stage = |delay, delay_high_value| StagePolicy {
        enabled: true,
        delay,
        delay_high_value,
        on_unknown: None,
    };
    let expected = Policy {
        consent: ConsentMode::Required,
        markets: [].into(),
        high_value_threshold: None,
        quiet_hours: None,
        caps: Caps {
            gap: HOUR * 4,
            per_week: 3,
        },
        on_unknown: OnUnknown::Presume,
        brakes: Brakes {
            max_bounce_percent: 5,
            max_complaints_per_10000: 10,
        },
        push: false,
        offers: None,
        nudge: stage(MINUTE * 34, None),
        follow_up: stage(HOUR * 8, Some(HOUR * 16)),
        r#final: stage(HOUR * 28, Some(HOUR * 44)),
    };
    assert_eq!(Policy::default(), expected);
    assert_eq!(Shop::load(least()).unwrap().policy, expected);
    assert_eq!(expected.faults(), vec![]);
}

#[test]
fn what_follows_silence_is_the_stages_own_word_or_else_the_policys() {
    let rules = "policy.on_unknown = \"resend\"\npolicy.nudge = { delay = \"34m\", on_unknown = \"presume\" }";
    let policy = Shop::load(&with(rules)).unwrap().policy;
    assert_eq!(
        Stage::ALL.map(|stage| policy.on_unknown(stage)),
        [OnUnknown::Presume, OnUnknown::Resend, OnUnknown::Resend]
    );
}

#[test]
fn the_longer_delay_is_for_high_value_carts_that_have_one() {
    let mut policy = Policy::default();
    for (stage, usual, longer) in [
        (Stage::Nudge, MINUTE * 34, MINUTE * 34),
        (Stage::FollowUp, HOUR * 8, HOUR * 16),
        (Stage::Final, HOUR * 28, HOUR * 44),
    ] {
        assert_eq!(policy.delay(stage, false), usual);
        assert_eq!(policy.delay(stage, true), longer);
    }
    policy.follow_up.delay_high_value = None;
    assert_eq!(policy.delay(Stage::FollowUp, true), HOUR * 8);
}

#[test]
fn caps_may_be_set_one_at_a_time() {
    let shop = Shop::load(&format!("{}[policy.caps]\nper_week = 2\n", least())).unwrap();
    assert_eq!(
        shop.policy.caps,
        Caps {
            gap: HOUR * 4,
            per_week: 2
        }
    );
    let shop = Shop::load(&format!("{}[policy.caps]\ngap = \"1h\"\n", least())).unwrap();
    assert_eq!(
        shop.policy.caps,
        Caps {
            gap: HOUR,
            per_week: 3
        }
    );
}

#[test]
fn a_stage_that_gives_its_delay_alone_is_enabled_and_has_no_longer_one() {
    let text = format!("{}policy.follow_up.delay = \"7h\"\n", least());
    let expected = StagePolicy {
        enabled: true,
        delay: HOUR * 7,
        delay_high_value: None,
        on_unknown: None,
    };
    assert_eq!(Shop::load(&text).unwrap().policy.follow_up, expected);
}

#[test]
fn only_a_test_shop_may_have_a_faster_clock() {
    let fast = format!("test_speed = 480\n{}", least());
    let fault = Shop::load(&fast).unwrap_err().to_string();
    assert!(fault.contains("test_speed = 480: leave it out"), "{fault}");

    let shop = Shop::load(&fast.replace("id = \"", "id = \"test-")).unwrap();
    assert_eq!(shop.policy.nudge.delay, MINUTE * 34 / 480);
    assert_eq!(
        shop.policy.follow_up.delay_high_value,
        Some(HOUR * 16 / 480)
    );
    assert_eq!(shop.policy.caps.gap, HOUR * 4 / 480);
    assert_eq!(shop.policy.caps.per_week, 3);
    assert!(shop.policy.jitter(Stage::Final) <= MINUTE);
}
