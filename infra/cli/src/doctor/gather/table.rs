//! The table, the shops in it, and the secrets.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{PointInTimeRecoveryStatus, StreamViewType, TimeToLiveStatus};
use aws_sdk_ssm::types::ParameterType;
use aws_types::SdkConfig;
use cartback::ids::ShopId;
use cartback::ports::CartStore;
use cartback::pulse::PULSE_SPAN;
use cartback::stage::Stage;
use cartback_aws::clients;
use cartback_aws::secrets;
use cartback_aws::store::DynamoStore;
use jiff::Timestamp;

use super::super::facts::{SecretFacts, Seen, ShopFacts, Table, Unseen};
use super::unseen;

pub(super) async fn table(dynamodb: &Client, name: &str) -> Seen<Table> {
    let answer = dynamodb.describe_table().table_name(name).send().await;
    let described = answer.map_err(|error| unseen(&error))?.table;
    let described = described.ok_or(Unseen::Missing)?;
    let stream = described.stream_specification();
    Ok(Table {
        has_stream: stream.is_some_and(|stream| {
            stream.stream_enabled()
                && stream.stream_view_type() == Some(&StreamViewType::NewAndOldImages)
        }),
        is_protected: described.deletion_protection_enabled() == Some(true),
        has_expiry: has_expiry(dynamodb, name).await,
        has_point_in_time_recovery: has_recovery(dynamodb, name).await,
    })
}

async fn has_expiry(dynamodb: &Client, name: &str) -> Seen<bool> {
    let answer = dynamodb
        .describe_time_to_live()
        .table_name(name)
        .send()
        .await;
    let found = answer
        .map_err(|error| unseen(&error))?
        .time_to_live_description;
    Ok(found.is_some_and(|ttl| {
        ttl.time_to_live_status() == Some(&TimeToLiveStatus::Enabled)
            && ttl.attribute_name() == Some("expires_at")
    }))
}

async fn has_recovery(dynamodb: &Client, name: &str) -> Seen<bool> {
    let request = dynamodb.describe_continuous_backups().table_name(name);
    let answer = request.send().await.map_err(|error| unseen(&error))?;
    let status = answer
        .continuous_backups_description()
        .and_then(|backups| backups.point_in_time_recovery_description())
        .and_then(|recovery| recovery.point_in_time_recovery_status());
    Ok(status == Some(&PointInTimeRecoveryStatus::Enabled))
}

/// The shops, and the addresses that they send from, one for each domain.
pub(super) async fn shops(
    dynamodb: &Client,
    table: &str,
    now: Timestamp,
) -> (Seen<Vec<ShopFacts>>, Vec<String>) {
    // The due index is not looked at.
    let store = DynamoStore::new(dynamodb.clone(), table, 1);
    let ids = match store.shops().await {
        Ok(ids) => ids,
        Err(error) => return (Err(Unseen::Unanswered(error.to_string())), Vec::new()),
    };
    let (mut shops, mut domains, mut addresses) = (Vec::new(), BTreeSet::new(), Vec::new());
    for id in ids {
        let (shop, from) = shop(&store, id, now).await;
        shops.push(shop);
        let domain = from.as_deref().and_then(|from| from.rsplit_once('@'));
        if let Some((_, domain)) = domain
            && domains.insert(domain.to_ascii_lowercase())
        {
            addresses.extend(from);
        }
    }
    (Ok(shops), addresses)
}

async fn shop(store: &DynamoStore, id: ShopId, now: Timestamp) -> (ShopFacts, Option<String>) {
    let found = store.shop(&id).await;
    let pulse = store.pulse(&id, now - PULSE_SPAN).await.ok();
    let facts = |settings, held| ShopFacts { id, settings, held };
    match found {
        Ok(Some(shop)) => {
            let brakes = Stage::ALL.into_iter().filter_map(|stage| {
                let brake = pulse.as_ref()?.brake(&shop.policy, stage, now)?;
                Some(brake.to_string())
            });
            let held = brakes.into_iter().next();
            (facts(Ok(()), held), Some(shop.from.expose().to_owned()))
        }
        Ok(None) => (facts(Err(Unseen::Missing), None), None),
        Err(error) => {
            let unseen = Unseen::Unanswered(error.to_string());
            (facts(Err(unseen), None), None)
        }
    }
}

pub(super) async fn secrets(sdk: &SdkConfig, name: &str) -> Seen<SecretFacts> {
    let request = clients::ssm(sdk).get_parameter().name(name);
    let answer = request.with_decryption(true).send().await;
    let found = answer.map_err(|error| unseen(&error))?.parameter;
    let found = found.ok_or(Unseen::Missing)?;
    let is_encrypted = found.r#type() == Some(&ParameterType::SecureString);
    let facts = |fault: Option<String>, shops| SecretFacts {
        is_encrypted,
        fault,
        shops,
    };
    let secrets = match secrets::parse("the parameter", found.value().unwrap_or_default()) {
        Ok(secrets) => secrets,
        Err(fault) => return Ok(facts(Some(fault.to_string()), Vec::new())),
    };
    let fault = secrets.pepper().err().or_else(|| secrets.link_keys().err());
    let with_secrets = secrets.shops.iter().filter(|(_, shop)| !shop.is_empty());
    let shops = with_secrets.map(|(id, _)| id.clone()).collect();
    Ok(facts(fault.map(|fault| fault.to_string()), shops))
}
