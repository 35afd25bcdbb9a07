//! The store contract against memory and the emulated table, and what only the table has.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cartback::cart::Cart;
use cartback::event::Change;
use cartback::memory::MemoryStore;
use cartback::policy::Policy;
use cartback::ports::{CartStore, ReadError, Write, WriteError};
use cartback::pulse::Counts;
use cartback::stage::Stage;
use cartback_aws::clients::local_dynamodb;
use cartback_aws::store::{Consumed, DynamoStore, Stream};
use cartback_tests::emulator::Table;
use cartback_tests::samples::{self, NOON};
use cartback_tests::wire::{Reply, Wire};
use futures_util::future::join_all;

mod memory {
    cartback_tests::store_contract!(super::in_memory);
}

mod dynamo {
    cartback_tests::store_contract!(super::Table::open);
}

#[derive(Default)]
struct InMemory {
    store: MemoryStore,
}

impl InMemory {
    async fn close(self) {}
}

async fn in_memory() -> InMemory {
    InMemory::default()
}

#[tokio::test]
async fn a_table_that_exists_is_not_created_again() {
    let table = Table::open().await;
    table.store.create_table(Stream::Images).await.unwrap();
    table.close().await;
}

#[tokio::test]
async fn every_shop_with_settings_is_listed_once() {
    let table = Table::open().await;
    assert_eq!(table.store.shops().await.unwrap(), []);
    let mut ids = Vec::new();
    for id in ["beta", "alpha", "beta"] {
        let mut shop = samples::shop();
        shop.id = id.parse().unwrap();
        table.store.put_shop(&shop).await.unwrap();
        ids.push(shop.id);
    }
    assert_eq!(
        table.store.shops().await.unwrap(),
        [ids[1].clone(), ids[0].clone()]
    );
    table.close().await;
}

#[tokio::test]
async fn an_operator_sees_all_carts_of_a_shop_and_no_others() {
    let table = Table::open().await;
    let carts = ["c1", "c2", "c3"].map(samples::cart);
    for cart in &carts {
        let entries = vec![samples::received(&cart.key, "m-1", 0)];
        let write = Write {
            cart: Some(cart.clone()),
            entries,
            ..Write::default()
        };
        table.store.write(&write).await.unwrap();
    }
    let mut seen = table.store.carts(carts[0].key.shop()).await.unwrap();
    seen.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(seen, carts.map(|cart| Cart { version: 1, ..cart }));
    assert_eq!(
        table.store.carts(&"dem".parse().unwrap()).await.unwrap(),
        []
    );
    table.close().await;
}

#[tokio::test]
async fn after_a_lost_reply_no_refusal_proves_that_nothing_was_stored() {
    let throttled = || reply(400, "ThrottlingException");
    let lost = || Reply::Close;
    let cases = [
        (vec![throttled()], "unavailable"),
        (vec![reply(400, "ValidationException")], "unavailable"),
        (vec![reply(400, "TransactionConflictException")], "conflict"),
        (
            vec![reply(400, "TransactionInProgressException")],
            "unknown",
        ),
        (vec![lost()], "unknown"),
        (vec![lost(), throttled()], "unknown"),
        (
            vec![reply(500, "InternalServerError"), throttled()],
            "unknown",
        ),
        (
            vec![Reply::Status(200, "{".to_owned()), throttled()],
            "unknown",
        ),
        (
            vec![lost(), reply(400, "ConditionalCheckFailedException")],
            "conflict",
        ),
    ];
    let outcomes = join_all(cases.iter().map(|(replies, _)| outcome(replies.clone()))).await;
    for ((replies, expected), outcome) in cases.iter().zip(outcomes) {
        assert_eq!(outcome, *expected, "{replies:?}");
    }
}

#[tokio::test]
async fn a_table_out_of_reach_stored_nothing() {
    let store = DynamoStore::new(local_dynamodb(&Wire::nobody()), "cartback", 4);
    let write = Write {
        cart: Some(samples::cart("c1")),
        ..Write::default()
    };
    let answer = store.write(&write).await;
    assert!(
        matches!(answer, Err(WriteError::Unavailable(_))),
        "{answer:?}"
    );
}

#[tokio::test]
async fn what_cannot_be_understood_is_corrupt_and_not_repeated_in_the_error() {
    let item = r#"{"Item":{"v":{"N":"1"},"body":{"S":"{\"key\":\"ada@example.com\"}"}}}"#;
    let wire = Wire::start(move |_| Reply::Status(200, item.to_owned()));
    let store = DynamoStore::new(local_dynamodb(&wire.url), "cartback", 4);
    let error = store.cart(&samples::cart("c1").key).await.unwrap_err();
    assert!(matches!(error, ReadError::Corrupt(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("ada"), "{error:?}");
}

/// A mail waits for its readings once, and of a batch that was throttled in part nothing gets lost.
#[tokio::test]
async fn what_a_batch_leaves_out_is_asked_for_again() {
    let shop = samples::shop_id();
    let item = |variant: &str| {
        let key = format!(r#""pk":{{"S":"PRODUCT#{shop}"}},"sk":{{"S":"{variant}"}}"#);
        let body = format!(r#"{{\"shop\":\"{shop}\",\"variant\":\"{variant}\"}}"#);
        (
            format!("{{{key}}}"),
            format!(r#"{{{key},"v":{{"N":"1"}},"body":{{"S":"{body}"}}}}"#),
        )
    };
    let ((_, mug), (left, tent)) = (item("mug"), item("tent"));
    let batch = format!(
        r#"{{"Responses":{{"cartback":[{mug}]}},"UnprocessedKeys":{{"cartback":{{"Keys":[{left}]}}}}}}"#
    );
    let wire = Wire::start(move |request| {
        let is_batch = request.head.contains("BatchGetItem");
        let body = if is_batch {
            batch.clone()
        } else {
            format!(r#"{{"Item":{tent}}}"#)
        };
        Reply::Status(200, body)
    });
    let store = DynamoStore::new(local_dynamodb(&wire.url), "cartback", 4);
    let wanted = ["mug", "never", "tent"].into();
    let found = store.products(&shop, &wanted).await.unwrap();
    let found: Vec<_> = found.iter().map(|product| &product.variant).collect();
    assert_eq!(found, ["mug", "tent"]);
    assert_eq!(wire.requests().len(), 2);
}

/// Write units are what the table costs. A number that grows here grows on the shop's bill.
#[tokio::test]
async fn an_event_costs_two_write_units_and_a_mail_ten() {
    let table = Table::open().await;
    let consumed = Arc::new(Consumed::default());
    let store = table.store.clone().metered(Arc::clone(&consumed));
    let spent = || consumed.writes.swap(0, Ordering::Relaxed);
    let policy = Policy::default();
    let contact = samples::contact();
    let mut cart = samples::cart("c1");
    cart.plan(&policy, NOON);
    write_event(&store, &cart, 1).await;
    assert_eq!(
        spent(),
        3_000,
        "the first event, which enters the due index"
    );

    let changed = Change::CartUpdated(samples::contents(3));
    let changed = samples::event("m-2", NOON, changed);
    cart.version = 1;
    cart.apply(&changed, None, &policy, NOON);
    write_event(&store, &cart, 2).await;
    assert_eq!(spent(), 2_000, "an ordinary event");

    cart.version = 2;
    let mut reservation = samples::reservation(&cart, &contact, 1);
    let entries = std::mem::take(&mut reservation.entries);
    store.write(&reservation).await.unwrap();
    assert_eq!(spent(), 6_000, "a reservation");
    let decision = Write {
        entries,
        ..Write::default()
    };
    store.write(&decision).await.unwrap();
    assert_eq!(spent(), 1_000, "its decision");

    let mut cart = Cart {
        version: 3,
        ..reservation.cart.unwrap()
    };
    let attempt = reservation.attempt.unwrap();
    let _ = cart.accept(Stage::Nudge, attempt, &policy, NOON);
    let settled = Write {
        cart: Some(cart),
        ..Write::default()
    };
    store.write(&settled).await.unwrap();
    assert_eq!(spent(), 3_000, "a settled mail");
    table.close().await;
}

/// A mail is counted twice at most, its reply with others of its sweep and its evidence alone.
#[tokio::test]
async fn a_count_costs_one_write_unit() {
    let table = Table::open().await;
    let consumed = Arc::new(Consumed::default());
    let store = table.store.clone().metered(Arc::clone(&consumed));
    let mut all = Counts::default();
    all.told_at = Some(NOON);
    for (_, n) in all.named() {
        *n = 1_000_000;
    }
    for counts in [&Counts::order(), &all, &all] {
        store
            .count(&samples::shop_id(), NOON, counts)
            .await
            .unwrap();
        assert_eq!(consumed.writes.swap(0, Ordering::Relaxed), 1_000);
    }
    table.close().await;
}

async fn write_event(store: &DynamoStore, cart: &Cart, minute: i64) {
    let id = format!("b54557e4-bdd9-4b37-8a5f-bf7d70bcd0{minute:02}");
    let entries = vec![samples::received(&cart.key, &id, minute)];
    let write = Write {
        cart: Some(cart.clone()),
        entries,
        ..Write::default()
    };
    store.write(&write).await.unwrap();
}

/// What the store makes of these replies to its attempts at one conditional write; the last one repeats.
async fn outcome(replies: Vec<Reply>) -> &'static str {
    let n_requests = AtomicUsize::new(0);
    let wire = Wire::start(move |_| {
        let n = n_requests.fetch_add(1, Ordering::Relaxed);
        replies[n.min(replies.len() - 1)].clone()
    });
    let store = DynamoStore::new(local_dynamodb(&wire.url), "cartback", 4);
    let write = Write {
        cart: Some(samples::cart("c1")),
        ..Write::default()
    };
    match store.write(&write).await {
        Ok(()) => "stored",
        Err(WriteError::Conflict) => "conflict",
        Err(WriteError::Unavailable(_)) => "unavailable",
        Err(WriteError::Unknown(_)) => "unknown",
    }
}

fn reply(status: u16, code: &str) -> Reply {
    let body = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"no"}}"#);
    Reply::Status(status, body)
}
