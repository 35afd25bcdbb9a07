//! A notification from the page's permission to the browser's push service, which decrypts it: the real
//! handlers and the real adapter, with a push service on this machine.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cartback::memory::MemoryStore;
use cartback::ports::CartStore;
use cartback::push::PushState;
use cartback::session::Session;
use cartback_aws::push::{VapidKey, WebPusher};
use cartback_aws::web::StandIn;
use cartback_tests::installation::{Installation, PAGE_KEY, key};
use cartback_tests::messages::{ADA, cart};
use jiff::SignedDuration;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};
use web_push_native::p256::SecretKey;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;
use web_push_native::{Auth, decrypt};

const ENDPOINT: &str = "https://fcm.googleapis.com/fcm/send/abc:def";

/// A browser: what it subscribed with, and what it decrypts by.
struct Browser {
    secret: SecretKey,
    auth: [u8; 16],
}

impl Browser {
    fn new() -> Self {
        let secret = SecretKey::from_slice(&[7; 32]).unwrap();
        Self {
            secret,
            auth: [9; 16],
        }
    }

    fn subscription(&self) -> Value {
        let point = self.secret.public_key().to_encoded_point(false);
        json!({
            "endpoint": ENDPOINT,
            "expirationTime": null,
            "keys": {
                "p256dh": URL_SAFE_NO_PAD.encode(point.as_bytes()),
                "auth": URL_SAFE_NO_PAD.encode(self.auth),
            },
        })
    }

    fn read(&self, body: &[u8]) -> Value {
        let plain = decrypt(body.to_vec(), &self.secret, &Auth::from(self.auth));
        serde_json::from_slice(&plain.unwrap()).unwrap()
    }
}

/// A request as the push service got it.
struct Got {
    head: String,
    body: Vec<u8>,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines();
        let line = lines.find(|line| line.to_lowercase().starts_with(&format!("{name}:")));
        line.map_or("", |line| line[name.len() + 1..].trim())
    }
}

/// A push service that answers each request with the next of `answers` and hands it on.
fn push_service(answers: &'static [&'static str]) -> (String, Receiver<Got>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (told, heard) = mpsc::channel();
    thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let got = read_request(&mut stream);
            let reply =
                format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(reply.as_bytes()).unwrap();
            told.send(got).unwrap();
        }
    });
    (url, heard)
}

fn read_request(stream: &mut TcpStream) -> Got {
    let mut bytes = Vec::new();
    let mut some = [0; 4096];
    loop {
        let n = stream.read(&mut some).unwrap();
        bytes.extend_from_slice(&some[..n]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let got = Got {
            head: String::from_utf8(bytes[..end].to_vec()).unwrap(),
            body: bytes[end + 4..].to_vec(),
        };
        let n_bytes: usize = got.header("content-length").parse().unwrap();
        if n_bytes <= got.body.len() {
            return got;
        }
    }
}

/// A shop that notifies by the push service at `url`, and its public key.
async fn shop(url: &str) -> (Installation<MemoryStore>, Vec<u8>) {
    let shop = Installation::with_policy("push = true").await;
    let random = SystemRandom::new();
    let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let vapid = VapidKey::read(&STANDARD.encode(pair)).unwrap();
    let public = URL_SAFE_NO_PAD.decode(vapid.public()).unwrap();
    shop.outbox
        .push_by(WebPusher::new(vapid, Some(&StandIn::new(url).unwrap())));
    (shop, public)
}

/// The shopper's page tells that notifications are allowed.
async fn allow(shop: &Installation<MemoryStore>, subscription: &Value) -> i64 {
    let session = Session {
        cart: "cart-1".parse().unwrap(),
        expires_at: shop.now + SignedDuration::from_mins(30),
    };
    let session = session.mint(PAGE_KEY.as_bytes());
    let report = json!({ "events": [{ "type": "push", "id": "p1", "push": subscription }] });
    let body = format!("pk_demo {session}\n{report}");
    let headers = json!({
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
        "origin": "https://shop.example",
    });
    let request = shop.request("POST", "/browser/demo", headers, body.as_bytes());
    shop.ingest(&request).await.status
}

#[tokio::test]
async fn the_nudge_reaches_the_browser_encrypted_and_signed_and_no_mail_is_sent() {
    let (url, heard) = push_service(&["201 Created"]);
    let (mut shop, public) = shop(&url).await;
    let browser = Browser::new();
    shop.record(&cart("cart-1", ADA)).await;
    assert_eq!(allow(&shop, &browser.subscription()).await, 202);
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.n_requests(), 0);

    let got = heard.recv().unwrap();
    assert!(
        got.head.starts_with("POST /fcm/send/abc:def HTTP/1.1\r\n"),
        "{}",
        got.head
    );
    assert_eq!(got.header("content-encoding"), "aes128gcm");
    assert_eq!(got.header("ttl"), "3600");
    let notice = browser.read(&got.body);
    assert_eq!(notice["title"], "Demo");
    let link = notice["url"].as_str().unwrap();
    assert_eq!(shop.get(link).await.status, 200);

    let signed = got
        .header("authorization")
        .strip_prefix("vapid t=")
        .unwrap();
    let (token, key_told) = signed.split_once(", k=").unwrap();
    assert_eq!(URL_SAFE_NO_PAD.decode(key_told).unwrap(), public);
    let (claims, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    ring::signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &public)
        .verify(claims.as_bytes(), &signature)
        .unwrap();
    let claims = URL_SAFE_NO_PAD.decode(claims.split_once('.').unwrap().1);
    let claims: Value = serde_json::from_slice(&claims.unwrap()).unwrap();
    assert_eq!(claims["aud"], "https://fcm.googleapis.com");
    assert_eq!(claims["sub"], "mailto:help@shop.example");
    let ends_in = claims["exp"].as_i64().unwrap() - shop.now.as_second();
    assert!((10 * 3600..24 * 3600).contains(&ends_in), "{ends_in}");
    // The later reminders are mails.
    shop.run_hours(29).await;
    assert_eq!(shop.outbox.to(ADA).len(), 2);
}

#[tokio::test]
async fn a_dead_subscription_is_removed_and_the_nudge_comes_by_mail() {
    for answer in [&["410 Gone"], &["404 Not Found"]] {
        let (url, heard) = push_service(answer);
        let (mut shop, _) = shop(&url).await;
        shop.record(&cart("cart-1", ADA)).await;
        allow(&shop, &Browser::new().subscription()).await;
        shop.run_hours(1).await;
        heard.recv().unwrap();
        assert_eq!(shop.outbox.to(ADA).len(), 1);
        let stored = shop.store.cart(&key("cart-1")).await.unwrap().unwrap();
        assert_eq!(stored.facts.push.unwrap().value, PushState::Gone);
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_leaves_the_nudge_to_the_mail() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (mut shop, _) = shop(&url).await;
    shop.record(&cart("cart-1", ADA)).await;
    allow(&shop, &Browser::new().subscription()).await;
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.to(ADA).len(), 1);
}

#[tokio::test]
async fn a_subscription_elsewhere_is_not_taken_and_costs_the_report_nothing_else() {
    let (shop, _) = shop("http://127.0.0.1:9").await;
    for endpoint in [
        "http://127.0.0.1/x",
        "https://evil.example/x",
        "https://169.254.169.254/",
    ] {
        let mut told = Browser::new().subscription();
        told["endpoint"] = json!(endpoint);
        assert!(
            (200..300).contains(&allow(&shop, &told).await),
            "{endpoint}"
        );
        let stored = shop.store.cart(&key("cart-1")).await.unwrap();
        assert!(
            stored.is_none_or(|cart| cart.facts.push.is_none()),
            "{endpoint}"
        );
    }
}

#[tokio::test]
async fn an_export_shows_the_subscription_and_an_erasure_removes_it() {
    let (mut shop, _) = shop("http://127.0.0.1:9").await;
    shop.record(&cart("cart-1", ADA)).await;
    allow(&shop, &Browser::new().subscription()).await;
    let person = shop.contact(ADA).await.key;
    let export = cartback::export::export_person(&shop.store, &person).await;
    let export = serde_json::to_string(&export.unwrap()).unwrap();
    assert!(export.contains("fcm.googleapis.com"), "{export}");
    shop.record(&cartback_tests::messages::erasure(ADA)).await;
    assert!(!shop.store.snapshot().text().contains("fcm.googleapis.com"));
}
