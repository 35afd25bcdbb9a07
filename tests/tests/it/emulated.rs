//! The journeys that matter most, on a real table; and what its stream makes of them.

use cartback::fact::FactKind;
use cartback::part::Part;
use cartback::ports::CartStore;
use cartback::stage::Stage;
use cartback_aws::store::DynamoStore;
use cartback_tests::emulator::Table;
use cartback_tests::installation::{Installation, restore_link, unsubscribe_link};
use cartback_tests::messages::{ADA, TITLE, cart, order, order_by};
use cartback_tests::samples;
use jiff::SignedDuration;

use super::erasure::{assert_forgotten, erase_after_nudge};
use super::journey::assert_in_windows;

#[tokio::test]
async fn a_stalled_cart_gets_three_mails_on_a_table_too() {
    let (table, mut shop) = open().await;
    let stalled_at = shop.now;
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(49).await;
    assert_in_windows(&shop.outbox.to(ADA), stalled_at);
    assert_eq!(shop.outbox.n_requests(), 3);
    table.close().await;
}

#[tokio::test]
async fn orders_and_stops_hold_on_a_table_too() {
    let (table, mut shop) = open().await;
    for (id, address) in [
        ("cart-1", ADA),
        ("cart-2", "bob@example.com"),
        ("cart-3", "cy@example.com"),
    ] {
        shop.record(&cart(id, address)).await;
    }
    shop.run_hours(1).await;
    shop.record(&order("cart-1")).await;
    shop.record(&order_by("cart-9", "bob@example.com")).await;
    let mails = shop.outbox.mails();
    let cys = mails
        .iter()
        .find(|kept| kept.mail.to.expose() == "cy@example.com");
    assert_eq!(
        shop.post(&unsubscribe_link(&cys.unwrap().mail))
            .await
            .status,
        200
    );
    shop.run_hours(30).await;
    assert_eq!(shop.outbox.n_requests(), 3);
    table.close().await;
}

#[tokio::test]
async fn an_erased_person_is_in_no_item_of_the_table() {
    let (table, mut shop) = open().await;
    erase_after_nudge(&mut shop).await;
    assert_forgotten(&table.text().await);
    table.close().await;
}

#[tokio::test]
async fn two_invocations_of_one_tick_send_one_mail_on_a_table_too() {
    let (table, mut shop) = open().await;
    for n in 0..10 {
        let address = format!("ada-{n}@example.com");
        shop.record(&cart(&format!("cart-{n}"), &address)).await;
    }
    let due_at = shop.now + SignedDuration::from_mins(40);
    let (first, second) = shop.tick_twice(Stage::Nudge, due_at).await;
    assert_eq!(shop.outbox.n_requests(), 10, "{first:?} {second:?}");
    table.close().await;
}

#[tokio::test]
async fn the_stream_of_a_recovered_cart_tells_its_story_and_nothing_personal() {
    let (table, mut shop) = open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(9).await;
    let mail = shop.outbox.mails()[0].mail.clone();
    shop.post(&restore_link(&mail)).await;
    shop.now += SignedDuration::from_mins(3);
    shop.record(&order("cart-1")).await;
    shop.post(&unsubscribe_link(&mail)).await;
    let Some(records) = table.stream() else {
        return;
    };
    let told = records.iter().map(publish::handler::facts);
    let facts = told.collect::<Result<Vec<_>, _>>().unwrap().concat();
    let kinds: Vec<FactKind> = facts.iter().map(|fact| fact.kind).collect();
    let story = [
        FactKind::CartAbandoned,
        FactKind::ReminderSent,
        FactKind::ReminderSent,
        FactKind::ReminderSkipped,
        FactKind::CartRecovered,
        FactKind::ContactSuppressed,
    ];
    assert_eq!(kinds, story);
    let text = serde_json::to_string(&facts).unwrap();
    for personal in [ADA, "\"Ada\"", TITLE, "secret-of-the-cart"] {
        assert!(!text.contains(personal), "{personal} in {text}");
    }
    table.close().await;
}

/// The sample shop on a table of its own. A tick each ten minutes is enough, and quicker.
async fn open() -> (Table, Installation<DynamoStore>) {
    let table = Table::open().await;
    let mut shop = Installation::on(table.store.clone(), &samples::shop()).await;
    shop.step = SignedDuration::from_mins(10);
    assert_eq!(
        table
            .store
            .due(Stage::Nudge, Part::WHOLE, shop.now, 1)
            .await
            .unwrap(),
        []
    );
    (table, shop)
}
