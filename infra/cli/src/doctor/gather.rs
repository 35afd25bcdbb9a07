//! Looks at everything once. Thin: what it means is judged elsewhere.

mod mail;
mod table;
mod watch;

use std::collections::BTreeSet;

use aws_sdk_scheduler::error::ProvideErrorMetadata;
use aws_types::SdkConfig;
use cartback_aws::clients;
use jiff::Timestamp;

use super::Options;
use super::facts::{Facts, Unseen};

/// Looks at the installation that `options` name.
pub(crate) async fn gather(sdk: &SdkConfig, options: &Options, now: Timestamp) -> Facts {
    let ses = clients::ses(sdk);
    let dynamodb = clients::dynamodb(sdk);
    let (shops, domains) = table::shops(&dynamodb, &options.table, now).await;
    let mut senders = Vec::new();
    for address in domains {
        senders.push(mail::sender(&ses, &address, options.name_server).await);
    }
    let alarms = watch::alarms(sdk, &options.stack).await;
    let (alarms, arns) = match alarms {
        Ok((alarms, arns)) => (Ok(alarms), arns),
        Err(unseen) => (Err(unseen), BTreeSet::new()),
    };
    Facts {
        now,
        account: mail::account(&ses).await,
        destinations: mail::destinations(&ses, &format!("{}-reminders", options.stack)).await,
        table: table::table(&dynamodb, &options.table).await,
        secrets: table::secrets(sdk, &options.secrets_parameter).await,
        shops,
        senders,
        schedules: watch::schedules(sdk, &options.stack).await,
        sweeps: watch::sweeps(sdk, now).await,
        alarms,
        topics: watch::topics(sdk, &arns).await,
    }
}

/// Why a call did not show what was asked for.
fn unseen(error: &impl ProvideErrorMetadata) -> Unseen {
    match error.code() {
        Some(
            "NotFound"
            | "NotFoundException"
            | "ParameterNotFound"
            | "ResourceNotFound"
            | "ResourceNotFoundException",
        ) => Unseen::Missing,
        Some(code) => Unseen::Unanswered(code.to_owned()),
        None => Unseen::Unanswered("no answer that we understand".to_owned()),
    }
}
