use ::cartback::cart::CartStatus;
use ::cartback::event::{Change, CheckoutStep};
use ::cartback::storefront::shopify::Shopify;
use serde_json::{Value, json};

use super::super::{at, contents, headers, kinds, parse, status};
use super::{accepted, fixture, ignored, names, parsed, raw};

#[test]
fn a_cart_has_what_the_shopper_saw_and_no_person() {
    let events = raw("carts/update", "carts-update");
    assert_eq!(kinds(&events), ["cart.updated"]);
    assert_eq!(names(&events[0]), ["cart-7f3a"]);
    assert_eq!(
        (events[0].at, events[0].contact.is_some()),
        (at("2026-07-01T10:00:05.250Z"), false)
    );
    let contents = contents(&events);
    assert_eq!(
        (contents.currency.code(), contents.total_minor),
        ("EUR", 10_990)
    );
    assert_eq!(
        (contents.lines[0].price_minor, contents.lines[0].quantity),
        (4500, 2)
    );
    assert_eq!(contents.lines[0].id, "9007199254740993002");
}

#[test]
fn prices_are_in_the_currency_that_the_shopper_saw() {
    let yen = raw("carts/update", "carts-update-presentment");
    assert_eq!(
        (contents(&yen).currency.code(), contents(&yen).total_minor),
        ("JPY", 7900)
    );
    let mut mixed = fixture("carts-update");
    mixed["line_items"][1]["price_set"]["presentment_money"]["currency_code"] = json!("USD");
    mixed["line_items"][1]["discounted_price_set"] = Value::Null;
    mixed["line_items"][1]["line_price_set"] = Value::Null;
    let mixed = accepted("carts/update", &mixed);
    assert_eq!(
        (
            contents(&mixed).currency.code(),
            contents(&mixed).total_minor
        ),
        ("EUR", 10_990)
    );
}

#[test]
fn an_emptied_cart_is_a_cart() {
    let events = accepted("carts/update", &fixture("carts-update-emptied"));
    assert!(contents(&events).lines.is_empty());
}

#[test]
fn a_checkout_tells_the_person_and_the_furthest_step() {
    let events = raw("checkouts/update", "checkouts-update");
    assert_eq!(
        kinds(&events),
        [
            "cart.updated",
            "contact.identified",
            "checkout.step_reached"
        ]
    );
    assert!(
        events
            .iter()
            .all(|event| names(event) == ["chk-51d0", "cart-7f3a"])
    );
    assert!(
        events
            .iter()
            .all(|event| event.id == "wh-1" && event.at == at("2026-07-01T10:05:00Z"))
    );
    let contents = contents(&events);
    assert_eq!(contents.total_minor, 10_790);
    assert_eq!(contents.lines[0].title, "Leinenhemd");
    assert_eq!(contents.lines[0].variant.as_deref(), Some("Blue / M"));
    assert_eq!(
        (contents.lines[1].price_minor, &contents.lines[1].variant),
        (1990, &None)
    );
    let contact = events[1].contact.as_ref().unwrap();
    assert_eq!(contact.email.normalised(), "ada@example.com");
    assert_eq!(
        (contact.first_name.as_deref(), contact.country.as_deref()),
        (Some("Ada"), Some("AT"))
    );
    assert_eq!(contact.locale.as_deref(), Some("de-AT"));
    let Change::StepReached {
        step: CheckoutStep::Shipping,
        costs: Some(costs),
    } = &events[2].change
    else {
        panic!("{:?}", events[2])
    };
    assert_eq!(
        (costs.shipping.unwrap().minor, costs.tax.unwrap().minor),
        (490, 2158)
    );
}

#[test]
fn a_ticked_box_is_no_consent() {
    let events = raw("checkouts/update", "checkouts-update");
    assert!(events.iter().all(|event| event.kind() != "consent.changed"));
}

#[test]
fn a_checkout_by_phone_has_no_person() {
    let events = raw("checkouts/update", "checkouts-update-phone-only");
    assert_eq!(kinds(&events), ["cart.updated", "checkout.step_reached"]);
    assert!(matches!(
        events[1].change,
        Change::StepReached {
            step: CheckoutStep::Contact,
            ..
        }
    ));
}

#[test]
fn tax_inside_the_prices_is_no_cost_on_top() {
    let mut body = fixture("checkouts-update");
    body["taxes_included"] = json!(true);
    let events = accepted("checkouts/update", &body);
    let Change::StepReached {
        costs: Some(costs), ..
    } = events[2].change
    else {
        panic!()
    };
    assert_eq!(costs.tax, None);
}

#[test]
fn a_deleted_checkout_is_named_by_what_is_left_of_it() {
    let events = raw("checkouts/delete", "checkouts-delete");
    assert_eq!(
        (kinds(&events), names(&events[0])),
        (vec!["checkout.deleted"], vec!["cart-7f3a".to_owned()])
    );
    // The cart itself lives on.
    assert_eq!(status(&events), CartStatus::Open);
    let both = json!({"token": "chk-1", "cart_token": "cart-1"});
    let named = accepted("checkouts/delete", &both);
    assert_eq!(
        (kinds(&named), names(&named[0])),
        (vec!["cart.deleted"], vec!["chk-1".to_owned()])
    );
    assert!(ignored("checkouts/delete", &json!({"id": 7})));
}

#[test]
fn odd_shapes_are_tolerated_where_nothing_is_lost() {
    let body = json!({
        "token": "c", "email": "not an address", "customer": "?", "shipping_address": [], "shipping_lines": "?",
        "taxes_included": "?", "billing_address": 5, "updated_at": 7, "new_field": {"deep": [1.5]},
        "line_items": [
            {"title": null, "quantity": 0, "price": "?"},
            {"title": null, "sku": "GIFT", "quantity": "1", "price": 10, "gift_card": true, "price_set": "?", "properties": 7}
        ]
    });
    let events = accepted("checkouts/create", &body);
    let contents = contents(&events);
    assert_eq!((contents.lines.len(), contents.total_minor), (1, 1000));
    assert_eq!(
        (
            contents.lines[0].title.as_str(),
            contents.lines[0].id.as_str()
        ),
        ("GIFT", "")
    );
    assert!(!kinds(&events).contains(&"contact.identified"));
}

#[test]
fn a_very_large_cart_keeps_its_first_items_and_its_whole_total() {
    let line = json!({"variant_id": 1, "title": "Pin", "quantity": 3, "price": "1.00"});
    let events = accepted(
        "carts/update",
        &json!({"token": "c", "line_items": vec![line; 1000]}),
    );
    assert_eq!(
        (contents(&events).lines.len(), contents(&events).total_minor),
        (200, 300_000)
    );
}

#[test]
fn what_would_lose_a_cart_is_refused_with_its_path() {
    let line = |field: &str, value: Value| {
        let mut body = fixture("checkouts-update");
        body["line_items"][1][field] = value;
        body
    };
    for (topic, body, expected) in [
        (
            "carts/update",
            json!({"line_items": []}),
            "token: is missing or no id",
        ),
        (
            "checkouts/update",
            json!({"cart_token": "c"}),
            "token: is missing or no id",
        ),
        (
            "checkouts/update",
            line("price", Value::Null),
            "line_items[1].price: is no amount",
        ),
        (
            "checkouts/update",
            line("price", json!("-1.00")),
            "line_items[1].price: is no amount",
        ),
        (
            "checkouts/update",
            line("quantity", json!(1.5)),
            "line_items[1].quantity: is no whole number",
        ),
        (
            "carts/update",
            json!({"token": "c", "line_items": {}}),
            "line_items: is an object; send an array",
        ),
        (
            "carts/update",
            json!({"token": "c", "line_items": [7]}),
            "line_items[0]: is a number; send an object",
        ),
        ("orders/create", json!(7), ".: is a number; send an object"),
    ] {
        let fault = parsed(topic, &body.to_string()).unwrap_err().to_string();
        assert!(fault.starts_with(expected), "{fault}");
    }
    let no_topic = parse(&Shopify, &headers(&[]), b"{}").unwrap_err();
    assert_eq!(no_topic.path, ".");
}

#[test]
fn a_line_that_is_null_is_none() {
    let line = json!({ "variant_id": 1, "title": "Pin", "quantity": 1, "price": "1.00" });
    let body = json!({ "token": "c", "line_items": [null, line, null] });
    assert_eq!(contents(&accepted("carts/update", &body)).lines.len(), 1);
}
