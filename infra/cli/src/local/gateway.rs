//! The local gateway: HTTP in, API Gateway's JSON to the real handlers, their answers out. The routes
//! are those of the template; what is only local lives under `/local` and `/shop`.

use std::sync::Arc;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::encodings::Body as LambdaBody;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cartback_aws::gateway::{Call, Response as GatewayResponse};
use serde_json::json;

use super::clock::wall_time;
use super::world::World;
use super::{api, assets, preview};
use crate::Failure;

/// Paths of the links function.
const LINKS: [&str; 4] = ["/restore/", "/unsubscribe/", "/preferences/", "/reason/"];

/// API Gateway's own limit; ours is stricter and answers 413 itself.
const MAX_REQUEST_BYTES: usize = 10 * 1024 * 1024;

/// All routes of the local runner.
pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/", get(async || assets::serve("console.html")))
        .route("/shop", get(async || assets::serve("shop.html")))
        .route("/preview", get(async || assets::serve("preview.html")))
        .route(
            "/assets/{file}",
            get(async |Path(file): Path<String>| assets::serve(&file)),
        )
        // The files of theirs that a function serves.
        .route("/assets/cartback.js", any(function))
        .route("/assets/cartback-worker.js", any(function))
        .route(
            "/cartback-worker.js",
            get(async || assets::serve("push-worker.js")),
        )
        .route("/shop/events", post(api::shop_event))
        .route("/shop/session/{cart}", post(api::shop_session))
        .route("/local/clock", get(api::clock).post(api::turn_clock))
        .route("/local/mails", get(api::mails))
        .route("/local/facts", get(api::facts))
        .route("/local/preview", get(preview::show))
        .route("/local/preview/score", get(preview::score))
        .route("/local/preview/choices", get(preview::choices))
        .route("/local/carts/{shop}", get(api::carts))
        .route("/local/carts/{shop}/{cart}", get(api::cart))
        .route("/local/shops/{shop}", get(api::shop))
        .route("/local/shops/{shop}/pause", post(api::pause))
        .route("/local/shops/{shop}/resume", post(api::resume))
        .route("/local/shops/{shop}/erase", post(api::erase))
        .route("/local/shops/{shop}/export", post(api::export))
        .route(
            "/local/shops/{shop}/offers",
            get(api::offers).post(api::import_offers),
        )
        .fallback(any(function))
        .layer(middleware::from_fn(only_this_machine))
        .with_state(world)
}

/// Refuses what a foreign web page could make this machine's browser send: the local routes show
/// secrets and turn the clock.
async fn only_this_machine(request: Request, next: Next) -> Response {
    let host = text(request.headers(), HOST.as_str());
    let origin = text(request.headers(), ORIGIN.as_str());
    let name = host.map(|host| host.rsplit_once(':').map_or(host, |(name, _)| name));
    let is_local_host = name.is_none_or(|name| matches!(name, "127.0.0.1" | "localhost"));
    let is_own_page = origin.is_none_or(|origin| {
        origin == "null" || host.is_some_and(|host| origin.strip_prefix("http://") == Some(host))
    });
    let is_open_door =
        !request.uri().path().starts_with("/local") && !request.uri().path().starts_with("/shop/");
    if is_local_host && (is_own_page || is_open_door) {
        return next.run(request).await;
    }
    (
        StatusCode::FORBIDDEN,
        "cartback local answers only this machine's own pages\n",
    )
        .into_response()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Every other path belongs to a function.
async fn function(State(world): State<Arc<World>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_REQUEST_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let answer = invoke(
        &world,
        parts.method.as_str(),
        &parts.uri,
        &parts.headers,
        &body,
    )
    .await;
    answer.unwrap_or_else(|failure| {
        (StatusCode::INTERNAL_SERVER_ERROR, failure.to_string()).into_response()
    })
}

/// Calls the function that `uri` belongs to, with the JSON that API Gateway would send.
pub(crate) async fn invoke(
    world: &World,
    method: &str,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Response, Failure> {
    let path = uri.path();
    let request = api_gateway_request(world, method, uri, headers, body)?;
    let answer = match Call::read(request) {
        Err(refusal) => *refusal,
        Ok(call) if LINKS.iter().any(|start| path.starts_with(start)) => {
            links::handler::handle(&world.links, &call).await
        }
        Ok(call) => {
            // Scripts sign with the machine's clock, pages with the one turned by hand.
            let accepted_times = [call.received_at, wall_time()];
            let answer = ingest::handler::handle(&world.ingest, &call, &accepted_times).await;
            world.run_errands(call.received_at).await;
            answer
        }
    };
    http_response(answer)
}

/// Payload format 2.0. Source: API Gateway guide, "Working with AWS Lambda proxy integrations".
fn api_gateway_request(
    world: &World,
    method: &str,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<ApiGatewayV2httpRequest, Failure> {
    let path = uri.path();
    let fields: serde_json::Map<_, _> = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), json!(value.to_str().ok()?))))
        .collect();
    let (body, is_base64) = match std::str::from_utf8(body) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (STANDARD.encode(body), true),
    };
    Ok(serde_json::from_value(json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": uri.query().unwrap_or_default(),
        "headers": fields,
        "requestContext": {
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1" },
            "timeEpoch": world.clock.now().as_millisecond(),
        },
        "body": body,
        "isBase64Encoded": is_base64,
    }))?)
}

fn http_response(answer: GatewayResponse) -> Result<Response, Failure> {
    let body = match answer.body {
        Some(LambdaBody::Text(text)) => Body::from(text),
        Some(LambdaBody::Binary(bytes)) => Body::from(bytes),
        Some(LambdaBody::Empty) | None => Body::empty(),
        Some(_) => return Err("a function answered with a body of a new kind".into()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(u16::try_from(answer.status_code)?)?;
    *response.headers_mut() = answer.headers;
    Ok(response)
}
