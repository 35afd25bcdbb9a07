//! The shop and the carts of these tests.

use cartback::cart::Cart;
use cartback::compose::{Known, compose};
use cartback::event::{CartEvent, Change, ContactDetails, Contents, LineItem, Origin};
use cartback::ids::{Attempt, CartKey, ContactKey, Pepper};
use cartback::link::{LinkKey, LinkKeys};
use cartback::mail::Mail;
use cartback::shop::Shop;
use cartback::stage::Stage;
use jiff::Timestamp;

pub(crate) const SETTINGS: &str = r#"
id = "hearth"
name = "Hearth & Home"
url = "https://hearth.example"
hosts = ["hearth.example"]
links_url = "https://links.hearth.example"
from = "hello@hearth.example"
support_email = "help@hearth.example"
postal_address = "4 Mill Street"
[[selling.shipping]]
countries = ["US"]
free_from = "100.00 USD"
[statements]
orders_from = 10
stock_max_age = "2h"
stock_up_to = 5
"#;

pub(crate) fn shop() -> Shop {
    Shop::load(SETTINGS).unwrap()
}

pub(crate) fn line(id: &str, title: &str, price_minor: i64) -> LineItem {
    LineItem {
        id: id.to_owned(),
        title: title.to_owned(),
        variant: None,
        quantity: 1,
        price_minor,
        compare_at_minor: None,
        image_url: None,
        url: None,
    }
}

pub(crate) fn contents(lines: Vec<LineItem>) -> Contents {
    Contents {
        currency: "USD".parse().unwrap(),
        total_minor: lines
            .iter()
            .map(|line| line.price_minor * i64::from(line.quantity))
            .sum(),
        lines,
        checkout_url: None,
    }
}

pub(crate) fn details(locale: Option<&str>) -> ContactDetails {
    ContactDetails {
        email: "ada@example.com".parse().unwrap(),
        first_name: None,
        locale: locale.map(str::to_owned),
        time_zone: None,
        country: Some("US".to_owned()),
    }
}

pub(crate) fn cart(contents: Contents, details: ContactDetails, left_at: Timestamp) -> Cart {
    let shop = "hearth".parse().unwrap();
    let contact = ContactKey::new(&Pepper(vec![1; 32]), &shop, &details.email);
    let event = CartEvent {
        id: "evt-1".to_owned(),
        at: left_at,
        is_test: false,
        origin: Origin::Shop,
        carts: vec!["c1".parse().unwrap()],
        contact: Some(details),
        change: Change::CartUpdated(contents),
    };
    let id = "c1".parse().unwrap();
    let mut cart = Cart::new(CartKey::new(&shop, &id), id, left_at);
    cart.facts.apply(&event, Some(&contact));
    cart
}

pub(crate) fn mail(cart: &Cart, stage: Stage, known: &Known<'_>, now: Timestamp) -> Mail {
    let key = LinkKey {
        id: 1,
        secret: vec![7; 32],
    };
    let keys = LinkKeys::new(vec![key]).unwrap();
    let attempt = Attempt::new(1, &cart.key, 1, now);
    compose(cart, stage, known, attempt, &shop(), &keys, now).unwrap()
}
