//! No consent basis, no mail; and what counts as one in which market.

use cartback::decide::{Decision, SkipReason};
use cartback_tests::installation::Installation;
use cartback_tests::messages::{ADA, cart, consent, unasked_cart};
use jiff::SignedDuration;
use serde_json::{Value, json};

const GRANTED: [&str; 2] = ["granted", "express"];
const SOFT: [&str; 2] = ["granted", "soft_opt_in"];
const REFUSED: [&str; 2] = ["refused", "none"];
const UNKNOWN: [&str; 2] = ["unknown", "none"];

#[tokio::test]
async fn who_never_agreed_gets_no_mail_and_the_decision_says_so() {
    let mut shop = Installation::open().await;
    shop.record(&unasked_cart("cart-1", ADA)).await;
    shop.run_hours(49).await;
    assert_eq!(shop.outbox.n_requests(), 0);
    let decisions = shop.decisions("cart-1").await;
    assert_eq!(decisions.len(), 3);
    for (_, decision) in decisions {
        let reason = SkipReason::NoConsent;
        assert_eq!(decision, Decision::Skip { reason });
    }
}

#[tokio::test]
async fn who_refused_gets_no_mail_in_any_market() {
    for rules in ["", "consent = \"soft_opt_in\"", "consent = \"opt_out\""] {
        let mut shop = Installation::with_policy(rules).await;
        shop.record(&unasked_cart("cart-1", ADA)).await;
        shop.record(&consent(ADA, "refused", "none")).await;
        shop.run_hours(49).await;
        assert_eq!(shop.outbox.n_requests(), 0, "{rules}");
        let reason = SkipReason::ConsentRefused;
        assert_eq!(
            shop.decisions("cart-1").await[0].1,
            Decision::Skip { reason }
        );
    }
}

#[tokio::test]
async fn each_market_asks_for_its_own_basis() {
    let rules = "consent = \"required\"\n\
                 [policy.markets.GB]\nconsent = \"soft_opt_in\"\n\
                 [policy.markets.US]\nconsent = \"opt_out\"";
    let cases = [
        (None, GRANTED, true),
        (None, SOFT, false),
        (None, UNKNOWN, false),
        (Some("DE"), GRANTED, true),
        (Some("DE"), SOFT, false),
        (Some("GB"), SOFT, true),
        (Some("GB"), UNKNOWN, false),
        (Some("GB"), REFUSED, false),
        (Some("US"), UNKNOWN, true),
        (Some("US"), REFUSED, false),
    ];
    for (country, [state, basis], is_mailed) in cases {
        let mut shop = Installation::with_policy(rules).await;
        let mut message = unasked_cart("cart-1", ADA);
        if let Some(country) = country {
            message["contact"]["country"] = json!(country);
        }
        message["consent"] = json!({ "state": state, "basis": basis });
        shop.record(&message).await;
        shop.run_hours(1).await;
        let n_mails = shop.outbox.n_requests();
        assert_eq!(
            n_mails,
            usize::from(is_mailed),
            "{country:?} {state} {basis}"
        );
    }
}

#[tokio::test]
async fn a_withdrawal_after_the_nudge_stops_the_rest() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(1).await;
    shop.record(&consent(ADA, "refused", "none")).await;
    shop.run_hours(48).await;
    assert_eq!(shop.outbox.n_requests(), 1);
}

#[tokio::test]
async fn consent_given_after_the_nudge_was_skipped_lets_the_rest_come() {
    let mut shop = Installation::open().await;
    shop.record(&unasked_cart("cart-1", ADA)).await;
    shop.run_hours(1).await;
    shop.record(&consent(ADA, "granted", "double_opt_in")).await;
    shop.run_hours(48).await;
    assert_eq!(shop.outbox.n_requests(), 2);
}

#[tokio::test]
async fn an_older_answer_never_overrides_a_newer_one() {
    let mut shop = Installation::open().await;
    shop.now += SignedDuration::from_mins(10);
    let mut refused = consent(ADA, "refused", "none");
    refused["at"] = json!(shop.now);
    let mut granted: Value = cart("cart-1", ADA);
    granted["at"] = json!(shop.now - SignedDuration::from_mins(5));
    shop.record(&refused).await;
    shop.record(&granted).await;
    shop.run_hours(49).await;
    assert_eq!(shop.outbox.n_requests(), 0);
}
