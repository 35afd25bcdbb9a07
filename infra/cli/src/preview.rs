//! `cartback preview`: a stage's mail for a shop, in a file to look at.

use std::path::PathBuf;

use cartback::cart::Cart;
use cartback::compose::{Occasion, compose};
use cartback::ids::{Attempt, CartKey, ContactKey, Pepper};
use cartback::link::{LinkKey, LinkKeys};
use cartback::stage::Stage;
use cartback::storefront::cartback::Cartback;
use cartback::storefront::{self, Parsed, Reception, Storefront};
use clap::Args;
use jiff::Timestamp;

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
    /// Where to write the HTML part; the text part goes beside it.
    #[arg(long, default_value = "preview.html")]
    out: PathBuf,
}

const SAMPLE: &str = include_str!("../assets/sample-cart.json");

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let shop = crate::shop::load(&options.shop)?;
    let body = match &options.cart {
        Some(file) => {
            std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?
        }
        None => SAMPLE.to_owned(),
    };
    // Any time will do: a preview is of no moment.
    let at = Timestamp::UNIX_EPOCH;
    let reception = Reception {
        received_at: at,
        currency: shop.currency,
    };
    let parsed = Cartback.parse(
        storefront::Message {
            headers: &http::HeaderMap::new(),
            body: body.as_bytes(),
        },
        reception,
    )?;
    let Parsed::Events(events) = parsed else {
        return Err("give a cart.updated event with items and a contact".into());
    };
    let name = events[0].carts.first().ok_or("the event names no cart")?;
    let key = CartKey::new(&shop.id, name);
    let mut cart = Cart::new(key.clone(), name.clone(), at);
    for event in &events {
        let email = event.contact.as_ref().map(|details| &details.email);
        let person = email.map(|email| ContactKey::new(&Pepper(Vec::new()), &shop.id, email));
        cart.facts.apply(event, person.as_ref());
    }
    let keys = LinkKeys::new(vec![LinkKey {
        id: 0,
        secret: vec![0; 32],
    }])?;
    let attempt = Attempt::new(0, &key, 0, at);
    let occasion = Occasion {
        stage: options.stage,
        attempt,
        offer: None,
        locale: None,
    };
    let mail = compose(&cart, occasion, &shop, &keys, at)
        .map_err(|error| format!("{error}; give a cart.updated event with items and a contact"))?;
    let text_file = options.out.with_extension("txt");
    std::fs::write(&options.out, mail.html)?;
    std::fs::write(&text_file, mail.text)?;
    print_line(&format!("Subject  {}", mail.subject));
    print_line(&format!("HTML     {}", options.out.display()));
    print_line(&format!("Text     {}", text_file.display()));
    Ok(())
}
