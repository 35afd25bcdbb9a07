//! How long a replay of three months takes.

use std::env;
use std::fmt::Write;
use std::fs;
use std::process::{self, Command};
use std::time::Instant;

use cartback_tests::samples::SETTINGS;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::machine::neighbour;
use crate::table::{Goal, Section, millis, plain};

const N_DAYS: usize = 90;

const CARTS_A_DAY: usize = 100;

/// Replays them.
pub(crate) fn measure() -> Section {
    let mut section = Section::new(
        "Replay",
        "Wall time of `cartback replay` for three months, one process. Three carts in ten become an order.",
        &["days", "carts", "events", "ms", "goal"],
    );
    let folder = env::temp_dir().join(format!("cartback-bench-replay-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (events, policy) = (folder.join("events.jsonl"), folder.join("shop.toml"));
    let text = three_months();
    fs::write(&events, &text).unwrap();
    fs::write(&policy, SETTINGS).unwrap();
    let began = Instant::now();
    let ended = Command::new(neighbour("cartback"))
        .arg("replay")
        .arg("--events")
        .arg(&events)
        .arg("--policy")
        .arg(&policy)
        .output()
        .unwrap();
    let elapsed = began.elapsed();
    assert!(ended.status.success(), "{ended:?}");
    fs::remove_dir_all(&folder).unwrap();
    section.row(&[
        N_DAYS.to_string(),
        (N_DAYS * CARTS_A_DAY).to_string(),
        text.lines().count().to_string(),
        plain(millis(elapsed)),
        Goal::AtMost(60_000.0).verdict(millis(elapsed)),
    ]);
    section
}

/// Carts of three snapshots and, for three in ten, an order.
fn three_months() -> String {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut text = String::new();
    for n in 0..N_DAYS * CARTS_A_DAY {
        let (day, turn) = (n / CARTS_A_DAY, n % CARTS_A_DAY);
        let minute = day * 1_440 + turn * 1_440 / CARTS_A_DAY;
        let at = |later: usize| {
            let minutes = i64::try_from(minute + later).unwrap();
            (start + SignedDuration::from_mins(minutes)).to_string()
        };
        for (mark, later) in ["a", "b", "c"].iter().zip([0, 3, 9]) {
            writeln!(text, "{}", cart(n, mark, &at(later))).unwrap();
        }
        if n % 10 < 3 {
            let order = json!({ "type": "order.placed", "id": format!("o{n}"), "at": at(12),
                                "cart_id": format!("cart-{n}"), "order": { "id": format!("o{n}") } });
            writeln!(text, "{order}").unwrap();
        }
    }
    text
}

fn cart(n: usize, mark: &str, at: &str) -> Value {
    json!({
        "type": "cart.updated", "id": format!("e{n}{mark}"), "at": at,
        "cart": { "id": format!("cart-{n}"), "currency": "USD",
                  "items": [{ "id": "a", "title": "Lantern", "quantity": 1, "price": "49.00" }] },
        "contact": { "email": format!("shopper{n}@example.com") },
        "consent": { "state": "granted", "basis": "express" },
    })
}
