//! `cartback replay`: recorded events against a shop's settings, through the real use cases on a table
//! in memory. Says who would get what, when and why, and what another policy would change.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cartback::decide::Decision;
use cartback::entry::What;
use cartback::event::CartEvent;
use cartback::ids::Pepper;
use cartback::link::{LinkKey, LinkKeys};
use cartback::mail::Mail;
use cartback::memory::MemoryStore;
use cartback::ports::{CartStore, Mailer, SendError};
use cartback::record::record;
use cartback::remind::Worker;
use cartback::shop::Shop;
use cartback::stage::Stage;
use cartback::storefront::{Parsed, Reception, cartback as own};
use cartback::story::skip_text;
use cartback::sweep::sweep;
use clap::Args;
use jiff::{SignedDuration, Timestamp};

use crate::{Failure, print_line};

#[derive(Args)]
pub(crate) struct Options {
    /// One event a line, as docs/events.md describes them, each with `at`.
    #[arg(long)]
    events: PathBuf,
    /// The shop's settings file.
    #[arg(long)]
    policy: PathBuf,
    /// Other settings to compare with: only what differs is printed.
    #[arg(long)]
    against: Option<PathBuf>,
}

/// What became of each cart's stages: by cart and stage, so that two replays line up.
type Outcomes = BTreeMap<(String, Stage), String>;

pub(crate) async fn run(options: &Options) -> Result<(), Failure> {
    let shop = crate::shop::load(&options.policy)?;
    let events = read(&options.events, &shop)?;
    let outcomes = replay(&shop, &events).await?;
    match &options.against {
        None => print_all(&outcomes),
        Some(file) => {
            let other = crate::shop::load(file)?;
            print_difference(&outcomes, &replay(&other, &events).await?);
        }
    }
    print_line(&format!(
        "{} events, {} carts' stages",
        events.len(),
        outcomes.len()
    ));
    Ok(())
}

/// The events of `file`, oldest first. Each line is one message; its events stay together.
fn read(file: &Path, shop: &Shop) -> Result<Vec<Vec<CartEvent>>, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("{}: cannot be read ({error})", file.display()))?;
    let reception = Reception {
        received_at: Timestamp::MAX,
        currency: shop.currency,
    };
    let mut messages = Vec::new();
    for (index, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let mut headers = http::HeaderMap::new();
        headers.insert("webhook-id", format!("line-{}", index + 1).parse()?);
        let parsed = own::parse(&headers, line.as_bytes(), reception)
            .map_err(|fault| format!("{}, line {}: {fault}", file.display(), index + 1))?;
        let Parsed::Events(events) = parsed else {
            continue;
        };
        if events.iter().any(|event| event.at == Timestamp::MAX) {
            return Err(format!(
                "{}, line {}: at: give the event's time",
                file.display(),
                index + 1
            )
            .into());
        }
        messages.push(events);
    }
    messages.sort_by_key(|events| events.first().map(|event| event.at));
    Ok(messages)
}

async fn replay(shop: &Shop, messages: &[Vec<CartEvent>]) -> Result<Outcomes, Failure> {
    let store = MemoryStore::default();
    store.put_shop(shop).await?;
    let keys = LinkKeys::new(vec![LinkKey {
        id: 0,
        secret: vec![0; 32],
    }])?;
    for events in messages {
        let Some(at) = events.first().map(|event| event.at) else {
            continue;
        };
        run_until(&store, &keys, at).await?;
        record(&store, shop, &Pepper(vec![0; 32]), events, at).await?;
    }
    run_until(&store, &keys, Timestamp::MAX).await?;
    outcomes(&store, shop).await
}

/// Runs the ticks at which something is due, up to `end`.
async fn run_until(store: &MemoryStore, keys: &LinkKeys, end: Timestamp) -> Result<(), Failure> {
    while let Some(due_at) = store.next_due().filter(|due_at| *due_at <= end) {
        let tick = Timestamp::from_second((due_at.as_second() + 60).div_euclid(60) * 60)?;
        for (stage, nonce) in Stage::ALL.into_iter().zip(0..) {
            let worker = Worker {
                store,
                mailer: &Accepting,
                keys,
                nonce,
                started_at: tick,
                elapsed: &|| SignedDuration::ZERO,
            };
            sweep(&worker, stage, SignedDuration::from_mins(1)).await?;
        }
    }
    Ok(())
}

async fn outcomes(store: &MemoryStore, shop: &Shop) -> Result<Outcomes, Failure> {
    let mut outcomes = Outcomes::new();
    for cart in store.carts(&shop.id) {
        for entry in store.history(&cart.key).await? {
            let What::Decided(record) = entry.what else {
                continue;
            };
            let text = match record.decision {
                Decision::Send => format!("{}  send", entry.at),
                Decision::Skip { reason } => format!("{}  skip: {}", entry.at, skip_text(reason)),
                Decision::Defer { .. } => continue,
            };
            outcomes.insert((cart.id.to_string(), record.stage), text);
        }
    }
    Ok(outcomes)
}

fn print_all(outcomes: &Outcomes) {
    for ((cart, stage), text) in outcomes {
        print_line(&format!("{cart}  {stage:<9}  {text}"));
    }
}

fn print_difference(ours: &Outcomes, theirs: &Outcomes) {
    let keys: std::collections::BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    for key in keys {
        let (a, b) = (ours.get(key), theirs.get(key));
        if a != b {
            let nothing = "nothing".to_owned();
            let (a, b) = (a.unwrap_or(&nothing), b.unwrap_or(&nothing));
            print_line(&format!("{}  {:<9}  {a}  ->  {b}", key.0, key.1.name()));
        }
    }
}

/// A mailer that accepts every mail and keeps none.
struct Accepting;

impl Mailer for Accepting {
    async fn permit(&self) {}

    async fn send(&self, _: &Mail) -> Result<(), SendError> {
        Ok(())
    }
}
