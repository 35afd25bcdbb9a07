//! Errands: messages of which something must be asked at their storefront first. They wait in a queue
//! and nowhere else, with no more than it takes to ask.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ids::ShopId;
use crate::ports::{Errands, WriteError};
use crate::storefront::fetch::{Fetch, Reply};
use crate::storefront::{Malformed, Message, Storefront};

/// A queue's limit for one message, in bytes. Source: SQS quotas, "message size".
const MAX_BYTES: usize = 256 * 1024;

/// One message to ask about. `Debug` would print a body, so there is none.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Errand {
    /// Whose message.
    pub shop: ShopId,
    /// The name of the storefront that sent it.
    pub storefront: String,
    /// When it came in.
    pub received_at: Timestamp,
    /// The headers that asking needs.
    headers: BTreeMap<String, String>,
    /// The body, byte for byte.
    body: String,
    /// Replies that cannot be had twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replies: Vec<Reply>,
}

impl Errand {
    /// The errand of a message that came to `shop` at `received_at`.
    ///
    /// # Errors
    /// [`Malformed`] if the body is not UTF-8 or too long for a queue.
    pub fn new(
        shop: &ShopId,
        storefront: &dyn Storefront,
        fetch: &dyn Fetch,
        message: Message<'_>,
        received_at: Timestamp,
    ) -> Result<Self, Malformed> {
        let body = std::str::from_utf8(message.body)
            .map_err(|_| Malformed::new(".", "is not UTF-8; send JSON"))?;
        let header = |name: &&str| {
            let value = message.headers.get(*name)?.to_str().ok()?;
            Some(((*name).to_owned(), value.to_owned()))
        };
        let errand = Self {
            shop: shop.clone(),
            storefront: storefront.name().to_owned(),
            received_at,
            headers: fetch.headers().iter().filter_map(header).collect(),
            body: body.to_owned(),
            replies: Vec::new(),
        };
        if MAX_BYTES < errand.to_json().len() {
            return Err(Malformed::new(".", "is too long; send less than 250 KB"));
        }
        Ok(errand)
    }

    /// As a queue carries it.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Maps with text for keys always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The kept headers.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        let pairs = self.headers.iter().filter_map(|(name, value)| {
            let name: HeaderName = name.parse().ok()?;
            Some((name, HeaderValue::from_str(value).ok()?))
        });
        pairs.collect()
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.body.as_bytes()
    }
}

/// The queue in memory: for the local runner, and for tests. Clones share it.
#[derive(Clone, Default)]
pub struct MemoryErrands {
    queue: Arc<Mutex<Queue>>,
}

/// An errand in the queue of [`MemoryErrands`].
#[derive(Clone)]
pub struct Waiting {
    /// What names it while it is in the queue.
    pub receipt: String,
    /// The errand.
    pub errand: Errand,
    /// How often it was taken out.
    pub attempt: u32,
    /// How long it waits since it was last taken out.
    pub wait: SignedDuration,
    taken_at: Option<Timestamp>,
}

#[derive(Default)]
struct Queue {
    n_put: u64,
    waiting: Vec<Waiting>,
}

impl MemoryErrands {
    /// Everything in the queue, oldest first.
    #[must_use]
    pub fn waiting(&self) -> Vec<Waiting> {
        self.queue().waiting.clone()
    }

    /// Takes out what waits no longer at `now`. It stays until it is removed, as in SQS.
    #[must_use]
    pub fn take_due(&self, now: Timestamp) -> Vec<Waiting> {
        let is_due = |one: &&mut Waiting| {
            one.taken_at
                .is_none_or(|at| one.wait <= now.duration_since(at))
        };
        let mut queue = self.queue();
        let due = queue.waiting.iter_mut().filter(is_due).map(|one| {
            one.attempt += 1;
            one.taken_at = Some(now);
            one.clone()
        });
        due.collect()
    }

    /// Removes the errand of `receipt`: it is done.
    pub fn remove(&self, receipt: &str) {
        self.queue().waiting.retain(|one| one.receipt != receipt);
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Errands for MemoryErrands {
    async fn put(&self, errand: &Errand, wait: SignedDuration) -> Result<(), WriteError> {
        let mut queue = self.queue();
        queue.n_put += 1;
        let receipt = queue.n_put.to_string();
        queue.waiting.push(Waiting {
            receipt,
            errand: errand.clone(),
            attempt: 0,
            wait,
            taken_at: None,
        });
        Ok(())
    }

    async fn postpone(&self, receipt: &str, wait: SignedDuration) -> Result<(), WriteError> {
        let mut queue = self.queue();
        if let Some(waiting) = queue.waiting.iter_mut().find(|one| one.receipt == receipt) {
            waiting.wait = wait;
        }
        Ok(())
    }
}
