//! People and their consent in our own format.

use jiff::tz::TimeZoneDatabase;

use super::super::{Malformed, text};
use super::wire;
use crate::consent::{Consent, ConsentBasis, ConsentState};
use crate::event::ContactDetails;

/// The person of a message's `contact`.
pub(super) fn contact(contact: &wire::Contact) -> Result<ContactDetails, Malformed> {
    let checked =
        |path: &str, value: &Option<String>, read: fn(&str) -> Option<String>, remedy: &str| {
            match value.as_deref() {
                None => Ok(None),
                Some(value) => read(value)
                    .map(Some)
                    .ok_or_else(|| Malformed::new(path, remedy)),
            }
        };
    Ok(ContactDetails {
        first_name: contact.name.as_deref().and_then(text::first_name),
        locale: checked(
            "contact.locale",
            &contact.locale,
            text::locale,
            "is no language tag; send BCP 47 such as \"de-AT\", or leave it out",
        )?,
        time_zone: checked(
            "contact.time_zone",
            &contact.time_zone,
            time_zone,
            "is no time zone; send an IANA name such as \"Europe/Berlin\", or leave it out",
        )?,
        country: checked(
            "contact.country",
            &contact.country,
            text::country,
            "is no country; send two letters of ISO 3166-1 such as \"AT\", or leave it out",
        )?,
        ..of_address("contact.email", &contact.email.0)?
    })
}

/// A person of whom only the address is told.
pub(super) fn of_address(path: &str, address: &str) -> Result<ContactDetails, Malformed> {
    Ok(ContactDetails {
        email: address
            .parse()
            .map_err(|error: crate::email::InvalidEmail| Malformed::new(path, error.to_string()))?,
        first_name: None,
        locale: None,
        time_zone: None,
        country: None,
    })
}

/// The consent of a message.
pub(super) fn consent(consent: &wire::Consent) -> Result<Consent, Malformed> {
    let basis = consent.basis.unwrap_or(ConsentBasis::None);
    if consent.state == ConsentState::Granted && basis == ConsentBasis::None {
        return Err(Malformed::new(
            "consent.basis",
            "is missing; send with `granted` how it was given: express, double_opt_in or soft_opt_in",
        ));
    }
    let short = |value: &Option<String>| value.as_deref().and_then(|value| text::clip(value, 80));
    Ok(Consent {
        state: consent.state,
        basis,
        source: short(&consent.source),
        text_version: short(&consent.text_version),
    })
}

/// The zone's name in its usual spelling. Only the names inside the program count, so that every
/// machine accepts the same.
pub(in crate::storefront) fn time_zone(name: &str) -> Option<String> {
    let zone = TimeZoneDatabase::bundled().get(name.trim()).ok()?;
    zone.iana_name()
        .filter(|_| !zone.is_unknown())
        .map(str::to_owned)
}
