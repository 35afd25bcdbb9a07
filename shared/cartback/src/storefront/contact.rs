//! The person that a storefront's message names.

use super::lenient::Scalar;
use super::text;
use crate::event::ContactDetails;

/// A person, if there is an address: the first of `names`, and the first of `countries`, that is
/// one.
pub(super) fn contact(
    email: Option<&str>,
    names: &[Option<&Scalar>],
    locale: Option<&Scalar>,
    countries: &[Option<&Scalar>],
) -> Option<ContactDetails> {
    let first = |candidates: &[Option<&Scalar>], read: fn(&str) -> Option<String>| {
        candidates
            .iter()
            .flatten()
            .find_map(|candidate| read(candidate.text()?))
    };
    Some(ContactDetails {
        email: email?.parse().ok()?,
        first_name: first(names, text::first_name),
        locale: first(&[locale], text::locale),
        time_zone: None,
        country: first(countries, text::country),
    })
}
