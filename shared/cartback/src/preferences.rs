//! A person's own settings by a link of a mail: what they get, for how long not, in which language, and
//! why they got that mail. Looking changes nothing; only a POST acts. Names nobody: who holds the link
//! may not be whom it was sent to.

use jiff::{SignedDuration, Timestamp};

use crate::consent::{ConsentBasis, ConsentState};
use crate::contact::{Contact, StopReason};
use crate::entry::{DecisionRecord, What};
use crate::ids::{Attempt, CartKey, ContactKey};
use crate::language::Language;
use crate::link::{LinkKeys, Purpose};
use crate::offer::OfferVerdict;
use crate::ports::{CartStore, ReadError, Write};
use crate::record::{RecordError, retry};
use crate::shop::Shop;
use crate::stage::Stage;
use crate::visit::told_with;

/// How long reminders rest when a person asks for it.
pub const PAUSE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a preferences link leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences {
    /// The shop.
    pub shop: Shop,
    /// The person, as they are now.
    pub contact: Contact,
    /// BCP 47 language that the storefront tells of them with the mail's cart.
    pub told: Option<String>,
    /// Why they got the mail; `None` once its record is no longer kept.
    pub why: Option<Why>,
}

/// The record of a decision to send, as far as anybody may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// Which reminder it was.
    pub stage: Stage,
    /// When it was decided on.
    pub at: Timestamp,
    /// On what ground.
    pub basis: ConsentBasis,
    /// Since when; `None` without an answer of the person.
    pub agreed_at: Option<Timestamp>,
    /// Whether it carries an offer.
    pub has_offer: bool,
    /// The digest of all facts that were looked at, for the shop to find the decision by.
    pub digest: String,
}

/// What a person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// No cart reminders any more.
    StopReminders,
    /// No mail of the shop any more but about orders.
    StopAllMail,
    /// No reminders for [`PAUSE`].
    Pause,
    /// Reminders again.
    Resume,
    /// This language from now on.
    Speak(Language),
}

impl Wish {
    /// The wish that a form's fields name, in any order; `None` if there is no such wish.
    #[must_use]
    pub fn read(form: &[u8]) -> Option<Self> {
        let field = |name: &str| {
            let mut fields = url::form_urlencoded::parse(form);
            fields
                .find(|(field, _)| field == name)
                .map(|(_, value)| value)
        };
        match field("wish")?.as_ref() {
            "stop_reminders" => Some(Self::StopReminders),
            "stop_all_mail" => Some(Self::StopAllMail),
            "pause" => Some(Self::Pause),
            "resume" => Some(Self::Resume),
            "speak" => {
                let language = field("language")?.parse().ok()?;
                Some(Self::Speak(language))
            }
            _ => None,
        }
    }
}

impl Contact {
    /// Does as the person wishes. A stop is never lifted, whatever they wish later.
    pub fn wish(&mut self, wish: Wish, now: Timestamp) {
        if self.is_erased() {
            return;
        }
        match wish {
            Wish::StopReminders => self.stop(StopReason::Unsubscribed, now),
            Wish::StopAllMail => self.stop(StopReason::AllMail, now),
            Wish::Pause => self.paused_until = Some(now + PAUSE),
            Wish::Resume => self.paused_until = None,
            Wish::Speak(language) => self.locale = Some(language.code().to_owned()),
        }
    }
}

/// What a preferences token shows; `None` for any token that opens nothing, and for a person who was
/// forgotten.
///
/// # Errors
/// [`RecordError`] when the table cannot be read.
pub async fn look<S: CartStore>(
    store: &S,
    keys: &LinkKeys,
    token: &str,
    now: Timestamp,
) -> Result<Option<Preferences>, RecordError> {
    let Ok(link) = keys.open(token, now) else {
        return Ok(None);
    };
    let Purpose::Preferences(key, cart) = link.purpose else {
        return Ok(None);
    };
    let Some(shop) = store.shop(key.shop()).await? else {
        return Ok(None);
    };
    let contact = read(store, &key).await?.1;
    if contact.is_erased() {
        return Ok(None);
    }
    let why = why(store, &cart, link.attempt, &contact).await?;
    let told = told_with(store, &cart, &key).await;
    Ok(Some(Preferences {
        shop,
        contact,
        told,
        why,
    }))
}

/// Does as the person of the token wishes. Doing it twice is the same.
///
/// # Errors
/// [`RecordError`] when the table cannot be written.
pub async fn grant<S: CartStore>(
    store: &S,
    keys: &LinkKeys,
    token: &str,
    wish: Wish,
    now: Timestamp,
) -> Result<Option<Preferences>, RecordError> {
    let Some(preferences) = look(store, keys, token, now).await? else {
        return Ok(None);
    };
    let key = &preferences.contact.key;
    let contact = retry(|| note(store, key, wish, now)).await?;
    Ok(Some(Preferences {
        contact,
        ..preferences
    }))
}

async fn note<S: CartStore>(
    store: &S,
    key: &ContactKey,
    wish: Wish,
    now: Timestamp,
) -> Result<Contact, RecordError> {
    let (stored, mut contact) = read(store, key).await?;
    contact.wish(wish, now);
    if stored.as_ref() != Some(&contact) {
        let write = Write {
            contact: Some(contact.clone()),
            ..Write::default()
        };
        store.write(&write).await?;
    }
    Ok(contact)
}

/// The person as stored, and as they are.
async fn read<S: CartStore>(
    store: &S,
    key: &ContactKey,
) -> Result<(Option<Contact>, Contact), ReadError> {
    let stored = store.contact(key).await?;
    let contact = stored.clone().unwrap_or_else(|| Contact::new(key.clone()));
    Ok((stored, contact))
}

async fn why<S: CartStore>(
    store: &S,
    cart: &CartKey,
    attempt: Attempt,
    contact: &Contact,
) -> Result<Option<Why>, ReadError> {
    let history = store.history(cart).await?;
    let record = history.iter().find_map(|entry| match &entry.what {
        What::Decided(record) if record.attempt == Some(attempt) => Some((entry.at, record)),
        _ => None,
    });
    Ok(record.map(|(at, record)| told(at, record, contact)))
}

fn told(at: Timestamp, record: &DecisionRecord, contact: &Contact) -> Why {
    // What was answered since says nothing of the mail.
    let answer = contact.consent.as_ref().filter(|it| it.stamp.at <= at);
    let granted = answer.filter(|it| it.value.state == ConsentState::Granted);
    Why {
        stage: record.stage,
        at,
        basis: answer.map_or(ConsentBasis::None, |it| it.value.basis),
        agreed_at: granted.map(|it| it.stamp.at),
        has_offer: matches!(record.offer, Some(OfferVerdict::Given(_))),
        digest: record.digest.clone(),
    }
}
