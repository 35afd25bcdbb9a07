//! A shop's settings: who it is, what its mails and links look like, and its policy. Loaded from one
//! TOML file (`cartback shop check`, `cartback shop apply`) and kept in the table.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::email::EmailAddress;
use crate::ids::ShopId;
use crate::language::{Locale, Wording};
use crate::mail::Brand;
use crate::money::Currency;
use crate::policy::{Fault, Policy};
use crate::selling::{Limits, Selling};

/// How long the links of a reminder work. Unsubscribing works for ever.
pub const RESTORE_LINK_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Ids of shops in which nobody shops.
const TEST_PREFIX: &str = "test-";

/// One shop. Only [`Shop::load`] makes one from text, so every shop has passed its checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shop {
    /// Short name, part of every route.
    pub id: ShopId,
    /// Display name.
    pub name: String,
    /// Home page.
    pub url: String,
    /// Hosts that links and pictures may lead to, such as `shop.example`; `host:port` for a local shop.
    pub hosts: Vec<String>,
    /// Where `/restore`, `/unsubscribe` and `/preferences` are served, without a slash at the end.
    pub links_url: String,
    /// Sender of the mails; its domain must be verified with SES.
    pub from: EmailAddress,
    /// Where shoppers' questions go; the reply-to of every mail.
    pub support_email: EmailAddress,
    /// One line; the law wants it in every mail.
    pub postal_address: String,
    /// Currency of messages that name none.
    #[serde(default = "usd")]
    pub currency: Currency,
    /// BCP 47 language of mails for people whose language is not known: one that Cartback speaks.
    #[serde(default = "english")]
    pub locale: String,
    /// IANA time zone for people whose zone is not known.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// Picture for the head of mails and pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<String>,
    /// Colour of buttons and accents.
    #[serde(default = "ink")]
    pub color: String,
    /// Facts that make the decision easier, one short sentence each, shown in the follow-up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selling_points: Vec<String>,
    /// Facts about returns, shipping, payment and the like.
    #[serde(default)]
    pub selling: Selling,
    /// How fresh a reading must be to be told.
    #[serde(default)]
    pub statements: Limits,
    /// The shop's own words and templates. From files beside the settings, never from the settings.
    #[serde(default, skip_serializing_if = "Wording::is_empty")]
    pub wording: Wording,
    /// How many times faster than the policy says the waits of the sequence pass, for trying an
    /// installation out. Only a shop whose id begins with `test-` may have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_speed: Option<u16>,
    /// When, to whom and how often.
    #[serde(default)]
    pub policy: Policy,
}

/// Why a settings file was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShopError {
    /// Not TOML, a field missing, or of the wrong kind. The message names line and field.
    #[error("the settings cannot be read: {0}")]
    Unreadable(String),
    /// Read, and wrong; never empty.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Faulty(Vec<Fault>),
}

impl Shop {
    /// Reads settings from TOML and checks them.
    ///
    /// # Errors
    /// [`ShopError::Unreadable`] with line and field, or [`ShopError::Faulty`] with every fault.
    pub fn load(toml: &str) -> Result<Self, ShopError> {
        let shop: Self =
            toml::from_str(toml).map_err(|error| ShopError::Unreadable(error.to_string()))?;
        let mut faults = shop.faults();
        if !shop.wording.is_empty() {
            let remedy = "put messages and templates into files, see docs/mails.md";
            faults.push(Fault::new("wording", "…", remedy));
        }
        if !faults.is_empty() {
            return Err(ShopError::Faulty(faults));
        }
        Ok(Self {
            policy: shop.policy.sped_up(shop.test_speed.unwrap_or(1)),
            ..shop
        })
    }

    /// The shop as its mails and pages show it.
    #[must_use]
    pub fn brand(&self) -> Brand {
        Brand {
            name: self.name.clone(),
            url: self.url.clone(),
            logo_url: self.logo_url.clone().filter(|url| self.owns_url(url)),
            color: self.color.clone(),
            support_email: self.support_email.expose().to_owned(),
            postal_address: self.postal_address.clone(),
            locale: self.locale.clone(),
            time_zone: self.time_zone.clone(),
            wording: self.wording.clone(),
        }
    }

    /// The zone of people whose own is not known.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// Whether `url` is safe to show or follow: `https`, or `http` on a loopback host, at one of the
    /// shop's hosts, without a user part.
    #[must_use]
    pub fn owns_url(&self, url: &str) -> bool {
        safe_url(url).is_some_and(|parsed| {
            let host = parsed.host_str().unwrap_or_default();
            let authority = parsed
                .port()
                .map_or(host.to_owned(), |port| format!("{host}:{port}"));
            self.hosts.contains(&authority)
        })
    }

    /// All faults, in the order of the fields.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = self.text_faults();
        if self.hosts.is_empty() {
            let remedy = "list the hosts of the shop, such as [\"shop.example\"]";
            faults.push(Fault::new("hosts", "[]", remedy));
        }
        if let Some(speed) = self.test_speed
            && (speed == 0 || !self.id.to_string().starts_with(TEST_PREFIX))
        {
            let remedy =
                "leave it out, or give a speed above 0 to a shop whose id begins with `test-`";
            faults.push(Fault::new("test_speed", speed.to_string(), remedy));
        }
        faults.extend(self.selling.faults());
        faults.extend(self.statements.faults());
        faults.extend(self.policy.faults());
        faults
    }

    fn text_faults(&self) -> Vec<Fault> {
        let texts = [
            (
                "name",
                &self.name,
                is_line(&self.name, 60),
                "give the shop's name in 1 to 60 characters",
            ),
            (
                "url",
                &self.url,
                self.owns_url(&self.url),
                "give an https address at one of `hosts`",
            ),
            (
                "links_url",
                &self.links_url,
                is_base_url(&self.links_url),
                LINKS_URL_REMEDY,
            ),
            (
                "postal_address",
                &self.postal_address,
                is_line(&self.postal_address, 200),
                POSTAL_REMEDY,
            ),
            (
                "color",
                &self.color,
                is_color(&self.color),
                "give a colour such as \"#1f4d3a\"",
            ),
            (
                "locale",
                &self.locale,
                Locale::of(&self.locale).is_some(),
                LOCALE_REMEDY,
            ),
            (
                "time_zone",
                &self.time_zone,
                TimeZone::get(&self.time_zone).is_ok(),
                ZONE_REMEDY,
            ),
        ];
        let logo = self
            .logo_url
            .iter()
            .map(|url| ("logo_url", url, self.owns_url(url), LOGO_REMEDY));
        let points = self
            .selling_points
            .iter()
            .map(|point| ("selling_points", point, is_line(point, 120), POINT_REMEDY));
        texts
            .into_iter()
            .chain(logo)
            .chain(points)
            .filter(|(_, _, is_good, _)| !is_good)
            .map(|(field, value, _, remedy)| Fault::new(field, format!("{value:?}"), remedy))
            .collect()
    }
}

const LINKS_URL_REMEDY: &str =
    "give the https address of the links function, without a slash at the end";
const POSTAL_REMEDY: &str = "give the postal address in one line; the law wants it in every mail";
const LOCALE_REMEDY: &str =
    "name a language that Cartback speaks: en, de, fr, es, ja or ar, such as \"de-CH\"";
const ZONE_REMEDY: &str = "name an IANA time zone, such as \"Europe/Berlin\"";
const LOGO_REMEDY: &str = "give an https address at one of `hosts`";
const POINT_REMEDY: &str = "keep each to one sentence of at most 120 characters";

fn is_line(text: &str, max_chars: usize) -> bool {
    let n_chars = text.trim().chars().count();
    (1..=max_chars).contains(&n_chars) && !text.chars().any(char::is_control)
}

fn is_base_url(url: &str) -> bool {
    let is_base = |parsed: url::Url| parsed.query().is_none() && parsed.fragment().is_none();
    !url.ends_with('/') && safe_url(url).is_some_and(is_base)
}

/// `url` parsed, if it is `https`, or `http` on a loopback host, has no user part, and says the same
/// to every reader: parsers forgive missing slashes, and drop or replace some characters.
fn safe_url(url: &str) -> Option<url::Url> {
    let parsed = url::Url::parse(url).ok()?;
    let host = parsed.host_str()?;
    let is_loopback = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
    let has_safe_scheme = parsed.scheme() == "https" || (parsed.scheme() == "http" && is_loopback);
    let has_no_user = parsed.username().is_empty() && parsed.password().is_none();
    let rest = url
        .get(parsed.scheme().len()..)
        .and_then(|rest| rest.strip_prefix("://"));
    let is_plain = rest.is_some_and(|rest| !rest.starts_with('/'))
        && !url.contains(|c: char| c == '\\' || c.is_control())
        && url.trim_end() == url;
    (has_safe_scheme && has_no_user && is_plain).then_some(parsed)
}

fn is_color(color: &str) -> bool {
    color.len() == 7
        && color
            .strip_prefix('#')
            .is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn usd() -> Currency {
    Currency::USD
}

fn english() -> String {
    "en".to_owned()
}

fn utc() -> String {
    "UTC".to_owned()
}

fn ink() -> String {
    "#1f2937".to_owned()
}

/// Money as people write it in settings: `"300.00 USD"`.
pub(crate) mod money_text {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::money::Money;

    pub(crate) fn serialize<S: Serializer>(
        money: &Option<Money>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match money {
            Some(money) => serializer.collect_str(money),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Money>, D::Error> {
        let text: Option<String> = Option::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(serde::de::Error::custom))
            .transpose()
    }
}
