//! The story of one cart for people: its state, what came in, what was decided and why. Masked, so
//! that it may be shown on a screen.

mod words;

use jiff::Timestamp;
use serde::Serialize;

use crate::cart::{Attribution, Cart, CartStatus};
use crate::consent::ConsentState;
use crate::contact::Contact;
use crate::decide::{Decision, SkipReason};
use crate::entry::{DecisionRecord, Entry, What};
use crate::event::{CheckoutStep, LineItem};
use crate::ids::{Attempt, CartId, ShopId};
use crate::language::Locale;
use crate::money::{Currency, Money};
use crate::offer::{Offer, OfferVerdict, PoolName};
use crate::pulse::Pulse;
use crate::reading::{Readings, view};
use crate::sequence::{Outcome, Phase, StageLog};
use crate::shop::Shop;
use crate::stage::Stage;
use words::{answer_text, event_text, mail_text, offer_text, send_text, stage_text, way_text};
pub use words::{defer_text, skip_text};

/// A cart's story.
#[derive(Debug, Clone, Serialize)]
pub struct Story {
    /// As it is.
    pub state: State,
    /// What happened, oldest first.
    pub timeline: Vec<Happening>,
    /// What was decided, oldest first.
    pub decisions: Vec<Told>,
}

/// A cart as it is.
#[derive(Debug, Clone, Serialize)]
pub struct State {
    /// Its shop.
    pub shop: ShopId,
    /// The storefront's id.
    pub cart: CartId,
    /// What it is to the shop.
    pub status: CartStatus,
    /// The person's address, masked; `None` if nobody is known.
    pub contact: Option<String>,
    /// Whether they agreed to reminders.
    pub consent: ConsentState,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// What is in it.
    pub items: Vec<Item>,
    /// Currency of all amounts.
    pub currency: Option<Currency>,
    /// Decimal text.
    pub total: Option<String>,
    /// The total as shoppers read it.
    pub total_text: Option<String>,
    /// The saving as shoppers read it.
    pub savings_text: Option<String>,
    /// First event.
    pub created_at: Timestamp,
    /// Last action of the shopper.
    pub last_activity_at: Timestamp,
    /// At or above the shop's threshold.
    pub high_value: bool,
    /// Its reminders.
    pub sequence: Plan,
    /// The order it became.
    pub order: Option<PlacedOrder>,
    /// What it was given, first to last.
    pub offers: Vec<GivenOffer>,
    /// Steps of the checkout that were reached.
    pub steps: Vec<CheckoutStep>,
}

/// An item with amounts as decimal texts.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    id: String,
    title: String,
    variant: Option<String>,
    quantity: u32,
    price: String,
    compare_at_price: Option<String>,
    image_url: Option<String>,
    url: Option<String>,
}

/// A cart's reminders.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// The stage that has not ended.
    pub stage: Option<Stage>,
    /// `idle`, `wait`, `sending` or `done`.
    pub phase: &'static str,
    /// When it is looked at next.
    pub due_at: Option<Timestamp>,
    /// Ended stages.
    pub log: Vec<Ended>,
}

/// An ended stage.
#[derive(Debug, Clone, Serialize)]
pub struct Ended {
    stage: Stage,
    result: &'static str,
    reason: Option<SkipReason>,
    at: Timestamp,
}

/// An order that the cart became.
#[derive(Debug, Clone, Serialize)]
pub struct PlacedOrder {
    id: String,
    placed_at: Timestamp,
    attribution: Option<Attribution>,
    total: Option<String>,
    /// The total less what was paid back; nothing of a cancelled order.
    net_total: Option<String>,
    cancelled: bool,
}

/// An offer that the cart was given. Its code is the shopper's.
#[derive(Debug, Clone, Serialize)]
pub struct GivenOffer {
    stage: Stage,
    at: Timestamp,
    /// Such as `10%`.
    discount: String,
    /// What that is of the cart as it was then.
    cost: String,
    pool: Option<PoolName>,
    expires_at: Option<Timestamp>,
}

/// A line of the timeline.
#[derive(Debug, Clone, Serialize)]
pub struct Happening {
    at: Timestamp,
    kind: String,
    text: String,
}

/// A decision in words.
#[derive(Debug, Clone, Serialize)]
pub struct Told {
    at: Timestamp,
    stage: Stage,
    decision: &'static str,
    reason: Option<serde_json::Value>,
    text: String,
    until: Option<Timestamp>,
    attempt: Option<Attempt>,
    offer: Option<OfferVerdict>,
    facts_digest: String,
}

/// Tells the story of `cart`.
#[must_use]
pub fn tell(cart: &Cart, contact: Option<&Contact>, shop: &Shop, history: &[Entry]) -> Story {
    let mut timeline: Vec<_> = history.iter().filter_map(happening).collect();
    timeline.sort_by_key(|happening| happening.at);
    let decided = |entry: &Entry| match &entry.what {
        What::Decided(record) => Some(told(entry.at, record)),
        What::Received { .. }
        | What::Mailed { .. }
        | What::GivenUp { .. }
        | What::Restored { .. }
        | What::Answered { .. } => None,
    };
    Story {
        state: state(cart, contact, shop),
        timeline,
        decisions: history.iter().filter_map(decided).collect(),
    }
}

/// The state of `cart` alone.
#[must_use]
pub fn state(cart: &Cart, contact: Option<&Contact>, shop: &Shop) -> State {
    let facts = &cart.facts;
    let contents = facts.contents.as_ref().map(|contents| &contents.value);
    let person = facts.person.as_ref().map(|person| &person.value);
    // As the shopper left it: what the shop told since is for mails and pages.
    let left = facts
        .contents
        .as_ref()
        .map(|contents| view(contents, shop, &Readings::default(), contents.stamp.at));
    let savings = left.and_then(|left| left.savings);
    let money = |money| Locale::ENGLISH.money(money);
    State {
        shop: cart.key.shop().clone(),
        cart: cart.id.clone(),
        status: facts.status(),
        contact: person.map(|person| person.email.to_string()),
        consent: contact.map_or(ConsentState::Unknown, Contact::consent_state),
        country: person.and_then(|person| person.country.clone()),
        items: contents
            .map(|contents| items(&contents.lines, contents.currency))
            .unwrap_or_default(),
        currency: contents.map(|contents| contents.currency),
        total: contents.map(|contents| contents.total().decimal()),
        total_text: contents.map(|contents| money(contents.total())),
        savings_text: savings.map(|savings| money(savings.amount())),
        created_at: facts.created_at,
        last_activity_at: facts.last_activity_at(),
        high_value: cart.is_high_value(&shop.policy),
        sequence: plan(cart),
        order: facts.order.as_ref().map(|order| PlacedOrder {
            id: order.value.id.clone(),
            placed_at: order.stamp.at,
            attribution: facts.attribution(),
            total: order.value.total.map(Money::decimal),
            net_total: facts.net_total().map(Money::decimal),
            cancelled: facts.is_order_cancelled,
        }),
        offers: cart.offers.iter().map(given_offer).collect(),
        steps: steps(facts.step),
    }
}

/// What holds the cart's next reminder back at `now`, with figures and remedy; `None` if nothing does.
#[must_use]
pub fn why_held(cart: &Cart, shop: &Shop, pulse: &Pulse, now: Timestamp) -> Option<String> {
    let (stage, _) = cart.sequence.due()?;
    let brake = pulse.brake(&shop.policy, stage, now);
    let brake = brake.or_else(|| pulse.brake_on_stranger(cart))?;
    Some(brake.to_string())
}

/// Why nothing is planned for a cart that was never due; `None` if something is, or was decided.
#[must_use]
pub fn why_idle(cart: &Cart) -> Option<&'static str> {
    if cart.sequence != crate::sequence::Sequence::default() {
        return None;
    }
    let facts = &cart.facts;
    Some(match facts.status() {
        CartStatus::Ordered => "it became an order",
        CartStatus::Erased => "its person asked to be forgotten",
        CartStatus::Deleted => "the storefront deleted it",
        CartStatus::Open if facts.is_test => "the storefront marked it as a test",
        CartStatus::Open if facts.person.is_none() => "no e-mail address is known",
        CartStatus::Open => "it is empty",
    })
}

fn told(at: Timestamp, record: &DecisionRecord) -> Told {
    let (decision, reason, text, until) = match record.decision {
        Decision::Send => {
            let offer = record
                .offer
                .map(|verdict| format!(" {}", offer_text(verdict)));
            let way = way_text(record.channel);
            let text = send_text(record.payment).to_owned() + way + &offer.unwrap_or_default();
            ("send", None, text, None)
        }
        Decision::Defer { until, reason } => (
            "defer",
            serde_json::to_value(reason).ok(),
            defer_text(reason).to_owned(),
            Some(until),
        ),
        Decision::Skip { reason } => (
            "skip",
            serde_json::to_value(reason).ok(),
            skip_text(reason).to_owned(),
            None,
        ),
    };
    Told {
        at,
        stage: record.stage,
        decision,
        reason,
        text,
        until,
        attempt: record.attempt,
        offer: record.offer,
        facts_digest: record.digest.clone(),
    }
}

fn happening(entry: &Entry) -> Option<Happening> {
    let (at, kind, text) = match &entry.what {
        What::Received {
            happened_at, kinds, ..
        } => {
            let words: Vec<_> = kinds.iter().map(|kind| event_text(kind)).collect();
            (*happened_at, kinds.join(", "), words.join(" "))
        }
        What::Mailed { stage, event, .. } => (
            entry.at,
            format!("mail.{event}"),
            format!("{} of the {} mail.", mail_text(event), stage_text(*stage)),
        ),
        What::GivenUp { stage, fault } => (
            entry.at,
            "reminder.given_up".to_owned(),
            format!("The {} mail was given up: {fault}.", stage_text(*stage)),
        ),
        What::Restored { .. } => (
            entry.at,
            "cart.restored".to_owned(),
            "The shopper came back by the mail's link.".to_owned(),
        ),
        What::Answered { answer, .. } => {
            let text = format!(
                "The shopper said what was in the way: {}.",
                answer_text(*answer)
            );
            (entry.at, "reason.given".to_owned(), text)
        }
        What::Decided(record) if record.decision == Decision::Send => {
            let text = format!(
                "All rules allowed the {} mail to leave.",
                stage_text(record.stage)
            );
            (entry.at, "reminder.allowed".to_owned(), text)
        }
        What::Decided(_) => return None,
    };
    Some(Happening { at, kind, text })
}

fn plan(cart: &Cart) -> Plan {
    let sequence = &cart.sequence;
    let phase = match sequence.phase {
        Phase::Idle => "idle",
        Phase::Wait(_) => "wait",
        Phase::Sending(_) => "sending",
        Phase::Done => "done",
    };
    Plan {
        stage: sequence.due().map(|(stage, _)| stage),
        phase,
        due_at: sequence.due().map(|(_, due_at)| due_at),
        log: sequence.log.iter().map(ended).collect(),
    }
}

fn given_offer(offer: &Offer) -> GivenOffer {
    GivenOffer {
        stage: offer.stage,
        at: offer.at,
        discount: offer.discount.shown(Locale::ENGLISH),
        cost: Locale::ENGLISH.money(offer.cost),
        pool: offer.pool.clone(),
        expires_at: offer.expires_at,
    }
}

fn ended(log: &StageLog) -> Ended {
    let (result, reason) = match log.outcome {
        Outcome::Sent { .. } => ("sent", None),
        Outcome::Skipped { reason } => ("skipped", Some(reason)),
        Outcome::Failed => ("failed", None),
        Outcome::Presumed { .. } => ("presumed", None),
    };
    Ended {
        stage: log.stage,
        result,
        reason,
        at: log.at,
    }
}

fn items(lines: &[LineItem], currency: Currency) -> Vec<Item> {
    let decimal = |minor| Money { minor, currency }.decimal();
    lines
        .iter()
        .map(|line| Item {
            id: line.id.clone(),
            title: line.title.clone(),
            variant: line.variant.clone(),
            quantity: line.quantity,
            price: decimal(line.price_minor),
            compare_at_price: line.compare_at_minor.map(decimal),
            image_url: line.image_url.clone(),
            url: line.url.clone(),
        })
        .collect()
}

/// Every step up to the furthest: a storefront may tell of only some.
fn steps(furthest: Option<CheckoutStep>) -> Vec<CheckoutStep> {
    let all = [
        CheckoutStep::Contact,
        CheckoutStep::Address,
        CheckoutStep::Shipping,
        CheckoutStep::Payment,
    ];
    all.into_iter()
        .filter(|step| Some(*step) <= furthest)
        .collect()
}
