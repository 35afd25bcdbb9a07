//! BigCommerce: what is told, what is asked for, and what comes of it.

use ::cartback::consent::ConsentState;
use ::cartback::event::{CartEvent, Change, CheckoutStep};
use ::cartback::product::Stock;
use ::cartback::storefront::bigcommerce::BigCommerce;
use ::cartback::storefront::fetch::{Next, Reply};
use ::cartback::storefront::{Malformed, Parsed, Storefront};
use serde_json::{Value, json};

use super::{asked, at, contents, headers, kinds, next, parse, recorded, reply};

const CART: &str = "6f1c9a52-8b7e-4a10-9a3d-2f7f0c8f1e11";

pub(super) const NOTICES: [&str; 4] = [
    "cart-updated",
    "order-status-updated",
    "subscriber-created",
    "customer-updated",
];

pub(super) fn fixture(name: &str) -> Vec<u8> {
    let folder = format!(
        "{}/fixtures/storefront/bigcommerce",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read(format!("{folder}/{name}.json")).unwrap()
}

pub(super) fn access() -> Value {
    json!({ "store_hash": "abc123", "access_token": "hush" })
}

fn talk(notice: &[u8], replies: &[Reply]) -> Result<Next, Malformed> {
    let given = headers(&[("webhook-id", "msg_7")]);
    next(&BigCommerce, &access(), &given, notice, replies)
}

fn replies(names: &[&str]) -> Vec<Reply> {
    names
        .iter()
        .map(|name| reply(200, &fixture(name)))
        .collect()
}

fn events(notice: &str, names: &[&str]) -> Vec<CartEvent> {
    recorded(talk(&fixture(notice), &replies(names)).unwrap())
}

/// The reply called `name` with `change` made to its JSON.
fn changed(name: &str, change: impl FnOnce(&mut Value)) -> Reply {
    let mut body: Value = serde_json::from_slice(&fixture(name)).unwrap();
    change(&mut body);
    reply(200, body.to_string().as_bytes())
}

fn notice(scope: &str, data: Value) -> Vec<u8> {
    let notice = json!({ "scope": scope, "producer": "stores/abc123", "data": data });
    notice.to_string().into_bytes()
}

#[test]
fn a_cart_is_asked_for_then_its_checkout_then_its_customer() {
    let all = replies(&["reply-cart", "reply-checkout", "reply-customers"]);
    for (n, path) in [
        format!("v3/carts/{CART}?include=redirect_urls"),
        format!("v3/checkouts/{CART}"),
        "v3/customers?id:in=17".to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        let next = talk(&fixture("cart-updated"), &all[..n]).unwrap();
        let Next::Ask(question) = &next else { panic!() };
        let (name, token) = &question.headers()[0];
        assert_eq!((*name, token.text()), ("x-auth-token", "hush"));
        let expected = format!("https://api.bigcommerce.com/stores/abc123/{path}");
        assert_eq!(asked(next), expected);
    }
}

#[test]
fn a_cart_has_its_lines_person_step_and_link() {
    let all = ["reply-cart", "reply-checkout", "reply-customers"];
    let events = events("cart-updated", &all);
    assert_eq!(
        kinds(&events),
        [
            "cart.updated",
            "contact.identified",
            "checkout.step_reached",
            "consent.changed"
        ]
    );
    // The newest of cart and checkout, and not the time of the webhook.
    assert_eq!(events[0].at, at("2026-07-09T23:55:00Z"));
    assert_eq!(events[0].id, "msg_7");
    assert_eq!(events[0].carts[0].as_str(), CART);
    let contents = contents(&events);
    let titles: Vec<_> = contents
        .lines
        .iter()
        .map(|line| line.title.as_str())
        .collect();
    assert_eq!(
        titles,
        ["Linen shirt", "Gift"],
        "null and a line without a price are left out"
    );
    assert_eq!(contents.lines[0].id, "9007199254740993");
    assert_eq!(contents.lines[0].price_minor, 2250);
    assert_eq!(contents.lines[0].compare_at_minor, Some(2450));
    assert_eq!(contents.total().to_string(), "57.50 EUR");
    let link = contents.checkout_url.as_deref().unwrap();
    assert!(link.ends_with("checkout=1"), "{link}");
    let person = events[1].contact.as_ref().unwrap();
    assert_eq!(person.email.expose(), "ada@example.com");
    assert_eq!(person.first_name.as_deref(), Some("Ada"));
    assert_eq!(person.locale.as_deref(), Some("de-AT"));
    assert_eq!(person.country.as_deref(), Some("DE"));
    let Change::StepReached { step, costs } = &events[2].change else {
        panic!()
    };
    assert_eq!(*step, CheckoutStep::Shipping);
    let costs = costs.unwrap();
    assert_eq!(costs.shipping.unwrap().minor, 490);
    assert_eq!(costs.tax.unwrap().minor, 1248);
}

#[test]
fn a_customer_who_declined_cart_mails_has_refused_and_one_who_did_not_says_nothing() {
    let all = ["reply-cart", "reply-checkout", "reply-customers"];
    let refusal = &events("cart-updated", &all)[3];
    let Change::ConsentChanged(consent) = &refusal.change else {
        panic!()
    };
    assert_eq!(consent.state, ConsentState::Refused);
    assert_eq!(refusal.at, at("2026-07-01T08:00:00Z"), "when it was said");
    assert_eq!(
        kinds(&events("customer-updated", &["reply-customers"])),
        ["consent.changed"]
    );
    let field = "accepts_product_review_abandoned_cart_emails";
    for (field, value) in [
        (field, json!(true)),
        (field, json!(null)),
        ("id", json!(18)),
    ] {
        let customers = changed("reply-customers", |body| body["data"][0][field] = value);
        let told = talk(&fixture("customer-updated"), &[customers]).unwrap();
        assert!(matches!(told, Next::Ignore(_)), "{told:?}");
    }
}

#[test]
fn a_cart_that_is_gone_is_no_fault_and_a_checkout_that_is_gone_loses_no_cart() {
    let cart = fixture("cart-updated");
    let gone = talk(&cart, &[reply(404, b"")]).unwrap();
    assert_eq!(
        gone,
        Next::Ignore("the cart is gone: ordered, or deleted".to_owned())
    );
    let guest = changed("reply-cart", |body| body["data"]["customer_id"] = json!(0));
    let told = talk(&cart, &[guest, reply(404, b"")]).unwrap();
    assert_eq!(
        kinds(&recorded(told)),
        [
            "cart.updated",
            "contact.identified",
            "checkout.step_reached"
        ]
    );
    for broken in [reply(422, b""), reply(200, b"<html>"), reply(200, b"{}")] {
        assert!(talk(&cart, &[broken]).is_err());
    }
}

#[test]
fn an_emptied_cart_is_empty_and_one_that_cannot_be_read_is_not() {
    let read = |lines: Value| {
        let cart = changed("reply-cart", |body| {
            body["data"]["customer_id"] = json!(0);
            body["data"]["line_items"] = lines;
            body["data"]["cart_amount"] = json!(null);
        });
        talk(&fixture("cart-updated"), &[cart, reply(404, b"")])
    };
    let emptied = recorded(read(json!({ "physical_items": [] })).unwrap());
    assert!(contents(&emptied).lines.is_empty());
    assert!(read(json!({ "physical_items": [null] })).is_err());
    let many: Vec<Value> = (0..250)
        .map(|n| json!({ "id": n, "name": "حقيبة", "quantity": 1, "sale_price": 0.335 }))
        .collect();
    let many = recorded(read(json!({ "custom_items": many })).unwrap());
    let contents = contents(&many);
    assert_eq!(contents.lines.len(), 200);
    assert_eq!(contents.total_minor, 250 * 34);
}

#[test]
fn yen_have_no_decimals_and_dinars_three() {
    for (code, price, minor) in [("jpy", json!(1999.5), 2000), ("KWD", json!("1.9995"), 2000)] {
        let cart = changed("reply-cart", |body| {
            body["data"]["customer_id"] = json!(0);
            body["data"]["currency"]["code"] = json!(code);
            let line = json!({ "id": 1, "quantity": 1, "sale_price": price });
            body["data"]["line_items"] = json!({ "physical_items": [line] });
        });
        let told = talk(&fixture("cart-updated"), &[cart, reply(404, b"")]).unwrap();
        let events = recorded(told);
        assert_eq!(contents(&events).lines[0].price_minor, minor, "{code}");
    }
}

#[test]
fn the_end_of_a_cart_is_told_whole() {
    let own = headers(&[("webhook-id", "msg_7")]);
    let converted = parse(&BigCommerce, &own, &fixture("cart-converted")).unwrap();
    let events = super::events(converted);
    assert_eq!(events[0].carts[0].as_str(), CART);
    assert_eq!(events[0].at, at("2026-07-10T00:00:00Z"));
    let Change::OrderPlaced(order) = &events[0].change else {
        panic!()
    };
    assert_eq!(order.id, "9007199254740993", "beyond what a float holds");
    let deleted = notice("store/cart/deleted", json!({ "id": CART }));
    let deleted = parse(&BigCommerce, &own, &deleted).unwrap();
    assert_eq!(kinds(&super::events(deleted)), ["cart.deleted"]);
}

#[test]
fn an_order_is_what_its_status_says() {
    let own = events("order-status-updated", &["reply-order"]);
    assert_eq!(kinds(&own), ["order.placed"]);
    assert_eq!(own[0].at, at("2026-07-09T23:58:00Z"), "when it was placed");
    assert_eq!(own[0].carts[0].as_str(), CART);
    let Change::OrderPlaced(order) = &own[0].change else {
        panic!()
    };
    assert_eq!(order.total.unwrap().to_string(), "74.88 EUR");
    for (status, expected) in [
        (0, &["checkout.step_reached"][..]),
        (1, &["checkout.step_reached"]),
        (5, &["order.placed", "order.cancelled"]),
        (6, &["order.placed", "order.cancelled"]),
        (7, &["order.placed"]),
        (99, &["order.placed"]),
    ] {
        let order = changed("reply-order", |body| body["status_id"] = json!(status));
        let told = talk(&fixture("order-status-updated"), &[order]).unwrap();
        assert_eq!(kinds(&recorded(told)), expected, "{status}");
    }
}

#[test]
fn an_order_without_a_cart_stops_its_person() {
    let order = changed("reply-order", |body| body["cart_id"] = json!(null));
    let told = recorded(talk(&fixture("order-status-updated"), &[order]).unwrap());
    assert!(told[0].carts.is_empty() && told[0].contact.is_some());
    let nobody = talk(
        &fixture("order-status-updated"),
        &[reply(200, b"{\"id\": 731}")],
    );
    assert!(matches!(nobody, Ok(Next::Ignore(_))), "{nobody:?}");
    let none = talk(&fixture("order-status-updated"), &[reply(204, b"")]);
    assert!(matches!(none, Ok(Next::Ignore(_))), "{none:?}");
}

#[test]
fn each_refund_of_an_order_is_told_by_its_id() {
    let refunded = notice("store/order/refund/created", json!({ "id": 731 }));
    let order = reply(200, &fixture("reply-order"));
    let path = asked(talk(&refunded, std::slice::from_ref(&order)).unwrap());
    assert!(
        path.ends_with("/v3/orders/731/payment_actions/refunds"),
        "{path}"
    );
    let refunds = json!({ "data": [
        { "id": 3, "total_amount": 10.5, "created": "2026-07-09T23:59:00+00:00" },
        null,
        { "id": 4, "total_amount": "x" },
    ] });
    let refunds = reply(200, refunds.to_string().as_bytes());
    let events = recorded(talk(&refunded, &[order, refunds]).unwrap());
    assert_eq!(kinds(&events), ["order.refunded", "order.refunded"]);
    let Change::OrderRefunded(refund) = &events[0].change else {
        panic!()
    };
    assert_eq!(refund.id, "3");
    assert_eq!(refund.amount.unwrap().to_string(), "10.50 EUR");
    assert_eq!(events[0].carts[0].as_str(), CART);
    let alone = changed("reply-order", |body| body["cart_id"] = json!(null));
    let told = talk(&refunded, &[alone]);
    assert!(matches!(told, Ok(Next::Ignore(_))), "{told:?}");
}

#[test]
fn a_subscription_is_consent_as_old_as_itself() {
    let path = asked(talk(&fixture("subscriber-created"), &[]).unwrap());
    assert!(path.ends_with("/v3/customers/subscribers/42"), "{path}");
    let events = events("subscriber-created", &["reply-subscriber"]);
    let Change::ConsentChanged(consent) = &events[0].change else {
        panic!()
    };
    assert_eq!(consent.state, ConsentState::Granted);
    assert_eq!(events[0].at, at("2026-06-01T10:00:00Z"));
    assert!(events[0].carts.is_empty());
}

#[test]
fn a_webhook_of_a_channel_is_one_of_the_store_and_another_stores_is_ignored() {
    let channel = notice("store/channel/12/cart/updated", json!({ "id": CART }));
    assert_eq!(
        parse(&BigCommerce, &headers(&[]), &channel),
        Ok(Parsed::Fetch)
    );
    let mut other: Value = serde_json::from_slice(&channel).unwrap();
    other["producer"] = json!("stores/zzz999");
    let told = talk(other.to_string().as_bytes(), &[]).unwrap();
    assert_eq!(told, Next::Ignore("it is of another store".to_owned()));
    for scope in ["store/cart/lineItem/updated", "store/product/updated", "x"] {
        let parsed = parse(
            &BigCommerce,
            &headers(&[]),
            &notice(scope, json!({ "id": 1 })),
        );
        let reason = format!("topic {scope} is not needed");
        assert_eq!(parsed, Ok(Parsed::Ignored(reason)));
    }
}

#[test]
fn a_count_of_a_variant_is_its_stock_and_a_difference_is_none() {
    let told = |inventory: Value| {
        let data = json!({ "type": "sku", "id": 461, "inventory": inventory });
        let notice = notice("store/sku/inventory/order/updated", data);
        parse(&BigCommerce, &headers(&[("webhook-id", "msg_7")]), &notice).unwrap()
    };
    let count = |method: &str, value: Value| {
        let inventory =
            json!({ "product_id": 167, "method": method, "value": value, "variant_id": 509 });
        told(inventory)
    };
    for (value, left) in [(json!(2), 2), (json!(0), 0), (json!(-3), 0)] {
        let Parsed::Products(readings) = count("absolute", value) else {
            panic!("no reading")
        };
        let reading = &readings[0];
        assert_eq!(
            (reading.variant.as_str(), reading.id.as_str()),
            ("509", "msg_7")
        );
        assert_eq!(reading.stock, Some(Stock::Left(left)));
        assert_eq!((&reading.price, &reading.description), (&None, &None));
    }
    let none = Parsed::Ignored("it is no count of a variant".to_owned());
    assert_eq!(count("relative", json!(-1)), none);
    assert_eq!(count("absolute", json!("x")), none);
    assert_eq!(
        told(json!({ "method": "absolute", "value": 2, "product_id": 167 })),
        none
    );
    assert_eq!(told(json!(null)), none);
}

#[test]
fn an_id_never_leads_elsewhere() {
    for id in ["../../v2/time", "a/b", "..", "x?y=1", "x#y"] {
        let cart = notice("store/cart/updated", json!({ "id": id }));
        assert!(talk(&cart, &[]).is_err(), "{id}");
    }
    for data in [json!(null), json!({}), json!({ "id": null })] {
        let cart = notice("store/cart/updated", data);
        assert!(parse(&BigCommerce, &headers(&[]), &cart).is_err());
    }
}

#[test]
fn access_is_two_names_and_a_plain_store() {
    let fetch = BigCommerce.fetch().unwrap();
    let check = |access: Value| fetch.check_access(&serde_json::from_value(access).unwrap());
    assert_eq!(check(access()), Ok(()));
    for access in [
        json!({}),
        json!({ "store_hash": "abc123" }),
        json!({ "store_hash": "abc123", "access_token": " " }),
        json!({ "store_hash": "../x", "access_token": "hush" }),
        json!({ "store_hash": "abc123", "access_token": "hush", "host": "evil.example" }),
    ] {
        assert!(check(access.clone()).is_err(), "{access}");
    }
}
