//! Every mail and page of a matrix of carts, for the gates of `make mails`: stage, language, and what can
//! lie in a cart.

use cartback::cart::Cart;
use cartback::compose::{Known, brand_for, compose, threshold};
use cartback::consent::ConsentBasis;
use cartback::contact::Contact;
use cartback::event::{CartEvent, Change, ContactDetails, Contents, LineItem, Origin};
use cartback::ids::{Attempt, CartKey, ContactKey, Pepper};
use cartback::language::{Language, Locale};
use cartback::link::{LinkKey, LinkKeys};
use cartback::mail::{Brand, Mail, OfferStatement, RenderError};
use cartback::money::Currency;
use cartback::offer::{Discount, Offer};
use cartback::page::{self, RestorePage};
use cartback::preferences::{Preferences, Why, Wish};
use cartback::product::{Description, Price, Product, ProductReading, Stock};
use cartback::pulse::{Counts, Pulse};
use cartback::reading::{Readings, view};
use cartback::reason::Answer;
use cartback::shop::Shop;
use cartback::stage::Stage;
use jiff::{SignedDuration, Timestamp};

const SETTINGS: &str = include_str!("mails.toml");

/// A mail of the matrix.
pub struct Sample {
    /// Stage, language and cart, such as `final-de-kwd`.
    pub name: String,
    /// BCP 47.
    pub language: &'static str,
    /// As the mailer gets it.
    pub mail: Mail,
}

/// What lies in a cart, and what the shop has told of it.
struct Case {
    name: &'static str,
    first_name: Option<&'static str>,
    contents: Contents,
    readings: Readings,
    pulse: Pulse,
}

/// When the carts were left.
const LEFT_AT: Timestamp = Timestamp::constant(1_782_907_200, 0);

/// When the mails are written.
#[must_use]
pub fn now() -> Timestamp {
    LEFT_AT + SignedDuration::from_hours(30)
}

/// The shop of the matrix.
///
/// # Panics
/// When its settings are at fault.
#[must_use]
pub fn shop() -> Shop {
    Shop::load(SETTINGS).unwrap()
}

/// Every stage in every language about every cart.
///
/// # Panics
/// When one of them cannot be written.
#[must_use]
pub fn matrix() -> Vec<Sample> {
    let shop = shop();
    let mut samples = Vec::new();
    for language in Language::ALL {
        for case in cases() {
            let cart = cart(&case, language.code());
            let offer = offer(&case.contents);
            for stage in Stage::ALL {
                let known = Known {
                    contact: None,
                    readings: case.readings.clone(),
                    pulse: Some(&case.pulse),
                    offer: Some(&offer),
                };
                let attempt = Attempt::new(1, &cart.key, 1, now());
                let mail = compose(&cart, stage, &known, attempt, &shop, &keys(), now());
                samples.push(Sample {
                    name: format!("{stage}-{language}-{}", case.name),
                    language: language.code(),
                    mail: mail.unwrap(),
                });
            }
        }
    }
    samples
}

/// Every page in every language, by its name.
///
/// # Panics
/// When one of them cannot be written.
#[must_use]
pub fn pages() -> Vec<(String, String)> {
    let shop = shop();
    let mut pages = Vec::new();
    for language in Language::ALL {
        for case in cases() {
            let cart = cart(&case, language.code());
            let (person, contents) = (cart.facts.person.unwrap(), cart.facts.contents.unwrap());
            let view = view(&contents, &shop, &case.readings, now());
            let page = RestorePage {
                brand: &brand_for(&shop, &person.value, None),
                cart: &view,
                threshold: threshold(&view, Some("DE"), &shop),
                offer: Some(OfferStatement::of(&offer(&case.contents))),
                action: "/restore/token",
            };
            pages.push((
                format!("restore-{language}-{}", case.name),
                page.html().unwrap(),
            ));
        }
        let mut brand = shop.brand();
        language.code().clone_into(&mut brand.locale);
        let locale = Locale::of(language.code()).unwrap();
        for (name, page) in [
            ("ordered", page::ordered(&brand)),
            (
                "unsubscribe",
                page::unsubscribe(&brand, "/unsubscribe/token"),
            ),
            ("unsubscribed", page::unsubscribed(&brand)),
            (
                "reason",
                page::reason(&brand, Answer::ShippingCost, "/reason/token"),
            ),
            ("thanks", page::thanks(&brand, "/restore/token")),
            ("preferences", preferences_page(&shop, &brand)),
            ("gone", page::gone(locale)),
        ] {
            pages.push((format!("{name}-{language}"), page.unwrap()));
        }
    }
    pages
}

/// An offer as a cart with `contents` may have it; a nudge says nothing of it.
fn offer(contents: &Contents) -> Offer {
    let discount = Discount::Percent(10);
    Offer {
        stage: Stage::Final,
        at: now(),
        discount,
        cost: discount.of(contents.total()).unwrap(),
        code: "SPRING-7F3K<&>".parse().unwrap(),
        pool: None,
        expires_at: Some(now() + SignedDuration::from_hours(48)),
    }
}

/// Of a person who was given an offer, and asked for a pause just now.
fn preferences_page(shop: &Shop, brand: &Brand) -> Result<String, RenderError> {
    let email = "ada@example.com".parse().unwrap();
    let key = ContactKey::new(&Pepper(vec![1; 32]), &shop.id, &email);
    let mut contact = Contact::new(key);
    contact.wish(Wish::Pause, now());
    let why = Why {
        stage: Stage::Final,
        at: now(),
        basis: ConsentBasis::Express,
        agreed_at: Some(now()),
        has_offer: true,
        digest: "8899f7bbaf0e3047".to_owned(),
    };
    let preferences = Preferences {
        shop: shop.clone(),
        contact,
        told: None,
        why: Some(why),
    };
    let action = "/preferences/token";
    page::preferences(&preferences, brand, action, Some(Wish::Pause), now())
}

fn cases() -> Vec<Case> {
    let eur = |n: usize| {
        (0..n)
            .map(|n| line(n, "Merino Crew Sweater", 8_900))
            .collect()
    };
    let plain = |name, contents| Case {
        name,
        first_name: Some("Ada"),
        contents,
        readings: Readings::default(),
        pulse: Pulse::default(),
    };
    let mut bare = line(0, "Gift card", 2_500);
    (bare.image_url, bare.variant, bare.compare_at_minor) = (None, None, None);
    let long =
        "Donaudampfschifffahrtsgesellschaftskapitänsmütze with every search word twice ".repeat(4);
    vec![
        plain("one", contents("EUR", eur(1))),
        plain("forty", contents("EUR", eur(40))),
        Case {
            first_name: None,
            ..plain("bare", contents("EUR", vec![bare]))
        },
        plain(
            "long",
            contents("EUR", vec![line(0, long.trim(), 99_999_999)]),
        ),
        plain("hostile", contents("EUR", hostile())),
        plain(
            "jpy",
            contents("JPY", vec![line(0, "Cast iron kettle", 23_600)]),
        ),
        plain(
            "kwd",
            contents("KWD", vec![line(0, "Rose oil, 5 ml", 1_999)]),
        ),
        told(contents("EUR", eur(4))),
    ]
}

/// A cart of which the shop has told since: dearer, cheaper, sold out, few left; and many orders.
fn told(contents: Contents) -> Case {
    let at = now() - SignedDuration::from_mins(20);
    let reading = |variant: &str, minor, stock| {
        let price = contents.money(minor);
        let mut product = Product::new("hearth".parse().unwrap(), variant.to_owned());
        product.read(&ProductReading {
            id: "r1".to_owned(),
            at,
            variant: variant.to_owned(),
            description: Some(Description {
                title: "Lambswool Crew Sweater".to_owned(),
                variant: None,
                image_url: None,
                url: Some("https://hearth.example/p/lambswool".to_owned()),
                substitutes: vec!["other".to_owned()],
            }),
            price: Some(Price {
                now: price,
                compare_at: None,
            }),
            stock: Some(stock),
        });
        product
    };
    let mut counts = Counts::order();
    counts.n_orders = 347;
    Case {
        name: "told",
        first_name: Some("Ada"),
        readings: Readings::new([
            reading("sku-0", 9_900, Stock::Left(3)),
            reading("sku-1", 7_900, Stock::Left(1)),
            reading("sku-2", 8_900, Stock::SoldOut),
            reading("other", 8_500, Stock::Available),
        ]),
        pulse: Pulse {
            hours: [(now() - SignedDuration::from_hours(5), counts)].into(),
            ..Pulse::default()
        },
        contents,
    }
}

fn hostile() -> Vec<LineItem> {
    let titles = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror='alert(1)'>",
        "{{ brand.name }} {% raw %} { $n }",
        "Invoice \u{202e}fdp.exe\u{2066}",
        "Mug\r\nBcc: eve@example.com\r\n\r\n<b>",
        "</td></tr></table></style><!--",
        "قميص من الكتان",
    ];
    let items = titles.iter().enumerate().map(|(n, title)| {
        let mut item = line(n, title, 1_250);
        item.variant = Some(format!("'{title}'"));
        item.image_url = Some("https://evil.example/x.png\" onload=\"alert(1)".to_owned());
        item
    });
    items.collect()
}

fn line(n: usize, title: &str, price_minor: i64) -> LineItem {
    LineItem {
        id: format!("sku-{n}"),
        title: title.to_owned(),
        variant: Some("Navy / M".to_owned()),
        quantity: u32::try_from(n % 3 + 1).unwrap_or(1),
        price_minor,
        compare_at_minor: Some(price_minor + price_minor / 4),
        image_url: Some(format!("https://cdn.hearth.example/p/{n}.jpg?w=144&h=144")),
        url: None,
    }
}

fn contents(currency: &str, lines: Vec<LineItem>) -> Contents {
    let currency: Currency = currency.parse().unwrap();
    let total = lines
        .iter()
        .map(|line| line.price_minor * i64::from(line.quantity));
    Contents {
        currency,
        total_minor: total.sum(),
        lines,
        checkout_url: None,
    }
}

fn cart(case: &Case, locale: &str) -> Cart {
    let id = "c1".parse().unwrap();
    let shop = "hearth".parse().unwrap();
    let details = ContactDetails {
        email: "ada@example.com".parse().unwrap(),
        first_name: case.first_name.map(str::to_owned),
        locale: Some(locale.to_owned()),
        time_zone: Some("Europe/Berlin".to_owned()),
        country: Some("DE".to_owned()),
    };
    let contact = ContactKey::new(&Pepper(vec![1; 32]), &shop, &details.email);
    let event = CartEvent {
        id: "evt-1".to_owned(),
        at: LEFT_AT,
        is_test: false,
        origin: Origin::Shop,
        carts: vec!["c1".parse().unwrap()],
        contact: Some(details),
        change: Change::CartUpdated(case.contents.clone()),
    };
    let mut cart = Cart::new(CartKey::new(&shop, &id), id, LEFT_AT);
    cart.facts.apply(&event, Some(&contact));
    cart
}

fn keys() -> LinkKeys {
    let key = LinkKey {
        id: 1,
        secret: vec![7; 32],
    };
    LinkKeys::new(vec![key]).unwrap()
}
