//! The preferences page: what a person gets, and why they got the mail. Two clicks at most: the mail's
//! link, and one button. Nothing on it tells who the person is.

use jiff::Timestamp;
use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;

use super::{page, target};
use crate::consent::ConsentBasis;
use crate::contact::StopReason;
use crate::language::Language;
use crate::mail::shown::Look;
use crate::mail::{Brand, RenderError};
use crate::preferences::{Preferences, Why, Wish};

#[derive(Serialize)]
struct LanguageShown {
    tag: &'static str,
    name: &'static str,
    is_chosen: bool,
}

#[derive(Serialize)]
struct WhyShown<'a> {
    stage: &'static str,
    at: String,
    per_week: u8,
    agreed_at: Option<String>,
    /// Whether the shop has the address by an order.
    is_ordered: bool,
    has_offer: bool,
    digest: &'a str,
}

/// The page in the look of `brand` as it is at `now`, whose forms post to `action`; after `done` it says
/// what was done.
///
/// # Errors
/// [`RenderError`] when a link is unfit or the template is at fault.
pub fn preferences(
    preferences: &Preferences,
    brand: &Brand,
    action: &str,
    done: Option<Wish>,
    now: Timestamp,
) -> Result<String, RenderError> {
    let Preferences {
        shop, contact, why, ..
    } = preferences;
    let look = Look::new(brand);
    let stop = contact.stop.map(|stop| stop.reason);
    let paused_until = contact.paused_until.filter(|until| now < *until);
    // No word of a pause to whom nothing is sent: a stop is never lifted.
    let holds = |wish: &Wish| match wish {
        Wish::StopReminders | Wish::StopAllMail => true,
        Wish::Pause | Wish::Resume | Wish::Speak(_) => stop.is_none(),
    };
    let per_week = shop.policy.caps.per_week;
    let why = why.as_ref().map(|why| why_shown(why, &look, per_week));
    let context = context! {
        action => target(action)?,
        done => done.filter(holds).map(name),
        is_stopped => stop.is_some(),
        is_all_stopped => stop == Some(StopReason::AllMail),
        paused_until => paused_until.map(|until| look.moment(until)),
        languages => Serde(languages(&look)),
        why => Serde(why),
    };
    page("page/preferences.html", brand, context)
}

/// How the messages call a wish.
fn name(wish: Wish) -> &'static str {
    match wish {
        Wish::StopReminders => "stop-reminders",
        Wish::StopAllMail => "stop-all-mail",
        Wish::Pause => "pause",
        Wish::Resume => "resume",
        Wish::Speak(_) => "speak",
    }
}

fn languages(look: &Look<'_>) -> Vec<LanguageShown> {
    let spoken = look.words.locale().language();
    let shown = |language: Language| LanguageShown {
        tag: language.code(),
        name: language.own_name(),
        is_chosen: language == spoken,
    };
    Language::ALL.into_iter().map(shown).collect()
}

fn why_shown<'a>(why: &'a Why, look: &Look<'_>, per_week: u8) -> WhyShown<'a> {
    let is_asked = matches!(why.basis, ConsentBasis::Express | ConsentBasis::DoubleOptIn);
    let agreed_at = why.agreed_at.filter(|_| is_asked);
    WhyShown {
        stage: why.stage.name(),
        at: look.moment(why.at),
        per_week,
        agreed_at: agreed_at.map(|at| look.moment(at)),
        is_ordered: why.basis == ConsentBasis::SoftOptIn,
        has_offer: why.has_offer,
        digest: &why.digest,
    }
}
