//! A shop's rules for reminders: when, to whom, how often. Loaded from TOML and checked as a whole;
//! every fault names the field, the value and the remedy.

use std::collections::BTreeMap;

use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::brake::Brakes;
use crate::money::Money;
use crate::offer::Offers;
use crate::stage::Stage;

/// When, to whom and how often a shop reminds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Which consent a reminder needs.
    #[serde(default)]
    pub consent: ConsentMode,
    /// Other rules by ISO 3166-1 alpha-2 country of the contact.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub markets: BTreeMap<String, Market>,
    /// Carts at or above it get more time before the follow-up and the final mail.
    #[serde(
        default,
        with = "crate::shop::money_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub high_value_threshold: Option<Money>,
    /// Local hours in which nothing is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
    /// At most this often per person, over all carts.
    #[serde(default)]
    pub caps: Caps,
    /// What to do when neither SES's reply nor its events arrive.
    #[serde(default)]
    pub on_unknown: OnUnknown,
    /// When bounces or complaints stop a stage.
    #[serde(default)]
    pub brakes: Brakes,
    /// Whether the nudge goes as a notification to a browser that takes them, in place of the mail.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub push: bool,
    /// What the later reminders may give; `None` gives nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offers: Option<Offers>,
    /// The first reminder.
    #[serde(default = "StagePolicy::nudge")]
    pub nudge: StagePolicy,
    /// The second.
    #[serde(default = "StagePolicy::follow_up")]
    pub follow_up: StagePolicy,
    /// The last.
    #[serde(default = "StagePolicy::last")]
    pub r#final: StagePolicy,
}

/// Rules of one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StagePolicy {
    /// `false` leaves the stage out.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Idle time before the reminder falls due, counted from the last cart activity. Nudge 30 to 60
    /// minutes, follow-up 6 to 12 hours, final 24 to 48 hours. Source: requirement of the project.
    pub delay: SignedDuration,
    /// The same for carts above the high-value threshold: follow-up up to 24 hours. Default: `delay`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_high_value: Option<SignedDuration>,
    /// What to do with this stage's mails of which nothing is heard. Default: the policy's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_unknown: Option<OnUnknown>,
}

/// Which consent a reminder needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentMode {
    /// Only those who agreed. The default, and the law in most of Europe.
    #[default]
    Required,
    /// Those who agreed, and those who gave their address in a sale with an opt-out offered there.
    SoftOptIn,
    /// All who did not refuse.
    OptOut,
}

/// Rules that differ in one country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Market {
    /// Which consent a reminder needs there.
    pub consent: ConsentMode,
}

/// A span of local time, which may cross midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// First quiet minute.
    pub from: Time,
    /// First minute after.
    pub until: Time,
}

/// Limits per person over all carts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Caps {
    /// Least time between two mails.
    pub gap: SignedDuration,
    /// Most mails in seven days.
    pub per_week: u8,
}

/// What to do when neither SES's reply nor its events arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUnknown {
    /// Send again, at most twice: no reminder is lost, and one in a great many may come twice.
    Resend,
    /// Treat it as sent: nobody gets two, and one in a great many may get none.
    #[default]
    Presume,
}

/// A fault in a shop's settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} = {value}: {remedy}")]
pub struct Fault {
    /// The field, such as `policy.nudge.delay`.
    pub field: String,
    /// The value as given.
    pub value: String,
    /// What to write instead.
    pub remedy: String,
}

/// The schedules tick this often: what falls due waits for the next tick.
const TICK: SignedDuration = SignedDuration::from_mins(1);

/// When a stage's reminder may leave, counted from the last activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Not before this.
    pub opens: SignedDuration,
    /// The delay may be chosen up to this.
    pub closes: SignedDuration,
    /// After an outage a reminder may still leave until this; later ones are skipped and counted.
    pub catch_up: SignedDuration,
}

impl Window {
    /// The window of `stage`; `is_high_value` carts may wait up to 24 hours for the follow-up.
    #[must_use]
    pub fn of(stage: Stage, is_high_value: bool) -> Self {
        let hours = SignedDuration::from_hours;
        match stage {
            Stage::Nudge => Self {
                opens: SignedDuration::from_mins(30),
                closes: SignedDuration::from_mins(60),
                catch_up: hours(3),
            },
            Stage::FollowUp => Self {
                opens: hours(6),
                closes: if is_high_value { hours(24) } else { hours(12) },
                catch_up: if is_high_value { hours(36) } else { hours(24) },
            },
            Stage::Final => Self {
                opens: hours(24),
                closes: hours(48),
                catch_up: hours(72),
            },
        }
    }
}

impl Policy {
    /// The rules of `stage`.
    #[must_use]
    pub fn stage(&self, stage: Stage) -> &StagePolicy {
        match stage {
            Stage::Nudge => &self.nudge,
            Stage::FollowUp => &self.follow_up,
            Stage::Final => &self.r#final,
        }
    }

    /// What to do with a mail of `stage` of which nothing is heard.
    #[must_use]
    pub fn on_unknown(&self, stage: Stage) -> OnUnknown {
        self.stage(stage).on_unknown.unwrap_or(self.on_unknown)
    }

    /// Idle time before `stage` falls due.
    #[must_use]
    pub fn delay(&self, stage: Stage, is_high_value: bool) -> SignedDuration {
        let rules = self.stage(stage);
        match rules.delay_high_value {
            Some(delay) if is_high_value => delay,
            _ => rules.delay,
        }
    }

    /// Over how much time carts of `stage` are spread. Less for the nudge, so that a second send after
    /// the evidence wait still lands within its hour; never more than a sixth of the delay.
    #[must_use]
    pub fn jitter(&self, stage: Stage) -> SignedDuration {
        longest_jitter(stage).min(self.stage(stage).delay / 6)
    }

    /// The same rules with every wait of the sequence `speed` times shorter: for test shops.
    #[must_use]
    pub(crate) fn sped_up(mut self, speed: u16) -> Self {
        let speed = i32::from(speed.max(1));
        self.caps.gap /= speed;
        for rules in [&mut self.nudge, &mut self.follow_up, &mut self.r#final] {
            rules.delay /= speed;
            rules.delay_high_value = rules.delay_high_value.map(|delay| delay / speed);
        }
        self
    }

    /// Which consent a person in `country` must have given.
    #[must_use]
    pub fn consent_mode(&self, country: Option<&str>) -> ConsentMode {
        country
            .and_then(|country| self.markets.get(country))
            .map_or(self.consent, |market| market.consent)
    }

    /// All faults, in the order of the fields.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for stage in Stage::ALL {
            self.check_stage(stage, &mut faults);
        }
        if self.caps.gap < SignedDuration::from_hours(1) {
            let value = format!("{:#}", self.caps.gap);
            faults.push(Fault::new(
                "policy.caps.gap",
                value,
                "leave at least 1h between two mails to one person",
            ));
        }
        if !(1..=3).contains(&self.caps.per_week) {
            let value = self.caps.per_week.to_string();
            faults.push(Fault::new(
                "policy.caps.per_week",
                value,
                "allow 1 to 3 mails per person in seven days",
            ));
        }
        faults.extend(self.brakes.faults());
        faults.extend(self.offers.iter().flat_map(Offers::faults));
        for country in self.markets.keys() {
            if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
                let field = format!("policy.markets.{country}");
                faults.push(Fault::new(
                    field,
                    country,
                    "name the market by its ISO 3166 country code, such as DE",
                ));
            }
        }
        faults
    }

    fn check_stage(&self, stage: Stage, faults: &mut Vec<Fault>) {
        let rules = self.stage(stage);
        let delays = [
            ("delay", Some(rules.delay), false),
            ("delay_high_value", rules.delay_high_value, true),
        ];
        for (name, delay, is_high_value) in delays {
            let Some(delay) = delay else { continue };
            let window = Window::of(stage, is_high_value);
            let latest = window.closes - longest_jitter(stage) - TICK;
            if delay < window.opens || latest < delay {
                let remedy = format!("choose {:#} to {latest:#} for the {stage}", window.opens);
                faults.push(Fault::new(
                    format!("policy.{stage}.{name}"),
                    format!("{delay:#}"),
                    remedy,
                ));
            }
        }
    }
}

fn longest_jitter(stage: Stage) -> SignedDuration {
    match stage {
        Stage::Nudge => SignedDuration::from_mins(5),
        Stage::FollowUp | Stage::Final => SignedDuration::from_mins(10),
    }
}

impl QuietHours {
    /// When the quiet span that holds `at` ends, in `zone`, later than `at`; `None` if `at` is not in
    /// one. Where the clock is set back and the end comes twice, the second one counts.
    #[must_use]
    pub fn end_after(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let local = at.to_zoned(zone.clone());
        let time = local.time();
        let crosses_midnight = self.until < self.from;
        let is_quiet = if crosses_midnight {
            self.from <= time || time < self.until
        } else {
            self.from <= time && time < self.until
        };
        if !is_quiet {
            return None;
        }
        let date = if crosses_midnight && self.from <= time {
            local.date().tomorrow().ok()?
        } else {
            local.date()
        };
        // Where the clock is set back the hour comes twice; the first one may be over already.
        let end = zone.to_ambiguous_timestamp(date.to_datetime(self.until));
        end.later().ok()
    }
}

impl Fault {
    /// A fault at `field`.
    #[must_use]
    pub fn new(
        field: impl Into<String>,
        value: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            field: field.into(),
            value: value.into(),
            remedy: remedy.into(),
        }
    }
}

impl StagePolicy {
    fn nudge() -> Self {
        Self::after(SignedDuration::from_mins(34), None)
    }

    fn follow_up() -> Self {
        Self::after(
            SignedDuration::from_hours(8),
            Some(SignedDuration::from_hours(16)),
        )
    }

    fn last() -> Self {
        Self::after(
            SignedDuration::from_hours(28),
            Some(SignedDuration::from_hours(44)),
        )
    }

    fn after(delay: SignedDuration, delay_high_value: Option<SignedDuration>) -> Self {
        Self {
            enabled: true,
            delay,
            delay_high_value,
            on_unknown: None,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            consent: ConsentMode::default(),
            markets: BTreeMap::new(),
            high_value_threshold: None,
            quiet_hours: None,
            caps: Caps::default(),
            on_unknown: OnUnknown::default(),
            brakes: Brakes::default(),
            push: false,
            offers: None,
            nudge: StagePolicy::nudge(),
            follow_up: StagePolicy::follow_up(),
            r#final: StagePolicy::last(),
        }
    }
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            gap: SignedDuration::from_hours(4),
            per_week: 3,
        }
    }
}

fn yes() -> bool {
    true
}
