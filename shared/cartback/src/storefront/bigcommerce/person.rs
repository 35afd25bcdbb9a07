//! People: who subscribed to the newsletter has agreed; who declined mails about abandoned carts, which
//! is BigCommerce's own gate for them, has refused.

use serde::Deserialize;

use super::super::Malformed;
use super::super::contact::contact;
use super::super::fetch::{Next, Question};
use super::super::lenient::{Lenient, Scalar};
use super::{Envelope, Talk, newest, time_of};
use crate::consent::{Consent, ConsentBasis, ConsentState};
use crate::event::{CartEvent, Change, ContactDetails};
use crate::ids::CartId;

/// A customer, as far as it is about mails.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Customer {
    id: Scalar,
    email: Scalar,
    first_name: Scalar,
    accepts_product_review_abandoned_cart_emails: Lenient<bool>,
    date_modified: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Subscriber {
    email: Scalar,
    first_name: Scalar,
    date_created: Scalar,
}

pub(super) fn subscriber(talk: &Talk<'_>) -> Result<Next, Malformed> {
    if talk.replies.is_empty() {
        let path = ["v3", "customers", "subscribers", talk.notice.id()?];
        return Ok(Next::Ask(talk.api.question(&path)?));
    }
    let Some(Envelope { data: subscriber }) = talk.reply::<Envelope<Subscriber>>(0)? else {
        return Ok(Next::Ignore("the subscriber is gone".to_owned()));
    };
    let person = contact(
        subscriber.email.text(),
        &[Some(&subscriber.first_name)],
        None,
        &[],
    );
    let Some(person) = person else {
        return Ok(Next::Ignore(
            "the subscriber has no e-mail address".to_owned(),
        ));
    };
    // As old as the subscription: a change of the name must not lift a refusal since.
    let frame = talk.frame(time_of(&subscriber.date_created));
    let consent = consent(ConsentState::Granted, ConsentBasis::Express, "subscriber");
    let event = frame.event(&[], Some(&person), Change::ConsentChanged(consent));
    Ok(Next::Record(vec![event]))
}

pub(super) fn customer(talk: &Talk<'_>) -> Result<Next, Malformed> {
    if talk.replies.is_empty() {
        let id = talk.notice.id()?;
        return Ok(Next::Ask(customer_question(talk, id)?));
    }
    let customer = customer_in(talk, 0, talk.notice.id()?)?;
    let events = customer.and_then(|customer| declined(talk, &customer, None, &[]));
    Ok(Next::told(
        events.into_iter().collect(),
        "the customer has not declined mails about carts",
    ))
}

pub(super) fn customer_question(talk: &Talk<'_>, id: &str) -> Result<Question, Malformed> {
    let question = talk.api.question(&["v3", "customers"])?;
    question
        .query_of("id:in", id)
        .ok_or_else(|| Malformed::new("customer_id", "is no id"))
}

/// Customer `id` in the `n`-th reply; a list that was not filtered is nobody's.
pub(super) fn customer_in(
    talk: &Talk<'_>,
    n: usize,
    id: &str,
) -> Result<Option<Customer>, Malformed> {
    let customers = talk.reply::<Envelope<Vec<Customer>>>(n)?;
    let mut customers = customers.into_iter().flat_map(|reply| reply.data);
    Ok(customers.find(|customer| customer.id.text() == Some(id)))
}

/// The refusal of a customer who takes no mails about abandoned carts. That they do take them is a
/// default of the shop's, and says nothing. A cart's refusal is that of the person `named` by the cart.
pub(super) fn declined(
    talk: &Talk<'_>,
    customer: &Customer,
    named: Option<ContactDetails>,
    carts: &[CartId],
) -> Option<CartEvent> {
    if customer
        .accepts_product_review_abandoned_cart_emails
        .as_ref()
        != Some(&false)
    {
        return None;
    }
    let names = [Some(&customer.first_name)];
    let person = named.or_else(|| contact(customer.email.text(), &names, None, &[]))?;
    let frame = talk.frame(newest(&[&customer.date_modified]));
    let source = "accepts_product_review_abandoned_cart_emails";
    let consent = consent(ConsentState::Refused, ConsentBasis::None, source);
    Some(frame.event(carts, Some(&person), Change::ConsentChanged(consent)))
}

fn consent(state: ConsentState, basis: ConsentBasis, field: &str) -> Consent {
    Consent {
        state,
        basis,
        source: Some(format!("BigCommerce, {field}")),
        text_version: None,
    }
}
