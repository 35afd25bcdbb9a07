//! Readings of variants in our own format.

use ::cartback::product::{Description, Price, ProductReading, Stock};
use ::cartback::storefront::Parsed;
use ::cartback::storefront::cartback::{Products, products_schema};
use serde_json::{Value, json};

use super::super::{at, headers, parse, root};
use super::with;

fn parsed(message: &Value) -> Result<Vec<ProductReading>, String> {
    let headers = headers(&[("webhook-id", "msg_1")]);
    match parse(&Products, &headers, message.to_string().as_bytes()) {
        Ok(Parsed::Products(readings)) => Ok(readings),
        Ok(other) => panic!("no products: {other:?}"),
        Err(malformed) => Err(malformed.to_string()),
    }
}

fn message() -> Value {
    json!({
        "at": "2026-07-01T12:00:00+02:00",
        "products": [{
            "id": "shirt-m",
            "title": "Linen shirt",
            "variant": "Blue / M",
            "url": "https://shop.example.com/shirt",
            "price": "49.00",
            "compare_at_price": "59.00",
            "stock": 3,
        }],
    })
}

#[test]
fn a_reading_is_read_exactly() {
    let expected = ProductReading {
        id: "msg_1".to_owned(),
        at: at("2026-07-01T10:00:00Z"),
        variant: "shirt-m".to_owned(),
        description: Some(Description {
            substitutes: Vec::new(),
            title: "Linen shirt".to_owned(),
            variant: Some("Blue / M".to_owned()),
            image_url: None,
            url: Some("https://shop.example.com/shirt".to_owned()),
        }),
        price: Some(Price {
            now: "49.00 EUR".parse().unwrap(),
            compare_at: Some("59.00 EUR".parse().unwrap()),
        }),
        stock: Some(Stock::Left(3)),
    };
    assert_eq!(parsed(&message()), Ok(vec![expected]));
}

#[test]
fn what_is_not_told_is_not_read() {
    let bare = json!({ "products": [{ "id": "a" }, { "id": "b" }] });
    let readings = parsed(&bare).unwrap();
    assert_eq!(readings.len(), 2);
    for reading in readings {
        assert_eq!(
            (reading.description, reading.price, reading.stock),
            (None, None, None)
        );
    }
}

#[test]
fn what_cannot_be_bought_is_sold_out_whatever_its_stock() {
    for (stock, available, expected) in [
        (json!(0), Value::Null, Some(Stock::Left(0))),
        (json!(3), json!(true), Some(Stock::Left(3))),
        (json!(3), json!(false), Some(Stock::SoldOut)),
        (Value::Null, json!(true), Some(Stock::Available)),
        (Value::Null, json!(false), Some(Stock::SoldOut)),
        (Value::Null, Value::Null, None),
    ] {
        let message =
            json!({ "products": [{ "id": "a", "stock": stock, "available": available }] });
        assert_eq!(parsed(&message).unwrap()[0].stock, expected, "{message}");
    }
}

#[test]
fn a_fault_in_a_reading_names_its_path_and_the_remedy() {
    let many = vec![json!({ "id": "a" }); 501];
    for (path, value, fault) in [
        (
            "/products",
            json!([]),
            "products: has a wrong length; send 1 to 500",
        ),
        (
            "/products",
            json!(many),
            "products: has a wrong length; send 1 to 500",
        ),
        ("/products/0/id", json!(" "), "products[0].id: is no id"),
        (
            "/products/0/title",
            json!(" "),
            "products[0].title: is empty",
        ),
        (
            "/products/0/price",
            json!(49),
            "products[0].price: is a number; send money",
        ),
        (
            "/products/0/price",
            Value::Null,
            "products[0].compare_at_price: is no price alone",
        ),
        (
            "/products/0/currency",
            json!("EURO"),
            "products[0].currency: is no currency",
        ),
        ("/products/0/stock", json!(-1), "products[0].stock: "),
        (
            "/products/0/url",
            json!("x".repeat(2001)),
            "products[0].url: is too long",
        ),
        ("/at", json!("yesterday"), "at: is no time"),
        ("/id", json!("a b"), "id: is no id"),
    ] {
        let told = parsed(&with(message(), path, value)).unwrap_err();
        assert!(told.starts_with(fault), "{told}");
    }
}

#[test]
fn the_schema_of_products_is_that_of_the_program() {
    let path = root().join("docs/products.schema.json");
    let current = format!("{:#}\n", products_schema());
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == current,
        "docs/products.schema.json is out of date; run \
         UPDATE_SCHEMA=1 cargo test -p cartback --test storefront the_schema_of_products"
    );
}

#[test]
fn the_example_of_the_document_is_accepted_by_the_parser_and_by_the_schema() {
    let text = std::fs::read_to_string(root().join("docs/products.md")).unwrap();
    let example = text
        .split("```json\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let example: Value = serde_json::from_str(example.unwrap()).unwrap();
    assert_eq!(parsed(&example).unwrap().len(), 2);
    let validator = jsonschema::validator_for(&products_schema()).unwrap();
    assert!(validator.is_valid(&example), "{example}");
}
