//! `POST /events/{shop}` and `POST /products/{shop}` for what a shop sends itself, `POST
//! /webhooks/{storefront}/{shop}`, and what a shop's page needs: `GET /assets/cartback.js`, its worker and `POST
//! /browser/{shop}`.

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
use cartback_aws::gateway::{
    Call, Response, empty, json_response, problem, text_response, unavailable,
};
use cartback_aws::secrets::ShopSecrets;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tracing::{error, info, warn};

use crate::doubts::Doubts;
use crate::page;

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
    match call.route() {
        ("GET", path) => match path.as_slice() {
            ["assets", "cartback.js"] => page::script(),
            ["assets", "cartback-worker.js"] => page::worker(),
            ["webhooks", name, shop] => match storefront::named(name) {
                Some(storefront) => receive(ingest, storefront, call, shop, accepted_times).await,
                None => not_found(),
            },
            _ => not_found(),
        },
        ("OPTIONS", path) => match path.as_slice() {
            ["browser", shop] => page::preflight(ingest, call, shop).await,
            ["webhooks", name, shop] => handshake(ingest, call, name, shop),
            _ => not_found(),
        },
        ("POST", path) => match path.as_slice() {
            ["events", shop] => receive(ingest, &Cartback, call, shop, accepted_times).await,
            ["products", shop] => receive(ingest, &Products, call, shop, accepted_times).await,
            ["browser", shop] => page::report(ingest, call, shop, accepted_times).await,
            ["webhooks", name, shop] => match storefront::named(name) {
                Some(storefront) => receive(ingest, storefront, call, shop, accepted_times).await,
                None => not_found(),
            },
            _ => not_found(),
        },
        _ => not_found(),
    }
}

/// Takes a message of `storefront`.
pub(crate) async fn receive<S: CartStore, E: Errands>(
    ingest: &Ingest<S, E>,
    storefront: &dyn Storefront,
    call: &Call,
    shop: &str,
    accepted_times: &[Timestamp],
) -> Response {
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
    match settings(ingest, &id).await {
        Ok(shop) => take(ingest, storefront, &shop, message, call.received_at).await,
        Err(answer) => *answer,
    }
}

/// The settings of the shop `id`, or the answer for want of them.
pub(crate) async fn settings<S: CartStore, E>(
    ingest: &Ingest<S, E>,
    id: &ShopId,
) -> Result<Shop, Box<Response>> {
    match ingest.store.shop(id).await {
        Ok(Some(shop)) => Ok(shop),
        Ok(None) => Err(Box::new(unknown_shop())),
        Err(fault) => {
            error!(shop.id = %id, %fault, "Shop settings not read");
            Err(Box::new(unavailable()))
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

/// Answers a storefront that asks first whether it may send.
fn handshake<S, E>(ingest: &Ingest<S, E>, call: &Call, name: &str, shop: &str) -> Response {
    let is_known = shop
        .parse()
        .is_ok_and(|id: ShopId| ingest.secrets.contains_key(&id));
    if !is_known {
        return unknown_shop();
    }
    let headers = storefront::named(name).and_then(|it| it.handshake(&call.headers));
    match headers {
        Some(headers) => empty(200, headers),
        None => not_found(),
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

pub(crate) fn unknown_shop() -> Response {
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
