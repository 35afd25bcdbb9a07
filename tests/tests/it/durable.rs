//! The local runner with its data on disk, ended without warning.

use std::process::{self, Command};

use cartback_tests::kills::kill;
use serde_json::{Value, json};

use super::process::{Folder, Process, cart, cartback, post};

#[test]
fn what_was_acknowledged_outlives_the_process_and_is_mailed_once() {
    let folder = Folder::new("durable");
    let mut n_mails = Vec::new();
    for life in 0..4 {
        // Each life ends by SIGKILL, when its handle is dropped.
        let mut runner = Process::start(
            Command::new(cartback())
                .args(["local", "--port", "0", "--data"])
                .arg(&folder.0),
        );
        let origin = runner.says("Cartback runs at ");
        if life == 0 {
            post(&origin, "/shop/events", &cart());
        }
        n_mails.push(mails(&origin).len());
        post(&origin, "/local/clock", &json!({ "advance_s": 16 * 3600 }));
    }
    assert_eq!(n_mails, [0, 2, 3, 3], "nudge and follow-up, final, no more");
}

#[test]
fn no_kill_loses_an_event_or_sends_a_mail_twice() {
    let seed = u64::from(process::id());
    let figures = kill(&cartback(), 20, seed);
    assert!(figures.faults.is_empty(), "seed {seed}: {figures:#?}");
    assert!(100 < figures.n_acknowledged, "seed {seed}: {figures:#?}");
}

fn mails(origin: &str) -> Vec<Value> {
    let mut answer = ureq::get(format!("{origin}/local/mails")).call().unwrap();
    serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
}
