//! The JSON of our own events, field by field: parsing and the published schema come from here, so
//! the doc comments below are what a shop's developer reads.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer, Unexpected, Visitor};

use crate::consent::{ConsentBasis, ConsentState};
use crate::event::CheckoutStep;

/// One event of a shop, as the body of `POST /events/{shop}`. Unknown fields are ignored.
#[derive(JsonSchema)]
#[schemars(title = "Cartback event")]
pub(super) struct Event {
    #[serde(flatten)]
    pub(super) head: Head,
    #[serde(flatten)]
    pub(super) message: Message,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Head {
    #[serde(rename = "type")]
    #[schemars(skip)]
    pub(super) kind: String,
    /// The event's own id, the same whenever it is sent again; by default the `webhook-id` header.
    #[schemars(regex(pattern = r"^[!-~]{1,128}$"))]
    pub(super) id: Option<String>,
    /// When it happened, RFC 3339 with an offset; by default when it arrives. Send it: events fold
    /// by it.
    #[schemars(extend("format" = "date-time"))]
    pub(super) at: Option<String>,
    /// A cart with one test event is never mailed.
    pub(super) test: Option<bool>,
}

#[derive(JsonSchema)]
#[serde(tag = "type")]
pub(super) enum Message {
    #[serde(rename = "cart.updated")]
    CartUpdated(CartUpdated),
    #[serde(rename = "contact.identified")]
    ContactIdentified(ContactIdentified),
    #[serde(rename = "consent.changed")]
    ConsentChanged(ConsentChanged),
    #[serde(rename = "checkout.step_reached")]
    StepReached(StepReached),
    #[serde(rename = "payment.failed")]
    PaymentFailed(CartOnly),
    #[serde(rename = "payment.pending")]
    PaymentPending(CartOnly),
    #[serde(rename = "order.placed")]
    OrderPlaced(OrderPlaced),
    #[serde(rename = "order.cancelled")]
    OrderCancelled(OrderCancelled),
    #[serde(rename = "order.refunded")]
    OrderRefunded(OrderRefunded),
    #[serde(rename = "cart.deleted")]
    CartDeleted(CartOnly),
    #[serde(rename = "data.requested")]
    DataRequested(DataRequested),
    #[serde(rename = "erasure.requested")]
    ErasureRequested(ErasureRequested),
}

/// The whole cart as it now is; without items it has been emptied.
#[derive(Deserialize, JsonSchema)]
pub(super) struct CartUpdated {
    pub(super) cart: Cart,
    /// Also tells who is behind the cart, like `contact.identified`.
    pub(super) contact: Option<Contact>,
    /// Also tells their consent, like `consent.changed`; needs `contact`.
    pub(super) consent: Option<Consent>,
}

/// Who is behind the cart.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ContactIdentified {
    pub(super) cart_id: CartId,
    pub(super) contact: Contact,
}

/// What a person said about reminders.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ConsentChanged {
    pub(super) cart_id: Option<CartId>,
    pub(super) contact: Person,
    pub(super) consent: Consent,
}

/// The shopper came to a step of the checkout.
#[derive(Deserialize, JsonSchema)]
pub(super) struct StepReached {
    pub(super) cart_id: CartId,
    pub(super) step: CheckoutStep,
    pub(super) costs: Option<Costs>,
}

/// What happened to the cart.
#[derive(Deserialize, JsonSchema)]
pub(super) struct CartOnly {
    pub(super) cart_id: CartId,
}

/// The cart became an order. Name the cart, the person, or better both.
#[derive(Deserialize, JsonSchema)]
pub(super) struct OrderPlaced {
    pub(super) cart_id: Option<CartId>,
    /// Further names of the cart.
    #[schemars(length(max = 10))]
    pub(super) cart_ids: Option<Vec<CartId>>,
    pub(super) order: Order,
}

/// An order was cancelled. Its cart stays ordered and is not mailed.
#[derive(Deserialize, JsonSchema)]
pub(super) struct OrderCancelled {
    pub(super) cart_id: Option<CartId>,
    pub(super) order: OrderId,
}

/// Money of an order was paid back. Its cart stays ordered and is not mailed.
#[derive(Deserialize, JsonSchema)]
pub(super) struct OrderRefunded {
    pub(super) cart_id: Option<CartId>,
    pub(super) order: OrderId,
    pub(super) refund: Refund,
}

/// A person asks for what is held of them. The operator of this installation hands it over.
#[derive(Deserialize, JsonSchema)]
pub(super) struct DataRequested {
    pub(super) contact: Person,
}

/// A person, or the shop for them, asks to be forgotten.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ErasureRequested {
    pub(super) contact: Person,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Cart {
    pub(super) id: CartId,
    pub(super) currency: CurrencyCode,
    pub(super) items: Vec<Item>,
    /// What the shopper sees as the sum of the items; by default that sum.
    pub(super) total: Option<Amount>,
    /// Where the shop continues this cart. Never logged and never put into a mail.
    #[schemars(length(max = 2000))]
    pub(super) checkout_url: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Item {
    /// The shop's id of the variant.
    #[schemars(length(min = 1, max = 128))]
    pub(super) id: String,
    /// Cut after 200 characters.
    #[schemars(length(min = 1))]
    pub(super) title: String,
    /// Such as "Blue / M"; cut after 100 characters.
    pub(super) variant: Option<String>,
    #[schemars(range(min = 1, max = 9999))]
    pub(super) quantity: u32,
    /// Of one.
    pub(super) price: Amount,
    /// The regular price of one, if the shop shows it.
    pub(super) compare_at_price: Option<Amount>,
    #[schemars(length(max = 2000))]
    pub(super) image_url: Option<String>,
    #[schemars(length(max = 2000))]
    pub(super) url: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Contact {
    pub(super) email: Email,
    /// First name; cut after 60 characters.
    pub(super) name: Option<String>,
    /// BCP 47, such as `de-AT`.
    pub(super) locale: Option<String>,
    /// IANA, such as `Europe/Berlin`.
    pub(super) time_zone: Option<String>,
    /// ISO 3166-1 alpha-2, such as `AT`.
    #[schemars(regex(pattern = r"^[A-Za-z]{2}$"))]
    pub(super) country: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Person {
    pub(super) email: Email,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Consent {
    pub(super) state: ConsentState,
    /// Needed for `granted`.
    pub(super) basis: Option<ConsentBasis>,
    /// Where it was given, such as "checkout box"; cut after 80 characters.
    pub(super) source: Option<String>,
    /// Which version of the text the person saw; cut after 80 characters.
    pub(super) text_version: Option<String>,
}

/// Costs on top of the items, as shown at that step.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Costs {
    pub(super) shipping: Option<Amount>,
    pub(super) tax: Option<Amount>,
    pub(super) currency: CurrencyCode,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Order {
    #[schemars(length(min = 1, max = 128))]
    pub(super) id: String,
    pub(super) total: Option<Amount>,
    /// Of `total`; by default the shop's.
    pub(super) currency: Option<CurrencyCode>,
    /// Who ordered: their other carts get no mail either.
    pub(super) email: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct OrderId {
    #[schemars(length(min = 1, max = 128))]
    pub(super) id: String,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Refund {
    /// The shop's id of the refund; the same refund sent again is counted once.
    #[schemars(length(min = 1, max = 128))]
    pub(super) id: String,
    /// How much was paid back; leave it out if you do not know.
    pub(super) amount: Option<Amount>,
    /// Of `amount`; by default the shop's.
    pub(super) currency: Option<CurrencyCode>,
}

/// The shop's id of the cart: 1 to 128 printable ASCII characters without spaces.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct CartId(#[schemars(regex(pattern = r"^[!-~]{1,128}$"))] pub(super) String);

/// ISO 4217, such as `EUR`.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct CurrencyCode(#[schemars(regex(pattern = r"^[A-Za-z]{3}$"))] pub(super) String);

/// An address that mail can go to.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Email(#[schemars(extend("format" = "email"))] pub(super) String);

/// Money as decimal text, such as "49.00": no sign, no more decimals than the currency has.
#[derive(JsonSchema)]
pub(super) struct Amount(#[schemars(regex(pattern = r"^[0-9]+(\.[0-9]+)?$"))] pub(super) String);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(AmountVisitor)
    }
}

struct AmountVisitor;

impl Visitor<'_> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A JSON number may have gone through a float on its way, and 49.00 is no float.
        f.write_str("money without a sign as text in quotes, such as \"49.00\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
        let is_decimal =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        if is_decimal(whole) && is_decimal(fraction) {
            Ok(Amount(text.to_owned()))
        } else {
            Err(E::invalid_value(Unexpected::Str(text), &self))
        }
    }
}
