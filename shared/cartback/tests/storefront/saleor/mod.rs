mod orders;
mod products;

use ::cartback::consent::{ConsentBasis, ConsentState};
use ::cartback::event::{CartEvent, Change, CheckoutStep};
use ::cartback::storefront::saleor::Saleor;
use ::cartback::storefront::secret::Secret;
use ::cartback::storefront::signature::{SignatureError, hex_hmac};
use ::cartback::storefront::{Message, Parsed, Storefront};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{at, contents, events, fixture, fixture_file, headers, kinds, parse, root};

const TOKEN: &str = "8f2f9a1e-6a35-4f0e-9c55-0d7c3b1e2a44";
const BODY: &[u8] = br#"{"__typename": "OrderCreated"}"#;
const HEAD: &str = r#"{"alg":"RS256","b64":false,"crit":["b64"],"kid":"test-1","typ":"JWT"}"#;

fn told(event: &str, body: &Value) -> Result<Parsed, String> {
    let headers = headers(&[("Saleor-Event", event)]);
    parse(&Saleor, &headers, body.to_string().as_bytes()).map_err(|fault| fault.to_string())
}

fn sample(name: &str) -> Value {
    serde_json::from_slice(&fixture("saleor", name)).unwrap()
}

fn accepted(event: &str, body: &Value) -> Vec<CartEvent> {
    events(told(event, body).unwrap())
}

fn raw(event: &str, name: &str) -> Vec<CartEvent> {
    let headers = headers(&[("Saleor-Event", event)]);
    events(parse(&Saleor, &headers, &fixture("saleor", name)).unwrap())
}

#[test]
fn a_checkout_is_its_cart_its_person_and_its_furthest_step() {
    let events = raw("checkout_updated", "checkout_updated");
    assert_eq!(
        kinds(&events),
        [
            "cart.updated",
            "contact.identified",
            "checkout.step_reached"
        ]
    );
    assert_eq!(events[0].carts[0].as_str(), TOKEN);
    assert_eq!(events[0].at, at("2026-07-01T12:00:04.918273Z"));
    let cart = contents(&events);
    assert_eq!((cart.currency.code(), cart.total_minor), ("EUR", 10_780));
    assert_eq!(
        cart.checkout_url.as_deref(),
        Some("https://shop.example/checkout/8f2f9a1e-6a35-4f0e-9c55-0d7c3b1e2a44")
    );
    let [shirt, cup] = &cart.lines[..] else {
        panic!("{cart:?}")
    };
    assert_eq!(
        (shirt.title.as_str(), shirt.variant.as_deref()),
        ("Linen shirt", Some("Blue / M"))
    );
    assert_eq!(
        (shirt.quantity, shirt.price_minor, shirt.compare_at_minor),
        (2, 4_900, Some(5_900))
    );
    assert_eq!(
        (
            cup.price_minor,
            cup.compare_at_minor,
            cup.variant.as_deref()
        ),
        (980, None, None)
    );
    let person = events[1].contact.as_ref().unwrap();
    assert_eq!(person.first_name.as_deref(), Some("Ada"));
    assert_eq!(person.locale.as_deref(), Some("de-AT"));
    assert_eq!(person.country.as_deref(), Some("DE"));
    let Change::StepReached { step, costs } = &events[2].change else {
        panic!()
    };
    assert_eq!(*step, CheckoutStep::Shipping);
    assert_eq!(costs.unwrap().shipping.unwrap().minor, 490);
}

#[test]
fn a_checkout_without_a_person_is_a_cart_all_the_same() {
    let events = raw("checkout_updated", "checkout_updated-anonymous");
    assert_eq!(kinds(&events), ["cart.updated"]);
    let cart = contents(&events);
    assert_eq!(
        (cart.currency.code(), cart.total_minor, cart.lines.len()),
        ("JPY", 1_990, 1)
    );
}

#[test]
fn an_old_payload_is_an_array_with_decimals() {
    let events = raw("checkout_created", "checkout_created-legacy");
    assert_eq!(
        kinds(&events),
        [
            "cart.updated",
            "contact.identified",
            "checkout.step_reached"
        ]
    );
    assert_eq!(events[0].carts[0].as_str(), TOKEN);
    assert_eq!(events[0].at, at("2021-03-31T12:57:09.643Z"));
    let cart = contents(&events);
    assert_eq!(
        (
            cart.currency.code(),
            cart.lines[0].price_minor,
            cart.total_minor
        ),
        ("KWD", 5_125, 10_250)
    );
    assert_eq!(
        events[1].contact.as_ref().unwrap().country.as_deref(),
        Some("KW")
    );
}

#[test]
fn a_checkout_that_is_paid_waits_for_its_order() {
    let mut checkout = sample("checkout_updated");
    checkout["checkout"]["authorizeStatus"] = json!("FULL");
    let events = accepted("checkout_fully_paid", &checkout);
    assert_eq!(events.last().unwrap().kind(), "payment.pending");
    let step = events.iter().find_map(|event| match event.change {
        Change::StepReached { step, .. } => Some(step),
        _ => None,
    });
    assert_eq!(step, Some(CheckoutStep::Payment));
}

#[test]
fn a_query_without_lines_does_not_empty_the_cart() {
    let mut checkout = sample("checkout_updated");
    checkout["checkout"]
        .as_object_mut()
        .unwrap()
        .remove("lines");
    let events = accepted("checkout_updated", &checkout);
    assert_eq!(
        kinds(&events),
        ["contact.identified", "checkout.step_reached"]
    );
    checkout["checkout"]["lines"] = json!([]);
    let events = accepted("checkout_updated", &checkout);
    assert!(contents(&events).lines.is_empty());
    let bare = json!({ "checkout": { "token": "c" } });
    assert!(matches!(
        told("checkout_updated", &bare),
        Ok(Parsed::Ignored(_))
    ));
}

#[test]
fn a_cart_that_cannot_be_told_is_refused_by_its_place() {
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut checkout = sample("checkout_updated");
        change(&mut checkout);
        told("checkout_updated", &checkout).unwrap_err()
    };
    for (fault, expected) in [
        (
            refused(&|it| it["checkout"]["lines"][1]["quantity"] = json!("two")),
            "lines[1].quantity: is no whole number",
        ),
        (
            refused(&|it| {
                it["checkout"]["lines"][0]["unitPrice"] = json!({"gross": {"amount": "1e2"}})
            }),
            "lines[0].unitPrice: is no amount of the checkout's currency",
        ),
        (
            refused(&|it| it["checkout"] = json!("ada@example.com")),
            "checkout: is missing; use the query of docs/storefronts/saleor.md",
        ),
        (
            refused(&|it| it["checkout"] = json!({"lines": []})),
            "checkout.id: is missing or no id",
        ),
    ] {
        assert_eq!(fault, expected);
    }
}

#[test]
fn the_event_is_that_of_the_header_else_of_the_body() {
    let kind_of =
        |body: &[u8]| kinds(&events(parse(&Saleor, &headers(&[]), body).unwrap())).join(" ");
    assert_eq!(kind_of(&fixture("saleor", "order_created")), "order.placed");
    assert_eq!(
        kind_of(&fixture("saleor", "order_confirmation-notice")),
        "order.placed"
    );
    let old = headers(&[("X-Saleor-Event", "order_created")]);
    assert!(parse(&Saleor, &old, &fixture("saleor", "order_created")).is_ok());
    assert!(parse(&Saleor, &headers(&[]), b"{}").is_err());
    for event in [
        "product_updated",
        "draft_order_created",
        "order_updated",
        "payment_list_gateways",
    ] {
        assert!(
            matches!(told(event, &json!({})), Ok(Parsed::Ignored(_))),
            "{event}"
        );
    }
}

#[test]
fn consent_is_what_the_shop_keeps_in_private() {
    let consent = |value: Value| {
        let mut customer = sample("customer_updated");
        customer["user"]["emailConsent"] = value;
        match told("customer_updated", &customer).unwrap() {
            Parsed::Events(events) => match &events[0].change {
                Change::ConsentChanged(consent) => Some((consent.state, consent.basis)),
                other => panic!("{other:?}"),
            },
            Parsed::Ignored(_) | Parsed::Products(_) | Parsed::Fetch => None,
        }
    };
    assert_eq!(
        consent(json!("granted")),
        Some((ConsentState::Granted, ConsentBasis::Express))
    );
    assert_eq!(
        consent(json!("double_opt_in")),
        Some((ConsentState::Granted, ConsentBasis::DoubleOptIn))
    );
    assert_eq!(
        consent(json!("refused")),
        Some((ConsentState::Refused, ConsentBasis::None))
    );
    for nothing in [json!(null), json!(true), json!(""), json!("yes")] {
        assert_eq!(consent(nothing.clone()), None, "{nothing}");
    }
}

#[test]
fn a_deleted_customer_is_forgotten() {
    let events = raw("customer_deleted", "customer_deleted");
    assert_eq!(kinds(&events), ["erasure.requested"]);
    assert_eq!(events[0].contact.as_ref().unwrap().first_name, None);
}

#[test]
fn a_customer_of_an_older_array_is_read_as_one_of_the_query() {
    let body = json!([{
        "type": "User", "id": "VXNlcjox", "email": "ada@example.com", "first_name": "Ada",
        "private_metadata": { "email_consent": "refused" },
    }]);
    let deleted = accepted("customer_deleted", &body);
    assert_eq!(kinds(&deleted), ["erasure.requested"]);
    let updated = accepted("customer_updated", &body);
    let Change::ConsentChanged(consent) = &updated[0].change else {
        panic!("{updated:?}")
    };
    assert_eq!(consent.state, ConsentState::Refused);
    assert!(matches!(
        told("customer_deleted", &json!([])),
        Ok(Parsed::Ignored(_))
    ));
}

/// `CustomerDeleted` of `customer_deleted`.
fn type_of(event: &str) -> String {
    let words = event.split('_').map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    });
    words.collect()
}

#[test]
fn the_query_of_the_guide_asks_for_every_event_of_its_table() {
    let guide = std::fs::read_to_string(root().join("docs/storefronts/saleor.md")).unwrap();
    let (_, table) = guide
        .split_once("| event | becomes |\n|---|---|\n")
        .unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let events: Vec<&str> = rows
        .flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2))
        .collect();
    assert!(events.contains(&"customer_deleted"));
    for event in events {
        let name = match event.strip_suffix('*') {
            Some(start) => format!("... on {}", type_of(start.trim_end_matches('_'))),
            None => format!("... on {} {{", type_of(event)),
        };
        assert!(guide.contains(&name), "{event} is not in the query");
    }
}

fn signed(head: &str, body: &[u8]) -> String {
    let head = URL_SAFE_NO_PAD.encode(head);
    let signature = rsa_signature(&[head.as_bytes(), b".", body].concat());
    format!("{head}..{}", URL_SAFE_NO_PAD.encode(signature))
}

/// By the RSA key of the tests.
pub(super) fn rsa_signature(content: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(fixture_file("saleor", "test-key.pkcs8.base64")).unwrap();
    let key = STANDARD.decode(text.replace('\n', "")).unwrap();
    let key = ring::signature::RsaKeyPair::from_pkcs8(&key).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    let random = ring::rand::SystemRandom::new();
    key.sign(
        &ring::signature::RSA_PKCS1_SHA256,
        &random,
        content,
        &mut signature,
    )
    .unwrap();
    signature
}

fn verify(secrets: &[&str], signature: &str, body: &[u8]) -> Result<(), SignatureError> {
    let secrets: Vec<Secret> = secrets
        .iter()
        .map(|text| Secret((*text).to_owned()))
        .collect();
    let headers = headers(&[("Saleor-Signature", signature)]);
    Saleor.verify(
        &secrets,
        Message {
            headers: &headers,
            body,
        },
        &[],
    )
}

fn key_set() -> String {
    String::from_utf8(fixture("saleor", "jwks")).unwrap()
}

#[test]
fn a_signature_is_that_of_a_pinned_key_over_the_raw_bytes() {
    let keys = key_set();
    let right = signed(HEAD, BODY);
    assert_eq!(verify(&[&keys], &right, BODY), Ok(()));
    assert_eq!(verify(&["other", &keys], &right, BODY), Ok(()));
    assert_eq!(
        verify(&[&keys], &right, br#"{"__typename":"OrderCreated"}"#),
        Err(SignatureError::Mismatch)
    );
    assert_eq!(verify(&[], &right, BODY), Err(SignatureError::Mismatch));
    let other = keys.replace("test-1", "test-2");
    assert_eq!(
        verify(&[&other], &right, BODY),
        Err(SignatureError::Mismatch)
    );
    let nameless = signed(r#"{"alg":"RS256","b64":false,"crit":["b64"]}"#, BODY);
    assert_eq!(verify(&[&other], &nameless, BODY), Ok(()));
}

#[test]
fn no_other_algorithm_opens_the_door() {
    let keys = key_set();
    for head in [
        r#"{"alg":"none","b64":false,"crit":["b64"]}"#,
        r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#,
        r#"{"alg":"PS256","b64":false,"crit":["b64"]}"#,
        r#"{"alg":"RS256","b64":true,"crit":["b64"]}"#,
        r#"{"alg":"RS256","b64":false,"crit":["b64","exp"]}"#,
        r#"{"alg":"RS256"}"#,
        "[]",
        "",
    ] {
        assert_eq!(
            verify(&[&keys], &signed(head, BODY), BODY),
            Err(SignatureError::Header("saleor-signature")),
            "{head}"
        );
    }
    // The key set is public: as the key of a MAC it would let anybody sign.
    assert_eq!(
        verify(&[&keys], &hex_hmac(&keys, &[BODY]), BODY),
        Err(SignatureError::Mismatch)
    );
    let right = signed(HEAD, BODY);
    for given in [
        right.replace("..", "."),
        right.replace("..", ".e30."),
        format!("{right}="),
        format!("{right}."),
        right.split("..").next().unwrap().to_owned() + "..",
    ] {
        assert!(verify(&[&keys], &given, BODY).is_err(), "{given}");
    }
}

#[test]
fn a_secret_key_of_old_still_signs() {
    assert_eq!(verify(&["hush"], &hex_hmac("hush", &[BODY]), BODY), Ok(()));
    assert_eq!(
        verify(&["hush"], &hex_hmac("hush!", &[BODY]), BODY),
        Err(SignatureError::Mismatch)
    );
}

#[test]
fn a_key_set_without_a_good_key_is_no_secret() {
    assert_eq!(Saleor.check_secret(&key_set()), Ok(()));
    assert_eq!(Saleor.check_secret("a secret key"), Ok(()));
    for text in [
        "",
        "{}",
        r#"{"keys":[]}"#,
        r#"{"keys":[{"kty":"EC","crv":"P-256"}]}"#,
        r#"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}"#,
        "{ not json",
    ] {
        assert!(Saleor.check_secret(text).is_err(), "{text}");
    }
}
