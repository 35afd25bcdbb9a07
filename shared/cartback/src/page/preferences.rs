//! The preferences page: what a person gets, and why they got the mail. Two clicks at most: the mail's
//! link, and one button. Nothing on it tells who the person is.

use jiff::Timestamp;
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use super::{shown, target};
use crate::consent::ConsentBasis;
use crate::contact::StopReason;
use crate::mail::template::fill;
use crate::mail::{Brand, RenderError, shown_moment};
use crate::preferences::{LANGUAGES, Preferences, Why, Wish};
use crate::stage::Stage;

#[derive(Serialize)]
struct LanguageShown {
    tag: &'static str,
    name: &'static str,
    is_chosen: bool,
}

#[derive(Serialize)]
struct WhyShown<'a> {
    reminder: &'static str,
    at: String,
    per_week: u8,
    ground: String,
    has_offer: bool,
    digest: &'a str,
}

/// The page as it is at `now`, whose forms post to `action`; after `done` it says what was done.
///
/// # Errors
/// [`RenderError`] when a link is unfit or the template is at fault.
pub fn preferences(
    preferences: &Preferences,
    action: &str,
    done: Option<Wish>,
    now: Timestamp,
) -> Result<String, RenderError> {
    let Preferences { shop, contact, why } = preferences;
    let brand = Brand {
        locale: contact.locale.clone().unwrap_or(shop.locale.clone()),
        ..shop.brand()
    };
    let stop = contact.stop.map(|stop| stop.reason);
    let paused_until = contact.paused_until.filter(|until| now < *until);
    // No word of a pause to whom nothing is sent: a stop is never lifted.
    let holds = |wish: &Wish| match wish {
        Wish::StopReminders | Wish::StopAllMail => true,
        Wish::Pause | Wish::Resume | Wish::Speak(_) => stop.is_none(),
    };
    let languages = LANGUAGES.map(|(tag, name)| LanguageShown {
        tag,
        name,
        is_chosen: tag == primary(&brand.locale),
    });
    let context = context! {
        brand => shown(&brand)?,
        action => target(action)?,
        done => done.filter(holds).map(confirmation),
        is_stopped => stop.is_some(),
        is_all_stopped => stop == Some(StopReason::AllMail),
        paused_until => paused_until.map(|until| shown_moment(until, &brand.time_zone)),
        languages => Value::from(Serde(languages)),
        why => Value::from(Serde(why.as_ref().map(|why| why_shown(why, &brand, shop.policy.caps.per_week)))),
    };
    Ok(fill("page/preferences.html", &context)?)
}

fn confirmation(wish: Wish) -> &'static str {
    match wish {
        Wish::StopReminders => {
            "Done: no more cart reminders. One that was already on its way may still arrive."
        }
        Wish::StopAllMail => {
            "Done: no more cart reminders, and the shop is told to send nothing else but emails about orders."
        }
        Wish::Pause => "Done: no cart reminders for 30 days.",
        Wish::Resume => "Done: you get cart reminders again.",
        Wish::Speak(_) => "Done: your language is noted.",
    }
}

fn why_shown<'a>(why: &'a Why, brand: &Brand, per_week: u8) -> WhyShown<'a> {
    WhyShown {
        reminder: match why.stage {
            Stage::Nudge => "first reminder",
            Stage::FollowUp => "second reminder",
            Stage::Final => "last reminder",
        },
        at: shown_moment(why.at, &brand.time_zone),
        per_week,
        ground: ground(why, brand),
        has_offer: why.has_offer,
        digest: &why.digest,
    }
}

/// On what ground the shop may write, in words.
fn ground(why: &Why, brand: &Brand) -> String {
    let agreed_at = why.agreed_at.map(|at| shown_moment(at, &brand.time_zone));
    match (why.basis, agreed_at) {
        (ConsentBasis::Express | ConsentBasis::DoubleOptIn, Some(at)) => {
            format!("Reminders to this address were agreed to on {at}.")
        }
        (ConsentBasis::SoftOptIn, _) => {
            "The address was given to the shop in an order, and reminders were not declined."
                .to_owned()
        }
        (ConsentBasis::Express | ConsentBasis::DoubleOptIn | ConsentBasis::None, _) => {
            "The shop writes to people who leave a cart and have not declined reminders.".to_owned()
        }
    }
}

/// The language of a BCP 47 tag, without region and script.
fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}
