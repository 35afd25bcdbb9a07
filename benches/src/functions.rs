//! Cold starts, warm calls, memory and size of every function, and of ingest in Node and Python.

use std::process::Command;
use std::time::Duration;

use cartback::ports::CartStore;
use cartback_tests::samples::shop;
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::lambda::{Function, Launch};
use crate::machine::{deployed, root};
use crate::table::{Goal, Section, median, micros, millis, plain};
use crate::{Scale, events, peers};

const FUNCTIONS: [&str; 6] = ["ingest", "fetch", "links", "stage", "feedback", "publish"];

/// What was measured of one competitor.
#[derive(Default)]
struct Costs {
    init: Vec<Duration>,
    first: Vec<Duration>,
    cold: Vec<Duration>,
    warm: Vec<Duration>,
    peak_rss_kb: u64,
    zip_bytes: u64,
}

/// Measures everything of this module.
pub(crate) async fn measure(scale: Scale) -> Vec<Section> {
    let cloud = Cloud::open().await;
    cloud.store.put_shop(&shop()).await.unwrap();
    peers::create_table(&cloud).await;
    let launches: Vec<Launch> = launches(&cloud);
    let mut costs: Vec<Costs> = launches.iter().map(|_| Costs::default()).collect();
    for round in 0..scale.n_starts {
        for (launch, costs) in launches.iter().zip(&mut costs) {
            eprint!(
                "\rcold starts, round {} of {}: {:<24}",
                round + 1,
                scale.n_starts,
                launch.name
            );
            cold(launch, costs).await;
        }
    }
    eprintln!();
    warm(scale, &launches, &mut costs).await;
    for (launch, costs) in launches.iter().zip(&mut costs) {
        costs.zip_bytes = zip_bytes(&launch.name);
    }
    vec![table(&launches, &costs), goals(&launches, &costs)]
}

fn table(launches: &[Launch], costs: &[Costs]) -> Section {
    let mut section = Section::new(
        "Functions",
        "CPU time, user and system, of the function's own process. *Cold* is from its start to its first answer: the \
         secrets from the parameter store, the connections, the first event. *First* is what that event itself costs once \
         the function has initialised itself; *warm* is any later one. Ingest reads shop, person and cart, and writes the \
         cart over the version read and a line of history, in all three languages. Fetch asks a storefront for a cart and its checkout, \
         without TLS. All talk TLS to the same emulator.",
        &[
            "",
            "cold ms",
            "first ms",
            "warm µs",
            "peak RSS MB",
            "zip KB",
        ],
    );
    for (launch, costs) in launches.iter().zip(costs) {
        section.row(&[
            launch.name.clone(),
            plain(millis(median(&costs.cold))),
            plain(millis(median(&costs.first))),
            plain(micros(median(&costs.warm))),
            plain(costs.peak_rss_mb()),
            plain(costs.zip_kb()),
        ]);
    }
    section
}

fn goals(launches: &[Launch], costs: &[Costs]) -> Section {
    let mut section = Section::new(
        "Goals of the functions",
        "Of the medians above.",
        &["", "figure", "goal"],
    );
    let of = |name: &str| {
        let at = launches.iter().position(|launch| launch.name == name);
        &costs[at.expect("every competitor was measured")]
    };
    for (what, figure, goal) in speeds(of("ingest"), of) {
        section.row(&[what.to_owned(), plain(figure), goal.verdict(figure)]);
    }
    for name in FUNCTIONS {
        let (peak, zip) = (of(name).peak_rss_mb(), of(name).zip_kb() / 1e3);
        for (what, figure, goal) in [("peak RSS", peak, 10.0), ("zip", zip, 2.5)] {
            section.row(&[
                format!("{what}, MB, {name}"),
                plain(figure),
                Goal::AtMost(goal).verdict(figure),
            ]);
        }
    }
    section
}

/// How much faster ingest is than the others.
fn speeds<'a>(ours: &Costs, of: impl Fn(&str) -> &'a Costs) -> [(&'static str, f64, Goal); 6] {
    let (hello, node, python) = (of("hello"), of(peers::NODE), of(peers::PYTHON));
    let cold = |than: &Costs| millis(median(&than.cold)) / millis(median(&ours.cold));
    let warm = |than: &Costs| micros(median(&than.warm)) / micros(median(&ours.warm));
    let first = millis(median(&ours.first));
    let (at_least, at_most) = (Goal::AtLeast, Goal::AtMost);
    [
        ("cold CPU, Node to ingest", cold(node), at_least(30.0)),
        ("cold CPU, Python to ingest", cold(python), at_least(50.0)),
        ("cold CPU, ingest to hello", 1.0 / cold(hello), at_most(2.5)),
        ("first event after INIT, ms", first, at_most(0.8)),
        ("warm CPU, Node to ingest", warm(node), at_least(5.0)),
        ("warm CPU, Python to ingest", warm(python), at_least(5.0)),
    ]
}

impl Costs {
    fn peak_rss_mb(&self) -> f64 {
        Duration::from_millis(self.peak_rss_kb).as_secs_f64()
    }

    fn zip_kb(&self) -> f64 {
        Duration::from_millis(self.zip_bytes).as_secs_f64()
    }
}

/// What is uploaded: our binaries alone in a zip, a bundle for Node, a folder with its packages for Python.
fn zip_bytes(name: &str) -> u64 {
    let parts = match name {
        peers::NODE => vec![peers::node_bundle("ingest")],
        peers::PYTHON => peers::python_folders(),
        ours => vec![deployed(ours)],
    };
    let script = root().join("benches/peers/python/zip_bytes.py");
    let output = Command::new(peers::python_program())
        .arg(script)
        .args(parts)
        .output()
        .unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap()
}

fn check(name: &str, answer: &str) {
    let answer: Value = serde_json::from_str(answer).unwrap();
    let is_right = match name {
        "links" | "hello" => answer["statusCode"] == 200,
        "stage" => answer["n_errors"] == 0,
        "fetch" | "feedback" | "publish" => answer == json!({ "batchItemFailures": [] }),
        _ => answer["statusCode"] == 202,
    };
    assert!(is_right, "{name} answered {answer}");
}

fn launches(cloud: &Cloud) -> Vec<Launch> {
    let environment = cloud.environment();
    let launch = |name: &str, command: Vec<String>| Launch {
        name: name.to_owned(),
        command,
        environment: environment.clone(),
    };
    let ours = |name: &str| launch(name, vec![deployed(name).display().to_string()]);
    let mut launches: Vec<_> = FUNCTIONS.into_iter().map(ours).collect();
    launches.push(ours("hello"));
    launches.push(peers::node("ingest", &environment));
    launches.push(peers::python("ingest", &environment));
    launches
}

async fn cold(launch: &Launch, costs: &mut Costs) {
    let mut function = launch.start().await;
    costs.init.push(function.cpu());
    let first = function.invoke(&events::of_function(&launch.name)).await;
    check(&launch.name, &first.answer);
    costs.first.push(first.cpu);
    costs.cold.push(first.total_cpu);
}

/// All of them stay up and take turns, 50 calls at a time.
async fn warm(scale: Scale, launches: &[Launch], costs: &mut [Costs]) {
    const TURN: usize = 50;
    let mut running: Vec<Function> = Vec::new();
    for launch in launches {
        running.push(launch.start().await);
    }
    let n_turns = (scale.n_warm_up + scale.n_warm) / TURN;
    for turn in 0..n_turns {
        eprint!("\rwarm calls, turn {} of {n_turns}", turn + 1);
        let is_counted = scale.n_warm_up <= turn * TURN;
        for ((launch, function), costs) in launches.iter().zip(&mut running).zip(&mut *costs) {
            let before = function.cpu();
            for _ in 0..TURN {
                let called = function.invoke(&events::of_function(&launch.name)).await;
                check(&launch.name, &called.answer);
            }
            if is_counted {
                let turn = function.cpu() - before;
                costs.warm.push(turn / u32::try_from(TURN).unwrap());
            }
        }
    }
    eprintln!();
    for (function, costs) in running.into_iter().zip(costs) {
        costs.peak_rss_kb = function.peak_rss_kb();
    }
}
