//! Feedback's use case: an SES event that carries an attempt proves that its mail was accepted, and may
//! tell that the person must get no more.

use jiff::Timestamp;
use tracing::{error, info};

use crate::cart::Cart;
use crate::contact::{Contact, StopReason};
use crate::entry::{Entry, What};
use crate::ids::{Attempt, CartKey, ContactKey};
use crate::ports::{CartStore, Write, WriteError};
use crate::pulse::{Counts, count};
use crate::record::{RecordError, retry};
use crate::sequence::Evidence;
use crate::stage::Stage;

/// What SES tells of one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailEvent {
    /// Whose cart, by the mail's tag.
    pub cart: CartKey,
    /// Who got it, by the mail's tag.
    pub contact: ContactKey,
    /// Which reminder, by the mail's tag.
    pub stage: Stage,
    /// Which attempt, by the mail's tag.
    pub attempt: Attempt,
    /// What happened.
    pub kind: MailEventKind,
    /// How we heard of it.
    pub way: Way,
    /// When, by SES's clock.
    pub at: Timestamp,
}

/// How an event reached us. Each comes by both ways, so what is counted, is counted by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// The usual one.
    First,
    /// The one that is there in case the first is closed.
    Second,
}

/// What happened to a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailEventKind {
    /// SES accepted it.
    Send,
    /// The recipient's server took it.
    Delivery,
    /// The recipient's server is slow; SES goes on trying.
    DeliveryDelay,
    /// The address does not exist.
    HardBounce,
    /// The address failed for now; SES gave up on this mail.
    SoftBounce,
    /// The recipient reported it as spam.
    Complaint,
    /// SES found it harmful after accepting it.
    Reject,
    /// A link was followed.
    Click,
}

impl MailEventKind {
    /// The name in history lines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Delivery => "delivery",
            Self::DeliveryDelay => "delivery_delay",
            Self::HardBounce => "hard_bounce",
            Self::SoftBounce => "soft_bounce",
            Self::Complaint => "complaint",
            Self::Reject => "reject",
            Self::Click => "click",
        }
    }
}

/// Notes `event`: settles the stage, and stops the person where it says so. What it meant to the cart;
/// `None` of a cart that is not ours.
///
/// Events may come late, twice, in any order, or of carts long gone.
///
/// # Errors
/// [`RecordError`]; noting the event again is always safe.
pub async fn note_mail_event<S: CartStore>(
    store: &S,
    event: &MailEvent,
    now: Timestamp,
) -> Result<Option<Evidence>, RecordError> {
    let evidence = retry(|| settle(store, event, now)).await?;
    if evidence == Some(Evidence::Duplicate) {
        count_duplicate(store, &event.cart, event.stage, event.attempt).await;
    }
    if evidence.is_some() && retry(|| react(store, event)).await? {
        count_event(store, event).await;
    }
    Ok(evidence)
}

/// Adds a second mail of one stage to the shop's pulse, and says it aloud: somebody should look.
pub(crate) async fn count_duplicate<S: CartStore>(
    store: &S,
    cart: &CartKey,
    stage: Stage,
    attempt: Attempt,
) {
    error!(cart.id = %cart, %stage, "Second mail of one stage accepted for cart {cart}");
    let counts = Counts::of(stage, |mails| mails.n_duplicates = 1);
    count(store, cart.shop(), attempt.at(), &counts).await;
}

/// The line of history that tells of it.
pub(crate) fn duplicate(cart: &CartKey, stage: Stage, attempt: Attempt, at: Timestamp) -> Entry {
    let event = "duplicate".to_owned();
    let what = What::Mailed {
        stage,
        attempt,
        event,
    };
    Entry::new(cart, at, what)
}

/// Adds `event` to the shop's pulse, in the hour of its mail. Comes last, so that an event that is
/// delivered again because it failed is counted once.
async fn count_event<S: CartStore>(store: &S, event: &MailEvent) {
    let counts = match event.kind {
        MailEventKind::Send => Counts::evidenced(event.stage, event.attempt),
        MailEventKind::HardBounce => Counts::of(event.stage, |mails| mails.n_bounced = 1),
        MailEventKind::Complaint => Counts::of(event.stage, |mails| mails.n_complained = 1),
        MailEventKind::Delivery
        | MailEventKind::DeliveryDelay
        | MailEventKind::SoftBounce
        | MailEventKind::Reject
        | MailEventKind::Click => return,
    };
    count(store, event.cart.shop(), event.attempt.at(), &counts).await;
}

/// Settles the stage; `None` if the cart is not ours.
async fn settle<S: CartStore>(
    store: &S,
    event: &MailEvent,
    now: Timestamp,
) -> Result<Option<Evidence>, RecordError> {
    let Some(mut cart) = store.cart(&event.cart).await? else {
        info!(cart.id = %event.cart, "Mail event of an unknown cart");
        return Ok(None);
    };
    let mut entries = Vec::from_iter(entry(&cart, event));
    let evidence = if cart.sequence.is_sent_by(event.stage, event.attempt) {
        Evidence::Known
    } else {
        let Some(shop) = store.shop(event.cart.shop()).await? else {
            return Ok(None);
        };
        cart.accept(event.stage, event.attempt, &shop.policy, now)
    };
    if evidence == Evidence::Duplicate {
        entries.push(duplicate(&cart.key, event.stage, event.attempt, event.at));
    }
    let write = Write {
        entries,
        cart: Some(cart).filter(|_| evidence != Evidence::Known),
        is_atomic: evidence == Evidence::Duplicate,
        ..Write::default()
    };
    if write == Write::default() {
        return Ok(Some(evidence));
    }
    match store.write(&write).await {
        // If only the reply was lost, the event that comes again is no news, and nobody would count the mail.
        Err(WriteError::Unknown(source)) if evidence == Evidence::Duplicate => {
            let stored = store.cart(&event.cart).await?;
            let is_stored =
                stored.is_some_and(|cart| cart.sequence.is_sent_by(event.stage, event.attempt));
            if !is_stored {
                return Err(WriteError::Unknown(source).into());
            }
        }
        written => written?,
    }
    Ok(Some(evidence))
}

/// A send is in the decision's line already; everything later is news, but for a cart that was forgotten.
fn entry(cart: &Cart, event: &MailEvent) -> Option<Entry> {
    if event.kind == MailEventKind::Send || cart.facts.is_erased {
        return None;
    }
    let what = What::Mailed {
        stage: event.stage,
        attempt: event.attempt,
        event: event.kind.name().to_owned(),
    };
    Some(Entry::new(&cart.key, event.at, what))
}

/// Stops who got the mail, whoever the cart belongs to by now. Whether the event is news: each comes by
/// two ways and may be repeated on both, and a count must not double with them.
async fn react<S: CartStore>(store: &S, event: &MailEvent) -> Result<bool, RecordError> {
    let is_first = event.way == Way::First;
    let change: fn(&mut Contact, Timestamp) = match event.kind {
        MailEventKind::HardBounce => |contact, at| contact.stop(StopReason::Bounced, at),
        MailEventKind::Complaint => |contact, at| contact.stop(StopReason::Complained, at),
        MailEventKind::SoftBounce => Contact::soft_bounce,
        MailEventKind::Send
        | MailEventKind::Delivery
        | MailEventKind::DeliveryDelay
        | MailEventKind::Reject
        | MailEventKind::Click => return Ok(is_first),
    };
    let key = &event.contact;
    let stored = store.contact(key).await?;
    let mut contact = stored.clone().unwrap_or_else(|| Contact::new(key.clone()));
    change(&mut contact, event.at);
    if stored.as_ref() != Some(&contact) {
        store
            .write(&Write {
                contact: Some(contact),
                ..Write::default()
            })
            .await?;
        return Ok(true);
    }
    // Who unsubscribed may complain all the same, and is not stopped by it.
    let stop = contact.stop.map(|stop| stop.reason);
    let is_complaint = event.kind == MailEventKind::Complaint;
    Ok(is_complaint && is_first && stop != Some(StopReason::Complained))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mail_event_but_a_send_adds_a_line() {
        use MailEventKind::{
            Click, Complaint, Delivery, DeliveryDelay, HardBounce, Reject, Send, SoftBounce,
        };
        let cart = Cart::new(
            "demo_00000000000000000000000001".parse().unwrap(),
            "c1".parse().unwrap(),
            Timestamp::UNIX_EPOCH,
        );
        for (kind, name) in [
            (Send, None),
            (Delivery, Some("delivery")),
            (DeliveryDelay, Some("delivery_delay")),
            (HardBounce, Some("hard_bounce")),
            (SoftBounce, Some("soft_bounce")),
            (Complaint, Some("complaint")),
            (Reject, Some("reject")),
            (Click, Some("click")),
        ] {
            let event = MailEvent {
                cart: cart.key.clone(),
                contact: ContactKey::nobody(cart.key.shop()),
                stage: Stage::Final,
                attempt: Attempt::from_bytes([7; 16]),
                kind,
                way: Way::First,
                at: Timestamp::UNIX_EPOCH,
            };
            let told = entry(&cart, &event).map(|entry| entry.what);
            let expected = name.map(|name| What::Mailed {
                stage: Stage::Final,
                attempt: event.attempt,
                event: name.to_owned(),
            });
            assert_eq!(told, expected);
        }
        assert_eq!(Send.name(), "send");
    }
}
