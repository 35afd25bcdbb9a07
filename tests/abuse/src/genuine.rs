//! Genuine messages of every storefront, as a start for whoever wants to break them.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cartback::session::Session;
use cartback::storefront::secret::Secret;
use cartback::storefront::signature::{base64_hmac, hex_hmac, hex_hmac_sha1};
use cartback::storefront::{Storefront, standard_webhooks};
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

use crate::samples::{after_line, own_examples, sample_text, samples, sent_now};

/// When every genuine message is signed and received.
pub const NOW: Timestamp = Timestamp::constant(1_782_907_200, 0);

const STANDARD_SECRET: &str = "whsec_dGhlIHNlY3JldCBvZiB0aGUgdGVzdHMsIDMyIGJ5dGVz";
const PLAIN_SECRET: &str = "hush";
const PAGE_KEY: &str = "of-a-page-of-the-abuse-tests";
const JWS_HEAD: &str = r#"{"alg":"RS256","b64":false,"crit":["b64"],"kid":"test-1","typ":"JWT"}"#;

/// What a storefront's messages are like.
pub struct Kind {
    /// Its storefront's name.
    pub name: &'static str,
    /// What the shop has to believe it by; of one that is asked, what the answer must be.
    pub secret: String,
    /// The header with the signature; empty where the body has it.
    pub(crate) signature: &'static str,
    /// The header with the topic, and topics; empty where the body has it.
    pub topics: (&'static str, &'static [&'static str]),
    /// What stays the same in every message.
    pub(crate) headers: &'static [(&'static str, &'static str)],
    sign: fn(&Self, &[u8]) -> String,
}

/// A signed message.
#[derive(Debug, Clone)]
pub struct Genuine {
    /// All of its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

/// Every storefront, as all can be signed for.
#[must_use]
#[expect(clippy::too_many_lines, reason = "a table of storefronts")]
pub fn kinds() -> Vec<Kind> {
    let kind = |name, secret: &str, signature, sign| Kind {
        name,
        secret: secret.to_owned(),
        signature,
        topics: ("", &[]),
        headers: &[],
        sign,
    };
    vec![
        Kind {
            headers: &[("webhook-id", "msg_1"), ("webhook-timestamp", "1782907200")],
            ..kind("cartback", STANDARD_SECRET, "webhook-signature", standard)
        },
        Kind {
            topics: ("x-shopify-topic", &SHOPIFY),
            ..kind(
                "shopify",
                PLAIN_SECRET,
                "x-shopify-hmac-sha256",
                |kind, body| base64_hmac(&kind.secret, body),
            )
        },
        Kind {
            topics: ("saleor-event", &SALEOR),
            ..kind(
                "saleor",
                &sample_text("saleor/jwks.json"),
                "saleor-signature",
                detached,
            )
        },
        Kind {
            headers: &[
                ("webhook-id", "msg_1"),
                ("webhook-timestamp", "1782907200"),
                ("content-type", "application/cloudevents+json"),
            ],
            ..kind(
                "cloudevents",
                STANDARD_SECRET,
                "webhook-signature",
                standard,
            )
        },
        Kind {
            topics: ("x-commercelayer-topic", &COMMERCE_LAYER),
            ..kind(
                "commercelayer",
                PLAIN_SECRET,
                "x-commercelayer-signature",
                |kind, body| base64_hmac(&kind.secret, body),
            )
        },
        Kind {
            headers: &[("webhook-id", "msg_1"), ("webhook-timestamp", "1782907200")],
            ..kind(
                "bigcommerce",
                "a-client-secret-of-the-app",
                "webhook-signature",
                |kind, body| standard_by(&STANDARD.encode(&kind.secret), body),
            )
        },
        // These prove nothing at the door: `talk.rs` plays whoever is asked.
        Kind {
            headers: &[("x-adobe-public-key1-path", "/prod/keys/key.pem")],
            ..kind(
                "adobe",
                &sample_text("adobe/test-key.pem"),
                "x-adobe-digital-signature-1",
                |_, body| STANDARD.encode(rsa_signature(body)),
            )
        },
        kind(
            "snipcart",
            "a-token",
            "x-snipcart-requesttoken",
            |kind, _| kind.secret.clone(),
        ),
        Kind {
            topics: ("x-wc-webhook-topic", &WOOCOMMERCE),
            ..kind(
                "woocommerce",
                PLAIN_SECRET,
                "x-wc-webhook-signature",
                |kind, body| base64_hmac(&kind.secret, body),
            )
        },
        kind(
            "shopware",
            PLAIN_SECRET,
            "shopware-shop-signature",
            |kind, body| hex_hmac(&kind.secret, &[body]),
        ),
        kind("stripe", PLAIN_SECRET, "stripe-signature", |kind, body| {
            let time = NOW.as_second().to_string();
            let signature = hex_hmac(&kind.secret, &[time.as_bytes(), b".", body]);
            format!("t={time},v1={signature}")
        }),
        kind("segment", PLAIN_SECRET, "x-signature", |kind, body| {
            hex_hmac_sha1(&kind.secret, body)
        }),
        kind("ga4", PLAIN_SECRET, "x-cartback-signature", |kind, body| {
            hex_hmac(&kind.secret, &[body])
        }),
        Kind {
            headers: &[(
                "user-agent",
                "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Firefox/127.0",
            )],
            ..kind("browser", &format!("pk_demo:{PAGE_KEY}"), "", |_, _| {
                session()
            })
        },
    ]
}

const SHOPIFY: [&str; 11] = [
    "carts/update",
    "checkouts/update",
    "checkouts/delete",
    "orders/create",
    "orders/cancelled",
    "orders/updated",
    "products/update",
    "customers/update",
    "customers_email_marketing_consent/update",
    "customers/redact",
    "app/uninstalled",
];

const COMMERCE_LAYER: [&str; 5] = [
    "orders.update",
    "orders.destroy",
    "customer_subscriptions.create",
    "customer_subscriptions.destroy",
    "customers.destroy",
];

const WOOCOMMERCE: [&str; 6] = [
    "order.updated",
    "order.deleted",
    "product.updated",
    "product.deleted",
    "customer.deleted",
    "action.cartback_cart",
];

const SALEOR: [&str; 10] = [
    "checkout_created",
    "checkout_fully_paid",
    "order_created",
    "order_cancelled",
    "order_refunded",
    "product_variant_updated",
    "product_variant_deleted",
    "customer_updated",
    "customer_deleted",
    "product_updated",
];

impl Kind {
    /// Its storefront.
    #[must_use]
    pub fn storefront(&self) -> &'static dyn Storefront {
        let known = cartback::storefront::ALL.into_iter();
        let found = known.into_iter().find(|it| it.name() == self.name);
        found.unwrap_or(&cartback::storefront::cartback::Cartback)
    }

    /// What the shop has to believe it by, as it is stored.
    #[must_use]
    pub fn secrets(&self) -> Vec<Secret> {
        vec![Secret(self.secret.clone())]
    }

    /// `body` under `topic`, signed now.
    #[must_use]
    pub fn signed(&self, topic: &str, body: &[u8]) -> Genuine {
        self.with(topic, body, &(self.sign)(self, body))
    }

    /// The same with no signature to speak of; a page's report still has its session.
    #[must_use]
    pub fn unsigned(&self, topic: &str, body: &[u8]) -> Genuine {
        if self.signature.is_empty() {
            return self.signed(topic, body);
        }
        self.with(topic, body, "none")
    }

    fn with(&self, topic: &str, body: &[u8], signature: &str) -> Genuine {
        let mut headers = HeaderMap::new();
        let mut put = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        for (name, value) in self.headers {
            put(name, value);
        }
        if !topic.is_empty() {
            put(self.topics.0, topic);
        }
        if self.signature.is_empty() {
            let body = [signature.as_bytes(), body].concat();
            return Genuine { headers, body };
        }
        put(self.signature, signature);
        Genuine {
            headers,
            body: body.to_vec(),
        }
    }

    /// Our samples in the storefront's shape.
    #[must_use]
    pub fn samples(&self) -> Vec<Vec<u8>> {
        match self.name {
            "cartback" => own_examples(),
            // The snippet's sample begins with a session, which is made anew.
            "browser" => samples("browser")
                .into_iter()
                .filter_map(|it| after_line(&it))
                .collect(),
            // The time stands in what is signed.
            "shopware" => samples("shopware")
                .iter()
                .filter_map(|it| sent_now(it))
                .collect(),
            name => samples(name),
        }
    }
}

fn standard(kind: &Kind, body: &[u8]) -> String {
    standard_by(&kind.secret, body)
}

fn standard_by(secret: &str, body: &[u8]) -> String {
    standard_webhooks::sign(&Secret(secret.to_owned()), "msg_1", NOW, body).unwrap_or_default()
}

fn session() -> String {
    let cart = "cart-1".parse().ok();
    let token = cart.map(|cart| {
        let expires_at = NOW + SignedDuration::from_mins(30);
        Session { cart, expires_at }.mint(PAGE_KEY.as_bytes())
    });
    format!("pk_demo {}\n", token.unwrap_or_default())
}

fn detached(_: &Kind, body: &[u8]) -> String {
    saleor_signature(body)
}

/// How the sample instance of Saleor signs `body`.
#[must_use]
pub fn saleor_signature(body: &[u8]) -> String {
    let head = URL_SAFE_NO_PAD.encode(JWS_HEAD);
    let signature = rsa_signature(&[head.as_bytes(), b".", body].concat());
    format!("{head}..{}", URL_SAFE_NO_PAD.encode(signature))
}

/// By the one RSA key of the tests; empty if that is lost.
fn rsa_signature(content: &[u8]) -> Vec<u8> {
    let signed = rsa_key().and_then(|key| {
        let mut signature = vec![0; key.public().modulus_len()];
        let random = SystemRandom::new();
        let signed = key.sign(&RSA_PKCS1_SHA256, &random, content, &mut signature);
        signed.ok().map(|()| signature)
    });
    signed.unwrap_or_default()
}

fn rsa_key() -> Option<RsaKeyPair> {
    let key = sample_text("saleor/test-key.pkcs8.base64").replace('\n', "");
    RsaKeyPair::from_pkcs8(&STANDARD.decode(key).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::talk;

    #[test]
    fn every_storefront_is_attacked() {
        let known: Vec<_> = kinds().iter().map(|kind| kind.name).collect();
        for storefront in cartback::storefront::ALL {
            let name = storefront.name();
            assert!(
                known.contains(&name),
                "say in `kinds` how messages of {name} are signed"
            );
        }
    }

    #[test]
    fn what_is_genuine_is_taken() {
        for kind in kinds() {
            let samples = kind.samples();
            assert!(!samples.is_empty(), "{}", kind.name);
            for body in samples {
                // It is for somebody else.
                let is_ours = kind.name != "adobe" || !body.windows(8).any(|it| it == b"client-2");
                let genuine = kind.signed("", &body);
                let is_believed = talk::is_believed(&kind, &genuine, &kind.secrets(), NOW);
                assert_eq!(is_believed, is_ours, "{}", kind.name);
            }
        }
    }
}
