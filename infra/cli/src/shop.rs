//! `cartback shop check|apply`.

use std::path::{Path, PathBuf};

use cartback::ports::CartStore;
use cartback::shop::Shop;
use cartback_aws::clients::{self, Roots};
use cartback_aws::config;
use cartback_aws::store::DynamoStore;
use clap::Subcommand;

use crate::{Failure, print_line, wording};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Check a settings file and name every fault.
    Check {
        /// The settings, in TOML; see docs/shop.md.
        file: PathBuf,
    },
    /// Check a settings file and put it into the table named by `CARTBACK_TABLE`.
    Apply {
        /// The settings, in TOML; see docs/shop.md.
        file: PathBuf,
    },
}

pub(crate) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Check { file } => {
            let shop = load(&file)?;
            print_line(&format!(
                "{}: the settings of shop `{}` are good",
                file.display(),
                shop.id
            ));
        }
        Command::Apply { file } => {
            let shop = load(&file)?;
            store()?.put_shop(&shop).await?;
            print_line(&format!(
                "{}: the settings of shop `{}` are in the table",
                file.display(),
                shop.id
            ));
        }
    }
    Ok(())
}

/// Reads and checks a settings file, and the messages and templates beside it.
pub(crate) fn load(file: &Path) -> Result<Shop, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        format!(
            "{}: cannot be read ({error}); give the path of a settings file",
            file.display()
        )
    })?;
    let shop = Shop::load(&text).map_err(|error| format!("{}:\n{error}", file.display()))?;
    Ok(Shop {
        wording: wording::load(file)?,
        ..shop
    })
}

/// The table that the environment names.
pub(crate) fn store() -> Result<DynamoStore, Failure> {
    let sdk = clients::load(Roots::Machine)?;
    Ok(DynamoStore::new(
        clients::dynamodb(&sdk),
        config::table()?,
        config::n_shards()?,
    ))
}
