//! A table for one test: `dynoxide` in this process, on a free loopback port, gone with the value. Or
//! a table of its own at `CARTBACK_DYNAMODB_ENDPOINT`, where any other DynamoDB may stand. AWS's own takes
//! the credentials and the region of the environment.

use std::collections::HashMap;
use std::env;
use std::net::TcpListener;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};

use aws_lambda_events::dynamodb::EventRecord;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, Region, SharedCredentialsProvider};
use aws_sdk_dynamodb::types::AttributeValue;
use cartback_aws::clients;
use cartback_aws::store::{DynamoStore, Stream, inflate};
use dynoxide::Database;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use tokio::runtime;
use tokio::sync::oneshot;

/// Where another DynamoDB listens, if tests should use it. Read when the tests are compiled.
const ENDPOINT: Option<&str> = option_env!("CARTBACK_DYNAMODB_ENDPOINT");

/// A running emulator with an empty database.
pub struct Emulator {
    /// Where it listens.
    pub url: String,
    database: Database,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A new table, for one test.
pub struct Table {
    /// The store on it.
    pub store: DynamoStore,
    /// Its endpoint.
    pub url: String,
    name: String,
    // Stops when the test ends.
    emulator: Option<Emulator>,
}

impl Table {
    /// Creates one.
    ///
    /// # Panics
    /// When the emulator does not start, or refuses.
    pub async fn open() -> Self {
        static N_TABLES: AtomicU32 = AtomicU32::new(0);
        let emulator = ENDPOINT.is_none().then(Emulator::start);
        let url = emulator
            .as_ref()
            .map_or(ENDPOINT, |emulator| Some(&emulator.url));
        let url = url.expect("one of the two is there").to_owned();
        let n = N_TABLES.fetch_add(1, Ordering::Relaxed);
        let name = format!("cartback-{}-{n}", process::id());
        let store = DynamoStore::new(client(&url), &name, 4);
        let created = store.create_table(Stream::Images).await;
        created.expect("a table with one index is nothing special");
        Self {
            store,
            url,
            name,
            emulator,
        }
    }

    /// A new table with the items that this one has now, as a restored backup is one.
    ///
    /// # Panics
    /// When an endpoint refuses.
    pub async fn restored(&self) -> Self {
        let restored = Self::open().await;
        let (from, to) = (client(&self.url), client(&restored.url));
        let pages = from.scan().table_name(&self.name).into_paginator();
        let items: Result<Vec<_>, _> = pages.items().send().collect().await;
        for item in items.expect("a scan needs nothing but the table") {
            let put = to.put_item().table_name(&restored.name);
            let put = put.set_item(Some(item)).send().await;
            put.expect("both tables have the same keys");
        }
        restored
    }

    /// Every item with its keys, as JSON; what is deflated, inflated.
    ///
    /// # Panics
    /// When the endpoint refuses, or an item cannot be read.
    pub async fn text(&self) -> String {
        let client = client(&self.url);
        let pages = client.scan().table_name(&self.name).into_paginator();
        let items: Result<Vec<_>, _> = pages.items().send().collect().await;
        let items = items.expect("a scan needs nothing but the table");
        items.iter().map(item_text).collect()
    }

    /// What the table's stream told so far, oldest first, as Lambda would get it; `None` from a
    /// DynamoDB of another process.
    ///
    /// # Panics
    /// When the stream cannot be read.
    #[must_use]
    pub fn stream(&self) -> Option<Vec<EventRecord>> {
        let database = &self.emulator.as_ref()?.database;
        Some(records(database, &self.name))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Deletes it.
    ///
    /// # Panics
    /// When the endpoint refuses.
    pub async fn close(self) {
        let client = client(&self.url);
        let deleted = client.delete_table().table_name(&self.name).send().await;
        deleted.expect("it was there");
    }
}

impl Emulator {
    /// Starts one on a free loopback port.
    ///
    /// # Panics
    /// When no port is free or no database can be opened.
    #[must_use]
    pub fn start() -> Self {
        let database = Database::memory().expect("SQLite opens in memory");
        let served = database.clone();
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port is free");
        listener.set_nonblocking(true).expect("every socket can");
        let address = listener.local_addr().expect("it is bound");
        let (stop, stopped) = oneshot::channel();
        // A runtime of its own, so that a test that blocks does not stop the table.
        let thread = thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime starts").block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener);
                let listener = listener.expect("it does not block");
                tokio::select! {
                    () = dynoxide::server::serve_on(listener, served) => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            url: format!("http://{address}"),
            database,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// What it serves, without the way through HTTP: to fill it fast.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }
}

/// A client of the DynamoDB at `url`, which is ours unless [`ENDPOINT`] says otherwise.
#[expect(
    clippy::disallowed_methods,
    reason = "nothing of the product reads these for us"
)]
fn client(url: &str) -> Client {
    let local = clients::local(url);
    let key = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map(env::var);
    let ([Ok(id), Ok(secret)], Some(_)) = (key, ENDPOINT) else {
        return clients::dynamodb(&local);
    };
    let session = env::var("AWS_SESSION_TOKEN").ok();
    let credentials = Credentials::new(id, secret, session, None, "environment");
    let mut sdk = local
        .into_builder()
        .credentials_provider(SharedCredentialsProvider::new(credentials));
    if let Ok(region) = env::var("AWS_REGION") {
        sdk = sdk.region(Region::new(region));
    }
    clients::dynamodb(&sdk.build())
}

fn item_text(item: &HashMap<String, AttributeValue>) -> String {
    let attribute = |(name, value): (&String, &AttributeValue)| match value {
        AttributeValue::B(deflated) => {
            let body: serde_json::Value = inflate(deflated.as_ref()).expect("a body of ours");
            format!("{name}={body}\n")
        }
        AttributeValue::S(text) => format!("{name}={text}\n"),
        other => format!("{name}={other:?}\n"),
    };
    item.iter().map(attribute).collect()
}

/// All records of the one shard that the emulator keeps for each stream.
fn records(database: &Database, table: &str) -> Vec<EventRecord> {
    let list: ListStreamsRequest =
        serde_json::from_value(serde_json::json!({ "TableName": table })).unwrap();
    let stream_arn = database.list_streams(list).unwrap().streams[0]
        .stream_arn
        .clone();
    let describe = DescribeStreamRequest {
        stream_arn: stream_arn.clone(),
        ..Default::default()
    };
    let described = database.describe_stream(describe).unwrap();
    let start = GetShardIteratorRequest {
        stream_arn,
        shard_id: described.stream_description.shards[0].shard_id.clone(),
        shard_iterator_type: "TRIM_HORIZON".to_owned(),
        sequence_number: None,
    };
    let mut iterator = database.get_shard_iterator(start).unwrap().shard_iterator;
    let mut records = Vec::new();
    while let Some(shard_iterator) = iterator {
        let request = GetRecordsRequest {
            shard_iterator,
            limit: Some(1000),
        };
        let page = database.get_records(request).unwrap();
        let is_end = page.records.is_empty();
        let json = serde_json::to_value(&page.records).unwrap();
        records.extend(serde_json::from_value::<Vec<EventRecord>>(json).unwrap());
        iterator = page.next_shard_iterator.filter(|_| !is_end);
    }
    records
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // Both fail only if the emulator has ended already.
        let _ = self.stop.take().map(|stop| stop.send(()));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
