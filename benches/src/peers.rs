//! How the same work is started in Node and Python, on a table of its own in the same emulator.

use std::path::PathBuf;

use cartback_aws::clients::local_dynamodb;
use cartback_aws::store::{DynamoStore, Stream};
use dynoxide::actions::put_item::PutItemRequest;
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::lambda::Launch;
use crate::machine::root;

/// What the tables call ingest in Node.
pub(crate) const NODE: &str = "Node 20, SDK v3";

/// What the tables call ingest in Python.
pub(crate) const PYTHON: &str = "Python 3.11, boto3";

/// The table of both, keyed as ours.
pub(crate) const TABLE: &str = "peers";

/// The function `name` in Node.
pub(crate) fn node(name: &str, environment: &[(String, String)]) -> Launch {
    let bundle = node_bundle(name).display().to_string();
    launch(NODE, vec!["node".to_owned(), bundle], environment)
}

/// The function `name` in Python.
pub(crate) fn python(name: &str, environment: &[(String, String)]) -> Launch {
    let program = python_program().display().to_string();
    let script = python_function()
        .join(format!("{name}.py"))
        .display()
        .to_string();
    launch(PYTHON, vec![program, script], environment)
}

/// The bundle that Node runs.
pub(crate) fn node_bundle(name: &str) -> PathBuf {
    root().join(format!(".tools/bench-node/dist/{name}.mjs"))
}

/// The folders that a function in Python is made of.
pub(crate) fn python_folders() -> Vec<PathBuf> {
    vec![
        python_function(),
        root().join(".tools/bench/lib/python3.11/site-packages"),
    ]
}

/// Python, with the packages of the peers.
pub(crate) fn python_program() -> PathBuf {
    root().join(".tools/bench/bin/python")
}

/// Creates their table, and the shop in it.
pub(crate) async fn create_table(cloud: &Cloud) {
    let store = DynamoStore::new(local_dynamodb(&cloud.emulator.url), TABLE, 4);
    store.create_table(Stream::Off).await.unwrap();
    put(
        cloud,
        &json!({
            "pk": { "S": "SHOP#demo" }, "sk": { "S": "SHOP" }, "settings": { "S": shop().to_string() },
        }),
    );
}

/// Stores one item in their table.
pub(crate) fn put(cloud: &Cloud, item: &Value) {
    let request = json!({ "TableName": TABLE, "Item": item });
    let request: PutItemRequest = serde_json::from_value(request).unwrap();
    cloud.emulator.database().put_item(request).unwrap();
}

/// The shop's settings as they keep them.
pub(crate) fn shop() -> Value {
    json!({
        "links_url": "https://links.shop.example", "from": "Demo <hello@shop.example>", "brand": brand(),
    })
}

/// The look of the shop in mails, as templates ask for it.
pub(crate) fn brand() -> Value {
    json!({
        "name": "Demo", "url": "https://shop.example", "logo_url": null, "support_email": "help@shop.example",
        "postal_address": "1 Long Street, Town",
        "button": { "fill": "#18181b", "text": "#ffffff", "dark_fill": "#fafafa", "dark_text": "#18181b" },
    })
}

fn python_function() -> PathBuf {
    root().join(".tools/bench/function")
}

fn launch(name: &str, command: Vec<String>, environment: &[(String, String)]) -> Launch {
    let mut environment = environment.to_vec();
    let templates = root().join("shared/cartback/templates");
    for (variable, value) in [
        ("PEER_TABLE", TABLE.to_owned()),
        ("PEER_TEMPLATES", templates.display().to_string()),
        ("PEER_BUILT", python_function().display().to_string()),
    ] {
        environment.push((variable.to_owned(), value));
    }
    Launch {
        name: name.to_owned(),
        command,
        environment,
    }
}
