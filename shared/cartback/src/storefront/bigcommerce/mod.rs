//! BigCommerce's webhooks. They name what changed and no more: carts, orders, customers and subscribers
//! are asked for. Only the end of a cart is told whole.
//!
//! The webhooks of a channel (`store/channel/1/cart/*`) tell the same as those of the store.

use std::cmp::Reverse;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::basket::first_text;
use super::fetch::{Access, Fetch, Next, Question, Reply};
use super::frame::{self, Frame, message_id};
use super::lenient::{Lenient, Scalar};
use super::secret::{InvalidSecret, Secret};
use super::signature::SignatureError;
use super::standard_webhooks::{self, ID_HEADER};
use super::{Malformed, Message, Parsed, Reception, Storefront, json, text};
use crate::event::{Change, Order};
use crate::ids::CartId;
use crate::product::{ProductReading, Stock};

mod cart;
mod order;
mod person;

/// BigCommerce. A secret is the client secret of the app that the webhooks belong to.
pub struct BigCommerce;

const HOST: &str = "api.bigcommerce.com";
const STORE_HASH: &str = "store_hash";
const ACCESS_TOKEN: &str = "access_token";

impl Storefront for BigCommerce {
    fn name(&self) -> &'static str {
        "bigcommerce"
    }

    /// Standard Webhooks, with the bytes of the client secret themselves as key.
    fn verify(
        &self,
        secrets: &[Secret],
        message: Message<'_>,
        accepted_times: &[Timestamp],
    ) -> Result<(), SignatureError> {
        // The scheme takes its keys in base64.
        let encoded = |secret: &Secret| Secret(STANDARD.encode(secret.text()));
        let secrets: Vec<Secret> = secrets.iter().map(encoded).collect();
        standard_webhooks::verify(&secrets, message.headers, message.body, accepted_times)
    }

    fn parse(&self, message: Message<'_>, reception: Reception) -> Result<Parsed, Malformed> {
        let notice = Notice::read(message)?;
        match notice.topic()? {
            Topic::Cart | Topic::Order | Topic::Refund | Topic::Subscriber | Topic::Customer => {
                notice.id()?;
                Ok(Parsed::Fetch)
            }
            Topic::CartDeleted => {
                let event = notice.frame(message, reception, None);
                let event = event.event(&[notice.cart()?], None, Change::CartDeleted);
                Ok(Parsed::Events(vec![event]))
            }
            Topic::CartConverted => {
                let frame = notice.frame(message, reception, None);
                let event = frame.event(&[notice.cart()?], None, notice.conversion(&frame));
                Ok(Parsed::Events(vec![event]))
            }
            Topic::Stock => Ok(match notice.stock(message, reception) {
                Some(reading) => Parsed::Products(vec![reading]),
                None => Parsed::Ignored("it is no count of a variant".to_owned()),
            }),
            Topic::Other(reason) => Ok(Parsed::Ignored(reason)),
        }
    }

    fn fetch(&self) -> Option<&dyn Fetch> {
        Some(self)
    }
}

impl Fetch for BigCommerce {
    fn headers(&self) -> &'static [&'static str] {
        &[ID_HEADER]
    }

    fn check_access(&self, access: &Access) -> Result<(), InvalidSecret> {
        const FAULT: &str =
            "give `store_hash`, such as abc123, and `access_token` of the store's API account";
        access.check_names(&[STORE_HASH, ACCESS_TOKEN], FAULT)?;
        match Api(access).question(&["v2", "time"]) {
            Ok(_) => Ok(()),
            Err(_) => Err(InvalidSecret(FAULT)),
        }
    }

    fn next(
        &self,
        access: &Access,
        message: Message<'_>,
        reception: Reception,
        replies: &[Reply],
    ) -> Result<Next, Malformed> {
        let notice = Notice::read(message)?;
        // An app signs for all stores that have it with one secret.
        if notice.is_of_another_store(access) {
            return Ok(Next::Ignore("it is of another store".to_owned()));
        }
        let talk = Talk {
            api: Api(access),
            notice: &notice,
            message,
            reception,
            replies,
        };
        match notice.topic()? {
            Topic::Cart => cart::next(&talk),
            Topic::Order => order::next(&talk),
            Topic::Refund => order::refunds(&talk),
            Topic::Subscriber => person::subscriber(&talk),
            Topic::Customer => person::customer(&talk),
            Topic::CartDeleted | Topic::CartConverted | Topic::Stock => Err(Malformed::new(
                "scope",
                "is told whole, and nothing is asked",
            )),
            Topic::Other(reason) => Ok(Next::Ignore(reason)),
        }
    }
}

/// What a webhook is about, as far as it concerns us.
enum Topic {
    Cart,
    CartDeleted,
    CartConverted,
    Order,
    Refund,
    Subscriber,
    Customer,
    Stock,
    /// Of no use, for this reason.
    Other(String),
}

/// A webhook's body.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Notice {
    scope: Scalar,
    producer: Scalar,
    created_at: Scalar,
    data: Lenient<Data>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Data {
    id: Scalar,
    #[serde(rename = "orderId")]
    order_id: Scalar,
    inventory: Lenient<Inventory>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Inventory {
    method: Scalar,
    value: Scalar,
    variant_id: Scalar,
}

impl Notice {
    fn read(message: Message<'_>) -> Result<Self, Malformed> {
        json::read(message.body)
    }

    fn topic(&self) -> Result<Topic, Malformed> {
        let scope = self
            .scope
            .text()
            .ok_or_else(|| Malformed::new("scope", "is missing"))?;
        let topic = scope.strip_prefix("store/").unwrap_or(scope);
        let topic = match topic
            .strip_prefix("channel/")
            .and_then(|rest| rest.split_once('/'))
        {
            Some((_, rest)) => rest,
            None => topic,
        };
        let ignored = |reason: &str| Topic::Other(reason.to_owned());
        Ok(match topic {
            "cart/updated" | "cart/abandoned" => Topic::Cart,
            "cart/deleted" => Topic::CartDeleted,
            "cart/converted" => Topic::CartConverted,
            "order/created" | "order/statusUpdated" => Topic::Order,
            "order/refund/created" => Topic::Refund,
            "subscriber/created" | "subscriber/updated" => Topic::Subscriber,
            "customer/created" | "customer/updated" => Topic::Customer,
            "sku/inventory/updated" | "sku/inventory/order/updated" => Topic::Stock,
            "cart/created" => ignored("store/cart/updated comes with it"),
            "subscriber/deleted" | "customer/deleted" => {
                ignored("it names nobody, and who it was cannot be asked any more")
            }
            _ => Topic::Other(format!(
                "topic {} is not needed",
                text::clip(scope, 80).unwrap_or_default()
            )),
        })
    }

    fn id(&self) -> Result<&str, Malformed> {
        let id = self.data.as_ref().and_then(|data| data.id.text());
        id.ok_or_else(|| Malformed::new("data.id", "is missing"))
    }

    fn cart(&self) -> Result<CartId, Malformed> {
        self.id()?
            .parse()
            .map_err(|_| Malformed::new("data.id", "is no id of a cart"))
    }

    /// The order that the cart became. Its total and person are asked for by `store/order/created`; the
    /// cart must not wait for them.
    fn conversion(&self, frame: &Frame) -> Change {
        let id = self.data.as_ref().and_then(|data| data.order_id.text());
        let id = id.map_or_else(|| frame.id.clone(), |id| id.chars().take(128).collect());
        Change::OrderPlaced(Order { id, total: None })
    }

    /// How many of a variant are left. Carts know their lines by the variant, so a count of a whole product
    /// is of no use, and neither is one that only says by how much it changed.
    fn stock(&self, message: Message<'_>, reception: Reception) -> Option<ProductReading> {
        let inventory = self.data.as_ref()?.inventory.as_ref()?;
        if inventory.method.text() != Some("absolute") {
            return None;
        }
        let count: i64 = inventory.value.text()?.parse().ok()?;
        let frame = self.frame(message, reception, None);
        Some(ProductReading {
            id: frame.id,
            at: frame.at,
            variant: first_text(&[&inventory.variant_id], 128)?,
            description: None,
            price: None,
            // A shop that sells beyond its stock has less than none.
            stock: Some(Stock::Left(u32::try_from(count.max(0)).unwrap_or(u32::MAX))),
        })
    }

    fn is_of_another_store(&self, access: &Access) -> bool {
        let store = self
            .producer
            .text()
            .and_then(|text| text.strip_prefix("stores/"));
        store.is_some_and(|store| access.of(STORE_HASH) != Some(store))
    }

    /// What the events have in common; their time is `at`, else that of the webhook.
    fn frame(&self, message: Message<'_>, reception: Reception, at: Option<Timestamp>) -> Frame {
        let seconds = || self.created_at.text()?.parse().ok();
        let sent_at = || Timestamp::from_second(seconds()?).ok();
        let at = at.or_else(sent_at).unwrap_or(reception.received_at);
        Frame {
            // `hash` is no id: it is that of the body, and two changes of one second share a body.
            id: message_id([message.header(ID_HEADER)], message.body),
            at: at.min(reception.received_at),
            is_test: false,
        }
    }
}

/// The store's API.
#[derive(Clone, Copy)]
struct Api<'a>(&'a Access);

impl Api<'_> {
    /// A question about the resource at `parts` of the store.
    fn question(&self, parts: &[&str]) -> Result<Question, Malformed> {
        let store = self.0.of(STORE_HASH).unwrap_or_default();
        let path = [&["stores", store], parts].concat();
        let question = Question::get(HOST, &path);
        let question = question.ok_or_else(|| Malformed::new("data.id", "is no id"))?;
        let token = self.0.secret(ACCESS_TOKEN).cloned();
        Ok(question.header("x-auth-token", token.unwrap_or(Secret(String::new()))))
    }
}

/// One talk about one webhook.
struct Talk<'a> {
    api: Api<'a>,
    notice: &'a Notice,
    message: Message<'a>,
    reception: Reception,
    replies: &'a [Reply],
}

/// A reply that v3 gives: the resource lies in `data`.
#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

impl Talk<'_> {
    /// The `n`-th reply as a `T`; `None` if there is none by now: 404, or v2's 204.
    fn reply<T: DeserializeOwned>(&self, n: usize) -> Result<Option<T>, Malformed> {
        let Some(reply) = self.replies.get(n) else {
            return Ok(None);
        };
        match reply.status {
            200 => json::read(reply.body.as_bytes()).map(Some),
            204 | 404 | 410 => Ok(None),
            status => Err(Malformed::new(
                ".",
                format!("BigCommerce answered {status}"),
            )),
        }
    }

    fn frame(&self, at: Option<Timestamp>) -> Frame {
        self.notice.frame(self.message, self.reception, at)
    }
}

fn newest(times: &[&Scalar]) -> Option<Timestamp> {
    let times = times.iter().filter_map(|time| time_of(time));
    times.min_by_key(|time| Reverse(*time))
}

/// An instant as v3 writes it, or as v2 does, in the form of mails.
fn time_of(time: &Scalar) -> Option<Timestamp> {
    let text = time.text()?;
    let in_mails = || rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    frame::utc(text).or_else(in_mails)
}
