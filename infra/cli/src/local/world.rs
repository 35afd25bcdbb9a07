//! Everything the local runner holds, and the turning of its clock: every schedule's tick, in order.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cartback::cart::Cart;
use cartback::contact::Contact;
use cartback::errand::MemoryErrands;
use cartback::evidence::Way;
use cartback::fact::{Fact, facts_of_cart, facts_of_contact, facts_of_request};
use cartback::ids::CartKey;
use cartback::part::Part;
use cartback::ports::CartStore;
use cartback::shop::Shop;
use cartback::stage::Stage;
use cartback_aws::clients;
use cartback_aws::secrets::Secrets;
use cartback_aws::store::{DynamoStore, Stream};
use cartback_aws::web::{StandIn, Web};
use dynoxide::Database;
use feedback::handler::Detail;
use fetch::handler::{Fetcher, run_due};
use futures_util::future::try_join_all;
use futures_util::{TryStreamExt, stream};
use ingest::doubts::Doubts;
use ingest::handler::Ingest;
use jiff::{SignedDuration, Timestamp};
use links::handler::Links;
use serde::Serialize;
use stage::handler::{Invocation, StageRunner, Tick};
use tokio::net::TcpListener;

use super::clock::Clock;
use super::demo;
use super::outbox::Outbox;
use crate::Failure;
use crate::decision_file::DecisionFile;

/// Mails whose events are told at once, as Lambda would run several of `feedback`.
const N_TOLD_AT_ONCE: usize = 16;
const TABLE: &str = "cartback";
/// EventBridge's schedules run once a minute.
const TICK: SignedDuration = SignedDuration::from_mins(1);
/// The longest turn of the clock: beyond the last stage of any cart.
const LONGEST_TURN: SignedDuration = SignedDuration::from_hours(24 * 90);

pub(crate) struct World {
    pub(crate) store: DynamoStore,
    pub(crate) ingest: Ingest<DynamoStore, MemoryErrands>,
    pub(crate) links: Links<DynamoStore>,
    pub(crate) outbox: Outbox,
    pub(crate) clock: Arc<Clock>,
    pub(crate) secrets: Secrets,
    pub(crate) shop: Shop,
    /// The settings file that the page /preview shows; `None` shows the demo shop.
    pub(crate) previewed: Option<PathBuf>,
    runner: StageRunner<DynamoStore, Outbox>,
    /// Asks storefronts, if a stand-in for them is given.
    fetcher: Option<Fetcher<DynamoStore, MemoryErrands>>,
    record: Option<DecisionFile>,
    turning: tokio::sync::Mutex<()>,
}

/// What a turn of the clock did.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Turn {
    pub(crate) now: Timestamp,
    ticks: u64,
    sent: usize,
}

impl World {
    /// Opens the world that `folder` holds, or a new one in memory; keeps its decisions in `record`.
    pub(crate) async fn open(
        origin: &str,
        folder: Option<&Path>,
        record: Option<DecisionFile>,
    ) -> Result<Self, Failure> {
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder)
                .map_err(|error| format!("{}: cannot be made ({error})", folder.display()))?;
        }
        let database = database(folder)?;
        let client = clients::local_dynamodb(&serve(database.clone()).await?);
        // One shard: a single process has no writers to spread.
        let store = DynamoStore::new(client.clone(), TABLE.to_owned(), 1);
        // The emulator walks its whole stream at each write; the facts are told from the carts instead.
        store.create_table(Stream::Off).await?;
        let shop = demo::shop(origin)?;
        store.put_shop(&shop).await?;
        let secrets = demo::secrets(folder)?;
        let clock = Arc::new(Clock::open(folder.map(|folder| folder.join("clock")))?);
        let outbox = Outbox::open(client, TABLE.to_owned(), Arc::clone(&clock)).await?;
        let keys = secrets.link_keys()?;
        Ok(Self {
            ingest: Ingest {
                store: store.clone(),
                errands: MemoryErrands::default(),
                secrets: secrets.shops.clone(),
                pepper: secrets.pepper()?,
                doubts: Doubts::default(),
            },
            links: Links {
                store: store.clone(),
                keys: keys.clone(),
            },
            runner: StageRunner {
                store: store.clone(),
                mailer: outbox.clone(),
                keys,
            },
            previewed: None,
            fetcher: None,
            record,
            turning: tokio::sync::Mutex::default(),
            store,
            outbox,
            clock,
            secrets,
            shop,
        })
    }

    /// Has storefronts asked at `stand_in` from now on.
    pub(crate) fn ask_at(&mut self, stand_in: Option<StandIn>) -> Result<(), Failure> {
        let pepper = self.secrets.pepper()?;
        self.fetcher = stand_in.map(|stand_in| Fetcher {
            store: self.store.clone(),
            errands: self.ingest.errands.clone(),
            secrets: self.secrets.shops.clone(),
            pepper,
            web: Web::new(Some(stand_in)),
            public: Mutex::default(),
        });
        Ok(())
    }

    /// Runs the errands that are due, as `fetch` would within the second.
    pub(crate) async fn run_errands(&self, now: Timestamp) {
        if let Some(fetcher) = &self.fetcher {
            run_due(fetcher, now).await;
        }
    }

    /// Turns the clock to `to` and runs every tick in between: each minute, each stage, and after them
    /// what SES has to tell.
    pub(crate) async fn turn(&self, to: Timestamp) -> Result<Turn, Failure> {
        let _alone = self.turning.lock().await;
        let mut turn = Turn::default();
        if LONGEST_TURN < to.duration_since(self.clock.peek()) {
            return Err("turn the clock by at most 90 days at a time".into());
        }
        loop {
            let next = next_tick(self.clock.peek());
            if to < next {
                break;
            }
            self.clock.turn(next);
            turn.sent += self.tick(next).await?;
            turn.ticks += 1;
        }
        self.clock.turn(to);
        turn.now = self.clock.peek();
        Ok(turn)
    }

    /// When the next due cart is looked at, on a whole minute; `None` if none is planned.
    pub(crate) async fn next_due(&self) -> Result<Option<Timestamp>, Failure> {
        let carts = self.store.carts(&self.shop.id).await?;
        let earliest = carts
            .iter()
            .filter_map(|cart| cart.sequence.due())
            .map(|(_, due_at)| due_at)
            .min();
        let now = self.clock.peek();
        // A tick looks at what is due up to its own minute.
        Ok(earliest.map(|due_at| next_tick(due_at.max(now) - SignedDuration::from_nanos(1))))
    }

    /// The person behind `cart`.
    pub(crate) async fn contact(&self, cart: &Cart) -> Result<Option<Contact>, Failure> {
        match &cart.facts.person {
            Some(person) => Ok(self.store.contact(&person.value.key).await?),
            None => Ok(None),
        }
    }

    /// The cart that the shop calls by `key`.
    pub(crate) async fn cart(&self, key: &CartKey) -> Result<Option<Cart>, Failure> {
        Ok(self.store.cart(key).await?)
    }

    /// The facts that `publish` would have put on the bus, oldest first.
    pub(crate) async fn facts(&self) -> Result<Vec<Fact>, Failure> {
        let mut facts = Vec::new();
        let mut people = HashSet::new();
        for cart in self.store.carts(&self.shop.id).await? {
            facts.extend(facts_of_cart(None, &cart));
            if let Some(contact) = self.contact(&cart).await?
                && people.insert(contact.key.clone())
            {
                facts.extend(facts_of_contact(None, &contact));
            }
        }
        for request in self.store.requests(&self.shop.id).await? {
            facts.extend(facts_of_request(None, &request));
        }
        facts.sort_by_key(|fact| fact.time);
        Ok(facts)
    }

    /// The schedules of all stages fire at once.
    async fn tick(&self, now: Timestamp) -> Result<usize, Failure> {
        self.run_errands(now).await;
        let n_sent = try_join_all(Stage::ALL.map(|stage| self.tick_of(stage, now))).await?;
        self.tell().await?;
        if let Some(record) = &self.record {
            record.check()?;
        }
        Ok(n_sent.into_iter().sum())
    }

    async fn tick_of(&self, stage: Stage, now: Timestamp) -> Result<usize, Failure> {
        let invocation = Invocation {
            started_at: now,
            nonce: nonce()?,
            elapsed: &|| SignedDuration::ZERO,
            time_limit: SignedDuration::from_secs(60),
            on_decision: self.record.as_ref().map(DecisionFile::on_decision),
        };
        let tick = Tick {
            stage,
            part: Part::WHOLE,
            now: Some(now),
        };
        let report = stage::handler::handle(&self.runner, tick, &invocation).await?;
        Ok(report.carts.get("sent").copied().unwrap_or(0))
    }

    /// Hands SES's events to `feedback`: those of one mail in order, many mails at once.
    async fn tell(&self) -> Result<(), Failure> {
        let untold = self.outbox.take_untold()?;
        if untold.is_empty() {
            return Ok(());
        }
        let told = async |events: Vec<Detail>| {
            for event in &events {
                feedback::handler::note(&self.store, event, Way::First).await?;
            }
            Ok::<(), Failure>(())
        };
        stream::iter(untold.into_iter().map(Ok))
            .try_for_each_concurrent(N_TOLD_AT_ONCE, told)
            .await?;
        self.outbox.note_told().await
    }
}

fn database(folder: Option<&Path>) -> Result<Database, Failure> {
    let Some(folder) = folder else {
        return Ok(Database::memory()?);
    };
    let file = folder.join("cartback.sqlite");
    let path = file
        .to_str()
        .ok_or("the data folder's path is not UTF-8; choose another")?;
    Ok(Database::new(path)?)
}

/// Serves `database` on a free loopback port and returns its address.
async fn serve(database: Database) -> Result<String, Failure> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    #[expect(
        clippy::disallowed_methods,
        reason = "the emulator lives as long as this process"
    )]
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    Ok(url)
}

/// The first whole minute after `at`.
fn next_tick(at: Timestamp) -> Timestamp {
    let minute = at.as_second().div_euclid(60) + 1;
    Timestamp::from_second(minute * TICK.as_secs()).unwrap_or(Timestamp::MAX)
}

fn nonce() -> Result<u128, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(u128::from_ne_bytes(bytes))
}
