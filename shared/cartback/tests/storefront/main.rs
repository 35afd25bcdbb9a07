//! The storefront edge from outside: signatures, each storefront's format, and the documents of
//! ours.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![expect(
    clippy::disallowed_methods,
    reason = "two switches for the desk come from the environment"
)]

mod browser;
mod cartback;
mod cloudevents;
mod docs;
mod ga4;
mod payloads;
mod robustness;
mod saleor;
mod segment;
mod shopify;
mod signature;

use std::path::{Path, PathBuf};

use ::cartback::event::{CartEvent, Change};
use ::cartback::storefront::{Malformed, Message, Parsed, Reception, Storefront};
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

const RECEIVED_AT: &str = "2026-07-10T00:00:00Z";

fn reception() -> Reception {
    Reception {
        received_at: RECEIVED_AT.parse().unwrap(),
        currency: "EUR".parse().unwrap(),
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| {
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        })
        .collect()
}

/// What `storefront` makes of a message.
fn parse(
    storefront: &dyn Storefront,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Parsed, Malformed> {
    storefront.parse(Message { headers, body }, reception())
}

/// The bytes of a sample of ours, such as `saleor/order_created.json`.
fn fixture(path: &str) -> Vec<u8> {
    let folder = format!("{}/fixtures/storefront", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(Path::new(&folder).join(path)).unwrap()
}

fn events(parsed: Parsed) -> Vec<CartEvent> {
    match parsed {
        Parsed::Events(events) => events,
        Parsed::Ignored(reason) => panic!("ignored: {reason}"),
    }
}

fn kinds(events: &[CartEvent]) -> Vec<&'static str> {
    events.iter().map(CartEvent::kind).collect()
}

fn contents(events: &[CartEvent]) -> &::cartback::event::Contents {
    match &events[0].change {
        Change::CartUpdated(contents) => contents,
        other => panic!("not a cart: {other:?}"),
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder or file of the samples that are kept outside the repository; `None` where they are not.
#[expect(clippy::print_stdout, reason = "a test that was left out says so")]
fn shared(path: &str) -> Option<PathBuf> {
    let beside =
        std::env::var_os("CARTBACK_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let found = Some(beside.join(path)).filter(|path| path.exists());
    if found.is_none() {
        println!("left out: no {path} in CARTBACK_SHARED or beside the project");
    }
    found
}
