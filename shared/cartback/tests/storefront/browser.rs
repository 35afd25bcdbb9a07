use ::cartback::consent::ConsentState;
use ::cartback::event::{Behaviour, CartEvent, Change, CheckoutStep, Origin};
use ::cartback::session::Session;
use ::cartback::storefront::browser::Browser;
use ::cartback::storefront::secret::Secret;
use ::cartback::storefront::signature::SignatureError;
use ::cartback::storefront::{Message, Parsed, Storefront};
use http::HeaderMap;
use serde_json::{Value, json};

use super::{at, contents, events, fixture_file, headers, kinds, parse};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0";
const SECRET: &str = "pk_demo:whsec_of-a-page-in-the-tests";
const LINE: &str = "pk_demo 1782909000.Y2FydC0x.x";

fn firefox() -> HeaderMap {
    headers(&[("user-agent", FIREFOX)])
}

fn told(events: Value) -> Parsed {
    let report = json!({ "sent": 60_000, "events": events });
    parse(&Browser, &firefox(), format!("{LINE}\n{report}").as_bytes()).unwrap()
}

fn accepted(told_events: Value) -> Vec<CartEvent> {
    events(told(told_events))
}

#[test]
fn a_report_tells_of_the_sessions_cart() {
    let events =
        events(parse(&Browser, &firefox(), &fixture_file("browser", "report.txt")).unwrap());
    assert_eq!(
        kinds(&events),
        [
            "cart.updated",
            "checkout.step_reached",
            "contact.identified",
            "consent.changed",
            "payment.failed",
            "page.reported",
        ]
    );
    assert!(
        events
            .iter()
            .all(|event| event.carts[0].as_str() == "cart-1")
    );
    assert!(events.iter().all(|event| event.origin == Origin::Browser));
    let cart = contents(&events);
    assert_eq!(
        (cart.total_minor, cart.lines.len(), &cart.checkout_url),
        (5_890, 2, &None)
    );
    let Change::StepReached { step, costs } = &events[1].change else {
        panic!()
    };
    assert_eq!(
        (*step, costs.unwrap().shipping.unwrap().minor),
        (CheckoutStep::Shipping, 490)
    );
    let person = events[2].contact.as_ref().unwrap();
    assert_eq!(person.time_zone.as_deref(), Some("Europe/Vienna"));
    assert_eq!(
        (person.locale.as_deref(), &person.first_name),
        (Some("de-AT"), &None)
    );
    assert_eq!(
        events[5].change,
        Change::PageReported(Behaviour {
            n_errors: 1,
            n_payments_failed: 1,
            n_coupons: 2,
            n_coupons_refused: 1,
            slowest_page_ms: 2140,
        })
    );
}

#[test]
fn an_event_is_as_old_as_it_waited_by_the_devices_clock() {
    let time = |sent: Value, told_at: Value| {
        let report = json!({ "sent": sent, "events": [{ "type": "payment_failed", "id": "e", "at": told_at }] });
        let body = format!("{LINE}\n{report}");
        events(parse(&Browser, &firefox(), body.as_bytes()).unwrap())[0].at
    };
    assert_eq!(
        time(json!(65_000), json!(5_000)),
        at("2026-07-09T23:59:00Z")
    );
    assert_eq!(
        time(json!(5_000), json!(65_000)),
        at("2026-07-10T00:00:00Z")
    );
    assert_eq!(time(json!(null), json!("x")), at("2026-07-10T00:00:00Z"));
    assert_eq!(
        time(json!(i64::MAX), json!(i64::MIN)),
        at("2026-07-09T00:00:00Z")
    );
}

#[test]
fn no_address_is_taken_without_the_tick() {
    for consent in [json!(false), json!(null), json!("yes"), json!(1)] {
        let event =
            json!({ "type": "contact", "id": "e", "email": "ada@example.com", "consent": consent });
        assert!(
            matches!(told(json!([event])), Parsed::Ignored(_)),
            "{consent}"
        );
    }
    let taken_back = json!({ "type": "refused", "id": "e", "email": "ada@example.com" });
    let events = accepted(json!([taken_back]));
    let Change::ConsentChanged(consent) = &events[0].change else {
        panic!()
    };
    assert_eq!(consent.state, ConsentState::Refused);
}

#[test]
fn of_several_addresses_in_one_report_the_last_counts() {
    let typed = |id: &str, email: &str| json!({ "type": "contact", "id": id, "email": email, "consent": true });
    let events = accepted(json!([
        typed("1", "ada@example.co"),
        typed("2", "ada@example.com")
    ]));
    assert_eq!(kinds(&events), ["contact.identified", "consent.changed"]);
    assert_eq!(
        events[0].contact.as_ref().unwrap().email.expose(),
        "ada@example.com"
    );
}

#[test]
fn an_item_whose_words_carry_a_link_is_left_out() {
    let item = |title: &str| json!({ "id": "i", "title": title, "quantity": 1, "price": "1.00" });
    let cart = json!({ "items": [item("Mug"), item("Win at evil.example"), item("http://evil")] });
    let events = accepted(json!([{ "type": "cart", "id": "e", "cart": cart }]));
    assert_eq!(contents(&events).lines.len(), 1);
}

#[test]
fn a_machine_is_marked_by_what_it_calls_itself() {
    let report = json!({ "events": [{ "type": "payment_failed", "id": "e" }] });
    let body = format!("{LINE}\n{report}");
    for user_agent in [
        "Mozilla/5.0 (compatible; bingbot/2.0)",
        "python-requests/2.32",
    ] {
        let headers = headers(&[("user-agent", user_agent)]);
        let events = events(parse(&Browser, &headers, body.as_bytes()).unwrap());
        assert_eq!(events[0].origin, Origin::Machine, "{user_agent}");
    }
    let nameless = events(parse(&Browser, &headers(&[]), body.as_bytes()).unwrap());
    assert_eq!(nameless[0].origin, Origin::Machine);
}

#[test]
fn what_cannot_be_read_is_left_out_and_the_rest_is_taken() {
    let events = accepted(json!([
        null,
        7,
        { "type": "nonsense", "id": "a" },
        { "type": "step", "id": "b", "step": "moon" },
        { "type": "cart", "id": "c", "cart": { "items": "?" } },
        { "type": "payment_failed", "id": "has space" },
        { "type": "payment_failed" },
        { "type": "step", "id": "d", "step": "payment" },
    ]));
    assert_eq!(kinds(&events), ["checkout.step_reached"]);
}

fn verify(body: &str, now: &str) -> Result<(), SignatureError> {
    let secrets = [
        Secret(SECRET.to_owned()),
        Secret("pk_next:another-secret-of-24-bytes-".to_owned()),
    ];
    let message = Message {
        headers: &firefox(),
        body: body.as_bytes(),
    };
    Browser.verify(&secrets, message, &[at(now)])
}

#[test]
fn a_session_opens_the_door_for_its_cart_and_its_time() {
    let report = String::from_utf8(fixture_file("browser", "report.txt")).unwrap();
    let noon = "2026-07-01T12:00:00Z";
    assert_eq!(verify(&report, noon), Ok(()));
    assert_eq!(
        verify(&report, "2026-07-01T12:30:00Z"),
        Err(SignatureError::Over)
    );
    assert_eq!(
        verify(&report, "2026-06-30T12:29:59Z"),
        Err(SignatureError::Over)
    );
    // Another cart, another end, another key.
    for (from, to) in [
        ("Y2FydC0x", "Y2FydC0y"),
        ("1782909000", "1782909001"),
        ("pk_demo", "pk_next"),
    ] {
        assert_eq!(
            verify(&report.replacen(from, to, 1), noon),
            Err(SignatureError::Mismatch),
            "{to}"
        );
    }
    for broken in [
        "",
        "\n",
        "pk_demo\n{}",
        "pk_demo x\n{}",
        "pk_demo 1.2\n{}",
        "no line at all",
    ] {
        assert_eq!(
            verify(broken, noon),
            Err(SignatureError::Header("session")),
            "{broken:?}"
        );
    }
}

#[test]
fn a_session_is_not_a_signature_of_the_same_key_for_anything_else() {
    // A key that also signs webhooks of the bare claims opens nothing.
    let claims = "1782909000.Y2FydC0x";
    let (_, key) = SECRET.split_once(':').unwrap();
    let foreign = ::cartback::storefront::signature::base64_hmac(key, claims.as_bytes());
    let body = format!("pk_demo {claims}.{foreign}\n{{}}");
    assert_eq!(
        verify(&body, "2026-07-01T12:00:00Z"),
        Err(SignatureError::Mismatch)
    );
    let own = Session {
        cart: "cart-1".parse().unwrap(),
        expires_at: at("2026-07-01T12:30:00Z"),
    }
    .mint(key.as_bytes());
    assert_eq!(
        verify(&format!("pk_demo {own}\n{{}}"), "2026-07-01T12:00:00Z"),
        Ok(())
    );
}

#[test]
fn a_secret_is_a_publishable_key_and_a_long_one() {
    assert_eq!(Browser.check_secret(SECRET), Ok(()));
    for text in [
        "",
        "pk_demo",
        "pk_demo:short",
        "whsec_of-a-page-in-the-tests-1234567890",
        "pk demo:whsec_of-a-page-in-the-tests",
    ] {
        assert!(Browser.check_secret(text).is_err(), "{text}");
    }
}
