//! `cartback`, the operator's command: run everything on one machine, check and apply a shop's
//! settings, ask why a cart was (not) mailed, look at a mail before it is sent, check an installation.

mod ask;
mod decision_file;
mod doctor;
mod example;
mod local;
mod offers;
mod preview;
mod privacy;
mod reconcile;
mod replay;
mod shop;
mod spam;
mod standing;
mod woocommerce_orders;
mod wording;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Abandoned-cart recovery that a shop owns.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run all of Cartback on this machine, with a demo shop, an inbox and a clock turned by hand.
    Local(local::Options),
    /// Check a shop's settings, or put them into the table.
    #[command(subcommand)]
    Shop(shop::Command),
    /// Tell why a cart was mailed, or was not.
    Why(ask::Options),
    /// Check an installation, and say what to do about each finding.
    Doctor(doctor::Options),
    /// Hold a shop's reminders back.
    Pause(standing::PauseOptions),
    /// Let a shop's reminders leave again, whatever held them back.
    Resume(standing::ResumeOptions),
    /// Forget a person, or a whole shop.
    Erase(privacy::EraseOptions),
    /// Print everything that is held of a person, or what storefronts have asked for.
    Export(privacy::ExportOptions),
    /// Add codes to the pools that offers are taken from, or show what is left.
    #[command(subcommand)]
    Offers(offers::Command),
    /// Render a stage's mail to look at it.
    Preview(preview::Options),
    /// Run recorded events against a shop's settings, and say who would get what, when and why.
    Replay(replay::Options),
    /// Read a storefront's orders again, in case a message of theirs was lost.
    #[command(subcommand)]
    Reconcile(reconcile::Command),
}

/// What an operator reads when a command fails: the cause and the remedy.
type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let result = match Cli::parse().command {
        Command::Local(options) => local::run(options).await,
        Command::Shop(command) => shop::run(command).await,
        Command::Why(options) => ask::run(options).await,
        Command::Doctor(options) => doctor::run(&options).await,
        Command::Pause(options) => standing::pause(options).await,
        Command::Resume(options) => standing::resume(options).await,
        Command::Erase(options) => privacy::erase_command(options).await,
        Command::Export(options) => privacy::export_command(options).await,
        Command::Offers(command) => offers::run(command).await,
        Command::Preview(options) => preview::run(&options),
        Command::Replay(options) => replay::run(&options).await,
        Command::Reconcile(command) => reconcile::run(command).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            print_failure(&failure);
            ExitCode::FAILURE
        }
    }
}

/// Prints a line for the operator.
fn print_line(line: &str) {
    // A reader such as `head` may have gone; what it did not want is no failure.
    let _ = writeln!(io::stdout(), "{line}");
}

#[expect(clippy::print_stderr, reason = "a command speaks to its user here")]
fn print_failure(failure: &Failure) {
    eprintln!("cartback: {failure}");
}
