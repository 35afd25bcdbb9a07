//! The offer of the demo shop's last reminder, from the mail to the sum at its checkout.

use std::process::Command;

use super::{Browsers, leave_a_cart, let_two_days_pass, press, see};
use crate::process::{Process, cartback};
use serde_json::json;

/// A lantern costs 49 dollars, the parcel 4.90, and the code takes 4.90 off.
#[tokio::test]
async fn the_last_reminders_code_is_taken_off_at_the_checkout() {
    let mut runner = Process::start(Command::new(cartback()).args(["local", "--port", "0"]));
    let origin = runner.says("Cartback runs at ");
    let browsers = Browsers::start();
    let desk = browsers.open("giver", json!({})).await;
    leave_a_cart(&desk, &origin).await;
    desk.goto(&origin).await.unwrap();
    see(&desk, "#carts [data-cart]").await;
    let_two_days_pass(&desk).await;
    press(&desk, "#inbox [data-mail]").await;
    see(&desk, "#mail-frame").await.enter_frame().await.unwrap();
    let body = see(&desk, "body").await.text().await.unwrap();
    assert!(body.contains("FERNWEH10"), "{body}");
    let button = see(&desk, "a[href*='/restore/']").await;
    let link = button.prop("href").await.unwrap().unwrap();

    let phone = browsers.open("taker", json!({})).await;
    phone.goto(&link).await.unwrap();
    press(&phone, "form button").await;
    press(&phone, "#continue-shipping").await;
    let reads = async || see(&phone, "#pay").await.text().await.unwrap();
    assert_eq!(reads().await, "Pay $49.00");

    // One that the shop does not know takes nothing, and holds the order back until it is gone.
    let field = see(&phone, "#code").await;
    field.clear().await.unwrap();
    field.send_keys("guess\n").await.unwrap();
    let trouble = see(&phone, ".form-trouble:not(:empty)").await;
    let trouble = trouble.text().await.unwrap();
    assert!(
        trouble.contains("does not know the code GUESS"),
        "{trouble}"
    );
    field.clear().await.unwrap();
    field.send_keys("\t").await.unwrap();
    while reads().await != "Pay $53.90" {}
    field.send_keys("fernweh10\n").await.unwrap();
    see(&phone, "#order-done").await;
    let said = see(&phone, "#order-done").await.text().await.unwrap();
    assert!(said.contains("$49.00"), "{said}");
    phone.close().await.unwrap();
    desk.close().await.unwrap();
}
