//! One due cart in a worker's hands, with a provider that answers as told and whose events may come in
//! between.

use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use cartback::cart::Cart;
use cartback::entry::What;
use cartback::evidence::{MailEvent, MailEventKind, Way, note_mail_event};
use cartback::ids::Attempt;
use cartback::link::{LinkKey, LinkKeys};
use cartback::mail::Mail;
use cartback::memory::MemoryStore;
use cartback::ports::{CartStore, Mailer, SendError, Write};
use cartback::pulse::Pulse;
use cartback::remind::{Reminded, Worker};
use cartback::sequence::{Evidence, Outcome, Verdict};
use cartback::shop::Shop;
use cartback::stage::Stage;
use jiff::{SignedDuration, Timestamp};

use crate::samples::{MINUTE, attempt, cart, contact, noon};

/// What the provider does with a mail, and what it says.
type Answer = fn(&Provider, &Mail) -> Result<(), SendError>;

/// A provider, with the table that its events reach.
struct Provider {
    store: MemoryStore,
    answer: Answer,
    mails: Mutex<Vec<Attempt>>,
}

impl Mailer for Provider {
    async fn permit(&self) {}

    async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        self.mails.lock().unwrap().push(mail.attempt);
        (self.answer)(self, mail)
    }
}

/// Polls `work` until it is done; nothing here waits for anything else.
fn run<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return done;
        }
    }
}

fn shop() -> Shop {
    let settings = r#"
        id = "demo"
        name = "Demo"
        url = "https://shop.example"
        hosts = ["shop.example"]
        links_url = "https://links.shop.example"
        from = "hello@shop.example"
        support_email = "help@shop.example"
        postal_address = "1 Long Street, Town"

        [policy]
        on_unknown = "resend"
    "#;
    Shop::load(settings).unwrap()
}

fn keys() -> LinkKeys {
    let secret = vec![2; 32];
    LinkKeys::new(vec![LinkKey { id: 1, secret }]).unwrap()
}

/// A store with `cart` in it, of Ada's.
fn store_of(cart: Cart) -> MemoryStore {
    let store = MemoryStore::default();
    let write = Write {
        cart: Some(cart),
        contact: Some(contact()),
        ..Write::default()
    };
    run(store.put_shop(&shop())).unwrap();
    run(store.write(&write)).unwrap();
    store
}

fn remind(provider: &Provider, key: &cartback::ids::CartKey, now: Timestamp) -> Reminded {
    let (keys, shop) = (keys(), shop());
    let worker = Worker {
        store: &provider.store,
        mailer: provider,
        keys: &keys,
        nonce: 1,
        started_at: now,
        elapsed: &|| SignedDuration::ZERO,
        on_decision: None,
    };
    run(worker.remind(key, Stage::Nudge, &shop, &Pulse::default())).unwrap()
}

fn told(store: &MemoryStore, mail: &Mail, attempt: Attempt) -> Option<Evidence> {
    let event = MailEvent {
        cart: mail.cart.clone(),
        contact: mail.contact.clone(),
        stage: mail.stage,
        attempt,
        kind: MailEventKind::Send,
        way: Way::First,
        at: noon(),
    };
    run(note_mail_event(store, &event, noon())).unwrap()
}

#[test]
fn a_reply_that_comes_after_evidence_of_an_older_mail_tells_of_a_duplicate() {
    let mut again = cart("c1", "49.00");
    again.plan(&shop().policy, noon());
    let (_, due_at) = again.sequence.due().unwrap();
    assert!(again.sequence.reserve(attempt(1), due_at));
    let now = due_at + MINUTE * 15;
    let _ = again.sequence.expire(Verdict::Resend, now);
    let key = again.key.clone();
    let provider = Provider {
        store: store_of(again),
        answer: |provider, mail| {
            let evidence = told(&provider.store, mail, attempt(1));
            assert_eq!(evidence, Some(Evidence::Settled));
            Ok(())
        },
        mails: Mutex::default(),
    };
    assert_eq!(remind(&provider, &key, now), Reminded::Duplicate);
    let cart = run(provider.store.cart(&key)).unwrap().unwrap();
    let log = &cart.sequence.log[0];
    let first = Outcome::Sent {
        attempt: attempt(1),
    };
    let mails = provider.mails.lock().unwrap();
    assert_eq!((&log.outcome, &log.duplicates), (&first, &*mails));
    let history = run(provider.store.history(&key)).unwrap();
    let is_told = |what: &What| matches!(what, What::Mailed { event, .. } if event == "duplicate");
    assert_eq!(history.iter().filter(|line| is_told(&line.what)).count(), 1);
    let pulse = run(provider.store.pulse(key.shop(), noon())).unwrap();
    let counts = pulse.hours.values();
    let n_counted: u64 = counts.map(|it| it.mails(Stage::Nudge).n_duplicates).sum();
    assert_eq!(n_counted, 1);
}
