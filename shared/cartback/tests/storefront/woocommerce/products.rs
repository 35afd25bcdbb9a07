use ::cartback::product::{ProductReading, Stock};
use ::cartback::storefront::Parsed;
use serde_json::{Value, json};

use super::super::at;
use super::parsed;

fn product() -> Value {
    json!({
        "id": 23, "type": "variation", "status": "publish", "name": "Enamel Mug &ndash; Blue", "price": "12.90", "regular_price": "15.00",
        "permalink": "https://shop.example/product/mug/", "images": [{ "src": "https://shop.example/mug.jpg" }],
        "stock_status": "instock", "stock_quantity": 4, "date_modified_gmt": "2026-07-01T10:00:00",
    })
}

fn reading(topic: &str, body: &Value) -> Option<ProductReading> {
    match parsed(topic, &body.to_string()).unwrap() {
        Parsed::Products(mut readings) => readings.pop(),
        Parsed::Ignored(_) | Parsed::Fetch => None,
        Parsed::Events(events) => panic!("{events:?}"),
    }
}

#[test]
fn a_product_is_a_reading_under_the_id_of_its_cart_line() {
    let told = reading("product.updated", &product()).unwrap();
    assert_eq!(
        (told.variant.as_str(), told.at, told.stock),
        ("23", at("2026-07-01T10:00:00Z"), Some(Stock::Left(4)))
    );
    assert_eq!(told.description.unwrap().title, "Enamel Mug – Blue");
    let price = told.price.unwrap();
    assert_eq!(
        (price.now.minor, price.compare_at.unwrap().minor),
        (1290, 1500)
    );
}

#[test]
fn stock_is_what_the_shop_says_of_it() {
    for (status, quantity, expected) in [
        ("instock", json!(4), Some(Stock::Left(4))),
        ("instock", Value::Null, Some(Stock::Available)),
        ("instock", json!(-1), Some(Stock::Available)),
        ("onbackorder", json!(0), Some(Stock::Available)),
        ("outofstock", json!(4), Some(Stock::SoldOut)),
        ("brand_new", json!(4), None),
    ] {
        let mut body = product();
        body["stock_status"] = json!(status);
        body["stock_quantity"] = quantity;
        let told = reading("product.updated", &body).unwrap();
        assert_eq!(told.stock, expected, "{status}");
    }
    let gone = reading("product.deleted", &json!({ "id": 23 })).unwrap();
    assert_eq!((gone.stock, gone.price), (Some(Stock::SoldOut), None));
    let mut hidden = product();
    hidden["status"] = json!("private");
    let hidden = reading("product.updated", &hidden).unwrap();
    assert_eq!(hidden.stock, Some(Stock::SoldOut));
}

#[test]
fn what_is_in_no_cart_is_ignored() {
    let mut parent = product();
    parent["type"] = json!("variable");
    for body in [parent, json!({})] {
        assert_eq!(reading("product.updated", &body), None, "{body}");
    }
    assert_eq!(reading("product.deleted", &json!({})), None);
}
