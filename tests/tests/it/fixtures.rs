//! The sample triggers beside each function, for trying it by hand: each still does what it says.

use cartback::stage::Stage;
use cartback_tests::installation::Installation;
use serde_json::Value;

#[tokio::test]
async fn the_sample_event_is_recorded() {
    let shop = Installation::open().await;
    let answer = shop
        .ingest(&json(include_str!(
            "../../../functions/ingest/fixtures/event.json"
        )))
        .await;
    assert_eq!(answer.status, 202, "{}", answer.body);
}

#[tokio::test]
async fn the_sample_visit_unsubscribes() {
    let shop = Installation::open().await;
    let visit = include_str!("../../../functions/links/fixtures/unsubscribe.json");
    let answer = shop.links(&json(visit)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(shop.store.snapshot().text().contains("unsubscribed"));
}

#[test]
fn the_sample_tick_is_one_of_the_nudge() {
    let tick = include_str!("../../../functions/stage/fixtures/nudge.json");
    let tick: stage::handler::Tick = serde_json::from_str(tick).unwrap();
    assert_eq!(tick.stage, Stage::Nudge);
    assert!(tick.now.is_some());
}

#[tokio::test]
async fn the_sample_ses_event_is_of_a_cart_that_nobody_knows() {
    let shop = Installation::open().await;
    let event = include_str!("../../../functions/feedback/fixtures/send.json");
    let event: feedback::handler::Trigger = serde_json::from_str(event).unwrap();
    let before = shop.store.snapshot();
    feedback::handler::handle(&shop.store, &event, shop.now)
        .await
        .unwrap();
    assert!(before == shop.store.snapshot());
}

#[tokio::test]
async fn the_sample_queue_of_ses_events_comes_again_only_where_it_cannot_be_read() {
    let shop = Installation::open().await;
    let batch = include_str!("../../../functions/feedback/fixtures/queue.json");
    let batch: feedback::handler::Trigger = serde_json::from_str(batch).unwrap();
    let report = feedback::handler::handle(&shop.store, &batch, shop.now)
        .await
        .unwrap();
    let failed = report.response.batch_item_failures.iter();
    let failed: Vec<_> = failed.map(|item| item.item_identifier.as_str()).collect();
    assert_eq!(failed, ["4"]);
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}
