//! A person in one shop, as far as it concerns all of their carts: whether we may write, and what we
//! sent. Every reservation for the person rewrites this item, so an order or a stop that was
//! acknowledged before is always seen. Address and name are kept with the cart ([`crate::cart::Person`]),
//! where each event refreshes them without a second write.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::consent::{Consent, ConsentState};
use crate::ids::{CartKey, ContactKey};
use crate::stage::Stage;
use crate::stamp::{Stamp, Stamped, keep_latest, keep_newest};

/// Mails older than this no longer count for the caps.
pub const CAP_WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Soft bounces within [`SOFT_BOUNCE_MEMORY`] that make an address undeliverable.
const MAX_SOFT_BOUNCES: u8 = 3;

/// After this time without another one, soft bounces are forgotten: full mailboxes get emptied.
const SOFT_BOUNCE_MEMORY: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Carts remembered for erasure, so that the item stays small; carts expire long before.
const MAX_CARTS: usize = 100;

/// What is known of one person in one shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Who.
    pub key: ContactKey,
    /// How often the stored item was written; 0 if it never was. Kept beside the body.
    #[serde(skip)]
    pub version: u64,
    /// The newest answer; `None` if there never was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Stamped<Consent>>,
    /// Set once and never lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Stop>,
    /// The latest order, by the storefront's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_order_at: Option<Timestamp>,
    /// Reservations of the last seven days, oldest first; one for each cart and stage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mails: Vec<MailNote>,
    /// Recent temporary delivery failures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soft_bounces: Option<SoftBounces>,
    /// Carts of this person, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carts: Vec<CartKey>,
}

/// Why and since when a person gets nothing more from us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// Why.
    pub reason: StopReason,
    /// Since when.
    pub at: Timestamp,
}

/// Why a person gets nothing more from us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// They said so, by link or by their mail program (RFC 8058).
    Unsubscribed,
    /// They reported a mail as spam.
    Complained,
    /// The address does not exist, or keeps failing.
    Bounced,
    /// They asked to be forgotten.
    Erased,
}

/// A reservation made for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailNote {
    /// When.
    pub at: Timestamp,
    /// For which cart.
    pub cart: CartKey,
    /// For which stage.
    pub stage: Stage,
}

/// Temporary delivery failures, forgotten after a while without another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoftBounces {
    /// How many since the last pause.
    pub n: u8,
    /// The latest one.
    pub last_at: Timestamp,
}

impl Contact {
    /// Someone of whom nothing is known yet.
    #[must_use]
    pub fn new(key: ContactKey) -> Self {
        Self {
            key,
            version: 0,
            consent: None,
            stop: None,
            last_order_at: None,
            mails: Vec::new(),
            soft_bounces: None,
            carts: Vec::new(),
        }
    }

    /// The answer as of now: no record is `Unknown`.
    #[must_use]
    pub fn consent_state(&self) -> ConsentState {
        self.consent
            .as_ref()
            .map_or(ConsentState::Unknown, |consent| consent.value.state)
    }

    /// Folds in an answer.
    pub fn answer(&mut self, stamp: Stamp, consent: Consent) {
        if !self.is_erased() {
            keep_newest(&mut self.consent, stamp, consent);
        }
    }

    /// Folds in an order of the person, whatever cart it came from.
    pub fn order(&mut self, at: Timestamp) {
        if !self.is_erased() {
            keep_latest(&mut self.last_order_at, at);
        }
    }

    /// Remembers that `cart` is theirs, so that an erasure finds it.
    pub fn own(&mut self, cart: &CartKey) {
        if self.is_erased() || self.carts.contains(cart) {
            return;
        }
        self.carts.push(cart.clone());
        if MAX_CARTS < self.carts.len() {
            self.carts.remove(0);
        }
    }

    /// Stops all mail. The first stop stays, but an erasure supersedes every other.
    pub fn stop(&mut self, reason: StopReason, at: Timestamp) {
        let supersedes = reason == StopReason::Erased && !self.is_erased();
        if self.stop.is_none() || supersedes {
            self.stop = Some(Stop { reason, at });
        }
    }

    /// Forgets the person: the key and the stop stay, so that the objection is honoured, and the keys
    /// of the carts, so that an erasure that was cut short can be finished.
    pub fn erase(&mut self, at: Timestamp) {
        self.stop(StopReason::Erased, at);
        self.consent = None;
        self.last_order_at = None;
        self.mails.clear();
        self.soft_bounces = None;
    }

    /// Whether the person asked to be forgotten.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.stop
            .is_some_and(|stop| stop.reason == StopReason::Erased)
    }

    /// Counts a temporary delivery failure; the third within two weeks of each other stops. One that is
    /// no later than the last is a repeat: SES's events come more than once and in any order.
    pub fn soft_bounce(&mut self, at: Timestamp) {
        let n = match self.soft_bounces {
            _ if self.is_erased() => return,
            Some(held) if at <= held.last_at => return,
            Some(held) if at.duration_since(held.last_at) < SOFT_BOUNCE_MEMORY => {
                held.n.saturating_add(1)
            }
            _ => 1,
        };
        self.soft_bounces = Some(SoftBounces { n, last_at: at });
        if MAX_SOFT_BOUNCES <= n {
            self.stop(StopReason::Bounced, at);
        }
    }

    /// Notes the reservation of a mail. A second try of the same cart and stage replaces the first.
    pub fn note_mail(&mut self, cart: &CartKey, stage: Stage, now: Timestamp) {
        self.mails.retain(|note| {
            now.duration_since(note.at) < CAP_WINDOW && !(note.cart == *cart && note.stage == stage)
        });
        self.mails.push(MailNote {
            at: now,
            cart: cart.clone(),
            stage,
        });
    }

    /// Mails of the last seven days other than the one for `cart` and `stage`, oldest first.
    pub fn other_mails(
        &self,
        cart: &CartKey,
        stage: Stage,
        now: Timestamp,
    ) -> impl Iterator<Item = &MailNote> {
        self.mails.iter().filter(move |note| {
            now.duration_since(note.at) < CAP_WINDOW && !(note.cart == *cart && note.stage == stage)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::ConsentBasis;

    const SECOND: SignedDuration = SignedDuration::from_secs(1);
    const DAY: SignedDuration = SignedDuration::from_hours(24);

    fn ada() -> Contact {
        Contact::new("demo_00000000000000000000000ada".parse().unwrap())
    }

    fn cart(n: u32) -> CartKey {
        format!("demo_{n:026}").parse().unwrap()
    }

    fn noon() -> Timestamp {
        "2026-07-01T12:00:00Z".parse().unwrap()
    }

    fn answer(contact: &mut Contact, at: Timestamp, state: ConsentState) {
        let consent = Consent {
            state,
            basis: ConsentBasis::Express,
            source: None,
            text_version: None,
        };
        contact.answer(Stamp::new(at, "evt"), consent);
    }

    #[test]
    fn the_newest_answer_counts_and_no_answer_is_unknown() {
        let mut contact = ada();
        assert_eq!(contact.consent_state(), ConsentState::Unknown);
        for (at, state, expected) in [
            (noon(), ConsentState::Granted, ConsentState::Granted),
            (
                noon() - SECOND,
                ConsentState::Refused,
                ConsentState::Granted,
            ),
            (
                noon() + SECOND,
                ConsentState::Refused,
                ConsentState::Refused,
            ),
        ] {
            answer(&mut contact, at, state);
            assert_eq!(contact.consent_state(), expected);
        }
    }

    #[test]
    fn the_first_stop_stays_and_only_an_erasure_supersedes_it() {
        use StopReason::{Bounced, Complained, Erased, Unsubscribed};
        for first in [Bounced, Complained, Erased, Unsubscribed] {
            for second in [Bounced, Complained, Erased, Unsubscribed] {
                let mut contact = ada();
                contact.stop(first, noon());
                contact.stop(second, noon() + SECOND);
                let stop = contact.stop.unwrap();
                let expected = if second == Erased && first != Erased {
                    (Erased, noon() + SECOND)
                } else {
                    (first, noon())
                };
                assert_eq!((stop.reason, stop.at), expected, "{first:?} {second:?}");
                assert_eq!(contact.is_erased(), expected.0 == Erased);
            }
        }
    }

    #[test]
    fn the_latest_order_is_kept_in_any_order_of_arrival() {
        let mut contact = ada();
        for at in [noon(), noon() + SECOND, noon() - SECOND] {
            contact.order(at);
        }
        assert_eq!(contact.last_order_at, Some(noon() + SECOND));
    }

    #[test]
    fn the_third_soft_bounce_stops_if_each_came_within_two_weeks_of_the_last() {
        let two_weeks = DAY * 14;
        for (pauses, is_stopped) in [
            ([two_weeks - SECOND, two_weeks - SECOND], true),
            ([two_weeks, SECOND], false),
            ([SECOND, two_weeks], false),
        ] {
            let mut contact = ada();
            contact.soft_bounce(noon());
            contact.soft_bounce(noon() + pauses[0]);
            assert_eq!(contact.stop, None, "two never stop");
            let last_at = noon() + pauses[0] + pauses[1];
            contact.soft_bounce(last_at);
            let stop = is_stopped.then_some((StopReason::Bounced, last_at));
            assert_eq!(
                contact.stop.map(|it| (it.reason, it.at)),
                stop,
                "{pauses:?}"
            );
        }
    }

    #[test]
    fn a_soft_bounce_told_again_counts_once() {
        let mut contact = ada();
        contact.soft_bounce(noon());
        contact.soft_bounce(noon() + DAY);
        let before = contact.clone();
        for at in [noon() + DAY, noon(), noon() + DAY] {
            contact.soft_bounce(at);
            assert_eq!(contact, before, "{at}");
        }
    }

    #[test]
    fn a_second_reservation_of_a_reminder_replaces_the_first() {
        let mut contact = ada();
        contact.note_mail(&cart(1), Stage::Nudge, noon());
        contact.note_mail(&cart(1), Stage::FollowUp, noon() + SECOND);
        contact.note_mail(&cart(2), Stage::Nudge, noon() + SECOND * 2);
        contact.note_mail(&cart(1), Stage::Nudge, noon() + SECOND * 3);
        let notes: Vec<_> = contact
            .mails
            .iter()
            .map(|note| (note.cart.clone(), note.stage, note.at))
            .collect();
        let expected = [
            (cart(1), Stage::FollowUp, noon() + SECOND),
            (cart(2), Stage::Nudge, noon() + SECOND * 2),
            (cart(1), Stage::Nudge, noon() + SECOND * 3),
        ];
        assert_eq!(notes, expected);
    }

    #[test]
    fn a_mail_is_remembered_for_less_than_seven_days() {
        for (age, n) in [(DAY * 7 - SECOND, 1), (DAY * 7, 0)] {
            let mut contact = ada();
            contact.note_mail(&cart(1), Stage::Nudge, noon());
            let now = noon() + age;
            let n_others = contact.other_mails(&cart(2), Stage::Nudge, now).count();
            assert_eq!(n_others, n, "{age}");
            contact.note_mail(&cart(2), Stage::Nudge, now);
            assert_eq!(contact.mails.len(), n + 1, "{age}");
        }
    }

    #[test]
    fn other_mails_are_those_of_another_cart_or_stage() {
        let mut contact = ada();
        contact.note_mail(&cart(1), Stage::Nudge, noon());
        for (other, stage, n) in [
            (cart(1), Stage::Nudge, 0),
            (cart(1), Stage::FollowUp, 1),
            (cart(2), Stage::Nudge, 1),
        ] {
            let others = contact.other_mails(&other, stage, noon());
            assert_eq!(others.count(), n, "{other} {stage}");
        }
    }

    #[test]
    fn each_cart_is_remembered_once_and_the_newest_hundred_stay() {
        let mut contact = ada();
        for n in (0..100).chain([0, 99]) {
            contact.own(&cart(n));
        }
        assert_eq!(contact.carts, (0..100).map(cart).collect::<Vec<_>>());
        contact.own(&cart(100));
        assert_eq!(contact.carts, (1..=100).map(cart).collect::<Vec<_>>());
    }

    #[test]
    fn an_erased_person_keeps_key_stop_and_carts_and_takes_nothing_new() {
        let mut contact = ada();
        answer(&mut contact, noon(), ConsentState::Granted);
        contact.order(noon());
        contact.own(&cart(1));
        contact.note_mail(&cart(1), Stage::Nudge, noon());
        contact.soft_bounce(noon());
        contact.erase(noon() + DAY);
        answer(&mut contact, noon() + DAY * 2, ConsentState::Granted);
        contact.own(&cart(2));
        contact.order(noon() + DAY * 2);
        contact.soft_bounce(noon() + DAY * 2);
        let expected = Contact {
            stop: Some(Stop {
                reason: StopReason::Erased,
                at: noon() + DAY,
            }),
            carts: vec![cart(1)],
            ..ada()
        };
        assert_eq!(contact, expected);
    }

    #[test]
    fn a_stored_contact_reads_back_as_itself() {
        let mut full = ada();
        answer(&mut full, noon(), ConsentState::Granted);
        full.order(noon());
        full.own(&cart(1));
        full.note_mail(&cart(1), Stage::Nudge, noon());
        full.soft_bounce(noon());
        full.stop(StopReason::Complained, noon());
        for contact in [ada(), full] {
            let text = serde_json::to_string(&contact).unwrap();
            let read: Contact = serde_json::from_str(&text).unwrap();
            assert_eq!(read, contact, "{text}");
        }
    }
}
