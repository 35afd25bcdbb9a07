//! What templates get to see: values, words and nothing else. Each stage gets what its message has, so
//! that a template cannot say more.

use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use super::link::web_url;
use super::message::{Brand, Facts, Final, FollowUp, Message, Nudge};
use super::offer::OfferStatement;
use super::plain::{greeting_name, one_line};
use super::render::RenderError;
use super::statement::ThresholdStatement;
use super::view::{BrandShown, CartShown};
use crate::language::{Arg, Locale, Values, Words, zone};
use crate::reason::Answer;

/// A brand with its language: what every mail and page starts from.
pub(crate) struct Look<'a> {
    pub(crate) brand: &'a Brand,
    pub(crate) words: Words,
}

#[derive(Serialize)]
struct AnswerShown<'a> {
    name: &'static str,
    url: &'a str,
}

impl<'a> Look<'a> {
    pub(crate) fn new(brand: &'a Brand) -> Self {
        let locale = Locale::choose([brand.locale.as_str()]);
        let words = Words::new(locale, &brand.wording);
        Self { brand, words }
    }

    /// A moment that matters to the minute, in the brand's zone.
    pub(crate) fn moment(&self, at: jiff::Timestamp) -> String {
        self.words.locale().moment(at, &zone(&self.brand.time_zone))
    }

    /// A moment a short while ago.
    pub(crate) fn recent_moment(&self, at: jiff::Timestamp) -> String {
        let zone = zone(&self.brand.time_zone);
        self.words.locale().recent_moment(at, &zone)
    }

    /// What mails and pages have in common.
    pub(crate) fn values(&self) -> Result<Values, RenderError> {
        let mut values = self.words.values();
        let brand = Serde(BrandShown::new(self.brand)?);
        values.insert("brand", Value::from(brand));
        Ok(values)
    }
}

/// What the templates of the message's stage may show.
pub(super) fn context(message: &Message, look: &Look<'_>) -> Result<Value, RenderError> {
    let cart = message.cart();
    let link = |url, name| web_url(url).ok_or(RenderError::BadLink(name));
    let first_name = cart.first_name.as_deref().and_then(greeting_name);
    let restore_url = link(&cart.restore_url, "restore link")?;
    let unsubscribe_url = link(&cart.unsubscribe_url, "unsubscribe link")?;
    let preferences_url = link(&cart.preferences_url, "preferences link")?;
    let mut values = look.values()?;
    values.extend([
        ("cart", Value::from(Serde(CartShown::new(cart, look)?))),
        ("first_name", Value::from(first_name)),
        ("restore_url", Value::from(restore_url)),
        ("unsubscribe_url", Value::from(unsubscribe_url)),
        ("preferences_url", Value::from(preferences_url)),
        ("statements", statements(message, look)?),
    ]);
    match message {
        Message::Nudge(nudge) => values.extend(self::nudge(nudge)?),
        Message::FollowUp(follow_up) => values.extend([
            ("reason", Value::from(follow_up.reason.name())),
            ("facts", Value::from(facts(&follow_up.facts, look)?)),
        ]),
        Message::Final(_) => {}
    }
    Ok(Value::from_object(values))
}

fn nudge(nudge: &Nudge) -> Result<[(&'static str, Value); 3], RenderError> {
    let shown = |(answer, url): &(Answer, String)| -> Result<Value, RenderError> {
        let url = web_url(url).ok_or(RenderError::BadLink("answer's link"))?;
        let name = answer.name();
        Ok(Value::from(Serde(AnswerShown { name, url })))
    };
    let answers: Result<Vec<_>, RenderError> = nudge.answers.iter().map(shown).collect();
    Ok([
        ("reason", Value::from(nudge.reason.name())),
        ("person", Value::from(nudge.person.name())),
        ("answers", Value::from(answers?)),
    ])
}

/// The statements that the message has, in words; the others are `none`.
fn statements(message: &Message, look: &Look<'_>) -> Result<Value, RenderError> {
    match message {
        Message::Nudge(_) => Ok(context! {}),
        Message::FollowUp(FollowUp {
            threshold, offer, ..
        }) => Ok(context! {
            offer => offer_shown(offer.as_ref(), look)?,
            free_shipping => threshold.map(|threshold| free_shipping(threshold, look)).transpose()?,
        }),
        Message::Final(Final {
            deadline,
            threshold,
            orders,
            offer,
            ..
        }) => {
            let moment = deadline.map(|deadline| look.moment(deadline.at()));
            let told = |id| {
                let moment = moment.as_deref().map(Arg::Text);
                let said = moment.map(|moment| look.words.say(id, &[("moment", moment)]));
                said.transpose()
            };
            let orders = orders.map(|orders| {
                let n = Arg::Count(orders.more_than());
                let days = Arg::Count(orders.days());
                look.words
                    .say("statement-orders", &[("n", n), ("days", days)])
            });
            Ok(context! {
                deadline => told("statement-deadline")?,
                deadline_preview => told("statement-deadline-preview")?,
                free_shipping => threshold.map(|threshold| free_shipping(threshold, look)).transpose()?,
                orders => orders.transpose()?,
                offer => offer_shown(offer.as_ref(), look)?,
            })
        }
    }
}

pub(crate) fn offer_shown(
    offer: Option<&OfferStatement>,
    look: &Look<'_>,
) -> Result<Value, RenderError> {
    let shown = offer.map(|offer| offer.shown(look)).transpose()?;
    Ok(Value::from(Serde(shown)))
}

pub(crate) fn free_shipping(
    threshold: ThresholdStatement,
    look: &Look<'_>,
) -> Result<String, RenderError> {
    let said = match threshold.missing() {
        None => look.words.say("statement-free-shipping-reached", &[]),
        Some(missing) => {
            let amount = look.words.locale().money(missing);
            let amount = [("amount", Arg::Text(&amount))];
            look.words.say("statement-free-shipping-missing", &amount)
        }
    };
    Ok(said?)
}

/// One sentence for each fact.
fn facts(facts: &Facts, look: &Look<'_>) -> Result<Vec<String>, RenderError> {
    let words = &look.words;
    let mut told = Vec::new();
    if let Some((days, is_free)) = facts.returns {
        let id = if is_free {
            "fact-returns-free"
        } else {
            "fact-returns"
        };
        told.push(words.say(id, &[("days", Arg::Count(days.into()))])?);
    }
    if let Some(shipping) = &facts.shipping {
        match shipping.cost {
            Some(cost) if cost.minor == 0 => told.push(words.say("fact-shipping-free", &[])?),
            Some(cost) => {
                let cost = words.locale().money(cost);
                told.push(words.say("fact-shipping-cost", &[("cost", Arg::Text(&cost))])?);
            }
            None => {}
        }
        if let Some(days) = shipping.days {
            told.push(words.say("fact-shipping-days", &[("days", Arg::Count(days.into()))])?);
        }
    }
    if !facts.payment_methods.is_empty() {
        let methods: Vec<_> = facts
            .payment_methods
            .iter()
            .map(|name| one_line(name, 40))
            .collect();
        let methods = methods.join(&words.say("list-separator", &[])?);
        told.push(words.say("fact-payment", &[("methods", Arg::Text(&methods))])?);
    }
    if facts.guest_checkout {
        told.push(words.say("fact-guest", &[])?);
    }
    if let Some(hours) = facts.support_hours {
        told.push(words.say("fact-support", &[("hours", Arg::Count(hours.into()))])?);
    }
    if let Some(reviews) = &facts.reviews {
        let rating = words.locale().decimal(&reviews.rating);
        let n = Arg::Count(reviews.n.into());
        told.push(words.say("fact-reviews", &[("rating", Arg::Text(&rating)), ("n", n)])?);
    }
    told.extend(facts.points.iter().map(|point| one_line(point, 200)));
    Ok(told)
}
