//! The stage function at work: carts for each second of its own CPU, and whether more open carts make a due one dearer.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use cartback::ids::Pepper;
use cartback::part::Part;
use cartback::ports::CartStore;
use cartback::record::record;
use cartback::stage::Stage;
use cartback::storefront::cartback::Cartback;
use cartback::storefront::{Message, Parsed, Reception, Storefront};
use cartback_aws::store::Consumed;
use cartback_tests::samples::shop;
use dynoxide::{AttributeValue, ImportOptions, Item};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::cloud::{Cloud, TABLE};
use crate::lambda::{Function, Launch};
use crate::machine::{deployed, now};
use crate::table::{Goal, Section, median, micros, plain};
use crate::{Scale, events, peers};

/// What the tables call the stage function.
const OURS: &str = "Cartback";

/// Due for five to thirteen minutes.
const IDLE: SignedDuration = SignedDuration::from_mins(45);

/// Measures the sweep in three languages.
pub(crate) async fn measure(scale: Scale) -> Section {
    let cloud = Cloud::open().await;
    cloud.store.put_shop(&shop()).await.unwrap();
    peers::create_table(&cloud).await;
    let environment = cloud.environment();
    let launches = [
        stage(&cloud),
        peers::node("stage", &environment),
        peers::python("stage", &environment),
    ];
    let mut running: Vec<Function> = Vec::new();
    for launch in &launches {
        running.push(launch.start().await);
    }
    let mut costs: [Vec<Duration>; 3] = Default::default();
    for round in 0..=scale.n_sweeps {
        for ((launch, function), costs) in launches.iter().zip(&mut running).zip(&mut costs) {
            eprint!(
                "\rsweeps, round {round} of {}: {:<24}",
                scale.n_sweeps, launch.name
            );
            let first = round * scale.n_due;
            if launch.name == OURS {
                seed(&cloud, first..first + scale.n_due).await;
            } else {
                seed_peers(&cloud, first..first + scale.n_due);
            }
            let cost = sweep(&cloud, function, scale.n_due).await;
            // The first round warms up.
            if round != 0 {
                costs.push(cost);
            }
        }
    }
    eprintln!();
    table(&launches, &costs)
}

fn table(launches: &[Launch], costs: &[Vec<Duration>; 3]) -> Section {
    let mut section = Section::new(
        "The sweep",
        "Due carts of five items, for each: read cart and person, decide, render, reserve both in one transaction, note the \
         decision, send, settle. Carts for each second of the function's CPU, by TLS to the emulators, at a rate of SES that \
         holds nobody up.",
        &["", "µs a cart", "carts/s/core", "goal"],
    );
    let rate = |costs: &[Duration]| 1.0 / median(costs).as_secs_f64();
    let ours = rate(&costs[0]);
    for (launch, costs) in launches.iter().zip(costs) {
        let goal = match launch.name.as_str() {
            OURS => Goal::AtLeast(3_000.0).verdict(ours),
            _ => format!(
                "Cartback {} x, {}",
                plain(ours / rate(costs)),
                Goal::AtLeast(5.0).verdict(ours / rate(costs))
            ),
        };
        section.row(&[
            launch.name.clone(),
            plain(micros(median(costs))),
            plain(rate(costs)),
            goal,
        ]);
    }
    section
}

/// Measures our sweep of the same number of due carts beside more and more open ones.
pub(crate) async fn growth(scale: Scale) -> Section {
    let mut section = Section::new(
        "Growth of the table",
        "The same sweep beside ever more open carts that are not due yet: a due cart must cost the same beside a million \
         others. *Listing* is one look into all partitions of the index when nothing is due: wall time here, and read units, by \
         which DynamoDB bills.",
        &[
            "open carts",
            "µs a due cart",
            "to the first",
            "listing µs",
            "listing units",
        ],
    );
    let cloud = Cloud::open().await;
    cloud.store.put_shop(&shop()).await.unwrap();
    forget_table_id(&cloud);
    let mut function = stage(&cloud).start().await;
    seed(&cloud, 0..1).await;
    let model = model(&cloud);
    let (mut n_open, mut next, mut first) = (0, 1, None);
    sweep(&cloud, &mut function, 1).await;
    for wanted in scale.open_carts {
        fill(&cloud, &model, n_open..wanted);
        n_open = wanted;
        let mut costs = Vec::new();
        for _ in 0..=scale.n_sweeps {
            seed(&cloud, next..next + scale.n_due).await;
            next += scale.n_due;
            costs.push(sweep(&cloud, &mut function, scale.n_due).await);
        }
        let cost = median(&costs[1..]);
        let to_first = cost.as_secs_f64() / first.get_or_insert(cost).as_secs_f64();
        let (time, units) = listing(&cloud).await;
        section.row(&[
            n_open.to_string(),
            plain(micros(cost)),
            format!("{to_first:.2} x"),
            plain(micros(time)),
            plain(units),
        ]);
    }
    section
}

fn stage(cloud: &Cloud) -> Launch {
    Launch {
        name: OURS.to_owned(),
        command: vec![deployed("stage").display().to_string()],
        environment: cloud.environment(),
    }
}

/// One tick; the CPU for each of the `n_due` carts, all of which must get their mail.
async fn sweep(cloud: &Cloud, function: &mut Function, n_due: usize) -> Duration {
    let before = cloud.n_mails();
    let done = function.invoke(r#"{"stage":"nudge"}"#).await;
    let report: Value = serde_json::from_str(&done.answer).unwrap();
    assert_eq!(report["carts"], json!({ "sent": n_due }), "{report}");
    assert_eq!(cloud.n_mails() - before, u64::try_from(n_due).unwrap());
    done.cpu / u32::try_from(n_due).unwrap()
}

/// Stores carts that have been idle for long enough, as ingest does, each of a person of its own.
async fn seed(cloud: &Cloud, carts: Range<usize>) {
    let (shop, pepper) = (shop(), Pepper(vec![7; 32]));
    let at = now() - IDLE;
    let reception = Reception {
        received_at: at,
        currency: shop.currency,
    };
    for cart in carts {
        let id = format!("sweep-{cart}");
        let body = events::cart(&id).to_string();
        let message = Message {
            headers: &http::HeaderMap::new(),
            body: body.as_bytes(),
        };
        let parsed = Cartback.parse(message, reception);
        let Parsed::Events(events) = parsed.unwrap() else {
            panic!("a cart event is not ignored");
        };
        record(&cloud.store, &shop, &pepper, &events, at)
            .await
            .unwrap();
    }
}

/// The same carts as the peers keep them.
fn seed_peers(cloud: &Cloud, carts: Range<usize>) {
    let at = (now() - IDLE).as_millisecond();
    let line = |n: usize| {
        json!({
            "id": format!("4078456221{n:04}"), "title": "Merino Crew Sweater", "variant": "Navy / M", "quantity": 1,
            "price_cents": 8_900, "compare_at_cents": 11_900,
            "image_url": format!("https://shop.example/files/merino-crew-{n}.jpg?v=1718"),
            "url": format!("https://shop.example/products/merino-crew-{n}"),
        })
    };
    let lines: Vec<_> = (0..5).map(line).collect();
    let contents = json!({ "currency": "USD", "total_cents": 44_500, "lines": lines }).to_string();
    for cart in carts {
        let number = |n: i64| json!({ "N": n.to_string() });
        let text = |text: &str| json!({ "S": text });
        let person = format!("person-{cart:020}");
        peers::put(
            cloud,
            &json!({
                "pk": text(&format!("CONTACT#demo#{person}")), "sk": text("CONTACT"), "v": number(1),
                "consent": text("granted"), "asked_at": number(at), "mails": text("[]"),
            }),
        );
        peers::put(
            cloud,
            &json!({
                "pk": text(&format!("CART#demo#sweep-{cart}")), "sk": text("CART"), "v": number(1),
                "active_at": number(at), "created_at": number(at), "email": text(&format!("ada{cart}@example.com")),
                "person": text(&person), "name": text("Ada"), "contents": text(&contents),
                "checkout_url": text("https://shop.example/checkouts/cn/Z2NwLWV1cm9wZS13ZXN0"),
                "stage": text("nudge"), "phase": text("wait"), "due_shard": text(&format!("nudge#0{}", cart % 4)),
                "due_at": number(at + 35 * 60_000), "expires_at": number(at / 1000 + 90 * 86_400),
            }),
        );
    }
}

/// A cart as the table keeps it, from which the others are made.
fn model(cloud: &Cloud) -> Item {
    let request = json!({ "TableName": TABLE, "FilterExpression": "sk = :cart",
        "ExpressionAttributeValues": { ":cart": { "S": "CART" } } });
    let request = serde_json::from_value(request).unwrap();
    let found = cloud.emulator.database().scan(request).unwrap();
    found.items.unwrap().remove(0)
}

/// Asked which table it is, DynamoDB answers at once and the emulator counts all items first: here nobody asks.
fn forget_table_id(cloud: &Cloud) {
    let key = json!({ "pk": { "S": "SHOP#demo" }, "sk": { "S": "PULSE#STANDING" } });
    let request = serde_json::from_value(json!({ "TableName": TABLE, "Key": key })).unwrap();
    cloud.emulator.database().delete_item(request).unwrap();
}

/// Adds open carts that are due in a day. The sweep never reads them, so their bodies may all be the same.
fn fill(cloud: &Cloud, model: &Item, carts: Range<usize>) {
    const AT_ONCE: usize = 10_000;
    let due_at = (now() + SignedDuration::from_hours(24)).as_millisecond();
    let last = carts.end;
    for first in carts.step_by(AT_ONCE) {
        eprint!("\ropen carts: {first} of {last}        ");
        let one = |n: usize| {
            let mut cart = model.clone();
            cart.insert(
                "pk".to_owned(),
                AttributeValue::S(format!("CART#demo_open{n:022}")),
            );
            cart.insert(
                "due_shard".to_owned(),
                AttributeValue::S(format!("nudge#{:02}", n % 4)),
            );
            let due_at = due_at + i64::try_from(n).unwrap();
            cart.insert("due_at".to_owned(), AttributeValue::N(due_at.to_string()));
            cart
        };
        let items = (first..last.min(first + AT_ONCE)).map(one).collect();
        cloud
            .emulator
            .database()
            .import_items(TABLE, items, ImportOptions::default())
            .unwrap();
    }
    eprintln!();
}

/// The shortest of some looks into the index, and the read units of one.
async fn listing(cloud: &Cloud) -> (Duration, f64) {
    const N_LOOKS: u32 = 20;
    let consumed = Arc::new(Consumed::default());
    let store = cloud.store.clone().metered(Arc::clone(&consumed));
    let mut shortest = Duration::MAX;
    for _ in 0..N_LOOKS {
        let began = Instant::now();
        let due = store
            .due(Stage::Nudge, Part::WHOLE, now(), 200)
            .await
            .unwrap();
        assert!(due.is_empty(), "all that was due got its mail");
        shortest = shortest.min(began.elapsed());
    }
    let thousandths = consumed.reads.load(Ordering::Relaxed) / u64::from(N_LOOKS);
    (shortest, Duration::from_millis(thousandths).as_secs_f64())
}
