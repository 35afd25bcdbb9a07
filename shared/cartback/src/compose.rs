//! From a cart to the mail about it: what the message may say, its links, its headers.

use jiff::Timestamp;

use crate::cart::Cart;
use crate::decide::Channel;
use crate::event::{Contents, LineItem};
use crate::ids::Attempt;
use crate::link::{Link, LinkKeys, Purpose};
use crate::mail::{
    CartView, DeadlineStatement, Final, FollowUp, LineView, Mail, Message, Nudge, OfferStatement,
    RenderError, SavingsStatement, render,
};
use crate::offer::Offer;
use crate::push::{Notice, Push};
use crate::shop::{RESTORE_LINK_LIFE, Shop};
use crate::stage::Stage;

/// Why there is no mail to send.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The cart has no contents or no person; the decision should have said so.
    #[error("the cart has nothing to write about, or nobody to write to")]
    Incomplete,
    /// The template failed on this cart.
    #[error("the reminder cannot be rendered")]
    Render(#[from] RenderError),
}

/// What a reminder is sent for.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// Which reminder.
    pub stage: Stage,
    /// As which attempt.
    pub attempt: Attempt,
    /// The offer that it carries. A nudge says nothing of it.
    pub offer: Option<&'a Offer>,
    /// BCP 47 language that the person chose.
    pub locale: Option<&'a str>,
}

/// A reminder, ready to be handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// To SES.
    Mail(Box<Mail>),
    /// To a push service.
    Push(Box<Push>),
}

impl Outgoing {
    /// The reminder of `occasion` about `cart` for `channel`.
    ///
    /// # Errors
    /// [`ComposeError`]; no later try with the same cart would succeed.
    pub fn compose(
        cart: &Cart,
        channel: Channel,
        occasion: Occasion<'_>,
        shop: &Shop,
        keys: &LinkKeys,
        now: Timestamp,
    ) -> Result<Self, ComposeError> {
        Ok(match channel {
            Channel::Mail => Self::Mail(Box::new(compose(cart, occasion, shop, keys, now)?)),
            Channel::Push => Self::Push(Box::new(notification(cart, occasion, shop, keys, now)?)),
        })
    }
}

/// The reminder of `occasion` about `cart`.
///
/// # Errors
/// [`ComposeError`]; no later try with the same cart would succeed.
pub fn compose(
    cart: &Cart,
    occasion: Occasion<'_>,
    shop: &Shop,
    keys: &LinkKeys,
    now: Timestamp,
) -> Result<Mail, ComposeError> {
    let Occasion {
        stage,
        attempt,
        offer,
        locale,
    } = occasion;
    let person = &cart
        .facts
        .person
        .as_ref()
        .ok_or(ComposeError::Incomplete)?
        .value;
    let contents = &cart
        .facts
        .contents
        .as_ref()
        .ok_or(ComposeError::Incomplete)?
        .value;
    let expires_at = now + RESTORE_LINK_LIFE;
    let url = |route: &str, purpose, expires_at| {
        let link = Link {
            purpose,
            attempt,
            expires_at,
        };
        format!("{}/{route}/{}", shop.links_url, keys.sign(&link))
    };
    let contact = || person.key.clone();
    let restore = Purpose::Restore(cart.key.clone());
    let preferences = Purpose::Preferences(contact(), cart.key.clone());
    let view = CartView {
        first_name: person.first_name.clone(),
        restore_url: url("restore", restore, Some(expires_at)),
        unsubscribe_url: url("unsubscribe", Purpose::Unsubscribe(contact()), None),
        preferences_url: url("preferences", preferences, None),
        ..view(contents, shop)
    };
    let headers = headers(&view.unsubscribe_url, shop);
    let offer = offer.map(|offer| OfferStatement::of(offer, person.time_zone.as_deref()));
    let mut brand = shop.brand();
    if let Some(locale) = locale {
        brand.locale = locale.to_owned();
    }
    let rendered = render(&message(stage, view, offer, shop, expires_at), &brand)?;
    Ok(Mail {
        cart: cart.key.clone(),
        contact: person.key.clone(),
        stage,
        attempt,
        from: from_header(shop),
        to: person.email.clone(),
        reply_to: shop.support_email.clone(),
        subject: rendered.subject,
        html: rendered.html,
        text: rendered.text,
        headers,
    })
}

/// The notification of `occasion` about `cart`: no name and no item, as a screen may be seen by others.
fn notification(
    cart: &Cart,
    occasion: Occasion<'_>,
    shop: &Shop,
    keys: &LinkKeys,
    now: Timestamp,
) -> Result<Push, ComposeError> {
    let to = cart.facts.subscription().ok_or(ComposeError::Incomplete)?;
    let restore = Link {
        purpose: Purpose::Restore(cart.key.clone()),
        attempt: occasion.attempt,
        expires_at: Some(now + RESTORE_LINK_LIFE),
    };
    Ok(Push {
        cart: cart.key.clone(),
        stage: occasion.stage,
        attempt: occasion.attempt,
        to: to.clone(),
        sender: format!("mailto:{}", shop.support_email.expose()),
        notice: Notice {
            title: shop.name.clone(),
            body: "Did you have trouble checking out? Your cart is saved.".to_owned(),
            url: format!("{}/restore/{}", shop.links_url, keys.sign(&restore)),
            tag: format!("cartback-{}", cart.key),
        },
    })
}

/// `contents` as mails and pages show them, without links. Pictures of foreign hosts are left out.
#[must_use]
pub fn view(contents: &Contents, shop: &Shop) -> CartView {
    let lines: Vec<_> = contents
        .lines
        .iter()
        .map(|line| line_view(line, contents, shop))
        .collect();
    CartView {
        first_name: None,
        savings: SavingsStatement::of(&lines),
        lines,
        total: contents.total(),
        restore_url: String::new(),
        unsubscribe_url: String::new(),
        preferences_url: String::new(),
    }
}

fn message(
    stage: Stage,
    cart: CartView,
    offer: Option<OfferStatement>,
    shop: &Shop,
    expires_at: Timestamp,
) -> Message {
    match stage {
        Stage::Nudge => Message::Nudge(Nudge { cart }),
        Stage::FollowUp => Message::FollowUp(FollowUp {
            cart,
            selling_points: shop.selling_points.clone(),
            offer,
        }),
        Stage::Final => {
            let deadline = Some(DeadlineStatement::link_expiry(expires_at));
            Message::Final(Final {
                cart,
                deadline,
                offer,
            })
        }
    }
}

fn line_view(line: &LineItem, contents: &Contents, shop: &Shop) -> LineView {
    let compare_at = line
        .compare_at_minor
        .filter(|regular| line.price_minor < *regular);
    LineView {
        title: line.title.clone(),
        variant: line.variant.clone(),
        quantity: line.quantity,
        price: contents.money(line.price_minor),
        compare_at_price: compare_at.map(|regular| contents.money(regular)),
        image_url: line.image_url.clone().filter(|url| shop.owns_url(url)),
    }
}

/// RFC 8058 and RFC 2919. SES signs both unsubscribe headers with DKIM.
fn headers(unsubscribe_url: &str, shop: &Shop) -> Vec<(&'static str, String)> {
    let host = url::Url::parse(&shop.links_url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    vec![
        ("List-Unsubscribe", format!("<{unsubscribe_url}>")),
        (
            "List-Unsubscribe-Post",
            "List-Unsubscribe=One-Click".to_owned(),
        ),
        (
            "List-Id",
            format!(
                "<cart-reminders.{}.{}>",
                shop.id,
                host.as_deref().unwrap_or("localhost")
            ),
        ),
    ]
}

/// The shop's name as a quoted display name before its address.
fn from_header(shop: &Shop) -> String {
    let name: String = shop
        .name
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '"' | '\\'))
        .collect();
    format!("\"{name}\" <{}>", shop.from.expose())
}
