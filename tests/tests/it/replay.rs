//! `cartback replay`: recorded events against settings, and recorded decisions made again.

use std::path::Path;

use cartback_tests::samples::SETTINGS;
use serde_json::{Value, json};

use super::process::{Ended, Folder, run};

#[test]
fn a_replay_tells_who_would_get_what_and_when_and_why() {
    let folder = Folder::new("replay");
    let events = [
        cart("c1", "ada@example.com", "2026-07-01T10:00:00Z"),
        order("c1", "2026-07-01T20:00:00Z"),
        // Nobody agreed, and nobody is known.
        updated(
            "c2",
            "2026-07-01T10:00:00Z",
            &json!({ "contact": { "email": "bo@example.com" } }),
        ),
        updated("c3", "2026-07-01T10:00:00Z", &json!({})),
    ];
    let told = replay(&folder, &lines(&events), "").output;
    let story: Vec<_> = story(&told, "cart c1").collect();
    assert_eq!(
        story,
        [
            "2026-07-01T10:37:00Z  nudge      ada@example.com  cart c1  mail",
            "2026-07-01T18:08:00Z  follow_up  ada@example.com  cart c1  mail",
            "2026-07-01T20:00:00Z  final      ada@example.com  cart c1  skip: The cart became an order.",
        ]
    );
    assert_eq!(story_of_skips(&told), 3, "{told}");
    assert_eq!(row(&told, "carts"), [0, 0, 0, 3]);
    assert_eq!(row(&told, "mails"), [1, 1, 0, 2]);
    let unconsented = "skip: The person did not agree to reminders, and the market asks for it.";
    assert_eq!(row(&told, unconsented), [1, 1, 1, 3]);
    let unknown = "no reminder planned: no e-mail address is known";
    assert_eq!(row(&told, unknown), [0, 0, 0, 1]);
}

#[test]
fn what_is_due_within_a_minute_is_taken_after_the_events_of_that_minute() {
    let folder = Folder::new("replay-tick");
    let cart = cart("c1", "ada@example.com", "2026-07-01T10:00:00Z");
    let told = replay(&folder, &lines(std::slice::from_ref(&cart)), "").output;
    let (tick, _) = story(&told, "nudge")
        .next()
        .unwrap()
        .split_once("  ")
        .unwrap();
    let minute: jiff::Timestamp = tick.parse().unwrap();
    for (seconds, end) in [
        (-1, "skip: The cart became an order."),
        (0, "mail"),
        (1, "mail"),
    ] {
        let at = minute + jiff::SignedDuration::from_secs(seconds);
        let events = lines(&[cart.clone(), order("c1", &at.to_string())]);
        let told = replay(&folder, &events, "").output;
        let nudge = story(&told, "nudge").next().unwrap().to_owned();
        assert!(
            nudge.ends_with(end),
            "an order {seconds} s from the tick: {nudge}"
        );
    }
}

#[test]
fn carts_of_one_person_that_meet_in_a_tick_all_come_to_an_end() {
    let folder = Folder::new("replay-meet");
    let carts: Vec<_> = (0..40)
        .map(|n| cart(&format!("c{n}"), "ada@example.com", "2026-07-01T10:00:00Z"))
        .collect();
    let told = replay(&folder, &lines(&carts), "").output;
    assert_eq!(row(&told, "mails")[3], 3, "the cap of a week: {told}");
    let ends = story(&told, "cart c").count();
    // One cart is mailed about three times; the others give way to it.
    assert_eq!(ends, 3 + 39, "{told}");
    assert!(!told.contains("still open"), "{told}");
}

#[test]
fn carts_due_a_moment_after_a_full_minute_are_taken_by_the_next_tick() {
    let folder = Folder::new("replay-moment");
    // Below the index's millisecond: it lists the cart at a tick for which it is too early. Of so many
    // carts some are due on a full minute.
    let cart = |n| {
        cart(
            &format!("c{n}"),
            &format!("p{n}@example.com"),
            "2026-07-01T10:00:00.0004Z",
        )
    };
    let carts: Vec<_> = (0..300).map(cart).collect();
    let told = replay(&folder, &lines(&carts), "").output;
    assert_eq!(row(&told, "mails"), [300, 300, 300, 900]);
}

#[test]
fn the_end_of_the_file_is_no_silence_of_the_shops_orders() {
    let folder = Folder::new("replay-end");
    let start: jiff::Timestamp = "2026-07-01T00:00:00Z".parse().unwrap();
    let at = |hours| (start + jiff::SignedDuration::from_hours(hours)).to_string();
    let mut events: Vec<_> = (0..24 * 10)
        .map(|hour| order(&format!("o{hour}"), &at(hour)))
        .collect();
    events.push(cart("c1", "ada@example.com", &at(24 * 10)));
    let told = replay(&folder, &lines(&events), "").output;
    assert_eq!(row(&told, "mails"), [1, 1, 1, 3], "{told}");
}

#[test]
fn two_policies_are_told_apart() {
    let folder = Folder::new("replay-against");
    let events = [
        cart("c1", "ada@example.com", "2026-07-01T10:00:00Z"),
        updated(
            "c2",
            "2026-07-01T11:00:00Z",
            &json!({ "contact": { "email": "bo@example.com" } }),
        ),
    ];
    let policy = settings(&folder, "strict.toml", "");
    let against = settings(&folder, "lax.toml", "consent = \"opt_out\"");
    let events = folder.file("events.jsonl", &lines(&events));
    let told = replay_files(&events, &policy, &["--against", &against]).output;
    assert!(
        told.contains(&format!("A is {policy}\nB is {against}\n")),
        "{told}"
    );
    assert!(!told.contains("cart c1"), "c1 is mailed by both: {told}");
    let nudge = "nudge      bo@example.com  cart c2  \
                 A: 2026-07-01T11:37:00Z skip: The person did not agree to reminders, and the market asks for it.  \
                 B: 2026-07-01T11:37:00Z mail";
    assert!(told.contains(nudge), "{told}");
    assert!(told.contains("3 reminders differ"), "{told}");
    assert_eq!(row(&told, "mails"), [1, 2, 1, 2, 1, 2, 3, 6]);
}

#[test]
fn faults_of_the_files_are_named_with_file_line_and_field() {
    let folder = Folder::new("replay-faults");
    let good = cart("c1", "ada@example.com", "2026-07-01T10:00:00Z");
    let (mut timeless, mut free) = (good.clone(), good.clone());
    timeless.as_object_mut().unwrap().remove("at");
    free["cart"]["items"][0]["price"] = json!(49);
    let missing = folder.0.join("missing.jsonl").display().to_string();
    let cases = [
        ("{", "line 2: .:"),
        (&*timeless.to_string(), "line 2: at:"),
        (&*free.to_string(), "line 2: cart.items[0].price:"),
        ("{\"type\": \"cart.lost\"}", "line 2: type:"),
    ];
    for (line, fault) in cases {
        let ended = replay(&folder, &format!("{good}\n{line}\n"), "");
        assert!(!ended.is_success, "{line}");
        assert!(ended.errors.contains("events.jsonl, "), "{}", ended.errors);
        assert!(ended.errors.contains(fault), "{line}: {}", ended.errors);
    }
    let policy = settings(&folder, "shop.toml", "");
    let ended = replay_files(Path::new(&missing), &policy, &[]);
    assert!(
        ended.errors.contains(&format!("{missing}: cannot be read")),
        "{}",
        ended.errors
    );
    let ended = replay(&folder, &good.to_string(), "[policy.nudge]\ndelay = \"1m\"");
    assert!(
        ended.errors.contains("policy.nudge.delay = 1m"),
        "{}",
        ended.errors
    );
}

#[test]
fn recorded_decisions_come_out_bit_for_bit() {
    let folder = Folder::new("replay-again");
    let night = "[policy.quiet_hours]\nfrom = \"17:00\"\nuntil = \"20:00\"";
    let policy = settings(&folder, "shop.toml", night);
    let events = [
        cart("c1", "ada@example.com", "2026-07-01T10:00:00.123456789Z"),
        cart("c2", "ada@example.com", "2026-07-01T10:30:00Z"),
        updated(
            "c3",
            "2026-07-01T11:00:00Z",
            &json!({ "contact": { "email": "bo@example.com" } }),
        ),
    ];
    let events = folder.file("events.jsonl", &lines(&events));
    let record = folder.0.join("decisions.jsonl");
    let ended = replay_files(&events, &policy, &["--record", record.to_str().unwrap()]);
    assert!(ended.is_success, "{}", ended.errors);
    let text = std::fs::read_to_string(&record).unwrap();
    for decision in ["send", "defer", "skip"] {
        assert!(
            text.contains(&format!("\"decision\":\"{decision}\"")),
            "no {decision}"
        );
    }
    let again = run(&["replay", "--decisions", record.to_str().unwrap()]);
    let n_decisions = text.lines().count();
    assert!(again.is_success, "{}{}", again.output, again.errors);
    assert!(again.output.starts_with(&format!(
        "{n_decisions} decisions made again, all as recorded"
    )));
}

#[test]
fn a_changed_fact_rule_or_decision_is_told() {
    let folder = Folder::new("replay-changed");
    let policy = settings(&folder, "shop.toml", "");
    let event = cart("c1", "ada@example.com", "2026-07-01T10:00:00Z");
    let events = folder.file("events.jsonl", &lines(&[event]));
    let record = folder.0.join("decisions.jsonl");
    replay_files(&events, &policy, &["--record", record.to_str().unwrap()]);
    let text = std::fs::read_to_string(&record).unwrap();
    let first = text.lines().next().unwrap();
    let edits = [
        // A fact that no rule looks at changes the digest alone.
        ("Lantern", "Lanterns"),
        (
            "\"decision\":\"send\"",
            "\"decision\":\"skip\",\"reason\":\"no_consent\"",
        ),
        ("\"per_week\":3", "\"per_week\":0"),
    ];
    for (from, to) in edits {
        let edited = first.replace(from, to);
        assert_ne!(edited, first);
        let file = folder.file("edited.jsonl", &format!("{first}\n{edited}\n"));
        let again = run(&["replay", "--decisions", file.to_str().unwrap()]);
        assert!(!again.is_success, "{to}");
        assert!(
            again.output.contains("line 2: nudge of cart c1"),
            "{}",
            again.output
        );
        assert!(
            again.errors.contains("1 of 2 decisions"),
            "{}",
            again.errors
        );
    }
    let file = folder.file("torn.jsonl", &first[..first.len() / 2]);
    let again = run(&["replay", "--decisions", file.to_str().unwrap()]);
    assert!(
        again.errors.contains("line 1: is no recorded decision"),
        "{}",
        again.errors
    );
}

fn cart(id: &str, email: &str, at: &str) -> Value {
    let consent = json!({ "state": "granted", "basis": "express" });
    updated(
        id,
        at,
        &json!({ "contact": { "email": email }, "consent": consent }),
    )
}

fn updated(id: &str, at: &str, more: &Value) -> Value {
    let items = json!([{ "id": "a", "title": "Lantern", "quantity": 1, "price": "49.00" }]);
    let mut event = json!({
        "type": "cart.updated", "at": at, "cart": { "id": id, "currency": "USD", "items": items },
    });
    event
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    event
}

fn order(cart: &str, at: &str) -> Value {
    json!({ "type": "order.placed", "at": at, "cart_id": cart, "order": { "id": format!("o-{cart}") } })
}

/// The events in a file, latest first: a replay puts them in order.
fn lines(events: &[Value]) -> String {
    events
        .iter()
        .rev()
        .map(|event| format!("{event}\n"))
        .collect()
}

fn settings(folder: &Folder, name: &str, rules: &str) -> String {
    let file = folder.file(name, &format!("{SETTINGS}\n[policy]\n{rules}\n"));
    file.display().to_string()
}

fn replay(folder: &Folder, events: &str, rules: &str) -> Ended {
    let events = folder.file("events.jsonl", events);
    replay_files(&events, &settings(folder, "shop.toml", rules), &[])
}

fn replay_files(events: &Path, policy: &str, more: &[&str]) -> Ended {
    let events = events.to_str().unwrap();
    let args = ["replay", "--events", events, "--policy", policy];
    run(&[&args, more].concat())
}

fn story<'a>(told: &'a str, words: &'a str) -> impl Iterator<Item = &'a str> {
    told.lines()
        .filter(move |line| line.starts_with("2026") && line.contains(words))
}

fn story_of_skips(told: &str) -> usize {
    story(told, "cart c2")
        .filter(|line| line.contains("skip: "))
        .count()
}

/// The numbers of the summary's line that begins with `what`.
fn row(told: &str, what: &str) -> Vec<u64> {
    let lines = told.lines().skip_while(|line| !line.starts_with("Summary"));
    let mut rests = lines.filter_map(|line| line.strip_prefix(what));
    let rest = rests.find(|rest| rest.starts_with(' '));
    let rest = rest.unwrap_or_else(|| panic!("no line `{what}` in {told}"));
    rest.split_whitespace()
        .map(|n| n.parse().unwrap())
        .collect()
}
