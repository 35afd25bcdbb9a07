//! Errands from their queue: asks the storefront what its adapter wants to know, and records the events.
//! Running one twice does no harm. Whatever cannot be finished stays in the queue, at last in the
//! dead-letter queue.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use cartback::catalogue::keep_readings;
use cartback::errand::{Errand, MemoryErrands};
use cartback::event::{CartEvent, Change};
use cartback::ids::{Pepper, ShopId};
use cartback::ports::{CartStore, Errands};
use cartback::pulse::{Counts, count};
use cartback::record::record;
use cartback::shop::Shop;
use cartback::storefront::fetch::{
    Access, Fetch, MAX_QUESTIONS, Next, Question, Reply, Wait, backoff,
};
use cartback::storefront::{self, Message, Reception, Storefront};
use cartback_aws::secrets::ShopSecrets;
use cartback_aws::web::Web;
use jiff::{SignedDuration, Timestamp};
use tracing::{error, info, warn};

/// Public answers kept at most: a storefront has two keys at a time.
const MAX_PUBLIC: usize = 16;

/// What every errand needs.
pub struct Fetcher<S, E> {
    /// The table.
    pub store: S,
    /// The queue that errands come from.
    pub errands: E,
    /// The secrets of each shop.
    pub secrets: HashMap<ShopId, ShopSecrets>,
    /// The secret of contact keys.
    pub pepper: Pepper,
    /// The way to the storefronts.
    pub web: Web,
    /// Answers that are the same for everybody at any time, such as public keys, by host and path.
    pub public: Mutex<HashMap<String, Reply>>,
}

/// An errand as it was taken out of the queue.
struct Taken<'a> {
    receipt: &'a str,
    /// How often it was taken out, 1 for the first time.
    attempt: u32,
    now: Timestamp,
}

/// What became of an errand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Finished: take it out of the queue.
    Done,
    /// To come again.
    Left,
}

/// Runs the errands of `batch` and names those that stay in the queue.
pub async fn handle<S: CartStore, E: Errands>(
    fetcher: &Fetcher<S, E>,
    batch: &SqsEvent,
    now: Timestamp,
) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in &batch.records {
        if run_queued(fetcher, message, now).await == Outcome::Left {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message.message_id.clone().unwrap_or_default();
            response.batch_item_failures.push(failure);
        }
    }
    response
}

/// Runs the errands that wait in memory and are due, as Lambda would take them out of SQS.
pub async fn run_due<S: CartStore>(fetcher: &Fetcher<S, MemoryErrands>, now: Timestamp) {
    for waiting in fetcher.errands.take_due(now) {
        let taken = Taken {
            receipt: &waiting.receipt,
            attempt: waiting.attempt,
            now,
        };
        if run(fetcher, waiting.errand, &taken).await == Outcome::Done {
            fetcher.errands.remove(&waiting.receipt);
        }
    }
}

async fn run_queued<S: CartStore, E: Errands>(
    fetcher: &Fetcher<S, E>,
    message: &SqsMessage,
    now: Timestamp,
) -> Outcome {
    let body = message.body.as_deref().unwrap_or_default();
    // serde's text could quote an address.
    let Ok(errand) = serde_json::from_str::<Errand>(body) else {
        error!("A message in the queue is no errand");
        return Outcome::Left;
    };
    let n_received = message.attributes.get("ApproximateReceiveCount");
    let taken = Taken {
        receipt: message.receipt_handle.as_deref().unwrap_or_default(),
        attempt: n_received.and_then(|text| text.parse().ok()).unwrap_or(1),
        now,
    };
    run(fetcher, errand, &taken).await
}

/// The storefront of an errand, how to ask it, what opens its API, and the shop.
struct Setting<'a> {
    storefront: &'static dyn Storefront,
    fetch: &'static dyn Fetch,
    access: &'a Access,
    shop: Shop,
}

async fn run<S: CartStore, E: Errands>(
    fetcher: &Fetcher<S, E>,
    mut errand: Errand,
    taken: &Taken<'_>,
) -> Outcome {
    let n_kept = errand.replies.len();
    let wait = match talk(fetcher, &mut errand, taken).await {
        Ok(()) => return Outcome::Done,
        Err(wait) => wait,
    };
    let (shop, storefront) = (&errand.shop, &errand.storefront);
    let seconds = wait.duration.as_secs();
    if wait.needs_operator {
        error!(shop.id = %shop, storefront, reason = wait.reason, "Storefront asked in vain; again in {seconds} s");
    } else {
        warn!(shop.id = %shop, storefront, reason = wait.reason, "Storefront asked in vain; again in {seconds} s");
    }
    // A reply that cannot be had twice goes with a new message; the old one would not know it.
    if n_kept < errand.replies.len() && fetcher.errands.put(&errand, wait.duration).await.is_ok() {
        return Outcome::Done;
    }
    // Postponed or not, it comes again.
    let _ = fetcher.errands.postpone(taken.receipt, wait.duration).await;
    Outcome::Left
}

/// Asks and listens until the errand is done.
///
/// # Errors
/// [`Wait`] says why it is not, and when to go on.
async fn talk<S: CartStore, E>(
    fetcher: &Fetcher<S, E>,
    errand: &mut Errand,
    taken: &Taken<'_>,
) -> Result<(), Wait> {
    let Some(setting) = setting(fetcher, errand, taken.attempt).await? else {
        warn!(shop.id = %errand.shop, "An errand of a shop that is gone was dropped");
        return Ok(());
    };
    let headers = errand.headers();
    let body = errand.body().to_vec();
    let message = Message {
        headers: &headers,
        body: &body,
    };
    let reception = Reception {
        received_at: errand.received_at,
        currency: setting.shop.currency,
    };
    let mut replies = errand.replies.clone();
    for _ in 0..=MAX_QUESTIONS {
        let next = setting
            .fetch
            .next(setting.access, message, reception, &replies);
        let next = next.map_err(|fault| ours(&format!("{fault}")))?;
        let Next::Ask(question) = next else {
            return conclude(fetcher, &setting, next, errand, taken).await;
        };
        let reply = ask(fetcher, &question, taken).await?;
        replies.push(reply);
        if question.is_once() {
            errand.replies.clone_from(&replies);
        }
    }
    Err(ours("the adapter asks without end"))
}

/// # Errors
/// [`Wait`] if the table does not answer, or the operator must act.
async fn setting<'a, S: CartStore, E>(
    fetcher: &'a Fetcher<S, E>,
    errand: &Errand,
    attempt: u32,
) -> Result<Option<Setting<'a>>, Wait> {
    let storefront = storefront::named(&errand.storefront);
    let (storefront, fetch) = storefront
        .and_then(|known| Some((known, known.fetch()?)))
        .ok_or_else(|| ours("there is no such storefront to ask"))?;
    let secrets = fetcher.secrets.get(&errand.shop);
    let access = secrets
        .and_then(|secrets| secrets.access(storefront))
        .ok_or_else(|| ours("the shop's secrets open no API of this storefront"))?;
    let shop = fetcher.store.shop(&errand.shop).await;
    let shop = shop.map_err(|fault| later(attempt, &fault.to_string()))?;
    Ok(shop.map(|shop| Setting {
        storefront,
        fetch,
        access,
        shop,
    }))
}

async fn ask<S, E>(
    fetcher: &Fetcher<S, E>,
    question: &Question,
    taken: &Taken<'_>,
) -> Result<Reply, Wait> {
    let place = format!("{}{}", question.host(), question.path());
    let known = question
        .is_public()
        .then(|| public(fetcher, |kept| kept.get(&place).cloned()))
        .flatten();
    if let Some(reply) = known {
        return Ok(reply);
    }
    let reply = fetcher.web.ask(question, taken.attempt, taken.now).await?;
    if question.is_public() && reply.status == 200 {
        public(fetcher, |kept| {
            // Whoever sends forged messages can have anything asked for, once.
            if MAX_PUBLIC <= kept.len() {
                kept.clear();
            }
            kept.insert(place, reply.clone());
        });
    }
    Ok(reply)
}

fn public<S, E, T>(
    fetcher: &Fetcher<S, E>,
    read: impl FnOnce(&mut HashMap<String, Reply>) -> T,
) -> T {
    read(
        &mut fetcher
            .public
            .lock()
            .unwrap_or_else(PoisonError::into_inner),
    )
}

async fn conclude<S: CartStore, E>(
    fetcher: &Fetcher<S, E>,
    setting: &Setting<'_>,
    next: Next,
    errand: &Errand,
    taken: &Taken<'_>,
) -> Result<(), Wait> {
    let name = setting.storefront.name();
    match next {
        // Only what is concluded comes here.
        Next::Ask(_) => Err(ours("a question is no conclusion")),
        Next::Record(events) => store(fetcher, setting, &events, taken).await,
        Next::Products(readings) => {
            let kept = keep_readings(&fetcher.store, &errand.shop, &readings).await;
            let n_news = kept.map_err(|fault| later(taken.attempt, &fault.to_string()))?;
            info!(shop.id = %errand.shop, storefront = name, n_readings = readings.len(), n_news, "Products kept");
            Ok(())
        }
        Next::Ignore(reason) => {
            info!(shop.id = %errand.shop, storefront = name, reason, "Message ignored");
            Ok(())
        }
        // An earlier try may have used up the proof and then broken off: that is for people to see.
        Next::Unknown if 1 < taken.attempt => Err(ours(
            "the storefront knows the message no more; an order may be missing",
        )),
        Next::Forged | Next::Unknown => {
            warn!(shop.id = %errand.shop, storefront = name, "Message refused: the storefront does not know it");
            if setting.storefront.may_be_order(&errand.headers()) {
                let refused = Counts::refused(setting.storefront);
                count(&fetcher.store, &errand.shop, errand.received_at, &refused).await;
            }
            Ok(())
        }
    }
}

async fn store<S: CartStore, E>(
    fetcher: &Fetcher<S, E>,
    setting: &Setting<'_>,
    events: &[CartEvent],
    taken: &Taken<'_>,
) -> Result<(), Wait> {
    let shop = &setting.shop;
    let recorded = record(&fetcher.store, shop, &fetcher.pepper, events, taken.now).await;
    let recorded = recorded.map_err(|fault| later(taken.attempt, &fault.to_string()))?;
    // Forged ones are counted, so good ones must be too: the shop would be held back for the forger's.
    let is_order = |event: &CartEvent| matches!(event.change, Change::OrderPlaced(_));
    if events.iter().any(is_order) {
        let verified = Counts::verified(setting.storefront);
        count(&fetcher.store, &shop.id, taken.now, &verified).await;
    }
    info!(shop.id = %shop.id, n_events = events.len(), ?recorded, "Message recorded");
    Ok(())
}

fn later(attempt: u32, reason: &str) -> Wait {
    Wait {
        duration: backoff(attempt),
        reason: reason.to_owned(),
        needs_operator: false,
    }
}

fn ours(reason: &str) -> Wait {
    Wait {
        duration: SignedDuration::from_mins(15),
        reason: reason.to_owned(),
        needs_operator: true,
    }
}
