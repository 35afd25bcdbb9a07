//! What is held beside carts and people: products, and requests that wait for the operator.

use cartback::export::export_person;
use cartback::ports::CartStore;
use cartback::product::Stock;
use cartback::request::Asked;
use cartback_tests::installation::Installation;
use cartback_tests::messages::{ADA, TITLE, cart, erasure};
use cartback_tests::samples;
use serde_json::json;

#[tokio::test]
async fn products_come_in_by_their_own_door_and_the_newest_reading_stays() {
    let shop = Installation::open().await;
    let send = async |id: &str, at: &str, stock: u32| {
        let body = json!({ "at": at, "products": [{ "id": "shirt-m", "stock": stock }, { "id": "belt", "price": "9.00" }] });
        let mut request = shop.signed_event(id, body.to_string().as_bytes());
        request["rawPath"] = json!("/products/demo");
        request["requestContext"]["http"]["path"] = json!("/products/demo");
        shop.ingest(&request).await
    };
    for (id, at, stock) in [
        ("m1", "2026-01-01T00:00:02Z", 2),
        ("m2", "2026-01-01T00:00:01Z", 1),
    ] {
        let answer = send(id, at, stock).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        assert!(answer.body.contains(r#""recorded":2"#), "{}", answer.body);
    }
    let stored = shop
        .store
        .product(&samples::shop_id(), "shirt-m")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.stock.map(|held| held.value), Some(Stock::Left(2)));
    assert_eq!(stored.version, 1, "what is older writes nothing");
    let belt = shop
        .store
        .product(&samples::shop_id(), "belt")
        .await
        .unwrap();
    assert!(belt.is_some_and(|belt| belt.price.is_some()));
    let mut unsigned = shop.signed_event("m3", b"{}");
    unsigned["rawPath"] = json!("/products/demo");
    unsigned["body"] = json!("{ }");
    assert_eq!(shop.ingest(&unsigned).await.status, 401);
}

#[tokio::test]
async fn a_request_for_data_waits_for_the_operator_and_changes_nothing_else() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    let key = shop.contact(ADA).await.key;
    let before = (shop.cart("cart-1").await, shop.contact(ADA).await);
    shop.record(&json!({ "type": "data.requested", "contact": { "email": ADA } }))
        .await;
    let requests = shop.store.requests(&samples::shop_id()).await.unwrap();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].asked, Asked::PersonsData(key));
    assert_eq!((shop.cart("cart-1").await, shop.contact(ADA).await), before);
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.n_requests(), 1);
}

#[tokio::test]
async fn an_export_has_everything_of_a_person_and_nothing_of_others() {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.record(&cart("cart-2", "bob@example.com")).await;
    shop.record(&cart("cart-3", ADA)).await;
    // Bob takes over what was Ada's.
    shop.now += jiff::SignedDuration::from_secs(1);
    shop.record(&cart("cart-3", "bob@example.com")).await;
    shop.run_hours(1).await;
    let key = shop.contact(ADA).await.key;
    let export = export_person(&shop.store, &key).await.unwrap();
    let text = serde_json::to_string(&export).unwrap();
    for held in [
        ADA,
        "\"Ada\"",
        TITLE,
        "secret-of-the-cart",
        "cart-1",
        "cart.updated",
        "granted",
        "\"send\"",
    ] {
        assert!(text.contains(held), "{held}: {text}");
    }
    for others in ["bob@example.com", "cart-2", "cart-3"] {
        assert!(!text.contains(others), "{others}: {text}");
    }
    shop.record(&erasure(ADA)).await;
    let export = export_person(&shop.store, &key).await.unwrap();
    let text = serde_json::to_string(&export).unwrap();
    assert!(!text.contains(ADA) && !text.contains(TITLE), "{text}");
    assert_eq!(
        shop.cart("cart-3").await.id.as_str(),
        "cart-3",
        "it is Bob's"
    );
}
