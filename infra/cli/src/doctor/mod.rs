//! `cartback doctor`: looks at an installation and says, of each thing that is not as it should be, what to do.

mod dmarc;
mod facts;
mod finding;
mod gather;
mod judge;

use std::net::SocketAddr;

use cartback_aws::clients::{self, Roots};
use clap::Args;
use serde_json::json;

use crate::local::clock::wall_time;
use crate::{Failure, print_line};
use finding::Finding;

#[derive(Args)]
pub(crate) struct Options {
    /// Name of the stack, as in `samconfig.toml`.
    #[arg(long, default_value = "cartback")]
    stack: String,
    /// Name of the table: the stack's output `TableName`.
    #[arg(long, env = "CARTBACK_TABLE")]
    table: String,
    /// Name of the parameter with the secrets.
    #[arg(
        long,
        env = "CARTBACK_SECRETS_PARAMETER",
        default_value = "/cartback/secrets"
    )]
    secrets_parameter: String,
    /// Ask this name server, such as `1.1.1.1:53`, and not the machine's.
    #[arg(long)]
    name_server: Option<SocketAddr>,
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(options: &Options) -> Result<(), Failure> {
    let sdk = clients::load(Roots::Machine)?;
    let facts = gather::gather(&sdk, options, wall_time()).await;
    let findings = judge::judge(&facts);
    if options.json {
        print_line(&json!({ "findings": findings }).to_string());
    } else {
        findings
            .iter()
            .flat_map(Finding::lines)
            .for_each(|line| print_line(&line));
    }
    let n_ill = findings.iter().filter(|finding| !finding.is_well()).count();
    if n_ill == 0 {
        return Ok(());
    }
    Err(format!("{n_ill} of {} checks need you", findings.len()).into())
}
