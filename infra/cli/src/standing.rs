//! `cartback pause` and `cartback resume`: the operator's word on a shop's reminders.

use cartback::ids::ShopId;
use cartback::standing;
use cartback_aws::config;
use clap::Args;
use serde_json::{Value, json};

use crate::local::clock::wall_time;
use crate::{Failure, print_line};

#[derive(Args)]
pub(crate) struct PauseOptions {
    /// The shop's id, such as `demo`.
    shop: ShopId,
    /// Why; shown with every reminder that waits for it.
    #[arg(long)]
    reason: String,
    /// Port of a running `cartback local`; used unless `CARTBACK_TABLE` names a table.
    #[arg(long, env = "CARTBACK_PORT", default_value_t = 9000)]
    port: u16,
}

#[derive(Args)]
pub(crate) struct ResumeOptions {
    /// The shop's id, such as `demo`.
    shop: ShopId,
    /// The table is a restored backup: end the reminders of all carts in it.
    #[arg(long)]
    after_restore: bool,
    /// Port of a running `cartback local`; used unless `CARTBACK_TABLE` names a table.
    #[arg(long, env = "CARTBACK_PORT", default_value_t = 9000)]
    port: u16,
}

pub(crate) async fn pause(options: PauseOptions) -> Result<(), Failure> {
    let PauseOptions { shop, reason, port } = options;
    if config::table().is_ok() {
        let store = crate::shop::store()?;
        standing::pause(&store, &shop, &reason, wall_time()).await?;
    } else {
        post(port, &shop, "pause", &json!({ "reason": reason }))?;
    }
    print_line(&format!(
        "shop `{shop}`: no reminder leaves from the next minute on ({reason})\n\
         Reminders whose window ends meanwhile are left out. `cartback resume {shop}` lets the others leave."
    ));
    Ok(())
}

pub(crate) async fn resume(options: ResumeOptions) -> Result<(), Failure> {
    let ResumeOptions {
        shop,
        after_restore,
        port,
    } = options;
    if config::table().is_ok() {
        let store = crate::shop::store()?;
        standing::resume(&store, &shop, after_restore, wall_time()).await?;
    } else {
        post(
            port,
            &shop,
            "resume",
            &json!({ "after_restore": after_restore }),
        )?;
    }
    print_line(&format!(
        "shop `{shop}`: reminders leave again from the next minute on"
    ));
    print_line(
        "Bounces, complaints and refused orders up to this hour no longer count, and a silence of orders \
         counts from now.",
    );
    if after_restore {
        print_line(
            "Carts that are not touched again get no reminder: nobody knows what was mailed or ordered since \
             the backup.",
        );
    }
    Ok(())
}

fn post(port: u16, shop: &ShopId, what: &str, body: &Value) -> Result<(), Failure> {
    let url = format!("http://127.0.0.1:{port}/local/shops/{shop}/{what}");
    match ureq::post(&url).send(body.to_string()) {
        Ok(_) => Ok(()),
        Err(ureq::Error::StatusCode(404)) => {
            Err(format!("the local Cartback has no shop `{shop}`").into())
        }
        Err(error) => Err(format!(
            "no local Cartback answers on port {port} ({error}); start it with `make demo`, or set CARTBACK_TABLE to \
             speak to an installation's table"
        )
        .into()),
    }
}
