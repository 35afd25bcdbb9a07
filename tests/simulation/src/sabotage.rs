//! Ways to break the protocol on purpose, outside of the product's code. The checker must notice each.

use cartback::cart::Cart;
use cartback::policy::Policy;
use cartback::ports::Write;
use cartback::pulse::{Counts, Pulse};
use cartback::sequence::{EVIDENCE_WAIT, Phase};
use cartback::stage::Stage;
use cartback::standing::Standing;
use jiff::SignedDuration;

use crate::store::Conditions;
use crate::trouble::Trouble;
use crate::weather::Weather;

/// One way to break the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sabotage {
    /// A reservation expires as soon as its worker must be dead; nobody waits for evidence.
    NoEvidenceWait,
    /// Workers freeze for hours and go on where they were; no time-out kills them, no clock tells them.
    NoFence,
    /// The mail client repeats a request whose answer was lost.
    SdkRetries,
    /// A lost answer of the provider counts as a refusal.
    SilenceIsRefusal,
    /// A mail is sent again although no other mail's evidence comes in either.
    GateIgnored,
    /// The cart is written whatever its version is.
    CartUnchecked,
    /// The contact is written whatever its version is.
    ContactUnchecked,
    /// The reservation leaves the contact out of its transaction.
    ContactLeftOut,
    /// The order was checked before, not in the write that reserves.
    OrderCheckedBefore,
    /// The index is trusted: what it lists is taken for waiting.
    IndexTrusted,
    /// A refused reservation is taken for one's own whose answer was lost.
    ConflictTakenForOwn,
    /// A person's item dies by its time to live, and the stop with it.
    TtlTrusted,
    /// Reservations are not noted for the caps.
    MailsNotNoted,
    /// The gap between two mails is not checked.
    NoGap,
    /// Quiet hours are not checked.
    NoQuietHours,
    /// A tick that comes hours late is worked off with the time of its schedule.
    OldTickTrusted,
    /// The first reminder is due after five minutes.
    TooEarly,
    /// Carts with a send under way leave the index.
    SendingNotListed,
    /// An event is acknowledged before it is stored.
    AcknowledgedBeforeStored,
    /// An order stops its own cart only.
    OrderOfCartOnly,
    /// A person's other carts are not looked at.
    RivalsUnseen,
    /// A mail is noted as sent that never left.
    SendOnlyPretended,
    /// What a newer version wrote is taken for nothing by the older one.
    NewFormTakenForNothing,
    /// Workers do not look at what holds a shop's reminders back.
    BrakeIgnored,
    /// What has once held a shop's reminders back holds them for ever.
    BrakeSticks,
    /// A code or a part of the budget is taken whether or not it is to be had.
    ClaimUnchecked,
    /// A second try of a stage does not find the offer that the first one has claimed.
    OfferForgotten,
}

impl Sabotage {
    /// All of them.
    pub const ALL: [Self; 27] = [
        Self::NoEvidenceWait,
        Self::NoFence,
        Self::SdkRetries,
        Self::SilenceIsRefusal,
        Self::GateIgnored,
        Self::CartUnchecked,
        Self::ContactUnchecked,
        Self::ContactLeftOut,
        Self::OrderCheckedBefore,
        Self::IndexTrusted,
        Self::ConflictTakenForOwn,
        Self::TtlTrusted,
        Self::MailsNotNoted,
        Self::NoGap,
        Self::NoQuietHours,
        Self::OldTickTrusted,
        Self::TooEarly,
        Self::SendingNotListed,
        Self::AcknowledgedBeforeStored,
        Self::OrderOfCartOnly,
        Self::RivalsUnseen,
        Self::SendOnlyPretended,
        Self::NewFormTakenForNothing,
        Self::BrakeIgnored,
        Self::BrakeSticks,
        Self::ClaimUnchecked,
        Self::OfferForgotten,
    ];

    /// The weather in which it shows soon.
    #[must_use]
    pub fn weather(self, n_shoppers: usize) -> Weather {
        let mut weather = Weather::rough(n_shoppers);
        weather.has_deploys = self == Self::NewFormTakenForNothing;
        weather.has_trouble = matches!(self, Self::BrakeIgnored | Self::BrakeSticks);
        if self == Self::ContactUnchecked {
            // What comes in between must come between two calls.
            weather.rates.slow = 1_000;
        }
        weather
    }

    /// Breaks a write on its way to the table.
    pub fn on_write(self, write: &mut Write, conditions: &mut Conditions) {
        let is_reservation = write.attempt.is_some();
        match self {
            Self::NoEvidenceWait => hurry(write),
            Self::CartUnchecked => conditions.cart = false,
            Self::ContactUnchecked => conditions.contact = false,
            Self::ContactLeftOut if is_reservation => write.contact = None,
            Self::OrderCheckedBefore if is_reservation => {
                conditions.cart = false;
                conditions.contact = false;
            }
            Self::MailsNotNoted => {
                if let Some(contact) = &mut write.contact {
                    contact.mails.clear();
                }
            }
            Self::ClaimUnchecked => conditions.claim = false,
            Self::OfferForgotten => {
                if let Some(cart) = &mut write.cart {
                    cart.offers.clear();
                }
            }
            Self::OrderOfCartOnly => {
                if let Some(contact) = &mut write.contact {
                    contact.last_order_at = None;
                }
            }
            Self::SendingNotListed => {
                let phase = write.cart.as_mut().map(|cart| &mut cart.sequence.phase);
                if let Some(Phase::Sending(pending)) = phase {
                    pending.due_at += SignedDuration::from_hours(24 * 365);
                }
            }
            _ => {}
        }
    }

    /// Breaks a cart on its way from the table.
    pub fn on_read(self, cart: &mut Cart) {
        if self != Self::IndexTrusted {
            return;
        }
        if let Phase::Sending(pending) = &cart.sequence.phase {
            let mut pending = pending.clone();
            pending.due_at -= EVIDENCE_WAIT;
            cart.sequence.phase = Phase::Wait(pending);
        }
    }

    /// Breaks a shop's pulse on its way from the table, in a world with `trouble`.
    pub fn on_pulse(self, pulse: &mut Pulse, trouble: Option<Trouble>, now_ms: i64) {
        match self {
            Self::BrakeIgnored => {
                pulse.standing = Standing::default();
                for counts in pulse.hours.values_mut() {
                    *counts = without_brakes(counts);
                }
            }
            Self::BrakeSticks if trouble.is_some_and(|trouble| trouble.has_begun(now_ms)) => {
                pulse.is_of_other_table = true;
            }
            _ => {}
        }
    }

    /// Breaks the policy by which workers go.
    pub fn on_policy(self, policy: &mut Policy) {
        match self {
            Self::NoGap => policy.caps.gap = SignedDuration::ZERO,
            Self::NoQuietHours => policy.quiet_hours = None,
            Self::TooEarly => policy.nudge.delay = SignedDuration::from_mins(5),
            _ => {}
        }
    }
}

/// What remains is what tells whether evidence comes in.
fn without_brakes(counts: &Counts) -> Counts {
    let mut rest = Counts::default();
    for stage in Stage::ALL {
        let (mails, known) = (rest.mails_mut(stage), counts.mails(stage));
        (mails.n_sent, mails.n_evidenced) = (known.n_sent, known.n_evidenced);
    }
    rest.told_at = counts.told_at;
    rest
}

fn hurry(write: &mut Write) {
    if write.attempt.is_none() {
        return;
    }
    let phase = write.cart.as_mut().map(|cart| &mut cart.sequence.phase);
    if let Some(Phase::Sending(pending)) = phase {
        pending.due_at -= EVIDENCE_WAIT - SignedDuration::from_mins(1);
    }
}

#[cfg(test)]
mod tests {
    use cartback::policy::OnUnknown;

    use super::Sabotage;
    use crate::checker::check;
    use crate::lives::live;
    use crate::setting::Setting;

    #[test]
    fn the_checker_notices_every_sabotage() {
        let setting = Setting::new(OnUnknown::Resend);
        let missed: Vec<_> = Sabotage::ALL
            .into_iter()
            .filter(|sabotage| {
                !(0..60).any(|seed| {
                    let weather = sabotage.weather(60);
                    let is_broken = |sabotage| {
                        let run = live(seed, &setting, &weather, sabotage);
                        check(&run.history, &setting.promises(&weather)).n_broken() != 0
                    };
                    is_broken(Some(*sabotage)) && !is_broken(None)
                })
            })
            .collect();
        assert_eq!(missed, []);
    }
}
