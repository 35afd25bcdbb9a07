//! The code that shops paste from our documents, run where its language is, and what it makes believed
//! by the door.

mod whole;

use std::process::Command;

use ::cartback::storefront::browser::Browser;
use ::cartback::storefront::cartback::Cartback;
use ::cartback::storefront::secret::Secret;
use ::cartback::storefront::{Message, Storefront};
use serde_json::Value;

use super::{at, contents, events, headers, kinds, parse, root};

const SECRET: &str = "whsec_b3VyLWN1cnJlbnQtc2VjcmV0LWZvci10ZXN0cw==";
const NOW: &str = "2026-07-01T12:00:00Z";
const SECONDS: &str = "1782907200";

/// What all of them must make of the id `msg_1`, that time and this body, as `openssl` does.
const BODY: &str = r#"{"type":"cart.deleted","cart_id":"c-1"}"#;
const SIGNATURE: &str = "v1,yhVpcgyC3dhNOijdNRcEMKPlKR2n7FCZpqxjTQDjtH8=";

/// The first block of `language` in a document.
fn code(document: &str, language: &str) -> String {
    let text = std::fs::read_to_string(root().join("docs").join(document)).unwrap();
    let block = text.split(&format!("```{language}\n")).nth(1).unwrap();
    block.split("```").next().unwrap().to_owned()
}

/// What `program` prints; `None` where it is not installed.
#[expect(clippy::print_stdout, reason = "a test that was left out says so")]
fn run(program: &str, arguments: &[&str]) -> Option<String> {
    let Ok(output) = Command::new(program).args(arguments).output() else {
        println!("left out: no {program}");
        return None;
    };
    let faults = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {faults}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The functions of Vendure's plugin, as JavaScript.
fn vendure() -> String {
    let code = code("storefronts/vendure.md", "ts");
    let (_, functions) = code.split_once("// Vendure keeps minor units").unwrap();
    let (functions, _) = functions.split_once("// The id stays the same").unwrap();
    let mut plain = format!("import {{ createHmac }} from 'node:crypto';\n//{functions}");
    for annotation in [": any", ": string", ": number"] {
        plain = plain.replace(annotation, "");
    }
    plain
}

#[test]
fn every_snippet_signs_what_openssl_signs() {
    let script = format!(
        "{}\nconsole.log(signed('{BODY}', '{SECRET}', 'msg_1', {SECONDS})['webhook-signature']);",
        vendure()
    );
    if let Some(told) = run("node", &["--input-type=module", "-e", &script]) {
        assert_eq!(told.trim(), SIGNATURE);
    }
    let module = code("storefronts/prestashop.md", "php").replace("<?php", "");
    let script =
        format!("{module}\necho cartback_headers('{BODY}', '{SECRET}', 'msg_1', {SECONDS})[3];");
    if let Some(told) = run("php", &["-n", "-r", &script]) {
        assert_eq!(told.trim(), format!("webhook-signature: {SIGNATURE}"));
    }
    let given = headers(&[
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", SECONDS),
        ("webhook-signature", SIGNATURE),
    ]);
    let message = Message {
        headers: &given,
        body: BODY.as_bytes(),
    };
    let secrets = [Secret(SECRET.to_owned())];
    assert_eq!(Cartback.verify(&secrets, message, &[at(NOW)]), Ok(()));
}

#[test]
fn the_snippets_sign_by_the_words_that_were_run() {
    // Where neither language is installed, these lines are still the ones that were tried.
    for (document, line) in [
        (
            "storefronts/vendure.md",
            "createHmac(\"sha256\", key).update(`${id}.${seconds}.${body}`).digest(\"base64\")",
        ),
        (
            "storefronts/prestashop.md",
            "hash_hmac('sha256', \"$id.$seconds.$body\", $key, true)",
        ),
        (
            "browser.md",
            "createHmac(\"sha256\", secret).update(`cartback-session.1.${claims}`).digest(\"base64url\")",
        ),
    ] {
        let text = std::fs::read_to_string(root().join("docs").join(document)).unwrap();
        assert!(
            text.contains(line),
            "{document} signs in another way; run it and say so here"
        );
    }
}

#[test]
fn what_vendures_plugin_tells_is_a_cart_and_its_order() {
    let script = format!(
        "{}
const order = {{
  code: 'ABC123', currencyCode: 'EUR', updatedAt: '{NOW}', orderPlacedAt: '{NOW}', totalWithTax: 10290,
  customer: {{ emailAddress: 'ada@example.com', firstName: 'Ada' }}, subTotalWithTax: 9810,
  lines: [
    {{ quantity: 2, proratedUnitPriceWithTax: 4905, productVariant: {{ id: 7, name: 'Linen shirt' }} }},
    {{ quantity: 0, proratedUnitPriceWithTax: 1, productVariant: {{ id: 8, name: 'Taken out' }} }},
  ],
}};
console.log(JSON.stringify([cartUpdated(order, 'https://shop.example'), orderPlaced(order), cartUpdated({{ ...order, customer: null, lines: [] }})]));",
        vendure()
    );
    let Some(told) = run("node", &["--input-type=module", "-e", &script]) else {
        return;
    };
    let told: Vec<Value> = serde_json::from_str(&told).unwrap();
    let read = |event: &Value| {
        let own = headers(&[("webhook-id", "msg_1")]);
        events(parse(&Cartback, &own, event.to_string().as_bytes()).unwrap())
    };
    let cart = read(&told[0]);
    assert_eq!(kinds(&cart), ["cart.updated", "contact.identified"]);
    assert_eq!(contents(&cart).total_minor, 9_810);
    assert_eq!(kinds(&read(&told[1])), ["order.placed"]);
    assert_eq!(kinds(&read(&told[2])), ["cart.updated"]);
}

#[test]
fn a_session_minted_in_node_opens_the_pages_door() {
    // The block with an import: the one before it is what a page calls.
    let text = std::fs::read_to_string(root().join("docs/browser.md")).unwrap();
    let minting = text
        .split("```js\n")
        .find(|block| block.starts_with("import"));
    let minting = minting.unwrap().split("```").next().unwrap();
    let script = format!(
        "{minting}\nconsole.log(cartbackSession('cart-1', 'a long random text of a shop'));"
    );
    let Some(token) = run("node", &["--input-type=module", "-e", &script]) else {
        return;
    };
    let token = token.trim();
    let seconds: i64 = token.split('.').next().unwrap().parse().unwrap();
    let body = format!("pk_demo {token}\n{{}}");
    let given = headers(&[]);
    let message = Message {
        headers: &given,
        body: body.as_bytes(),
    };
    let secrets = [Secret("pk_demo:a long random text of a shop".to_owned())];
    let now = jiff::Timestamp::from_second(seconds - 60).unwrap();
    assert_eq!(Browser.verify(&secrets, message, &[now]), Ok(()));
}
