//! The operator's command, as it is typed.

use std::process::Command;

use serde_json::json;

use super::process::{Process, cart, cartback, post};

#[test]
fn a_pause_and_a_resume_are_told_and_shown_with_the_cart_that_waits() {
    let mut runner = Process::start(Command::new(cartback()).args(["local", "--port", "0"]));
    let origin = runner.says("Cartback runs at ");
    let port = origin.rsplit_once(':').unwrap().1.trim_end_matches('/');
    let told = run(port, &["pause", "demo", "--reason", "wrong prices"]);
    assert!(
        told.contains("no reminder leaves from the next minute on (wrong prices)"),
        "{told}"
    );
    post(&origin, "/shop/events", &cart());
    post(&origin, "/local/clock", &json!({ "advance_s": 3600 }));
    let why = run(port, &["why", "demo", "c1"]);
    for line in [
        "held     paused by the operator (wrong prices); run `cartback resume` when that is over",
        "The operator paused the shop's reminders.",
    ] {
        assert!(why.contains(line), "{why}");
    }
    let told = run(port, &["resume", "demo"]);
    assert!(
        told.contains("reminders leave again from the next minute on"),
        "{told}"
    );
    post(&origin, "/local/clock", &json!({ "advance_s": 3600 }));
    let why = run(port, &["why", "demo", "c1"]);
    assert!(
        !why.contains("held ") && why.contains("All rules allow it."),
        "{why}"
    );
    let told = run(port, &["pause", "nobody", "--reason", "x"]);
    assert!(
        told.contains("the local Cartback has no shop `nobody`"),
        "{told}"
    );
}

#[test]
fn a_person_is_exported_and_erased_and_a_request_is_listed_until_it_is_done() {
    let mut runner = Process::start(Command::new(cartback()).args(["local", "--port", "0"]));
    let origin = runner.says("Cartback runs at ");
    let port = origin.rsplit_once(':').unwrap().1.trim_end_matches('/');
    post(&origin, "/shop/events", &cart());
    let asked = json!({ "type": "data.requested", "contact": { "email": "ada@example.com" } });
    post(&origin, "/shop/events", &asked);
    let pending = run(port, &["export", "--shop", "demo", "--pending"]);
    let command = "cartback export --shop demo --contact demo_";
    let key = pending
        .split_once(command)
        .expect(&pending)
        .1
        .split('"')
        .next()
        .unwrap();
    let key = format!("demo_{key}");
    let export = run(port, &["export", "--shop", "demo", "--contact", &key]);
    assert!(export.contains("\"ada@example.com\""), "{export}");
    let pending = run(port, &["export", "--shop", "demo", "--pending"]);
    assert!(pending.contains("\"pending\": []"), "{pending}");
    let told = run(
        port,
        &["erase", "--shop", "demo", "--email", "ADA@example.com"],
    );
    assert!(
        told.contains("the person is forgotten, and 1 carts with them"),
        "{told}"
    );
    let export = run(
        port,
        &["export", "--shop", "demo", "--email", "ada@example.com"],
    );
    assert!(
        !export.contains("ada@example.com") && export.contains("\"erased\""),
        "{export}"
    );
    let told = run(
        port,
        &[
            "erase",
            "--shop",
            "demo",
            "--contact",
            "other_00000000000000000000000000",
        ],
    );
    assert!(told.contains("no local Cartback does this"), "{told}");
    let told = run(port, &["erase", "--shop", "demo"]);
    assert!(told.contains("required"), "{told}");
    let told = run(port, &["erase", "--shop", "demo", "--all"]);
    assert!(told.contains("items erased, the settings too"), "{told}");
}

/// What the command prints, answer and complaint.
fn run(port: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(cartback());
    let output = command.args(arguments).args(["--port", port]).output();
    let output = output.unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}
