//! Stripe Checkout's events. A session that expired is the cart that was left; Stripe gives it a link by
//! which it goes on, and an address only with the shopper's consent, unless the shop knew it before.
//!
//! The event tells no items: one line stands for them, unless the shop has them expanded, or tells of its
//! cart itself and names it in the session's metadata.

mod wire;

use jiff::Timestamp;
use wire::{Event, Session};

use super::basket::{Basket, first_text, url};
use super::contact::contact;
use super::frame::{Frame, message_id};
use super::lenient::{Lenient, Scalar};
use super::secret::{InvalidSecret, Secret, check_not_empty};
use super::signature::{SignatureError, check_time, header, hex_hmac, match_any};
use super::{Malformed, Message, Parsed, Reception, Storefront, json, price, text};
use crate::consent::{Consent, ConsentBasis, ConsentState};
use crate::event::{
    CartEvent, Change, CheckoutStep, ContactDetails, Contents, Costs, LineItem, Order,
};
use crate::ids::CartId;
use crate::money::{Currency, Money};

const SIGNATURE_HEADER: &str = "stripe-signature";

/// What the mail calls items of which nothing but the sum is known.
const UNTOLD_ITEMS: &str = "Items in your checkout";

/// Stripe Checkout, by a webhook endpoint. A secret is that of the endpoint, `whsec_...`, as it is.
pub struct Stripe;

impl Storefront for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn check_secret(&self, text: &str) -> Result<(), InvalidSecret> {
        if text.starts_with("sk_") || text.starts_with("rk_") {
            return Err(InvalidSecret(
                "an API key; give the signing secret of the webhook endpoint, `whsec_...`",
            ));
        }
        check_not_empty(text)
    }

    /// `t=<seconds>,v1=<hex>`, with several `v1` while a secret is rolled; `v0` is for Stripe's tests.
    /// Retries are signed afresh. Source: docs.stripe.com, "Verify webhook signatures".
    fn verify(
        &self,
        secrets: &[Secret],
        message: Message<'_>,
        accepted_times: &[Timestamp],
    ) -> Result<(), SignatureError> {
        let given = header(message.headers, SIGNATURE_HEADER)?;
        let parts = given
            .split(',')
            .filter_map(|part| part.trim().split_once('='));
        let unreadable = SignatureError::Header(SIGNATURE_HEADER);
        let (_, time) = parts
            .clone()
            .find(|(name, _)| *name == "t")
            .ok_or_else(|| unreadable.clone())?;
        let seconds = time.parse().map_err(|_| unreadable.clone())?;
        let signed_at = Timestamp::from_second(seconds).map_err(|_| unreadable)?;
        let signatures = parts
            .filter(|(name, _)| *name == "v1")
            .map(|(_, signature)| signature);
        match_any(secrets, signatures, |secret| {
            let parts = [time.as_bytes(), b".", message.body];
            Some(hex_hmac(secret.text(), &parts))
        })?;
        check_time(signed_at, accepted_times)
    }

    fn parse(&self, message: Message<'_>, reception: Reception) -> Result<Parsed, Malformed> {
        let event: Event = json::read(message.body)?;
        let Some(kind) = event.kind.text() else {
            return Err(Malformed::new("type", "is missing; send Stripe's event"));
        };
        if !kind.starts_with("checkout.session.") {
            let kind = text::clip(kind, 80).unwrap_or_default();
            return Ok(Parsed::Ignored(format!("event {kind} is not needed")));
        }
        let Some(session) = event.data.as_ref().and_then(|data| data.object.as_ref()) else {
            return Err(Malformed::new("data.object", "is missing or no object"));
        };
        if session.mode.text() == Some("setup") {
            return Ok(Parsed::Ignored(
                "a session that only saves a card is no cart".to_owned(),
            ));
        }
        let told = Told {
            event: &event,
            session,
            carts: carts(session),
            person: person(session),
            message,
            reception,
        };
        if told.carts.is_empty() && told.person.is_none() {
            return Err(Malformed::new("data.object.id", "is missing or no id"));
        }
        let is_unpaid = session.payment_status.text() == Some("unpaid");
        let events = match kind {
            "checkout.session.expired" => told.expired(),
            "checkout.session.completed" if is_unpaid => told.payment(Change::PaymentPending),
            "checkout.session.completed" => told.ordered(&event.created),
            // The shopper's act was the session; the bank's comes days later.
            "checkout.session.async_payment_succeeded" => told.ordered(&session.created),
            "checkout.session.async_payment_failed" => told.payment(Change::PaymentFailed),
            _ => Vec::new(),
        };
        Ok(Parsed::told(events, "the session tells nothing of a cart"))
    }
}

/// The names of a session's cart: that under which the shop tells of it itself, the session, the session
/// whose recovery link led here, and the shop's reference, which may be a cart's.
fn carts(session: &Session) -> Vec<CartId> {
    let own = session.metadata.as_ref();
    let own = own.and_then(|metadata| metadata.cartback_cart.text());
    let names = [
        own,
        session.id.text(),
        session.recovered_from.text(),
        session.client_reference_id.text(),
    ];
    let mut carts: Vec<CartId> = Vec::new();
    for name in names.into_iter().flatten() {
        if let Ok(cart) = name.parse()
            && !carts.contains(&cart)
        {
            carts.push(cart);
        }
    }
    carts
}

fn person(session: &Session) -> Option<ContactDetails> {
    let customer = session.customer_details.as_ref();
    let email = customer.and_then(|customer| customer.email.text());
    let address = customer.and_then(|customer| customer.address.as_ref());
    // `auto` is the browser's language, which is not told.
    let locale = Some(&session.locale).filter(|locale| locale.text() != Some("auto"));
    let mut person = contact(
        email.or_else(|| session.customer_email.text()),
        &[],
        locale,
        &[address.map(|address| &address.country)],
    )?;
    // One field for the whole name; the first word is what most people are called by.
    person.first_name = customer
        .and_then(|customer| customer.name.text()?.split_whitespace().next())
        .and_then(text::first_name);
    Some(person)
}

/// An amount in the minor units that Stripe counts in, which are not those of ISO 4217 for every
/// currency. Source: docs.stripe.com, "Supported currencies".
fn money(units: &Scalar, currency: Currency) -> Option<Money> {
    let decimals = match currency.code() {
        "BIF" | "CLP" | "DJF" | "GNF" | "JPY" | "KMF" | "KRW" | "MGA" | "PYG" | "RWF" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => 3,
        // ISK and UGX too: they lost their decimals, and kept them here.
        _ => 2,
    };
    price::scaled(units.text()?.parse().ok()?, decimals, currency)
}

struct Told<'a> {
    event: &'a Event,
    session: &'a Session,
    carts: Vec<CartId>,
    person: Option<ContactDetails>,
    message: Message<'a>,
    reception: Reception,
}

impl Told<'_> {
    /// Stripe repeats an event by its id, and may tell one change by two; the fold makes one of them.
    fn frame(&self, time: &Scalar) -> Frame {
        let received_at = self.reception.received_at;
        let is_live = [&self.event.livemode, &self.session.livemode];
        Frame {
            id: message_id([self.event.id.text()], self.message.body),
            at: time
                .text()
                .and_then(|seconds| Timestamp::from_second(seconds.parse().ok()?).ok())
                .unwrap_or(received_at)
                .min(received_at),
            is_test: is_live.iter().any(|flag| flag.as_ref() == Some(&false)),
        }
    }

    /// The cart that was left. It counts from the expiry, up to a day after the shopper went: before it,
    /// the session's page is still open and Stripe gives no link.
    fn expired(&self) -> Vec<CartEvent> {
        let frame = self.frame(&self.event.created);
        if self.carts.is_empty() {
            return self.consent(&frame).into_iter().collect();
        }
        let contents = self.contents().map(Change::CartUpdated);
        let mut changes: Vec<Change> = contents.into_iter().collect();
        if self.person.is_some() {
            changes.push(Change::ContactIdentified);
            let step = CheckoutStep::Contact;
            let costs = self.costs();
            changes.push(Change::StepReached { step, costs });
        }
        let person = self.person.as_ref();
        let events = changes.into_iter().map(|change| {
            let person = person.filter(|_| change == Change::ContactIdentified);
            frame.event(&self.carts, person, change)
        });
        events.chain(self.consent(&frame)).collect()
    }

    /// Filed under the session that the reminders are about, if its link led here: that cart must wait.
    fn payment(&self, payment: Change) -> Vec<CartEvent> {
        let mut carts = self.carts.clone();
        if let Some(reminded) = self.session.recovered_from.text()
            && self.own_cart().is_none()
        {
            carts.sort_by_key(|cart| cart.as_str() != reminded);
        }
        if carts.is_empty() {
            return Vec::new();
        }
        let frame = self.frame(&self.event.created);
        let person = self.person.as_ref();
        let identified = person.map(|_| frame.event(&carts, person, Change::ContactIdentified));
        let mut events = vec![frame.event(&carts, None, payment)];
        events.extend(identified);
        events
    }

    fn ordered(&self, time: &Scalar) -> Vec<CartEvent> {
        let frame = self.frame(time);
        let order = Order {
            id: first_text(&[&self.session.id], 128).unwrap_or_else(|| frame.id.clone()),
            total: money(&self.session.amount_total, self.currency()),
        };
        let change = Change::OrderPlaced(order);
        let mut events = vec![frame.event(&self.carts, self.person.as_ref(), change)];
        events.extend(self.consent(&frame));
        events
    }

    /// What the shopper said to the question that the shop had Stripe ask.
    fn consent(&self, frame: &Frame) -> Option<CartEvent> {
        let (state, basis) = match self.session.consent.as_ref()?.promotions.text()? {
            "opt_in" => (ConsentState::Granted, ConsentBasis::Express),
            "opt_out" => (ConsentState::Refused, ConsentBasis::None),
            _ => return None,
        };
        let change = Change::ConsentChanged(Consent {
            state,
            basis,
            source: Some("Stripe, consent.promotions".to_owned()),
            text_version: None,
        });
        let person = self.person.as_ref()?;
        Some(frame.event(&self.carts, Some(person), change))
    }

    /// The name under which the shop tells of the cart itself.
    fn own_cart(&self) -> Option<&str> {
        self.session.metadata.as_ref()?.cartback_cart.text()
    }

    fn currency(&self) -> Currency {
        let own = self.session.currency.currency();
        own.unwrap_or(self.reception.currency)
    }

    /// What is left; `None` if the shop tells of the cart itself, or not even the sum is known.
    fn contents(&self) -> Option<Contents> {
        if self.own_cart().is_some() {
            return None;
        }
        let mut basket = Basket::default();
        for (line, sum) in self.lines() {
            // What does not add up is left out.
            let _ = basket.add(line, sum);
        }
        let mut contents = basket.contents(self.currency());
        if contents.lines.is_empty() {
            let metadata = self.session.metadata.as_ref();
            let title = metadata.and_then(|own| first_text(&[&own.cartback_title], 200));
            let total = self.total_of_items()?;
            contents.currency = total.currency;
            contents.total_minor = total.minor;
            contents.lines.push(LineItem {
                id: String::new(),
                title: title.unwrap_or_else(|| UNTOLD_ITEMS.to_owned()),
                variant: None,
                quantity: 1,
                price_minor: total.minor,
                compare_at_minor: None,
                image_url: None,
                url: None,
            });
        }
        let recovery = self.session.after_expiration.as_ref();
        let recovery = recovery.and_then(|after| after.recovery.as_ref());
        contents.checkout_url = recovery.and_then(|recovery| url(&recovery.url));
        Some(contents)
    }

    fn lines(&self) -> impl Iterator<Item = (LineItem, Money)> {
        let lines = self.session.line_items.as_ref();
        let lines = lines.and_then(|lines| lines.data.as_ref());
        let lines = lines.into_iter().flatten().filter_map(Lenient::as_ref);
        lines.filter_map(|line| {
            let quantity = line.quantity.text()?.parse().ok()?;
            let sum = money(&line.amount_total, self.currency())?;
            let item = LineItem {
                id: first_text(&[&line.id], 128).unwrap_or_default(),
                title: first_text(&[&line.description], 200)?,
                variant: None,
                quantity,
                price_minor: price::each(sum, quantity)?.minor,
                compare_at_minor: None,
                image_url: None,
                url: None,
            };
            Some((item, sum))
        })
    }

    /// In the currency that the shopper saw; there the sum is told whole, else before delivery and tax.
    fn total_of_items(&self) -> Option<Money> {
        let session = self.session;
        if let Some(seen) = session.presentment_details.as_ref()
            && let Some(currency) = seen.presentment_currency.currency()
            && let Some(total) = money(&seen.presentment_amount, currency)
        {
            return Some(total);
        }
        let currency = self.currency();
        let items = money(&session.amount_subtotal, currency).and_then(|subtotal| {
            let details = session.total_details.as_ref();
            let discount = details.and_then(|details| money(&details.amount_discount, currency));
            subtotal.checked_sub(discount.unwrap_or(Money::zero(currency)))
        });
        items
            .filter(|items| 0 <= items.minor)
            .or_else(|| money(&session.amount_total, currency))
    }

    fn costs(&self) -> Option<Costs> {
        let currency = self.currency();
        let details = self.session.total_details.as_ref()?;
        let shipping = money(&details.amount_shipping, currency);
        let tax = money(&details.amount_tax, currency);
        // Tax inside the prices comes on top of nothing.
        let mut parts = [self.total_of_items(), shipping, tax].into_iter().flatten();
        let together = parts.try_fold(Money::zero(currency), Money::checked_add);
        let total = money(&self.session.amount_total, currency);
        let is_on_top = together.is_some_and(|together| Some(together) == total);
        let tax = tax.filter(|_| is_on_top);
        (shipping.is_some() || tax.is_some()).then_some(Costs { shipping, tax })
    }
}
