//! The use cases' surroundings, for tests of one call each: a table whose writes go as told, a provider
//! that answers as told, and a clock that moves with the writes. Nothing here waits.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use cartback::cart::Cart;
use cartback::contact::Contact;
use cartback::entry::{Entry, What};
use cartback::ids::{Attempt, CartKey, ContactKey, ShopId};
use cartback::link::{LinkKey, LinkKeys};
use cartback::mail::Mail;
use cartback::memory::MemoryStore;
use cartback::offer::{Ask, PoolCode, Stock};
use cartback::part::Part;
use cartback::ports::{
    CartStore, DueCart, Mailer, PushError, ReadError, SendError, Write, WriteError,
};
use cartback::product::Product;
use cartback::pulse::{Counts, Pulse};
use cartback::push::Push;
use cartback::remind::{OfferCounts, RemindError, Reminded, Worker};
use cartback::request::Request;
use cartback::shop::Shop;
use cartback::stage::Stage;
use cartback::standing::Standing;
use cartback::sweep::{Tally, sweep};
use jiff::{SignedDuration, Timestamp};

use crate::samples::{DAY, cart, contact, noon};

/// More than any test lets pass.
pub(crate) const NO_LIMIT: SignedDuration = SignedDuration::from_hours(1);

/// Runs `work` to its end.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return done;
        }
    }
}

/// What becomes of one write.
#[derive(Clone, Copy)]
pub(crate) enum Fate {
    Work,
    Refuse,
    LoseReply,
    /// Nothing is stored, and nobody says so.
    LoseAll,
    /// The state is stored and its lines are refused; nothing is, if they go together.
    LoseLines,
    /// Somebody else writes first.
    Overtake(fn(&MemoryStore)),
}

/// A table in memory.
#[derive(Default)]
pub(crate) struct Table {
    pub(crate) store: MemoryStore,
    /// Of the next writes; all after them work.
    pub(crate) fates: Mutex<VecDeque<Fate>>,
    /// How many carts the index was asked for, each time.
    pub(crate) limits: Mutex<Vec<usize>>,
    /// A line that another worker adds once the history of its cart was forgotten.
    pub(crate) late: Mutex<Option<Entry>>,
    /// Items of shops that no version wrote: `SHOP` or `PULSE`, and whose.
    pub(crate) corrupt: Mutex<Vec<(&'static str, ShopId)>>,
    /// Whether the counts are of the table that this one was restored from.
    pub(crate) is_restored: AtomicBool,
    /// What the writes so far reserved.
    pub(crate) reserved: Mutex<Vec<Attempt>>,
    /// Reads of a cart so far.
    pub(crate) n_cart_reads: AtomicUsize,
    /// Writes so far.
    pub(crate) n_writes: AtomicUsize,
    /// Seconds that passed so far, and that one write takes.
    pub(crate) elapsed_s: AtomicI64,
    pub(crate) write_s: AtomicI64,
}

impl CartStore for Table {
    async fn cart(&self, key: &CartKey) -> Result<Option<Cart>, ReadError> {
        self.n_cart_reads.fetch_add(1, Ordering::Relaxed);
        self.store.cart(key).await
    }

    async fn contact(&self, key: &ContactKey) -> Result<Option<Contact>, ReadError> {
        self.store.contact(key).await
    }

    async fn shop(&self, id: &ShopId) -> Result<Option<Shop>, ReadError> {
        self.check("SHOP", id)?;
        self.store.shop(id).await
    }

    async fn due(
        &self,
        stage: Stage,
        part: Part,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueCart>, ReadError> {
        self.limits.lock().unwrap().push(limit);
        self.store.due(stage, part, now, limit).await
    }

    async fn history(&self, key: &CartKey) -> Result<Vec<Entry>, ReadError> {
        self.store.history(key).await
    }

    async fn forget_history(&self, key: &CartKey) -> Result<(), WriteError> {
        self.store.forget_history(key).await?;
        let late = self.late.lock().unwrap().take();
        let write = Write {
            entries: late.into_iter().collect(),
            ..Write::default()
        };
        self.store.write(&write).await
    }

    async fn product(&self, shop: &ShopId, variant: &str) -> Result<Option<Product>, ReadError> {
        self.store.product(shop, variant).await
    }

    async fn put_product(&self, product: &Product) -> Result<(), WriteError> {
        self.store.put_product(product).await
    }

    async fn put_request(&self, request: &Request) -> Result<(), WriteError> {
        self.store.put_request(request).await
    }

    async fn requests(&self, shop: &ShopId) -> Result<Vec<Request>, ReadError> {
        self.store.requests(shop).await
    }

    async fn drop_request(&self, request: &Request) -> Result<(), WriteError> {
        self.store.drop_request(request).await
    }

    async fn write(&self, write: &Write) -> Result<(), WriteError> {
        self.n_writes.fetch_add(1, Ordering::Relaxed);
        self.reserved.lock().unwrap().extend(write.attempt);
        let write_s = self.write_s.load(Ordering::Relaxed);
        self.elapsed_s.fetch_add(write_s, Ordering::Relaxed);
        let fate = self.fates.lock().unwrap().pop_front();
        match fate.unwrap_or(Fate::Work) {
            Fate::Work => self.store.write(write).await,
            Fate::Refuse => Err(WriteError::Unavailable("told to".into())),
            Fate::LoseAll => Err(WriteError::Unknown("told to".into())),
            Fate::LoseReply => {
                self.store.write(write).await?;
                Err(WriteError::Unknown("told to".into()))
            }
            Fate::LoseLines if write.is_atomic => Err(WriteError::Unavailable("told to".into())),
            Fate::LoseLines => {
                let state = Write {
                    entries: Vec::new(),
                    ..write.clone()
                };
                self.store.write(&state).await?;
                Err(WriteError::Unknown("told to".into()))
            }
            Fate::Overtake(other) => {
                other(&self.store);
                self.store.write(write).await
            }
        }
    }

    async fn count(&self, shop: &ShopId, at: Timestamp, counts: &Counts) -> Result<(), WriteError> {
        self.store.count(shop, at, counts).await
    }

    async fn pulse(&self, shop: &ShopId, since: Timestamp) -> Result<Pulse, ReadError> {
        self.check("PULSE", shop)?;
        let mut pulse = self.store.pulse(shop, since).await?;
        pulse.is_of_other_table |= self.is_restored.load(Ordering::Relaxed);
        Ok(pulse)
    }

    async fn put_standing(&self, shop: &ShopId, standing: &Standing) -> Result<(), WriteError> {
        self.store.put_standing(shop, standing).await
    }

    async fn offer_stock(&self, shop: &ShopId, ask: &Ask) -> Result<Stock, ReadError> {
        self.store.offer_stock(shop, ask).await
    }

    async fn put_codes(&self, shop: &ShopId, codes: &[PoolCode]) -> Result<usize, WriteError> {
        self.store.put_codes(shop, codes).await
    }

    async fn put_shop(&self, shop: &Shop) -> Result<(), WriteError> {
        self.store.put_shop(shop).await
    }
}

impl Table {
    fn check(&self, item: &'static str, shop: &ShopId) -> Result<(), ReadError> {
        let corrupt = self.corrupt.lock().unwrap();
        if corrupt.contains(&(item, shop.clone())) {
            return Err(ReadError::Corrupt("told to".into()));
        }
        Ok(())
    }
}

/// What the provider does with a mail, and what it says.
pub(crate) type Answer = fn(&MemoryStore, &Mail) -> Result<(), SendError>;

/// A table and a provider.
pub(crate) struct Desk {
    pub(crate) table: Table,
    pub(crate) shop: Shop,
    pub(crate) answer: Answer,
    /// Attempts whose mails were handed over.
    pub(crate) mails: Mutex<Vec<Attempt>>,
    /// Seconds for which each mail waits for its turn.
    pub(crate) wait_s: AtomicI64,
    /// What the push service answers.
    pub(crate) push_answer: fn(&MemoryStore) -> Result<(), PushError>,
    /// Notifications that were handed over.
    pub(crate) pushes: Mutex<Vec<Push>>,
    /// The plain text of those mails.
    pub(crate) texts: Mutex<Vec<String>>,
}

impl Mailer for Desk {
    async fn permit(&self, within: SignedDuration) -> bool {
        let wait_s = self.wait_s.load(Ordering::Relaxed);
        let is_in_time = SignedDuration::from_secs(wait_s) <= within;
        if is_in_time {
            self.table.elapsed_s.fetch_add(wait_s, Ordering::Relaxed);
        }
        is_in_time
    }

    async fn push(&self, push: &Push) -> Result<(), PushError> {
        self.pushes.lock().unwrap().push(push.clone());
        (self.push_answer)(&self.table.store)
    }

    async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        self.mails.lock().unwrap().push(mail.attempt);
        self.texts.lock().unwrap().push(mail.text.clone());
        (self.answer)(&self.table.store, mail)
    }
}

impl Desk {
    /// The sample shop with nothing stored but its settings, and a provider that takes everything.
    pub(crate) fn empty() -> Self {
        let desk = Self::bare();
        run(desk.table.store.put_shop(&desk.shop)).unwrap();
        desk
    }

    /// The same with nothing stored at all.
    pub(crate) fn bare() -> Self {
        let settings = r#"
            id = "demo"
            name = "Demo"
            url = "https://shop.example"
            hosts = ["shop.example"]
            links_url = "https://links.shop.example"
            from = "hello@shop.example"
            support_email = "help@shop.example"
            postal_address = "1 Long Street, Town"
        "#;
        Self {
            table: Table::default(),
            shop: Shop::load(settings).unwrap(),
            answer: |_, _| Ok(()),
            mails: Mutex::default(),
            wait_s: AtomicI64::default(),
            push_answer: |_| Ok(()),
            pushes: Mutex::default(),
            texts: Mutex::default(),
        }
    }

    /// The same with the sample cart, whose nudge waits, and its person, who agreed.
    pub(crate) fn new() -> Self {
        let desk = Self::empty();
        let mut cart = cart("c1", "49.00");
        cart.plan(&desk.shop.policy, noon());
        desk.put(Some(cart), Some(contact()));
        desk
    }

    pub(crate) fn put(&self, cart: Option<Cart>, contact: Option<Contact>) {
        let write = Write {
            cart,
            contact,
            ..Write::default()
        };
        run(self.table.store.write(&write)).unwrap();
    }

    /// The next writes go like this, those after them work.
    pub(crate) fn let_writes(&self, fates: impl IntoIterator<Item = Fate>) {
        self.table.fates.lock().unwrap().extend(fates);
    }

    pub(crate) fn cart(&self, key: &CartKey) -> Cart {
        run(self.table.store.cart(key)).unwrap().unwrap()
    }

    pub(crate) fn contact(&self, key: &ContactKey) -> Contact {
        run(self.table.store.contact(key)).unwrap().unwrap()
    }

    pub(crate) fn lines(&self, key: &CartKey) -> Vec<What> {
        let history = run(self.table.store.history(key)).unwrap();
        history.into_iter().map(|entry| entry.what).collect()
    }

    pub(crate) fn pulse(&self) -> Pulse {
        run(self.table.store.pulse(&self.shop.id, noon() - DAY)).unwrap()
    }

    /// All hours' counts, added up.
    pub(crate) fn counts(&self) -> Counts {
        let mut sum = Counts::default();
        for counts in self.pulse().hours.values() {
            sum.add(counts);
        }
        sum
    }

    pub(crate) fn n_writes(&self) -> usize {
        self.table.n_writes.load(Ordering::Relaxed)
    }

    /// Hands the nudge of `key` to a worker that begins at `now`.
    pub(crate) fn remind(&self, key: &CartKey, now: Timestamp) -> Result<Reminded, RemindError> {
        let pulse = self.pulse();
        self.work(now, NO_LIMIT, |worker| {
            run(worker.remind(key, Stage::Nudge, &self.shop, &pulse))
        })
    }

    /// Works off whatever is due of `key` at `now`.
    pub(crate) fn remind_of_due(&self, key: &CartKey, now: Timestamp) -> Reminded {
        let (stage, _) = self.cart(key).sequence.due().unwrap();
        let pulse = self.pulse();
        self.work(now, NO_LIMIT, |worker| {
            run(worker.remind(key, stage, &self.shop, &pulse)).unwrap()
        })
    }

    /// Sweeps the nudges from `now` on.
    pub(crate) fn sweep(&self, now: Timestamp, time_limit: SignedDuration) -> Tally {
        self.sweep_of(Stage::Nudge, now, time_limit)
    }

    /// Sweeps what is due of `stage` from `now` on.
    pub(crate) fn sweep_of(
        &self,
        stage: Stage,
        now: Timestamp,
        time_limit: SignedDuration,
    ) -> Tally {
        self.work(now, time_limit, |worker| {
            run(sweep(worker, stage, Part::WHOLE)).unwrap()
        })
    }

    fn work<T>(
        &self,
        now: Timestamp,
        time_limit: SignedDuration,
        job: impl FnOnce(&Worker<'_, Table, Self>) -> T,
    ) -> T {
        let secret = vec![2; 32];
        let keys = LinkKeys::new(vec![LinkKey { id: 1, secret }]).unwrap();
        let elapsed_s = &self.table.elapsed_s;
        job(&Worker {
            store: &self.table,
            mailer: self,
            keys: &keys,
            nonce: 1,
            started_at: now,
            elapsed: &|| SignedDuration::from_secs(elapsed_s.load(Ordering::Relaxed)),
            time_limit,
            offers: OfferCounts::default(),
            on_decision: None,
        })
    }
}
