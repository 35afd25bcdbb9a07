//! What `cartback.js` tells from the shopper's page. The first line of a report is the shop's
//! publishable key and the page's session; the rest is JSON. A session tells of one cart only, and all
//! that it tells is the word of a page ([`crate::event::Origin::Browser`]).

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::basket::{self, first_text, url};
use super::cartback::time_zone;
use super::frame::Frame;
use super::lenient::{Lenient, Scalar};
use super::secret::{InvalidSecret, Secret};
use super::signature::{SignatureError, match_any};
use super::{Malformed, Message, Parsed, Reception, Storefront, json, machine, text};
use crate::consent::{Consent, ConsentBasis, ConsentState};
use crate::event::{
    self, Behaviour, CartEvent, Change, CheckoutStep, ContactDetails, Contents, LineItem, Origin,
};
use crate::ids::CartId;
use crate::money::Currency;
use crate::push::PushSubscription;
use crate::session::{Session, mac};

/// The shop's pages. A secret is a publishable key, a colon, and what the shop's backend signs sessions
/// with.
pub struct Browser;

/// The shortest secret behind the colon, in bytes.
const MIN_SECRET_BYTES: usize = 24;

/// Events that are read of one report; the snippet sends no more.
const MAX_EVENTS: usize = 20;

/// An event is believed to be older than its report by so much, however wrong the device's clock is.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24);

/// What a header's error is told of, though a beacon can have none.
const SESSION: &str = "session";

impl Storefront for Browser {
    fn name(&self) -> &'static str {
        "browser"
    }

    fn check_secret(&self, text: &str) -> Result<(), InvalidSecret> {
        let remedy =
            InvalidSecret("give a publishable key `pk_...`, a colon, and 24 bytes or more");
        let (key, secret) = text.split_once(':').ok_or(remedy.clone())?;
        let is_key = key.starts_with("pk_")
            && key.len() <= 64
            && key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_key && MIN_SECRET_BYTES <= secret.len() {
            return Ok(());
        }
        Err(remedy)
    }

    /// By the session. It is a right to tell of one cart and signs no report: whoever has it may tell
    /// what they like of that cart, which is why nothing here is believed any further.
    fn verify(
        &self,
        secrets: &[Secret],
        message: Message<'_>,
        accepted_times: &[Timestamp],
    ) -> Result<(), SignatureError> {
        let unreadable = || SignatureError::Header(SESSION);
        let (line, _) = split(message.body).ok_or_else(unreadable)?;
        let (key, token) = line.split_once(' ').ok_or_else(unreadable)?;
        let (session, claims, given) = Session::read(token).ok_or_else(unreadable)?;
        match_any(secrets, std::iter::once(given), |secret| {
            let (publishable, secret) = secret.text().split_once(':')?;
            (publishable == key).then(|| mac(secret.as_bytes(), claims))
        })?;
        if accepted_times.iter().any(|now| session.is_live(*now)) {
            return Ok(());
        }
        Err(SignatureError::Over)
    }

    fn parse(&self, message: Message<'_>, reception: Reception) -> Result<Parsed, Malformed> {
        let no_session = || Malformed::new(".", "begins with no session");
        let (line, body) = split(message.body).ok_or_else(no_session)?;
        let token = line.split_once(' ').map(|(_, token)| token);
        let (session, _, _) = token.and_then(Session::read).ok_or_else(no_session)?;
        let report: Report = json::read(body)?;
        let page = Page {
            cart: session.cart,
            is_machine: message.header("user-agent").is_none_or(machine::is_machine),
            sent: report.sent.0,
            locale: &report.language,
            time_zone: report.time_zone.text().and_then(time_zone),
            reception,
        };
        let events = page.events(&report);
        Ok(Parsed::told(events, "the report tells nothing of use"))
    }

    fn may_be_order(&self, _: &http::HeaderMap) -> bool {
        // Its orders are claims, whose absence or forgery proves nothing.
        false
    }
}

/// The first line, without its end, and the bytes after it.
fn split(body: &[u8]) -> Option<(&str, &[u8])> {
    let end = body.iter().position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(&body[..end]).ok()?;
    Some((line, &body[end + 1..]))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Report {
    sent: Lenient<i64>,
    language: Scalar,
    time_zone: Scalar,
    events: Vec<Lenient<Told>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Told {
    #[serde(rename = "type")]
    kind: Scalar,
    id: Scalar,
    at: Lenient<i64>,
    cart: Lenient<Cart>,
    step: Lenient<CheckoutStep>,
    costs: Lenient<Costs>,
    email: Scalar,
    consent: Lenient<bool>,
    text_version: Scalar,
    page: Lenient<Figures>,
    push: Lenient<PushSubscription>,
    order: Lenient<Order>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Cart {
    currency: Scalar,
    items: Lenient<Vec<Lenient<Item>>>,
    total: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Item {
    id: Scalar,
    title: Scalar,
    variant: Scalar,
    quantity: Scalar,
    price: Scalar,
    image_url: Scalar,
    url: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Costs {
    shipping: Scalar,
    tax: Scalar,
    currency: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Figures {
    errors: Lenient<u16>,
    payments_failed: Lenient<u16>,
    coupons: Lenient<u16>,
    coupons_refused: Lenient<u16>,
    slowest_ms: Lenient<u32>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Order {
    id: Scalar,
    total: Scalar,
    currency: Scalar,
}

/// The page that reports, as far as its events need it.
struct Page<'a> {
    cart: CartId,
    is_machine: bool,
    sent: Option<i64>,
    locale: &'a Scalar,
    time_zone: Option<String>,
    reception: Reception,
}

impl Page<'_> {
    fn events(&self, report: &Report) -> Vec<CartEvent> {
        let told = report.events.iter().filter_map(Lenient::as_ref);
        let told: Vec<&Told> = told.take(MAX_EVENTS).collect();
        // All events of one message are of one person: the last address that was typed.
        let last = told.iter().rev().find_map(|told| told.email.text());
        told.iter()
            .filter(|told| told.email.text().is_none() || told.email.text() == last)
            .flat_map(|told| self.told(told))
            .collect()
    }

    fn told(&self, told: &Told) -> Vec<CartEvent> {
        let Some(id) = told.id.text().filter(|id| text::is_id(id)) else {
            return Vec::new();
        };
        let frame = Frame {
            id: id.to_owned(),
            at: self.at(told),
            is_test: false,
        };
        let contact = self.contact(told);
        let event = |contact: Option<&ContactDetails>, change| CartEvent {
            origin: if self.is_machine {
                Origin::Machine
            } else {
                Origin::Browser
            },
            ..frame.event(std::slice::from_ref(&self.cart), contact, change)
        };
        let changes = self.changes(told, &contact);
        changes
            .into_iter()
            .map(|change| match change {
                Change::ContactIdentified | Change::ConsentChanged(_) => {
                    event(contact.as_ref(), change)
                }
                other => event(None, other),
            })
            .collect()
    }

    fn changes(&self, told: &Told, contact: &Option<ContactDetails>) -> Vec<Change> {
        let fallback = self.reception.currency;
        match told.kind.text().unwrap_or_default() {
            "cart" => {
                let contents = told.cart.as_ref().and_then(|cart| contents(cart, fallback));
                contents.map(Change::CartUpdated).into_iter().collect()
            }
            "step" => {
                let step = told.step.as_ref().copied();
                let costs = told.costs.as_ref().and_then(|costs| shown(costs, fallback));
                step.map(|step| Change::StepReached { step, costs })
                    .into_iter()
                    .collect()
            }
            // Without the tick the snippet sends no address, and without it none is taken.
            "contact" if contact.is_some() && told.consent.as_ref() == Some(&true) => vec![
                Change::ContactIdentified,
                Change::ConsentChanged(consent(ConsentState::Granted, told)),
            ],
            "refused" if contact.is_some() => {
                vec![Change::ConsentChanged(consent(ConsentState::Refused, told))]
            }
            "payment_failed" => vec![Change::PaymentFailed],
            "push" => {
                let allowed = told.push.as_ref().cloned();
                allowed.map(Change::PushAllowed).into_iter().collect()
            }
            "page" => told.page.as_ref().map(behaviour).into_iter().collect(),
            "ordered" => vec![Change::OrderPlaced(order(told, fallback))],
            _ => Vec::new(),
        }
    }

    /// By our clock: the device's own only says how long the event waited for its report.
    fn at(&self, told: &Told) -> Timestamp {
        let waited = match (self.sent, told.at.0) {
            (Some(sent), Some(at)) => SignedDuration::from_millis(sent.saturating_sub(at)),
            _ => SignedDuration::ZERO,
        };
        self.reception.received_at - waited.clamp(SignedDuration::ZERO, LONGEST_WAIT)
    }

    /// The address and how to speak; no name, which could carry anything to a stranger.
    fn contact(&self, told: &Told) -> Option<ContactDetails> {
        Some(ContactDetails {
            email: told.email.text()?.parse().ok()?,
            first_name: None,
            locale: self.locale.text().and_then(text::locale),
            time_zone: self.time_zone.clone(),
            country: None,
        })
    }
}

fn consent(state: ConsentState, told: &Told) -> Consent {
    Consent {
        state,
        basis: match state {
            ConsentState::Granted => ConsentBasis::Express,
            ConsentState::Refused | ConsentState::Unknown => ConsentBasis::None,
        },
        source: Some("box on the page".to_owned()),
        text_version: told
            .text_version
            .text()
            .and_then(|text| text::clip(text, 80)),
    }
}

/// Without the checkout's address: where a mail leads, the shop itself must say.
fn contents(cart: &Cart, fallback: Currency) -> Option<Contents> {
    let currency = cart.currency.currency().unwrap_or(fallback);
    let items = cart.items.as_ref()?.iter().filter_map(Lenient::as_ref);
    let kept = items.filter_map(|item| line(item, currency)).collect();
    let sum = basket::priced(currency, kept)?;
    let total = cart.total.rounded_money(currency);
    Some(Contents {
        total_minor: total.map_or(sum.total_minor, |total| total.minor),
        ..sum
    })
}

/// An item, unless its words carry a link: a page could make our mail its own.
fn line(item: &Item, currency: Currency) -> Option<LineItem> {
    let title = first_text(&[&item.title], 200)?;
    let variant = first_text(&[&item.variant], 100);
    if text::has_link(&title) || variant.as_deref().is_some_and(text::has_link) {
        return None;
    }
    Some(LineItem {
        id: first_text(&[&item.id], 128)?,
        title,
        variant,
        quantity: item.quantity.text()?.parse().ok().filter(|n| 0 < *n)?,
        price_minor: item.price.rounded_money(currency)?.minor,
        compare_at_minor: None,
        image_url: url(&item.image_url),
        url: url(&item.url),
    })
}

fn shown(costs: &Costs, fallback: Currency) -> Option<event::Costs> {
    let currency = costs.currency.currency().unwrap_or(fallback);
    let shipping = costs.shipping.rounded_money(currency);
    let tax = costs.tax.rounded_money(currency);
    (shipping.is_some() || tax.is_some()).then_some(event::Costs { shipping, tax })
}

fn behaviour(figures: &Figures) -> Change {
    Change::PageReported(Behaviour {
        n_errors: figures.errors.0.unwrap_or(0),
        n_payments_failed: figures.payments_failed.0.unwrap_or(0),
        n_coupons: figures.coupons.0.unwrap_or(0),
        n_coupons_refused: figures.coupons_refused.0.unwrap_or(0),
        slowest_page_ms: figures.slowest_ms.0.unwrap_or(0),
    })
}

fn order(told: &Told, fallback: Currency) -> event::Order {
    let empty = Order::default();
    let order = told.order.as_ref().unwrap_or(&empty);
    let currency = order.currency.currency().unwrap_or(fallback);
    let id = order.id.text().or(told.id.text()).unwrap_or_default();
    event::Order {
        id: id.chars().take(128).collect(),
        total: order.total.rounded_money(currency),
    }
}
