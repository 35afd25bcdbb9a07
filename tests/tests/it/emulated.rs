//! The journeys that matter most, on a real table; and what its stream makes of them.

use cartback::contact::StopReason;
use cartback::entry::{Entry, What};
use cartback::fact::FactKind;
use cartback::part::Part;
use cartback::ports::{CartStore, Write};
use cartback::shop::Shop;
use cartback::stage::Stage;
use cartback_aws::store::DynamoStore;
use cartback_tests::emulator::Table;
use cartback_tests::installation::{Installation, restore_link, unsubscribe_link};
use cartback_tests::messages::{ADA, TITLE, anonymous_cart, cart, erasure, order, order_by};
use cartback_tests::samples;
use jiff::SignedDuration;
use serde_json::json;

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
    write_everywhere(&mut shop).await;
    let before = table.text().await;
    for personal in PERSONAL {
        assert!(before.contains(personal), "{personal} was never there");
    }
    for kind in KINDS_OF_ITEMS {
        assert!(before.contains(kind), "no {kind} was there");
    }
    // Bob, whose items have nothing of hers.
    let mut bobs = cart("cart-9", "bob@example.com");
    bobs["contact"]["name"] = json!("Bob");
    bobs["cart"]["items"][0]["id"] = json!("belt");
    bobs["cart"]["items"][0]["title"] = json!("Belt");
    bobs["cart"]["checkout_url"] = json!("https://shop.example/checkout/9");
    shop.record(&bobs).await;
    shop.record(&erasure(&ADA.to_uppercase())).await;
    let after = table.text().await;
    for personal in PERSONAL {
        assert!(
            !after.to_lowercase().contains(&personal.to_lowercase()),
            "{personal}: {after}"
        );
    }
    assert!(after.contains("bob@example.com"));
    assert!(shop.contact(ADA).await.is_erased(), "the stop stays");
    table.close().await;
}

#[tokio::test]
async fn nothing_that_comes_late_of_an_erased_person_changes_an_item() {
    let (table, mut shop) = open().await;
    write_everywhere(&mut shop).await;
    let mails = shop.outbox.mails();
    shop.record(&erasure(ADA)).await;
    let before = shop.store.carts(&samples::shop_id()).await.unwrap();
    let mut late = vec![
        cart("cart-1", ADA),
        cart("cart-7", ADA),
        order_by("cart-1", ADA),
        order_by("cart-7", ADA),
        json!({ "type": "data.requested", "contact": { "email": ADA } }),
    ];
    for id in ["cart-1", "alias-1", "alias-2"] {
        late.push(anonymous_cart(id));
        late.push(order(id));
        late.push(json!({ "type": "payment.failed", "cart_id": id }));
        let refund = json!({ "id": "r-2", "amount": "1.00" });
        late.push(json!({ "type": "order.refunded", "cart_id": id, "order": { "id": "1001" }, "refund": refund }));
        let mut elsewhere = order(id);
        elsewhere["cart_ids"] = json!([id, "alias-new"]);
        late.push(elsewhere.clone());
        elsewhere["cart_id"] = json!("alias-new");
        late.push(elsewhere);
    }
    for message in late {
        let answer = shop.post_event(&message).await;
        assert_eq!(answer.status, 200, "{message}: {}", answer.body);
    }
    for mail in &mails {
        for kind in ["Send", "Delivery", "Bounce"] {
            shop.ses_event(kind, &mail.mail).await;
        }
        assert_eq!(shop.post(&restore_link(&mail.mail)).await.status, 404);
    }
    assert_eq!(shop.store.carts(&samples::shop_id()).await.unwrap(), before);
    let text = table.text().await;
    for kind in ["EVENT", "DECISION", "MAIL", "FAULT", "VISIT", "REQUEST"] {
        assert!(!text.contains(&format!("sk={kind}#")), "{text}");
    }
    table.close().await;
}

#[tokio::test]
async fn of_an_erased_shop_only_the_stops_are_left() {
    let (table, mut shop) = open().await;
    write_everywhere(&mut shop).await;
    shop.record(&cart("cart-9", "bob@example.com")).await;
    let other = Shop {
        id: "demo-2".parse().unwrap(),
        ..samples::shop()
    };
    table.store.put_shop(&other).await.unwrap();
    let ada = shop.contact(ADA).await;
    assert_eq!(ada.stop.map(|stop| stop.reason), Some(StopReason::Bounced));
    let n_erased = table.store.erase_shop(&samples::shop_id()).await.unwrap();
    assert!(20 < n_erased, "{n_erased}");
    let left = table.text().await;
    assert_eq!(left.matches("pk=CONTACT#").count(), 1, "{left}");
    assert_eq!(left.matches("pk=").count(), 4, "{left}");
    assert_eq!(left.matches("pk=SHOPS").count(), 1, "{left}");
    assert_eq!(left.matches("pk=SHOP#demo-2").count(), 2, "{left}");
    let kept = table.store.contact(&ada.key).await.unwrap().unwrap();
    assert_eq!((kept.stop, kept.carts.len()), (ada.stop, 0));
    assert_eq!(
        table.store.erase_shop(&samples::shop_id()).await.unwrap(),
        0
    );
    let late = shop.post_event(&cart("cart-1", ADA)).await;
    assert_eq!(late.status, 404, "{}", late.body);
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
async fn a_state_and_the_lines_that_must_go_with_it_are_stored_both_or_neither() {
    let table = Table::open().await;
    // A table takes no sort key of more than 1,024 bytes, and so refuses the line alone.
    let too_long = "x".repeat(2_000);
    for (id, name, is_atomic) in [
        ("line-1", "whole", true),
        (too_long.as_str(), "nothing", true),
        (too_long.as_str(), "state", false),
    ] {
        let cart = samples::cart(name);
        let received = What::Received {
            id: id.to_owned(),
            happened_at: samples::NOON,
            kinds: Vec::new(),
        };
        let write = Write {
            cart: Some(cart.clone()),
            entries: vec![Entry::new(&cart.key, samples::NOON, received)],
            is_atomic,
            ..Write::default()
        };
        let written = table.store.write(&write).await;
        assert_eq!(written.is_ok(), name == "whole", "{name}");
        let is_stored = table.store.cart(&cart.key).await.unwrap().is_some();
        assert_eq!(is_stored, name != "nothing", "{name}");
        let lines = table.store.history(&cart.key).await.unwrap();
        assert_eq!(lines.len(), usize::from(name == "whole"), "{name}");
    }
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

/// What of Ada is written by [`write_everywhere`].
const PERSONAL: [&str; 10] = [
    ADA,
    "\"Ada\"",
    TITLE,
    "shirt-m",
    "secret-of-the-cart",
    "cart-1",
    "cart-2",
    "alias-1",
    "alias-2",
    "\"1001\"",
];

/// The sort keys of every kind of item that tells of a person.
const KINDS_OF_ITEMS: [&str; 7] = [
    "sk=CART\n",
    "sk=CONTACT\n",
    "sk=EVENT#",
    "sk=DECISION#",
    "sk=MAIL#",
    "sk=FAULT#",
    "sk=VISIT#",
];

/// A person in every kind of item: mails, visit, order under further names, refund, bounce, fault.
async fn write_everywhere(shop: &mut Installation<DynamoStore>) {
    shop.record(&cart("cart-1", ADA)).await;
    shop.record(&cart("cart-2", ADA)).await;
    shop.run_hours(9).await;
    let mail = shop.outbox.mails()[0].mail.clone();
    shop.post(&restore_link(&mail)).await;
    // The person is not named, and the names come before anybody knows whose they are.
    let mut first = order("alias-1");
    first["cart_ids"] = json!(["alias-1", "alias-2"]);
    shop.record(&first).await;
    let mut ordered = order("cart-1");
    ordered["cart_ids"] = json!(["cart-1", "alias-1"]);
    shop.record(&ordered).await;
    let refund = json!({ "id": "r-1", "amount": "20.00", "currency": "USD" });
    let refunded = json!({ "type": "order.refunded", "cart_id": "alias-2", "order": { "id": "1001" }, "refund": refund });
    shop.record(&refunded).await;
    let fault = What::GivenUp {
        stage: Stage::Final,
        fault: "no template".to_owned(),
    };
    let write = Write {
        entries: vec![Entry::new(&mail.cart, shop.now, fault)],
        ..Write::default()
    };
    shop.store.write(&write).await.unwrap();
    shop.ses_event("Bounce", &mail).await;
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
