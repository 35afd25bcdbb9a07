//! `cartback local`: the whole product in one process. The real handlers behind a local gateway, the
//! real DynamoDB adapter on an embedded emulator, an outbox instead of SES, and a clock turned by hand.
//! For one person on one machine: it listens on the loopback address only.

mod api;
mod assets;
pub(crate) mod clock;
mod demo;
mod file;
mod gateway;
mod outbox;
mod preview;
mod world;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;

use cartback_aws::web::StandIn;
use clap::Args;
use tokio::net::TcpListener;

use crate::decision_file::DecisionFile;
use crate::{Failure, print_line};
use world::World;

#[derive(Args)]
pub(crate) struct Options {
    /// Port on 127.0.0.1; 0 takes a free one.
    #[arg(long, env = "CARTBACK_PORT", default_value_t = 9000)]
    port: u16,
    /// Keep everything in this folder, so that it survives a restart; without it, memory only.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Show mails of this settings file on the page /preview, with the messages and templates beside it.
    #[arg(long)]
    preview: Option<PathBuf>,
    /// Append each decision with all that it was made from to this file, e-mail addresses included;
    /// `cartback replay --decisions` makes them again.
    #[arg(long)]
    record: Option<PathBuf>,
    /// Ask this address on this machine instead of the storefronts' own APIs, such as
    /// <http://127.0.0.1:9100>; without it nobody is asked, and thin messages wait.
    #[arg(long, env = "CARTBACK_STOREFRONT_URL")]
    storefront_url: Option<String>,
}

pub(crate) async fn run(options: Options) -> Result<(), Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))
        .await
        .map_err(|error| {
            format!(
                "port {} cannot be used ({error}); choose another with CARTBACK_PORT",
                options.port
            )
        })?;
    let origin = format!("http://{}", listener.local_addr()?);
    let record = options.record.as_deref().map(DecisionFile::append);
    let stand_in = options
        .storefront_url
        .as_deref()
        .map(stand_in)
        .transpose()?;
    let mut world = World::open(&origin, options.data.as_deref(), record.transpose()?).await?;
    world.ask_at(stand_in)?;
    world.previewed = options.preview;
    let world = Arc::new(world);
    print_line(&format!("Cartback runs at {origin}"));
    print_line("  console    /       carts, mails, decisions and the clock");
    print_line("  demo shop  /shop   fill a cart, leave an address, go away");
    print_line("  preview    /preview   mails in every language, as their files are saved");
    match &options.data {
        Some(folder) => print_line(&format!(
            "Everything is kept in {}. Stop with Ctrl-C.",
            folder.display()
        )),
        None => print_line("Everything is in memory and gone at the end. Stop with Ctrl-C."),
    }
    axum::serve(listener, gateway::router(world))
        .with_graceful_shutdown(interrupted())
        .await?;
    Ok(())
}

fn stand_in(url: &str) -> Result<StandIn, Failure> {
    let fault = "--storefront-url: give a loopback address such as http://127.0.0.1:9100";
    Ok(StandIn::new(url).ok_or(fault)?)
}

async fn interrupted() {
    // Without a signal handler the process can still be ended from outside.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
