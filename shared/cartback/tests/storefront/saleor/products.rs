//! Saleor's variants.

use ::cartback::product::{ProductReading, Stock};
use ::cartback::storefront::Parsed;
use serde_json::{Value, json};

use super::super::at;
use super::{sample, told};

const STOCK_UPDATED: &str = "product_variant_stock_updated";

fn reading(event: &str, body: &Value) -> Option<ProductReading> {
    match told(event, body).unwrap() {
        Parsed::Products(mut readings) => readings.pop(),
        Parsed::Ignored(_) | Parsed::Fetch => None,
        Parsed::Events(events) => panic!("{events:?}"),
    }
}

#[test]
fn a_variant_is_a_reading_under_the_id_of_its_cart_line() {
    for event in [
        "product_variant_created",
        "product_variant_updated",
        STOCK_UPDATED,
        "product_variant_out_of_stock",
        "product_variant_back_in_stock",
    ] {
        let told = reading(event, &sample(STOCK_UPDATED)).unwrap();
        assert_eq!(told.variant, "UHJvZHVjdFZhcmlhbnQ6Mzg0");
        assert_eq!(told.at, at("2026-07-02T08:00:00Z"));
        let price = told.price.unwrap();
        assert_eq!(
            (price.now.minor, price.compare_at.unwrap().minor),
            (4_900, 5_900)
        );
        let description = told.description.unwrap();
        assert_eq!(
            (description.title.as_str(), description.variant.as_deref()),
            ("Linen shirt", Some("Blue / M"))
        );
        assert!(description.image_url.is_some());
    }
}

#[test]
fn stock_is_what_no_order_has_taken_over_all_warehouses() {
    let stock = |field: &str, value: Value| {
        let mut body = sample(STOCK_UPDATED);
        body["productVariant"][field] = value;
        reading(STOCK_UPDATED, &body).unwrap().stock
    };
    // Five less two; what is oversold in the other warehouse takes nothing from them.
    assert_eq!(stock("sku", Value::Null), Some(Stock::Left(3)));
    for (field, value, expected) in [
        ("stocks", json!([]), Some(Stock::Left(0))),
        ("stocks", Value::Null, None),
        // A warehouse that cannot be read could hold anything.
        (
            "stocks",
            json!([{ "quantity": 5, "quantityAllocated": 0 }, { "quantity": "?" }]),
            None,
        ),
        ("trackInventory", json!(false), Some(Stock::Available)),
        (
            "preorder",
            json!({ "endDate": null }),
            Some(Stock::Available),
        ),
    ] {
        assert_eq!(stock(field, value.clone()), expected, "{field} {value}");
    }
}

#[test]
fn a_deleted_variant_is_sold_out() {
    let body = json!({ "issuedAt": "2026-07-02T08:00:00Z", "productVariant": { "id": "v-1" } });
    let told = reading("product_variant_deleted", &body).unwrap();
    assert_eq!(
        (told.stock, told.price, told.description),
        (Some(Stock::SoldOut), None, None)
    );
}

#[test]
fn what_names_no_variant_is_ignored() {
    for body in [json!({}), json!({ "productVariant": {} }), json!([{}])] {
        assert_eq!(reading(STOCK_UPDATED, &body), None, "{body}");
    }
}
