//! `make bench`: what an event and a mail cost in write units, as the emulator meters them, and how
//! long the local runner takes for 48 hours of 1,000 carts, beside the same hours without any.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]
#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cartback::evidence::{MailEvent, MailEventKind, Way, note_mail_event};
use cartback::ids::Pepper;
use cartback::link::{LinkKey, LinkKeys};
use cartback::mail::Mail;
use cartback::part::Part;
use cartback::ports::{CartStore, Mailer, PushError, SendError};
use cartback::push::Push;
use cartback::record::record;
use cartback::remind::{OfferCounts, Worker};
use cartback::stage::Stage;
use cartback::storefront::cartback::Cartback;
use cartback::storefront::{self, Parsed, Reception, Storefront};
use cartback::sweep::sweep;
use cartback_aws::store::DynamoStore;
use cartback_tests::emulator::Table;
use cartback_tests::samples::{NOON, shop};
use jiff::SignedDuration;

const N_CARTS: usize = 1_000;

#[tokio::main]
async fn main() {
    println!("Write units, index included, as the emulator meters them");
    println!("  {:<46} {:>8}  goal", "", "units");
    for n_items in [1, 3, 5] {
        let costs = Costs::measure(n_items).await;
        costs.print(n_items);
    }
    println!();
    println!("The local runner, {N_CARTS} carts, 48 hours of every stage's ticks");
    let empty = hours_of_local(0);
    let full = hours_of_local(N_CARTS);
    println!("  without carts {:>6} ms", empty.as_millis());
    println!(
        "  with carts    {:>6} ms   goal: under 10,000 in release",
        full.as_millis()
    );
}

struct Costs {
    first: u64,
    ordinary: u64,
    mail: u64,
    evidence: u64,
}

impl Costs {
    async fn measure(n_items: usize) -> Self {
        let table = Table::open().await;
        let units = Arc::new(AtomicU64::new(0));
        let store = table.store.clone().metered(Arc::clone(&units));
        store.put_shop(&shop()).await.unwrap();
        units.store(0, Ordering::Relaxed);
        take(&store, "e1", n_items, 0).await;
        let first = units.swap(0, Ordering::Relaxed);
        take(&store, "e2", n_items, 1).await;
        let ordinary = units.swap(0, Ordering::Relaxed);
        let mail = remind(&store).await;
        let sent = units.swap(0, Ordering::Relaxed);
        for kind in [MailEventKind::Send, MailEventKind::Delivery] {
            let now = NOON + SignedDuration::from_hours(1);
            let event = MailEvent {
                cart: mail.cart.clone(),
                contact: mail.contact.clone(),
                stage: mail.stage,
                attempt: mail.attempt,
                kind,
                way: Way::First,
                at: now,
            };
            note_mail_event(&store, &event, now).await.unwrap();
        }
        let evidence = units.load(Ordering::Relaxed);
        table.close().await;
        Self {
            first,
            ordinary,
            mail: sent,
            evidence,
        }
    }

    fn print(&self, n_items: usize) {
        let line = |what: &str, thousandths: u64, goal: &str| {
            let text = format!("{}.{}", thousandths / 1000, thousandths % 1000 / 100);
            println!(
                "  {:<46} {text:>8}  {goal}",
                format!("{what}, {n_items} items")
            );
        };
        line("first event with address and consent", self.first, "");
        line("ordinary cart event", self.ordinary, "at most 3");
        line("mail: reserve, send, settle", self.mail, "at most 10");
        line("SES's send and delivery events", self.evidence, "");
    }
}

async fn take(store: &DynamoStore, id: &str, n_items: usize, minutes: i64) {
    let item = |n: usize| {
        serde_json::json!({
            "id": format!("407845622{n}"), "title": "Merino Crew Sweater", "variant": "Navy / M", "quantity": 1,
            "price": "89.00", "compare_at_price": "119.00",
            "image_url": format!("https://cdn.shop.example/merino-crew-navy-{n}.jpg"),
            "url": "https://shop.example/products/merino-crew",
        })
    };
    let mut body = serde_json::json!({
        "type": "cart.updated", "id": id,
        "cart": {
            "id": "68778783ad298f1c80c3bafcddeea02f", "currency": "USD",
            "items": (0..n_items).map(item).collect::<Vec<_>>(),
            "checkout_url": "https://shop.example/checkouts/68778783ad298f1c80c3bafcddeea02f",
        },
        "contact": { "email": "ada@example.com", "name": "Ada", "country": "DE", "time_zone": "Europe/Berlin" },
    });
    if id == "e1" {
        body["consent"] =
            serde_json::json!({ "state": "granted", "basis": "express", "source": "checkout box" });
    }
    let now = NOON + SignedDuration::from_mins(minutes);
    let reception = Reception {
        received_at: now,
        currency: shop().currency,
    };
    let message = storefront::Message {
        headers: &http::HeaderMap::new(),
        body: &body.to_string().into_bytes(),
    };
    let parsed = Cartback.parse(message, reception).unwrap();
    let Parsed::Events(events) = parsed else {
        return;
    };
    record(store, &shop(), &Pepper(vec![7; 32]), &events, now)
        .await
        .unwrap();
}

/// Sends the nudge of the one cart.
async fn remind(store: &DynamoStore) -> Mail {
    let outbox = OneMail::default();
    let worker = Worker {
        store,
        mailer: &outbox,
        keys: &LinkKeys::new(vec![LinkKey {
            id: 1,
            secret: vec![1; 32],
        }])
        .unwrap(),
        nonce: 1,
        started_at: NOON + SignedDuration::from_mins(50),
        elapsed: &|| SignedDuration::ZERO,
        offers: OfferCounts::default(),
        on_decision: None,
    };
    sweep(
        &worker,
        Stage::Nudge,
        Part::WHOLE,
        SignedDuration::from_mins(1),
    )
    .await
    .unwrap();
    outbox.0.lock().unwrap().take().expect("the cart is due")
}

#[derive(Default)]
struct OneMail(std::sync::Mutex<Option<Mail>>);

impl Mailer for OneMail {
    async fn push(&self, _: &Push) -> Result<(), PushError> {
        Err(PushError::Refused("there is no push service here".into()))
    }

    async fn permit(&self) {}

    async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        *self.0.lock().unwrap() = Some(mail.clone());
        Ok(())
    }
}

/// Starts the local runner, gives it `n_carts`, and times 48 hours.
fn hours_of_local(n_carts: usize) -> Duration {
    let binary = neighbour("cartback");
    let mut local = Local::start(&binary);
    for n in 0..n_carts {
        local.post("/shop/events", &cart(n));
    }
    let began = Instant::now();
    let answer = local.post("/local/clock", r#"{"advance_s":172800}"#);
    let elapsed = began.elapsed();
    println!("  {n_carts} carts: {answer}");
    local.stop();
    elapsed
}

fn cart(n: usize) -> String {
    serde_json::json!({
        "type": "cart.updated", "id": format!("e{n}"),
        "cart": { "id": format!("cart-{n}"), "currency": "USD",
                  "items": [{ "id": "a", "title": "Lantern", "quantity": 1, "price": "49.00" }] },
        "contact": { "email": format!("shopper{n}@example.com") },
        "consent": { "state": "granted", "basis": "express" },
    })
    .to_string()
}

/// The binary that was built beside this one.
fn neighbour(name: &str) -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let binary = here.with_file_name(name);
    assert!(
        binary.exists(),
        "{} is missing; run `make bench`, which builds it",
        binary.display()
    );
    binary
}

struct Local {
    child: Child,
    origin: String,
}

impl Local {
    fn start(binary: &PathBuf) -> Self {
        let mut command = Command::new(binary);
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
