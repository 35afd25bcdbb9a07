//! Adobe Commerce: keys from one host, quotes asked for, orders told. The signatures in the fixtures were
//! made with openssl and a key that is gone.

use ::cartback::consent::ConsentState;
use ::cartback::event::{CartEvent, Change};
use ::cartback::product::{ProductReading, Stock};
use ::cartback::storefront::adobe::Adobe;
use ::cartback::storefront::fetch::{Next, Reply};
use ::cartback::storefront::signature::SignatureError;
use ::cartback::storefront::{Malformed, Message, Storefront};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use serde_json::{Value, json};

use super::saleor::rsa_signature;
use super::{asked, at, contents, headers, kinds, next, recorded, reply};

const KEY_PATH: &str = "/prod/keys/pub-key-voy5XEbWmT.pem";

fn fixture(file: &str) -> Vec<u8> {
    let folder = format!("{}/fixtures/storefront/adobe", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(format!("{folder}/{file}")).unwrap()
}

fn signed(event: &str) -> HeaderMap {
    let all = String::from_utf8(fixture("signatures.txt")).unwrap();
    let line = all
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{event} ")));
    headers(&[
        ("x-adobe-digital-signature-2", line.unwrap()),
        ("x-adobe-public-key2-path", KEY_PATH),
    ])
}

fn ask(headers: &HeaderMap, body: &[u8], replies: &[Reply]) -> Result<Next, Malformed> {
    let access = json!({ "host": "shop.example", "access_token": "hush", "client_id": "client-1" });
    next(&Adobe, &access, headers, body, replies)
}

/// The talk about a genuine `event`, whose key is there, after `replies` of the shop.
pub(super) fn talk(event: &str, replies: &[Reply]) -> Result<Next, Malformed> {
    let mut all = vec![reply(200, &fixture("key.pem"))];
    all.extend_from_slice(replies);
    ask(&signed(event), &fixture(&format!("{event}.json")), &all)
}

fn events(event: &str, replies: &[Reply]) -> Vec<CartEvent> {
    recorded(talk(event, replies).unwrap())
}

#[test]
fn a_message_is_unproven_until_a_key_from_the_fixed_host_fits() {
    let body = fixture("quote-saved.json");
    let given = signed("quote-saved");
    let message = Message {
        headers: &given,
        body: &body,
    };
    let verdict = Adobe.verify(&[], message, &[]);
    assert_eq!(verdict, Err(SignatureError::Unproven));
    let question = asked(ask(&given, &body, &[]).unwrap());
    assert_eq!(
        question,
        format!("https://static.adobeioevents.com{KEY_PATH}")
    );
    let after = |key: Reply| ask(&given, &body, &[key]).unwrap();
    assert!(matches!(
        after(reply(200, &fixture("key.pem"))),
        Next::Ask(_)
    ));
    for wrong in [
        reply(200, &fixture("other-key.pem")),
        reply(404, &fixture("key.pem")),
        reply(200, b"<html>"),
        reply(200, b""),
    ] {
        assert_eq!(after(wrong), Next::Forged);
    }
}

#[test]
fn either_signature_is_enough_and_each_key_is_asked_for_once() {
    let body = fixture("quote-saved.json");
    let mut given = signed("quote-saved");
    given.insert("x-adobe-digital-signature-1", "AAAA".parse().unwrap());
    given.insert(
        "x-adobe-public-key1-path",
        "/prod/keys/first.pem".parse().unwrap(),
    );
    let first = asked(ask(&given, &body, &[]).unwrap());
    assert_eq!(
        first,
        "https://static.adobeioevents.com/prod/keys/first.pem"
    );
    let one = [reply(200, &fixture("other-key.pem"))];
    let second = asked(ask(&given, &body, &one).unwrap());
    assert_eq!(
        second,
        format!("https://static.adobeioevents.com{KEY_PATH}")
    );
    let two = [one[0].clone(), reply(200, &fixture("key.pem"))];
    let third = asked(ask(&given, &body, &two).unwrap());
    assert_eq!(third, "https://shop.example/rest/V1/carts/9007199254740993");
}

#[test]
fn a_changed_body_or_another_recipient_is_forged() {
    let key = [reply(200, &fixture("key.pem"))];
    let mut body = fixture("quote-saved.json");
    let last = body.len() - 1;
    body[last] = b' ';
    assert_eq!(ask(&signed("quote-saved"), &body, &key), Ok(Next::Forged));
    assert_eq!(talk("other-client", &[]), Ok(Next::Forged));
}

#[test]
fn a_key_is_looked_for_nowhere_else() {
    let body = fixture("quote-saved.json");
    for path in [
        "//evil.example/key.pem",
        "https://evil.example/key.pem",
        "@evil.example/key.pem",
        "/../key.pem",
        "/a/%2e%2e/key.pem",
        "/key.pem?x=1",
        "key.pem",
        "/",
        "",
    ] {
        let mut given = signed("quote-saved");
        given.insert("x-adobe-public-key2-path", path.parse().unwrap());
        let message = Message {
            headers: &given,
            body: &body,
        };
        let verdict = Adobe.verify(&[], message, &[]);
        assert!(matches!(verdict, Err(SignatureError::Header(_))), "{path}");
        assert_eq!(ask(&given, &body, &[]), Ok(Next::Forged), "{path}");
    }
}

#[test]
fn a_quote_is_the_shoppers_cart() {
    let events = events("quote-saved", &[reply(200, &fixture("reply-quote.json"))]);
    let expected = [
        "cart.updated",
        "contact.identified",
        "checkout.step_reached",
    ];
    assert_eq!(kinds(&events), expected);
    assert_eq!(events[0].carts[0].as_str(), "9007199254740993");
    assert_eq!(events[0].id, "b0f2b088-1111-4d16-9ce9-0cb1fb3e5e01");
    // No zone is UTC.
    assert_eq!(events[0].at, at("2026-07-09T23:50:00Z"));
    let contents = contents(&events);
    assert_eq!(contents.lines.len(), 1, "a line that is null is left out");
    assert_eq!(contents.lines[0].price_minor, 2450, "24.4975 rounds");
    assert_eq!(contents.total().to_string(), "49.00 EUR");
    let person = events[1].contact.as_ref().unwrap();
    assert_eq!(person.email.expose(), "ada@example.com");
    assert_eq!(person.country.as_deref(), Some("AT"));
}

#[test]
fn a_quote_that_is_gone_or_ordered_is_no_cart() {
    let after = |status, body: &[u8]| talk("quote-saved", &[reply(status, body)]).unwrap();
    assert_eq!(
        after(404, b""),
        Next::Ignore("the quote is gone".to_owned())
    );
    let ordered = after(200, br#"{"id": 1, "is_active": false, "items": []}"#);
    let reason = "the quote is no cart any more".to_owned();
    assert_eq!(ordered, Next::Ignore(reason));
    assert!(talk("quote-saved", &[reply(422, b"")]).is_err());
    assert!(talk("quote-saved", &[reply(200, b"<html>")]).is_err());
}

#[test]
fn an_order_is_told_or_asked_for() {
    let whole = events("order-saved", &[]);
    assert_eq!(kinds(&whole), ["order.placed"]);
    assert_eq!(whole[0].carts[0].as_str(), "9007199254740993");
    assert_eq!(
        whole[0].at,
        at("2026-07-09T23:58:00Z"),
        "when it was placed"
    );
    let Change::OrderPlaced(order) = &whole[0].change else {
        panic!()
    };
    assert_eq!(order.total.unwrap().to_string(), "54.49 EUR");
    let question = asked(talk("order-saved-thin", &[]).unwrap());
    assert_eq!(question, "https://shop.example/rest/V1/orders/81");
    let fetched = events(
        "order-saved-thin",
        &[reply(200, &fixture("reply-order.json"))],
    );
    assert_eq!(kinds(&fetched), ["payment.pending"]);
    let gone = talk("order-saved-thin", &[reply(404, b"")]);
    assert!(matches!(gone, Ok(Next::Ignore(_))), "{gone:?}");
}

#[test]
fn a_credit_memo_is_a_refund_of_its_orders_cart() {
    let question = asked(talk("credit-memo-saved", &[]).unwrap());
    assert_eq!(question, "https://shop.example/rest/V1/orders/81");
    let order = reply(200, &fixture("reply-order.json"));
    let events = events("credit-memo-saved", &[order]);
    let Change::OrderRefunded(refund) = &events[0].change else {
        panic!()
    };
    assert_eq!(refund.id, "000000003");
    assert_eq!(refund.amount.unwrap().to_string(), "10.50 EUR");
    assert_eq!(events[0].carts[0].as_str(), "9007199254740993");
}

#[test]
fn who_unsubscribed_has_refused() {
    let events = events("subscriber-saved", &[]);
    let Change::ConsentChanged(consent) = &events[0].change else {
        panic!()
    };
    assert_eq!(consent.state, ConsentState::Refused);
    assert_eq!(events[0].at, at("2026-07-09T12:00:00Z"));
}

/// What becomes of a `body` that was not signed before, by a key of the tests.
pub(super) fn proven(body: &[u8]) -> Result<Next, Malformed> {
    let event: Value = serde_json::from_slice(body).unwrap();
    let client = event["recipient_client_id"].as_str().unwrap_or("client-1");
    let access = json!({ "host": "shop.example", "access_token": "hush", "client_id": client });
    let signature = STANDARD.encode(rsa_signature(body));
    let given = headers(&[
        ("x-adobe-digital-signature-1", &signature),
        ("x-adobe-public-key1-path", KEY_PATH),
    ]);
    let key = [reply(200, &fixture("test-key.pem"))];
    next(&Adobe, &access, &given, body, &key)
}

/// The one reading of a product event of type `kind`, whose value is `value`.
fn reading(kind: &str, value: &Value) -> ProductReading {
    let event = json!({
        "type": format!("com.adobe.commerce.observer.{kind}"), "event_id": "e-1", "time": "2026-07-09T12:00:00Z",
        "recipient_client_id": "client-1", "data": { "value": value },
    });
    match proven(event.to_string().as_bytes()) {
        Ok(Next::Products(mut readings)) if readings.len() == 1 => readings.remove(0),
        other => panic!("no reading: {other:?}"),
    }
}

#[test]
fn a_saved_product_is_its_name_its_price_and_whether_it_is_gone() {
    let saved = |value: Value| reading("catalog_product_save_commit_after", &value);
    let value = json!({
        "sku": "LS-M", "name": "Linen shirt", "price": "24.500000", "updated_at": "2026-07-09 11:59:00",
        "stock_data": { "qty": "65" },
    });
    let told = saved(value.clone());
    assert_eq!((told.variant.as_str(), told.id.as_str()), ("LS-M", "e-1"));
    assert_eq!(told.at, at("2026-07-09T11:59:00Z"));
    assert_eq!(told.description.unwrap().title, "Linen shirt");
    assert_eq!(told.price.unwrap().now.to_string(), "24.50 EUR");
    // How many are promised to orders already, Adobe does not tell.
    assert_eq!(told.stock, Some(Stock::Available));
    let with = |field: &str, of: Value| {
        let mut value = value.clone();
        value[field] = of;
        saved(value)
    };
    let gone = Some(Stock::SoldOut);
    assert_eq!(with("stock_data", json!({ "qty": "0" })).stock, gone);
    assert_eq!(
        with("stock_data", json!({ "qty": "0", "backorders": 1 })).stock,
        Some(Stock::Available)
    );
    assert_eq!(with("stock_data", json!("?")).stock, None);
    assert_eq!(with("status", json!("2")).stock, gone);
    assert_eq!(with("special_price", json!("19.0000")).price, None);
    assert_eq!(with("price", json!("?")).price, None);
    let deleted = reading("catalog_product_delete_after", &value);
    assert_eq!((deleted.stock, deleted.price), (gone, None));
    assert_eq!(deleted.at, at("2026-07-09T12:00:00Z"));
    let thin = talk("product-saved", &[]).unwrap();
    assert!(matches!(thin, Next::Products(_)), "{thin:?}");
    let event = json!({ "type": "observer.catalog_product_save_after", "recipient_client_id": "client-1", "data": {} });
    let nameless = proven(event.to_string().as_bytes());
    assert_eq!(
        nameless,
        Ok(Next::Ignore("the product has no sku".to_owned()))
    );
}

#[test]
fn only_a_plain_challenge_is_echoed() {
    let echo = |query: &str| Adobe.challenge(query);
    assert_eq!(
        echo("challenge=8ec8d794-e0ab_42df").as_deref(),
        Some("8ec8d794-e0ab_42df")
    );
    for query in [
        "",
        "challenge=",
        "x=1",
        "challenge=%3Cscript%3E",
        "challenge=a%0d%0ab",
    ] {
        assert_eq!(echo(query), None, "{query}");
    }
}
