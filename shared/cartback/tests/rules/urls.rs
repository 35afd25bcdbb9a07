//! Which addresses a shop may show and follow, and what else of it the mails and pages get.

use cartback::shop::Shop;

use crate::settings::{EXAMPLE, with};

/// Addresses of the shop that [`only_the_shops_own_hosts_are_followed`] sets up.
const OWN: &[&str] = &[
    "https://hearth.example",
    "https://hearth.example/cart?x=1#y",
    "HTTPS://HEARTH.EXAMPLE/cart",
    "https://hearth.example:443/cart",
    "https://dev.example:8443/cart",
    "https://127.0.0.1:9000/cart",
    "http://127.0.0.1:9000/cart",
    "https://hearth.example/@evil.example",
    "https://hearth.example/?next=https://evil.example",
];

/// Addresses that some reader would take elsewhere, or that could break a header.
const FOREIGN: &[&str] = &[
    "",
    "/cart",
    "//hearth.example/cart",
    "https:hearth.example/cart",
    "https:/hearth.example/cart",
    "https:///hearth.example/cart",
    "http://hearth.example/cart",
    "ftp://hearth.example/cart",
    "javascript:alert(1)//hearth.example",
    "data:text/html,hearth.example",
    "https://evil.example",
    "https://hearth.example.evil.example",
    "https://hearth.example@evil.example",
    "https://hearth.example:x@evil.example",
    "https://ada@hearth.example",
    "https://ada:pw@hearth.example",
    "https://:pw@hearth.example",
    "https://evil.example\\@hearth.example",
    "https://hearth.example\\.evil.example",
    "https:\\\\hearth.example",
    "https://hearth.example%2eevil.example",
    "https://hearth.example%00.evil.example",
    "https://evil.example/hearth.example",
    "https://evil.example#hearth.example",
    "https://evil.example?hearth.example",
    "https://xhearth.example",
    "https://www.hearth.example",
    "https://hearth.example.",
    "https://hеarth.example", // The second letter is Cyrillic.
    "https://xn--hearth-5nf.example",
    "https://hearth.example:8443",
    "https://dev.example/cart",
    "http://dev.example:8443/cart",
    "http://127.0.0.1/cart",
    "http://127.0.0.1:9001/cart",
    "http://127.0.0.1:9000@evil.example/",
    "https://hearth.example/\r\nLocation: https://evil.example",
    "https://hearth.example/\tcart",
    "https://hearth.example/\ncart",
    " https://hearth.example/cart",
    "https://hearth.example/cart ",
    "\u{1}https://hearth.example/cart",
    "https://hearth.example/\u{0}cart",
    "https://hearth.example/\u{7f}cart",
];

#[test]
fn links_are_served_over_https_or_on_this_machine() {
    for (url, is_good) in [
        ("https://links.hearth.example", true),
        ("https://abc.execute-api.eu-west-1.amazonaws.com/prod", true),
        ("http://127.0.0.1:9000", true),
        ("http://localhost:9000", true),
        ("http://[::1]:9000", true),
        ("http://links.hearth.example", false),
        ("http://localhost.evil.example", false),
        ("http://127.0.0.1.evil.example", false),
        ("http://localhost@evil.example", false),
        ("https://links.hearth.example/", false),
        ("https://links.hearth.example?a=b", false),
        ("https://links.hearth.example/#top", false),
        ("https://", false),
        ("links.hearth.example", false),
        ("ftp://links.hearth.example", false),
    ] {
        let shop = Shop::load(&with(&format!("links_url = \"{url}\"")));
        assert_eq!(shop.is_ok(), is_good, "{url}");
    }
}

#[test]
fn only_the_shops_own_hosts_are_followed() {
    let shop = Shop::load(&with(
        "hosts = [\"hearth.example\", \"127.0.0.1:9000\", \"dev.example:8443\"]",
    ))
    .unwrap();
    for url in OWN {
        assert!(shop.owns_url(url), "{url}");
    }
    for url in FOREIGN {
        assert!(!shop.owns_url(url), "{url:?}");
    }
}

#[test]
fn a_brand_shows_a_logo_of_the_shops_own_hosts_only() {
    let mut shop = Shop::load(EXAMPLE).unwrap();
    let brand = shop.brand();
    assert_eq!(
        brand.logo_url.as_deref(),
        Some("https://cdn.hearth.example/logo.png")
    );
    assert_eq!(
        (brand.name, brand.url),
        (shop.name.clone(), shop.url.clone())
    );
    assert_eq!(brand.support_email, "help@hearth.example");
    assert_eq!(brand.postal_address, shop.postal_address);
    assert_eq!(
        (brand.color, brand.locale),
        (shop.color.clone(), shop.locale.clone())
    );
    assert_eq!(brand.time_zone, "America/New_York");
    shop.logo_url = Some("https://evil.example/logo.png".to_owned());
    assert_eq!(shop.brand().logo_url, None);
}

#[test]
fn the_shops_zone_is_its_own_or_utc() {
    let mut shop = Shop::load(EXAMPLE).unwrap();
    assert_eq!(shop.zone().iana_name(), Some("America/New_York"));
    shop.time_zone = "Mars/Olympus".to_owned();
    assert_eq!(shop.zone(), jiff::tz::TimeZone::UTC);
}
