//! Codes and budgets: what is listed, and that a claim is taken once or not at all.

use cartback::contact::Contact;
use cartback::ids::{ContactKey, Pepper};
use cartback::money::{Currency, Money};
use cartback::offer::{Ask, Claim, Month, PoolCode, Spend, Stock};
use cartback::ports::{CartStore, Write, WriteError};
use cartback::stage::Stage;
use futures_util::future::join_all;
use jiff::{Timestamp, tz::TimeZone};

use super::{assert_conflict, only_winner};
use crate::samples::{NOON, at, attempt, shop_id, waiting};

fn code(text: &str, expires_at: Option<Timestamp>) -> PoolCode {
    PoolCode {
        pool: "spring".parse().unwrap(),
        code: text.parse().unwrap(),
        expires_at,
    }
}

fn month() -> Month {
    Month::of(NOON, &TimeZone::UTC, Currency::USD)
}

async fn stock(store: &impl CartStore, pool: &str, usable_until: Timestamp) -> Stock {
    let ask = Ask {
        pool: Some(pool.parse().unwrap()),
        usable_until,
        month: Some(month()),
    };
    store.offer_stock(&shop_id(), &ask).await.unwrap()
}

/// A reservation of a cart of its own, by a person of its own, that claims `text` for 10.00 of 25.00.
fn claim(id: &str, text: &str) -> Write {
    let mut cart = waiting(id, NOON);
    let attempt = attempt(&cart);
    assert!(cart.sequence.reserve(attempt, NOON));
    let email = format!("{id}@example.com").parse().unwrap();
    let key = ContactKey::new(&Pepper(b"pepper".to_vec()), &shop_id(), &email);
    let spend = Spend {
        month: month(),
        amount_minor: 1_000,
        limit: Money {
            minor: 2_500,
            currency: Currency::USD,
        },
    };
    let claim = Claim {
        cart: cart.key.clone(),
        stage: Stage::Final,
        code: Some(("spring".parse().unwrap(), text.parse().unwrap())),
        spend: Some(spend),
    };
    Write {
        attempt: Some(attempt),
        cart: Some(cart),
        contact: Some(Contact::new(key)),
        claim: Some(claim),
        ..Write::default()
    }
}

/// Those that end first come first, those that never end last; of one pool and shop only.
pub async fn codes_are_listed_while_they_work_and_nobody_has_them(store: &impl CartStore) {
    assert_eq!(stock(store, "spring", NOON).await, Stock::default());
    let codes = [
        code("never", None),
        code("later#1", Some(at(20))),
        code("soon", Some(at(10))),
    ];
    let elsewhere = PoolCode {
        pool: "summer".parse().unwrap(),
        ..code("soon", Some(at(10)))
    };
    assert_eq!(store.put_codes(&shop_id(), &codes).await.unwrap(), 3);
    assert_eq!(store.put_codes(&shop_id(), &[elsewhere]).await.unwrap(), 1);
    let again = [code("soon", Some(at(90))), code("new", Some(at(15)))];
    assert_eq!(store.put_codes(&shop_id(), &again).await.unwrap(), 1);
    let other: cartback::ids::ShopId = "demo-2".parse().unwrap();
    assert_eq!(store.put_codes(&other, &codes[..1]).await.unwrap(), 1);
    for (minute, expected) in [
        (10, vec!["soon", "new", "later#1", "never"]),
        (11, vec!["new", "later#1", "never"]),
        (21, vec!["never"]),
    ] {
        let listed = stock(store, "spring", at(minute)).await.codes;
        let listed: Vec<_> = listed.iter().map(|code| code.code.expose()).collect();
        assert_eq!(listed, expected, "{minute}");
    }
    let listed = stock(store, "spring", at(20)).await.codes;
    assert_eq!(listed, [codes[1].clone(), codes[0].clone()]);
}

/// All or nothing: a taken code, or too small a budget, and neither cart nor person nor the other half
/// of the claim is stored.
pub async fn a_code_is_claimed_once_and_the_budget_holds(store: &impl CartStore) {
    let codes = ["a", "b", "c"].map(|text| code(text, None));
    store.put_codes(&shop_id(), &codes).await.unwrap();
    store.write(&claim("c1", "a")).await.unwrap();
    let left = stock(store, "spring", NOON).await;
    assert_eq!((left.codes.len(), left.spent_minor), (2, 1_000));
    for text in ["a", "unknown"] {
        let refused = claim("c2", text);
        assert_conflict(store.write(&refused).await);
        let cart = refused.cart.unwrap().key;
        assert_eq!(store.cart(&cart).await.unwrap(), None);
        let person = refused.contact.unwrap().key;
        assert_eq!(store.contact(&person).await.unwrap(), None);
        assert_eq!(stock(store, "spring", NOON).await, left);
    }
    store.write(&claim("c2", "b")).await.unwrap();
    // 20.00 are spent; another 10.00 would be too much.
    assert_conflict(store.write(&claim("c3", "c")).await);
    let mut beyond = claim("c3", "c");
    let spend = beyond.claim.as_mut().unwrap().spend.as_mut().unwrap();
    spend.amount_minor = 2_501;
    assert_conflict(store.write(&beyond).await);
    let left = stock(store, "spring", NOON).await;
    assert_eq!((left.codes.len(), left.spent_minor), (1, 2_000));
    // Given for ever, whatever is imported again.
    assert_eq!(store.put_codes(&shop_id(), &codes).await.unwrap(), 0);
    assert_eq!(stock(store, "spring", NOON).await, left);
}

/// Of reservations that meet at the budget, as many have their part as it has room for, and no more.
pub async fn racing_claims_never_exceed_the_budget(store: &impl CartStore) {
    let texts: Vec<_> = (0..8).map(|n| format!("code-{n}")).collect();
    let codes: Vec<_> = texts.iter().map(|text| code(text, None)).collect();
    store.put_codes(&shop_id(), &codes).await.unwrap();
    let claims = texts.iter().map(|text| claim(&format!("of-{text}"), text));
    let claims: Vec<_> = claims.collect();
    let answers = join_all(claims.iter().map(|claim| store.write(claim))).await;
    let mut n_taken = answers.iter().filter(|answer| answer.is_ok()).count();
    // Who only met somebody else tries again, alone.
    for (claim, answer) in claims.iter().zip(&answers) {
        if answer.is_err() && store.write(claim).await.is_ok() {
            n_taken += 1;
        }
    }
    assert_eq!(n_taken, 2);
    let left = stock(store, "spring", NOON).await;
    assert_eq!((left.codes.len(), left.spent_minor), (6, 2_000));
}

/// Of reservations that reach for the same code, exactly one has it.
pub async fn of_racing_claims_on_one_code_one_wins(store: &impl CartStore) {
    let codes = [code("a", None)];
    store.put_codes(&shop_id(), &codes).await.unwrap();
    let claims: Vec<_> = (0..8).map(|n| claim(&format!("c{n}"), "a")).collect();
    let answers = join_all(claims.iter().map(|claim| store.write(claim))).await;
    let winner = only_winner(&answers);
    for (n, claim) in claims.iter().enumerate() {
        let cart = &claim.cart.as_ref().unwrap().key;
        let is_stored = store.cart(cart).await.unwrap().is_some();
        assert_eq!(is_stored, n == winner);
    }
    let losers = answers.iter().filter(|answer| answer.is_err());
    let conflicts = losers.filter(|answer| matches!(answer, Err(WriteError::Conflict)));
    assert_eq!(conflicts.count(), 7);
    let left = stock(store, "spring", NOON).await;
    assert_eq!((left.codes.len(), left.spent_minor), (0, 1_000));
}
