//! `POST /events/{shop}` and `POST /webhooks/shopify/{shop}`.

use std::collections::HashMap;

use cartback::event::CartEvent;
use cartback::ids::{Pepper, ShopId};
use cartback::ports::CartStore;
use cartback::pulse::{Counts, count};
use cartback::record::{Recorded, record};
use cartback::shop::Shop;
use cartback::storefront::signature::{SignatureError, verify_shopify, verify_standard};
use cartback::storefront::{Malformed, Parsed, Reception, cartback as own, shopify};
use cartback_aws::gateway::{Call, Response, json_response, problem, unavailable};
use cartback_aws::secrets::WebhookSecrets;
use jiff::Timestamp;
use serde_json::json;
use tracing::{error, info, warn};

/// What every request needs.
pub struct Ingest<S> {
    /// The table.
    pub store: S,
    /// Webhook secrets of each shop.
    pub secrets: HashMap<ShopId, WebhookSecrets>,
    /// The secret of contact keys.
    pub pepper: Pepper,
}

/// The doors that a message can come in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Events,
    Shopify,
}

/// Answers one request. A signature's time may be near any of `accepted_times`.
pub async fn handle<S: CartStore>(
    ingest: &Ingest<S>,
    call: &Call,
    accepted_times: &[Timestamp],
) -> Response {
    let (door, shop) = match call.route() {
        ("POST", path) => match path.as_slice() {
            ["events", shop] => (Door::Events, *shop),
            ["webhooks", "shopify", shop] => (Door::Shopify, *shop),
            _ => return not_found(),
        },
        _ => return not_found(),
    };
    let Some((id, secrets)) = shop.parse().ok().and_then(|id: ShopId| {
        let secrets = ingest.secrets.get(&id)?;
        Some((id, secrets))
    }) else {
        return unknown_shop();
    };
    if let Err(fault) = verify(door, secrets, call, accepted_times) {
        warn!(shop.id = %id, %fault, "Message refused: bad signature");
        if may_be_order(door, call) {
            count(&ingest.store, &id, call.received_at, &Counts::refused()).await;
        }
        return problem(
            401,
            "The signature is not valid",
            SIGNATURE_REMEDY,
            json!({}),
        );
    }
    match ingest.store.shop(&id).await {
        Ok(Some(shop)) => take(ingest, door, &shop, call).await,
        Ok(None) => unknown_shop(),
        Err(fault) => {
            error!(shop.id = %id, %fault, "Shop settings not read");
            unavailable()
        }
    }
}

const SIGNATURE_REMEDY: &str = "Sign the exact bytes of the body with the shop's current secret, and keep \
                                the clock of the signing machine right to five minutes.";

fn verify(
    door: Door,
    secrets: &WebhookSecrets,
    call: &Call,
    accepted_times: &[Timestamp],
) -> Result<(), SignatureError> {
    match door {
        Door::Events => verify_standard(
            &secrets.standard_webhooks,
            &call.headers,
            &call.body,
            accepted_times,
        ),
        Door::Shopify => verify_shopify(&secrets.shopify, &call.headers, &call.body),
    }
}

/// As far as can be told without believing the message: the body is never read.
fn may_be_order(door: Door, call: &Call) -> bool {
    match door {
        Door::Events => true,
        Door::Shopify => {
            shopify::topic(&call.headers).is_some_and(|topic| topic.starts_with("orders/"))
        }
    }
}

async fn take<S: CartStore>(ingest: &Ingest<S>, door: Door, shop: &Shop, call: &Call) -> Response {
    let reception = Reception {
        received_at: call.received_at,
        currency: shop.currency,
    };
    let parse = match door {
        Door::Events => own::parse,
        Door::Shopify => shopify::parse,
    };
    match parse(&call.headers, &call.body, reception) {
        Ok(Parsed::Events(events)) => store(ingest, shop, &events, call.received_at).await,
        Ok(Parsed::Ignored(reason)) => {
            json_response(200, &json!({ "recorded": [], "ignored": reason }))
        }
        Err(Malformed { path, fault }) => {
            let more = json!({ "path": path, "fault": fault });
            problem(
                400,
                "The message cannot be used",
                &format!("{path}: {fault}"),
                more,
            )
        }
    }
}

async fn store<S: CartStore>(
    ingest: &Ingest<S>,
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
        Ok(Recorded::Erased) => json_response(
            200,
            &json!({ "recorded": [], "ignored": "the person asked to be forgotten" }),
        ),
        Err(fault) => {
            error!(shop.id = %shop.id, %fault, "Message not recorded");
            unavailable()
        }
    }
}

fn receipt(event: &CartEvent) -> serde_json::Value {
    json!({ "type": event.kind(), "id": event.id, "at": event.at, "cart": event.carts.first() })
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
    let detail = "Messages go to POST /events/{shop} or POST /webhooks/shopify/{shop}.";
    problem(404, "There is nothing here", detail, json!({}))
}
