//! Asking storefronts back, over a real connection: what is asked, how long a storefront is left alone,
//! and that nothing unproven is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cartback::cart::Cart;
use cartback::contact::Contact;
use cartback::entry::Entry;
use cartback::ids::{CartKey, ContactKey, ShopId};
use cartback::memory::MemoryStore;
use cartback::offer::{Ask, PoolCode, Stock};
use cartback::part::Part;
use cartback::ports::{CartStore, DueCart, Errands, ReadError, Write, WriteError};
use cartback::product::Product;
use cartback::pulse::{Counts, Pulse};
use cartback::request::Request;
use cartback::shop::Shop;
use cartback::stage::Stage;
use cartback::standing::Standing;
use cartback::storefront::fetch::{Question, Wait};
use cartback::storefront::secret::Secret;
use cartback_aws::web::{StandIn, Web};
use cartback_tests::installation::{Answer, Installation};
use cartback_tests::samples::{self, NOON};
use cartback_tests::wire::{Reply, Wire};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const ORDER: &[u8] =
    include_bytes!("../../../shared/cartback/fixtures/storefront/snipcart/order-completed.json");
const QUOTE_SAVED: &[u8] =
    include_bytes!("../../../shared/cartback/fixtures/storefront/adobe/quote-saved.json");
const QUOTE: &str =
    include_str!("../../../shared/cartback/fixtures/storefront/adobe/reply-quote.json");
const KEY: &str = include_str!("../../../shared/cartback/fixtures/storefront/adobe/key.pem");
const SIGNATURES: &str =
    include_str!("../../../shared/cartback/fixtures/storefront/adobe/signatures.txt");
const TOKEN_OF_ORDER: &str = "0f2d6c1e-1111-4222-8333-944455556666";

#[tokio::test]
async fn a_question_says_what_it_should_and_no_more() {
    let wire = Wire::start(|_| Reply::Status(200, "{}".to_owned()));
    let reply = ask(&wire, Duration::from_secs(5)).await.unwrap();
    assert_eq!((reply.status, reply.body.as_str()), (200, "{}"));
    let head = wire.requests()[0].head.to_lowercase();
    let mut lines: Vec<&str> = head
        .lines()
        .filter(|line| !line.starts_with("host:"))
        .collect();
    lines.sort_unstable();
    let expected = [
        "",
        "accept: application/json",
        "get /stores/abc123/v3/carts/1 http/1.1",
        "user-agent: cartback",
        "x-auth-token: hush",
    ];
    let lines: Vec<&str> = lines
        .into_iter()
        .filter(|line| !line.starts_with("accept-encoding"))
        .collect();
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Wire::start(|_| Reply::Status(200, "{}".to_owned()));
    let place = format!("location: {}/x", elsewhere.url);
    let place: &'static str = place.leak();
    let wire = Wire::start(move |_| Reply::With(302, place, String::new()));
    let wait = ask(&wire, Duration::from_secs(5)).await.unwrap_err();
    assert!(wait.needs_operator, "{wait:?}");
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn what_does_not_answer_or_answers_too_much_is_asked_again_later() {
    let long = "x".repeat(1024 * 1024 + 1);
    for (reply, timeout) in [
        (Reply::Hang, Duration::from_millis(300)),
        (Reply::Close, Duration::from_secs(5)),
        (Reply::Status(200, long), Duration::from_secs(5)),
        (Reply::Status(500, String::new()), Duration::from_secs(5)),
    ] {
        let wire = Wire::start(move |_| reply.clone());
        let wait = ask(&wire, timeout).await.unwrap_err();
        assert_eq!(wait.duration, SignedDuration::from_secs(15), "{wait:?}");
    }
    let nobody = StandIn::new(&Wire::nobody());
    let refused = Web::new(nobody)
        .ask(&question(), 3, NOON)
        .await
        .unwrap_err();
    assert_eq!(refused.duration, SignedDuration::from_secs(60));
}

#[tokio::test]
async fn a_storefront_that_asks_for_a_pause_gets_it() {
    let limited = Wire::start(|_| Reply::With(429, "retry-after: 3600", String::new()));
    let mut shop = Installation::open().await;
    assert_eq!(cart_updated(&shop).await, 200);
    shop.run_errands(&limited.url).await;
    let waiting = &shop.errands.waiting()[0];
    assert_eq!(waiting.wait, SignedDuration::from_hours(1));
    assert_eq!(waiting.attempt, 1);
    shop.now += SignedDuration::from_mins(59);
    shop.run_errands(&limited.url).await;
    assert_eq!(limited.requests().len(), 1, "not before the hour is over");
    let gone = Wire::start(|_| Reply::Status(404, String::new()));
    shop.now += SignedDuration::from_mins(1);
    shop.run_errands(&gone.url).await;
    assert!(
        shop.errands.waiting().is_empty(),
        "a cart that is gone is done with"
    );
}

#[tokio::test]
async fn a_wrong_password_keeps_the_errand() {
    let wire = Wire::start(|_| Reply::Status(401, String::new()));
    let shop = Installation::open().await;
    cart_updated(&shop).await;
    shop.run_errands(&wire.url).await;
    assert_eq!(
        shop.errands.waiting()[0].wait,
        SignedDuration::from_mins(15)
    );
}

#[tokio::test]
async fn nothing_of_a_message_is_recorded_before_it_is_proven() {
    let shop = Installation::open().await;
    let before = shop.store.snapshot();
    let answer = snipcart(&shop, "token-1").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(before == shop.store.snapshot());
    let unknown = Wire::start(|_| Reply::Status(404, String::new()));
    shop.run_errands(&unknown.url).await;
    assert!(before == shop.store.snapshot());
    assert!(shop.errands.waiting().is_empty());
    let path = "GET /api/requestvalidation/token-1 ";
    assert!(unknown.requests()[0].head.starts_with(path));
    for token in ["../x", "a/b", ""] {
        assert_eq!(snipcart(&shop, token).await.status, 401, "{token}");
    }
    assert!(shop.errands.waiting().is_empty());
}

#[tokio::test]
async fn a_proven_order_is_recorded_and_running_its_errand_twice_changes_nothing() {
    let genuine = Wire::start(|_| Reply::Status(200, "{}".to_owned()));
    let shop = Installation::open().await;
    snipcart(&shop, "token-1").await;
    let errand = shop.errands.waiting()[0].errand.clone();
    shop.run_errands(&genuine.url).await;
    let once = shop.store.snapshot();
    assert!(shop.cart(TOKEN_OF_ORDER).await.facts.order.is_some());
    let again = shop.errands.put(&errand, SignedDuration::ZERO).await;
    again.unwrap();
    shop.run_errands(&genuine.url).await;
    assert!(once == shop.store.snapshot());
}

#[tokio::test]
async fn an_order_whose_proof_may_be_used_up_is_kept_for_people() {
    let mut shop = Installation::open().await;
    snipcart(&shop, "token-1").await;
    let broken = Wire::start(|_| Reply::Close);
    shop.run_errands(&broken.url).await;
    shop.now += SignedDuration::from_hours(1);
    let unknown = Wire::start(|_| Reply::Status(404, String::new()));
    shop.run_errands(&unknown.url).await;
    assert_eq!(shop.errands.waiting().len(), 1);
}

#[tokio::test]
async fn a_proof_is_asked_for_once_though_the_table_refuses_the_order() {
    let genuine = Wire::start(|_| Reply::Status(200, "{}".to_owned()));
    let store = Refusing::default();
    let mut shop = Installation::on(store.clone(), &samples::shop()).await;
    snipcart(&shop, "token-1").await;
    store.is_refusing.store(true, Ordering::Relaxed);
    shop.run_errands(&genuine.url).await;
    assert_eq!(
        shop.errands.waiting().len(),
        1,
        "one with the proof, in place of the first"
    );
    store.is_refusing.store(false, Ordering::Relaxed);
    shop.now += SignedDuration::from_mins(1);
    shop.run_errands(&genuine.url).await;
    assert!(shop.cart(TOKEN_OF_ORDER).await.facts.order.is_some());
    assert!(shop.errands.waiting().is_empty());
    assert_eq!(genuine.requests().len(), 1);
}

#[tokio::test]
async fn an_adobe_quote_is_proven_asked_for_and_recorded() {
    let adobe = Wire::start(|request| {
        let path = request.head.split(' ').nth(1).unwrap();
        match path {
            "/prod/keys/a.pem" => Reply::Status(200, KEY.to_owned()),
            "/rest/V1/carts/9007199254740993" => Reply::Status(200, QUOTE.to_owned()),
            _ => Reply::Status(404, String::new()),
        }
    });
    let shop = Installation::open().await;
    assert_eq!(quote_saved(&shop, QUOTE_SAVED).await, 200);
    shop.run_errands(&adobe.url).await;
    assert_eq!(adobe.requests().len(), 2);
    let cart = shop.cart("9007199254740993").await;
    assert_eq!(cart.facts.contents.unwrap().value.lines.len(), 1);
    let before = shop.store.snapshot();
    let mut forged = QUOTE_SAVED.to_vec();
    forged[2] = b'\t';
    assert_eq!(quote_saved(&shop, &forged).await, 200);
    shop.run_errands(&adobe.url).await;
    assert!(before == shop.store.snapshot());
    assert!(shop.errands.waiting().is_empty());
}

#[tokio::test]
async fn adobes_challenge_is_echoed_as_plain_text() {
    let shop = Installation::open().await;
    let ask = async |path: &str, query: &str| {
        let mut request = shop.request("GET", path, json!({}), b"");
        request["rawQueryString"] = json!(query);
        shop.ingest(&request).await
    };
    let answer = ask("/webhooks/adobe/demo", "challenge=8ec8d794").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "8ec8d794"));
    for (path, query) in [
        ("/webhooks/adobe/demo", "challenge=%3Cb%3E"),
        ("/webhooks/adobe/demo", ""),
        ("/webhooks/adobe/nobody", "challenge=1"),
        ("/webhooks/shopify/demo", "challenge=1"),
    ] {
        assert_eq!(ask(path, query).await.status, 404, "{path}?{query}");
    }
}

#[tokio::test]
async fn the_sample_errands_come_again_only_where_they_cannot_be_read() {
    let sample = include_str!("../../../functions/fetch/fixtures/errands.json");
    let shop = Installation::open().await;
    let nobody = Wire::nobody();
    let left = shop
        .fetch(&nobody, &serde_json::from_str(sample).unwrap())
        .await;
    assert_eq!(left, ["2"]);
}

fn question() -> Question {
    let question = Question::get(
        "api.bigcommerce.com",
        &["stores", "abc123", "v3", "carts", "1"],
    );
    question
        .unwrap()
        .header("x-auth-token", Secret("hush".to_owned()))
}

async fn ask(wire: &Wire, timeout: Duration) -> Result<cartback::storefront::fetch::Reply, Wait> {
    let web = Web::within(StandIn::new(&wire.url), timeout);
    web.ask(&question(), 1, NOON).await
}

async fn cart_updated(shop: &Installation<MemoryStore>) -> i64 {
    let notice = json!({ "scope": "store/cart/updated", "data": { "id": "1" } });
    shop.ingest(&shop.bigcommerce_event("msg_1", &notice))
        .await
        .status
}

async fn snipcart<S: CartStore + Clone>(shop: &Installation<S>, token: &str) -> Answer {
    let headers = json!({ "x-snipcart-requesttoken": token });
    let request: Value = shop.request("POST", "/webhooks/snipcart/demo", headers, ORDER);
    shop.ingest(&request).await
}

async fn quote_saved(shop: &Installation<MemoryStore>, body: &[u8]) -> i64 {
    let line = SIGNATURES
        .lines()
        .find_map(|line| line.strip_prefix("quote-saved "));
    let headers = json!({
        "x-adobe-digital-signature-1": line.unwrap(),
        "x-adobe-public-key1-path": "/prod/keys/a.pem",
    });
    let request = shop.request("POST", "/webhooks/adobe/demo", headers, body);
    shop.ingest(&request).await.status
}

/// A table that can be read, and written when it is not told to refuse.
#[derive(Clone, Default)]
pub(crate) struct Refusing {
    store: MemoryStore,
    pub(crate) is_refusing: Arc<AtomicBool>,
}

impl CartStore for Refusing {
    async fn cart(&self, key: &CartKey) -> Result<Option<Cart>, ReadError> {
        self.store.cart(key).await
    }

    async fn contact(&self, key: &ContactKey) -> Result<Option<Contact>, ReadError> {
        self.store.contact(key).await
    }

    async fn shop(&self, id: &ShopId) -> Result<Option<Shop>, ReadError> {
        self.store.shop(id).await
    }

    async fn due(
        &self,
        stage: Stage,
        part: Part,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueCart>, ReadError> {
        self.store.due(stage, part, now, limit).await
    }

    async fn history(&self, key: &CartKey) -> Result<Vec<Entry>, ReadError> {
        self.store.history(key).await
    }

    async fn forget_history(&self, key: &CartKey) -> Result<(), WriteError> {
        self.store.forget_history(key).await
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
        if self.is_refusing.load(Ordering::Relaxed) {
            return Err(WriteError::Unavailable("throttled".into()));
        }
        self.store.write(write).await
    }

    async fn count(&self, shop: &ShopId, at: Timestamp, counts: &Counts) -> Result<(), WriteError> {
        self.store.count(shop, at, counts).await
    }

    async fn pulse(&self, shop: &ShopId, since: Timestamp) -> Result<Pulse, ReadError> {
        self.store.pulse(shop, since).await
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
