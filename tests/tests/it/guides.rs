//! What the guides tell people to paste into bash, pasted: against the local runner, with the ports of
//! this test in place of theirs. A folder stands in for the storefronts that are asked back, as in the
//! guides, but served by the test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cartback_tests::wire::{Reply, Request, Wire};

use super::process::{Folder, Process, cartback};

/// In the guides `make` and `python3` start what already runs here.
const PRELUDE: &str = "make() { :; }; python3() { :; }\n";

/// Each guide with something to paste, the statuses of its `curl -i`, and the carts that are there
/// afterwards.
const GUIDES: &[(&str, &[&str], &[&str])] = &[
    ("events.md", &["202"], &["cart-1"]),
    ("storefronts/adobe.md", &["200", "401"], &[]),
    (
        "storefronts/bigcommerce.md",
        &["200"],
        &["6f1c9a52-8b7e-4a10-9a3d-2f7f0c8f1e11"],
    ),
    ("storefronts/cloudevents.md", &["202"], &["cart-1"]),
    ("storefronts/commercelayer.md", &["202"], &["order-1"]),
    ("storefronts/ga4.md", &["202"], &["cart-1"]),
    ("storefronts/saleor.md", &["202"], &["checkout-1"]),
    ("storefronts/segment.md", &["202"], &["cart-1"]),
    (
        "storefronts/shopify.md",
        &["202"],
        &["checkout-1", "cart-1"],
    ),
    // An order alone is filed under its person.
    ("storefronts/shopware.md", &["202"], &[]),
    ("storefronts/snipcart.md", &["200"], &["cart-1"]),
    ("storefronts/stripe.md", &["202"], &["cs_1"]),
    ("storefronts/woocommerce.md", &["202"], &["order-4711"]),
];

/// Guides of what runs inside a shop: its snippet is tested, and there is nothing to paste.
const SNIPPETS: [&str; 3] = [
    "storefronts/medusa.md",
    "storefronts/prestashop.md",
    "storefronts/vendure.md",
];

#[test]
fn what_a_guide_says_to_paste_works() {
    if !has_tools() {
        return;
    }
    for (guide, statuses, carts) in GUIDES {
        let folder = Folder::new(&guide.replace(['/', '.'], "-"));
        let files = folder.0.join("api");
        let stand_in = Wire::start(move |request| file(&files, request));
        let runner = ["local", "--port", "0", "--storefront-url", &stand_in.url];
        let mut runner = Process::start(Command::new(cartback()).args(runner));
        let origin = runner.says("Cartback runs at ");
        let pasted = paste(
            &folder.0,
            &script(guide).replace("http://127.0.0.1:9000", &origin),
        );
        let told = statuses_in(&pasted);
        assert_eq!(told, *statuses, "{guide}: {pasted}");
        for cart in *carts {
            let found = ureq::get(format!("{origin}/local/carts/demo/{cart}")).call();
            assert!(found.is_ok(), "{guide}: no cart {cart}: {pasted}");
        }
    }
}

#[test]
fn every_guide_has_something_to_paste_or_a_tested_snippet() {
    let folder = docs().join("storefronts");
    let listed: Vec<&str> = GUIDES.iter().map(|(guide, ..)| *guide).collect();
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let guide = format!("storefronts/{name}");
        if name.ends_with(".md") && !SNIPPETS.contains(&guide.as_str()) {
            assert!(listed.contains(&guide.as_str()), "{guide} is not tried");
        }
    }
    for guide in SNIPPETS {
        assert!(!text(guide).contains("```bash"), "{guide} is to be tried");
    }
}

/// The bash blocks of a guide, one after the other.
fn script(guide: &str) -> String {
    let text = text(guide);
    let blocks = text.split("```bash\n").skip(1);
    let blocks: Vec<&str> = blocks.filter_map(|rest| rest.split("```").next()).collect();
    assert!(!blocks.is_empty(), "{guide} has nothing to paste");
    format!("{PRELUDE}{}", blocks.concat())
}

fn text(guide: &str) -> String {
    fs::read_to_string(docs().join(guide)).unwrap()
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// What bash prints for `script` in `folder`.
fn paste(folder: &Path, script: &str) -> String {
    let output = Command::new("bash")
        .args(["-c", script])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The statuses that `curl -i` printed; a body need not end its line.
fn statuses_in(pasted: &str) -> Vec<&str> {
    let answers = pasted.split("HTTP/1.1 ").skip(1);
    answers
        .filter_map(|answer| answer.split(' ').next())
        .collect()
}

/// A file of the guide's folder, as a plain file server would give it.
fn file(folder: &Path, request: &Request) -> Reply {
    let path = request.head.split([' ', '?']).nth(1).unwrap_or_default();
    match fs::read_to_string(folder.join(path.trim_start_matches('/'))) {
        Ok(text) => Reply::Status(200, text),
        Err(_) => Reply::Status(404, String::new()),
    }
}

#[expect(clippy::print_stdout, reason = "a test that was left out says so")]
fn has_tools() -> bool {
    let is_there = |tool: &&str| Command::new(tool).arg("--version").output().is_ok();
    let missing = ["bash", "curl", "openssl", "od"]
        .into_iter()
        .find(|tool| !is_there(tool));
    if let Some(tool) = missing {
        println!("left out: there is no {tool} to paste the guides' commands with");
    }
    missing.is_none()
}
