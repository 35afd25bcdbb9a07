//! What the functions talk to, all on loopback and all by TLS as on AWS: `dynoxide` for DynamoDB, and a stub that
//! answers for SES, the parameter store, the bus and a storefront as shortly as they do. The chain of certificates is as long as Amazon's.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use cartback_aws::clients::local_dynamodb;
use cartback_aws::store::{DynamoStore, Stream};
use cartback_tests::emulator::Emulator;
use cartback_tests::tls::Authority;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::events;

/// The table of Cartback's functions.
pub(crate) const TABLE: &str = "cartback";

/// The installation's secrets, as the parameter store holds them.
const SECRETS: &str = r#"{
    "pepper": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
    "link_keys": [{ "id": 1, "secret": "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=" }],
    "shops": { "demo": { 
        "webhooks": { "cartback": ["whsec_dGhlIHNlY3JldCBvZiB0aGUgdGVzdHMsIDMyIGJ5dGVz"] },
        "api": { "bigcommerce": { "store_hash": "abc123", "access_token": "open sesame" } }
    } }
}"#;

/// The stand-in for one AWS account.
pub(crate) struct Cloud {
    /// The store, not by TLS, for whoever seeds and looks.
    pub(crate) store: DynamoStore,
    /// The emulator itself.
    pub(crate) emulator: Emulator,
    dynamodb: SocketAddr,
    stub: SocketAddr,
    other: SocketAddr,
    authority: Authority,
    n_mails: Arc<AtomicU64>,
}

impl Cloud {
    /// Starts everything, with an empty table.
    pub(crate) async fn open() -> Self {
        let emulator = Emulator::start();
        let store = DynamoStore::new(local_dynamodb(&emulator.url), TABLE, 4);
        store.create_table(Stream::Off).await.unwrap();
        let n_mails = Arc::new(AtomicU64::new(0));
        let stub = stub(Arc::clone(&n_mails)).await;
        let authority = Authority::new();
        let plain = emulator.url.trim_start_matches("http://").parse().unwrap();
        Self {
            store,
            emulator,
            dynamodb: authority.front(plain).await,
            stub,
            other: authority.front(stub).await,
            authority,
            n_mails,
        }
    }

    /// What a function's environment says of the account.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let url = |address: SocketAddr| format!("https://localhost:{}", address.port());
        let pairs = [
            ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE".to_owned()),
            (
                "AWS_SECRET_ACCESS_KEY",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            ),
            ("AWS_SESSION_TOKEN", "a-token-of-the-role-".repeat(20)),
            ("AWS_CA_BUNDLE", self.authority.roots.display().to_string()),
            ("AWS_ENDPOINT_URL_DYNAMODB", url(self.dynamodb)),
            ("AWS_ENDPOINT_URL_EVENTBRIDGE", url(self.other)),
            ("AWS_ENDPOINT_URL_SESV2", url(self.other)),
            ("AWS_ENDPOINT_URL_SSM", url(self.other)),
            ("CARTBACK_TABLE", TABLE.to_owned()),
            ("CARTBACK_BUS", "cartback".to_owned()),
            ("CARTBACK_ERRANDS", "https://localhost/errands".to_owned()),
            ("CARTBACK_STOREFRONT_URL", format!("http://{}", self.stub)),
            ("CARTBACK_CONFIGURATION_SET", "cartback".to_owned()),
            ("CARTBACK_SECRETS_PARAMETER", "/cartback/secrets".to_owned()),
        ];
        let pairs = pairs.into_iter();
        pairs
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// Mails handed in so far.
    pub(crate) fn n_mails(&self) -> u64 {
        self.n_mails.load(Ordering::Relaxed)
    }
}

/// Answers for SES, the parameter store, the bus and a storefront.
async fn stub(n_mails: Arc<AtomicU64>) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let routes = Router::new().fallback(stub_answer).with_state(n_mails);
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    address
}

async fn stub_answer(
    State(n_mails): State<Arc<AtomicU64>>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> String {
    let target = headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    let answer = match (target, uri.path()) {
        (Some("AmazonSSM.GetParameter"), _) => json!({ "Parameter": {
            "Name": "/cartback/secrets", "Type": "SecureString", "Value": SECRETS, "Version": 1,
        } }),
        (Some("AWSEvents.PutEvents"), _) => {
            let request: Value = serde_json::from_str(&body).unwrap();
            let entries = request["Entries"].as_array().unwrap().iter();
            let ids: Vec<_> = entries
                .map(|_| json!({ "EventId": "11710aed-b79e-4468-a20b-bb3c0c3b4860" }))
                .collect();
            json!({ "FailedEntryCount": 0, "Entries": ids })
        }
        // A rate that no bench reaches, so that nobody waits for it.
        (None, "/v2/email/account") => {
            json!({ "SendQuota": { "MaxSendRate": 1_000_000.0, "Max24HourSend": 1e9 } })
        }
        (None, "/v2/email/outbound-emails") => {
            n_mails.fetch_add(1, Ordering::Relaxed);
            json!({ "MessageId": "0107018f3a1b2c3d-7e8f9a0b-1c2d-4e5f-8a9b-0c1d2e3f4a5b-000000" })
        }
        (None, path) if path.starts_with("/stores/") => events::of_store(path),
        other => panic!("the stub has no answer to {other:?}"),
    };
    answer.to_string()
}
