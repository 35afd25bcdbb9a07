//! From a cart to its mail: what it says, where its links lead, and where a visit goes on to.

use cartback::cart::Cart;
use cartback::compose::{ComposeError, Known, compose};
use cartback::event::{Change, Contents};
use cartback::link::{Link, LinkKey, LinkKeys, Purpose};
use cartback::mail::{CartView, Mail};
use cartback::reading::{Readings, view};
use cartback::shop::{RESTORE_LINK_LIFE, Shop};
use cartback::stage::Stage;
use cartback::stamp::{Stamp, Stamped};
use cartback::visit::Visit;

use crate::samples::{DAY, HOUR, attempt, cart, contact_key, contents, event, noon, order, usd};
use crate::settings::{least, with};

fn keys() -> LinkKeys {
    let (id, secret) = (1, vec![7; 32]);
    LinkKeys::new(vec![LinkKey { id, secret }]).unwrap()
}

fn shop() -> Shop {
    Shop::load(&with("selling_points = [\"Returns are free.\"]")).unwrap()
}

fn mail(cart: &Cart, stage: Stage) -> Result<Mail, ComposeError> {
    let known = Known::default();
    compose(cart, stage, &known, attempt(1), &shop(), &keys(), noon())
}

fn view_of(contents: Contents) -> CartView {
    let stamp = Stamp::new(noon(), "evt-1");
    let contents = Stamped {
        stamp,
        value: contents,
    };
    view(&contents, &shop(), &Readings::default(), noon())
}

/// The token after `path` in the text of `mail`.
fn token(mail: &Mail, path: &str) -> String {
    let (_, rest) = mail.text.split_once(path).unwrap();
    rest.split(|c: char| c.is_whitespace() || c == '>' || c == ')')
        .next()
        .unwrap()
        .to_owned()
}

#[test]
fn the_mail_goes_from_the_shop_to_the_person_about_this_attempt() {
    let cart = cart("c1", "49.00");
    for stage in Stage::ALL {
        let mail = mail(&cart, stage).unwrap();
        assert_eq!(
            (mail.cart, mail.stage, mail.attempt),
            (cart.key.clone(), stage, attempt(1))
        );
        assert_eq!(mail.to.expose(), "ada@example.com");
        assert_eq!(mail.from, "\"Hearth & Home\" <hello@hearth.example>");
        assert_eq!(mail.reply_to.expose(), "help@hearth.example");
    }
}

#[test]
fn a_name_cannot_break_out_of_the_sender() {
    let mut shop = shop();
    shop.name = "A\"B\\C\r\nD\u{0}".to_owned();
    let mail = compose(
        &cart("c1", "49.00"),
        Stage::Nudge,
        &Known::default(),
        attempt(1),
        &shop,
        &keys(),
        noon(),
    );
    assert_eq!(mail.unwrap().from, "\"ABCD\" <hello@hearth.example>");
}

#[test]
fn the_restore_link_opens_this_cart_for_thirty_days() {
    let cart = cart("c1", "49.00");
    let token = token(
        &mail(&cart, Stage::Nudge).unwrap(),
        "https://links.hearth.example/restore/",
    );
    let ends_at = noon() + DAY * 30;
    let link = Link {
        purpose: Purpose::Restore(cart.key.clone()),
        attempt: attempt(1),
        expires_at: Some(ends_at),
    };
    assert_eq!(keys().open(&token, noon()), Ok(link));
    assert!(keys().open(&token, ends_at).is_err());
    assert_eq!(RESTORE_LINK_LIFE, DAY * 30);
}

#[test]
fn the_unsubscribe_link_stops_this_person_for_ever() {
    let mail = mail(&cart("c1", "49.00"), Stage::Nudge).unwrap();
    let token = token(&mail, "https://links.hearth.example/unsubscribe/");
    let link = Link {
        purpose: Purpose::Unsubscribe(contact_key("ada@example.com")),
        attempt: attempt(1),
        expires_at: None,
    };
    assert_eq!(keys().open(&token, noon() + DAY * 9_999), Ok(link));
    let url = format!("<https://links.hearth.example/unsubscribe/{token}>");
    let expected = [
        ("List-Unsubscribe", url),
        (
            "List-Unsubscribe-Post",
            "List-Unsubscribe=One-Click".to_owned(),
        ),
        (
            "List-Id",
            "<cart-reminders.hearth.links.hearth.example>".to_owned(),
        ),
    ];
    assert_eq!(mail.headers, expected);
}

#[test]
fn only_the_follow_up_sells_and_only_the_final_has_an_end() {
    for (stage, sells, ends) in [
        (Stage::Nudge, false, false),
        (Stage::FollowUp, true, false),
        (Stage::Final, false, true),
    ] {
        let text = mail(&cart("c1", "49.00"), stage).unwrap().text;
        assert_eq!(text.contains("Returns are free."), sells, "{text}");
        assert_eq!(text.contains("July 31"), ends, "{text}");
    }
}

#[test]
fn a_cart_of_nobody_or_of_nothing_known_makes_no_mail() {
    let mut nobody = cart("c1", "49.00");
    nobody.facts.person = None;
    let mut nothing = cart("c1", "49.00");
    nothing.facts.contents = None;
    for cart in [nobody, nothing] {
        let result = mail(&cart, Stage::Nudge);
        assert!(matches!(result, Err(ComposeError::Incomplete)));
    }
}

#[test]
fn a_regular_price_is_shown_only_above_the_price() {
    for (regular, shown) in [(4899, None), (4900, None), (4901, Some("49.01"))] {
        let mut contents = contents("49.00");
        contents.lines[0].compare_at_minor = Some(regular);
        let view = view_of(contents);
        assert_eq!(view.lines[0].compare_at_price, shown.map(usd), "{regular}");
        assert_eq!(view.savings.is_some(), shown.is_some(), "{regular}");
        assert_eq!(
            (view.lines[0].price, view.total),
            (usd("49.00"), usd("49.00"))
        );
    }
}

#[test]
fn pictures_of_foreign_hosts_are_left_out() {
    for (url, is_shown) in [
        ("https://hearth.example/l.png", true),
        ("https://evil.example/l.png", false),
    ] {
        let mut contents = contents("49.00");
        contents.lines[0].image_url = Some(url.to_owned());
        let shown = view_of(contents).lines[0].image_url.clone();
        assert_eq!(shown.is_some(), is_shown, "{url}");
    }
}

#[test]
fn a_visit_goes_on_to_the_checkout_of_an_open_cart_at_the_shops_own_host() {
    let (home, checkout) = (
        "https://hearth.example",
        "https://hearth.example/checkout/1",
    );
    let with_url = |url: Option<&str>| {
        let mut cart = cart("c1", "49.00");
        let contents = cart.facts.contents.as_mut().unwrap();
        contents.value.checkout_url = url.map(str::to_owned);
        cart
    };
    let mut ordered = with_url(Some(checkout));
    ordered.facts.apply(&order(noon()), None);
    let mut deleted = with_url(Some(checkout));
    deleted
        .facts
        .apply(&event(noon() + HOUR, Change::CartDeleted), None);
    let mut unknown = with_url(None);
    unknown.facts.contents = None;
    for (cart, goes_to) in [
        (with_url(Some(checkout)), checkout),
        (with_url(Some("https://evil.example/checkout/1")), home),
        (with_url(None), home),
        (ordered, home),
        (deleted, home),
        (unknown, home),
    ] {
        let shop = Shop::load(least()).unwrap();
        let visit = Visit {
            cart,
            shop,
            attempt: attempt(1),
            at: noon(),
            readings: Readings::default(),
            chosen: None,
        };
        assert_eq!(visit.checkout_url(), goes_to);
    }
}
