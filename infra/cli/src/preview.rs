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

use crate::example::example;
use crate::local::clock::wall_time;
use crate::{Failure, print_line, spam};

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
    /// Show an example of the offer that the settings give with this reminder.
    #[arg(long)]
    offer: bool,
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
    let look = Look {
        stage: options.stage,
        language: options.language.as_deref(),
        has_offer: options.offer,
    };
    let (mail, note) = mail(&shop, cart, &look)?;
    let text_file = options.out.with_extension("txt");
    std::fs::write(&options.out, &mail.html)?;
    std::fs::write(&text_file, &mail.text)?;
    print_line(&format!("Subject  {}", mail.subject));
    print_line(&format!("HTML     {}", options.out.display()));
    print_line(&format!("Text     {}", text_file.display()));
    if let Some(note) = note {
        print_line(&format!("Offer    {note}"));
    }
    // Last, as it takes seconds.
    let score = spam::judge(&mail, &shop).unwrap_or_else(|failure| failure.to_string());
    print_line(&format!("Spam     {score}"));
    Ok(())
}

/// How to write a mail that is looked at.
#[derive(Debug)]
pub(crate) struct Look<'a> {
    /// Of which reminder.
    pub(crate) stage: Stage,
    /// In this language; by default in the contact's.
    pub(crate) language: Option<&'a str>,
    /// Whether to show an example of an offer.
    pub(crate) has_offer: bool,
}

/// The mail about `cart`, whose links lead nowhere, and what to say of the offer that was asked for.
pub(crate) fn mail(
    shop: &Shop,
    mut cart: Cart,
    look: &Look<'_>,
) -> Result<(Mail, Option<&'static str>), Failure> {
    if let Some(tag) = look.language {
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
    let example = look.has_offer.then(|| example(shop, look.stage, &cart, at));
    let known = Known {
        offer: example.as_ref().and_then(|example| example.offer.as_ref()),
        ..Known::default()
    };
    let mail = compose(&cart, look.stage, &known, attempt, shop, &keys, at);
    let mail = mail.map_err(|error| format!("{error}; {NO_CART}"))?;
    Ok((mail, example.map(|example| example.note)))
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
