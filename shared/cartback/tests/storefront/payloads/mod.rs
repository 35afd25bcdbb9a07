//! Every sample that the team collected, and what becomes of it: its events, the reason to ignore it, or
//! the fault for which it is refused. Each storefront has a file.

mod adobe;
mod analytics;
mod bigcommerce;
mod commercelayer;
mod saleor;
mod shopify;
mod shopware;
mod snipcart;
mod stripe;
mod woocommerce;

use std::path::Path;

use ::cartback::storefront::cartback::Cartback;
use ::cartback::storefront::fetch::Next;
use ::cartback::storefront::{Malformed, Parsed, Storefront};
use serde_json::Value;

use super::adobe::proven;
use super::{headers, kinds, parse, shared};

const FOLDERS: &[Folder] = &[
    analytics::CLOUDEVENTS,
    analytics::GA4,
    analytics::SEGMENT,
    adobe::FOLDER,
    bigcommerce::FOLDER,
    commercelayer::FOLDER,
    saleor::FOLDER,
    shopify::FOLDER,
    shopware::FOLDER,
    snipcart::FOLDER,
    STANDARD_WEBHOOKS,
    stripe::FOLDER,
    woocommerce::FOLDER,
];

/// The samples of one storefront.
struct Folder {
    /// Its name beside the other samples.
    name: &'static str,
    storefront: &'static dyn Storefront,
    /// The header that names the topic, in lower case; empty if the body does.
    topic_header: &'static str,
    /// File, topic where the file has none, and the expected events, `ignored: <why>` or
    /// `refused: <why>`.
    samples: &'static [(&'static str, &'static str, &'static str)],
}

/// The example of the scheme by which our own events are signed; only its envelope is the scheme's.
const STANDARD_WEBHOOKS: Folder = Folder {
    name: "standard-webhooks",
    storefront: &Cartback,
    topic_header: "",
    samples: &[(
        "thin.json",
        "",
        "refused: type: is no event type; send cart.updated, contact.identified, consent.changed, \
         checkout.step_reached, payment.failed, payment.pending, order.placed, order.cancelled, \
         order.refunded, cart.deleted, data.requested or erasure.requested",
    )],
};

/// What lies beside the samples and is none: the vectors have a test of their own.
const NO_SAMPLES: [&str; 2] = ["SOURCES.md", "signatures"];

#[test]
fn every_folder_of_samples_has_a_table() {
    let Some(samples) = shared("payloads") else {
        return;
    };
    let mut found = names_in(&samples);
    found.retain(|name| !NO_SAMPLES.contains(&name.as_str()));
    let mut known: Vec<&str> = FOLDERS.iter().map(|folder| folder.name).collect();
    known.sort_unstable();
    assert_eq!(
        found, known,
        "a folder came or went: say what its samples become"
    );
}

/// What lies in a folder, sorted.
fn names_in(folder: &Path) -> Vec<String> {
    let all = std::fs::read_dir(folder).unwrap();
    let names = all.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn every_collected_sample_is_understood() {
    for folder in FOLDERS {
        let Some(path) = shared(&format!("payloads/{}", folder.name)) else {
            continue;
        };
        let files = names_in(&path);
        let expected: Vec<_> = folder.samples.iter().map(|(file, _, _)| *file).collect();
        assert_eq!(
            files, expected,
            "a sample of {} came or went: say what it becomes",
            folder.name
        );
        for (file, topic, expected) in folder.samples {
            let outcome = match parsed(folder, &path.join(file), topic) {
                // Adobe proves nothing before it is asked for its key.
                Ok(Parsed::Fetch) if folder.name == "adobe-commerce" => {
                    concluded(proven(&std::fs::read(path.join(file)).unwrap()))
                }
                parsed => outcome(parsed),
            };
            assert_eq!(outcome, *expected, "{}/{file}", folder.name);
        }
    }
}

/// What becomes of a sample whose sender was asked.
fn concluded(next: Result<Next, Malformed>) -> String {
    match next {
        Ok(Next::Ask(question)) => format!("asks {}{}", question.host(), question.path()),
        Ok(Next::Record(events)) => kinds(&events).join(" "),
        Ok(Next::Products(readings)) => format!("{} products", readings.len()),
        Ok(Next::Ignore(reason)) => format!("ignored: {reason}"),
        Ok(Next::Forged | Next::Unknown) => "refused: it is not for this shop".to_owned(),
        Err(fault) => format!("refused: {fault}"),
    }
}

fn outcome(parsed: Result<Parsed, Malformed>) -> String {
    match parsed {
        Ok(Parsed::Events(events)) => kinds(&events).join(" "),
        Ok(Parsed::Products(readings)) => format!("{} products", readings.len()),
        Ok(Parsed::Fetch) => "to be asked for".to_owned(),
        Ok(Parsed::Ignored(reason)) => format!("ignored: {reason}"),
        Err(fault) => format!("refused: {fault}"),
    }
}

/// What the storefront makes of a sample. An envelope has `headers`, `body` and `topic`; what came over
/// REST is wrapped in the resource's name.
fn parsed(folder: &Folder, file: &Path, topic: &str) -> Result<Parsed, Malformed> {
    let sample: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let wrapped = sample
        .pointer("/body")
        .or(sample.pointer("/checkouts/0"))
        .or(sample.get("order"));
    let body = wrapped.unwrap_or(&sample).to_string();
    let pairs: Vec<(&str, &str)> = sample["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    let mut headers = headers(&pairs);
    if !topic.is_empty() {
        headers.insert(folder.topic_header, topic.parse().unwrap());
    }
    parse(folder.storefront, &headers, body.as_bytes())
}
