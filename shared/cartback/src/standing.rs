//! How a shop stands: the operator's word, and whether the table is the one that it was given for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::ShopId;
use crate::ports::{CartStore, ReadError, WriteError};

/// How a shop stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Nothing is sent until the operator resumes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Pause>,
    /// When the operator last resumed; what was counted before no longer brakes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumed_at: Option<Timestamp>,
    /// When the operator resumed after a restore from a backup; carts that were last active before get
    /// no reminder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored_at: Option<Timestamp>,
}

/// An operator's pause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Since when.
    pub at: Timestamp,
    /// Why, in the operator's words.
    pub reason: String,
}

/// Why the operator's word was not taken.
#[derive(Debug, thiserror::Error)]
pub enum StandingError {
    /// The table could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The table could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// No such shop.
    #[error("there is no such shop in the table; run `cartback shop apply`")]
    UnknownShop,
    /// Nothing is sent already, and only a resume after the restore changes that.
    #[error(
        "the table was restored from a backup and nothing is sent; follow \"After a restore\" in docs/deploy.md, then \
         run `cartback resume` with --after-restore"
    )]
    Restored,
}

impl Standing {
    /// Lets reminders leave again at `now`, whatever held them.
    pub fn resume(&mut self, now: Timestamp) {
        self.paused = None;
        self.resumed_at = Some(now);
    }

    /// The same after a restore.
    pub fn resume_after_restore(&mut self, now: Timestamp) {
        self.resume(now);
        self.restored_at = Some(now);
    }
}

/// Holds all reminders of `shop` back from the next tick on.
///
/// # Errors
/// [`StandingError`]; then all is as it was.
pub async fn pause<S: CartStore>(
    store: &S,
    shop: &ShopId,
    reason: &str,
    now: Timestamp,
) -> Result<(), StandingError> {
    let mut standing = known(store, shop, false, now).await?;
    let reason = reason.to_owned();
    standing.paused = Some(Pause { at: now, reason });
    Ok(store.put_standing(shop, &standing).await?)
}

/// Lets the reminders of `shop` leave again from the next tick on. `is_after_restore`: the table is a
/// restored backup, and carts that were not active since are to be left alone.
///
/// # Errors
/// [`StandingError`]; then all is as it was.
pub async fn resume<S: CartStore>(
    store: &S,
    shop: &ShopId,
    is_after_restore: bool,
    now: Timestamp,
) -> Result<(), StandingError> {
    let mut standing = known(store, shop, is_after_restore, now).await?;
    if is_after_restore {
        standing.resume_after_restore(now);
    } else {
        standing.resume(now);
    }
    Ok(store.put_standing(shop, &standing).await?)
}

/// The standing of a shop that exists, in a table that the operator knows.
async fn known<S: CartStore>(
    store: &S,
    shop: &ShopId,
    is_after_restore: bool,
    now: Timestamp,
) -> Result<Standing, StandingError> {
    if store.shop(shop).await?.is_none() {
        return Err(StandingError::UnknownShop);
    }
    let pulse = store.pulse(shop, now).await?;
    if pulse.is_of_other_table && !is_after_restore {
        return Err(StandingError::Restored);
    }
    Ok(pulse.standing)
}
