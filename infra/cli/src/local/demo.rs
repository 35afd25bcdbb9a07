//! The demo shop's settings and secrets.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cartback::shop::Shop;
use cartback::storefront;
use cartback_aws::secrets::Secrets;
use serde_json::json;

use crate::Failure;

/// Stands in shop.html, too.
const PUBLISHABLE_KEY: &str = "pk_demo";

const SETTINGS: &str = include_str!("../../assets/demo-shop.toml");

/// The demo shop as served at `origin`.
pub(crate) fn shop(origin: &str) -> Result<Shop, Failure> {
    let host = origin.trim_start_matches("http://");
    Ok(Shop::load(
        &SETTINGS.replace("ORIGIN", origin).replace("HOST", host),
    )?)
}

/// The secrets in `folder`, or fresh ones, which are put there.
pub(crate) fn secrets(folder: Option<&Path>) -> Result<Secrets, Failure> {
    let Some(folder) = folder else { return fresh() };
    let file = folder.join("secrets.json");
    if file.exists() {
        return Ok(serde_json::from_str(&std::fs::read_to_string(&file)?)?);
    }
    let secrets = fresh()?;
    super::file::replace(&file, &serde_json::to_string_pretty(&secrets)?)?;
    Ok(secrets)
}

fn fresh() -> Result<Secrets, Failure> {
    let mut webhooks = serde_json::Map::new();
    for storefront in storefront::ALL {
        // The first fits Standard Webhooks and every scheme that takes any text, the second the pages.
        let secrets = [
            format!("whsec_{}", random()?),
            format!("{PUBLISHABLE_KEY}:{}", random()?),
        ];
        let fitting = secrets
            .into_iter()
            .find(|secret| storefront.check_secret(secret).is_ok());
        if let Some(secret) = fitting {
            webhooks.insert(storefront.name().to_owned(), json!([secret]));
        }
    }
    Ok(serde_json::from_value(json!({
        "pepper": random()?,
        "link_keys": [{ "id": 1, "secret": random()? }],
        "shops": { "demo": {
            "webhooks": webhooks,
            // For a stand-in on this machine; no storefront knows them.
            "api": {
                "adobe": { "host": "admin.shop.example", "access_token": random()?, "client_id": "demo" },
                "bigcommerce": { "store_hash": "demo", "access_token": random()? },
                "snipcart": { "secret_key": random()? },
            },
        } },
    }))?)
}

fn random() -> Result<String, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(STANDARD.encode(bytes))
}
