//! What a shopper's page meets with arrives as well: the costs it shows, how slow it is, what fails in it and
//! which coupons were tried.

use std::process::Command;

use fantoccini::Client;
use serde_json::{Value, json};

use super::{Browsers, Process, cartback, leave_a_cart, see};

#[tokio::test]
async fn costs_timings_errors_and_coupons_of_the_page_arrive() {
    let mut runner = Process::start(Command::new(cartback()).args(["local", "--port", "0"]));
    let origin = runner.says("Cartback runs at ");
    let browsers = Browsers::start();
    let desk = browsers.open("met", json!({})).await;
    let cart = leave_a_cart(&desk, &origin).await;

    // A coupon that was refused, one that was taken, and a script of the shop that fails.
    let meet = r#"
        const [done] = arguments;
        window.cartback("coupon", false);
        window.cartback("coupon", true);
        window.addEventListener("error", () => done(), { once: true });
        setTimeout(() => { throw new Error("of the shop"); });
    "#;
    desk.execute_async(meet, Vec::new()).await.unwrap();
    desk.goto(&origin).await.unwrap();
    see(&desk, &format!("#carts [data-cart='{cart}']")).await;

    let met = loop {
        let cart = exported(&desk).await;
        if cart["behaviour"].is_object() && cart["costs"].is_object() {
            break cart;
        }
    };
    let costs = json!({
        "shipping": { "minor": 490, "currency": "USD" },
        "tax": { "minor": 0, "currency": "USD" },
    });
    assert_eq!(met["costs"]["v"], costs, "{met:#}");
    let page = &met["behaviour"];
    assert_eq!(page["n_errors"], 1, "{page}");
    assert_eq!(
        (&page["n_coupons"], &page["n_coupons_refused"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(page["n_payments_failed"], 0);
    assert_ne!(page["slowest_page_ms"], 0, "{page}");
    desk.close().await.unwrap();
}

/// The one cart of the shopper, as they would get it.
async fn exported(page: &Client) -> Value {
    let script = r#"
        const [done] = arguments;
        const body = JSON.stringify({ email: "ada@example.com" });
        fetch("/local/shops/demo/export", { method: "POST", body }).then((it) => it.json()).then(done);
    "#;
    let export = page.execute_async(script, Vec::new()).await.unwrap();
    export["carts"][0].clone()
}
