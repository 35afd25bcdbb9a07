//! The rules of every page.

use super::*;
use crate::mail::{LineView, samples};

fn restore(cart: &CartView) -> String {
    let page = RestorePage {
        brand: &samples::brand(),
        cart,
        threshold: None,
        offer: None,
        action: "/r/token",
    };
    page.html().unwrap()
}

fn every_page(brand: &Brand) -> [String; 7] {
    let cart = samples::ordinary();
    let page = RestorePage {
        brand,
        cart: &cart,
        threshold: None,
        offer: None,
        action: "/r/token",
    };
    [
        page.html().unwrap(),
        ordered(brand).unwrap(),
        unsubscribe(brand, "/u/token").unwrap(),
        unsubscribed(brand).unwrap(),
        reason(brand, Answer::Payment, "/a/token").unwrap(),
        thanks(brand, "/r/token").unwrap(),
        gone(Locale::choose([brand.locale.as_str()])).unwrap(),
    ]
}

#[test]
fn restore_pages_look_as_reviewed() {
    for (name, cart) in samples::carts() {
        insta::assert_snapshot!(format!("restore_{name}"), restore(&cart));
    }
}

#[test]
fn other_pages_look_as_reviewed() {
    let brand = samples::brand();
    insta::assert_snapshot!("ordered", ordered(&brand).unwrap());
    insta::assert_snapshot!("unsubscribe", unsubscribe(&brand, "/u/token").unwrap());
    insta::assert_snapshot!("unsubscribed", unsubscribed(&brand).unwrap());
    insta::assert_snapshot!(
        "reason",
        reason(&brand, Answer::Payment, "/a/token").unwrap()
    );
    insta::assert_snapshot!("thanks", thanks(&brand, "/r/token").unwrap());
    insta::assert_snapshot!("gone", gone(Locale::ENGLISH).unwrap());
}

#[test]
fn no_page_runs_a_script_or_tells_where_it_was_opened() {
    for locale in Locale::all() {
        let brand = Brand {
            locale: locale.tag().to_owned(),
            ..samples::brand()
        };
        for page in every_page(&brand) {
            assert!(page.contains(r#"<meta name="referrer" content="no-referrer">"#));
            assert!(page.contains(r#"<meta name="robots" content="noindex, nofollow">"#));
            assert!(page.contains(&format!(r#"<html lang="{}""#, locale.tag())));
            for forbidden in ["<script", "javascript:", "@import", "url(", "<link", "Ada"] {
                assert!(!page.contains(forbidden), "{forbidden}");
            }
        }
    }
}

#[test]
fn the_page_tells_what_is_different() {
    let cart = samples::ordinary();
    let price = cart.lines[0].price;
    let with = |state: LineState| {
        let line = LineView {
            state,
            ..cart.lines[0].clone()
        };
        restore(&samples::cart_of(vec![line]))
    };
    for (state, told, all) in [
        (LineState::Unknown, None, None),
        (
            LineState::Same,
            Some("Price as you left it"),
            Some("Everything is as you left it."),
        ),
        (
            LineState::Dearer(price),
            Some("dearer"),
            Some("Some things are no longer as"),
        ),
        (
            LineState::Cheaper(price),
            Some("cheaper"),
            Some("Some things are no longer as"),
        ),
    ] {
        let page = with(state.clone());
        for text in [told, all].into_iter().flatten() {
            assert!(page.contains(text), "{state:?}: {text}");
        }
        for other in ["Price as you left it", "dearer", "cheaper"] {
            let is_told = told.is_some_and(|told| told.contains(other));
            assert_eq!(page.contains(other), is_told, "{state:?}: {other}");
        }
    }
}

#[test]
fn a_form_never_posts_to_a_foreign_scheme() {
    let page = unsubscribe(&samples::brand(), "javascript:alert(1)");
    assert!(matches!(page, Err(RenderError::BadLink("form target"))));
}
