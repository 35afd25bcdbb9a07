//! One mail of five items, rendered in three languages: with everything compiled once, and with MJML compiled anew for each mail.

use std::time::Duration;

use cartback::reason::Answer;
use serde_json::{Value, json};

use crate::lambda::{Function, Launch};
use crate::machine::{neighbour, root};
use crate::table::{Goal, Section, median, micros, plain};
use crate::{Scale, peers};

const OURS: &str = "Cartback";

/// Measures all three in turns.
pub(crate) async fn measure(scale: Scale) -> Section {
    let environment = vec![
        ("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned()),
        (
            "CARTBACK_TEMPLATES".to_owned(),
            root()
                .join("shared/cartback/templates")
                .display()
                .to_string(),
        ),
    ];
    let ours = Launch {
        name: OURS.to_owned(),
        command: vec![neighbour("render").display().to_string()],
        environment: environment.clone(),
    };
    let launches = [
        ours,
        peers::node("render", &environment),
        peers::python("render", &environment),
    ];
    let mut running: Vec<Function> = Vec::new();
    for launch in &launches {
        running.push(launch.start().await);
    }
    let mut once: [Vec<Duration>; 3] = Default::default();
    let mut anew: [Vec<Duration>; 3] = Default::default();
    let mut first = None;
    for round in 0..=scale.n_sweeps {
        eprint!("\rmails rendered, round {round} of {}", scale.n_sweeps);
        for (at, function) in running.iter_mut().enumerate() {
            let (cost, mail) = mails(function, scale.n_mails, false).await;
            let (dear, _) = mails(function, (scale.n_mails / 200).max(1), true).await;
            if round != 0 {
                once[at].push(cost);
                anew[at].push(dear);
            }
            let text = words(&mail);
            let first = first.get_or_insert_with(|| text.clone());
            let difference = text.chars().zip(first.chars()).position(|(a, b)| a != b);
            let name = launches[at].name.as_str();
            assert!(
                text == *first,
                "{name} writes another text than {OURS} from character {difference:?} on"
            );
        }
    }
    eprintln!();
    table(&launches, &once, &anew)
}

fn table(launches: &[Launch], once: &[Vec<Duration>; 3], anew: &[Vec<Duration>; 3]) -> Section {
    let mut section = Section::new(
        "Rendering",
        "CPU for a mail of five items: subject, HTML and text, from the cart's prices in cents on. Node has `mjml` and \
         Handlebars, Python `mjml` and Jinja2, all three Fluent, of the same templates and messages; all three write the same text.",
        &["", "compiled once, µs", "MJML for each mail, µs", "goal"],
    );
    let ours = micros(median(&once[0]));
    for (at, launch) in launches.iter().enumerate() {
        let cost = micros(median(&once[at]));
        let goal = if at == 0 {
            Goal::AtMost(10.0).verdict(ours)
        } else {
            format!(
                "Cartback {} x, {}",
                plain(cost / ours),
                Goal::AtLeast(10.0).verdict(cost / ours)
            )
        };
        section.row(&[
            launch.name.clone(),
            plain(cost),
            plain(micros(median(&anew[at]))),
            goal,
        ]);
    }
    section
}

async fn mails(function: &mut Function, n: usize, anew: bool) -> (Duration, Value) {
    let event = json!({ "n": n, "anew": anew, "mail": mail() }).to_string();
    let done = function.invoke(&event).await;
    (
        done.cpu / u32::try_from(n).unwrap(),
        serde_json::from_str(&done.answer).unwrap(),
    )
}

/// The text part without the blanks, of which each template language leaves others.
fn words(mail: &Value) -> String {
    let text = mail["text"].as_str().unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn mail() -> Value {
    let line = |n: i64| {
        json!({
            "title": "Merino Crew Sweater", "variant": "Navy / M", "quantity": 1 + n % 2,
            "price_cents": 8_900, "compare_at_cents": 11_900,
            "image_url": format!("https://shop.example/files/merino-crew-{n}.jpg?v=1718"),
        })
    };
    let answer = |answer: Answer| {
        let url = format!(
            "https://links.shop.example/reason/1aBcDeFgHiJkLmNoPqRsTuVwXyZ/{}",
            answer.name()
        );
        json!({ "name": answer.name(), "url": url })
    };
    json!({
        "brand": peers::brand(), "first_name": "Ada", "total_cents": 62_300,
        "lines": (0..5).map(line).collect::<Vec<_>>(),
        "answers": Answer::ALL.map(answer),
        "restore_url": "https://links.shop.example/restore/1aBcDeFgHiJkLmNoPqRsTuVwXyZ",
        "unsubscribe_url": "https://links.shop.example/unsubscribe/1aBcDeFgHiJkLmNoPqRsTuVwXyZ",
        "preferences_url": "https://links.shop.example/preferences/1aBcDeFgHiJkLmNoPqRsTuVwXyZ",
    })
}
