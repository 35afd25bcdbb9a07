//! One shopper's journey in a real browser, through the real local runner.
//!
//! Waits for what a person would see, never for time. The runner is the binary next to this test's
//! own, so `make test` builds it first.

mod met;
mod notifications;
mod offer;
mod preview;

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
    // The snippet told the steps, and nothing was taken for a machine's doing.
    let told: Vec<_> = story["state"]["steps"].as_array().unwrap().iter().collect();
    assert!(told.iter().any(|step| **step == "payment"), "{story:#}");
    phone.close().await.unwrap();
    desk.close().await.unwrap();
}

/// Whoever ticks the box, types an address and goes away has pressed nothing.
#[tokio::test]
async fn an_address_left_beside_a_ticked_box_is_enough() {
    let mut runner = Process::start(Command::new(cartback()).args(["local", "--port", "0"]));
    let origin = runner.says("Cartback runs at ");
    let browsers = Browsers::start();
    for (name, ticks, n_mails) in [("not-ticked", false, 0), ("ticked", true, 1)] {
        let desk = browsers.open(name, json!({})).await;
        let cart = fill_a_cart(&desk, &origin).await;
        if ticks {
            press(&desk, "#consent").await;
        }
        see(&desk, "#email")
            .await
            .send_keys("bob@example.com")
            .await
            .unwrap();
        // The field is left, and then the page.
        press(&desk, "#name").await;
        desk.goto(&origin).await.unwrap();
        see(&desk, &format!("#carts [data-cart='{cart}']")).await;
        let known = told_of(&desk, &cart, ticks).await;
        assert_eq!(known["contact"].is_string(), ticks, "{known:#}");
        press(&desk, "[data-advance='3600']").await;
        see(&desk, "#clock[aria-busy=false]").await;
        let mails = fetch(&desk, "/local/mails").await;
        assert_eq!(
            mails.as_array().map(Vec::len),
            Some(n_mails),
            "{name}: {mails:#}"
        );
        desk.close().await.unwrap();
    }
}

/// Its name gives a headless browser away.
#[tokio::test]
async fn a_browser_that_calls_itself_headless_gets_no_mail() {
    let mut runner = Process::start(Command::new(cartback()).args(["local", "--port", "0"]));
    let origin = runner.says("Cartback runs at ");
    let browsers = Browsers::start();
    let robot = browsers.open_as("robot", json!({}), None).await;
    let cart = leave_a_cart(&robot, &origin).await;
    robot.goto(&origin).await.unwrap();
    see(&robot, "#carts [data-cart]").await;
    // Its page has told what it is once its first step is in.
    while !fetch(&robot, &format!("/local/carts/demo/{cart}")).await["timeline"]
        .to_string()
        .contains("checkout.step_reached")
    {}
    press(&robot, "[data-advance='86400']").await;
    see(&robot, "#clock[aria-busy=false]").await;
    let mails = fetch(&robot, "/local/mails").await;
    assert_eq!(mails, json!([]));
    robot.close().await.unwrap();
}

/// The state of `cart`, once the page's report of a person is in, where one is expected.
async fn told_of(page: &Client, cart: &str, is_person_expected: bool) -> Value {
    let path = format!("/local/carts/demo/{cart}");
    loop {
        let state = fetch(page, &path).await["state"].take();
        if state["contact"].is_string() || !is_person_expected {
            return state;
        }
    }
}

/// Puts a lantern into a cart, leaves an address and goes away; returns the cart's id.
async fn leave_a_cart(desk: &Client, origin: &str) -> String {
    let cart = fill_a_cart(desk, origin).await;
    see(desk, "#email")
        .await
        .send_keys("ada@example.com")
        .await
        .unwrap();
    press(desk, "#consent").await;
    press(desk, "#continue-contact").await;
    see(desk, "#continue-shipping").await;
    cart
}

/// Puts a lantern into a cart and goes to the checkout; returns the cart's id.
async fn fill_a_cart(desk: &Client, origin: &str) -> String {
    desk.goto(&format!("{origin}/shop")).await.unwrap();
    press(desk, "[data-add=lantern-glimm]").await;
    press(desk, "#open-cart").await;
    press(desk, "#drawer[open] #checkout").await;
    see(desk, "#email").await;
    let page = desk.current_url().await.unwrap();
    let (_, path) = page.as_str().split_once("/checkout/").unwrap();
    path.trim_end_matches("/contact").to_owned()
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

const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";

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

    /// Opens a browser without any past that calls itself as people's do; `name` is not in use yet.
    async fn open(&self, name: &str, options: Value) -> Client {
        self.open_as(name, options, Some(CHROME)).await
    }

    /// The same, called `user_agent`, or by its own name.
    async fn open_as(&self, name: &str, mut options: Value, user_agent: Option<&str>) -> Client {
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
        if let (Some(arguments), Some(name)) = (options["args"].as_array_mut(), user_agent) {
            arguments.push(json!(format!("--user-agent={name}")));
        }
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
