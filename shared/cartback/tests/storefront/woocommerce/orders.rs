use ::cartback::cart::CartStatus;
use ::cartback::consent::ConsentState;
use ::cartback::event::{Change, CheckoutStep, Order};
use ::cartback::storefront::Parsed;
use serde_json::{Value, json};

use super::super::{at, contents, kinds, names, status};
use super::{accepted, fixture, parsed};

const CART: &str = "3f0e9a52-7f0b-4c50-9d53-8b8f5a3f1c11";

fn order(events: &[::cartback::event::CartEvent]) -> &Order {
    match &events[0].change {
        Change::OrderPlaced(order) => order,
        other => panic!("no order: {other:?}"),
    }
}

#[test]
fn an_unpaid_order_is_a_cart_with_its_page_to_pay_on() {
    let events = accepted("order.created", &fixture("order-pending"));
    assert_eq!(
        kinds(&events),
        [
            "cart.updated",
            "contact.identified",
            "checkout.step_reached",
            "consent.changed"
        ]
    );
    assert_eq!(
        (names(&events[0]), events[0].at),
        (vec!["order-4711", CART], at("2026-07-01T10:06:30Z"))
    );
    let contents = contents(&events);
    assert_eq!(contents.total().to_string(), "107.90 EUR");
    let lines: Vec<_> = contents
        .lines
        .iter()
        .map(|line| (line.id.as_str(), line.title.as_str(), line.price_minor))
        .collect();
    assert_eq!(
        lines,
        [
            ("93", "Wool Blanket – Navy & Sand", 3650),
            ("23", "Enamel Mug - Blue", 1163)
        ]
    );
    assert!(
        contents
            .checkout_url
            .as_deref()
            .is_some_and(|url| url.contains("order-pay/4711"))
    );
    let person = events[1].contact.as_ref().unwrap();
    assert_eq!(person.email.expose(), "Ada@example.com");
    assert_eq!(
        (person.first_name.as_deref(), person.country.as_deref()),
        (Some("Ada"), Some("AT"))
    );
    let Change::StepReached {
        step: CheckoutStep::Payment,
        costs: Some(costs),
    } = events[2].change
    else {
        panic!("{:?}", events[2])
    };
    assert_eq!((costs.shipping.unwrap().minor, costs.tax), (588, None));
}

#[test]
fn a_draft_of_the_block_checkout_is_a_started_checkout() {
    let mut body = fixture("order-draft");
    let events = accepted("order.created", &body);
    assert_eq!(
        kinds(&events),
        [
            "cart.updated",
            "contact.identified",
            "checkout.step_reached"
        ]
    );
    assert_eq!(contents(&events).total().to_string(), "107.90 EUR");
    // Its page to pay on opens only once it is pending.
    assert_eq!(contents(&events).checkout_url, None);
    let step = |body: &Value| match accepted("order.updated", body)[2].change {
        Change::StepReached { step, .. } => step,
        ref other => panic!("{other:?}"),
    };
    assert_eq!(step(&body), CheckoutStep::Contact);
    body["billing"]["address_1"] = json!("Hafengasse 12");
    assert_eq!(step(&body), CheckoutStep::Address);
    body["shipping_lines"] = json!([{ "id": 1, "total": "4.90" }]);
    assert_eq!(step(&body), CheckoutStep::Shipping);
}

#[test]
fn every_status_means_what_it_means() {
    let cart = "cart.updated contact.identified checkout.step_reached";
    for (status, needs_payment, expected) in [
        ("checkout-draft", json!(false), cart),
        ("pending", json!(true), cart),
        ("pending", Value::Null, cart),
        (
            "pending",
            json!(false),
            "cart.updated contact.identified checkout.step_reached payment.pending",
        ),
        (
            "failed",
            json!(true),
            "cart.updated contact.identified checkout.step_reached payment.failed",
        ),
        ("on-hold", json!(false), "order.placed"),
        ("processing", json!(false), "order.placed"),
        ("completed", json!(false), "order.placed"),
        ("refunded", json!(false), "order.placed"),
        ("awaiting-pickup", json!(false), "order.placed"),
        ("cancelled", json!(false), "cart.deleted"),
        ("trash", json!(false), "cart.deleted"),
        ("auto-draft", json!(false), ""),
    ] {
        let mut body = fixture("order-pending");
        body["status"] = json!(status);
        body["needs_payment"] = needs_payment;
        body["meta_data"] = json!([]);
        let told = match parsed("order.updated", &body.to_string()).unwrap() {
            Parsed::Events(events) => kinds(&events).join(" "),
            Parsed::Ignored(_) | Parsed::Products(_) | Parsed::Fetch => String::new(),
        };
        assert_eq!(told, expected, "{status}");
    }
}

#[test]
fn an_order_happened_when_it_was_paid_and_not_when_it_was_last_changed() {
    let mut body = fixture("order-processing");
    let events = accepted("order.updated", &body);
    assert_eq!(kinds(&events), ["order.placed", "consent.changed"]);
    assert_eq!(events[0].at, at("2026-07-01T10:08:00Z"));
    assert_eq!(order(&events).id, "4711");
    assert_eq!(order(&events).total.unwrap().to_string(), "113.78 EUR");
    // The bank's transfer comes days after the shopper's order.
    body["payment_method"] = json!("bacs");
    body["date_paid_gmt"] = json!("2026-07-05T10:00:00");
    assert_eq!(
        accepted("order.updated", &body)[0].at,
        at("2026-07-01T10:00:00Z")
    );
}

#[test]
fn an_order_that_was_never_paid_is_cancelled_without_having_been_one() {
    let unpaid = accepted("order.updated", &fixture("order-cancelled-unpaid"));
    assert_eq!(kinds(&unpaid), ["cart.deleted", "consent.changed"]);
    let pending = accepted("order.created", &fixture("order-pending"));
    assert_eq!(status(&[pending, unpaid].concat()), CartStatus::Deleted);
    let mut paid = fixture("order-cancelled-unpaid");
    paid["date_paid_gmt"] = json!("2026-07-01T10:08:00");
    let paid = accepted("order.updated", &paid);
    assert_eq!(kinds(&paid)[..2], ["order.placed", "order.cancelled"]);
    assert_eq!(
        (paid[0].at, paid[1].at),
        (at("2026-07-01T10:08:00Z"), at("2026-07-01T11:07:00Z"))
    );
    let mut transfer = fixture("order-cancelled-unpaid");
    transfer["payment_method"] = json!("bacs");
    let transfer = accepted("order.updated", &transfer);
    assert_eq!(kinds(&transfer)[..2], ["order.placed", "order.cancelled"]);
    // A payment that was only authorised has a number and no day.
    let mut authorised = fixture("order-cancelled-unpaid");
    authorised["transaction_id"] = json!("pi_1");
    let authorised = accepted("order.updated", &authorised);
    assert_eq!(kinds(&authorised)[..2], ["order.placed", "order.cancelled"]);
    assert_eq!(status(&authorised), CartStatus::Ordered);
}

#[test]
fn what_was_paid_back_is_told_with_the_order() {
    let mut body = fixture("order-refunded");
    body["refunds"] =
        json!([body["refunds"][0], null, { "total": "-1.00" }, { "id": 4791, "total": "?" }]);
    let events = accepted("order.updated", &body);
    let refunds: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.change {
            Change::OrderRefunded(refund) => {
                Some((refund.id.as_str(), refund.amount.map(|amount| amount.minor)))
            }
            _ => None,
        })
        .collect();
    assert_eq!(refunds, [("4790", Some(11_378)), ("4791", None)]);
}

#[test]
fn a_deleted_order_is_a_deleted_cart() {
    let events = accepted("order.deleted", &fixture("order-deleted"));
    assert_eq!(
        (kinds(&events), names(&events[0])),
        (vec!["cart.deleted"], vec!["order-4711"])
    );
    assert!(matches!(
        parsed("order.deleted", "{}"),
        Ok(Parsed::Ignored(_))
    ));
}

#[test]
fn a_ticked_box_is_consent_of_the_orders_own_age_and_an_empty_one_is_no_answer() {
    let mut body = fixture("order-refunded");
    let consent = |body: &Value| {
        let events = accepted("order.updated", body);
        events.into_iter().find_map(|event| match event.change {
            Change::ConsentChanged(consent) => Some((consent.state, event.at)),
            _ => None,
        })
    };
    assert_eq!(
        consent(&body),
        Some((ConsentState::Granted, at("2026-07-01T10:00:00Z")))
    );
    for value in [json!("0"), json!(""), json!({ "a": 1 }), Value::Null] {
        body["meta_data"][1]["value"] = value;
        assert_eq!(consent(&body), None);
    }
    body["meta_data"] = json!("?");
    assert_eq!(consent(&body), None);
}

#[test]
fn an_invoice_is_no_cart_but_its_payment_is_an_order() {
    for by in ["admin", "subscription"] {
        let mut body = fixture("order-pending");
        body["created_via"] = json!(by);
        let unpaid = parsed("order.created", &body.to_string());
        assert!(matches!(unpaid, Ok(Parsed::Ignored(_))), "{by}");
        body["status"] = json!("processing");
        assert_eq!(kinds(&accepted("order.updated", &body))[0], "order.placed");
    }
}

#[test]
fn nothing_that_is_wrong_with_it_holds_an_order_back() {
    for (field, value) in [
        ("line_items", json!([null, 7, { "quantity": "?" }])),
        ("line_items", Value::Null),
        ("billing", json!([])),
        ("total", json!("a lot")),
        ("currency", json!("XXX")),
        ("id", Value::Null),
        ("meta_data", json!([null, []])),
        ("date_paid_gmt", json!(7)),
        ("status", Value::Null),
    ] {
        let mut body = fixture("order-processing");
        body[field] = value.clone();
        let events = accepted("order.updated", &body);
        assert_eq!(kinds(&events)[0], "order.placed", "{field}: {value}");
    }
    let nobody = json!({ "status": "processing" }).to_string();
    assert!(matches!(
        parsed("order.updated", &nobody),
        Ok(Parsed::Ignored(_))
    ));
}

#[test]
fn a_line_that_cannot_be_read_does_not_lose_the_cart() {
    let mut body = fixture("order-pending");
    body["line_items"] =
        json!([null, body["line_items"][1], { "name": "?", "quantity": 1.5, "total": "1.00" }]);
    body["shipping_total"] = json!("?");
    let events = accepted("order.updated", &body);
    let contents = contents(&events);
    assert_eq!((contents.lines.len(), contents.total_minor), (1, 3490));
}

#[test]
fn every_shop_has_its_own_decimals() {
    for (currency, total, line_total, expected) in [
        ("USD", "24.000", "24.000", "24.00 USD"),
        ("JPY", "2400", "2400", "2400 JPY"),
        ("KWD", "2.400", "2.400", "2.400 KWD"),
        ("JOD", "2.4", "2.4", "2.400 JOD"),
        // More decimals than the currency has: what the shop's page rounds, we round.
        ("EUR", "23.996", "23.996", "24.00 EUR"),
    ] {
        let body = json!({
            "id": 1, "status": "pending", "currency": currency, "total": total, "shipping_total": "0", "shipping_tax": "0",
            "cart_tax": "0", "line_items": [{ "name": "Pin", "product_id": 1, "quantity": 1, "total": line_total, "price": 1 }],
        });
        let events = accepted("order.created", &body);
        assert_eq!(contents(&events).total().to_string(), expected);
    }
}

#[test]
fn two_hundred_lines_and_a_name_from_right_to_left_are_kept() {
    let line = json!({ "name": "قميص كتان", "product_id": 9, "quantity": 1, "total": "1.00", "total_tax": "" });
    let mut body = fixture("order-pending");
    body["line_items"] = json!(vec![line; 240]);
    body["total"] = json!("?");
    let events = accepted("order.created", &body);
    let contents = contents(&events);
    assert_eq!((contents.lines.len(), contents.total_minor), (200, 24_000));
    assert_eq!(contents.lines[0].title, "قميص كتان");
}
