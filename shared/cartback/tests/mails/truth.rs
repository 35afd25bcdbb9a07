//! For no history of stocks, prices, thresholds and orders does a mail say what was not so when it left.
//! The mail is read as a person reads it: by its text.

use cartback::compose::Known;
use cartback::event::LineItem;
use cartback::product::{Price, Product, ProductReading, Stock};
use cartback::pulse::{Counts, Pulse};
use cartback::reading::Readings;
use cartback::stage::Stage;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::carts::{cart, contents, details, line, mail};

const NOW: Timestamp = Timestamp::constant(1_782_950_430, 0);

/// A reading of one of two variants, so many minutes before the mail; negative minutes are a clock ahead.
#[derive(Debug, Clone)]
struct Told {
    variant: usize,
    minutes_ago: i64,
    price: Option<i64>,
    stock: Option<Stock>,
}

fn told() -> impl Strategy<Value = Told> {
    let stock = prop_oneof![
        (0_u32..9).prop_map(Stock::Left),
        Just(Stock::Available),
        Just(Stock::SoldOut),
    ];
    let price = prop::sample::select(vec![900_i64, 1_000, 1_100, 9_000]);
    let parts = (
        0_usize..2,
        -30_i64..600,
        prop::option::of(price),
        prop::option::of(stock),
    );
    parts.prop_map(|(variant, minutes_ago, price, stock)| Told {
        variant,
        minutes_ago,
        price,
        stock,
    })
}

fn at(minutes_ago: i64) -> Timestamp {
    NOW - SignedDuration::from_mins(minutes_ago)
}

fn readings(history: &[Told]) -> Readings {
    let mut products = ["sku-0", "sku-1"]
        .map(|variant| Product::new("hearth".parse().unwrap(), variant.to_owned()));
    for (n, told) in history.iter().enumerate() {
        let price = |minor| Price {
            now: contents(Vec::new()).money(minor),
            compare_at: None,
        };
        products[told.variant].read(&ProductReading {
            id: format!("r{n:03}"),
            at: at(told.minutes_ago),
            variant: format!("sku-{}", told.variant),
            description: None,
            price: told.price.map(price),
            stock: told.stock,
        });
    }
    Readings::new(products)
}

/// The newest of `history` that tells something, as a person would look it up. Times differ.
fn newest<T>(
    history: &[Told],
    variant: usize,
    what: impl Fn(&Told) -> Option<T>,
) -> Option<(i64, T)> {
    let of_variant = history.iter().filter(|told| told.variant == variant);
    let with = of_variant.filter_map(|told| Some((told.minutes_ago, what(told)?)));
    with.min_by_key(|(minutes_ago, _)| *minutes_ago)
}

fn dollars(text: &str) -> i64 {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

/// The lines of the mail that tell of the item `title`.
fn item<'a>(text: &'a str, title: &str) -> Vec<&'a str> {
    let lines = text
        .lines()
        .skip_while(|line| !line.starts_with(&format!("* {title}")));
    let rest = lines
        .clone()
        .skip(1)
        .take_while(|line| line.starts_with("  "));
    lines.take(1).chain(rest).collect()
}

fn moment(minutes_ago: i64) -> String {
    at(minutes_ago)
        .strftime("%b %-d, %-I:%M\u{202f}%p GMT+0")
        .to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_mail_says_what_was_not_so(
        history in prop::collection::vec(told(), 0..8),
        left_minutes_ago in 30_i64..500,
        regular in prop::option::of(prop::sample::select(vec![1_100_i64, 1_500])),
        orders in prop::collection::vec((0_i64..240, 0_u64..60), 0..6),
        stage in prop::sample::select(Stage::ALL.to_vec()),
    ) {
        // Two readings of one moment have no order that a person could see.
        let mut times: Vec<_> = history.iter().map(|told| told.minutes_ago).collect();
        times.sort_unstable();
        times.dedup();
        prop_assume!(times.len() == history.len());

        let lines: Vec<LineItem> = ["Mug", "Pot"].iter().enumerate().map(|(n, title)| LineItem {
            compare_at_minor: regular,
            ..line(&format!("sku-{n}"), title, 1_000)
        }).collect();
        let cart = cart(contents(lines), details(Some("en")), at(left_minutes_ago));
        let hours = orders.iter().map(|(hours_ago, n_orders)| {
            let mut counts = Counts::order();
            counts.n_orders = *n_orders;
            (NOW - SignedDuration::from_hours(*hours_ago), counts)
        });
        let pulse = Pulse { hours: hours.collect(), ..Pulse::default() };
        let known = Known { contact: None, readings: readings(&history), pulse: Some(&pulse), offer: None };
        let text = mail(&cart, stage, &known, NOW).text;

        let (mut sum, mut is_repriced) = (0, false);
        for (variant, title) in ["Mug", "Pot"].iter().enumerate() {
            let shown = item(&text, title);
            let price = dollars(shown[1].split(": ").nth(1).unwrap().split(" (").next().unwrap());
            let news = newest(&history, variant, |told| told.price)
                .filter(|(ago, _)| 0 <= *ago && *ago < left_minutes_ago)
                // A discount of this cart, not a change of the price.
                .filter(|(_, price)| Some(*price) != regular);
            prop_assert_eq!(price, news.map_or(1_000, |(_, price)| price), "{}", text);
            is_repriced |= price != 1_000;
            sum += price;

            let stock = newest(&history, variant, |told| told.stock);
            let fresh = stock.filter(|(ago, _)| (0..=120).contains(ago));
            let few = shown.iter().find(|line| line.contains("left ("));
            match (few, fresh) {
                (Some(few), Some((ago, Stock::Left(n)))) => {
                    prop_assert_eq!(stage, Stage::Final);
                    prop_assert!((1..=5).contains(&n), "{}", few);
                    let left = if n == 1 { "one".to_owned() } else { n.to_string() };
                    let expected = format!("Only {left} left ({})", moment(ago));
                    prop_assert_eq!(few.trim(), expected);
                }
                (Some(few), _) => prop_assert!(false, "nobody told so: {}", few),
                (None, Some((_, Stock::Left(1..=5)))) => prop_assert!(stage != Stage::Final),
                (None, _) => {}
            }
            let sold_out = shown.iter().find(|line| line.contains("Sold out ("));
            match (sold_out, fresh) {
                (Some(line), Some((ago, Stock::SoldOut | Stock::Left(0)))) => {
                    prop_assert_eq!(line.trim(), format!("Sold out ({})", moment(ago)));
                }
                (Some(line), _) => prop_assert!(false, "nobody told so: {}", line),
                (None, told) => {
                    let is_gone = matches!(told, Some((_, Stock::SoldOut | Stock::Left(0))));
                    prop_assert!(!is_gone, "{}", text);
                }
            }
        }
        let total = text.lines().find_map(|line| line.strip_prefix("Items total: ")).unwrap();
        prop_assert_eq!(dollars(total), sum);

        let saving = text.lines().find_map(|line| line.strip_prefix("You save "));
        let expected = regular.filter(|_| !is_repriced).map(|regular| 2 * (regular - 1_000));
        prop_assert_eq!(saving.map(dollars), expected);

        if let Some(missing) = text.lines().find_map(|line| line.strip_prefix("Add ")) {
            let missing = missing.split(' ').next().unwrap();
            prop_assert_eq!(dollars(missing), 10_000 - sum);
            prop_assert!(!text.contains("Sold out"));
        }
        prop_assert!(!text.contains("Shipping is free") || 10_000 <= sum);

        let more_than = text.lines().find_map(|line| line.strip_prefix("More than "));
        if let Some(told) = more_than {
            let told = dollars(told.split(' ').next().unwrap());
            let week = pulse.hours.range(NOW - SignedDuration::from_hours(7 * 24)..);
            let n_orders: u64 = week.map(|(_, counts)| counts.n_orders).sum();
            prop_assert!(told < i64::try_from(n_orders).unwrap() && 10 <= n_orders);
        }
    }
}
