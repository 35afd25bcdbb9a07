//! Bodies that no sample shows, over every storefront that tells carts: what is missing, odd or too much
//! costs what is wrong with it, and never the cart.

use ::cartback::event::{CartEvent, Change, Contents, MAX_LINES};
use ::cartback::storefront::adobe::Adobe;
use ::cartback::storefront::bigcommerce::BigCommerce;
use ::cartback::storefront::cartback::Cartback;
use ::cartback::storefront::commercelayer::CommerceLayer;
use ::cartback::storefront::fetch::Next;
use ::cartback::storefront::ga4::Ga4;
use ::cartback::storefront::saleor::Saleor;
use ::cartback::storefront::segment::Segment;
use ::cartback::storefront::shopify::Shopify;
use ::cartback::storefront::woocommerce::WooCommerce;
use ::cartback::storefront::{Malformed, Parsed, Storefront};
use serde_json::{Value, json};

use super::{at, fixture, headers, kinds, next, parse, reply};

/// A cart as a storefront tells it.
struct Sample {
    storefront: &'static dyn Storefront,
    topic: (&'static str, &'static str),
    fixture: &'static str,
    /// Where its lines are; empty where they are no list of their own.
    lines: &'static str,
    /// What becomes of it without lines: those of `null`, and those of an empty list.
    without_lines: [&'static str; 2],
}

const WHOLE: &str = "cart.updated contact.identified checkout.step_reached";
/// Of the contents nothing is said: those that are known stay.
const UNTOLD: &str = "contact.identified checkout.step_reached";
const CONSENTED: &str = "cart.updated contact.identified checkout.step_reached consent.changed";

const SAMPLES: [Sample; 10] = [
    sample(
        &Cartback,
        ("webhook-id", "msg_1"),
        "",
        "/cart/items",
        [
            "refused: cart.items: is null; send an array",
            "cart.updated contact.identified",
        ],
    ),
    sample(
        &Shopify,
        ("x-shopify-topic", "checkouts/update"),
        "checkouts-update",
        "/line_items",
        [UNTOLD, WHOLE],
    ),
    sample(
        &WooCommerce,
        ("x-wc-webhook-topic", "order.updated"),
        "order-pending",
        "/line_items",
        [
            "contact.identified checkout.step_reached consent.changed",
            CONSENTED,
        ],
    ),
    sample(
        &WooCommerce,
        ("x-wc-webhook-topic", "action.cartback_cart"),
        "cart",
        "/arg/cart/items",
        [UNTOLD, WHOLE],
    ),
    sample(
        &CommerceLayer,
        ("x-commercelayer-topic", "orders.update"),
        "orders-pending",
        "",
        ["", ""],
    ),
    sample(
        &Saleor,
        ("saleor-event", "checkout_updated"),
        "checkout_updated",
        "/checkout/lines",
        [UNTOLD, WHOLE],
    ),
    sample(
        &Segment,
        ("x-signature", "s"),
        "cart-viewed",
        "/properties/products",
        ["ignored: event cart viewed is not needed", "cart.updated"],
    ),
    sample(
        &Ga4,
        ("x-cartback-signature", "s"),
        "batch",
        "/events/0/params/items",
        [
            "checkout.step_reached cart.updated checkout.step_reached",
            "cart.updated checkout.step_reached cart.updated checkout.step_reached",
        ],
    ),
    sample(
        &BigCommerce,
        ("webhook-id", "msg_1"),
        "reply-cart",
        "/data/line_items/physical_items",
        [CONSENTED, CONSENTED],
    ),
    sample(
        &Adobe,
        ("webhook-id", "msg_1"),
        "reply-quote",
        "/items",
        [UNTOLD, WHOLE],
    ),
];

const fn sample(
    storefront: &'static dyn Storefront,
    topic: (&'static str, &'static str),
    fixture: &'static str,
    lines: &'static str,
    without_lines: [&'static str; 2],
) -> Sample {
    Sample {
        storefront,
        topic,
        fixture,
        lines,
        without_lines,
    }
}

impl Sample {
    fn body(&self) -> Value {
        let name = self.storefront.name();
        if name == "cartback" {
            return json!({
                "type": "cart.updated", "at": "2026-07-09T12:00:00Z",
                "cart": { "id": "c", "currency": "EUR", "items": [{ "id": "1", "title": "Shirt", "quantity": 2, "price": "49.00" }] },
                "contact": { "email": "ada@example.com", "first_name": "Ada" },
            });
        }
        serde_json::from_slice(&fixture(name, self.fixture)).unwrap()
    }

    /// What becomes of `body`, after the talk about it where it is a reply.
    fn told(&self, body: &Value) -> Result<Parsed, Malformed> {
        let body = body.to_string().into_bytes();
        let next = match self.storefront.name() {
            "bigcommerce" => {
                let good = |name| reply(200, &super::bigcommerce::fixture(name));
                let replies = [
                    reply(200, &body),
                    good("reply-checkout"),
                    good("reply-customers"),
                ];
                let notice = super::bigcommerce::fixture("cart-updated");
                next(
                    &BigCommerce,
                    &super::bigcommerce::access(),
                    &headers(&[]),
                    &notice,
                    &replies,
                )
            }
            "adobe" => super::adobe::talk("quote-saved", &[reply(200, &body)]),
            _ => return parse(self.storefront, &headers(&[self.topic]), &body),
        };
        Ok(match next? {
            Next::Record(events) => Parsed::Events(events),
            Next::Ignore(reason) => Parsed::Ignored(reason),
            other => panic!("{other:?}"),
        })
    }

    fn events(&self, body: &Value) -> Vec<CartEvent> {
        match self.told(body) {
            Ok(Parsed::Events(events)) => events,
            other => panic!("{} {}: {other:?}", self.storefront.name(), self.fixture),
        }
    }

    /// The body with each value whose key is one of `keys` replaced by `new`.
    fn with(&self, keys: &[&str], new: &Value) -> Value {
        let mut body = self.body();
        replace(&mut body, keys, new);
        body
    }

    /// The body with other lines, made of its first.
    fn with_lines(&self, lines: impl FnOnce(Value) -> Value) -> Option<Value> {
        let mut body = self.body();
        let held = body
            .pointer_mut(self.lines)
            .filter(|_| !self.lines.is_empty())?;
        let first = held[0].clone();
        *held = lines(first);
        Some(body)
    }
}

fn replace(value: &mut Value, keys: &[&str], new: &Value) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                if keys.contains(&key.as_str()) {
                    *field = new.clone();
                } else {
                    replace(field, keys, new);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, keys, new)),
        _ => {}
    }
}

fn cart(events: &[CartEvent]) -> &Contents {
    let mut carts = events.iter().filter_map(|event| match &event.change {
        Change::CartUpdated(contents) => Some(contents),
        _ => None,
    });
    carts.next().unwrap()
}

#[test]
fn a_cart_of_250_lines_keeps_200_and_its_true_total() {
    for sample in &SAMPLES {
        let Some(body) = sample.with_lines(|line| json!(vec![line; 250])) else {
            continue;
        };
        let told = sample.events(&body);
        let (contents, own) = (cart(&told), sample.events(&sample.body()));
        assert_eq!(contents.lines.len(), MAX_LINES, "{}", sample.fixture);
        let line = &contents.lines[0];
        let all = 250 * i64::from(line.quantity) * line.price_minor;
        let is_true = contents.total_minor == all || contents.total_minor == cart(&own).total_minor;
        assert!(is_true, "{} {}", sample.fixture, contents.total_minor);
    }
}

#[test]
fn a_null_among_the_lines_is_left_out() {
    // Our own format is the shop's own code, which is told of its mistake.
    for sample in SAMPLES.iter().skip(1) {
        if let Some(body) = sample.with_lines(|line| json!([null, line, null])) {
            let lines = &cart(&sample.events(&body)).lines.clone();
            let n_gifts = usize::from(sample.fixture == "reply-cart");
            assert_eq!(lines.len(), 1 + n_gifts, "{} {lines:?}", sample.fixture);
        }
    }
}

#[test]
fn without_lines_it_is_an_empty_cart_or_no_cart_at_all() {
    let outcome = |sample: &Sample, lines: Value| {
        let body = sample.with_lines(|_| lines)?;
        Some(match sample.told(&body) {
            Ok(Parsed::Events(events)) => kinds(&events).join(" "),
            Ok(Parsed::Ignored(reason)) => format!("ignored: {reason}"),
            Err(fault) => format!("refused: {fault}"),
            Ok(other) => panic!("{other:?}"),
        })
    };
    let told = SAMPLES.iter().map(|sample| {
        let [none, empty] = [json!(null), json!([])].map(|lines| outcome(sample, lines));
        [none.unwrap_or_default(), empty.unwrap_or_default()]
    });
    let told: Vec<_> = told.collect();
    let expected: Vec<_> = SAMPLES.iter().map(|sample| sample.without_lines).collect();
    assert_eq!(told, expected, "{told:#?}");
}

/// BigCommerce has its lines by kind; above, one kind is untold, and here all are.
#[test]
fn without_all_kinds_of_lines_nothing_is_said_of_the_contents() {
    let sample = SAMPLES
        .iter()
        .find(|it| it.fixture == "reply-cart")
        .unwrap();
    let told = sample.events(&sample.with(&["line_items"], &Value::Null));
    let expected = format!("{UNTOLD} consent.changed");
    assert_eq!(kinds(&told).join(" "), expected);
}

#[test]
fn a_cart_that_tells_nothing_at_all_is_left_out() {
    let named = |topic, body: &str| {
        let headers = headers(&[topic]);
        match parse(&Shopify, &headers, body.as_bytes()) {
            Ok(Parsed::Ignored(reason)) => reason,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        named(("x-shopify-topic", "carts/update"), r#"{"token":"t"}"#),
        "the cart tells of no lines"
    );
    assert_eq!(
        named(("x-shopify-topic", "checkouts/update"), r#"{"token":"t"}"#),
        "the checkout tells of no lines, no person and no step"
    );
}

#[test]
fn a_cart_without_an_address_is_a_cart_of_nobody() {
    // BigCommerce's checkout names the person as well.
    let samples = SAMPLES.iter().filter(|it| it.fixture != "reply-cart");
    for sample in samples.skip(1) {
        let body = sample.with(&["email", "customer_email"], &Value::Null);
        let told = sample.events(&body);
        assert!(
            told.iter().all(|event| event.contact.is_none()),
            "{}",
            sample.fixture
        );
        assert_eq!(cart(&told), cart(&sample.events(&sample.body())));
    }
}

#[test]
fn an_impossible_offset_costs_the_time_and_nothing_else() {
    const TIMES: [&str; 9] = [
        "updated_at",
        "created_at",
        "updatedAt",
        "issuedAt",
        "timestamp",
        "date_modified_gmt",
        "updated_time",
        "created_time",
        "date_created_gmt",
    ];
    for sample in SAMPLES.iter().skip(1) {
        let body = sample.with(&TIMES, &json!("2026-07-09T12:00:00+99:99"));
        let (told, whole) = (sample.events(&body), sample.events(&sample.body()));
        assert_eq!(kinds(&told), kinds(&whole), "{}", sample.fixture);
        assert_eq!(cart(&told), cart(&whole));
        assert!(told.iter().all(|event| event.at <= at(super::RECEIVED_AT)));
    }
}

#[test]
fn a_name_from_right_to_left_is_the_name() {
    // BigCommerce's checkout has the name, and this is a reply about its cart.
    for sample in SAMPLES.iter().filter(|it| it.fixture != "reply-cart") {
        let body = sample.with(&["first_name", "firstName", "firstname"], &json!("فاطمة"));
        let people = sample
            .events(&body)
            .into_iter()
            .filter_map(|event| event.contact);
        for name in people.filter_map(|person| person.first_name) {
            assert_eq!(name, "فاطمة", "{}", sample.fixture);
        }
    }
    let body = SAMPLES[1].with(&["first_name"], &json!("فاطمة"));
    let told = SAMPLES[1].events(&body);
    assert!(told.iter().any(|event| {
        event
            .contact
            .as_ref()
            .is_some_and(|it| it.first_name.is_some())
    }));
}

/// A company buys on account: its terms and numbers change neither the cart nor whom it is of.
#[test]
fn a_companys_cart_is_a_cart() {
    for sample in SAMPLES.iter().skip(1) {
        let mut body = sample.body();
        let of = if sample.lines.is_empty() {
            "/data/attributes"
        } else {
            parent(sample.lines)
        };
        let cart = body.pointer_mut(of).unwrap();
        cart["company"] =
            json!({ "id": 9_007_199_254_740_993_i64, "location_id": 7, "name": "Marlow GmbH" });
        cart["payment_terms"] = json!({ "payment_terms_name": "Net 30", "due_in_days": 30 });
        cart["po_number"] = json!("PO-4711/ä");
        cart["tax_exempt"] = json!(true);
        assert_eq!(
            kinds(&sample.events(&body)),
            kinds(&sample.events(&sample.body()))
        );
        assert_eq!(
            self::cart(&sample.events(&body)),
            self::cart(&sample.events(&sample.body()))
        );
    }
}

fn parent(pointer: &str) -> &str {
    pointer.rsplit_once('/').unwrap().0
}

#[test]
fn a_gift_card_is_a_line_like_any_other() {
    let sample = &SAMPLES[1];
    let body = sample.with_lines(|mut line| {
        line["gift_card"] = json!(true);
        line["sku"] = json!("");
        json!([line])
    });
    let told = sample.events(&body.unwrap());
    let lines = &cart(&told).lines;
    assert_eq!((lines.len(), lines[0].price_minor), (1, 4900));
}
