//! How long the local runner takes for 48 hours, with a thousand carts and with none.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::machine::neighbour;
use crate::table::{Goal, Section, millis, plain};

/// Measures both.
pub(crate) fn measure(n_carts: usize) -> Section {
    let mut section = Section::new(
        "48 hours of the local runner",
        "Wall time, for all ticks of every stage, on the emulator in the same process.",
        &["carts", "ms", "mails", "goal"],
    );
    for n_carts in [0, n_carts] {
        let (elapsed, n_mails) = hours_of_local(n_carts);
        let goal = if n_carts == 0 {
            String::new()
        } else {
            Goal::AtMost(10_000.0).verdict(millis(elapsed))
        };
        section.row(&[n_carts.to_string(), plain(millis(elapsed)), n_mails, goal]);
    }
    section
}

/// Starts the local runner, gives it `n_carts`, and times 48 hours.
fn hours_of_local(n_carts: usize) -> (Duration, String) {
    let mut local = Local::start();
    for n in 0..n_carts {
        local.post("/shop/events", &cart(n));
    }
    let began = Instant::now();
    let answer = local.post("/local/clock", r#"{"advance_s":172800}"#);
    let elapsed = began.elapsed();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    local.stop();
    (elapsed, answer["sent"].to_string())
}

fn cart(n: usize) -> String {
    json!({
        "type": "cart.updated", "id": format!("e{n}"),
        "cart": { "id": format!("cart-{n}"), "currency": "USD",
                  "items": [{ "id": "a", "title": "Lantern", "quantity": 1, "price": "49.00" }] },
        "contact": { "email": format!("shopper{n}@example.com") },
        "consent": { "state": "granted", "basis": "express" },
    })
    .to_string()
}

struct Local {
    child: Child,
    origin: String,
}

impl Local {
    fn start() -> Self {
        let mut command = Command::new(neighbour("cartback"));
        let mut child = command
            .args(["local", "--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let origin = line.trim().rsplit(' ').next().unwrap().to_owned();
        Self { child, origin }
    }

    fn post(&self, path: &str, body: &str) -> String {
        let mut answer = ureq::post(format!("{}{path}", self.origin))
            .send(body)
            .unwrap();
        answer.body_mut().read_to_string().unwrap()
    }

    fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
