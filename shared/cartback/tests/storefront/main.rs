//! The storefront edge from outside: signatures, our own format, that of each storefront, and the
//! documents.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![expect(
    clippy::disallowed_methods,
    reason = "two switches for the desk come from the environment"
)]

mod adobe;
mod bigcommerce;
mod browser;
mod cartback;
mod cloudevents;
mod commercelayer;
mod docs;
mod ga4;
mod payloads;
mod robustness;
mod saleor;
mod segment;
mod shopify;
mod shopware;
mod signature;
mod snipcart;
mod snippets;
mod stripe;
mod unseen;
mod woocommerce;

use std::path::{Path, PathBuf};

use ::cartback::cart::{Cart, CartStatus};
use ::cartback::event::{CartEvent, Change};
use ::cartback::ids::{CartId, CartKey};
use ::cartback::storefront::fetch::{Access, Next, Reply};
use ::cartback::storefront::{Malformed, Message, Parsed, Reception, Storefront};
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use serde_json::Value;

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

fn events(parsed: Parsed) -> Vec<CartEvent> {
    match parsed {
        Parsed::Events(events) => events,
        Parsed::Products(readings) => panic!("products: {readings:?}"),
        Parsed::Ignored(reason) => panic!("ignored: {reason}"),
        Parsed::Fetch => panic!("to be asked for"),
    }
}

/// What `storefront` wants after `replies` to its questions about a message.
fn next(
    storefront: &dyn Storefront,
    access: &Value,
    headers: &HeaderMap,
    body: &[u8],
    replies: &[Reply],
) -> Result<Next, Malformed> {
    let access: Access = serde_json::from_value(access.clone()).unwrap();
    let fetch = storefront.fetch().unwrap();
    fetch.next(&access, Message { headers, body }, reception(), replies)
}

fn reply(status: u16, body: &[u8]) -> Reply {
    let body = String::from_utf8_lossy(body).into_owned();
    Reply { status, body }
}

/// `GET https://host/path` of a question.
fn asked(next: Next) -> String {
    match next {
        Next::Ask(question) => format!("https://{}{}", question.host(), question.path()),
        other => panic!("no question: {other:?}"),
    }
}

fn recorded(next: Next) -> Vec<CartEvent> {
    match next {
        Next::Record(events) => events,
        other => panic!("nothing to record: {other:?}"),
    }
}

fn kinds(events: &[CartEvent]) -> Vec<&'static str> {
    events.iter().map(CartEvent::kind).collect()
}

fn names(event: &CartEvent) -> Vec<&str> {
    event.carts.iter().map(CartId::as_str).collect()
}

fn contents(events: &[CartEvent]) -> &::cartback::event::Contents {
    match &events[0].change {
        Change::CartUpdated(contents) => contents,
        other => panic!("not a cart: {other:?}"),
    }
}

/// What the cart that `events` are filed under is to the shop after all of them.
fn status(events: &[CartEvent]) -> CartStatus {
    let id = events[0].carts[0].clone();
    let key = CartKey::new(&"demo".parse().unwrap(), &id);
    let mut cart = Cart::new(key, id, events[0].at);
    for event in events {
        cart.facts.apply(event, None);
    }
    cart.facts.status()
}

/// A fixture of `storefront`, byte for byte.
fn fixture(storefront: &str, name: &str) -> Vec<u8> {
    fixture_file(storefront, &format!("{name}.json"))
}

/// The same of one that is no JSON.
fn fixture_file(storefront: &str, file: &str) -> Vec<u8> {
    let folder = root().join("shared/cartback/fixtures/storefront");
    std::fs::read(folder.join(storefront).join(file)).unwrap()
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
