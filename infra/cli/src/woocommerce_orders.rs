//! Orders of a WooCommerce shop, from a file or from its REST API.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::value::RawValue;
use ureq::Agent;
use ureq::http::Response;

use crate::Failure;

/// The REST API gives at most as many at once.
const N_PER_PAGE: usize = 100;
/// A page of long orders with all that plugins add to them.
const MAX_PAGE_BYTES: u64 = 64 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(60);

/// What opens the REST API.
#[derive(Args)]
pub(crate) struct Access {
    /// Consumer key of the REST API, `ck_...`.
    #[arg(long, env = "WOOCOMMERCE_KEY", hide_env_values = true)]
    key: Option<String>,
    /// Consumer secret of the REST API, `cs_...`.
    #[arg(long, env = "WOOCOMMERCE_SECRET", hide_env_values = true)]
    secret: Option<String>,
}

/// One order, its JSON exactly as it was sent.
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) json: Box<str>,
}

/// The orders at `place` that were changed at `since` or later.
pub(crate) fn read(place: &str, access: &Access, since: Timestamp) -> Result<Vec<Order>, Failure> {
    let is_address = place.starts_with("https://") || place.starts_with("http://");
    if is_address {
        return fetch(place, access, since);
    }
    let text = std::fs::read_to_string(place).map_err(|error| {
        format!("{place}: cannot be read ({error}); give a file, or an address with https://")
    })?;
    let orders = parse(&text).map_err(|fault| format!("{place}: {fault}"))?;
    Ok(orders
        .into_iter()
        .filter(|(changed_at, _)| changed_at.is_none_or(|at| since <= at))
        .map(|(_, order)| order)
        .collect())
}

/// Each order, and when it was changed last.
fn parse(text: &str) -> Result<Vec<(Option<Timestamp>, Order)>, Failure> {
    #[derive(Deserialize)]
    struct Head {
        #[serde(default)]
        id: serde_json::Value,
        #[serde(default)]
        date_modified_gmt: Option<DateTime>,
    }
    let orders: Vec<Box<RawValue>> = serde_json::from_str(text)
        .map_err(|fault| format!("is no JSON array of orders ({fault})"))?;
    let read = |order: Box<RawValue>| {
        // What has no readable head is for the adapter to judge.
        let head: Option<Head> = serde_json::from_str(order.get()).ok();
        let changed_at = head
            .as_ref()
            .and_then(|head| head.date_modified_gmt?.to_zoned(TimeZone::UTC).ok())
            .map(|zoned| zoned.timestamp());
        let id = head.map_or_else(|| "?".to_owned(), |head| head.id.to_string());
        let json = Box::<str>::from(order);
        (changed_at, Order { id, json })
    };
    Ok(orders.into_iter().map(read).collect())
}

/// Page by page, by rising id: what is changed or new meanwhile moves no other order to another page.
fn fetch(url: &str, access: &Access, since: Timestamp) -> Result<Vec<Order>, Failure> {
    let authorization = authorization(url, access)?;
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        // A redirect could lead the key to another host.
        .max_redirects(0)
        .build()
        .into();
    let since = TimeZone::UTC.to_datetime(since).to_string();
    let mut orders = Vec::new();
    for page in 1_u32.. {
        let request = agent
            .get(url)
            .query("modified_after", &since)
            .query("dates_are_gmt", "true")
            .query("orderby", "id")
            .query("order", "asc")
            .query("per_page", N_PER_PAGE.to_string())
            .query("page", page.to_string())
            .header("authorization", &authorization);
        let mut answer = request.call().map_err(|error| told(url, &error))?;
        if !answer.status().is_success() {
            let status = answer.status();
            return Err(format!("{url} answers with {status}; give the API's own address").into());
        }
        let n_pages = n_pages(&answer);
        let body = answer.body_mut().with_config().limit(MAX_PAGE_BYTES);
        let found = parse(&body.read_to_string()?).map_err(|fault| format!("{url}: {fault}"))?;
        let is_last = n_pages.map_or(found.len() < N_PER_PAGE, |n_pages| n_pages <= page);
        orders.extend(found.into_iter().map(|(_, order)| order));
        if is_last {
            break;
        }
    }
    Ok(orders)
}

fn n_pages<T>(answer: &Response<T>) -> Option<u32> {
    let header = answer.headers().get("x-wp-totalpages")?;
    header.to_str().ok()?.parse().ok()
}

/// The key goes over TLS, or nowhere but to this machine.
fn authorization(url: &str, access: &Access) -> Result<String, Failure> {
    let is_own = ["http://127.0.0.1:", "http://localhost:"];
    if !url.starts_with("https://") && !is_own.iter().any(|start| url.starts_with(start)) {
        return Err(format!("{url}: the key would travel in the open; use https://").into());
    }
    let (Some(key), Some(secret)) = (&access.key, &access.secret) else {
        return Err(
            "set WOOCOMMERCE_KEY and WOOCOMMERCE_SECRET to a key of the REST API that may only read"
                .into(),
        );
    };
    Ok(format!(
        "Basic {}",
        STANDARD.encode(format!("{key}:{secret}"))
    ))
}

fn told(url: &str, error: &ureq::Error) -> String {
    match error {
        ureq::Error::StatusCode(401 | 403) => {
            format!("{url}: the key is not accepted; it needs the permission to read")
        }
        error => format!("{url}: {error}"),
    }
}
