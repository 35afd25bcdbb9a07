//! Domain facts for other systems: what a state change means to the business, with opaque keys and
//! amounts only. The same change always makes the same facts, ids included.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::cart::{Attribution, Cart};
use crate::contact::{Contact, Stop};
use crate::ids::CartKey;
use crate::money::Money;
use crate::reason::Answered;
use crate::request::{Asked, Request};
use crate::sequence::{Outcome, StageLog};
use crate::stage::Stage;

/// Something that happened, for the event bus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// The same for the same happening, so that receivers can drop repeats.
    pub id: String,
    /// Such as `ReminderSent`.
    #[serde(rename = "type")]
    pub kind: FactKind,
    /// When it happened.
    pub time: Timestamp,
    /// What there is to know; never anything personal.
    pub detail: serde_json::Value,
}

/// The kinds of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum FactKind {
    /// A cart with someone behind it stalled long enough for its first reminder to be decided on.
    CartAbandoned,
    /// A reminder was accepted by SES, or is presumed to have been.
    ReminderSent,
    /// A reminder ended without a mail.
    ReminderSkipped,
    /// A reminder could not be sent: SES rejected it, or it would not render.
    ReminderFailed,
    /// A shopper said what was in the way of their order.
    ReasonGiven,
    /// A shopper came back by a reminder's link and ordered.
    CartRecovered,
    /// An order was cancelled: a recovery told before is void.
    OrderCancelled,
    /// Money of an order was paid back: a recovery told before is worth less.
    OrderRefunded,
    /// A person gets nothing more.
    ContactSuppressed,
    /// A person asks for their data; the operator hands it over.
    DataRequested,
    /// A shop is to be erased; the operator does it.
    ShopErasureRequested,
}

impl FactKind {
    /// The name on the bus.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CartAbandoned => "CartAbandoned",
            Self::ReminderSent => "ReminderSent",
            Self::ReminderSkipped => "ReminderSkipped",
            Self::ReminderFailed => "ReminderFailed",
            Self::ReasonGiven => "ReasonGiven",
            Self::CartRecovered => "CartRecovered",
            Self::OrderCancelled => "OrderCancelled",
            Self::OrderRefunded => "OrderRefunded",
            Self::ContactSuppressed => "ContactSuppressed",
            Self::DataRequested => "DataRequested",
            Self::ShopErasureRequested => "ShopErasureRequested",
        }
    }
}

/// What the change of a cart from `old` to `new` means; empty for most changes.
#[must_use]
pub fn facts_of_cart(old: Option<&Cart>, new: &Cart) -> Vec<Fact> {
    let mut facts = Vec::new();
    // An order or an erasure ends a nudge too; neither is a cart left behind, nor is a machine's.
    let is_unclaimed = new.facts.order.is_none()
        && new.facts.order_claimed_at.is_none()
        && !new.facts.is_of_machine()
        && !new.facts.is_erased;
    for log in &new.sequence.log {
        let was = old.and_then(|old| old.sequence.outcome(log.stage));
        if was.is_none() && log.stage == Stage::Nudge && is_unclaimed {
            facts.push(abandoned(new, log));
        }
        if was.map(|was| &was.outcome) != Some(&log.outcome) {
            facts.push(reminder(new, log));
        }
    }
    let was_answered = old.and_then(|old| old.facts.answered);
    if let Some(answered) = new
        .facts
        .answered
        .filter(|_| was_answered != new.facts.answered)
    {
        facts.push(reason_given(new, answered));
    }
    let was_recovered = old.is_some_and(|old| recovered(old).is_some());
    facts.extend(recovered(new).filter(|_| !was_recovered));
    facts.extend(corrections(old, new));
    facts
}

/// What the change of a person from `old` to `new` means; empty for most changes.
#[must_use]
pub fn facts_of_contact(old: Option<&Contact>, new: &Contact) -> Vec<Fact> {
    let was = old.and_then(|old| old.stop);
    match new.stop {
        Some(stop) if was != Some(stop) => vec![suppressed(new, stop)],
        _ => Vec::new(),
    }
}

/// What a request to the operator means; nothing if it was known.
#[must_use]
pub fn facts_of_request(old: Option<&Request>, new: &Request) -> Vec<Fact> {
    if old.is_some() {
        return Vec::new();
    }
    let (kind, contact) = match &new.asked {
        Asked::PersonsData(contact) => (FactKind::DataRequested, Some(contact)),
        Asked::ShopErasure => (FactKind::ShopErasureRequested, None),
    };
    vec![Fact {
        id: format!("{}-request-{}", new.shop, short_hash(&new.sort_key())),
        kind,
        time: new.at,
        detail: json!({ "shop": new.shop, "contact": contact }),
    }]
}

fn abandoned(cart: &Cart, log: &StageLog) -> Fact {
    let contents = cart.facts.contents.as_ref().map(|contents| &contents.value);
    Fact {
        id: cart_id(&cart.key, "abandoned"),
        kind: FactKind::CartAbandoned,
        time: log.at,
        detail: json!({
            "shop": cart.key.shop(),
            "cart": cart.key,
            "last_activity_at": cart.facts.last_activity_at(),
            "total": contents.map(|contents| contents.total().decimal()),
            "currency": contents.map(|contents| contents.currency),
            "n_items": contents.map(|contents| contents.lines.len()),
            "step": cart.facts.step,
            "payment": cart.facts.payment.as_ref().map(|payment| payment.value),
        }),
    }
}

fn reminder(cart: &Cart, log: &StageLog) -> Fact {
    let (kind, result) = match &log.outcome {
        Outcome::Sent { .. } => (FactKind::ReminderSent, json!("sent")),
        Outcome::Presumed { .. } => (FactKind::ReminderSent, json!("presumed")),
        Outcome::Skipped { reason } => (FactKind::ReminderSkipped, json!(reason)),
        Outcome::Failed => (FactKind::ReminderFailed, json!("failed")),
    };
    Fact {
        id: cart_id(&cart.key, &format!("{}-{}", log.stage, kind.name())),
        kind,
        time: log.at,
        detail: json!({ "shop": cart.key.shop(), "cart": cart.key, "stage": log.stage, "result": result }),
    }
}

/// With the step that the checkout had reached: where and why shoppers stop belong together.
fn reason_given(cart: &Cart, answered: Answered) -> Fact {
    let Answered { at, answer } = answered;
    Fact {
        id: cart_id(
            &cart.key,
            &format!("reason-{}-{}", answer.name(), at.as_millisecond()),
        ),
        kind: FactKind::ReasonGiven,
        time: at,
        detail: json!({
            "shop": cart.key.shop(),
            "cart": cart.key,
            "reason": answer,
            "step": cart.facts.step,
        }),
    }
}

/// The visit came by a signed link, so it proves a mail even before SES's events do.
fn recovered(cart: &Cart) -> Option<Fact> {
    let order = cart.facts.order.as_ref()?;
    if cart.facts.attribution() != Some(Attribution::Recovered) {
        return None;
    }
    Some(Fact {
        id: cart_id(&cart.key, "recovered"),
        kind: FactKind::CartRecovered,
        time: order.stamp.at,
        detail: json!({
            "shop": cart.key.shop(),
            "cart": cart.key,
            "total": order.value.total.map(Money::decimal),
            "currency": order.value.total.map(|total| total.currency),
        }),
    })
}

/// What takes from the worth of an order, once the order itself is known.
fn corrections(old: Option<&Cart>, new: &Cart) -> Vec<Fact> {
    if new.facts.order.is_none() {
        return Vec::new();
    }
    let told = old.map(|old| &old.facts).filter(|old| old.order.is_some());
    let mut facts = Vec::new();
    if new.facts.is_order_cancelled && !told.is_some_and(|told| told.is_order_cancelled) {
        facts.push(correction(
            new,
            FactKind::OrderCancelled,
            "cancelled",
            None,
            None,
        ));
    }
    for (id, refund) in &new.facts.refunds {
        if told.and_then(|told| told.refunds.get(id)) != Some(refund) {
            // The storefront's id of a refund stays in the table.
            let name = format!("refunded-{}", short_hash(id));
            let (at, amount) = (refund.stamp.at, refund.value);
            facts.push(correction(
                new,
                FactKind::OrderRefunded,
                &name,
                Some(at),
                amount,
            ));
        }
    }
    facts
}

fn correction(
    cart: &Cart,
    kind: FactKind,
    name: &str,
    at: Option<Timestamp>,
    amount: Option<Money>,
) -> Fact {
    let placed_at = cart.facts.order.as_ref().map(|order| order.stamp.at);
    let net = cart.facts.net_total();
    Fact {
        id: cart_id(&cart.key, name),
        kind,
        time: at.or(placed_at).unwrap_or(cart.facts.created_at),
        detail: json!({
            "shop": cart.key.shop(),
            "cart": cart.key,
            "recovered": cart.facts.attribution() == Some(Attribution::Recovered),
            "amount": amount.map(Money::decimal),
            "net_total": net.map(Money::decimal),
            "currency": net.or(amount).map(|money| money.currency),
        }),
    }
}

fn short_hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// An erasure may follow another stop, and is news of its own.
fn suppressed(contact: &Contact, stop: Stop) -> Fact {
    let reason = json!(stop.reason);
    let name = reason.as_str().unwrap_or_default();
    Fact {
        id: format!("{}-suppressed-{name}", contact.key),
        kind: FactKind::ContactSuppressed,
        time: stop.at,
        detail: json!({ "shop": contact.key.shop(), "contact": contact.key, "reason": reason }),
    }
}

fn cart_id(cart: &CartKey, what: &str) -> String {
    format!("{cart}-{what}")
}
