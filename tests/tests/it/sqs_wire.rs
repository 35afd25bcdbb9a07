//! What really goes out to SQS: an errand's body and delay, and when it is to come again.

use std::sync::Mutex;
use std::sync::atomic::Ordering;

use cartback::errand::Errand;
use cartback::memory::MemoryStore;
use cartback::ports::{CartStore, Errands, WriteError};
use cartback::storefront::snipcart::Snipcart;
use cartback::storefront::{Message, Storefront};
use cartback_aws::clients;
use cartback_aws::errands::SqsErrands;
use cartback_aws::web::{StandIn, Web};
use cartback_tests::installation::secrets;
use cartback_tests::samples::{self, NOON};
use cartback_tests::wire::{Reply, Request, Wire};
use fetch::handler::{Fetcher, handle};
use http::HeaderMap;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::fetch::Refusing;

const QUEUE: &str = "https://sqs.us-east-1.amazonaws.com/123456789012/cartback-errands";
const ORDER: &[u8] =
    include_bytes!("../../../shared/cartback/fixtures/storefront/snipcart/order-completed.json");

#[tokio::test]
async fn an_errand_is_sent_as_it_is_with_its_delay() {
    for (wait, delay) in [
        (SignedDuration::ZERO, 0),
        (SignedDuration::from_secs(90), 90),
        // SQS holds a new message back for 15 minutes at most.
        (SignedDuration::from_hours(1), 900),
        (SignedDuration::from_secs(-5), 0),
    ] {
        let wire = Wire::start(taken);
        queue(&wire.url).put(&errand(), wait).await.unwrap();
        let [request] = &wire.requests()[..] else {
            panic!("one request: {:?}", wire.requests())
        };
        assert_eq!(target(request), "AmazonSQS.SendMessage");
        let sent =
            json!({ "QueueUrl": QUEUE, "MessageBody": errand().to_json(), "DelaySeconds": delay });
        assert_eq!(body(request), sent, "{wait}");
    }
}

#[tokio::test]
async fn an_errand_to_come_again_is_hidden_until_then() {
    for (wait, seconds) in [
        (SignedDuration::from_secs(15), 15),
        (SignedDuration::from_hours(1), 3600),
        // Twelve hours at most.
        (SignedDuration::from_hours(13), 43_200),
    ] {
        let wire = Wire::start(taken);
        queue(&wire.url).postpone("receipt", wait).await.unwrap();
        let request = &wire.requests()[0];
        assert_eq!(target(request), "AmazonSQS.ChangeMessageVisibility");
        let sent =
            json!({ "QueueUrl": QUEUE, "ReceiptHandle": "receipt", "VisibilityTimeout": seconds });
        assert_eq!(body(request), sent);
    }
}

#[tokio::test]
async fn a_refusal_of_the_queue_is_told_and_a_passing_one_tried_again() {
    let refusal = r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"}"#;
    let wire = Wire::start(|_| Reply::Status(400, refusal.to_owned()));
    let put = queue(&wire.url).put(&errand(), SignedDuration::ZERO).await;
    assert!(matches!(put, Err(WriteError::Unknown(_))), "{put:?}");
    let late = queue(&wire.url).postpone("r", SignedDuration::ZERO).await;
    assert!(matches!(late, Err(WriteError::Unknown(_))), "{late:?}");
    assert_eq!(
        wire.requests().len(),
        2,
        "a refusal for good is not repeated"
    );
    let is_first = Mutex::new(true);
    let wire = Wire::start(move |request| {
        if std::mem::take(&mut *is_first.lock().unwrap()) {
            return Reply::Status(503, String::new());
        }
        taken(request)
    });
    let put = queue(&wire.url).put(&errand(), SignedDuration::ZERO).await;
    assert!(put.is_ok(), "{put:?}");
    assert_eq!(wire.requests().len(), 2);
    let nobody = queue(&Wire::nobody());
    assert!(nobody.put(&errand(), SignedDuration::ZERO).await.is_err());
}

#[tokio::test]
async fn a_storefronts_pause_moves_the_message_and_leaves_it_in_the_queue() {
    let limited = Wire::start(|_| Reply::With(429, "retry-after: 3600", String::new()));
    let sqs = Wire::start(taken);
    let left = run(MemoryStore::default(), &sqs, &limited).await;
    assert_eq!(left, ["m-1"]);
    let [request] = &sqs.requests()[..] else {
        panic!("one request: {:?}", sqs.requests())
    };
    assert_eq!(target(request), "AmazonSQS.ChangeMessageVisibility");
    assert_eq!(body(request)["ReceiptHandle"], "receipt-1");
    assert_eq!(body(request)["VisibilityTimeout"], 3600);
}

#[tokio::test]
async fn a_finished_errand_asks_nothing_of_the_queue() {
    let genuine = Wire::start(|_| Reply::Status(200, "{}".to_owned()));
    let sqs = Wire::start(taken);
    let left = run(MemoryStore::default(), &sqs, &genuine).await;
    assert!(left.is_empty(), "{left:?}");
    assert!(sqs.requests().is_empty());
}

#[tokio::test]
async fn a_proof_that_cannot_be_had_twice_goes_back_with_a_new_message() {
    let genuine = Wire::start(|_| Reply::Status(200, "{}".to_owned()));
    let store = Refusing::default();
    store.is_refusing.store(true, Ordering::Relaxed);
    let sqs = Wire::start(taken);
    let left = run(store.clone(), &sqs, &genuine).await;
    assert!(left.is_empty(), "the new message stands for the old one");
    let request = &sqs.requests()[0];
    assert_eq!(target(request), "AmazonSQS.SendMessage");
    let again: Errand =
        serde_json::from_str(body(request)["MessageBody"].as_str().unwrap()).unwrap();
    assert_eq!(again.replies.len(), 1);
    // The queue does not take it: the old message has to stay.
    let refusing = Wire::start(|request| match target(request).as_str() {
        "AmazonSQS.SendMessage" => Reply::Status(400, "{}".to_owned()),
        _ => taken(request),
    });
    assert_eq!(run(store, &refusing, &genuine).await, ["m-1"]);
}

/// Hands fetch one message with the errand, as SQS does; gives the ids of those that stay.
async fn run<S: CartStore>(store: S, sqs: &Wire, storefront: &Wire) -> Vec<String> {
    store.put_shop(&samples::shop()).await.unwrap();
    let secrets = secrets();
    let fetcher = Fetcher {
        store,
        errands: queue(&sqs.url),
        pepper: secrets.pepper().unwrap(),
        secrets: secrets.shops,
        web: Web::new(StandIn::new(&storefront.url)),
        public: Mutex::default(),
    };
    let batch = json!({ "Records": [{
        "messageId": "m-1", "receiptHandle": "receipt-1", "body": errand().to_json(),
        "attributes": { "ApproximateReceiveCount": "1" }, "messageAttributes": {},
    }] });
    let batch = serde_json::from_value(batch).unwrap();
    let response = handle(&fetcher, &batch, NOON).await;
    let failures = response.batch_item_failures.into_iter();
    failures.map(|failure| failure.item_identifier).collect()
}

fn queue(url: &str) -> SqsErrands {
    SqsErrands::new(clients::sqs(&clients::local(url)), QUEUE)
}

fn errand() -> Errand {
    let mut headers = HeaderMap::new();
    headers.insert("x-snipcart-requesttoken", "token-1".parse().unwrap());
    let message = Message {
        headers: &headers,
        body: ORDER,
    };
    let fetch = Snipcart.fetch().unwrap();
    Errand::new(&samples::shop_id(), &Snipcart, fetch, message, NOON).unwrap()
}

/// What SQS says when it has taken a message, and to all that needs no more than a yes.
fn taken(_: &Request) -> Reply {
    Reply::Status(200, r#"{"MessageId":"m-2"}"#.to_owned())
}

fn target(request: &Request) -> String {
    let mut lines = request.head.lines();
    let target = lines.find_map(|line| line.strip_prefix("x-amz-target: "));
    target.unwrap_or_default().to_owned()
}

fn body(request: &Request) -> Value {
    serde_json::from_str(&request.body).unwrap()
}
