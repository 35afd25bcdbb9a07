//! History that is forgotten, products, and requests that wait for the operator.

use std::collections::BTreeSet;

use cartback::cart::Cart;
use cartback::ports::{CartStore, Write};
use cartback::product::{Product, ProductReading, Stock};
use cartback::request::{Asked, Request};

use super::{assert_conflict, store_cart};
use crate::samples::{at, cart, contact, received, shop_id};

/// All lines of one cart, and nothing else.
pub async fn a_forgotten_history_is_gone_and_the_cart_and_others_are_not(store: &impl CartStore) {
    let (cart, other) = (cart("c1"), cart("c2"));
    // More than DynamoDB takes in one batch.
    let mut entries: Vec<_> = (0..60)
        .map(|n| received(&cart.key, &format!("m-{n}"), n))
        .collect();
    entries.push(received(&other.key, "m-1", 1));
    let lines = Write {
        entries,
        ..Write::default()
    };
    store.write(&lines).await.unwrap();
    store_cart(store, &cart).await.unwrap();
    for _ in 0..2 {
        store.forget_history(&cart.key).await.unwrap();
        assert_eq!(store.history(&cart.key).await.unwrap(), []);
    }
    assert_eq!(store.history(&other.key).await.unwrap().len(), 1);
    let stored = store.cart(&cart.key).await.unwrap();
    assert_eq!(stored, Some(Cart { version: 1, ..cart }));
}

/// Every field survives, each write makes the version one higher, and a stale one is refused.
pub async fn a_product_is_stored_over_the_version_that_was_read(store: &impl CartStore) {
    let (shop, variant) = (shop_id(), "variant ü/#");
    assert_eq!(store.product(&shop, variant).await.unwrap(), None);
    let mut product = Product::new(shop.clone(), variant.to_owned());
    for version in 0..2 {
        product.version = version;
        product.read(&reading(variant, i64::try_from(version).unwrap()));
        store.put_product(&product).await.unwrap();
        let stored = store.product(&shop, variant).await.unwrap();
        let version = version + 1;
        let expected = Product {
            version,
            ..product.clone()
        };
        assert_eq!(stored, Some(expected));
        assert_conflict(store.put_product(&product).await);
    }
    assert_eq!(store.product(&shop, "other").await.unwrap(), None);
}

/// However many there are: each once, and none that was never stored.
pub async fn products_are_read_together_as_they_are_alone(store: &impl CartStore) {
    let shop = shop_id();
    assert_eq!(store.products(&shop, &BTreeSet::new()).await.unwrap(), []);
    // More than DynamoDB reads in one batch, every third of them stored.
    let variants: Vec<_> = (0..130).map(|n| format!("variant-{n:03}")).collect();
    let wanted: BTreeSet<_> = variants.iter().map(String::as_str).collect();
    for variant in variants.iter().step_by(3) {
        let mut product = Product::new(shop.clone(), variant.clone());
        product.read(&reading(variant, 1));
        store.put_product(&product).await.unwrap();
    }
    let mut alone = Vec::new();
    for variant in &variants {
        alone.extend(store.product(&shop, variant).await.unwrap());
    }
    let mut together = store.products(&shop, &wanted).await.unwrap();
    together.sort_by(|a, b| a.variant.cmp(&b.variant));
    assert_eq!(together.len(), 44);
    assert_eq!(together, alone);
    let elsewhere = "demo-2".parse().unwrap();
    assert_eq!(store.products(&elsewhere, &wanted).await.unwrap(), []);
}

/// Oldest first, each once, of one shop only.
pub async fn requests_wait_in_the_order_of_their_time_until_they_are_dropped(
    store: &impl CartStore,
) {
    let request = |minute, id: &str, asked| Request {
        shop: shop_id(),
        id: id.to_owned(),
        at: at(minute),
        asked,
    };
    let asked = [
        request(1, "b", Asked::PersonsData(contact().key)),
        request(2, "a", Asked::ShopErasure),
    ];
    let elsewhere = Request {
        shop: "demo-2".parse().unwrap(),
        ..asked[0].clone()
    };
    for request in [&asked[1], &asked[0], &elsewhere, &asked[0]] {
        store.put_request(request).await.unwrap();
    }
    assert_eq!(store.requests(&shop_id()).await.unwrap(), asked);
    for _ in 0..2 {
        store.drop_request(&asked[0]).await.unwrap();
        assert_eq!(store.requests(&shop_id()).await.unwrap(), asked[1..]);
    }
}

fn reading(variant: &str, minute: i64) -> ProductReading {
    ProductReading {
        id: format!("r-{minute}"),
        at: at(minute),
        variant: variant.to_owned(),
        description: None,
        price: None,
        stock: Some(Stock::Left(3)),
    }
}
