//! The fold of a variant's readings, over every order of arrival.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use cartback::product::{Description, Price, Product, ProductReading, Stock};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;

fn reading(id: usize, minute: i64, parts: (bool, bool, bool)) -> ProductReading {
    let description = Description {
        substitutes: Vec::new(),
        title: format!("Lantern {id}"),
        variant: None,
        image_url: None,
        url: None,
    };
    let price = Price {
        now: format!("{id}.00 EUR").parse().unwrap(),
        compare_at: None,
    };
    ProductReading {
        id: format!("r-{id}"),
        at: Timestamp::from_second(1_800_000_000).unwrap() + SignedDuration::from_mins(minute),
        variant: "lantern".to_owned(),
        description: parts.0.then_some(description),
        price: parts.1.then_some(price),
        stock: parts.2.then(|| Stock::Left(u32::try_from(id).unwrap())),
    }
}

fn fold(readings: &[ProductReading]) -> Product {
    let mut product = Product::new("demo".parse().unwrap(), "lantern".to_owned());
    for reading in readings {
        product.read(reading);
    }
    product
}

proptest! {
    #[test]
    fn every_order_of_readings_with_any_repeats_ends_in_the_same_product(
        parts in prop::collection::vec((0_i64..4, any::<(bool, bool, bool)>()), 1..8),
        swaps in prop::collection::vec(any::<(Index, Index)>(), 0..16),
        repeats in prop::collection::vec(any::<Index>(), 0..6),
    ) {
        let readings: Vec<_> = parts
            .into_iter()
            .enumerate()
            .map(|(id, (minute, parts))| reading(id, minute, parts))
            .collect();
        let mut shuffled = readings.clone();
        for repeat in repeats {
            shuffled.push(readings[repeat.index(readings.len())].clone());
        }
        for (a, b) in swaps {
            let n = shuffled.len();
            shuffled.swap(a.index(n), b.index(n));
        }
        prop_assert_eq!(fold(&shuffled), fold(&readings));
    }
}

#[test]
fn each_group_keeps_its_newest_reading() {
    let stock = reading(1, 9, (false, false, true));
    let all = reading(2, 5, (true, true, true));
    let price = reading(3, 7, (false, true, false));
    let product = fold(&[stock.clone(), all.clone(), price.clone()]);
    assert_eq!(
        product.description.as_ref().map(|held| held.stamp.at),
        Some(all.at)
    );
    assert_eq!(product.price.as_ref().map(|held| held.value), price.price);
    assert_eq!(product.stock.as_ref().map(|held| held.value), stock.stock);
    assert_eq!(product.read_at(), Some(stock.at));
    assert_eq!(fold(&[]).read_at(), None);
}

#[test]
fn stored_readings_stay_what_they_are() {
    let product = fold(&[reading(1, 0, (true, true, true))]);
    let stored = serde_json::to_string(&product).unwrap();
    assert_eq!(serde_json::from_str::<Product>(&stored).unwrap(), product);
    assert!(stored.contains(r#""v":{"left":1}"#), "{stored}");
}
