//! A shop's pulse: what it counted in each hour, for the brakes and the health gate. It never says
//! what happened to one cart. Counts are approximate on purpose: they are added without a version,
//! and lost or doubled in a fault.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use tracing::warn;

use crate::ids::{Attempt, ShopId};
use crate::ports::CartStore;
use crate::stage::Stage;
use crate::standing::Standing;
use crate::storefront::{self, N_STOREFRONTS, Storefront};

/// How far back a sweep reads: two weeks to compare with, before a silence of up to two weeks.
pub const PULSE_SPAN: SignedDuration = SignedDuration::from_hours(28 * 24);

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What a shop counted, in one hour or as an addition to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Orders that we learnt of.
    pub n_orders: u64,
    /// People whom a page alone named, on a cart that did not know them.
    pub n_strangers: u64,
    /// By the storefront's place in [`storefront::ALL`].
    messages: [MessageCounts; N_STOREFRONTS],
    mails: [MailCounts; 3],
    /// The latest attempt of which SES told that it took the mail; an addition that has one replaces it.
    pub told_at: Option<Timestamp>,
}

/// How one storefront's messages were signed. In a time without refusals the good ones are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MessageCounts {
    /// Of orders as far as can be told, with a bad signature.
    pub n_refused: u64,
    /// With a good one, of anything.
    pub n_verified: u64,
}

/// What became of one stage's mails. Each is counted in the hour of its attempt, whenever we learn it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MailCounts {
    /// Accepted, said SES's reply.
    pub n_sent: u64,
    /// Accepted, said an event of SES.
    pub n_evidenced: u64,
    /// Bounced for good.
    pub n_bounced: u64,
    /// Reported as spam.
    pub n_complained: u64,
    /// Accepted although another mail of the cart's stage was, too.
    pub n_duplicates: u64,
}

/// What a shop counted in each hour, and how it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pulse {
    /// By the hour's first instant; hours without counts are left out.
    pub hours: BTreeMap<Timestamp, Counts>,
    /// How it stands.
    pub standing: Standing,
    /// Whether the table is not the one that the shop was set up or last resumed in: a backup was
    /// restored, and nobody has said yet that all is well.
    pub is_of_other_table: bool,
}

impl Counts {
    /// One order that we learnt of.
    #[must_use]
    pub fn order() -> Self {
        Self {
            n_orders: 1,
            ..Self::default()
        }
    }

    /// One message of `storefront` whose signature was refused.
    #[must_use]
    pub fn refused(storefront: &dyn Storefront) -> Self {
        Self::message(storefront, |messages| messages.n_refused = 1)
    }

    /// One whose signature is good.
    #[must_use]
    pub fn verified(storefront: &dyn Storefront) -> Self {
        Self::message(storefront, |messages| messages.n_verified = 1)
    }

    fn message(storefront: &dyn Storefront, set: impl FnOnce(&mut MessageCounts)) -> Self {
        let mut counts = Self::default();
        if let Some(place) = storefront::position(storefront) {
            set(&mut counts.messages[place]);
        }
        counts
    }

    /// One person whom a page alone named.
    #[must_use]
    pub fn stranger() -> Self {
        Self {
            n_strangers: 1,
            ..Self::default()
        }
    }

    /// `n_sent` mails of `stage` that SES's reply accepted.
    #[must_use]
    pub fn sent(stage: Stage, n_sent: u64) -> Self {
        Self::of(stage, |mails| mails.n_sent = n_sent)
    }

    /// One event of SES that proves `attempt` at `stage`.
    #[must_use]
    pub fn evidenced(stage: Stage, attempt: Attempt) -> Self {
        Self {
            told_at: Some(attempt.at()),
            ..Self::of(stage, |mails| mails.n_evidenced = 1)
        }
    }

    /// Counts with what `set` makes of the mails of `stage`.
    #[must_use]
    pub fn of(stage: Stage, set: impl FnOnce(&mut MailCounts)) -> Self {
        let mut counts = Self::default();
        set(counts.mails_mut(stage));
        counts
    }

    /// How the messages of each storefront were signed, in the order of [`storefront::ALL`].
    #[must_use]
    pub fn messages(&self) -> &[MessageCounts; N_STOREFRONTS] {
        &self.messages
    }

    /// What became of the mails of `stage`.
    #[must_use]
    pub fn mails(&self, stage: Stage) -> &MailCounts {
        &self.mails[stage as usize]
    }

    /// The same, to be changed.
    pub fn mails_mut(&mut self, stage: Stage) -> &mut MailCounts {
        &mut self.mails[stage as usize]
    }

    /// Every count with the name under which it is kept: `a-z`, `0-9` and `_`.
    pub fn named(&mut self) -> impl Iterator<Item = (&'static str, &mut u64)> {
        NAMES.iter().map(String::as_str).zip(self.all_mut())
    }

    /// Adds what was counted elsewhere in the same hour.
    pub fn add(&mut self, other: &Self) {
        self.n_orders += other.n_orders;
        self.n_strangers += other.n_strangers;
        for (ours, theirs) in self.messages.iter_mut().zip(&other.messages) {
            ours.n_refused += theirs.n_refused;
            ours.n_verified += theirs.n_verified;
        }
        for (ours, theirs) in self.mails.iter_mut().zip(&other.mails) {
            ours.n_sent += theirs.n_sent;
            ours.n_evidenced += theirs.n_evidenced;
            ours.n_bounced += theirs.n_bounced;
            ours.n_complained += theirs.n_complained;
            ours.n_duplicates += theirs.n_duplicates;
        }
        self.told_at = other.told_at.or(self.told_at);
    }

    /// Every count, in the order of [`NAMES`].
    fn all_mut(&mut self) -> impl Iterator<Item = &mut u64> {
        let messages = self.messages.iter_mut();
        let mails = self.mails.iter_mut();
        [&mut self.n_orders, &mut self.n_strangers]
            .into_iter()
            .chain(
                messages.flat_map(|messages| [&mut messages.n_refused, &mut messages.n_verified]),
            )
            .chain(mails.flat_map(|mails| {
                [
                    &mut mails.n_sent,
                    &mut mails.n_evidenced,
                    &mut mails.n_bounced,
                    &mut mails.n_complained,
                    &mut mails.n_duplicates,
                ]
            }))
    }
}

/// The names of [`Counts::all_mut`].
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let messages = storefront::ALL.iter().flat_map(|storefront| {
        let name = storefront.name().replace('-', "_");
        [format!("{name}_refused"), format!("{name}_verified")]
    });
    let mails = Stage::ALL.iter().flat_map(|stage| {
        ["sent", "evidenced", "bounced", "complained", "duplicates"]
            .map(|what| format!("{stage}_{what}"))
    });
    ["orders".to_owned(), "strangers".to_owned()]
        .into_iter()
        .chain(messages)
        .chain(mails)
        .collect()
});

impl Pulse {
    /// Whether SES's events have been coming in since `attempt`, so that silence about it means
    /// something: SES told of a mail that it took later, and of at least 99 % of the mails that it took
    /// in the hour of the attempt, the one before and the one after.
    #[must_use]
    pub fn shows_evidence_since(&self, attempt: Attempt) -> bool {
        let at = attempt.at();
        let told_at = self.hours.values().filter_map(|counts| counts.told_at);
        if told_at.max().is_none_or(|told_at| told_at <= at) {
            return false;
        }
        let (mut n_sent, mut n_evidenced) = (0, 0);
        for (_, counts) in self.hours.range(hour_of(at) - HOUR..=hour_of(at) + HOUR) {
            for mails in &counts.mails {
                n_sent += mails.n_sent;
                // Mails whose reply was lost have evidence too; they must not make up for others'.
                n_evidenced += mails.n_evidenced.min(mails.n_sent);
            }
        }
        n_sent * 99 <= n_evidenced * 100
    }
}

/// Adds `counts` to the shop's hour of `at`. A count that fails never fails the work that it counts.
pub async fn count<S: CartStore>(store: &S, shop: &ShopId, at: Timestamp, counts: &Counts) {
    if let Err(error) = store.count(shop, at, counts).await {
        warn!(shop.id = %shop, %error, "Not counted for shop {shop}: {counts:?}");
    }
}

/// The first instant of the hour that holds `at`, in UTC.
#[must_use]
pub fn hour_of(at: Timestamp) -> Timestamp {
    let second = at.as_second().div_euclid(3600) * 3600;
    // Only the first hour of the year -9999 begins before what a timestamp holds.
    Timestamp::from_second(second).unwrap_or(Timestamp::MIN)
}
