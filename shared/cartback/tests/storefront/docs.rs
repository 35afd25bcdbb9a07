//! The public documents say what the program does: the schema is generated, the examples are
//! parsed.

use std::collections::HashSet;

use ::cartback::event::Change;
use ::cartback::storefront::cartback::{Cartback, schema};
use ::cartback::storefront::{Parsed, named};
use serde_json::Value;

use super::robustness::{DOORS, fixtures};
use super::{headers, parse, root};

const KINDS: [&str; 12] = [
    "cart.updated",
    "contact.identified",
    "consent.changed",
    "checkout.step_reached",
    "payment.failed",
    "payment.pending",
    "order.placed",
    "order.cancelled",
    "order.refunded",
    "cart.deleted",
    "data.requested",
    "erasure.requested",
];

/// The JSON blocks of `docs/events.md` that are events.
pub(super) fn examples() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("docs/events.md")).unwrap();
    text.split("```json\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .filter(|block| block.contains("\"type\": \""))
        .collect()
}

#[test]
fn the_schema_is_that_of_the_program() {
    let path = root().join("docs/events.schema.json");
    let current = format!("{:#}\n", schema());
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == current,
        "docs/events.schema.json is out of date; run \
         UPDATE_SCHEMA=1 cargo test -p cartback --test storefront the_schema_is_that_of_the_program"
    );
}

#[test]
fn every_example_is_accepted_by_the_parser_and_by_the_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for example in examples() {
        let parsed = parse(
            &Cartback,
            &headers(&[("webhook-id", "msg_1")]),
            example.as_bytes(),
        );
        assert!(
            matches!(parsed, Ok(Parsed::Events(_))),
            "{parsed:?}\n{example}"
        );
        let value: Value = serde_json::from_str(&example).unwrap();
        assert!(
            validator.is_valid(&value),
            "{:?}\n{example}",
            validator.validate(&value).err()
        );
    }
}

#[test]
fn every_kind_of_event_has_an_example() {
    let examples = examples().concat();
    for kind in KINDS {
        assert!(
            examples.contains(&format!("\"type\": \"{kind}\"")),
            "{kind} has no example in docs/events.md"
        );
    }
}

#[test]
fn the_schema_refuses_what_the_parser_refuses() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for text in [
        r#"{}"#,
        r#"{"type":"cart.created"}"#,
        r#"{"type":"cart.deleted"}"#,
        r#"{"type":"cart.deleted","cart_id":"has space"}"#,
        r#"{"type":"cart.updated","cart":{"id":"c","currency":"EUR","items":[{"id":"1","title":"a","quantity":1,"price":9.9}]}}"#,
        r#"{"type":"cart.updated","cart":{"id":"c","currency":"EUR","items":[{"id":"1","title":"a","quantity":0,"price":"9.9"}]}}"#,
        r#"{"type":"contact.identified","cart_id":"c","contact":{}}"#,
        r#"{"type":"checkout.step_reached","cart_id":"c","step":"pay"}"#,
    ] {
        assert!(
            parse(&Cartback, &headers(&[]), text.as_bytes()).is_err(),
            "{text}"
        );
        assert!(
            !validator.is_valid(&serde_json::from_str(text).unwrap()),
            "{text}"
        );
    }
}

/// What the README's table has a column for, in its order, and the column's event.
const COLUMNS: [&str; 7] = [
    "cart.updated",
    "contact.identified",
    "checkout.step_reached",
    "order.placed",
    "order.cancelled",
    "consent.changed",
    "restore link",
];

#[test]
fn the_table_of_the_readme_says_what_the_fixtures_show() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for name in [
        "shopify",
        "woocommerce",
        "stripe",
        "commercelayer",
        "shopware",
    ] {
        let link = format!("(docs/storefronts/{name}.md) |");
        let (_, row) = readme.split_once(&link).expect(name);
        let row = row.lines().next().unwrap();
        let cells = row.split('|').take(COLUMNS.len());
        // What comes behind the word says of what.
        let cells: Vec<&str> = cells
            .map(|cell| cell.split(',').next().unwrap_or_default().trim())
            .collect();
        let shown = shown(name);
        let expected = COLUMNS.map(|column| if shown.contains(column) { "yes" } else { "no" });
        assert_eq!(cells, expected, "{name}");
        assert!(root().join(format!("docs/storefronts/{name}.md")).exists());
    }
}

/// What comes out of the fixtures of the storefront `name` by any of its topics.
fn shown(name: &str) -> HashSet<&'static str> {
    let storefront = named(name).unwrap();
    let (_, header, topics) = DOORS
        .iter()
        .find(|(known, _, _)| known.name() == name)
        .unwrap();
    let mut shown = HashSet::new();
    for body in fixtures(name) {
        for topic in *topics {
            let parsed = parse(storefront, &headers(&[(header, topic)]), &body);
            let Ok(Parsed::Events(events)) = parsed else {
                continue;
            };
            for event in events {
                shown.insert(event.kind());
                if let Change::CartUpdated(contents) = event.change
                    && contents.checkout_url.is_some()
                {
                    shown.insert("restore link");
                }
            }
        }
    }
    shown
}
