//! The preferences page: by the mail's link, without login, in two clicks, and never by looking.

use cartback::contact::StopReason;
use cartback::decide::{Decision, SkipReason};
use cartback::memory::MemoryStore;
use cartback::ports::CartStore;
use cartback::stage::Stage;
use cartback_tests::installation::{Answer, Installation, restore_link, unsubscribe_link};
use cartback_tests::messages::{ADA, TITLE, cart};
use jiff::SignedDuration;
use serde_json::json;

/// A shop that has sent Ada a nudge, and the preferences link of that mail.
async fn nudged() -> (Installation<MemoryStore>, String) {
    let mut shop = Installation::open().await;
    shop.record(&cart("cart-1", ADA)).await;
    shop.run_hours(1).await;
    let mail = &shop.outbox.mails()[0].mail;
    let base = "https://links.shop.example/preferences/";
    let (_, rest) = mail.text.split_once(base).unwrap();
    let token = rest.split_whitespace().next().unwrap();
    let link = format!("{base}{token}");
    assert!(mail.html.contains(&link));
    (shop, link)
}

async fn wish(shop: &Installation<MemoryStore>, link: &str, form: &str) -> Answer {
    let path = link.strip_prefix("https://links.shop.example").unwrap();
    let headers = json!({ "content-type": "application/x-www-form-urlencoded" });
    shop.links(&shop.request("POST", path, headers, form.as_bytes()))
        .await
}

#[tokio::test]
async fn looking_changes_nothing_and_tells_nothing_of_the_person() {
    let (shop, link) = nudged().await;
    let before = shop.store.snapshot();
    let path = link.strip_prefix("https://links.shop.example").unwrap();
    for method in ["GET", "HEAD"] {
        let answer = shop
            .links(&shop.request(method, path, json!({}), b""))
            .await;
        assert_eq!(answer.status, 200);
        for personal in [
            "ada",
            "Ada",
            TITLE,
            "98.00",
            "secret-of-the-cart",
            "<script",
        ] {
            assert!(!answer.body.contains(personal), "{personal}");
        }
        assert!(
            answer.body.contains("the first reminder"),
            "{}",
            answer.body
        );
        assert!(answer.body.contains("were agreed to on"), "{}", answer.body);
    }
    // Nor do forms that ask for nothing we know.
    for form in [
        "",
        "wish=",
        "wish=delete",
        "wish=speak&language=xx",
        "wish=speak",
        "%",
    ] {
        assert_eq!(wish(&shop, &link, form).await.status, 200);
    }
    assert!(before == shop.store.snapshot());
}

#[tokio::test]
async fn a_link_of_another_purpose_opens_no_preferences() {
    let (shop, link) = nudged().await;
    let mail = &shop.outbox.mails()[0].mail;
    let before = shop.store.snapshot();
    let others = [
        restore_link(mail).replace("/restore/", "/preferences/"),
        unsubscribe_link(mail).replace("/unsubscribe/", "/preferences/"),
        format!("{link}A"),
    ];
    for other in &others {
        assert_eq!(shop.get(other).await.status, 404);
        assert_eq!(wish(&shop, other, "wish=pause").await.status, 404);
    }
    for route in ["/restore/", "/unsubscribe/"] {
        let swapped = link.replace("/preferences/", route);
        assert_eq!(shop.get(&swapped).await.status, 404);
        assert_eq!(shop.post(&swapped).await.status, 404);
    }
    assert!(before == shop.store.snapshot());
}

#[tokio::test]
async fn a_pause_of_thirty_days_skips_reminders_and_ends_by_itself_or_by_a_button() {
    let (mut shop, link) = nudged().await;
    let page = wish(&shop, &link, "wish=pause").await;
    assert!(page.body.contains("no cart reminders for 30 days"));
    let paused_at = shop.now;
    shop.run_hours(30).await;
    assert_eq!(shop.outbox.to(ADA).len(), 1);
    let reason = SkipReason::AskedToPause;
    let skipped = (Stage::Final, Decision::Skip { reason });
    assert_eq!(shop.decisions("cart-1").await.pop(), Some(skipped));
    shop.now = paused_at + SignedDuration::from_hours(30 * 24);
    shop.record(&cart("cart-2", ADA)).await;
    shop.run_hours(1).await;
    assert_eq!(shop.outbox.to(ADA).len(), 2);

    let (mut shop, link) = nudged().await;
    wish(&shop, &link, "wish=pause").await;
    let page = wish(&shop, &link, "wish=resume").await;
    assert!(page.body.contains("reminders again"));
    shop.run_hours(9).await;
    assert_eq!(shop.outbox.to(ADA).len(), 2);
}

#[tokio::test]
async fn a_stop_of_reminders_or_of_all_mail_holds_for_ever() {
    for (form, reason) in [
        ("wish=stop_reminders", StopReason::Unsubscribed),
        ("wish=stop_all_mail", StopReason::AllMail),
    ] {
        let (mut shop, link) = nudged().await;
        assert_eq!(wish(&shop, &link, form).await.status, 200);
        for later in ["wish=resume", "wish=pause"] {
            let page = wish(&shop, &link, later).await.body;
            assert!(!page.contains("Done:"), "{later}: {page}");
        }
        wish(&shop, &link, "wish=stop_reminders").await;
        let person = shop.contact(ADA).await;
        assert_eq!(person.stop.unwrap().reason, reason);
        shop.run_hours(30).await;
        assert_eq!(shop.outbox.to(ADA).len(), 1, "{form}");
        assert!(
            shop.get(&link)
                .await
                .body
                .contains("no more cart reminders")
        );
    }
}

#[tokio::test]
async fn a_chosen_language_is_kept_and_shown_as_chosen() {
    let (shop, link) = nudged().await;
    wish(&shop, &link, "wish=speak&language=de").await;
    let person = shop.contact(ADA).await;
    assert_eq!(person.locale.as_deref(), Some("de"));
    let page = shop.get(&link).await.body;
    assert!(
        page.contains(r#"value="de" lang="de" aria-current="true""#),
        "{page}"
    );
}

#[tokio::test]
async fn an_export_shows_what_a_person_chose() {
    let (shop, link) = nudged().await;
    for form in ["wish=pause", "wish=speak&language=ja"] {
        wish(&shop, &link, form).await;
    }
    let person = shop.contact(ADA).await;
    let export = cartback::export::export_person(&shop.store, &person.key).await;
    let export = serde_json::to_value(export.unwrap()).unwrap();
    assert_eq!(export["person"]["locale"], "ja");
    let until = (shop.now + SignedDuration::from_hours(30 * 24)).to_string();
    assert_eq!(export["person"]["paused_until"], until);
}

#[tokio::test]
async fn a_forgotten_person_has_no_preferences_and_none_are_kept() {
    let (mut shop, link) = nudged().await;
    shop.record(&cartback_tests::messages::erasure(ADA)).await;
    let before = shop.store.snapshot();
    assert_eq!(shop.get(&link).await.status, 404);
    assert_eq!(
        wish(&shop, &link, "wish=speak&language=de").await.status,
        404
    );
    assert!(before == shop.store.snapshot());
}

#[tokio::test]
async fn without_its_record_the_page_says_that_it_is_no_longer_kept() {
    let (shop, link) = nudged().await;
    let key = shop.cart("cart-1").await.key;
    shop.store.forget_history(&key).await.unwrap();
    assert!(shop.get(&link).await.body.contains("no longer kept"));
}
