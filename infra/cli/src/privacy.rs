//! `cartback erase` and `cartback export`: what a person may ask for, and the end of a shop.

use cartback::email::EmailAddress;
use cartback::erasure::erase_person;
use cartback::export::export_person;
use cartback::ids::{ContactKey, Pepper, ShopId};
use cartback::ports::CartStore;
use cartback::request::{Asked, Request};
use cartback_aws::clients::{self, Roots};
use cartback_aws::config;
use cartback_aws::secrets::Secrets;
use cartback_aws::store::DynamoStore;
use clap::Args;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::local::clock::wall_time;
use crate::{Failure, print_line};

#[derive(Args)]
pub(crate) struct EraseOptions {
    /// The shop's id, such as `demo`.
    #[arg(long)]
    shop: ShopId,
    #[command(flatten)]
    whom: EraseWhom,
    /// Port of a running `cartback local`; used unless `CARTBACK_TABLE` names a table.
    #[arg(long, env = "CARTBACK_PORT", default_value_t = 9000)]
    port: u16,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct EraseWhom {
    /// The person's address.
    #[arg(long)]
    email: Option<EmailAddress>,
    /// The person's key, as `cartback export --pending` and the facts on the bus have it.
    #[arg(long)]
    contact: Option<ContactKey>,
    /// Everything of the shop, its settings too. Only who said stop stays stopped.
    #[arg(long)]
    all: bool,
}

#[derive(Args)]
pub(crate) struct ExportOptions {
    /// The shop's id, such as `demo`.
    #[arg(long)]
    shop: ShopId,
    #[command(flatten)]
    what: ExportWhat,
    /// Port of a running `cartback local`; used unless `CARTBACK_TABLE` names a table.
    #[arg(long, env = "CARTBACK_PORT", default_value_t = 9000)]
    port: u16,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct ExportWhat {
    /// The person's address.
    #[arg(long)]
    email: Option<EmailAddress>,
    /// The person's key, as `--pending` and the facts on the bus have it.
    #[arg(long)]
    contact: Option<ContactKey>,
    /// List what storefronts have asked for and nobody has done yet.
    #[arg(long)]
    pending: bool,
}

/// What an order is about.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Subject {
    /// The person at this address.
    Email(EmailAddress),
    /// The person of this key.
    Contact(ContactKey),
    /// The whole shop: all of it, or all that waits.
    Shop,
}

pub(crate) async fn erase_command(options: EraseOptions) -> Result<(), Failure> {
    let EraseOptions { shop, whom, port } = options;
    let EraseWhom { email, contact, .. } = whom;
    let subject = subject(email, contact);
    let done = if config::table().is_ok() {
        let store = crate::shop::store()?;
        erase(
            &store,
            &shop,
            key(&shop, &subject).await?.as_ref(),
            wall_time(),
        )
        .await?
    } else {
        post(port, &shop, "erase", &subject)?
    };
    let n_erased = &done["n_erased"];
    print_line(&match subject {
        Subject::Shop => format!(
            "shop `{shop}`: {n_erased} items erased, the settings too; people who said stop stay stopped\n\
             Take its secrets out of the installation; until then its messages are answered with 404."
        ),
        Subject::Email(_) | Subject::Contact(_) => format!(
            "shop `{shop}`: the person is forgotten, and {n_erased} carts with them\n\
             Nothing that still comes in of them is kept."
        ),
    });
    Ok(())
}

pub(crate) async fn export_command(options: ExportOptions) -> Result<(), Failure> {
    let ExportOptions { shop, what, port } = options;
    let ExportWhat { email, contact, .. } = what;
    let subject = subject(email, contact);
    let told = if config::table().is_ok() {
        let store = crate::shop::store()?;
        export(&store, &shop, key(&shop, &subject).await?.as_ref()).await?
    } else {
        post(port, &shop, "export", &subject)?
    };
    print_line(&format!("{told:#}"));
    Ok(())
}

/// The person of a subject; `None` is the whole shop.
pub(crate) fn person(
    shop: &ShopId,
    pepper: &Pepper,
    subject: &Subject,
) -> Result<Option<ContactKey>, Failure> {
    match subject {
        Subject::Email(email) => Ok(Some(ContactKey::new(pepper, shop, email))),
        Subject::Contact(key) if key.shop() == shop => Ok(Some(key.clone())),
        Subject::Contact(_) => Err(format!("the contact is not one of shop `{shop}`").into()),
        Subject::Shop => Ok(None),
    }
}

/// Erases a person, or the whole shop.
pub(crate) async fn erase(
    store: &DynamoStore,
    shop: &ShopId,
    person: Option<&ContactKey>,
    now: Timestamp,
) -> Result<Value, Failure> {
    let n_erased = match person {
        Some(key) => erase_person(store, key, now).await?,
        None => store.erase_shop(shop).await?,
    };
    Ok(json!({ "n_erased": n_erased }))
}

/// Everything that is held of a person, whose request is done by that; or what waits to be done.
pub(crate) async fn export(
    store: &DynamoStore,
    shop: &ShopId,
    person: Option<&ContactKey>,
) -> Result<Value, Failure> {
    let requests = store.requests(shop).await?;
    let Some(key) = person else {
        let waiting: Vec<_> = requests.iter().map(waiting).collect();
        return Ok(json!({ "pending": waiting }));
    };
    let export = serde_json::to_value(export_person(store, key).await?)?;
    for request in &requests {
        if request.asked == Asked::PersonsData(key.clone()) {
            store.drop_request(request).await?;
        }
    }
    Ok(export)
}

fn waiting(request: &Request) -> Value {
    let shop = &request.shop;
    let command = match &request.asked {
        Asked::PersonsData(key) => format!("cartback export --shop {shop} --contact {key}"),
        Asked::ShopErasure => format!("cartback erase --shop {shop} --all"),
    };
    json!({ "asked_at": request.at, "do": command })
}

fn subject(email: Option<EmailAddress>, contact: Option<ContactKey>) -> Subject {
    match (email, contact) {
        (Some(email), _) => Subject::Email(email),
        (None, Some(contact)) => Subject::Contact(contact),
        (None, None) => Subject::Shop,
    }
}

/// The person of a subject, by the installation's pepper if it is an address.
async fn key(shop: &ShopId, subject: &Subject) -> Result<Option<ContactKey>, Failure> {
    let pepper = match subject {
        Subject::Email(_) => {
            let sdk = clients::load(Roots::Machine)?;
            Secrets::load(&sdk).await?.pepper()?
        }
        Subject::Contact(_) | Subject::Shop => Pepper(Vec::new()),
    };
    person(shop, &pepper, subject)
}

fn post(port: u16, shop: &ShopId, what: &str, subject: &Subject) -> Result<Value, Failure> {
    let url = format!("http://127.0.0.1:{port}/local/shops/{shop}/{what}");
    match ureq::post(&url).send(serde_json::to_string(subject)?) {
        Ok(mut response) => Ok(serde_json::from_str(&response.body_mut().read_to_string()?)?),
        Err(ureq::Error::StatusCode(404)) => {
            Err(format!("the local Cartback has no shop `{shop}`").into())
        }
        Err(error) => Err(format!(
            "no local Cartback does this on port {port} ({error}); start it with `make demo`, or set CARTBACK_TABLE to \
             speak to an installation's table"
        )
        .into()),
    }
}
