//! Several carts of one person are one sequence.

use cartback::decide::{Decision, SkipReason};
use cartback::stage::Stage;
use cartback_tests::installation::Installation;
use cartback_tests::messages::{ADA, anonymous_cart, cart, order};
use jiff::SignedDuration;
use serde_json::json;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

const GAVE_WAY: (Stage, Decision) = (
    Stage::Nudge,
    Decision::Skip {
        reason: SkipReason::NewerCart,
    },
);

#[tokio::test]
async fn of_two_carts_of_a_person_only_the_newest_is_reminded_of() {
    let mut shop = Installation::open().await;
    shop.record(&cart("phone", ADA)).await;
    shop.run_until(shop.now + MINUTE).await;
    shop.record(&cart("laptop", ADA)).await;
    shop.record(&cart("other", "bob@example.com")).await;
    shop.run_hours(49).await;
    assert_eq!(shop.outbox.to(ADA).len(), 3);
    assert_eq!(shop.outbox.to("bob@example.com").len(), 3);
    assert_eq!(shop.decisions("phone").await, [GAVE_WAY]);
}

#[tokio::test]
async fn a_cart_that_gave_way_takes_over_when_it_is_used_again() {
    let mut shop = Installation::open().await;
    shop.record(&cart("phone", ADA)).await;
    shop.run_until(shop.now + MINUTE * 10).await;
    shop.record(&cart("laptop", ADA)).await;
    shop.run_until(shop.now + MINUTE * 32).await;
    assert_eq!(shop.decisions("phone").await, [GAVE_WAY]);
    shop.record(&anonymous_cart("phone")).await;
    shop.run_hours(49).await;
    assert_eq!(shop.decisions("laptop").await, [GAVE_WAY]);
    assert_eq!(shop.outbox.to(ADA).len(), 3);
    let about =
        |mail: &cartback::mail::Mail| mail.cart == cartback_tests::installation::key("phone");
    assert!(shop.outbox.mails().iter().all(|sent| about(&sent.mail)));
}

#[tokio::test]
async fn a_newer_cart_that_nobody_could_be_mailed_about_takes_nothing() {
    for end in ["emptied", "deleted"] {
        let mut shop = Installation::open().await;
        shop.record(&cart("phone", ADA)).await;
        shop.now += MINUTE;
        shop.record(&cart("laptop", ADA)).await;
        let mut ended = match end {
            "emptied" => anonymous_cart("laptop"),
            _ => json!({ "type": "cart.deleted", "cart_id": "laptop" }),
        };
        if end == "emptied" {
            ended["cart"]["items"] = json!([]);
        }
        shop.record(&ended).await;
        shop.run_hours(1).await;
        assert_eq!(shop.outbox.to(ADA).len(), 1, "{end}");
    }
}

#[tokio::test]
async fn an_order_of_the_newest_cart_silences_the_older_too() {
    let mut shop = Installation::open().await;
    shop.record(&cart("phone", ADA)).await;
    shop.record(&cart("laptop", ADA)).await;
    shop.record(&order("laptop")).await;
    shop.run_hours(49).await;
    assert_eq!(shop.outbox.n_requests(), 0);
}
