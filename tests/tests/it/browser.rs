//! One shopper's journey in a real browser, through the real local runner.
//!
//! Waits for what a person would see, never for time. The runner is the binary next to this test's
//! own, so `make test` builds it first.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use super::process::{Process, REMEDY, cartback};

#[tokio::test]
async fn a_cart_left_at_the_desk_is_recovered_on_the_phone() {
    let mut runner = Process::start(Command::new(cartback()).args(["local", "--port", "0"]));
    let origin = runner.says("Cartback runs at ");
    let browsers = Browsers::start();
    let desk = browsers.open("desk", json!({})).await;

    let cart = leave_a_cart(&desk, &origin).await;
    let link = read_the_mail(&desk, &origin).await;
    let screen = json!({ "deviceMetrics": { "width": 375, "height": 812, "pixelRatio": 2 } });
    let phone = browsers
        .open("phone", json!({ "mobileEmulation": screen }))
        .await;
    order_by_the_link(&phone, &link).await;
    let_two_days_pass(&desk).await;

    let mails = fetch(&desk, "/local/mails").await;
    assert_eq!(mails.as_array().map(Vec::len), Some(1), "{mails:#}");
    let story = fetch(&desk, &format!("/local/carts/demo/{cart}")).await;
    assert_eq!(story["state"]["status"], "ordered", "{story:#}");
    assert_eq!(
        story["state"]["order"]["attribution"], "recovered",
        "{story:#}"
    );
    phone.close().await.unwrap();
    desk.close().await.unwrap();
}

/// Puts a lantern into a cart, leaves an address and goes away; returns the cart's id.
async fn leave_a_cart(desk: &Client, origin: &str) -> String {
    desk.goto(&format!("{origin}/shop")).await.unwrap();
    press(desk, "[data-add=lantern-glimm]").await;
    press(desk, "#open-cart").await;
    press(desk, "#drawer[open] #checkout").await;
    see(desk, "#email")
        .await
        .send_keys("ada@example.com")
        .await
        .unwrap();
    press(desk, "#consent").await;
    press(desk, "#continue-contact").await;
    see(desk, "#continue-shipping").await;
    let page = desk.current_url().await.unwrap();
    let (_, path) = page.as_str().split_once("/checkout/").unwrap();
    path.trim_end_matches("/shipping").to_owned()
}

/// Turns the clock to the nudge and opens it in the inbox; returns the address behind its button.
async fn read_the_mail(desk: &Client, origin: &str) -> String {
    desk.goto(origin).await.unwrap();
    // The console listens to its buttons once it shows carts.
    see(desk, "#carts [data-cart]").await;
    press(desk, "#next-due").await;
    press(desk, "#inbox [data-mail]").await;
    see(desk, "#mail-frame").await.enter_frame().await.unwrap();
    let button = see(desk, "a[href*='/restore/']").await;
    let link = button.prop("href").await.unwrap().unwrap();
    desk.enter_parent_frame().await.unwrap();
    link
}

/// Follows `link` as somebody of whom the browser knows nothing, and buys.
async fn order_by_the_link(phone: &Client, link: &str) {
    phone.goto(link).await.unwrap();
    press(phone, "form button").await;
    press(phone, "#continue-shipping").await;
    press(phone, "#pay").await;
    see(phone, "#order-done").await;
}

async fn let_two_days_pass(desk: &Client) {
    for _day in 0..2 {
        press(desk, "[data-advance='86400']").await;
        see(desk, "#clock[aria-busy=false]").await;
    }
}

async fn see(page: &Client, css: &str) -> Element {
    let seen = page.wait().for_element(Locator::Css(css)).await;
    seen.unwrap_or_else(|error| panic!("`{css}` does not appear: {error}"))
}

async fn press(page: &Client, css: &str) {
    let button = see(page, css).await;
    let pressed = button.click().await;
    pressed.unwrap_or_else(|error| panic!("`{css}` cannot be pressed: {error}"));
}

/// The JSON at `path` of the site that `page` shows.
async fn fetch(page: &Client, path: &str) -> Value {
    let script = "const [path, done] = arguments; fetch(path).then((it) => it.json()).then(done);";
    page.execute_async(script, vec![json!(path)]).await.unwrap()
}

/// chromedriver and the browsers that it opens. All end with this value.
struct Browsers {
    // Ends before the profiles are removed, and its browsers with it.
    _driver: Process,
    address: String,
    profiles: Profiles,
}

impl Browsers {
    fn start() -> Self {
        let mut driver = Process::start(Command::new("chromedriver").arg("--port=0"));
        let port = driver.says("started successfully on port ");
        Self {
            _driver: driver,
            address: format!("http://127.0.0.1:{}", port.trim_end_matches('.')),
            profiles: Profiles::new(),
        }
    }

    /// Opens a browser without any past; `name` is not in use yet.
    async fn open(&self, name: &str, mut options: Value) -> Client {
        let profile = self.profiles.0.join(name);
        options["args"] = json!([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--force-prefers-reduced-motion",
            // The browser ends with the driver at the other end of the pipe, however that ends.
            "--remote-debugging-pipe",
            format!("--user-data-dir={}", profile.display()),
        ]);
        let wanted = json!({ "browserName": "chrome", "goog:chromeOptions": options });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(serde_json::from_value(wanted).unwrap())
            .connect(&self.address)
            .await;
        client.unwrap_or_else(|error| panic!("Chromium does not start: {error}; {REMEDY}"))
    }
}

/// The folder of the browsers' profiles, removed at the end.
struct Profiles(PathBuf);

impl Profiles {
    fn new() -> Self {
        let name = format!("browser-{}", process::id());
        Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name))
    }
}

impl Drop for Profiles {
    fn drop(&mut self) {
        // A browser that is still ending may write once more; what stays is in the target folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}
