//! The functions of one installation on one store, driven by nothing but the JSON of their triggers.
//! Time is a value that the test turns.

use std::sync::Mutex;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::encodings::Body;
use aws_lambda_events::sqs::SqsEvent;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cartback::cart::Cart;
use cartback::contact::Contact;
use cartback::decide::Decision;
use cartback::entry::What;
use cartback::errand::MemoryErrands;
use cartback::ids::{CartKey, ContactKey};
use cartback::mail::Mail;
use cartback::ports::CartStore;
use cartback::shop::Shop;
use cartback::stage::Stage;
use cartback::storefront::secret::Secret;
use cartback::storefront::signature::base64_hmac;
use cartback::storefront::standard_webhooks;
use cartback_aws::gateway::{Call, Response};
use cartback_aws::secrets::Secrets;
use cartback_aws::web::{StandIn, Web};
use feedback::handler::{Report as Told, Trigger};
use fetch::handler::{Fetcher, run_due};
use ingest::doubts::Doubts;
use ingest::handler::Ingest;
use jiff::{SignedDuration, Timestamp};
use links::handler::Links;
use serde_json::{Value, json};
use stage::handler::{Invocation, Report, StageRunner, Tick};

use crate::outbox::Outbox;
use crate::samples::{self, NOON};
use cartback::memory::MemoryStore;

/// Signs what the shop's own system sends.
const STANDARD_SECRET: &str = "whsec_dGhlIHNlY3JldCBvZiB0aGUgdGVzdHMsIDMyIGJ5dGVz";
/// Signs what Shopify sends.
const SHOPIFY_SECRET: &str = "hush";
/// Signs what Stripe sends.
pub const STRIPE_SECRET: &str = "whsec_hush";
/// Signs what WooCommerce sends.
pub const WOOCOMMERCE_SECRET: &str = "hush, hush";
/// The public keys of the sample instance of Saleor.
const SALEOR_KEYS: &str =
    include_str!("../../shared/cartback/fixtures/storefront/saleor/jwks.json");
/// What the shop's backend signs the sessions of its pages with.
pub const PAGE_KEY: &str = "of-the-pages-of-the-tests-";

/// The client secret of the app that BigCommerce's webhooks belong to.
const BIGCOMMERCE_SECRET: &str = "a client secret";

const EVENT: &str = include_str!("../../functions/ingest/fixtures/event.json");
const VISIT: &str = include_str!("../../functions/links/fixtures/unsubscribe.json");
const TICK: &str = include_str!("../../functions/stage/fixtures/nudge.json");
const SES_EVENT: &str = include_str!("../../functions/feedback/fixtures/send.json");

/// The real handlers around one store.
pub struct Installation<S> {
    /// The table.
    pub store: S,
    /// Where mails end up.
    pub outbox: Outbox,
    /// The time of whatever happens next.
    pub now: Timestamp,
    /// Time between two ticks of every schedule.
    pub step: SignedDuration,
    /// Whether SES tells of the mails that it accepted, within the minute.
    pub ses_tells: bool,
    /// What must be asked at storefronts.
    pub errands: MemoryErrands,
    ingest: Ingest<S, MemoryErrands>,
    links: Links<S>,
    runner: StageRunner<S, Outbox>,
    secrets: Secrets,
    n_messages: u32,
    nonce: u128,
}

/// What a function answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: i64,
    /// Where a redirect leads.
    pub location: Option<String>,
    /// The body.
    pub body: String,
}

impl Installation<MemoryStore> {
    /// The sample shop, in memory, at noon.
    pub async fn open() -> Self {
        Self::of(samples::shop()).await
    }

    /// The sample shop with these rules in its policy, such as `consent = "opt_out"`.
    ///
    /// # Panics
    /// When the rules are none.
    pub async fn with_policy(rules: &str) -> Self {
        let toml = format!("{}\n[policy]\n{rules}", samples::SETTINGS);
        Self::of(Shop::load(&toml).unwrap()).await
    }

    async fn of(shop: Shop) -> Self {
        Self::on(MemoryStore::default(), &shop).await
    }
}

impl<S: CartStore + Clone> Installation<S> {
    /// `shop` on an empty `store`, at noon.
    ///
    /// # Panics
    /// When the store does not take the shop.
    pub async fn on(store: S, shop: &Shop) -> Self {
        store.put_shop(shop).await.unwrap();
        let secrets = secrets();
        let keys = secrets.link_keys().unwrap();
        let outbox = Outbox::default();
        let errands = MemoryErrands::default();
        Self {
            ingest: Ingest {
                store: store.clone(),
                errands: errands.clone(),
                secrets: secrets.shops.clone(),
                pepper: secrets.pepper().unwrap(),
                doubts: Doubts::default(),
            },
            errands,
            secrets: secrets.clone(),
            links: Links {
                store: store.clone(),
                keys: keys.clone(),
            },
            runner: StageRunner {
                store: store.clone(),
                mailer: outbox.clone(),
                keys,
            },
            store,
            outbox,
            now: NOON,
            step: SignedDuration::from_mins(1),
            ses_tells: true,
            n_messages: 0,
            nonce: 0,
        }
    }

    /// Sends a message in our own format, signed, with an id of its own.
    pub async fn post_event(&mut self, message: &Value) -> Answer {
        self.n_messages += 1;
        let id = format!("msg-{}", self.n_messages);
        self.post_signed_event(&id, message.to_string().as_bytes())
            .await
    }

    /// Sends a message that must be recorded.
    ///
    /// # Panics
    /// When it is not.
    pub async fn record(&mut self, message: &Value) {
        let answer = self.post_event(message).await;
        assert_eq!(answer.status, 202, "{message}: {}", answer.body);
    }

    /// Sends any bytes in our own format, signed now.
    pub async fn post_signed_event(&self, id: &str, body: &[u8]) -> Answer {
        self.ingest(&self.signed_event(id, body)).await
    }

    /// API Gateway's JSON for what Shopify sends for `topic`, signed.
    #[must_use]
    pub fn shopify_event(&self, topic: &str, body: &[u8]) -> Value {
        let signature = base64_hmac(SHOPIFY_SECRET, body);
        let headers = json!({ "x-shopify-topic": topic, "x-shopify-hmac-sha256": signature });
        self.request("POST", "/webhooks/shopify/demo", headers, body)
    }

    /// API Gateway's JSON for a webhook of BigCommerce's, signed now.
    #[must_use]
    pub fn bigcommerce_event(&self, id: &str, body: &Value) -> Value {
        let body = body.to_string();
        let secret = Secret(STANDARD.encode(BIGCOMMERCE_SECRET));
        let signature = standard_webhooks::sign(&secret, id, self.now, body.as_bytes());
        let headers = json!({
            "webhook-id": id,
            "webhook-timestamp": self.now.as_second().to_string(),
            "webhook-signature": signature,
        });
        self.request(
            "POST",
            "/webhooks/bigcommerce/demo",
            headers,
            body.as_bytes(),
        )
    }

    /// API Gateway's JSON for bytes in our own format, signed now.
    #[must_use]
    pub fn signed_event(&self, id: &str, body: &[u8]) -> Value {
        let secret = Secret(STANDARD_SECRET.to_owned());
        let signature = standard_webhooks::sign(&secret, id, self.now, body).unwrap_or_default();
        let headers = json!({
            "content-type": "application/json",
            "webhook-id": id,
            "webhook-timestamp": self.now.as_second().to_string(),
            "webhook-signature": signature,
        });
        self.request("POST", "/events/demo", headers, body)
    }

    /// API Gateway's JSON for a request now. A body that is not UTF-8 goes as base64.
    ///
    /// # Panics
    /// Never: the fixture is JSON.
    #[must_use]
    pub fn request(&self, method: &str, path: &str, headers: Value, body: &[u8]) -> Value {
        let mut request: Value = serde_json::from_str(EVENT).unwrap();
        request["routeKey"] = json!("$default");
        request["rawPath"] = json!(path);
        request["headers"] = headers;
        request["requestContext"]["http"]["method"] = json!(method);
        request["requestContext"]["http"]["path"] = json!(path);
        request["requestContext"]["timeEpoch"] = json!(self.now.as_millisecond());
        let text = std::str::from_utf8(body);
        request["isBase64Encoded"] = json!(text.is_err());
        request["body"] = json!(text.map_or_else(|_| STANDARD.encode(body), str::to_owned));
        request
    }

    /// Invokes ingest, wired as its `main` does.
    pub async fn ingest(&self, request: &Value) -> Answer {
        match read(request) {
            Ok(call) => ingest::handler::handle(&self.ingest, &call, &[call.received_at])
                .await
                .into(),
            Err(refusal) => (*refusal).into(),
        }
    }

    /// Invokes links, wired as its `main` does.
    pub async fn links(&self, request: &Value) -> Answer {
        match read(request) {
            Ok(call) => links::handler::handle(&self.links, &call).await.into(),
            Err(refusal) => (*refusal).into(),
        }
    }

    /// Runs the errands that are due, as `fetch` would; `url` answers for every storefront.
    ///
    /// # Panics
    /// When `url` is not on this machine.
    pub async fn run_errands(&self, url: &str) {
        run_due(&self.fetcher(url), self.now).await;
    }

    /// Invokes fetch, wired as its `main` does, and gives the ids of the messages that are to come again.
    ///
    /// # Panics
    /// When `url` is not on this machine.
    pub async fn fetch(&self, url: &str, batch: &SqsEvent) -> Vec<String> {
        let response = fetch::handler::handle(&self.fetcher(url), batch, self.now).await;
        let failures = response.batch_item_failures.into_iter();
        failures.map(|failure| failure.item_identifier).collect()
    }

    fn fetcher(&self, url: &str) -> Fetcher<S, MemoryErrands> {
        Fetcher {
            store: self.store.clone(),
            errands: self.errands.clone(),
            secrets: self.secrets.shops.clone(),
            pepper: self.secrets.pepper().unwrap(),
            web: Web::new(Some(StandIn::new(url).unwrap())),
            public: Mutex::default(),
        }
    }

    /// Follows a link of a mail.
    pub async fn get(&self, url: &str) -> Answer {
        self.links(&self.request("GET", path(url), json!({}), b""))
            .await
    }

    /// Presses the button of a link's page, or a mail program's unsubscribe button: one POST by
    /// RFC 8058.
    pub async fn post(&self, url: &str) -> Answer {
        let mut request: Value = serde_json::from_str(VISIT).unwrap();
        request["rawPath"] = json!(path(url));
        request["requestContext"]["timeEpoch"] = json!(self.now.as_millisecond());
        self.links(&request).await
    }

    /// One tick of the schedule of `stage`.
    ///
    /// # Panics
    /// When the stage's function fails.
    pub async fn tick(&mut self, stage: Stage, at: Timestamp) -> Report {
        self.nonce += 1;
        self.outbox.turn(at);
        self.invoke(stage, at, self.nonce).await
    }

    /// Two invocations for one and the same tick, at once.
    ///
    /// # Panics
    /// When one of them fails.
    pub async fn tick_twice(&mut self, stage: Stage, at: Timestamp) -> (Report, Report) {
        self.nonce += 2;
        self.outbox.turn(at);
        let first = self.invoke(stage, at, self.nonce - 1);
        futures_util::future::join(first, self.invoke(stage, at, self.nonce)).await
    }

    async fn invoke(&self, stage: Stage, at: Timestamp, nonce: u128) -> Report {
        let mut tick: Value = serde_json::from_str(TICK).unwrap();
        tick["stage"] = json!(stage);
        tick["now"] = json!(at);
        let tick: Tick = serde_json::from_value(tick).unwrap();
        let invocation = Invocation {
            // Whatever the system clock says, the schedule's time counts.
            started_at: Timestamp::UNIX_EPOCH,
            nonce,
            elapsed: &|| SignedDuration::ZERO,
            time_limit: SignedDuration::from_secs(60),
            on_decision: None,
        };
        let report = stage::handler::handle(&self.runner, tick, &invocation).await;
        let report = report.unwrap();
        assert_eq!(report.n_errors, 0, "{report:?}");
        report
    }

    /// Hands feedback what SES tells of `mail` now: `Send`, `Delivery`, `Complaint`, `Click` and so on;
    /// `Bounce` is a permanent one, `SoftBounce` a transient one.
    ///
    /// # Panics
    /// When feedback fails.
    pub async fn ses_event(&self, kind: &str, mail: &Mail) -> Told {
        let event: Trigger = serde_json::from_value(self.rule_event(kind, mail)).unwrap();
        let told = feedback::handler::handle(&self.store, &event, self.now).await;
        told.unwrap()
    }

    /// The same by the second way: SNS hands over SES's event alone.
    ///
    /// # Panics
    /// When feedback fails.
    pub async fn ses_event_again(&self, kind: &str, mail: &Mail) -> Told {
        let event = self.rule_event(kind, mail)["detail"].take();
        let event: Trigger = serde_json::from_value(event).unwrap();
        let told = feedback::handler::handle(&self.store, &event, self.now).await;
        told.unwrap()
    }

    fn rule_event(&self, kind: &str, mail: &Mail) -> Value {
        let mut event: Value = serde_json::from_str(SES_EVENT).unwrap();
        let detail = &mut event["detail"];
        let bounce = match kind {
            "Bounce" => Some("Permanent"),
            "SoftBounce" => Some("Transient"),
            _ => None,
        };
        detail["eventType"] = json!(bounce.map_or(kind, |_| "Bounce"));
        detail["mail"]["timestamp"] = json!(self.now);
        if let Some(bounce_type) = bounce {
            detail["bounce"] = json!({ "bounceType": bounce_type, "bounceSubType": "General", "timestamp": self.now });
        }
        for (name, value) in mail.tags() {
            detail["mail"]["tags"][name] = json!([value]);
        }
        event
    }

    /// Believes one more secret of `storefront`.
    ///
    /// # Panics
    /// When it cannot be one.
    pub fn believe(&mut self, storefront: &str, secret: &str) {
        let mut all = json!(self.secrets);
        let known = &mut all["shops"]["demo"]["webhooks"][storefront];
        let mut live = known.as_array().cloned().unwrap_or_default();
        live.push(json!(secret));
        *known = json!(live);
        self.secrets = serde_json::from_value(all).unwrap();
        self.ingest.secrets = self.secrets.shops.clone();
    }

    /// Lets time pass up to `to`: every schedule ticks each step, and SES tells of its mails.
    pub async fn run_until(&mut self, to: Timestamp) {
        while self.now + self.step <= to {
            self.now += self.step;
            for stage in Stage::ALL {
                self.tick(stage, self.now).await;
            }
            if self.ses_tells {
                for told in self.outbox.untold() {
                    self.ses_event("Send", &told.mail).await;
                    self.ses_event("Delivery", &told.mail).await;
                }
            }
        }
        self.now = to;
    }

    /// Lets `hours` pass.
    pub async fn run_hours(&mut self, hours: i64) {
        self.run_until(self.now + SignedDuration::from_hours(hours))
            .await;
    }

    /// The cart as it is stored.
    ///
    /// # Panics
    /// When there is none.
    pub async fn cart(&self, id: &str) -> Cart {
        let stored = self.store.cart(&key(id)).await.unwrap();
        stored.unwrap()
    }

    /// The person at `email` as stored.
    ///
    /// # Panics
    /// When there is none.
    pub async fn contact(&self, email: &str) -> Contact {
        let key = ContactKey::new(
            &self.ingest.pepper,
            &samples::shop_id(),
            &email.parse().unwrap(),
        );
        self.store.contact(&key).await.unwrap().unwrap()
    }

    /// What was decided on the cart's reminders, oldest first.
    ///
    /// # Panics
    /// When the history cannot be read.
    pub async fn decisions(&self, id: &str) -> Vec<(Stage, Decision)> {
        let history = self.store.history(&key(id)).await.unwrap();
        let decided = history.into_iter().filter_map(|entry| match entry.what {
            What::Decided(record) => Some((record.stage, record.decision)),
            What::Received { .. }
            | What::Mailed { .. }
            | What::GivenUp { .. }
            | What::Restored { .. }
            | What::Answered { .. } => None,
        });
        decided.collect()
    }
}

/// The secrets of every installation of the tests.
///
/// # Panics
/// Never: they are well-formed.
#[must_use]
pub fn secrets() -> Secrets {
    serde_json::from_value(json!({
        "pepper": STANDARD.encode([1; 32]),
        "link_keys": [{ "id": 1, "secret": STANDARD.encode([2; 32]) }],
        "shops": {
            "demo": {
                "webhooks": {
                    "cartback": [STANDARD_SECRET],
                    "shopify": [SHOPIFY_SECRET],
                    "bigcommerce": [BIGCOMMERCE_SECRET],
                    "saleor": [SALEOR_KEYS],
                    "stripe": [STRIPE_SECRET],
                    "woocommerce": [WOOCOMMERCE_SECRET],
                    "cloudevents": [STANDARD_SECRET],
                    "browser": [format!("pk_demo:{PAGE_KEY}")],
                },
                "api": {
                    "bigcommerce": { "store_hash": "abc123", "access_token": "open sesame" },
                    "snipcart": { "secret_key": "open sesame" },
                    "adobe": { "host": "admin.shop.example", "access_token": "open sesame", "client_id": "client-1" },
                },
            },
        },
    }))
    .unwrap()
}

/// The key of the sample shop's cart `id`.
///
/// # Panics
/// When `id` is none.
#[must_use]
pub fn key(id: &str) -> CartKey {
    CartKey::new(&samples::shop_id(), &id.parse().unwrap())
}

/// The restore link in `mail`.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn restore_link(mail: &Mail) -> String {
    let start = mail.text.find("https://links.shop.example/restore/");
    let link = mail.text[start.unwrap()..].split_whitespace().next();
    link.unwrap().to_owned()
}

/// The link in the `List-Unsubscribe` header of `mail`.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn unsubscribe_link(mail: &Mail) -> String {
    let mut headers = mail.headers.iter();
    let (_, value) = headers
        .find(|(name, _)| *name == "List-Unsubscribe")
        .unwrap();
    value.trim_matches(['<', '>']).to_owned()
}

fn read(request: &Value) -> Result<Call, Box<Response>> {
    let request: ApiGatewayV2httpRequest = serde_json::from_value(request.clone()).unwrap();
    Call::read(request)
}

/// The path of a link; links that are paths already stay as they are.
fn path(url: &str) -> &str {
    url.strip_prefix("https://links.shop.example")
        .unwrap_or(url)
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        let location = response.headers.get("location");
        Self {
            status: response.status_code,
            location: location.map(|value| value.to_str().unwrap().to_owned()),
            body: match response.body {
                Some(Body::Text(text)) => text,
                Some(Body::Binary(bytes)) => String::from_utf8(bytes).unwrap(),
                _ => String::new(),
            },
        }
    }
}
