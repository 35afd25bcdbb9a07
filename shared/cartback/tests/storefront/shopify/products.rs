use ::cartback::product::{ProductReading, Stock};
use ::cartback::storefront::Parsed;
use serde_json::{Value, json};

use super::super::at;
use super::{ignored, parsed};

fn product() -> Value {
    json!({
        "id": 788_032_119_674_292_922_u64, "title": "Linen shirt", "status": "active", "updated_at": "2026-07-01T12:00:00+02:00",
        "image": { "src": "https://cdn.shopify.com/shirt.png" },
        "variants": [
            { "id": 642_667_041_472_713_922_u64, "title": "Blue / M", "price": "49.00", "compare_at_price": "59.00",
              "inventory_policy": "deny", "inventory_management": "shopify", "inventory_quantity": 3 },
            null,
            { "id": 2, "title": "Default Title", "price": "?", "compare_at_price": null },
            { "title": "nameless" },
        ],
    })
}

fn readings(body: &Value) -> Vec<ProductReading> {
    match parsed("products/update", &body.to_string()).unwrap() {
        Parsed::Products(readings) => readings,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_variant_of_a_product_is_a_reading() {
    let readings = readings(&product());
    assert_eq!(readings.len(), 2);
    let (blue, bare) = (&readings[0], &readings[1]);
    assert_eq!(
        (blue.variant.as_str(), blue.at),
        ("642667041472713922", at("2026-07-01T10:00:00Z"))
    );
    let description = blue.description.as_ref().unwrap();
    assert_eq!(
        (description.title.as_str(), description.variant.as_deref()),
        ("Linen shirt", Some("Blue / M"))
    );
    let price = blue.price.unwrap();
    assert_eq!(
        (price.now.to_string(), price.compare_at.unwrap().minor),
        ("49.00 EUR".to_owned(), 5900)
    );
    assert_eq!(blue.stock, Some(Stock::Left(3)));
    assert_eq!((bare.price, bare.stock), (None, None));
    assert_eq!(bare.description.as_ref().unwrap().variant, None);
}

#[test]
fn stock_is_told_only_where_it_is_counted() {
    for (field, value, expected) in [
        ("inventory_quantity", json!(-2), Some(Stock::Left(0))),
        ("inventory_quantity", Value::Null, None),
        ("inventory_management", Value::Null, None),
        (
            "inventory_policy",
            json!("continue"),
            Some(Stock::Available),
        ),
    ] {
        let mut body = product();
        body["variants"][0][field] = value;
        assert_eq!(readings(&body)[0].stock, expected, "{field}");
    }
    let mut draft = product();
    draft["status"] = json!("archived");
    assert_eq!(readings(&draft)[0].stock, Some(Stock::SoldOut));
    assert!(ignored(
        "products/update",
        &json!({ "id": 1, "variants": null })
    ));
}
