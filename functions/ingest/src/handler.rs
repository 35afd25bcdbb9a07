//! `POST /events/{shop}` and `POST /products/{shop}` for what a shop sends itself, and `POST /webhooks/{storefront}/{shop}`.

use std::collections::HashMap;

use cartback::catalogue::keep_readings;
use cartback::errand::Errand;
use cartback::event::CartEvent;
use cartback::ids::{Pepper, ShopId};
use cartback::ports::{CartStore, Errands};
use cartback::product::ProductReading;
use cartback::pulse::{Counts, count};
use cartback::record::{Recorded, record};
use cartback::shop::Shop;
use cartback::storefront::signature::SignatureError;
use cartback::storefront::{
    self, Malformed, Message, Parsed, Reception, Storefront,
    cartback::{Cartback, Products},
};
use cartback_aws::gateway::{Call, Response, json_response, problem, text_response, unavailable};
use cartback_aws::secrets::ShopSecrets;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tracing::{error, info, warn};

use crate::doubts::Doubts;

/// What every request needs.
pub struct Ingest<S, E> {
    /// The table.
    pub store: S,
    /// The queue of what must be asked first.
    pub errands: E,
    /// The secrets of each shop.
    pub secrets: HashMap<ShopId, ShopSecrets>,
    /// The secret of contact keys.
    pub pepper: Pepper,
    /// Where good messages must be counted too.
    pub doubts: Doubts,
}

/// Answers one request. A signature's time may be near any of `accepted_times`.
pub async fn handle<S: CartStore, E: Errands>(
    ingest: &Ingest<S, E>,
    call: &Call,
    accepted_times: &[Timestamp],
) -> Response {
    let Some((storefront, shop)) = door(call) else {
        return not_found();
    };
    let Some((id, secrets)) = shop.parse().ok().and_then(|id: ShopId| {
        let secrets = ingest.secrets.get(&id)?;
        Some((id, secrets))
    }) else {
        return unknown_shop();
    };
    if call.method == "GET" {
        return greet(storefront, &call.query);
    }
    let message = Message {
        headers: &call.headers,
        body: &call.body,
    };
    if let Some(greeting) = storefront.greeting(message) {
        return ignored(greeting);
    }
    match storefront.verify(secrets.webhooks(storefront), message, accepted_times) {
        Ok(()) => note_verified(ingest, &id, storefront, call.received_at).await,
        // A stranger's word rings no alarm at a shop that has nothing to do with this storefront.
        Err(SignatureError::Unproven) if secrets.access(storefront).is_none() => {
            return unknown_shop();
        }
        Err(SignatureError::Unproven) => {
            return ask(ingest, storefront, &id, message, call.received_at).await;
        }
        Err(fault) => {
            warn!(shop.id = %id, %fault, "Message refused: bad signature");
            return refuse(ingest, &id, storefront, call).await;
        }
    }
    match ingest.store.shop(&id).await {
        Ok(Some(shop)) => take(ingest, storefront, &shop, message, call.received_at).await,
        Ok(None) => unknown_shop(),
        Err(fault) => {
            error!(shop.id = %id, %fault, "Shop settings not read");
            unavailable()
        }
    }
}

async fn note_verified<S: CartStore, E>(
    ingest: &Ingest<S, E>,
    shop: &ShopId,
    storefront: &dyn Storefront,
    at: Timestamp,
) {
    if ingest.doubts.note_verified(shop, storefront, at) {
        let verified = Counts::verified(storefront);
        count(&ingest.store, shop, at, &verified).await;
    }
}

async fn refuse<S: CartStore, E>(
    ingest: &Ingest<S, E>,
    shop: &ShopId,
    storefront: &dyn Storefront,
    call: &Call,
) -> Response {
    let secrets = ingest.secrets.get(shop);
    let is_expected = secrets.is_some_and(|known| !known.webhooks(storefront).is_empty());
    // Without a secret nothing is expected from there, and nobody's orders are missed.
    if is_expected && storefront.may_be_order(&call.headers) {
        let at = call.received_at;
        ingest.doubts.note_refused(shop, storefront, at);
        let refused = Counts::refused(storefront);
        count(&ingest.store, shop, at, &refused).await;
    }
    problem(
        401,
        "The signature is not valid",
        SIGNATURE_REMEDY,
        json!({}),
    )
}

/// The storefront that sends, and the shop's name in the path.
fn door(call: &Call) -> Option<(&'static dyn Storefront, &str)> {
    match call.route() {
        ("POST", path) => match path.as_slice() {
            ["events", shop] => Some((&Cartback, *shop)),
            ["products", shop] => Some((&Products, *shop)),
            ["webhooks", name, shop] => Some((storefront::named(name)?, *shop)),
            _ => None,
        },
        ("GET", path) => match path.as_slice() {
            ["webhooks", name, shop] => Some((storefront::named(name)?, *shop)),
            _ => None,
        },
        _ => None,
    }
}

/// Answers a storefront that tries the address before it sends anything.
fn greet(storefront: &dyn Storefront, query: &str) -> Response {
    storefront
        .challenge(query)
        .map_or_else(not_found, text_response)
}

const SIGNATURE_REMEDY: &str = "Sign the exact bytes of the body with the shop's current secret, and keep \
                                the clock of the signing machine right to five minutes.";

async fn take<S: CartStore, E: Errands>(
    ingest: &Ingest<S, E>,
    storefront: &dyn Storefront,
    shop: &Shop,
    message: Message<'_>,
    received_at: Timestamp,
) -> Response {
    let reception = Reception {
        received_at,
        currency: shop.currency,
    };
    match storefront.parse(message, reception) {
        Ok(Parsed::Events(events)) => store(ingest, shop, &events, received_at).await,
        Ok(Parsed::Products(readings)) => keep(ingest, shop, &readings).await,
        Ok(Parsed::Fetch) => ask(ingest, storefront, &shop.id, message, received_at).await,
        Ok(Parsed::Ignored(reason)) => ignored(&reason),
        Err(fault) => unusable(&fault),
    }
}

/// Puts the message into the queue of those that the storefront must be asked about. Nothing of it is
/// recorded before.
async fn ask<S, E: Errands>(
    ingest: &Ingest<S, E>,
    storefront: &dyn Storefront,
    shop: &ShopId,
    message: Message<'_>,
    received_at: Timestamp,
) -> Response {
    let access = ingest.secrets.get(shop);
    let access = access.and_then(|secrets| secrets.access(storefront));
    let (Some(fetch), Some(_)) = (storefront.fetch(), access) else {
        error!(shop.id = %shop, storefront = storefront.name(), "The shop's secrets open no API of this storefront");
        return problem(
            500,
            "The storefront cannot be asked",
            "Store what opens its API with the shop's secrets, under `api`.",
            json!({}),
        );
    };
    let errand = match Errand::new(shop, storefront, fetch, message, received_at) {
        Ok(errand) => errand,
        Err(fault) => return unusable(&fault),
    };
    match ingest.errands.put(&errand, SignedDuration::ZERO).await {
        Ok(()) => {
            info!(shop.id = %shop, storefront = storefront.name(), "Message queued");
            // Not 202: some storefronts take nothing but 200 for a yes.
            json_response(200, &json!({ "recorded": [], "queued": true }))
        }
        Err(fault) => {
            error!(shop.id = %shop, %fault, "Message not queued");
            unavailable()
        }
    }
}

fn unusable(Malformed { path, fault }: &Malformed) -> Response {
    let more = json!({ "path": path, "fault": fault });
    problem(
        400,
        "The message cannot be used",
        &format!("{path}: {fault}"),
        more,
    )
}

async fn store<S: CartStore, E>(
    ingest: &Ingest<S, E>,
    shop: &Shop,
    events: &[CartEvent],
    now: Timestamp,
) -> Response {
    match record(&ingest.store, shop, &ingest.pepper, events, now).await {
        Ok(Recorded::Stored) => {
            info!(shop.id = %shop.id, n_events = events.len(), "Message recorded");
            json_response(
                202,
                &json!({ "recorded": events.iter().map(receipt).collect::<Vec<_>>() }),
            )
        }
        Ok(Recorded::Erased) => ignored("the person asked to be forgotten"),
        Err(fault) => {
            error!(shop.id = %shop.id, %fault, "Message not recorded");
            unavailable()
        }
    }
}

async fn keep<S: CartStore, E>(
    ingest: &Ingest<S, E>,
    shop: &Shop,
    readings: &[ProductReading],
) -> Response {
    match keep_readings(&ingest.store, &shop.id, readings).await {
        Ok(n_news) => {
            info!(shop.id = %shop.id, n_readings = readings.len(), n_news, "Products recorded");
            json_response(202, &json!({ "recorded": readings.len() }))
        }
        Err(fault) => {
            error!(shop.id = %shop.id, %fault, "Products not recorded");
            unavailable()
        }
    }
}

fn receipt(event: &CartEvent) -> serde_json::Value {
    json!({ "type": event.kind(), "id": event.id, "at": event.at, "cart": event.carts.first() })
}

fn ignored(reason: &str) -> Response {
    json_response(200, &json!({ "recorded": [], "ignored": reason }))
}

fn unknown_shop() -> Response {
    problem(
        404,
        "There is no such shop",
        "Check the last part of the path, or run `cartback shop apply`.",
        json!({}),
    )
}

fn not_found() -> Response {
    let names: Vec<_> = storefront::ALL.iter().map(|known| known.name()).collect();
    let detail = format!(
        "Messages go to POST /events/{{shop}}, POST /products/{{shop}} or POST /webhooks/{{storefront}}/{{shop}}, where the storefront is one \
         of {}.",
        names.join(", ")
    );
    problem(404, "There is nothing here", &detail, json!({}))
}
