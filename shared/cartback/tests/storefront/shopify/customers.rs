use ::cartback::consent::{ConsentBasis, ConsentState};
use ::cartback::event::Change;
use serde_json::{Value, json};

use super::super::{at, kinds};
use super::{accepted, fixture, ignored, raw};

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn only_a_recorded_decision_is_consent() {
    use ConsentBasis::{DoubleOptIn, Express, None as NoBasis};
    use ConsentState::{Granted, Refused};
    let dated = json!("2026-05-01T00:00:00Z");
    for (state, level, updated_at, expected) in [
        (
            json!("subscribed"),
            json!("confirmed_opt_in"),
            &dated,
            Some((Granted, DoubleOptIn)),
        ),
        (
            json!("SUBSCRIBED"),
            json!("single_opt_in"),
            &dated,
            Some((Granted, Express)),
        ),
        (
            json!("subscribed"),
            Value::Null,
            &dated,
            Some((Granted, Express)),
        ),
        (
            json!("unsubscribed"),
            Value::Null,
            &Value::Null,
            Some((Refused, NoBasis)),
        ),
        (
            json!("redacted"),
            Value::Null,
            &Value::Null,
            Some((Refused, NoBasis)),
        ),
        (
            json!("invalid"),
            Value::Null,
            &Value::Null,
            Some((Refused, NoBasis)),
        ),
        (
            json!("not_subscribed"),
            Value::Null,
            &dated,
            Some((Refused, NoBasis)),
        ),
        (json!("not_subscribed"), Value::Null, &Value::Null, None),
        (json!("pending"), Value::Null, &dated, None),
        (Value::Null, Value::Null, &Value::Null, None),
        (json!("brand_new"), Value::Null, &dated, None),
    ] {
        let told = json!({"state": state, "opt_in_level": level, "consent_updated_at": updated_at});
        let body = json!({"email_address": "ada@example.com", "email_marketing_consent": told});
        let topic = "customers_email_marketing_consent/update";
        let Some(expected) = expected else {
            assert!(ignored(topic, &body), "{told}");
            continue;
        };
        let events = accepted(topic, &body);
        let Change::ConsentChanged(consent) = &events[0].change else {
            panic!("{told}")
        };
        assert_eq!((consent.state, consent.basis), expected, "{told}");
        assert!(events[0].carts.is_empty());
    }
}

#[test]
fn an_undated_grant_never_lifts_a_dated_refusal() {
    let mut body = fixture("customers-update");
    assert_eq!(
        accepted("customers/update", &body)[0].at,
        at("2026-05-01T00:00:00Z")
    );
    body["email_marketing_consent"]["consent_updated_at"] = Value::Null;
    assert_eq!(
        accepted("customers/update", &body)[0].at,
        at("2026-01-01T00:00:00Z")
    );
    body["email_marketing_consent"]["state"] = json!("unsubscribed");
    assert_eq!(
        accepted("customers/update", &body)[0].at,
        at("2026-06-01T00:00:00Z")
    );
    let refusal = raw(
        "customers_email_marketing_consent/update",
        "customers_email_marketing_consent-update",
    );
    assert_eq!(refusal[0].at, at("2026-06-02T00:00:00Z"));
}

#[test]
fn a_request_for_data_goes_to_the_operator_and_that_of_a_shop_too() {
    let body = json!({ "shop_id": 1, "customer": { "id": 7, "email": "ada@example.com" }, "data_request": { "id": 9 } });
    let asked = accepted("customers/data_request", &body);
    assert_eq!(kinds(&asked), ["data.requested"]);
    assert!(asked[0].contact.is_some());
    assert!(ignored(
        "customers/data_request",
        &json!({ "customer": { "id": 7 } })
    ));
    let left = accepted(
        "shop/redact",
        &json!({ "shop_id": 1, "shop_domain": "a.myshopify.com" }),
    );
    assert_eq!(kinds(&left), ["shop.erasure_requested"]);
}

#[test]
fn a_redaction_is_an_erasure() {
    let events = raw("customers/redact", "customers-redact");
    assert_eq!(kinds(&events), ["erasure.requested"]);
    assert!(ignored(
        "customers/redact",
        &json!({"customer": {"id": 7, "email": null, "phone": "+43"}})
    ));
}
