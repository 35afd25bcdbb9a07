//! `cartback offers import` and `cartback offers show`: codes into the pools that offers are taken from,
//! and what is left of them.

use std::path::PathBuf;

use cartback::ids::ShopId;
use cartback::offer::{OfferCode, PoolCode, PoolName};
use cartback::ports::CartStore;
use cartback_aws::config;
use cartback_aws::store::DynamoStore;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::local::clock::wall_time;
use crate::{Failure, print_line};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Add the codes of a CSV file to a pool. Codes that were ever added stay as they are.
    Import(ImportOptions),
    /// Show how many codes each pool has left.
    Show(ShowOptions),
}

#[derive(Args)]
pub(crate) struct ImportOptions {
    /// The shop's id, such as `demo`.
    #[arg(long)]
    shop: ShopId,
    /// The pool that the shop's ladder names.
    #[arg(long)]
    pool: PoolName,
    /// A CSV file with the columns `code` and `expires_at`; see docs/offers.md.
    file: PathBuf,
    /// Port of a running `cartback local`; used unless `CARTBACK_TABLE` names a table.
    #[arg(long, env = "CARTBACK_PORT", default_value_t = 9000)]
    port: u16,
}

#[derive(Args)]
pub(crate) struct ShowOptions {
    /// The shop's id, such as `demo`.
    #[arg(long)]
    shop: ShopId,
    /// Port of a running `cartback local`; used unless `CARTBACK_TABLE` names a table.
    #[arg(long, env = "CARTBACK_PORT", default_value_t = 9000)]
    port: u16,
}

/// One row of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    code: OfferCode,
    expires_at: Option<Timestamp>,
}

/// Codes to add, as the local runner takes them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportOrder {
    codes: Vec<PoolCode>,
}

pub(crate) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Import(options) => import_command(options).await,
        Command::Show(options) => show_command(options).await,
    }
}

/// Adds the codes of `order` to their pools, and says how many were new.
pub(crate) async fn import(
    store: &DynamoStore,
    shop: &ShopId,
    order: &ImportOrder,
) -> Result<Value, Failure> {
    let n_new = store.put_codes(shop, &order.codes).await?;
    Ok(json!({ "n_new": n_new, "n_known": order.codes.len() - n_new }))
}

/// The shop's pools.
pub(crate) async fn show(store: &DynamoStore, shop: &ShopId) -> Result<Value, Failure> {
    Ok(json!({ "pools": store.pools(shop).await? }))
}

async fn import_command(options: ImportOptions) -> Result<(), Failure> {
    let ImportOptions {
        shop,
        pool,
        file,
        port,
    } = options;
    let name = file.display();
    let text = std::fs::read_to_string(&file).map_err(|error| {
        format!("{name}: cannot be read ({error}); give the path of a CSV file")
    })?;
    let codes = read(&text, &pool, wall_time()).map_err(|fault| format!("{name}: {fault}"))?;
    let order = ImportOrder { codes };
    let done = if config::table().is_ok() {
        let store = crate::shop::store()?;
        known(&store, &shop).await?;
        import(&store, &shop, &order).await?
    } else {
        let url = format!("http://127.0.0.1:{port}/local/shops/{shop}/offers");
        answer(
            ureq::post(&url).send(serde_json::to_string(&order)?),
            &shop,
            port,
        )?
    };
    print_line(&format!(
        "pool `{pool}` of shop `{shop}`: {} codes added, {} were known and stay as they are",
        done["n_new"], done["n_known"]
    ));
    Ok(())
}

async fn show_command(options: ShowOptions) -> Result<(), Failure> {
    let ShowOptions { shop, port } = options;
    let shown = if config::table().is_ok() {
        let store = crate::shop::store()?;
        known(&store, &shop).await?;
        show(&store, &shop).await?
    } else {
        let url = format!("http://127.0.0.1:{port}/local/shops/{shop}/offers");
        answer(ureq::get(&url).call(), &shop, port)?
    };
    let pools = shown["pools"].as_array().cloned().unwrap_or_default();
    if pools.is_empty() {
        print_line("no codes; add some with `cartback offers import`");
    }
    for pool in pools {
        let (n_free, n_claimed) = (&pool["n_free"], &pool["n_claimed"]);
        let left = match (n_free.as_u64(), pool["last_end"].as_str()) {
            (Some(0), _) => "no code left".to_owned(),
            (_, Some(end)) => format!("{n_free} codes left, of which the last ends at {end}"),
            (_, None) => format!("{n_free} codes left, of which some never end"),
        };
        let name = pool["pool"].as_str().unwrap_or("-");
        print_line(&format!("{name}: {left}; {n_claimed} given"));
    }
    Ok(())
}

/// The codes of a CSV file, each once and none ended at `now`.
fn read(text: &str, pool: &PoolName, now: Timestamp) -> Result<Vec<PoolCode>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| error.to_string())?;
    if headers != vec!["code", "expires_at"] {
        return Err("the first line must be `code,expires_at`".to_owned());
    }
    let mut codes: Vec<PoolCode> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for row in reader.deserialize() {
        let row: Row = row.map_err(|error| {
            format!(
                "{error}; write the end as RFC 3339 with its offset, such as 2026-12-31T23:59:00+01:00, or leave it \
                 empty for a code that never ends"
            )
        })?;
        let line = codes.len() + 2;
        if row.expires_at.is_some_and(|end| end <= now) {
            return Err(format!("line {line}: the code has ended; leave it out"));
        }
        if !seen.insert(row.code.clone()) {
            return Err(format!("line {line}: the code is there twice"));
        }
        codes.push(PoolCode {
            pool: pool.clone(),
            code: row.code,
            expires_at: row.expires_at,
        });
    }
    if codes.is_empty() {
        return Err("there is no code in it".to_owned());
    }
    Ok(codes)
}

async fn known(store: &DynamoStore, shop: &ShopId) -> Result<(), Failure> {
    let known = store.shop(shop).await?;
    let missing = || format!("there is no shop `{shop}` in the table; run `cartback shop apply`");
    known.map(drop).ok_or_else(|| missing().into())
}

fn answer(
    reply: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    shop: &ShopId,
    port: u16,
) -> Result<Value, Failure> {
    match reply {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Result<Vec<(String, Option<Timestamp>)>, String> {
        let now = "2026-07-01T12:00:00Z".parse().unwrap();
        let codes = read(text, &"spring".parse().unwrap(), now)?;
        let plain = |code: PoolCode| (code.code.expose().to_owned(), code.expires_at);
        Ok(codes.into_iter().map(plain).collect())
    }

    #[test]
    fn a_file_of_codes_is_read_with_their_ends() {
        let text = "code,expires_at\nA-1,2026-12-31T23:59:00+01:00\n\"B,2\",\n";
        let end = "2026-12-31T22:59:00Z".parse().unwrap();
        let expected = vec![("A-1".to_owned(), Some(end)), ("B,2".to_owned(), None)];
        assert_eq!(codes(text), Ok(expected));
    }

    #[test]
    fn a_file_that_cannot_be_meant_is_refused_with_line_and_remedy() {
        for (text, told) in [
            ("", "first line"),
            ("A-1\nA-2\n", "first line"),
            ("code,expires_at\n", "no code"),
            ("code,expires_at\nA-1,2026-12-31\n", "RFC 3339"),
            ("code,expires_at\nA 1,\n", "line: 2"),
            (
                "code,expires_at\nA-1,2026-07-01T12:00:00Z\n",
                "line 2: the code has ended",
            ),
            (
                "code,expires_at\nA-1,\nA-1,\n",
                "line 3: the code is there twice",
            ),
        ] {
            let fault = codes(text).unwrap_err();
            assert!(fault.contains(told), "{told}: {fault}");
        }
    }
}
