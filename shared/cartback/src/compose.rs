//! From a cart to the mail about it: what the message may say, its links, its headers.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cart::{Cart, Person};
use crate::contact::Contact;
use crate::event::Contents;
use crate::ids::Attempt;
use crate::language::Locale;
use crate::link::{Link, LinkKeys, Purpose};
use crate::mail::shown::Look;
use crate::mail::{
    Brand, CartView, DeadlineStatement, Facts, Final, FollowUp, LineView, Mail, Message, Nudge,
    OfferStatement, OrdersStatement, RenderError, ThresholdStatement, render,
};
use crate::offer::Offer;
use crate::pulse::Pulse;
use crate::push::{Notice, Push};
use crate::reading::{Readings, view};
use crate::reason::{Acquaintance, Answer, Reason};
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
    /// A fault of ours that this cart brings out.
    #[error("composing the reminder panicked")]
    Panicked,
}

/// A reminder, ready to be handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// To SES.
    Mail(Box<Mail>),
    /// To a push service.
    Push(Box<Push>),
}

/// What is known beside the cart. By default nothing: then the mail is calm.
#[derive(Debug, Clone, Default)]
pub struct Known<'a> {
    /// The person, as all of their carts show them.
    pub contact: Option<&'a Contact>,
    /// What the shop has told of the cart's variants.
    pub readings: Readings,
    /// What the shop counted.
    pub pulse: Option<&'a Pulse>,
    /// The offer that the reminder carries. A nudge says nothing of it.
    pub offer: Option<&'a Offer>,
}

/// Who writes, about what, by which links.
struct Draft<'a> {
    cart: &'a Cart,
    person: &'a Person,
    known: &'a Known<'a>,
    shop: &'a Shop,
    brand: &'a Brand,
    view: CartView,
    offer: Option<OfferStatement>,
    answers: Vec<(Answer, String)>,
    now: Timestamp,
}

/// The reminder of `stage` about `cart`, as `attempt` sends it at `now`, by all that is `known`.
///
/// # Errors
/// [`ComposeError`]; no later try with the same cart would succeed.
pub fn compose(
    cart: &Cart,
    stage: Stage,
    known: &Known<'_>,
    attempt: Attempt,
    shop: &Shop,
    keys: &LinkKeys,
    now: Timestamp,
) -> Result<Mail, ComposeError> {
    let person = cart.facts.person.as_ref().ok_or(ComposeError::Incomplete)?;
    let contents = cart
        .facts
        .contents
        .as_ref()
        .ok_or(ComposeError::Incomplete)?;
    let person = &person.value;
    let link = |path: &str, purpose, expires_at| {
        let link = Link {
            purpose,
            attempt,
            expires_at,
        };
        signed(path, &link, shop, keys)
    };
    let end = Some(now + RESTORE_LINK_LIFE);
    let answer_url = link("reason", Purpose::Answer(cart.key.clone()), end);
    let answer = |answer: Answer| (answer, format!("{answer_url}/{}", answer.name()));
    let preferences = Purpose::Preferences(person.key.clone(), cart.key.clone());
    let view = CartView {
        first_name: person.first_name.clone(),
        restore_url: link("restore", Purpose::Restore(cart.key.clone()), end),
        unsubscribe_url: link(
            "unsubscribe",
            Purpose::Unsubscribe(person.key.clone()),
            None,
        ),
        preferences_url: link("preferences", preferences, None),
        ..view(contents, shop, &known.readings, now)
    };
    let headers = headers(&view.unsubscribe_url, shop);
    let brand = brand_for(shop, person, chosen(known));
    let draft = Draft {
        brand: &brand,
        cart,
        person,
        known,
        shop,
        view,
        offer: known.offer.map(OfferStatement::of),
        answers: Answer::ALL.into_iter().map(answer).collect(),
        now,
    };
    let rendered = render(&draft.message(stage, &contents.value), &brand)?;
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

/// The notification of `stage` about `cart`, in the person's language: no name and no item, as a screen
/// may be seen by others.
///
/// # Errors
/// [`ComposeError`]; no later try with the same cart would succeed.
pub fn notification(
    cart: &Cart,
    stage: Stage,
    known: &Known<'_>,
    attempt: Attempt,
    shop: &Shop,
    keys: &LinkKeys,
    now: Timestamp,
) -> Result<Push, ComposeError> {
    let to = cart.facts.subscription().ok_or(ComposeError::Incomplete)?;
    let person = cart.facts.person.as_ref().ok_or(ComposeError::Incomplete)?;
    let brand = brand_for(shop, &person.value, chosen(known));
    let restore = Link {
        purpose: Purpose::Restore(cart.key.clone()),
        attempt,
        expires_at: Some(now + RESTORE_LINK_LIFE),
    };
    Ok(Push {
        cart: cart.key.clone(),
        stage,
        attempt,
        to: to.clone(),
        sender: format!("mailto:{}", shop.support_email.expose()),
        notice: Notice {
            title: shop.name.clone(),
            body: Look::new(&brand)
                .words
                .say("push-text", &[])
                .map_err(RenderError::from)?,
            url: signed("restore", &restore, shop, keys),
            tag: format!("cartback-{}", cart.key),
        },
    })
}

fn signed(path: &str, link: &Link, shop: &Shop, keys: &LinkKeys) -> String {
    format!("{}/{path}/{}", shop.links_url, keys.sign(link))
}

fn chosen<'a>(known: &Known<'a>) -> Option<&'a str> {
    known.contact?.locale.as_deref()
}

/// The shop's brand in the language and the time zone of `person`, as far as they are known. The language
/// that they chose goes before the one that the storefront told.
#[must_use]
pub fn brand_for(shop: &Shop, person: &Person, chosen: Option<&str>) -> Brand {
    let tags = [chosen, person.locale.as_deref(), Some(&shop.locale)];
    let zone = person
        .time_zone
        .clone()
        .filter(|name| TimeZone::get(name).is_ok());
    Brand {
        locale: Locale::choose(tags.into_iter().flatten()).tag().to_owned(),
        time_zone: zone.unwrap_or_else(|| shop.time_zone.clone()),
        ..shop.brand()
    }
}

/// What free shipping still needs for a cart that is shown as `view`; `None` says nothing of it. One with a
/// line that is sold out has no total that could be compared.
#[must_use]
pub fn threshold(
    view: &CartView,
    country: Option<&str>,
    shop: &Shop,
) -> Option<ThresholdStatement> {
    let shipping = shop.selling.shipping_to(country, view.total.currency)?;
    let is_whole = view.lines.iter().all(|line| !line.is_sold_out());
    ThresholdStatement::of(view.total, shipping).filter(|_| is_whole)
}

impl Draft<'_> {
    fn message(self, stage: Stage, contents: &Contents) -> Message {
        let reason = Reason::of(&self.cart.facts, self.shop);
        let threshold = threshold(&self.view, self.person.country.as_deref(), self.shop);
        let facts = self.facts(contents);
        match stage {
            Stage::Nudge => Message::Nudge(Nudge {
                cart: calm(self.view),
                reason,
                person: Acquaintance::of(
                    self.known.contact,
                    self.cart.is_high_value(&self.shop.policy),
                ),
                answers: self.answers,
            }),
            Stage::FollowUp => Message::FollowUp(FollowUp {
                cart: calm(self.view),
                reason,
                facts,
                threshold,
                offer: self.offer,
            }),
            Stage::Final => {
                let deadline = DeadlineStatement::link_expiry(self.now + RESTORE_LINK_LIFE);
                let limits = &self.shop.statements;
                let orders = |pulse| OrdersStatement::of(pulse, limits, self.now);
                Message::Final(Final {
                    cart: self.view,
                    deadline: Some(deadline),
                    threshold,
                    orders: self.known.pulse.and_then(orders),
                    offer: self.offer,
                })
            }
        }
    }

    fn facts(&self, contents: &Contents) -> Facts {
        let selling = &self.shop.selling;
        let country = self.person.country.as_deref();
        let returns = selling.returns_days;
        // The shop wrote them in its own language.
        let speaks = |tag: &str| Locale::of(tag).map(Locale::language);
        let is_own_language = speaks(&self.brand.locale) == speaks(&self.shop.locale);
        let points = Some(self.shop.selling_points.clone()).filter(|_| is_own_language);
        Facts {
            returns: returns.map(|days| (days, selling.returns_free)),
            shipping: selling.shipping_to(country, contents.currency).cloned(),
            payment_methods: selling.payment_methods.clone(),
            guest_checkout: selling.guest_checkout,
            support_hours: selling.support_hours,
            reviews: selling.reviews.clone(),
            points: points.unwrap_or_default(),
        }
    }
}

/// Few left is a reason to decide, which only the last mail may give.
fn calm(view: CartView) -> CartView {
    let quiet = |line| LineView {
        stock: None,
        ..line
    };
    CartView {
        lines: view.lines.into_iter().map(quiet).collect(),
        ..view
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
