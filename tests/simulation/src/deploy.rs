//! Deploys with two versions of the program at work: which version an invocation is of, and which
//! items the older one cannot read. Versions count from 0; odd ones go by other settings than even ones.

use std::collections::HashMap;

use cartback::ids::{CartKey, ContactKey};
use cartback::ports::Write;
use fastrand::Rng;

use crate::fault::chance;
use crate::lives::Errand;
use crate::setting::{HOUR_MS, MINUTE_MS, START_MS};

/// The longest time for which two versions are at work. Evidence that is ten minutes late and meets a
/// version that cannot read its cart must still come before its reservation runs out after fifteen.
const MAX_DEPLOY_MS: i64 = 3 * MINUTE_MS;

/// Writes of ten thousand that put an item into a form that no older version can read.
const NEW_FORM_PER_10K: u32 = 8_000;

/// Which program an invocation is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// What a storefront or a shopper calls.
    Door,
    /// What the schedule calls.
    Stage,
    /// What the provider's events call.
    Feedback,
}

impl Program {
    /// The program that takes `errand`.
    #[must_use]
    pub fn of(errand: &Errand) -> Self {
        match errand {
            Errand::Message { .. } | Errand::Unsubscribe { .. } | Errand::Restore { .. } => {
                Self::Door
            }
            Errand::Tick { .. } => Self::Stage,
            Errand::MailEvent { .. } => Self::Feedback,
        }
    }
}

/// All deploys of a world.
#[derive(Debug, Clone, Default)]
pub struct Deploys(Vec<Deploy>);

#[derive(Debug, Clone)]
struct Deploy {
    from_ms: i64,
    until_ms: i64,
    /// How many of ten thousand invocations of each program are of the new version meanwhile.
    new_per_10k: [u32; 3],
}

impl Deploys {
    /// One every few minutes, far more often than at any shop, for the two weeks of a world.
    #[must_use]
    pub fn at_random(rng: &mut Rng) -> Self {
        let mut deploys = Vec::new();
        let mut at_ms = START_MS;
        while at_ms < START_MS + 14 * 24 * HOUR_MS {
            at_ms += rng.i64(0..6 * MINUTE_MS);
            let until_ms = at_ms + rng.i64(0..MAX_DEPLOY_MS);
            deploys.push(Deploy {
                from_ms: at_ms,
                until_ms,
                // A program is replaced first, last, or little by little.
                new_per_10k: [0; 3].map(|_| [0, 5_000, 10_000][rng.usize(0..3)]),
            });
            at_ms = until_ms;
        }
        Self(deploys)
    }

    /// The version of an invocation of `program` that begins at `now_ms`.
    pub fn version(&self, program: Program, now_ms: i64, rng: &mut Rng) -> usize {
        let n_begun = self.0.partition_point(|deploy| deploy.from_ms <= now_ms);
        let Some(latest) = n_begun.checked_sub(1).map(|index| &self.0[index]) else {
            return 0;
        };
        let new_per_10k = latest.new_per_10k[program as usize];
        if now_ms < latest.until_ms && !chance(rng, new_per_10k) {
            n_begun - 1
        } else {
            n_begun
        }
    }
}

/// The oldest version that can read each item; every version can read those that are not listed.
#[derive(Debug, Default)]
pub struct Forms {
    carts: HashMap<CartKey, usize>,
    contacts: HashMap<ContactKey, usize>,
    /// Reads that came upon an item in a newer form.
    pub n_unreadable: u64,
}

impl Forms {
    /// Whether `version` can read the cart.
    pub fn can_read_cart(&mut self, key: &CartKey, version: usize) -> bool {
        let can = self.carts.get(key).is_none_or(|oldest| *oldest <= version);
        self.n_unreadable += u64::from(!can);
        can
    }

    /// Whether `version` can read the person.
    pub fn can_read_contact(&mut self, key: &ContactKey, version: usize) -> bool {
        let can = self
            .contacts
            .get(key)
            .is_none_or(|oldest| *oldest <= version);
        self.n_unreadable += u64::from(!can);
        can
    }

    /// Notes that `version` stored what is in `write`, now and then in its newest form.
    pub fn follow(&mut self, write: &Write, version: usize, rng: &mut Rng) {
        let mut oldest = || {
            if chance(rng, NEW_FORM_PER_10K) {
                version
            } else {
                0
            }
        };
        if let Some(cart) = &write.cart {
            self.carts.insert(cart.key.clone(), oldest());
        }
        if let Some(contact) = &write.contact {
            self.contacts.insert(contact.key.clone(), oldest());
        }
    }
}
