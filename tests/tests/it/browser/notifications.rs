//! Notifications, from the shopper's permission to what the worker shows.

use std::process::Command;

use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};

use super::{Browsers, fetch, leave_a_cart};
use crate::process::{Process, cartback};

/// The shopper's permission reaches the table, and the worker shows what is pushed. The browser's own push
/// service is far away, so a subscription of its form stands in for it.
#[tokio::test]
async fn a_browser_that_allows_notifications_is_told_of_and_shows_them() {
    let mut runner = Process::start(Command::new(cartback()).args(["local", "--port", "0"]));
    let origin = runner.says("Cartback runs at ");
    let browsers = Browsers::start();
    let desk = browsers.open("notified", json!({})).await;
    let granted = json!({ "permissions": ["notifications"], "origin": origin });
    devtools(&desk, "Browser.grantPermissions", granted).await;
    let cart = leave_a_cart(&desk, &origin).await;

    let stand_in = r#"
        PushManager.prototype.subscribe = async () => ({ toJSON: () => arguments[0] });
        document.querySelector("script[data-shop]").dataset.pushKey = "BKey";
        window.cartback("push");
        window.cartback("push");
    "#;
    desk.execute(stand_in, vec![subscription()]).await.unwrap();
    let story = format!("/local/carts/demo/{cart}");
    while n_told(&desk, &story).await == 0 {}
    let notice =
        json!({ "title": "Fernweh", "body": "Your cart is saved.", "url": "/", "tag": "t" });
    let pushed = json!({ "origin": origin, "registrationId": "0", "data": notice.to_string() });
    devtools(&desk, "ServiceWorker.enable", json!({})).await;
    let look = r#"
        navigator.serviceWorker.ready
            .then((worker) => worker.getNotifications())
            .then(([notice]) => { window.shown = notice && [notice.title, notice.body, notice.tag] });
        return window.shown;
    "#;
    let mut shown = Value::Null;
    while shown.is_null() {
        // The browser drops what is pushed to a worker that it is still installing.
        devtools(&desk, "ServiceWorker.deliverPushMessage", pushed.clone()).await;
        shown = desk.execute(look, vec![]).await.unwrap();
    }
    assert_eq!(shown, json!(["Fernweh", "Your cart is saved.", "t"]));
    assert_eq!(n_told(&desk, &story).await, 1);
    desk.close().await.unwrap();
}

/// How often the cart with this `story` was told of its browser.
async fn n_told(page: &Client, story: &str) -> usize {
    let timeline = fetch(page, story).await["timeline"].to_string();
    timeline.matches("push.allowed").count()
}

/// As a browser has it.
fn subscription() -> Value {
    json!({
        "endpoint": "https://fcm.googleapis.com/fcm/send/abc",
        "expirationTime": null,
        "keys": {
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        },
    })
}

/// A command of the browser's developer tools, which the driver itself does not have.
#[derive(Debug)]
struct DevTools(Value);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.0.to_string()))
    }
}

async fn devtools(page: &Client, command: &str, parameters: Value) {
    let order = json!({ "cmd": command, "params": parameters });
    let done = page.issue_cmd(DevTools(order)).await;
    done.unwrap_or_else(|error| panic!("{command}: {error}"));
}
