//! Customers: their consent to e-mail marketing, and their wish to be forgotten.

use super::super::contact::contact;
use super::super::lenient::Scalar;
use super::super::{Malformed, Parsed, json};
use super::Delivery;
use super::wire::{ConsentUpdate, Customer, EmailConsent, Redaction};
use crate::consent::{Consent, ConsentBasis, ConsentState};
use crate::event::{Change, ContactDetails};

pub(super) fn updated(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let customer: Customer = json::read(delivery.body)?;
    // A grant without a date is as old as the customer, so that it never lifts a dated refusal; a
    // refusal without a date is as new as the message.
    let undated = |state| match state {
        ConsentState::Granted => &customer.created_at,
        ConsentState::Refused | ConsentState::Unknown => &customer.updated_at,
    };
    Ok(consent_changed(
        delivery,
        person(&customer),
        customer.email_marketing_consent.as_ref(),
        undated,
    ))
}

pub(super) fn consent_updated(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let update: ConsentUpdate = json::read(delivery.body)?;
    let person = contact(update.email_address.text(), &[], None, &[]);
    let unknown = Scalar::default();
    Ok(consent_changed(
        delivery,
        person,
        update.email_marketing_consent.as_ref(),
        |_| &unknown,
    ))
}

pub(super) fn redacted(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let redaction: Redaction = json::read(delivery.body)?;
    // With the address only: whoever asks to be forgotten is not described once more.
    let email = redaction
        .customer
        .as_ref()
        .and_then(|customer| customer.email.text());
    let Some(person) = contact(email, &[], None, &[]) else {
        return Ok(Parsed::Ignored(
            "the person to forget has no e-mail address, so we know nothing".to_owned(),
        ));
    };
    let frame = delivery.frame(&[], false);
    Ok(Parsed::Events(vec![frame.event(
        &[],
        Some(&person),
        Change::ErasureRequested,
    )]))
}

/// The operator hands over what is held; told by the address alone.
pub(super) fn data_requested(delivery: &Delivery<'_>) -> Result<Parsed, Malformed> {
    let request: Redaction = json::read(delivery.body)?;
    let customer = request.customer.as_ref();
    let email = customer.and_then(|customer| customer.email.text());
    let Some(person) = contact(email, &[], None, &[]) else {
        return Ok(Parsed::Ignored(
            "the person who asks has no e-mail address, so we hold nothing".to_owned(),
        ));
    };
    let frame = delivery.frame(&[], false);
    Ok(Parsed::Events(vec![frame.event(
        &[],
        Some(&person),
        Change::DataRequested,
    )]))
}

/// Two days after the app was uninstalled.
pub(super) fn shop_redacted(delivery: &Delivery<'_>) -> Parsed {
    let frame = delivery.frame(&[], false);
    Parsed::Events(vec![frame.event(&[], None, Change::ShopErasureRequested)])
}

fn person(customer: &Customer) -> Option<ContactDetails> {
    let country = customer
        .default_address
        .as_ref()
        .map(|address| &address.country_code);
    contact(
        customer.email.text(),
        &[Some(&customer.first_name)],
        None,
        &[country],
    )
}

fn consent_changed<'a>(
    delivery: &Delivery<'_>,
    person: Option<ContactDetails>,
    told: Option<&'a EmailConsent>,
    undated: impl Fn(ConsentState) -> &'a Scalar,
) -> Parsed {
    let Some(person) = person else {
        return Parsed::Ignored("the customer has no e-mail address".to_owned());
    };
    let Some((told, consent)) = told.and_then(|told| Some((told, consent(told)?))) else {
        return Parsed::Ignored("the customer has not decided about e-mail".to_owned());
    };
    let frame = delivery.frame(&[&told.consent_updated_at, undated(consent.state)], false);
    Parsed::Events(vec![frame.event(
        &[],
        Some(&person),
        Change::ConsentChanged(consent),
    )])
}

/// What Shopify's `state` says, or `None` where it says nothing (`pending`, null, a new word).
fn consent(told: &EmailConsent) -> Option<Consent> {
    let is_confirmed = told.opt_in_level.text() == Some("confirmed_opt_in");
    let is_dated = told.consent_updated_at.text().is_some();
    let (state, basis) = match told.state.text()?.to_ascii_lowercase().as_str() {
        "subscribed" if is_confirmed => (ConsentState::Granted, ConsentBasis::DoubleOptIn),
        "subscribed" => (ConsentState::Granted, ConsentBasis::Express),
        "unsubscribed" | "redacted" | "invalid" => (ConsentState::Refused, ConsentBasis::None),
        // Without a date it is what every new customer has: nobody asked.
        "not_subscribed" if is_dated => (ConsentState::Refused, ConsentBasis::None),
        _ => return None,
    };
    let source = Some("Shopify, email_marketing_consent".to_owned());
    Some(Consent {
        state,
        basis,
        source,
        text_version: None,
    })
}
