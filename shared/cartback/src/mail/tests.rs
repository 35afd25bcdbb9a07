//! The rules of every mail.

mod markup;

use std::collections::BTreeSet;

use super::samples::{
    brand, cart_of, carts, every_message, follow_up, last, line, nudge, ordinary,
};
use super::*;
use crate::reason::{Acquaintance, Answer, Reason};
use crate::stage::Stage;
use markup::tags;

#[test]
fn mails_look_as_reviewed() {
    for (name, cart) in carts() {
        for message in every_message(&cart) {
            let mail = render(&message, &brand()).unwrap();
            let stage = message.stage();
            insta::assert_snapshot!(
                format!("{stage}_{name}_text"),
                format!("{}\n\n{}", mail.subject, mail.text)
            );
            insta::assert_snapshot!(format!("{stage}_{name}_html"), mail.html);
        }
    }
}

#[test]
fn a_mail_without_statements_makes_none() {
    let cart = CartView {
        savings: None,
        ..ordinary()
    };
    let calm = Message::Final(Final {
        cart: cart.clone(),
        deadline: None,
        threshold: None,
        orders: None,
        offer: None,
    });
    let plain = Message::FollowUp(FollowUp {
        cart,
        reason: Reason::Unknown,
        facts: Facts::default(),
        threshold: None,
        offer: None,
    });
    for message in [calm, plain] {
        let mail = render(&message, &brand()).unwrap();
        insta::assert_snapshot!(
            format!("{}_calm_text", message.stage()),
            format!("{}\n\n{}", mail.subject, mail.text)
        );
        for claim in [
            "You save",
            "works until",
            "stops working",
            "2025",
            "Good to know",
        ] {
            assert!(
                !mail.html.contains(claim) && !mail.text.contains(claim),
                "{claim}"
            );
        }
    }
}

#[test]
fn every_cart_fits_below_the_size_at_which_gmail_clips() {
    let worst = LineView {
        variant: Some("'\"".repeat(200)),
        image_url: Some(format!("https://cdn.example/?{}", "a".repeat(479))),
        quantity: 1_000_000,
        compare_at_price: Some("1000000.00 USD".parse().unwrap()),
        ..line(&"\"".repeat(500), 99_999_999, "USD")
    };
    for message in every_message(&cart_of(vec![worst; 500])) {
        let html = render(&message, &brand()).unwrap().html;
        assert!(html.contains("and 470 more"));
        assert!(
            html.len() < 100_000,
            "{}: {} bytes",
            message.stage(),
            html.len()
        );
    }
}

#[test]
fn both_parts_carry_the_same_links() {
    let answers = Answer::ALL.map(|answer| {
        format!(
            "https://links.northlight.example/a/1aBcDeFg/{}",
            answer.name()
        )
    });
    let common: BTreeSet<_> = [
        "https://northlight.example",
        "https://links.northlight.example/p/1aBcDeFgHiJkLmNoPqRsTuVwXyZ",
        "https://links.northlight.example/r/1aBcDeFgHiJkLmNoPqRsTuVwXyZ",
        "https://links.northlight.example/u/1aBcDeFgHiJkLmNoPqRsTuVwXyZ",
        "care@northlight.example",
    ]
    .map(str::to_owned)
    .into();
    for message in every_message(&ordinary()) {
        let mut expected = common.clone();
        if message.stage() == Stage::Nudge {
            expected.extend(answers.clone());
        }
        let mail = render(&message, &brand()).unwrap();
        let links = tags(&mail.html).into_iter().flat_map(|tag| tag.links);
        let in_html: BTreeSet<_> = links
            .map(|link| link.trim_start_matches("mailto:").to_owned())
            .collect();
        let is_link = |word: &&str| word.contains("://") || word.contains('@');
        let in_text: BTreeSet<_> = mail
            .text
            .split_whitespace()
            .filter(is_link)
            .map(str::to_owned)
            .collect();
        assert_eq!(in_html, expected);
        assert_eq!(in_text, expected);
    }
}

#[test]
fn every_mail_says_who_writes_why_and_how_to_stop() {
    for message in every_message(&ordinary()) {
        let mail = render(&message, &brand()).unwrap();
        for part in [&mail.html, &mail.text] {
            assert!(part.contains(&brand().postal_address));
            assert!(part.contains("You get this email because"));
            assert!(part.contains("Unsubscribe"));
            assert!(part.contains(&message.cart().unsubscribe_url));
            assert!(part.contains(&message.cart().preferences_url));
        }
    }
}

#[test]
fn every_language_says_every_message_in_full() {
    for locale in crate::language::Locale::all() {
        let brand = Brand {
            locale: locale.tag().to_owned(),
            ..brand()
        };
        for reason in [
            Reason::Payment,
            Reason::Costs,
            Reason::Account,
            Reason::Browsing,
        ] {
            for person in [Acquaintance::Returning, Acquaintance::HighValue] {
                let Message::Nudge(message) = nudge(ordinary()) else {
                    unreachable!()
                };
                let message = Nudge {
                    reason,
                    person,
                    ..message
                };
                let mail = render(&Message::Nudge(message), &brand).unwrap();
                let known = render(&nudge(ordinary()), &brand).unwrap();
                assert_ne!(mail.text, known.text, "{locale:?} {reason:?} {person:?}");
            }
        }
        for message in every_message(&ordinary()) {
            let mail = render(&message, &brand).unwrap();
            assert!(
                !mail.text.contains('{') && !mail.text.contains("  $"),
                "{}",
                mail.text
            );
            let is_english = mail.text.contains("You get this email because");
            assert_eq!(is_english, locale.tag().starts_with("en"));
            let from_right = mail.html.contains("dir=\"rtl\"");
            assert_eq!(from_right, locale.tag() == "ar");
        }
    }
}

#[test]
fn mails_in_other_languages_look_as_reviewed() {
    for tag in ["de", "fr", "es", "ja", "ar"] {
        let brand = Brand {
            locale: tag.to_owned(),
            ..brand()
        };
        for message in every_message(&ordinary()) {
            let mail = render(&message, &brand).unwrap();
            let shown = format!("{}\n\n{}", mail.subject, mail.text);
            insta::assert_snapshot!(format!("{}_{tag}_text", message.stage()), shown);
        }
    }
}

#[test]
fn a_mail_runs_as_its_language_does() {
    for (tag, other) in [("ar", "ltr"), ("en", "rtl")] {
        let brand = Brand {
            locale: tag.to_owned(),
            ..brand()
        };
        for message in every_message(&ordinary()) {
            let html = render(&message, &brand).unwrap().html;
            let astray = format!("direction:{other}");
            assert!(!html.contains(&astray), "{} {tag}", message.stage());
        }
    }
}

#[test]
fn a_subject_is_one_short_line() {
    let brand = Brand {
        name: "Ever\r\nBcc: eve@example.com\u{202e}\0".repeat(40),
        ..brand()
    };
    for message in every_message(&ordinary()) {
        let subject = render(&message, &brand).unwrap().subject;
        assert!(
            subject.chars().count() <= 150 && !subject.contains(char::is_control),
            "{subject:?}"
        );
        assert!(!subject.contains('\u{202e}'));
    }
}

#[test]
fn a_bad_picture_becomes_a_placeholder() {
    let with_image = |url: &str| {
        cart_of(vec![LineView {
            image_url: Some(url.to_owned()),
            ..line("Mug", 100, "USD")
        }])
    };
    for url in [
        "javascript:alert(1)",
        "http://cdn.example/1.jpg",
        "//cdn.example/1.jpg",
        "",
    ] {
        let html = render(&follow_up(with_image(url)), &brand()).unwrap().html;
        assert!(!html.contains("<img"), "{url}");
    }
    let html = render(
        &follow_up(with_image("http://127.0.0.1:9000/1.jpg")),
        &brand(),
    )
    .unwrap()
    .html;
    assert!(html.contains("<img src=\"http://127.0.0.1:9000/1.jpg\""));
}

#[test]
fn a_mail_without_its_links_is_not_made() {
    for url in [
        "",
        "http://links.example/r/1",
        "javascript:alert(1)",
        "https://links.example/\r\n",
    ] {
        let no_restore = CartView {
            restore_url: url.to_owned(),
            ..ordinary()
        };
        let no_stop = CartView {
            unsubscribe_url: url.to_owned(),
            ..ordinary()
        };
        let no_choice = CartView {
            preferences_url: url.to_owned(),
            ..ordinary()
        };
        for (cart, link) in [
            (no_restore, "restore link"),
            (no_stop, "unsubscribe link"),
            (no_choice, "preferences link"),
        ] {
            let error = render(&follow_up(cart), &brand()).unwrap_err();
            assert!(
                matches!(error, RenderError::BadLink(name) if name == link),
                "{url}"
            );
        }
    }
}

#[test]
fn a_deadline_is_told_in_the_time_of_the_brand() {
    for (time_zone, shown) in [
        (
            "America/New_York",
            "Sunday, October 12, 2025 at 6:00\u{202f}PM GMT-4",
        ),
        (
            "Europe/Berlin",
            "Monday, October 13, 2025 at 12:00\u{202f}AM GMT+2",
        ),
        (
            "Nowhere/Land",
            "Sunday, October 12, 2025 at 10:00\u{202f}PM GMT+0",
        ),
    ] {
        let brand = Brand {
            time_zone: time_zone.to_owned(),
            ..brand()
        };
        let mail = render(&last(ordinary()), &brand).unwrap();
        assert!(
            mail.html.contains(shown) && mail.text.contains(shown),
            "{time_zone}: {}",
            mail.text
        );
    }
}

#[test]
fn a_mail_never_shows_its_reader_in_a_log() {
    let message = last(ordinary());
    let mail = render(&message, &brand()).unwrap();
    for printed in [format!("{message:?}"), format!("{mail:?}")] {
        for personal in ["Ada", "linen", "/r/1a", "/u/1a"] {
            assert!(!printed.contains(personal), "{printed}");
        }
    }
}
