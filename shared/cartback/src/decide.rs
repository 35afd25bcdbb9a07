//! The one rule book: may this cart's due reminder leave now? Pure, so that any moment of the past
//! can be decided again, and any other policy tried on it.

mod channel;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::brake::{BRAKE_PAUSE, Brake};
use crate::cart::{Cart, CartStatus, Payment};
use crate::consent::{ConsentBasis, ConsentState};
use crate::contact::{CAP_WINDOW, Contact, StopReason};
use crate::event::Origin;
use crate::ids::CartKey;
use crate::policy::{ConsentMode, Policy, Window};
use crate::stage::Stage;
pub use channel::{Channel, channel};

/// Activity up to this long after an order still belongs to that purchase: storefronts touch the cart
/// once more after the order, and clocks differ by seconds.
pub const ORDER_SHADOW: SignedDuration = SignedDuration::from_hours(1);

/// How long a payment under way holds a reminder back before the next look.
const PENDING_PAYMENT_PAUSE: SignedDuration = SignedDuration::from_hours(1);

/// Everything that the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The cart, read consistently.
    pub cart: &'a Cart,
    /// The person behind it, read consistently; a blank one if nothing is stored of them.
    pub contact: &'a Contact,
    /// The stage that is due.
    pub stage: Stage,
    /// The shop's zone, for people whose own is not known.
    pub shop_zone: &'a TimeZone,
    /// What holds all reminders of the stage back.
    pub brake: Option<&'a Brake>,
    /// When the operator resumed after a restore of the table.
    pub restored_at: Option<Timestamp>,
    /// A cart of the same person that could be mailed and was used later; see [`crate::rival`].
    pub newer_cart: Option<&'a CartKey>,
}

/// What to do with a due reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// Reserve and send it.
    Send,
    /// Look again at `until`.
    Defer {
        /// The next look, later than the decision.
        until: Timestamp,
        /// The rule that fired.
        reason: DeferReason,
    },
    /// End the stage without a mail.
    Skip {
        /// The rule that fired.
        reason: SkipReason,
    },
}

/// Why a reminder waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeferReason {
    /// The shopper came back meanwhile.
    NewerActivity,
    /// A payment is under way.
    PaymentPending,
    /// The person got another mail a short while ago.
    TooSoon,
    /// It is night where the person is.
    QuietHours,
    /// The operator paused the shop.
    Paused,
    /// The table is a restored backup.
    Restored,
    /// Orders have stopped coming in.
    OrdersSilent,
    /// Orders come in with bad signatures only.
    OrdersUnverified,
    /// Too many of the stage's mails bounce.
    Bounces,
    /// Too many people report the stage's mails as spam.
    Complaints,
    /// Pages name far more people than usual.
    Strangers,
}

/// Why a reminder is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// The cart became an order.
    OrderPlaced,
    /// The person ordered by another cart.
    OrderedElsewhere,
    /// The person has used another cart since, and the reminders are about that one.
    NewerCart,
    /// The storefront deleted the cart.
    CartDeleted,
    /// The person asked to be forgotten.
    Erased,
    /// The person said stop.
    Unsubscribed,
    /// The person reported a mail as spam.
    Complained,
    /// The address does not exist, or keeps failing.
    Bounced,
    /// The source marked the cart as a test.
    TestSource,
    /// A machine seems to be behind the cart.
    Machine,
    /// The shopper's page told of an order that the shop has not confirmed.
    OrderClaimed,
    /// The address is one to throw away.
    DisposableAddress,
    /// The table was restored from a backup since the shopper was last seen.
    Restored,
    /// Nobody to write to.
    NoContact,
    /// The cart was emptied.
    CartEmpty,
    /// The policy leaves the stage out.
    StageDisabled,
    /// Too late for this stage, after an outage or a late event.
    WindowMissed,
    /// The person asked for a pause.
    AskedToPause,
    /// The person declined reminders.
    ConsentRefused,
    /// The person did not agree to reminders, and the market asks for it.
    NoConsent,
    /// The person got as many mails as the week allows.
    WeeklyCap,
    /// No moment within the stage's window was free of other mails, night or payments.
    NoFreeMoment,
}

/// Decides whether the reminder that `facts.cart` is due leaves.
///
/// Pure: reads no clock and no table. The first rule that fires names the reason; rules that end
/// the sequence come first, so that the reason is the strongest one.
#[must_use]
pub fn decide(facts: &Facts<'_>, policy: &Policy, now: Timestamp) -> Decision {
    let rules = [
        forbidden,
        absent,
        returned,
        missed,
        resting,
        unconsented,
        braked,
        blocked,
    ];
    rules
        .iter()
        .find_map(|rule| rule(facts, policy, now))
        .unwrap_or(Decision::Send)
}

impl SkipReason {
    /// Whether no later stage of the cart could be sent either.
    #[must_use]
    pub fn ends_sequence(self) -> bool {
        match self {
            Self::OrderPlaced
            | Self::OrderedElsewhere
            | Self::NewerCart
            | Self::CartDeleted
            | Self::Erased
            | Self::Unsubscribed
            | Self::Complained
            | Self::Bounced
            | Self::TestSource
            | Self::Machine
            | Self::OrderClaimed
            | Self::Restored => true,
            Self::NoContact
            | Self::CartEmpty
            | Self::DisposableAddress
            | Self::StageDisabled
            | Self::WindowMissed
            | Self::AskedToPause
            | Self::ConsentRefused
            | Self::NoConsent
            | Self::WeeklyCap
            | Self::NoFreeMoment => false,
        }
    }
}

impl From<StopReason> for SkipReason {
    fn from(reason: StopReason) -> Self {
        match reason {
            StopReason::Unsubscribed | StopReason::AllMail => Self::Unsubscribed,
            StopReason::Complained => Self::Complained,
            StopReason::Bounced => Self::Bounced,
            StopReason::Erased => Self::Erased,
        }
    }
}

/// Orders, stops and the like: never again for this cart.
fn forbidden(facts: &Facts<'_>, _: &Policy, _: Timestamp) -> Option<Decision> {
    let cart = &facts.cart.facts;
    match cart.status() {
        CartStatus::Erased => return skip(SkipReason::Erased),
        CartStatus::Ordered => return skip(SkipReason::OrderPlaced),
        CartStatus::Deleted => return skip(SkipReason::CartDeleted),
        CartStatus::Open => {}
    }
    if cart.is_test {
        return skip(SkipReason::TestSource);
    }
    if cart.is_of_machine() {
        return skip(SkipReason::Machine);
    }
    if cart.order_claimed_at.is_some() {
        return skip(SkipReason::OrderClaimed);
    }
    let contact = facts.contact;
    if let Some(stop) = contact.stop {
        return skip(stop.reason.into());
    }
    let active_at = cart.last_activity_at();
    let is_ordered = |ordered_at| active_at <= ordered_at + ORDER_SHADOW;
    if contact.last_order_at.is_some_and(is_ordered) {
        return skip(SkipReason::OrderedElsewhere);
    }
    // Nobody knows what was mailed or ordered between the backup and the restore.
    if facts.restored_at.is_some_and(|at| active_at <= at) {
        return skip(SkipReason::Restored);
    }
    if facts.newer_cart.is_some() {
        return skip(SkipReason::NewerCart);
    }
    None
}

/// Someone to write to and something to write about.
fn absent(facts: &Facts<'_>, policy: &Policy, _: Timestamp) -> Option<Decision> {
    let Some(person) = &facts.cart.facts.person else {
        return skip(SkipReason::NoContact);
    };
    if person.value.is_disposable {
        return skip(SkipReason::DisposableAddress);
    }
    if facts
        .cart
        .facts
        .contents
        .as_ref()
        .is_none_or(|contents| contents.value.lines.is_empty())
    {
        return skip(SkipReason::CartEmpty);
    }
    if !policy.stage(facts.stage).enabled {
        return skip(SkipReason::StageDisabled);
    }
    None
}

/// The shopper came back after the stage was planned: count from then.
fn returned(facts: &Facts<'_>, policy: &Policy, now: Timestamp) -> Option<Decision> {
    let due_at = facts.cart.stage_due_at(facts.stage, policy);
    (now < due_at).then_some(Decision::Defer {
        until: due_at,
        reason: DeferReason::NewerActivity,
    })
}

/// Later than the catch-up limit is too late.
fn missed(facts: &Facts<'_>, policy: &Policy, now: Timestamp) -> Option<Decision> {
    if latest(facts.cart, facts.stage, policy) < now {
        skip(SkipReason::WindowMissed)
    } else {
        None
    }
}

/// The person asked for a pause.
fn resting(facts: &Facts<'_>, _: &Policy, now: Timestamp) -> Option<Decision> {
    let until = facts.contact.paused_until?;
    if now < until {
        skip(SkipReason::AskedToPause)
    } else {
        None
    }
}

/// No consent basis, no mail. Whoever is named by a page alone must have agreed: anybody can type an
/// address.
fn unconsented(facts: &Facts<'_>, policy: &Policy, _: Timestamp) -> Option<Decision> {
    let contact = facts.contact;
    let person = facts.cart.facts.person.as_ref();
    let country = person.and_then(|person| person.value.country.as_deref());
    let state = contact.consent_state();
    if state == ConsentState::Refused {
        return skip(SkipReason::ConsentRefused);
    }
    let basis = contact
        .consent
        .as_ref()
        .map_or(ConsentBasis::None, |held| held.value.basis);
    let is_proven = person.is_none_or(|person| person.stamp.origin == Origin::Shop);
    let mode = if is_proven {
        policy.consent_mode(country)
    } else {
        ConsentMode::Required
    };
    let is_enough = match (mode, basis) {
        (ConsentMode::OptOut, _) | (ConsentMode::SoftOptIn, ConsentBasis::SoftOptIn) => true,
        (
            ConsentMode::Required | ConsentMode::SoftOptIn,
            ConsentBasis::Express | ConsentBasis::DoubleOptIn,
        ) => state == ConsentState::Granted,
        (ConsentMode::Required, ConsentBasis::SoftOptIn)
        | (ConsentMode::Required | ConsentMode::SoftOptIn, ConsentBasis::None) => false,
    };
    if is_enough {
        None
    } else {
        skip(SkipReason::NoConsent)
    }
}

/// What the shop's pulse shows, or the operator said.
fn braked(facts: &Facts<'_>, policy: &Policy, now: Timestamp) -> Option<Decision> {
    wait(facts, policy, now + BRAKE_PAUSE, facts.brake?.reason())
}

/// Caps, gaps, nights and payments under way.
fn blocked(facts: &Facts<'_>, policy: &Policy, now: Timestamp) -> Option<Decision> {
    let contact = facts.contact;
    let mails: Vec<_> = contact
        .other_mails(&facts.cart.key, facts.stage, now)
        .collect();
    if usize::from(policy.caps.per_week) <= mails.len() {
        return skip(SkipReason::WeeklyCap);
    }
    if let Some(last) = mails.last() {
        let free_at = last.at + policy.caps.gap;
        if now < free_at {
            return wait(facts, policy, free_at, DeferReason::TooSoon);
        }
    }
    if let Some(payment) = &facts.cart.facts.payment {
        let is_recent = now.duration_since(payment.stamp.at) < CAP_WINDOW;
        if payment.value == Payment::Pending && is_recent {
            return wait(
                facts,
                policy,
                now + PENDING_PAYMENT_PAUSE,
                DeferReason::PaymentPending,
            );
        }
    }
    let quiet_until = policy.quiet_hours?.end_after(now, &zone(facts))?;
    wait(facts, policy, quiet_until, DeferReason::QuietHours)
}

fn zone(facts: &Facts<'_>) -> TimeZone {
    let person = facts.cart.facts.person.as_ref();
    let own = person.and_then(|person| person.value.time_zone.as_deref());
    own.and_then(|name| TimeZone::get(name).ok())
        .unwrap_or_else(|| facts.shop_zone.clone())
}

/// The last moment at which the reminder of `stage` may leave.
#[must_use]
pub fn latest(cart: &Cart, stage: Stage, policy: &Policy) -> Timestamp {
    let window = Window::of(stage, cart.is_high_value(policy));
    cart.facts.last_activity_at() + window.catch_up
}

fn wait(
    facts: &Facts<'_>,
    policy: &Policy,
    until: Timestamp,
    reason: DeferReason,
) -> Option<Decision> {
    if latest(facts.cart, facts.stage, policy) < until {
        return skip(SkipReason::NoFreeMoment);
    }
    Some(Decision::Defer { until, reason })
}

fn skip(reason: SkipReason) -> Option<Decision> {
    Some(Decision::Skip { reason })
}
