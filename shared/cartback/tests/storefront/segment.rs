use ::cartback::event::{Behaviour, CartEvent, Change, CheckoutStep, Origin};
use ::cartback::storefront::secret::Secret;
use ::cartback::storefront::segment::Segment;
use ::cartback::storefront::signature::SignatureError;
use ::cartback::storefront::{Message, Parsed, Storefront};
use serde_json::{Value, json};

use super::{at, contents, events, fixture, headers, kinds, names, parse};

fn sample(name: &str) -> Value {
    serde_json::from_slice(&fixture("segment", name)).unwrap()
}

fn told(body: &Value) -> Parsed {
    parse(&Segment, &headers(&[]), body.to_string().as_bytes()).unwrap()
}

fn accepted(body: &Value) -> Vec<CartEvent> {
    events(told(body))
}

#[test]
fn a_viewed_cart_is_its_items_as_far_as_they_can_be_read() {
    let events = accepted(&sample("cart-viewed"));
    assert_eq!(kinds(&events), ["cart.updated"]);
    assert_eq!(names(&events[0]), ["cart-1"]);
    assert_eq!(events[0].at, at("2026-07-01T12:00:00Z"));
    let cart = contents(&events);
    let lines: Vec<_> = cart
        .lines
        .iter()
        .map(|line| (line.id.as_str(), line.quantity, line.price_minor))
        .collect();
    assert_eq!(
        lines,
        [("SHIRT-M", 2, 4_900), ("p-2", 1, 990), ("G-1", 1, 2_500)]
    );
    assert_eq!((cart.currency.code(), cart.total_minor), ("EUR", 13_290));
}

#[test]
fn nobody_is_named_and_every_word_is_that_of_a_page() {
    for name in ["cart-viewed", "checkout-step-completed", "order-completed"] {
        for event in accepted(&sample(name)) {
            assert!(event.contact.is_none(), "{name}");
            assert_eq!(event.origin, Origin::Browser, "{name}");
        }
    }
    assert!(matches!(told(&sample("identify")), Parsed::Ignored(_)));
}

#[test]
fn names_of_events_are_read_in_any_spelling() {
    let mut event = sample("cart-viewed");
    for name in [
        "Cart Viewed",
        "CART VIEWED",
        "cart_viewed",
        "cart-viewed",
        "CartViewed",
        " cart  viewed ",
    ] {
        event["event"] = json!(name);
        assert_eq!(kinds(&accepted(&event)), ["cart.updated"], "{name}");
    }
    for name in ["Page Viewed", "", "cart"] {
        event["event"] = json!(name);
        assert!(matches!(told(&event), Parsed::Ignored(_)), "{name}");
    }
}

#[test]
fn a_step_is_known_by_its_name_or_by_what_was_chosen() {
    let step = |properties: Value| {
        let mut event = sample("checkout-step-completed");
        event["properties"] = properties;
        accepted(&event)
            .into_iter()
            .find_map(|event| match event.change {
                Change::StepReached { step, costs } => {
                    Some((step, costs.and_then(|it| it.shipping).map(|it| it.minor)))
                }
                _ => None,
            })
    };
    let chosen = json!({ "checkout_id": "c", "step": 2, "shipping_method": "Fedex", "shipping": "4.90", "currency": "EUR" });
    assert_eq!(step(chosen), Some((CheckoutStep::Shipping, Some(490))));
    assert_eq!(
        step(json!({ "checkout_id": "c", "step": "Payment" })),
        Some((CheckoutStep::Payment, None))
    );
    assert_eq!(step(json!({ "checkout_id": "c", "step": "3" })), None);
}

#[test]
fn an_order_knows_its_cart_by_every_key() {
    let events = accepted(&sample("order-completed"));
    assert_eq!(kinds(&events), ["order.placed"]);
    assert_eq!(
        names(&events[0]),
        [
            "cart-1",
            "co-1",
            "1001",
            "segment.507f191e-81ee-4b0a-9f5d-3a1d9f6f0f11"
        ]
    );
    let mut bare = sample("order-completed");
    bare["properties"] = json!({});
    let events = accepted(&bare);
    assert_eq!(
        names(&events[0]),
        ["segment.507f191e-81ee-4b0a-9f5d-3a1d9f6f0f11"]
    );
    let Change::OrderPlaced(order) = &events[0].change else {
        panic!()
    };
    assert_eq!(order.id, bare["messageId"].as_str().unwrap());
}

#[test]
fn coupons_and_single_items_are_behaviour() {
    let mut event = sample("cart-viewed");
    for (name, expected) in [
        ("Product Added", Behaviour::default()),
        (
            "Coupon Applied",
            Behaviour {
                n_coupons: 1,
                ..Behaviour::default()
            },
        ),
        (
            "Coupon Denied",
            Behaviour {
                n_coupons: 1,
                n_coupons_refused: 1,
                ..Behaviour::default()
            },
        ),
    ] {
        event["event"] = json!(name);
        assert_eq!(
            accepted(&event)[0].change,
            Change::PageReported(expected),
            "{name}"
        );
    }
}

#[test]
fn a_crawler_is_marked() {
    let mut event = sample("cart-viewed");
    event["context"]["userAgent"] = json!("Mozilla/5.0 (compatible; Googlebot/2.1)");
    assert_eq!(accepted(&event)[0].origin, Origin::Machine);
}

#[test]
fn the_signature_is_that_of_openssl() {
    // printf '%s' "$BODY" | openssl dgst -sha1 -hmac shared-secret
    let body = br#"{"type":"track","event":"Cart Viewed"}"#;
    let secrets = [
        Secret("other".to_owned()),
        Secret("shared-secret".to_owned()),
    ];
    let verify = |signature: &str, body: &[u8]| {
        let headers = headers(&[("X-Signature", signature)]);
        Segment.verify(
            &secrets,
            Message {
                headers: &headers,
                body,
            },
            &[],
        )
    };
    let right = "56eda9da85ded443e72dfcd08b44335bed11d6a4";
    assert_eq!(verify(right, body), Ok(()));
    assert_eq!(verify(right, b"{}"), Err(SignatureError::Mismatch));
    assert_eq!(
        verify(&right.to_uppercase(), body),
        Err(SignatureError::Mismatch)
    );
    assert_eq!(verify("", body), Err(SignatureError::Header("x-signature")));
}
