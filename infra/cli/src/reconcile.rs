//! `cartback reconcile`: orders whose messages got lost are read again, and go the way of every message.
//! What has been recorded already changes nothing.

use cartback::ids::{Pepper, ShopId};
use cartback::ports::CartStore;
use cartback::record::{Recorded, record};
use cartback::shop::Shop;
use cartback::storefront::signature::base64_hmac;
use cartback::storefront::woocommerce::{SIGNATURE_HEADER, TOPIC_HEADER, WooCommerce};
use cartback::storefront::{Message, Parsed, Reception, Storefront};
use cartback_aws::clients::{self, Roots};
use cartback_aws::config;
use cartback_aws::secrets::Secrets;
use cartback_aws::store::DynamoStore;
use clap::{Args, Subcommand};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use serde_json::Value;

use crate::local::clock::wall_time;
use crate::woocommerce_orders::{Access, Order};
use crate::{Failure, print_line, woocommerce_orders};

/// The topic under which orders are read again.
const TOPIC: &str = "order.updated";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Read a WooCommerce shop's orders again: it never repeats a webhook that failed.
    Woocommerce(Options),
}

#[derive(Args)]
pub(crate) struct Options {
    /// The shop's id, such as `demo`.
    #[arg(long)]
    shop: ShopId,
    /// Orders changed at this time or later, such as `2026-07-01T00:00:00Z`.
    #[arg(long)]
    since: Timestamp,
    /// A file with an array of orders as the REST API gives them, or the address of that API's orders,
    /// such as `https://shop.example/wp-json/wc/v3/orders`.
    #[arg(long)]
    orders: String,
    /// For an address: the consumer key and secret of the REST API, which may only read.
    #[command(flatten)]
    access: Access,
    /// Port of a running `cartback local`; used unless `CARTBACK_TABLE` names a table.
    #[arg(long, env = "CARTBACK_PORT", default_value_t = 9000)]
    port: u16,
}

/// What became of the orders.
#[derive(Default)]
struct Tally {
    n_recorded: usize,
    n_ignored: usize,
    faults: Vec<String>,
}

/// Where the orders go.
enum Target {
    /// To the webhook of a local server, signed.
    Local { url: String, secret: String },
    /// To the table of an installation.
    Table {
        store: DynamoStore,
        shop: Box<Shop>,
        pepper: Pepper,
    },
}

pub(crate) async fn run(command: Command) -> Result<(), Failure> {
    let Command::Woocommerce(options) = command;
    let target = target(&options).await?;
    let orders = woocommerce_orders::read(&options.orders, &options.access, options.since)?;
    let mut tally = Tally::default();
    for order in &orders {
        let outcome = target.take(order).await?;
        tally.count(order, outcome);
    }
    let Tally {
        n_recorded,
        n_ignored,
        faults,
    } = tally;
    print_line(&format!(
        "{} orders changed since {}: {n_recorded} recorded, {n_ignored} ignored",
        orders.len(),
        options.since
    ));
    if faults.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} orders cannot be used:\n{}",
        faults.len(),
        faults.join("\n")
    )
    .into())
}

async fn target(options: &Options) -> Result<Target, Failure> {
    if config::table().is_err() {
        return local(options);
    }
    let store = crate::shop::store()?;
    let shop = store.shop(&options.shop).await?;
    let shop = shop.ok_or("there is no such shop in the table; run `cartback shop apply`")?;
    let sdk = clients::load(Roots::Machine)?;
    let pepper = Secrets::load(&sdk).await?.pepper()?;
    Ok(Target::Table {
        store,
        shop: Box::new(shop),
        pepper,
    })
}

fn local(options: &Options) -> Result<Target, Failure> {
    let Options { shop, port, .. } = options;
    let origin = format!("http://127.0.0.1:{port}");
    let told = match ureq::get(format!("{origin}/local/shops/{shop}")).call() {
        Ok(mut response) => response.body_mut().read_to_string()?,
        Err(ureq::Error::StatusCode(404)) => {
            return Err(format!("the local Cartback has no shop `{shop}`").into());
        }
        Err(error) => {
            return Err(format!(
                "no local Cartback answers on port {port} ({error}); start it with `make demo`, or set CARTBACK_TABLE \
                 to speak to an installation's table"
            )
            .into());
        }
    };
    let told: Value = serde_json::from_str(&told)?;
    let secret = told["secrets"][WooCommerce.name()].as_str();
    Ok(Target::Local {
        url: format!("{origin}/webhooks/{}/{shop}", WooCommerce.name()),
        secret: secret
            .ok_or("the local shop has no secret for WooCommerce")?
            .to_owned(),
    })
}

impl Tally {
    fn count(&mut self, order: &Order, outcome: Outcome) {
        match outcome {
            Outcome::Recorded => self.n_recorded += 1,
            Outcome::Ignored => self.n_ignored += 1,
            Outcome::Refused(fault) => self.faults.push(format!("  order {}: {fault}", order.id)),
        }
    }
}

enum Outcome {
    Recorded,
    Ignored,
    Refused(String),
}

impl Target {
    async fn take(&self, order: &Order) -> Result<Outcome, Failure> {
        match self {
            Self::Local { url, secret } => post(url, secret, &order.json),
            Self::Table {
                store,
                shop,
                pepper,
            } => put(store, shop, pepper, &order.json).await,
        }
    }
}

fn post(url: &str, secret: &str, order: &str) -> Result<Outcome, Failure> {
    let request = ureq::post(url)
        .header(TOPIC_HEADER, TOPIC)
        .header(SIGNATURE_HEADER, base64_hmac(secret, order.as_bytes()));
    match request.send(order) {
        Ok(answer) if answer.status() == 202 => Ok(Outcome::Recorded),
        Ok(_) => Ok(Outcome::Ignored),
        Err(ureq::Error::StatusCode(400)) => Ok(Outcome::Refused("it cannot be read".to_owned())),
        Err(error) => Err(error.into()),
    }
}

async fn put(
    store: &DynamoStore,
    shop: &Shop,
    pepper: &Pepper,
    order: &str,
) -> Result<Outcome, Failure> {
    let mut headers = HeaderMap::new();
    headers.insert(TOPIC_HEADER, HeaderValue::from_static(TOPIC));
    let message = Message {
        headers: &headers,
        body: order.as_bytes(),
    };
    let now = wall_time();
    let reception = Reception {
        received_at: now,
        currency: shop.currency,
    };
    match WooCommerce.parse(message, reception) {
        Ok(Parsed::Events(events)) => match record(store, shop, pepper, &events, now).await? {
            Recorded::Stored => Ok(Outcome::Recorded),
            Recorded::Erased => Ok(Outcome::Ignored),
        },
        Ok(Parsed::Products(_) | Parsed::Fetch | Parsed::Ignored(_)) => Ok(Outcome::Ignored),
        Err(fault) => Ok(Outcome::Refused(fault.to_string())),
    }
}
