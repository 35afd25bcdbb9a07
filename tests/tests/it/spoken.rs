//! The language in which pages answer.

use cartback::memory::MemoryStore;
use cartback_tests::installation::{Answer, Installation, unsubscribe_link};
use cartback_tests::messages::{ADA, cart};
use serde_json::json;

const FORM: &str = "application/x-www-form-urlencoded";

/// A shop that has sent Ada a nudge about a cart of which the storefront told `locale`.
async fn nudged(locale: Option<&str>) -> Installation<MemoryStore> {
    let mut shop = Installation::open().await;
    let mut message = cart("cart-1", ADA);
    message["contact"]["locale"] = json!(locale);
    shop.record(&message).await;
    shop.run_hours(1).await;
    shop
}

/// The link of the mail that has `route` in its path.
fn link(shop: &Installation<MemoryStore>, route: &str) -> String {
    let mail = &shop.outbox.mails()[0].mail;
    if route == "/unsubscribe/" {
        return unsubscribe_link(mail);
    }
    let links = mail.text.split_whitespace();
    let mut links = links.filter(|word| word.contains(route));
    links.next().unwrap().to_owned()
}

async fn open(shop: &Installation<MemoryStore>, method: &str, url: &str, accept: &str) -> Answer {
    let path = url.strip_prefix("https://links.shop.example").unwrap();
    let headers = json!({ "content-type": FORM, "accept-language": accept });
    let answer = shop.links(&shop.request(method, path, headers, b"")).await;
    assert_eq!(answer.status, 200, "{method} {url}");
    answer
}

/// Every page that a mail's links open, in a browser that asks for `accept`, is in `language`. Unsubscribing
/// comes last.
async fn assert_spoken(shop: &Installation<MemoryStore>, accept: &str, language: &str) {
    for (route, methods) in [
        ("/restore/", &["GET"][..]),
        ("/preferences/", &["GET", "POST"]),
        ("/reason/", &["GET", "POST"]),
        ("/unsubscribe/", &["GET", "POST"]),
    ] {
        let url = link(shop, route);
        for method in methods {
            let page = open(shop, method, &url, accept).await.body;
            let told = format!("<html lang=\"{language}\"");
            assert!(page.contains(&told), "{method} {route} {accept}: {page}");
        }
    }
}

#[tokio::test]
async fn pages_answer_in_the_language_of_the_mail_and_not_of_the_browser() {
    let shop = nudged(Some("de-AT")).await;
    assert_spoken(&shop, "fr-FR,fr;q=0.9", "de").await;
}

#[tokio::test]
async fn pages_answer_in_the_language_that_the_person_chose() {
    let shop = nudged(Some("de")).await;
    let path = link(&shop, "/preferences/");
    let path = path.strip_prefix("https://links.shop.example").unwrap();
    let wish = b"wish=speak&language=ja";
    let headers = json!({ "content-type": FORM });
    shop.links(&shop.request("POST", path, headers, wish)).await;
    assert_spoken(&shop, "fr", "ja").await;
}

#[tokio::test]
async fn without_a_language_of_ours_the_browsers_counts_and_then_the_shops() {
    for locale in [None, Some("nl")] {
        let shop = nudged(locale).await;
        assert_spoken(&shop, "nl, fr;q=0.8", "fr").await;
        let shop = nudged(locale).await;
        assert_spoken(&shop, "nl", "en").await;
    }
}
