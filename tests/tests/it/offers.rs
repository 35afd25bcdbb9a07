//! Offers from the import to the checkout, through the real handlers on DynamoDB.

use std::collections::HashSet;

use cartback::export::export_person;
use cartback::memory::MemoryStore;
use cartback::offer::PoolCode;
use cartback::policy::OnUnknown;
use cartback::ports::CartStore;
use cartback::shop::Shop;
use cartback::stage::Stage;
use cartback_tests::emulator::Table;
use cartback_tests::installation::{Installation, restore_link};
use cartback_tests::messages::{ADA, cart, erasure, order};
use cartback_tests::outbox::Answer;
use cartback_tests::samples::{self, NOON, shop_id};
use jiff::SignedDuration;

const OFFERS: &str = r#"
    [policy.offers]
    margin_percent = 50
    margin_floor_percent = 20
    monthly_budget = "15.00 USD"
    code_parameter = "discount"

    [[policy.offers.ladder]]
    stage = "final"
    percent = 10
    pool = "spring"
"#;

const DOCUMENT: &str = include_str!("../../../docs/offers.md");

fn shop() -> Shop {
    Shop::load(&format!("{}{OFFERS}", samples::SETTINGS)).unwrap()
}

fn codes(texts: &[&str]) -> Vec<PoolCode> {
    let ends_at = NOON + SignedDuration::from_hours(24 * 10);
    let code = |text: &&str| PoolCode {
        pool: "spring".parse().unwrap(),
        code: text.parse().unwrap(),
        expires_at: Some(ends_at),
    };
    texts.iter().map(code).collect()
}

/// The codes that the mails of `stage` show, each with its mail's restore link.
fn shown<S: CartStore + Clone>(
    shop: &Installation<S>,
    stage: Stage,
    texts: &[&str],
) -> Vec<(String, String)> {
    let mails = shop.outbox.mails();
    let of_stage = mails.iter().filter(|kept| kept.mail.stage == stage);
    let code = |text: &str| texts.iter().find(|code| text.contains(**code));
    of_stage
        .filter_map(|kept| {
            let code = code(&kept.mail.text)?;
            Some(((*code).to_owned(), restore_link(&kept.mail)))
        })
        .collect()
}

#[tokio::test]
async fn a_code_goes_from_the_import_through_the_final_mail_to_the_checkout() {
    let table = Table::open().await;
    let texts = ["CODE-1", "CODE-2", "CODE-3"];
    let mut shop = Installation::on(table.store.clone(), &shop()).await;
    table
        .store
        .put_codes(&shop_id(), &codes(&texts))
        .await
        .unwrap();
    for (id, email) in [("cart-1", ADA), ("cart-2", "bob@example.com")] {
        shop.record(&cart(id, email)).await;
    }
    shop.run_hours(30).await;
    assert_eq!(shop.outbox.mails().len(), 6);
    for stage in [Stage::Nudge, Stage::FollowUp] {
        assert_eq!(shown(&shop, stage, &texts), []);
    }
    // The budget has one offer of 9.80, and the other reminder leaves without.
    let given = shown(&shop, Stage::Final, &texts);
    let [(code, link)] = &given[..] else {
        panic!("{given:?}");
    };
    let pools = table.store.pools(&shop_id()).await.unwrap();
    assert_eq!((pools[0].n_free, pools[0].n_claimed), (2, 1));
    let looked_at = shop.get(link).await;
    assert_eq!(looked_at.status, 200);
    assert!(looked_at.body.contains(code.as_str()), "{}", looked_at.body);
    let answer = shop.post(link).await;
    let checkout = format!("https://shop.example/checkout/secret-of-the-cart?discount={code}");
    assert_eq!(answer.location, Some(checkout));

    // The cart can still be restored, and its code is over.
    shop.now += SignedDuration::from_hours(24 * 11);
    let looked_at = shop.get(link).await;
    assert_eq!(looked_at.status, 200);
    assert!(
        !looked_at.body.contains(code.as_str()),
        "{}",
        looked_at.body
    );
    table.close().await;
}

#[tokio::test]
async fn whoever_ordered_by_an_offer_is_reminded_without_one_next_time() {
    let mut shop = Installation::on(MemoryStore::default(), &shop()).await;
    let texts = ["CODE-1", "CODE-2"];
    shop.store
        .put_codes(&shop_id(), &codes(&texts))
        .await
        .unwrap();
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(30).await;
    assert_eq!(shown(&shop, Stage::Final, &texts).len(), 1);
    shop.record(&order("cart-1")).await;
    shop.now += SignedDuration::from_hours(24 * 8);
    shop.record(&cart("cart-2", ADA)).await;
    shop.run_hours(30).await;
    assert_eq!(shop.outbox.to(ADA).len(), 6);
    assert_eq!(shown(&shop, Stage::Final, &texts).len(), 1);
}

#[tokio::test]
async fn a_mail_that_was_refused_or_lost_is_sent_again_with_the_same_code() {
    let texts = ["CODE-1", "CODE-2", "CODE-3", "CODE-4"];
    for answer in [Answer::Refuse, Answer::Lose] {
        let mut settings = shop();
        settings.policy.on_unknown = OnUnknown::Resend;
        settings.policy.offers.as_mut().unwrap().monthly_budget = None;
        let mut shop = Installation::on(MemoryStore::default(), &settings).await;
        let codes = codes(&texts);
        shop.store.put_codes(&shop_id(), &codes).await.unwrap();
        // The other cart's mails show that SES tells of mails.
        for (id, email) in [("cart-1", ADA), ("cart-2", "bob@example.com")] {
            shop.record(&cart(id, email)).await;
        }
        shop.run_hours(24).await;
        shop.outbox.answer(&[answer]);
        shop.run_hours(6).await;
        assert_eq!(shop.outbox.n_requests(), 7, "{answer:?}");
        let shown: HashSet<_> = shown(&shop, Stage::Final, &texts)
            .into_iter()
            .map(|(code, _)| code)
            .collect();
        let mut kept = HashSet::new();
        for id in ["cart-1", "cart-2"] {
            let offers = shop.cart(id).await.offers;
            assert_eq!(offers.len(), 1, "{answer:?}");
            kept.insert(offers[0].code.expose().to_owned());
        }
        assert_eq!((shown.len(), shown), (2, kept), "{answer:?}");
    }
}

#[tokio::test]
async fn an_export_shows_the_code_that_a_person_was_given_and_an_erasure_removes_it() {
    let mut shop = Installation::on(MemoryStore::default(), &shop()).await;
    let codes = codes(&["CODE-1"]);
    shop.store.put_codes(&shop_id(), &codes).await.unwrap();
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(30).await;
    let person = shop.contact(ADA).await.key;
    let store = shop.store.clone();
    let exported = async || {
        let export = export_person(&store, &person).await.unwrap();
        serde_json::to_string(&export).unwrap()
    };
    assert!(exported().await.contains("CODE-1"));
    shop.record(&erasure(ADA)).await;
    assert!(!exported().await.contains("CODE-1"));
}

#[tokio::test]
async fn an_erased_shop_keeps_no_code_and_no_budget() {
    let table = Table::open().await;
    let mut shop = Installation::on(table.store.clone(), &shop()).await;
    table
        .store
        .put_codes(&shop_id(), &codes(&["CODE-1"]))
        .await
        .unwrap();
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(30).await;
    table.store.erase_shop(&shop_id()).await.unwrap();
    assert_eq!(table.store.pools(&shop_id()).await.unwrap(), []);
    table.close().await;
}

#[test]
fn every_field_of_the_offers_is_documented_and_no_other() {
    let rows = DOCUMENT.lines().filter(|line| line.starts_with("| `"));
    let named: Vec<_> = rows.filter_map(|row| row.split('`').nth(1)).collect();
    let shop = shop();
    let settings = serde_json::to_value(shop.policy.offers.unwrap()).unwrap();
    for field in settings.as_object().unwrap().keys() {
        assert!(named.contains(&field.as_str()), "{field}");
    }
    let (_, example) = DOCUMENT.split_once("```toml\n").unwrap();
    let example = example.split_once("```").unwrap().0;
    let text = format!("{}{example}", samples::SETTINGS);
    Shop::load(&text).unwrap();
    for field in named.iter().filter(|field| !field.contains("discount")) {
        let renamed = text.replace(&format!("\n{field} ="), "\nunknown =");
        assert!(renamed == text || Shop::load(&renamed).is_err(), "{field}");
    }
}
