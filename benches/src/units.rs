//! What an event and a mail cost in DynamoDB's units, as the emulator meters them, and from that the dollars of a
//! million carts.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::Ordering;

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
use cartback::storefront::{Message, Parsed, Reception, Storefront};
use cartback::sweep::sweep;
use cartback_aws::store::{Consumed, DynamoStore};
use cartback_tests::emulator::Table;
use cartback_tests::samples::{NOON, shop};
use jiff::SignedDuration;
use serde_json::json;

use crate::table::{Goal, Section, plain};

/// A cart of the sum: its events, its mails, and the messages by which SES tells of each mail: send and delivery by
/// the rule, send again by the topic.
const N_EVENTS: f64 = 4.0;
const N_MAILS: f64 = 2.0;
const N_TOLD: f64 = 3.0;

/// Carts of a sweep, which share what it costs to look for them.
const N_DUE: u32 = 20;

/// Dollars for a million, us-east-1, on demand. Source: the price pages of DynamoDB, API Gateway, Lambda, EventBridge and SQS.
const WRITE_UNITS: f64 = 0.625;
const READ_UNITS: f64 = 0.125;
const GATEWAY_REQUESTS: f64 = 1.0;
const LAMBDA_REQUESTS: f64 = 0.2;
const LAMBDA_GB_SECONDS: f64 = 13.3334;
const BUS_EVENTS: f64 = 1.0;
const QUEUE_REQUESTS: f64 = 0.4;
const TOPIC_REQUESTS: f64 = 0.5;

/// Gigabytes of a function by default.
const MEMORY_GB: f64 = 0.125;

/// Thousandths of units.
#[derive(Clone, Copy, Default)]
struct Units {
    reads: u64,
    writes: u64,
}

struct Costs {
    first: Units,
    ordinary: Units,
    mail: Units,
    told: Units,
}

/// Measures carts of one, three and five items, and sums up the one of three.
pub(crate) async fn measure() -> Vec<Section> {
    let mut units = Section::new(
        "Units of DynamoDB",
        "Read and write units, index included, as the emulator meters them. A mail is one of a sweep of 20, which \
         counts its mails in one more unit: found, read, decided, reserved, noted, sent and settled; then SES tells of its \
         send, twice, and of its delivery.",
        &["", "reads", "writes", "goal"],
    );
    let mut of_three = None;
    for n_items in [1, 3, 5] {
        let costs = Costs::measure(n_items).await;
        costs.rows(n_items, &mut units);
        if n_items == 3 {
            of_three = Some(costs);
        }
    }
    vec![units, of_three.unwrap().dollars()]
}

impl Costs {
    async fn measure(n_items: usize) -> Self {
        let table = Table::open().await;
        let consumed = Arc::new(Consumed::default());
        let store = table.store.clone().metered(Arc::clone(&consumed));
        store.put_shop(&shop()).await.unwrap();
        let since_last = |n: u32| Units {
            reads: consumed.reads.swap(0, Ordering::Relaxed) / u64::from(n),
            writes: consumed.writes.swap(0, Ordering::Relaxed) / u64::from(n),
        };
        since_last(1);
        for cart in 0..N_DUE {
            take(&store, cart, n_items, 0).await;
        }
        let first = since_last(N_DUE);
        for cart in 0..N_DUE {
            take(&store, cart, n_items, 1).await;
        }
        let ordinary = since_last(N_DUE);
        let mails = remind(&store).await;
        let sent = since_last(N_DUE);
        for mail in &mails {
            tell(&store, mail).await;
        }
        let told = since_last(N_DUE);
        table.close().await;
        Self {
            first,
            ordinary,
            mail: sent,
            told,
        }
    }

    fn rows(&self, n_items: usize, section: &mut Section) {
        let mut row = |what: &str, units: Units, goal: Option<Goal>| {
            let writes = whole(units.writes);
            let goal = goal.map_or_else(String::new, |goal| goal.verdict(writes));
            section.row(&[
                format!("{what}, {n_items} items"),
                plain(whole(units.reads)),
                plain(writes),
                goal,
            ]);
        };
        row("first event, with address and consent", self.first, None);
        row(
            "ordinary cart event",
            self.ordinary,
            Some(Goal::AtMost(3.0)),
        );
        row("mail", self.mail, Some(Goal::AtMost(10.0)));
        row("SES's three messages of a mail", self.told, None);
    }

    /// A line for each price: how many a cart needs, and what a million carts cost.
    fn dollars(&self) -> Section {
        let mut section = Section::new(
            "Dollars for a million carts",
            "A cart of three items with 4 events and 2 mails; SES's own price, $100 for each million mails, is left out. \
             Dollars = how many a cart needs x the price of a million; us-east-1, on demand, arm64, no free tier. Twelve dollars buy \
             19 write units; the goals above allow a cart 32. Durations are \
             taken, not measured: 30 ms an event, 20 ms a message of SES, 72 ms a mail, which is one of SES's 14 a second. \
             Facts are one for the abandoned cart and one a mail; a message of the queue is three requests if none share a batch.",
            &["", "a cart needs", "price of a million", "dollars"],
        );
        let (events, mails, told) = (N_EVENTS, N_MAILS, N_MAILS * N_TOLD);
        let facts = 1.0 + mails;
        let per_cart = |pick: fn(Units) -> u64| {
            let first = whole(pick(self.first)) + (events - 1.0) * whole(pick(self.ordinary));
            first + mails * (whole(pick(self.mail)) + whole(pick(self.told)))
        };
        let milliseconds = 30.0 * events + 20.0 * told + 72.0 * mails + 20.0 * facts;
        let lines = [
            (
                "DynamoDB write units",
                per_cart(|units| units.writes),
                WRITE_UNITS,
            ),
            (
                "DynamoDB read units",
                per_cart(|units| units.reads),
                READ_UNITS,
            ),
            ("API Gateway requests", events, GATEWAY_REQUESTS),
            ("Lambda requests", events + told + facts, LAMBDA_REQUESTS),
            (
                "Lambda GB-seconds",
                milliseconds / 1e3 * MEMORY_GB,
                LAMBDA_GB_SECONDS,
            ),
            ("facts on the bus", facts, BUS_EVENTS),
            ("queue requests", 3.0 * told, QUEUE_REQUESTS),
            ("topic requests", mails, TOPIC_REQUESTS),
        ];
        let mut sum = 0.0;
        for (what, need, price) in lines {
            let dollars = need * price;
            sum += dollars;
            section.row(&[what.into(), plain(need), format!("{price}"), plain(dollars)]);
        }
        let writes = per_cart(|units| units.writes) * WRITE_UNITS;
        let goal = |dollars| {
            format!(
                "{}: {}",
                plain(dollars),
                Goal::AtMost(12.0).verdict(dollars)
            )
        };
        section.row(&[
            "writes alone".into(),
            String::new(),
            String::new(),
            goal(writes),
        ]);
        section.row(&["all of it".into(), String::new(), String::new(), goal(sum)]);
        section
    }
}

fn whole(thousandths: u64) -> f64 {
    std::time::Duration::from_millis(thousandths).as_secs_f64()
}

async fn take(store: &DynamoStore, cart: u32, n_items: usize, minutes: i64) {
    let item = |n: usize| {
        json!({
            "id": format!("407845622{n}"), "title": "Merino Crew Sweater", "variant": "Navy / M", "quantity": 1,
            "price": "89.00", "compare_at_price": "119.00",
            "image_url": format!("https://cdn.shop.example/merino-crew-navy-{n}.jpg"),
            "url": "https://shop.example/products/merino-crew",
        })
    };
    let id = format!("68778783ad298f1c80c3bafcdde{cart:05}");
    let mut body = json!({
        "type": "cart.updated", "id": format!("e{minutes}"),
        "cart": {
            "id": id, "currency": "USD", "items": (0..n_items).map(item).collect::<Vec<_>>(),
            "checkout_url": format!("https://shop.example/checkouts/{id}"),
        },
        "contact": { "email": format!("ada{cart}@example.com"), "name": "Ada", "country": "DE", "time_zone": "Europe/Berlin" },
    });
    if minutes == 0 {
        body["consent"] =
            json!({ "state": "granted", "basis": "express", "source": "checkout box" });
    }
    let now = NOON + SignedDuration::from_mins(minutes);
    let reception = Reception {
        received_at: now,
        currency: shop().currency,
    };
    let text = body.to_string();
    let message = Message {
        headers: &http::HeaderMap::new(),
        body: text.as_bytes(),
    };
    let parsed = Cartback.parse(message, reception);
    let Parsed::Events(events) = parsed.unwrap() else {
        panic!("a cart event is not ignored");
    };
    // As the function does for each message.
    let shop = store.shop(&shop().id).await.unwrap().unwrap();
    let pepper = Pepper(vec![7; 32]);
    record(store, &shop, &pepper, &events, now).await.unwrap();
}

/// Sends the nudge of every cart.
async fn remind(store: &DynamoStore) -> Vec<Mail> {
    let outbox = Mails::default();
    let key = LinkKey {
        id: 1,
        secret: vec![1; 32],
    };
    let worker = Worker {
        store,
        mailer: &outbox,
        keys: &LinkKeys::new(vec![key]).unwrap(),
        nonce: 1,
        started_at: NOON + SignedDuration::from_mins(50),
        elapsed: &|| SignedDuration::ZERO,
        time_limit: SignedDuration::from_mins(1),
        offers: OfferCounts::default(),
        on_decision: None,
    };
    sweep(&worker, Stage::Nudge, Part::WHOLE).await.unwrap();
    let mails = outbox.0.into_inner().unwrap();
    assert_eq!(
        mails.len(),
        usize::try_from(N_DUE).unwrap(),
        "every cart is due"
    );
    mails
}

async fn tell(store: &DynamoStore, mail: &Mail) {
    let messages = [
        (MailEventKind::Send, Way::First),
        (MailEventKind::Delivery, Way::First),
        (MailEventKind::Send, Way::Second),
    ];
    for (kind, way) in messages {
        let now = NOON + SignedDuration::from_hours(1);
        let event = MailEvent {
            cart: mail.cart.clone(),
            contact: mail.contact.clone(),
            stage: mail.stage,
            attempt: mail.attempt,
            kind,
            way,
            at: now,
        };
        note_mail_event(store, &event, now).await.unwrap();
    }
}

#[derive(Default)]
struct Mails(Mutex<Vec<Mail>>);

impl Mailer for Mails {
    async fn permit(&self, _: SignedDuration) -> bool {
        true
    }

    async fn push(&self, _: &Push) -> Result<(), PushError> {
        Err(PushError::Refused("there is no push service here".into()))
    }

    async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        self.0.lock().unwrap().push(mail.clone());
        Ok(())
    }
}
