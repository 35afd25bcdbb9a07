//! A stage's mail for a shop, to look at: in files by `cartback preview`, in the console by its page.

use std::path::PathBuf;

use cartback::cart::Cart;
use cartback::compose::{Known, compose};
use cartback::ids::{Attempt, CartKey, ContactKey, Pepper};
use cartback::language::Locale;
use cartback::link::{LinkKey, LinkKeys};
use cartback::mail::Mail;
use cartback::shop::Shop;
use cartback::stage::Stage;
use cartback::storefront::cartback::Cartback;
use cartback::storefront::{self, Parsed, Reception, Storefront};
use clap::Args;
use jiff::Timestamp;

use crate::local::clock::wall_time;
use crate::{Failure, print_line};

#[derive(Args)]
pub(crate) struct Options {
    /// The shop's settings file.
    #[arg(long)]
    shop: PathBuf,
    /// `nudge`, `follow_up` or `final`.
    #[arg(long)]
    stage: Stage,
    /// A `cart.updated` event with items and a contact, as docs/events.md describes it; without it a
    /// sample cart is shown.
    #[arg(long)]
    cart: Option<PathBuf>,
    /// Speak this language instead of the contact's, such as `de`.
    #[arg(long)]
    language: Option<String>,
    /// Where to write the HTML part; the text part goes beside it.
    #[arg(long, default_value = "preview.html")]
    out: PathBuf,
}

/// The cart that is shown when none is given.
pub(crate) const SAMPLE: &str = include_str!("../assets/sample-cart.json");

const NO_CART: &str = "give a cart.updated event with items and a contact";

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let shop = crate::shop::load(&options.shop)?;
    let event = match &options.cart {
        Some(file) => {
            std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?
        }
        None => SAMPLE.to_owned(),
    };
    let cart = cart(&shop, &event, wall_time())?;
    let mail = mail(&shop, options.stage, cart, options.language.as_deref())?;
    let text_file = options.out.with_extension("txt");
    std::fs::write(&options.out, mail.html)?;
    std::fs::write(&text_file, mail.text)?;
    print_line(&format!("Subject  {}", mail.subject));
    print_line(&format!("HTML     {}", options.out.display()));
    print_line(&format!("Text     {}", text_file.display()));
    Ok(())
}

/// The mail of `stage` about `cart`, in `language` if one is given. Its links lead nowhere.
pub(crate) fn mail(
    shop: &Shop,
    stage: Stage,
    mut cart: Cart,
    language: Option<&str>,
) -> Result<Mail, Failure> {
    if let Some(tag) = language {
        let fault = "give a language that Cartback speaks: en, de, fr, es, ja or ar";
        let locale = Locale::of(tag).ok_or(fault)?;
        if let Some(person) = &mut cart.facts.person {
            person.value.locale = Some(locale.tag().to_owned());
        }
    }
    let keys = LinkKeys::new(vec![LinkKey {
        id: 0,
        secret: vec![0; 32],
    }])?;
    let at = cart.facts.last_activity_at();
    let attempt = Attempt::new(0, &cart.key, 0, at);
    let mail = compose(&cart, stage, &Known::default(), attempt, shop, &keys, at);
    mail.map_err(|error| format!("{error}; {NO_CART}").into())
}

/// The cart that `event` tells of, as if it came in `at` then.
pub(crate) fn cart(shop: &Shop, event: &str, at: Timestamp) -> Result<Cart, Failure> {
    let reception = Reception {
        received_at: at,
        currency: shop.currency,
    };
    let parsed = Cartback.parse(
        storefront::Message {
            headers: &http::HeaderMap::new(),
            body: event.as_bytes(),
        },
        reception,
    )?;
    let Parsed::Events(events) = parsed else {
        return Err(NO_CART.into());
    };
    let name = events[0].carts.first().ok_or("the event names no cart")?;
    let key = CartKey::new(&shop.id, name);
    let mut cart = Cart::new(key, name.clone(), at);
    for event in &events {
        let email = event.contact.as_ref().map(|details| &details.email);
        let person = email.map(|email| ContactKey::new(&Pepper(Vec::new()), &shop.id, email));
        cart.facts.apply(event, person.as_ref());
    }
    Ok(cart)
}
