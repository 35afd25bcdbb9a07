//! What a shop's page needs of us: the snippet, and the door for its reports. Browsers may read our
//! answers on the shop's own hosts only.

use aws_lambda_events::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use aws_lambda_events::http::{HeaderMap, HeaderValue};
use cartback::ids::ShopId;
use cartback::ports::{CartStore, Errands};
use cartback::shop::Shop;
use cartback::storefront::browser::Browser;
use cartback_aws::gateway::{Call, Response, asset, empty, problem};
use jiff::Timestamp;
use serde_json::json;

use crate::handler::{Ingest, receive, settings, unknown_shop};

const SNIPPET: &str = include_str!("../assets/cartback.js");

/// What the shop's own service worker takes in.
const WORKER: &str = include_str!("../assets/cartback-worker.js");

/// An hour: a mended snippet is everywhere within it.
const SNIPPET_LIFE_S: u32 = 3600;

pub(crate) fn script() -> Response {
    asset("text/javascript; charset=utf-8", SNIPPET, SNIPPET_LIFE_S)
}

pub(crate) fn worker() -> Response {
    asset("text/javascript; charset=utf-8", WORKER, SNIPPET_LIFE_S)
}

/// Answers a browser that asks whether the page may send more than text.
pub(crate) async fn preflight<S: CartStore, E>(
    ingest: &Ingest<S, E>,
    call: &Call,
    shop: &str,
) -> Response {
    match origin(ingest, call, shop).await {
        Ok(origin) => {
            let mut headers = HeaderMap::new();
            headers.insert(
                ACCESS_CONTROL_ALLOW_METHODS,
                HeaderValue::from_static("POST"),
            );
            let allowed = HeaderValue::from_static("content-type");
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed);
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
            readable_at(&mut headers, origin);
            empty(204, headers)
        }
        Err(answer) => *answer,
    }
}

/// Takes a report of a page on one of the shop's hosts.
pub(crate) async fn report<S: CartStore, E: Errands>(
    ingest: &Ingest<S, E>,
    call: &Call,
    shop: &str,
    accepted_times: &[Timestamp],
) -> Response {
    match origin(ingest, call, shop).await {
        Ok(origin) => {
            let mut answer = receive(ingest, &Browser, call, shop, accepted_times).await;
            readable_at(&mut answer.headers, origin);
            answer
        }
        Err(answer) => *answer,
    }
}

/// The page's origin, if it is one of the shop's hosts, or the answer to a page elsewhere.
async fn origin<S: CartStore, E>(
    ingest: &Ingest<S, E>,
    call: &Call,
    shop: &str,
) -> Result<HeaderValue, Box<Response>> {
    let id: Option<ShopId> = shop.parse().ok();
    let id = id.filter(|id| ingest.secrets.contains_key(id));
    let shop = settings(ingest, &id.ok_or_else(|| Box::new(unknown_shop()))?).await?;
    let origin = call.headers.get(ORIGIN);
    origin
        .filter(|origin| is_of(&shop, origin))
        .cloned()
        .ok_or_else(|| {
            Box::new(problem(
                403,
                "The page is not the shop's",
                "Reports are taken from pages on the shop's `hosts` only.",
                json!({}),
            ))
        })
}

fn is_of(shop: &Shop, origin: &HeaderValue) -> bool {
    origin
        .to_str()
        .is_ok_and(|origin| shop.owns_url(&format!("{origin}/")))
}

fn readable_at(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(VARY, HeaderValue::from_static("origin"));
}
