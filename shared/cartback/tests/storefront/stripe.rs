use ::cartback::consent::{ConsentBasis, ConsentState};
use ::cartback::event::{CartEvent, Change};
use ::cartback::storefront::stripe::Stripe;
use ::cartback::storefront::{Malformed, Parsed, Storefront};
use serde_json::{Value, json};

use super::{at, contents, events, headers, kinds, names, parse};

fn fixture(name: &str) -> Value {
    let name = format!("checkout.session.{name}");
    serde_json::from_slice(&super::fixture("stripe", &name)).unwrap()
}

fn parsed(body: &Value) -> Result<Parsed, Malformed> {
    parse(&Stripe, &headers(&[]), body.to_string().as_bytes())
}

fn accepted(body: &Value) -> Vec<CartEvent> {
    events(parsed(body).unwrap())
}

/// The session in `body`.
fn session(body: &mut Value) -> &mut Value {
    &mut body["data"]["object"]
}

#[test]
fn an_expired_session_is_the_cart_that_was_left() {
    let events = accepted(&fixture("expired"));
    assert_eq!(
        kinds(&events),
        [
            "cart.updated",
            "contact.identified",
            "checkout.step_reached",
            "consent.changed"
        ]
    );
    // Half an hour after its beginning: before, the shopper may still be on its page.
    assert_eq!(events[0].at, at("2026-07-01T10:30:00Z"));
    assert_eq!(
        (events[0].id.as_str(), names(&events[0])),
        ("evt_1Exp", vec!["cs_live_b1Q7mZkU2"])
    );
    let contents = contents(&events);
    assert_eq!(contents.total().to_string(), "107.90 EUR");
    assert_eq!(contents.lines[0].title, "Items in your checkout");
    assert_eq!(
        contents.checkout_url.as_deref(),
        Some("https://buy.stripe.com/r/live_YWNjdF8x")
    );
    let person = events[1].contact.as_ref().unwrap();
    assert_eq!(
        (
            person.first_name.as_deref(),
            person.locale.as_deref(),
            person.country.as_deref()
        ),
        (Some("Ada"), Some("de"), Some("AT"))
    );
    let Change::StepReached {
        costs: Some(costs), ..
    } = events[2].change
    else {
        panic!("{:?}", events[2])
    };
    assert_eq!(costs.shipping.unwrap().minor, 490);
    assert!(events.iter().all(|event| !event.is_test));
}

#[test]
fn only_the_answer_to_the_question_is_consent() {
    for (answer, expected) in [
        (
            json!({ "promotions": "opt_in" }),
            Some((ConsentState::Granted, ConsentBasis::Express)),
        ),
        (
            json!({ "promotions": "opt_out" }),
            Some((ConsentState::Refused, ConsentBasis::None)),
        ),
        (json!({ "promotions": null }), None),
        (json!({ "promotions": "later" }), None),
        (Value::Null, None),
    ] {
        let mut body = fixture("expired");
        session(&mut body)["consent"] = answer.clone();
        let told = accepted(&body)
            .into_iter()
            .find_map(|event| match event.change {
                Change::ConsentChanged(consent) => Some((consent.state, consent.basis)),
                _ => None,
            });
        assert_eq!(told, expected, "{answer}");
    }
}

#[test]
fn a_session_without_an_address_is_a_cart_of_nobody() {
    let mut body = fixture("expired");
    session(&mut body)["customer_details"] = Value::Null;
    assert_eq!(kinds(&accepted(&body)), ["cart.updated"]);
    session(&mut body)["customer_email"] = json!("ada@example.com");
    session(&mut body)["locale"] = json!("auto");
    let events = accepted(&body);
    let person = events[1].contact.as_ref().unwrap();
    assert_eq!((&person.first_name, &person.locale), (&None, &None));
}

#[test]
fn an_order_names_the_session_whose_link_led_to_it() {
    let events = accepted(&fixture("completed"));
    assert_eq!(kinds(&events), ["order.placed"]);
    assert_eq!(
        (names(&events[0]), events[0].at),
        (
            vec!["cs_live_b2Recovered", "cs_live_b1Q7mZkU2"],
            at("2026-07-01T12:31:40Z")
        )
    );
    let Change::OrderPlaced(order) = &events[0].change else {
        panic!()
    };
    assert_eq!(
        (order.id.as_str(), order.total.unwrap().to_string()),
        ("cs_live_b2Recovered", "112.80 EUR".to_owned())
    );
    assert!(events[0].contact.is_some());
}

#[test]
fn a_payment_of_days_blocks_until_it_is_known() {
    let pending = accepted(&fixture("completed-unpaid"));
    assert_eq!(kinds(&pending), ["payment.pending", "contact.identified"]);
    let mut recovered = fixture("completed-unpaid");
    session(&mut recovered)["recovered_from"] = json!("cs_live_b1Q7mZkU2");
    // The cart that the reminders are about is the one that must wait.
    assert_eq!(
        names(&accepted(&recovered)[0])[..2],
        ["cs_live_b1Q7mZkU2", "cs_live_b3Sepa"]
    );
    let paid = accepted(&fixture("async_payment_succeeded"));
    assert_eq!(kinds(&paid), ["order.placed"]);
    // The session's own time: the bank's, three days later, would stop the shopper's next cart.
    assert_eq!(paid[0].at, at("2026-07-01T12:30:00Z"));
    assert_eq!(names(&paid[0]), ["cs_live_b3Sepa", "cart-9"]);
    let failed = accepted(&fixture("async_payment_failed"));
    assert_eq!(kinds(&failed), ["payment.failed", "contact.identified"]);
}

#[test]
fn a_cart_that_the_shop_tells_of_itself_keeps_its_items() {
    let mut body = fixture("expired");
    session(&mut body)["metadata"] = json!({ "cartback_cart": "cart-9" });
    let events = accepted(&body);
    assert!(!kinds(&events).contains(&"cart.updated"));
    assert_eq!(names(&events[0]), ["cart-9", "cs_live_b1Q7mZkU2"]);
}

#[test]
fn items_are_told_where_the_shop_has_them_expanded_or_named() {
    let mut body = fixture("expired");
    session(&mut body)["metadata"] = json!({ "cartback_title": "2 tickets" });
    assert_eq!(contents(&accepted(&body)).lines[0].title, "2 tickets");
    session(&mut body)["line_items"] = json!({ "data": [
        null, { "description": "Wool Blanket", "quantity": 2, "amount_total": 7300 }, { "description": "?", "quantity": 0, "amount_total": 1 },
    ] });
    let events = accepted(&body);
    let contents = contents(&events);
    assert_eq!(
        (contents.lines.len(), contents.lines[0].price_minor),
        (1, 3650)
    );
    assert_eq!(contents.total().to_string(), "73.00 EUR");
}

#[test]
fn stripe_counts_in_minor_units_of_its_own() {
    for (currency, units, expected) in [
        ("usd", 1999, "19.99 USD"),
        ("jpy", 1999, "1999 JPY"),
        ("kwd", 19_990, "19.990 KWD"),
        ("jod", 5120, "5.120 JOD"),
        ("isk", 500, "5 ISK"),
        ("ugx", 500, "5 UGX"),
        ("mga", 500, "500.00 MGA"),
        ("huf", 50_000, "500.00 HUF"),
    ] {
        let mut body = fixture("completed");
        session(&mut body)["currency"] = json!(currency);
        session(&mut body)["amount_total"] = json!(units);
        let Change::OrderPlaced(order) = accepted(&body).remove(0).change else {
            panic!()
        };
        assert_eq!(order.total.unwrap().to_string(), expected);
    }
}

#[test]
fn the_currency_is_the_one_that_the_shopper_saw() {
    let mut body = fixture("expired");
    session(&mut body)["presentment_details"] =
        json!({ "presentment_amount": 18_990, "presentment_currency": "jpy" });
    assert_eq!(contents(&accepted(&body)).total().to_string(), "18990 JPY");
}

#[test]
fn the_sandbox_is_a_test() {
    for place in ["/livemode", "/data/object/livemode"] {
        let mut body = fixture("completed");
        *body.pointer_mut(place).unwrap() = json!(false);
        assert!(accepted(&body).iter().all(|event| event.is_test), "{place}");
    }
}

#[test]
fn nothing_that_is_wrong_with_it_holds_an_order_back() {
    for (field, value) in [
        ("currency", json!("xxx")),
        ("amount_total", json!("?")),
        ("amount_total", json!(-5)),
        ("customer_details", json!([])),
        ("created", json!("yesterday")),
        ("id", Value::Null),
        ("metadata", json!([])),
        ("recovered_from", json!({ "id": "cs_1" })),
        ("payment_status", json!("no_payment_required")),
    ] {
        let mut body = fixture("completed");
        session(&mut body)[field] = value.clone();
        assert_eq!(
            kinds(&accepted(&body)),
            ["order.placed"],
            "{field}: {value}"
        );
    }
}

#[test]
fn what_is_no_cart_is_ignored() {
    let mut setup = fixture("completed");
    session(&mut setup)["mode"] = json!("setup");
    for body in [
        setup,
        json!({ "type": "charge.refunded", "data": 7 }),
        json!({ "type": "checkout.session.brand_new", "data": { "object": { "id": "cs_1" } } }),
    ] {
        assert!(matches!(parsed(&body), Ok(Parsed::Ignored(_))), "{body}");
    }
    let expired = "checkout.session.expired";
    for (body, path) in [
        (json!({ "type": null }), "type"),
        (json!({ "type": expired, "data": 7 }), "data.object"),
        (
            json!({ "type": expired, "data": { "object": {} } }),
            "data.object.id",
        ),
    ] {
        assert_eq!(parsed(&body).unwrap_err().path, path);
    }
}

#[test]
fn an_api_key_is_no_secret_of_an_endpoint() {
    for key in ["sk_live_1", "rk_test_1", " "] {
        assert!(Stripe.check_secret(key).is_err(), "{key}");
    }
    assert_eq!(Stripe.check_secret("whsec_1"), Ok(()));
}
