//! HTTP as API Gateway's payload 2.0 carries it: what a handler needs of a request, and the answers
//! that all HTTP functions share.

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use aws_lambda_events::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use aws_lambda_events::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The answer of an HTTP function.
pub type Response = ApiGatewayV2httpResponse;

/// The longest body that any route takes, in bytes after decoding. A cart of 200 items has 100 KB.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// What a handler needs of a request.
#[derive(Debug)]
pub struct Call {
    /// Upper case, such as `POST`.
    pub method: String,
    /// The parts of the path between slashes.
    pub path: Vec<String>,
    /// What follows the path after `?`; empty if nothing does.
    pub query: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The body as it was sent, byte for byte; signatures are over these bytes.
    pub body: Vec<u8>,
    /// When API Gateway took the request.
    pub received_at: Timestamp,
}

impl Call {
    /// Reads a request.
    ///
    /// # Errors
    /// The answer to give: 400 for a body that is not the base64 it claims to be, 413 for one that is
    /// too long.
    pub fn read(request: ApiGatewayV2httpRequest) -> Result<Self, Box<Response>> {
        let text = request.body.unwrap_or_default();
        // Base64 is longer by a third; refuse before decoding.
        if MAX_BODY_BYTES * 2 < text.len() {
            return Err(too_large());
        }
        let body = if request.is_base64_encoded {
            STANDARD.decode(text).map_err(|_| {
                Box::new(problem(
                    400,
                    "The body cannot be read",
                    "It is marked as base64 and is not.",
                    json!({}),
                ))
            })?
        } else {
            text.into_bytes()
        };
        if MAX_BODY_BYTES < body.len() {
            return Err(too_large());
        }
        let millis = request.request_context.time_epoch;
        let path = request.raw_path.unwrap_or_default();
        Ok(Self {
            method: request.request_context.http.method.to_string(),
            path: path
                .trim_matches('/')
                .split('/')
                .map(str::to_owned)
                .collect(),
            query: request.raw_query_string.unwrap_or_default(),
            headers: request.headers,
            body,
            received_at: Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH),
        })
    }

    /// Method and path parts, to match a route against.
    #[must_use]
    pub fn route(&self) -> (&str, Vec<&str>) {
        (&self.method, self.path.iter().map(String::as_str).collect())
    }
}

/// Plain text.
#[must_use]
pub fn text_response(body: String) -> Response {
    let mut response = respond(200, "text/plain; charset=utf-8", body);
    response.headers.insert(
        "x-content-type-options",
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// `body` as JSON.
#[must_use]
pub fn json_response(status: u16, body: &Value) -> Response {
    respond(status, "application/json", body.to_string())
}

/// A problem as RFC 9457 describes it: a short title, what to do about it, and `more` members.
#[must_use]
pub fn problem(status: u16, title: &str, detail: &str, more: Value) -> Response {
    let mut body =
        json!({ "type": "about:blank", "title": title, "status": status, "detail": detail });
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    respond(status, "application/problem+json", body.to_string())
}

/// A page for people. Never cached, never framed, without scripts. Forms may lead anywhere: browsers
/// hold a redirect after the POST, which goes to the shop, against `form-action`.
#[must_use]
pub fn page(status: u16, html: String) -> Response {
    let mut response = respond(status, "text/html; charset=utf-8", html);
    let policy = "default-src 'none'; img-src https: http://127.0.0.1:* http://localhost:*; \
                  style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
    for (name, value) in [
        ("content-security-policy", policy),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-robots-tag", "noindex"),
    ] {
        response
            .headers
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Sends the browser on after a POST.
#[must_use]
pub fn see_other(url: &str) -> Response {
    let mut response = respond(303, "text/plain", String::new());
    match HeaderValue::from_str(url) {
        Ok(location) => {
            response.headers.insert(LOCATION, location);
            response
        }
        // Only a URL that was checked comes here; a broken one must not become a redirect elsewhere.
        Err(_) => problem(
            502,
            "The shop cannot be reached",
            "Its address is not usable.",
            json!({}),
        ),
    }
}

/// An answer of nothing but `headers`.
#[must_use]
pub fn empty(status: u16, headers: HeaderMap) -> Response {
    let mut response = Response::default();
    response.status_code = i64::from(status);
    response.headers = headers;
    response
}

/// A file that browsers and the caches before us may keep for `seconds`, and show for a day longer
/// while they ask for a newer one.
#[must_use]
pub fn asset(content_type: &'static str, text: &str, seconds: u32) -> Response {
    let mut response = respond(200, content_type, text.to_owned());
    let kept = format!("public, max-age={seconds}, stale-while-revalidate=86400");
    if let Ok(kept) = HeaderValue::from_str(&kept) {
        response.headers.insert(CACHE_CONTROL, kept);
    }
    response.headers.insert(
        "x-content-type-options",
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// The answer while the table does not answer. Storefronts and mail programs try again later.
#[must_use]
pub fn unavailable() -> Response {
    problem(
        503,
        "Try again later",
        "The event was not stored; sending it again is safe.",
        json!({}),
    )
}

fn too_large() -> Box<Response> {
    let detail = format!("Send at most {} KB.", MAX_BODY_BYTES / 1024);
    Box::new(problem(413, "The body is too large", &detail, json!({})))
}

fn respond(status: u16, content_type: &'static str, body: String) -> Response {
    let mut response = Response::default();
    response.status_code = i64::from(status);
    response
        .headers
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
        .headers
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.body = Some(Body::Text(body));
    response
}
