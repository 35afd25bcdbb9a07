//! Reasons, events and stages in words, for the operator.

use crate::cart::Payment;
use crate::decide::{Channel, DeferReason, SkipReason};
use crate::language::Locale;
use crate::offer::{OfferVerdict, Withheld};
use crate::reason::Answer;
use crate::stage::Stage;

/// A skip in words, for the operator.
#[must_use]
pub fn skip_text(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::OrderPlaced => "The cart became an order.",
        SkipReason::OrderedElsewhere => "The person ordered by another cart.",
        SkipReason::NewerCart => {
            "The person has a newer cart, and gets the reminders of that one only."
        }
        SkipReason::CartDeleted => "The storefront deleted the cart.",
        SkipReason::Erased => "The person asked to be forgotten.",
        SkipReason::Unsubscribed => "The person unsubscribed.",
        SkipReason::Complained => "The person reported a mail as spam.",
        SkipReason::Bounced => "The address cannot be delivered to.",
        SkipReason::TestSource => "The storefront marked the cart as a test.",
        SkipReason::Machine => "A machine seems to be behind the cart, not a shopper.",
        SkipReason::OrderClaimed => {
            "The shopper's page told of an order; the shop has not confirmed it yet."
        }
        SkipReason::DisposableAddress => "The address is one to throw away.",
        SkipReason::Restored => {
            "The table was restored from a backup; nobody knows what was mailed or ordered meanwhile."
        }
        SkipReason::NoContact => "No e-mail address is known.",
        SkipReason::CartEmpty => "The cart is empty.",
        SkipReason::StageDisabled => "The shop's policy leaves this stage out.",
        SkipReason::WindowMissed => "It was too late for this stage.",
        SkipReason::AskedToPause => "The person asked for a pause of 30 days.",
        SkipReason::ConsentRefused => "The person declined reminders.",
        SkipReason::NoConsent => {
            "The person did not agree to reminders, and the market asks for it."
        }
        SkipReason::WeeklyCap => "The person got as many mails this week as the shop allows.",
        SkipReason::NoFreeMoment => "No moment in the stage's window was free.",
    }
}

/// Why a reminder left, in words, for the operator.
pub(super) fn send_text(payment: Option<Payment>) -> &'static str {
    match payment {
        Some(Payment::Failed) => "All rules allow it, and the last payment failed.",
        Some(Payment::Pending) | None => "All rules allow it.",
    }
}

/// By which way a reminder left, after the reason; nothing about the usual one.
pub(super) fn way_text(channel: Channel) -> &'static str {
    match channel {
        Channel::Mail => "",
        Channel::Push => " It goes as a notification.",
    }
}

/// What was decided about an offer in words, for the operator.
pub(super) fn offer_text(verdict: OfferVerdict) -> String {
    match verdict {
        OfferVerdict::Given(discount) => {
            let discount = discount.shown(Locale::ENGLISH);
            format!("It carries an offer of {discount}.")
        }
        OfferVerdict::Withheld(reason) => {
            format!("It carries no offer: {}.", withheld_text(reason))
        }
    }
}

fn withheld_text(reason: Withheld) -> &'static str {
    match reason {
        Withheld::NoRung => "the ladder has none for this stage and person",
        Withheld::OrderedByOffer => {
            "the person's last order was placed while an offer was open to them"
        }
        Withheld::LeftAgain => "the person left this cart too soon after their last offer",
        Withheld::PersonCap => "the person had as many in a year as the shop gives",
        Withheld::OtherCurrency => "the cart is in another currency",
        Withheld::MarginFloor => "too little would be left of the price",
        Withheld::BudgetSpent => "the month's budget does not have it",
        Withheld::NoCode => "no code is left that can be redeemed for long enough",
    }
}

/// A wait in words, for the operator.
#[must_use]
pub fn defer_text(reason: DeferReason) -> &'static str {
    match reason {
        DeferReason::NewerActivity => "The shopper came back; the time counts from then.",
        DeferReason::PaymentPending => "A payment is under way.",
        DeferReason::TooSoon => "The person got another mail a short while ago.",
        DeferReason::QuietHours => "It is night where the person is.",
        DeferReason::Paused => "The operator paused the shop's reminders.",
        DeferReason::Restored => {
            "The table was restored from a backup, and the operator has not resumed yet."
        }
        DeferReason::OrdersSilent => {
            "The shop's orders have stopped coming in, so nobody knows what was bought."
        }
        DeferReason::OrdersUnverified => {
            "The shop's orders come in with bad signatures only, so nobody knows what was bought."
        }
        DeferReason::Bounces => "Too many of this stage's mails bounce.",
        DeferReason::Complaints => "Too many people report this stage's mails as spam.",
        DeferReason::Strangers => {
            "Pages name far more people than usual, and nothing but a page named this one."
        }
    }
}

pub(super) fn event_text(kind: &str) -> String {
    let text = match kind {
        "cart.updated" => "The cart changed.",
        "contact.identified" => "The shopper gave an address.",
        "consent.changed" => "The shopper answered about reminders.",
        "checkout.step_reached" => "The shopper reached a step of the checkout.",
        "page.reported" => "The page told what it met with.",
        "push.allowed" => "The shopper allowed notifications.",
        "payment.failed" => "A payment failed.",
        "payment.pending" => "A payment is under way.",
        "order.placed" => "The cart became an order.",
        "order.cancelled" => "The order was cancelled.",
        "order.refunded" => "Money of the order was paid back.",
        "cart.deleted" => "The storefront deleted the cart.",
        "data.requested" => "The person asked for their data.",
        "erasure.requested" => "The person asked to be forgotten.",
        other => other,
    };
    text.to_owned()
}

pub(super) fn mail_text(event: &str) -> &str {
    match event {
        "delivery" => "Delivery",
        "delivery_delay" => "Delayed delivery",
        "hard_bounce" => "Permanent bounce",
        "soft_bounce" => "Temporary bounce",
        "complaint" => "Spam complaint",
        "reject" => "Rejection",
        "click" => "Click",
        "duplicate" => "Duplicate",
        other => other,
    }
}

pub(super) fn answer_text(answer: Answer) -> &'static str {
    match answer {
        Answer::ShippingCost => "shipping cost",
        Answer::Payment => "trouble paying",
        Answer::Deciding => "still deciding",
        Answer::Elsewhere => "found elsewhere",
        Answer::Looking => "just looking",
    }
}

pub(super) fn stage_text(stage: Stage) -> &'static str {
    match stage {
        Stage::Nudge => "nudge",
        Stage::FollowUp => "follow-up",
        Stage::Final => "final",
    }
}
