//! The preview page, as a marketer uses it.

use std::fs;
use std::process::Command;

use cartback_tests::samples::SETTINGS;
use fantoccini::Client;
use serde_json::json;

use super::{Browsers, press, see};
use crate::process::{Folder, Process, cartback, spam_filter};

/// A colour, a sentence and a language, by two files.
#[tokio::test]
async fn what_a_marketer_saves_is_seen_at_once() {
    let folder = Folder::new("marketer");
    folder.file("shop.toml", SETTINGS);
    fs::create_dir_all(folder.0.join("shop/messages")).unwrap();
    let (_running, desk) = preview(&folder, "marketer").await;
    reads(&desk, "#subject", "Did you have trouble checking out").await;

    folder.file(
        "shop/messages/fr.ftl",
        "nudge-subject = Un coup de main ?\n",
    );
    let own = format!("color = \"#b91c1c\"\nlocale = \"fr\"\n{SETTINGS}");
    folder.file("shop.toml", &own);
    press(&desk, "#languages option[value=fr]").await;
    reads(&desk, "#subject", "Un coup de main").await;
    let colour = "return document.getElementById('html').srcdoc.includes('#b91c1c')";
    assert_eq!(desk.execute(colour, Vec::new()).await.unwrap(), json!(true));

    folder.file("shop/messages/fr.ftl", "\nnudge-subjet = x\n");
    see(&desk, "#fault:not([hidden])").await;
    let fault = see(&desk, "#fault").await.text().await.unwrap();
    assert!(
        fault.contains("fr.ftl:2: there is no message `nudge-subjet`"),
        "{fault}"
    );
    desk.close().await.unwrap();
}

/// The example is marked beside the mail, and the score comes in by itself.
#[tokio::test]
async fn a_preview_shows_an_example_of_an_offer_and_the_spam_score() {
    let folder = Folder::new("offering");
    folder.file("shop.toml", &format!("{SETTINGS}{OFFERS}"));
    let (_running, desk) = preview(&folder, "offering").await;
    reads(&desk, "#spam", "0.3 points by SpamAssassin (STAND_IN)").await;
    assert!(!is_shown(&desk, "#note").await);

    press(&desk, "[name=offer] option[value=true]").await;
    reads(&desk, "#note", "A nudge never carries an offer.").await;
    press(&desk, "[name=stage] option[value=final]").await;
    reads(&desk, "#note", "The offer is an example").await;
    let shown = "return document.getElementById('html').srcdoc.includes('EXAMPLE')";
    assert_eq!(desk.execute(shown, Vec::new()).await.unwrap(), json!(true));
    press(&desk, "[name=offer] option[value='']").await;
    while is_shown(&desk, "#note").await {}
    assert_eq!(desk.execute(shown, Vec::new()).await.unwrap(), json!(false));
    desk.close().await.unwrap();
}

const OFFERS: &str = r#"
    [policy.offers]
    margin_percent = 45
    margin_floor_percent = 25
    [[policy.offers.ladder]]
    stage = "final"
    percent = 15
    pool = "spring"
"#;

async fn is_shown(page: &Client, css: &str) -> bool {
    see(page, css).await.is_displayed().await.unwrap()
}

/// The page with the settings `shop.toml` of `folder`, and what must go on running behind it.
async fn preview(folder: &Folder, name: &str) -> ((Process, Browsers), Client) {
    let settings = folder.0.join("shop.toml");
    let mut command = Command::new(cartback());
    let command = command.args(["local", "--port", "0", "--preview"]);
    let command = command.arg(settings).env("PATH", spam_filter(folder));
    let mut runner = Process::start(command);
    let origin = runner.says("Cartback runs at ");
    let browsers = Browsers::start();
    let desk = browsers.open(name, json!({})).await;
    desk.goto(&format!("{origin}/preview")).await.unwrap();
    ((runner, browsers), desk)
}

/// Waits until the element holds `words`.
async fn reads(page: &Client, css: &str, words: &str) {
    while !see(page, css).await.text().await.unwrap().contains(words) {}
}
