use ::cartback::storefront::bigcommerce::BigCommerce;
use ::cartback::storefront::commercelayer::CommerceLayer;
use ::cartback::storefront::saleor::Saleor;
use ::cartback::storefront::secret::Secret;
use ::cartback::storefront::shopify::Shopify;
use ::cartback::storefront::shopware::Shopware;
use ::cartback::storefront::signature::{SignatureError, base64_hmac, hex_hmac};
use ::cartback::storefront::stripe::Stripe;
use ::cartback::storefront::woocommerce::WooCommerce;
use ::cartback::storefront::{Message, Storefront, cartback::Cartback, standard_webhooks};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use jiff::Timestamp;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::Value;

use super::{at, headers, shared};

const CURRENT: &str = "whsec_b3VyLWN1cnJlbnQtc2VjcmV0LWZvci10ZXN0cw==";
const PREVIOUS: &str = "b3VyLXByZXZpb3VzLXNlY3JldC1mb3ItdGVzdHM=";
const BODY: &[u8] = br#"{"type":"cart.deleted","cart_id":"c-1"}"#;
const SIGNED_AT: &str = "2026-07-01T12:00:00Z";

fn standard(
    secrets: &[&str],
    given: &str,
    body: &[u8],
    accepted: &[Timestamp],
) -> Result<(), SignatureError> {
    let seconds = at(SIGNED_AT).as_second().to_string();
    let headers = headers(&[
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", &seconds),
        ("webhook-signature", given),
    ]);
    verify(&Cartback, secrets, &headers, body, accepted)
}

fn verify(
    storefront: &dyn Storefront,
    secrets: &[&str],
    headers: &HeaderMap,
    body: &[u8],
    accepted: &[Timestamp],
) -> Result<(), SignatureError> {
    let secrets: Vec<Secret> = secrets
        .iter()
        .map(|text| Secret((*text).to_owned()))
        .collect();
    storefront.verify(&secrets, Message { headers, body }, accepted)
}

fn signature(secret: &str) -> String {
    standard_webhooks::sign(&Secret(secret.to_owned()), "msg_1", at(SIGNED_AT), BODY).unwrap()
}

fn seconds_later(seconds: i64) -> Timestamp {
    Timestamp::from_second(at(SIGNED_AT).as_second() + seconds).unwrap()
}

#[test]
fn the_signature_is_that_of_openssl() {
    // printf 'msg_1.1782907200.%s' "$BODY" | openssl dgst -sha256 -mac HMAC -macopt key:... -binary
    // | base64
    assert_eq!(
        signature(CURRENT),
        "v1,yhVpcgyC3dhNOijdNRcEMKPlKR2n7FCZpqxjTQDjtH8="
    );
    assert_eq!(
        base64_hmac("client-secret", BODY),
        "avdQlyXr2x6UIS+t1trJTM+Nslg/Y0EHzzFTtGVW9+A="
    );
}

#[test]
fn both_live_secrets_sign() {
    let live = [CURRENT, PREVIOUS];
    for secret in live {
        assert_eq!(
            standard(&live, &signature(secret), BODY, &[at(SIGNED_AT)]),
            Ok(())
        );
    }
    let retired = "whsec_YS1zZWNyZXQtdGhhdC1pcy1ub3QtbGl2ZS1hbnltb3Jl";
    assert_eq!(
        standard(&live, &signature(retired), BODY, &[at(SIGNED_AT)]),
        Err(SignatureError::Mismatch)
    );
    assert_eq!(
        standard(&[], &signature(CURRENT), BODY, &[at(SIGNED_AT)]),
        Err(SignatureError::Mismatch)
    );
}

#[test]
fn one_right_signature_among_several_is_enough() {
    let right = signature(CURRENT);
    let wrong = signature(PREVIOUS);
    let now = [at(SIGNED_AT)];
    for given in [
        format!("{wrong} {right}"),
        format!("v1a,xyz {right}"),
        format!("{right}  v2,"),
    ] {
        assert_eq!(standard(&[CURRENT], &given, BODY, &now), Ok(()), "{given}");
    }
    for given in [
        "v1,",
        "v1",
        ",",
        " ",
        &right[3..],
        &right[..20],
        &right.replace("v1,", "v2,"),
    ] {
        assert_eq!(
            standard(&[CURRENT], given, BODY, &now),
            Err(SignatureError::Mismatch),
            "{given}"
        );
    }
}

#[test]
fn the_time_may_be_five_minutes_off_from_any_accepted_time() {
    let right = signature(CURRENT);
    for (seconds, is_timely) in [
        (0, true),
        (300, true),
        (-300, true),
        (301, false),
        (-301, false),
    ] {
        let result = standard(&[CURRENT], &right, BODY, &[seconds_later(seconds)]);
        let expected = if is_timely {
            Ok(())
        } else {
            Err(SignatureError::Untimely {
                off_by_seconds: seconds,
            })
        };
        assert_eq!(result, expected);
    }
    let hand_turned = [seconds_later(90_000), seconds_later(5)];
    assert_eq!(standard(&[CURRENT], &right, BODY, &hand_turned), Ok(()));
    assert!(standard(&[CURRENT], &right, BODY, &[]).is_err());
}

#[test]
fn a_body_that_is_no_text_is_refused_and_nothing_else_happens() {
    let result = standard(
        &[CURRENT],
        &signature(CURRENT),
        b"\xff\xfe",
        &[at(SIGNED_AT)],
    );
    assert_eq!(result, Err(SignatureError::Mismatch));
}

#[test]
fn every_header_is_needed() {
    let seconds = at(SIGNED_AT).as_second().to_string();
    let all = [
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", &*seconds),
        ("webhook-signature", &*signature(CURRENT)),
    ];
    for missing in 0..all.len() {
        let mut given = headers(&all);
        given.remove(all[missing].0);
        let result = verify(&Cartback, &[CURRENT], &given, BODY, &[at(SIGNED_AT)]);
        assert_eq!(result, Err(SignatureError::Header(all[missing].0)));
    }
    for time in [
        "hello",
        "",
        "1e9",
        "99999999999999999999",
        "-99999999999999",
    ] {
        let mut given = headers(&all);
        given.insert("webhook-timestamp", time.parse().unwrap());
        let result = verify(&Cartback, &[CURRENT], &given, BODY, &[at(SIGNED_AT)]);
        assert_eq!(
            result,
            Err(SignatureError::Header("webhook-timestamp")),
            "{time}"
        );
    }
}

#[test]
fn shopify_is_believed_with_any_live_secret_and_either_header() {
    let live = ["current", "previous"];
    let body = b"\xff not even text";
    let shopify = |headers: &HeaderMap| verify(&Shopify, &live, headers, body, &[]);
    for name in ["X-Shopify-Hmac-Sha256", "Shopify-Hmac-Sha256"] {
        for secret in live {
            assert_eq!(
                shopify(&headers(&[(name, &base64_hmac(secret, body))])),
                Ok(())
            );
        }
        let other = headers(&[(name, &base64_hmac(live[0], b"other"))]);
        assert_eq!(shopify(&other), Err(SignatureError::Mismatch));
        assert_eq!(
            shopify(&headers(&[(name, "AAAA")])),
            Err(SignatureError::Mismatch)
        );
    }
    let result = shopify(&headers(&[]));
    assert_eq!(result, Err(SignatureError::Header("x-shopify-hmac-sha256")));
}

#[test]
fn woocommerce_signs_with_the_decoded_secret() {
    let body = b"\xff not even text";
    let signed = |key: &str| headers(&[("X-WC-Webhook-Signature", &base64_hmac(key, body))]);
    let woocommerce =
        |headers: &HeaderMap| verify(&WooCommerce, &["a&amp;b", "previous"], headers, body, &[]);
    assert_eq!(woocommerce(&signed("a&b")), Ok(()));
    assert_eq!(woocommerce(&signed("previous")), Ok(()));
    for wrong in [signed("a&amp;b"), signed("")] {
        assert_eq!(woocommerce(&wrong), Err(SignatureError::Mismatch));
    }
    let result = woocommerce(&headers(&[]));
    let missing = SignatureError::Header("x-wc-webhook-signature");
    assert_eq!(result, Err(missing));
}

#[test]
fn stripe_is_believed_by_any_v1_and_for_five_minutes() {
    let seconds = at(SIGNED_AT).as_second().to_string();
    let sign = |key: &str| hex_hmac(key, &[seconds.as_bytes(), b".", BODY]);
    let stripe = |given: &str, now: Timestamp| {
        let headers = headers(&[("Stripe-Signature", given)]);
        verify(&Stripe, &["whsec_new", "whsec_old"], &headers, BODY, &[now])
    };
    let (new, old, wrong) = (sign("whsec_new"), sign("whsec_old"), sign("new"));
    for given in [
        format!("t={seconds},v1={new}"),
        format!("t={seconds}, v1={wrong}, v1={old},v0={wrong}"),
        format!("v1={new},t={seconds}"),
    ] {
        assert_eq!(stripe(&given, seconds_later(300)), Ok(()), "{given}");
        let late = stripe(&given, seconds_later(301));
        assert!(matches!(late, Err(SignatureError::Untimely { .. })));
    }
    for given in [
        format!("t={seconds},v1={wrong}"),
        format!("t={seconds},v0={new}"),
        format!("t={seconds},v1="),
        format!("t={seconds}"),
        // Another time than the signed one, though no later.
        format!("t=0{seconds},v1={new}"),
    ] {
        let refused = Err(SignatureError::Mismatch);
        assert_eq!(stripe(&given, at(SIGNED_AT)), refused, "{given}");
    }
    for given in [format!("v1={new}"), format!("t=soon,v1={new}"), "t".into()] {
        let refused = Err(SignatureError::Header("stripe-signature"));
        assert_eq!(stripe(&given, at(SIGNED_AT)), refused, "{given}");
    }
}

#[test]
fn shopware_is_believed_by_either_header_and_while_it_retries() {
    let body = format!(r#"{{"timestamp":{}}}"#, at(SIGNED_AT).as_second());
    let shopware = |pairs: &[(&str, &str)], now: Timestamp| {
        let headers = headers(pairs);
        verify(&Shopware, &["secret"], &headers, body.as_bytes(), &[now])
    };
    let right = hex_hmac("secret", &[body.as_bytes()]);
    let next = hex_hmac("next secret", &[body.as_bytes()]);
    let (current, previous) = (
        "shopware-shop-signature",
        "shopware-shop-signature-previous",
    );
    let last_retry = seconds_later(4 * 3600 + 35 * 60);
    assert_eq!(shopware(&[(current, &right)], last_retry), Ok(()));
    let both = [(current, next.as_str()), (previous, right.as_str())];
    assert_eq!(shopware(&both, at(SIGNED_AT)), Ok(()));
    let replayed = shopware(&[(current, &right)], seconds_later(6 * 3600 + 1));
    assert!(matches!(replayed, Err(SignatureError::Untimely { .. })));
    assert_eq!(
        shopware(&[(current, &next)], at(SIGNED_AT)),
        Err(SignatureError::Mismatch)
    );
    assert_eq!(
        shopware(&[], at(SIGNED_AT)),
        Err(SignatureError::Header(current))
    );
}

#[test]
fn a_public_key_is_believed_by_its_own_signatures_and_is_no_secret_of_a_mac() {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let public = format!("whpk_{}", STANDARD.encode(pair.public_key().as_ref()));
    assert_eq!(Cartback.check_secret(&public), Ok(()));
    let seconds = at(SIGNED_AT).as_second();
    let text = format!("msg_1.{seconds}.{}", str::from_utf8(BODY).unwrap());
    let right = format!("v1a,{}", STANDARD.encode(pair.sign(text.as_bytes())));
    let now = [at(SIGNED_AT)];
    assert_eq!(standard(&[&public], &right, BODY, &now), Ok(()));
    let both = [CURRENT, &public];
    for given in [right.clone(), format!("v1a,x v1,x {right}")] {
        assert_eq!(standard(&both, &given, BODY, &now), Ok(()), "{given}");
    }
    let late = standard(&[&public], &right, BODY, &[seconds_later(301)]);
    assert!(matches!(late, Err(SignatureError::Untimely { .. })));
    // Everybody knows a public key: as the key of a MAC it would let anybody sign.
    let key = public.strip_prefix("whpk_").unwrap();
    let mac = standard_webhooks::sign(&Secret(key.to_owned()), "msg_1", now[0], BODY).unwrap();
    for given in [
        mac.clone(),
        mac.replace("v1,", "v1a,"),
        right.replace("v1a,", "v1,"),
    ] {
        let refused = Err(SignatureError::Mismatch);
        assert_eq!(standard(&[&public], &given, BODY, &now), refused, "{given}");
    }
    let refused = Err(SignatureError::Mismatch);
    assert_eq!(standard(&[&public], &right, b"other", &now), refused);
    assert_eq!(standard(&[CURRENT], &right, BODY, &now), refused);
    assert_eq!(standard(&[&public], &right, b"\xff", &now), refused);
}

#[test]
fn a_weak_secret_is_none_and_no_secret_is_printed() {
    for text in [
        "",
        "whsec_",
        "whsec_c2hvcnQ=",
        "whsec_not base64",
        "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqf",
    ] {
        assert!(Cartback.check_secret(text).is_err(), "{text}");
    }
    assert_eq!(Cartback.check_secret(CURRENT), Ok(()));
    assert!(Shopify.check_secret(" ").is_err());
    let secret = Secret(CURRENT.to_owned());
    assert_eq!(format!("{secret:?}"), "Secret(***)");
}

#[test]
fn the_published_vectors_come_out_as_published() {
    let Some(path) = shared("payloads/signatures/vectors.json") else {
        return;
    };
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut n_checked = 0;
    for vector in file["vectors"].as_array().unwrap() {
        let text = |field: &str| vector[field].as_str().unwrap_or_default();
        let given: Vec<(&str, &str)> = vector["headers"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        let given = headers(&given);
        let storefront = storefront_of(text("scheme")).expect("a scheme of ours");
        // A key set is JSON in the vector, as it is at its instance.
        let secret = match vector.get("jwk") {
            Some(key) => serde_json::json!({ "keys": [key] }).to_string(),
            None => text("secret").to_owned(),
        };
        let now = vector["now"].as_i64().unwrap_or_default();
        let now = Timestamp::from_second(now).unwrap();
        let result = verify(
            storefront,
            &[&secret],
            &given,
            text("body").as_bytes(),
            &[now],
        );
        assert_eq!(
            result.is_ok(),
            text("expect") == "valid",
            "{}: {result:?}",
            text("id")
        );
        n_checked += 1;
    }
    assert_eq!(n_checked, 23);
}

/// Whose messages are signed by a scheme of the vectors.
fn storefront_of(scheme: &str) -> Option<&'static dyn Storefront> {
    match scheme {
        "standard-webhooks-v1" | "standard-webhooks-v1a" => Some(&Cartback),
        "shopify-hmac-base64" => Some(&Shopify),
        "saleor-jws-detached" => Some(&Saleor),
        "bigcommerce-standard-webhooks" => Some(&BigCommerce),
        "commercelayer-hmac-base64" => Some(&CommerceLayer),
        "shopware-hmac-hex" => Some(&Shopware),
        "stripe-v1" => Some(&Stripe),
        "woocommerce-hmac-base64" | "woocommerce-ping" => Some(&WooCommerce),
        _ => None,
    }
}
