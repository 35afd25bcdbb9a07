//! Commerce Layer's webhooks. Its order is the cart until it is placed, so the order's own status says
//! what happened, and not the topic, which comes in a header that is not signed.

mod wire;

use http::HeaderMap;
use jiff::Timestamp;
use wire::{Attributes, Document, Relationship, Relationships, Resource};

use super::basket::{Basket, first_text, url};
use super::contact::contact;
use super::frame::{Frame, digest};
use super::lenient::{Lenient, Scalar};
use super::secret::Secret;
use super::signature::{SignatureError, base64_hmac, header, match_any};
use super::{Malformed, Message, Parsed, Reception, Storefront, json, price, text};
use crate::consent::{Consent, ConsentBasis, ConsentState};
use crate::event::{
    CartEvent, Change, CheckoutStep, ContactDetails, Contents, Costs, LineItem, Order, Refund,
};
use crate::ids::CartId;
use crate::money::{Currency, Money};

const SIGNATURE_HEADER: &str = "x-commercelayer-signature";
const TOPIC_HEADER: &str = "x-commercelayer-topic";

/// The references of subscriptions that are consent to mail about one's cart.
const CONSENT_REFERENCES: [&str; 3] = ["cartback", "marketing", "newsletter"];

/// Commerce Layer, by its webhooks. A secret is the webhook's own `shared_secret`.
pub struct CommerceLayer;

impl Storefront for CommerceLayer {
    fn name(&self) -> &'static str {
        "commercelayer"
    }

    /// No time is signed: the scheme has no protection against replays, the fold has. Source:
    /// docs.commercelayer.io, "Real-time webhooks".
    fn verify(
        &self,
        secrets: &[Secret],
        message: Message<'_>,
        _: &[Timestamp],
    ) -> Result<(), SignatureError> {
        let given = header(message.headers, SIGNATURE_HEADER)?;
        match_any(secrets, std::iter::once(given), |secret| {
            Some(base64_hmac(secret.text(), message.body))
        })
    }

    fn parse(&self, message: Message<'_>, reception: Reception) -> Result<Parsed, Malformed> {
        let topic = message.header(TOPIC_HEADER).ok_or_else(|| {
            Malformed::new(".", "has no topic; send the header X-CommerceLayer-Topic")
        })?;
        let is_known = topic.starts_with("orders.")
            || topic.starts_with("customer_subscriptions.")
            || topic == "customers.destroy";
        if !is_known {
            let topic = text::clip(topic, 80).unwrap_or_default();
            return Ok(Parsed::Ignored(format!("topic {topic} is not needed")));
        }
        let document: Document = json::read(message.body)?;
        let told = Told {
            document: &document,
            attributes: &document.data.attributes,
            topic,
            message,
            reception,
        };
        Ok(match topic {
            "customers.destroy" => told.erasure(),
            "customer_subscriptions.create" => told.consent(ConsentState::Granted),
            "customer_subscriptions.destroy" => told.consent(ConsentState::Refused),
            _ if topic.starts_with("orders.") => told.order(),
            _ => Parsed::Ignored("a change of a subscription says nothing new".to_owned()),
        })
    }

    fn may_be_order(&self, headers: &HeaderMap) -> bool {
        header(headers, TOPIC_HEADER).is_ok_and(|topic| topic.starts_with("orders."))
    }
}

struct Told<'a> {
    document: &'a Document,
    attributes: &'a Attributes,
    topic: &'a str,
    message: Message<'a>,
    reception: Reception,
}

impl Told<'_> {
    /// Commerce Layer gives a delivery no id that repeats over retries; its topic and bytes do.
    fn frame(&self, times: &[&Scalar]) -> Frame {
        let received_at = self.reception.received_at;
        let mode = self.document.data.meta.as_ref();
        Frame {
            id: digest(&[self.topic.as_bytes(), self.message.body]),
            at: times
                .iter()
                .find_map(|time| time.text()?.parse::<Timestamp>().ok())
                .unwrap_or(received_at)
                .min(received_at),
            is_test: mode.is_some_and(|meta| meta.mode.text() == Some("test")),
        }
    }

    fn order(&self) -> Parsed {
        let order = self.attributes;
        let id = self.document.data.id.text();
        let carts: Vec<CartId> = id.and_then(|id| id.parse().ok()).into_iter().collect();
        let person = self.person();
        let status = order.status.text().unwrap_or_default();
        let is_placed = order.placed_at.text().is_some();
        let is_cancelled = status == "cancelled";
        // What was never placed was no order, and its checkout is gone.
        let is_gone = !is_placed && (is_cancelled || self.topic == "orders.destroy");
        let is_cart = matches!(status, "draft" | "pending" | "placing");
        if carts.is_empty() && (is_gone || is_cart || person.is_none()) {
            return Parsed::Ignored("the order names no cart and nobody".to_owned());
        }
        let person = person.as_ref();
        let mut events = if is_gone {
            // The last change of a destroyed one came before its end, which has no time of its own.
            let frame = self.frame(&[&order.cancelled_at]);
            vec![frame.event(&carts, person, Change::CartDeleted)]
        } else if is_cart {
            self.cart(&carts, person)
        } else {
            // Placed, approved, editing, and whatever else comes after: better no mail than one to
            // somebody who has ordered.
            let mut events = vec![self.placement(&carts, person)];
            events.extend(self.refunds(&carts, person));
            events
        };
        if is_cancelled && !is_gone {
            let frame = self.frame(&[&order.cancelled_at, &order.updated_at]);
            events.push(frame.event(&carts, person, Change::OrderCancelled));
        }
        Parsed::told(events, "the order tells neither items nor a person")
    }

    fn cart(&self, carts: &[CartId], person: Option<&ContactDetails>) -> Vec<CartEvent> {
        let order = self.attributes;
        let frame = self.frame(&[&order.updated_at]);
        let mut events = Vec::new();
        let contents = self.contents().map(Change::CartUpdated);
        events.extend(contents.map(|change| frame.event(carts, None, change)));
        if person.is_some() {
            events.push(frame.event(carts, person, Change::ContactIdentified));
        }
        if let Some(step) = self.step() {
            let costs = self.costs();
            events.push(frame.event(carts, None, Change::StepReached { step, costs }));
        }
        let is_paying = order.status.text() == Some("placing")
            || matches!(order.payment_status.text(), Some("authorized" | "paid"));
        if is_paying {
            events.push(frame.event(carts, None, Change::PaymentPending));
        }
        events
    }

    fn placement(&self, carts: &[CartId], person: Option<&ContactDetails>) -> CartEvent {
        let order = self.attributes;
        let frame = self.frame(&[&order.placed_at, &order.updated_at]);
        let id = first_text(&[&order.number, &self.document.data.id], 128);
        let change = Change::OrderPlaced(Order {
            id: id.unwrap_or_else(|| frame.id.clone()),
            total: self.money(&order.total_amount_with_taxes_cents),
        });
        frame.event(carts, person, change)
    }

    /// What was paid back, if the webhook includes it.
    fn refunds(&self, carts: &[CartId], person: Option<&ContactDetails>) -> Vec<CartEvent> {
        let refunds = self.included("refunds");
        let told = refunds.filter_map(|refund| {
            let id = first_text(&[&refund.id], 128)?;
            let amount = self.money(&refund.attributes.amount_cents);
            let frame = self.frame(&[&refund.attributes.updated_at]);
            let change = Change::OrderRefunded(Refund { id, amount });
            // One that failed paid nothing back.
            (refund.attributes.succeeded.as_ref() != Some(&false))
                .then(|| frame.event(carts, person, change))
        });
        told.collect()
    }

    fn person(&self) -> Option<ContactDetails> {
        let order = self.attributes;
        let billing = self.address(|relationships| &relationships.billing_address);
        let shipping = self.address(|relationships| &relationships.shipping_address);
        contact(
            order.customer_email.text(),
            &[
                billing.map(|address| &address.first_name),
                shipping.map(|address| &address.first_name),
            ],
            Some(&order.language_code),
            &[
                shipping.map(|address| &address.country_code),
                billing.map(|address| &address.country_code),
                Some(&order.country_code),
            ],
        )
    }

    /// An address, if the webhook includes it.
    fn address(&self, of: fn(&Relationships) -> &Lenient<Relationship>) -> Option<&Attributes> {
        let relationships = self.document.data.relationships.as_ref()?;
        let id = of(relationships).as_ref()?.data.as_ref()?.id.text()?;
        let address = self
            .included("addresses")
            .find(|address| address.id.text() == Some(id))?;
        Some(&address.attributes)
    }

    fn included<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        let all = self.document.included.as_ref().into_iter().flatten();
        all.filter_map(Lenient::as_ref)
            .filter(move |resource| resource.kind.text() == Some(kind))
    }

    fn step(&self) -> Option<CheckoutStep> {
        let relationships = self.document.data.relationships.as_ref();
        let is_addressed = relationships
            .and_then(|relationships| relationships.shipping_address.as_ref())
            .is_some_and(|address| address.data.as_ref().is_some());
        if is_addressed {
            return Some(CheckoutStep::Address);
        }
        let email = self.attributes.customer_email.text();
        email.map(|_| CheckoutStep::Contact)
    }

    fn costs(&self) -> Option<Costs> {
        let order = self.attributes;
        let is_on_top = order.tax_included.as_ref() == Some(&false);
        let shipping = self
            .money(&order.shipping_amount_cents)
            .filter(|shipping| 0 < shipping.minor);
        let tax = self
            .money(&order.total_tax_amount_cents)
            .filter(|tax| is_on_top && 0 < tax.minor);
        (shipping.is_some() || tax.is_some()).then_some(Costs { shipping, tax })
    }

    fn currency(&self) -> Currency {
        let own = self.attributes.currency_code.currency();
        own.unwrap_or(self.reception.currency)
    }

    /// Commerce Layer's cents are the currency's minor units, whatever those are.
    fn money(&self, cents: &Scalar) -> Option<Money> {
        let currency = self.currency();
        price::scaled(cents.text()?.parse().ok()?, currency.exponent(), currency)
    }

    /// The order as a cart; `None` if it has items that the webhook does not include. A line that cannot
    /// be read is left out.
    fn contents(&self) -> Option<Contents> {
        let order = self.attributes;
        let mut basket = Basket::default();
        for (line, sum) in self
            .included("line_items")
            .filter_map(|item| self.line(item))
        {
            // What does not add up is left out as well.
            let _ = basket.add(line, sum);
        }
        let mut contents = basket.contents(self.currency());
        let is_told = !contents.lines.is_empty() || order.skus_count.text() == Some("0");
        let discount = order.discount_amount_cents.text();
        let discount = discount.and_then(|cents| cents.parse::<i64>().ok());
        // The discount is negative.
        if let Some(subtotal) = self.money(&order.subtotal_amount_cents)
            && let Some(total) = subtotal.minor.checked_add(discount.unwrap_or(0))
            && 0 <= total
        {
            contents.total_minor = total;
        }
        contents.checkout_url = url(&order.checkout_url).or_else(|| url(&order.cart_url));
        is_told.then_some(contents)
    }

    fn line(&self, item: &Resource) -> Option<(LineItem, Money)> {
        let line = &item.attributes;
        // Shipments, payment methods, promotions and adjustments are lines too.
        if !matches!(
            line.item_type.text(),
            None | Some("skus" | "bundles" | "gift_cards")
        ) {
            return None;
        }
        let quantity: u32 = line.quantity.text()?.parse().ok()?;
        let price = self.money(&line.unit_amount_cents)?;
        let sum = self
            .money(&line.total_amount_cents)
            .or_else(|| price.checked_mul(quantity))?;
        let line = LineItem {
            id: first_text(&[&line.sku_code, &line.bundle_code, &item.id], 128).unwrap_or_default(),
            title: first_text(&[&line.name, &line.sku_code], 200).unwrap_or_default(),
            variant: None,
            quantity: Some(quantity).filter(|quantity| 0 < *quantity)?,
            price_minor: price.minor,
            compare_at_minor: None,
            image_url: url(&line.image_url),
            url: None,
        };
        Some((line, sum))
    }

    /// A subscription is to whatever its reference says; only some are to mail.
    fn consent(&self, state: ConsentState) -> Parsed {
        let told = self.attributes;
        let reference = told.reference.text().unwrap_or_default().to_lowercase();
        if !CONSENT_REFERENCES.contains(&reference.as_str()) {
            return Parsed::Ignored(
                "a subscription is consent if its reference is cartback, marketing or newsletter"
                    .to_owned(),
            );
        }
        let Some(person) = contact(told.customer_email.text(), &[], None, &[]) else {
            return Parsed::Ignored("the subscription has no e-mail address".to_owned());
        };
        let (basis, frame) = match state {
            ConsentState::Granted => (ConsentBasis::Express, self.frame(&[&told.updated_at])),
            // Its last change is its beginning; its end has no time of its own.
            ConsentState::Refused | ConsentState::Unknown => (ConsentBasis::None, self.frame(&[])),
        };
        let change = Change::ConsentChanged(Consent {
            state,
            basis,
            source: Some(format!("Commerce Layer, subscription {reference}")),
            text_version: None,
        });
        Parsed::Events(vec![frame.event(&[], Some(&person), change)])
    }

    fn erasure(&self) -> Parsed {
        let Some(person) = contact(self.attributes.email.text(), &[], None, &[]) else {
            return Parsed::Ignored("the deleted customer has no e-mail address".to_owned());
        };
        let frame = self.frame(&[]);
        Parsed::Events(vec![frame.event(
            &[],
            Some(&person),
            Change::ErasureRequested,
        )])
    }
}
