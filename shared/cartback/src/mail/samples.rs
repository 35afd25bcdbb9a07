//! Carts that the tests of mails and pages render.

use jiff::Timestamp;

use super::{
    Brand, CartView, DeadlineStatement, Facts, Final, FollowUp, LineState, LineView, Message,
    Nudge, SavingsStatement,
};
use crate::language::Wording;
use crate::money::Money;
use crate::reason::{Acquaintance, Answer, Reason};
use crate::selling::{Reviews, Shipping};

pub(crate) fn brand() -> Brand {
    Brand {
        name: "Northlight Goods".to_owned(),
        url: "https://northlight.example".to_owned(),
        logo_url: None,
        color: "#0f766e".to_owned(),
        support_email: "care@northlight.example".to_owned(),
        postal_address: "12 Harbour Street, Portland, ME 04101, USA".to_owned(),
        locale: "en".to_owned(),
        time_zone: "America/New_York".to_owned(),
        wording: Wording::default(),
    }
}

/// The carts of the snapshots, by name.
pub(crate) fn carts() -> Vec<(&'static str, CartView)> {
    let bare = LineView {
        image_url: None,
        ..line("Gift card", 2500, "USD")
    };
    let kettle = LineView {
        variant: Some("Black / 1.2 l".to_owned()),
        ..line("Cast iron kettle", 23_600, "JPY")
    };
    let oil = LineView {
        quantity: 3,
        compare_at_price: money_of(2500, "KWD"),
        ..line("Rose oil, 5 ml", 1999, "KWD")
    };
    vec![
        ("ordinary", ordinary()),
        (
            "bare",
            CartView {
                first_name: None,
                ..cart_of(vec![bare])
            },
        ),
        (
            "40_items",
            cart_of(
                (1..=40)
                    .map(|n| line(&format!("Notebook no. {n}"), 1250, "USD"))
                    .collect(),
            ),
        ),
        ("hostile", hostile()),
        ("jpy", cart_of(vec![kettle])),
        ("kwd", cart_of(vec![oil])),
    ]
}

pub(crate) fn ordinary() -> CartView {
    cart_of(vec![
        LineView {
            variant: Some("Oat / M".to_owned()),
            compare_at_price: money_of(9800, "USD"),
            ..line("Washed linen shirt", 7800, "USD")
        },
        LineView {
            quantity: 2,
            ..line("Stoneware mug", 2400, "USD")
        },
        LineView {
            variant: Some("Undyed".to_owned()),
            image_url: None,
            ..line("Lambswool throw", 12_900, "USD")
        },
    ])
}

/// What strangers put into names and titles.
pub(crate) fn hostile() -> CartView {
    let titles = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror='alert(1)'>",
        "{{ brand.name }} {% for x in y %} {# x #}",
        "Invoice \u{202e}fdp.exe\u{2066}",
        "Mug\r\nBcc: eve@example.com\r\n\r\n<b>",
        "</td></tr></table></style><!--",
        "Extra long title of a product whose shop put every search word into it, twice",
    ];
    let bad_urls = [
        "javascript:alert(1)",
        "http://evil.example/x.png",
        "https://x.example/\"onload=\"alert(1)",
    ];
    let lines = titles
        .into_iter()
        .zip(bad_urls.into_iter().cycle())
        .map(|(title, url)| LineView {
            variant: Some(format!("'{title}'")),
            image_url: Some(url.to_owned()),
            ..line(title, 100, "USD")
        });
    CartView {
        first_name: Some("<a href='https://evil.example'>".to_owned()),
        ..cart_of(lines.collect())
    }
}

pub(crate) fn line(title: &str, minor: i64, currency: &str) -> LineView {
    LineView {
        title: title.to_owned(),
        variant: None,
        quantity: 1,
        price: Money {
            minor,
            currency: currency.parse().unwrap(),
        },
        compare_at_price: None,
        image_url: Some("https://cdn.northlight.example/p/1.jpg?w=144&h=144".to_owned()),
        state: LineState::Unknown,
        stock: None,
    }
}

pub(crate) fn cart_of(lines: Vec<LineView>) -> CartView {
    let amounts = lines
        .iter()
        .map(|line| line.price.checked_mul(line.quantity).unwrap());
    CartView {
        first_name: Some("Ada".to_owned()),
        total: amounts
            .reduce(|sum, amount| sum.checked_add(amount).unwrap())
            .unwrap(),
        savings: SavingsStatement::of(&lines),
        restore_url: "https://links.northlight.example/r/1aBcDeFgHiJkLmNoPqRsTuVwXyZ".to_owned(),
        unsubscribe_url: "https://links.northlight.example/u/1aBcDeFgHiJkLmNoPqRsTuVwXyZ"
            .to_owned(),
        preferences_url: "https://links.northlight.example/p/1aBcDeFgHiJkLmNoPqRsTuVwXyZ"
            .to_owned(),
        lines,
    }
}

pub(crate) fn nudge(cart: CartView) -> Message {
    let answer = |answer: Answer| {
        let url = format!(
            "https://links.northlight.example/a/1aBcDeFg/{}",
            answer.name()
        );
        (answer, url)
    };
    Message::Nudge(Nudge {
        cart,
        reason: Reason::Unknown,
        person: Acquaintance::New,
        answers: Answer::ALL.into_iter().map(answer).collect(),
    })
}

pub(crate) fn follow_up(cart: CartView) -> Message {
    Message::FollowUp(FollowUp {
        cart,
        reason: Reason::Unknown,
        facts: facts(),
        threshold: None,
        offer: None,
    })
}

/// Everything that a shop can say of itself.
pub(crate) fn facts() -> Facts {
    Facts {
        returns: Some((30, true)),
        shipping: Some(Shipping {
            countries: Vec::new(),
            cost: Some("4.90 USD".parse().unwrap()),
            days: Some(3),
            free_from: None,
        }),
        payment_methods: vec!["Visa".to_owned(), "PayPal".to_owned()],
        guest_checkout: true,
        support_hours: Some(24),
        reviews: Some(Reviews {
            rating: "4.7".to_owned(),
            n: 1312,
        }),
        points: vec!["Orders before 2 p.m. ship the same day.".to_owned()],
    }
}

pub(crate) fn last(cart: CartView) -> Message {
    let deadline =
        DeadlineStatement::link_expiry("2025-10-12T22:00:59Z".parse::<Timestamp>().unwrap());
    Message::Final(Final {
        cart,
        deadline: Some(deadline),
        threshold: None,
        orders: None,
        offer: None,
    })
}

/// One message of every stage about `cart`.
pub(crate) fn every_message(cart: &CartView) -> [Message; 3] {
    [
        nudge(cart.clone()),
        follow_up(cart.clone()),
        last(cart.clone()),
    ]
}

fn money_of(minor: i64, currency: &str) -> Option<Money> {
    Some(Money {
        minor,
        currency: currency.parse().unwrap(),
    })
}
