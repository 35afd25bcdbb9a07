//! What a function is told by its environment. Read once, at the cold start; every fault names the
//! variable and the remedy.

use std::collections::HashMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cartback::ids::{Pepper, ShopId};
use cartback::link::{LinkKey, LinkKeys, LinkKeysError};
use cartback::storefront::signature::{ShopifySecret, StandardSecret};
use serde::{Deserialize, Serialize};

/// The variable is missing or wrong.
#[derive(Debug, thiserror::Error)]
#[error("{variable}: {fault}")]
pub struct ConfigError {
    variable: &'static str,
    fault: String,
}

/// The secrets of an installation, as the JSON in `CARTBACK_SECRETS` holds them.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// Base64 of at least 32 random bytes; see [`Pepper`].
    pub pepper: String,
    /// The keys of links: the first signs, all are accepted.
    pub link_keys: Vec<LinkSecret>,
    /// Webhook secrets of each shop.
    pub shops: HashMap<ShopId, WebhookSecrets>,
}

/// One link key.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkSecret {
    /// 0 to 255, different for each live key.
    pub id: u8,
    /// Base64 of at least 32 random bytes.
    pub secret: String,
}

/// The live webhook secrets of one shop: the current one first, then the previous one while it is
/// being replaced.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSecrets {
    /// For `/events`, as Standard Webhooks writes them: `whsec_` and base64.
    #[serde(default)]
    pub standard_webhooks: Vec<StandardSecret>,
    /// For `/webhooks/shopify`: the app's client secret.
    #[serde(default)]
    pub shopify: Vec<ShopifySecret>,
}

impl Secrets {
    /// Reads `CARTBACK_SECRETS`.
    ///
    /// # Errors
    /// [`ConfigError`] if it is missing or not the JSON that it should be; the secrets are not repeated.
    pub fn from_environment() -> Result<Self, ConfigError> {
        const VARIABLE: &str = "CARTBACK_SECRETS";
        serde_json::from_str(&required(VARIABLE)?).map_err(|fault| ConfigError {
            variable: VARIABLE,
            // Line and column only: the text of the error could hold a secret.
            fault: format!(
                "not the JSON of docs/deploy.md, see line {} column {}",
                fault.line(),
                fault.column()
            ),
        })
    }

    /// The pepper.
    ///
    /// # Errors
    /// [`ConfigError`] if it is not base64 of at least 32 bytes.
    pub fn pepper(&self) -> Result<Pepper, ConfigError> {
        STANDARD
            .decode(&self.pepper)
            .ok()
            .filter(|bytes| 32 <= bytes.len())
            .map(Pepper)
            .ok_or(ConfigError {
                variable: "CARTBACK_SECRETS",
                fault: "pepper: give base64 of 32 random bytes".into(),
            })
    }

    /// The link keys.
    ///
    /// # Errors
    /// [`ConfigError`] if there is none, or one is not base64 of at least 32 bytes.
    pub fn link_keys(&self) -> Result<LinkKeys, ConfigError> {
        let wrong = |fault: String| ConfigError {
            variable: "CARTBACK_SECRETS",
            fault,
        };
        let decode = |key: &LinkSecret| {
            let secret = STANDARD
                .decode(&key.secret)
                .map_err(|_| wrong(format!("link key {} is not base64", key.id)))?;
            Ok(LinkKey { id: key.id, secret })
        };
        let keys = self
            .link_keys
            .iter()
            .map(decode)
            .collect::<Result<Vec<_>, ConfigError>>()?;
        LinkKeys::new(keys).map_err(|fault: LinkKeysError| wrong(fault.to_string()))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets")
            .field("shops", &self.shops.keys())
            .finish_non_exhaustive()
    }
}

/// The name of the table, from `CARTBACK_TABLE`.
///
/// # Errors
/// [`ConfigError`] if it is missing.
pub fn table() -> Result<String, ConfigError> {
    required("CARTBACK_TABLE")
}

/// Over how many shards the due index is spread, from `CARTBACK_SHARDS`; 4 if it is not set. All
/// functions of an installation must agree.
///
/// # Errors
/// [`ConfigError`] if it is not a number from 1 to 256.
pub fn n_shards() -> Result<u16, ConfigError> {
    const VARIABLE: &str = "CARTBACK_SHARDS";
    let Ok(text) = required(VARIABLE) else {
        return Ok(4);
    };
    text.parse()
        .ok()
        .filter(|n| (1..=256).contains(n))
        .ok_or(ConfigError {
            variable: VARIABLE,
            fault: format!("`{text}` is not a number from 1 to 256"),
        })
}

/// The name of the event bus, from `CARTBACK_BUS`.
///
/// # Errors
/// [`ConfigError`] if it is missing.
pub fn bus() -> Result<String, ConfigError> {
    required("CARTBACK_BUS")
}

/// The name of the SES configuration set, from `CARTBACK_CONFIGURATION_SET`: without one SES returns no
/// tags, and so no evidence.
///
/// # Errors
/// [`ConfigError`] if it is missing.
pub fn configuration_set() -> Result<String, ConfigError> {
    required("CARTBACK_CONFIGURATION_SET")
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where configuration is read"
)]
fn required(variable: &'static str) -> Result<String, ConfigError> {
    std::env::var(variable)
        .ok()
        .filter(|value| !value.is_empty())
        .ok_or(ConfigError {
            variable,
            fault: "not set; see docs/deploy.md".into(),
        })
}
