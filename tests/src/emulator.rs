//! A table for one test: `dynoxide` in this process, on a free loopback port, gone with the value. Or
//! a table of its own at `CARTBACK_DYNAMODB_ENDPOINT`, where any other DynamoDB may stand.

use std::net::TcpListener;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};

use cartback_aws::clients::local_dynamodb;
use cartback_aws::store::DynamoStore;
use dynoxide::Database;
use tokio::runtime;
use tokio::sync::oneshot;

/// Where another DynamoDB listens, if tests should use it. Read when the tests are compiled.
const ENDPOINT: Option<&str> = option_env!("CARTBACK_DYNAMODB_ENDPOINT");

/// A running emulator with an empty database.
#[derive(Debug)]
pub struct Emulator {
    url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A new table, for one test.
#[derive(Debug)]
pub struct Table {
    /// The store on it.
    pub store: DynamoStore,
    /// Its endpoint.
    pub url: String,
    name: String,
    // Stops when the test ends.
    _emulator: Option<Emulator>,
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
        let store = DynamoStore::new(local_dynamodb(&url), &name, 4);
        let created = store.create_table().await;
        created.expect("a table with one index is nothing special");
        Self {
            store,
            url,
            name,
            _emulator: emulator,
        }
    }

    /// Deletes it.
    ///
    /// # Panics
    /// When the endpoint refuses.
    pub async fn close(self) {
        let client = local_dynamodb(&self.url);
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
                    () = dynoxide::server::serve_on(listener, database) => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            url: format!("http://{address}"),
            stop: Some(stop),
            thread: Some(thread),
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // Both fail only if the emulator has ended already.
        let _ = self.stop.take().map(|stop| stop.send(()));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
