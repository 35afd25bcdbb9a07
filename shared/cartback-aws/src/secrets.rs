//! The secrets of an installation: one encrypted parameter, read once at the cold start.

use std::collections::HashMap;
use std::fmt;

use aws_config::SdkConfig;
use aws_sdk_ssm::error::ProvideErrorMetadata;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cartback::ids::{Pepper, ShopId};
use cartback::link::{LinkKey, LinkKeys, LinkKeysError};
use cartback::storefront::signature::{ShopifySecret, StandardSecret};
use serde::{Deserialize, Serialize};

use crate::clients;
use crate::config::{ConfigError, required};

/// Names the parameter; faults are told in its name.
const PARAMETER: &str = "CARTBACK_SECRETS_PARAMETER";

/// The secrets of an installation, as the JSON of docs/deploy.md holds them.
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
    /// Reads the parameter that `CARTBACK_SECRETS_PARAMETER` names, or on a machine without AWS the JSON in
    /// `CARTBACK_SECRETS` itself.
    ///
    /// # Errors
    /// [`ConfigError`] if there is none or it is not the JSON that it should be; it names the remedy and
    /// repeats no secret.
    pub async fn load(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        if let Ok(json) = required("CARTBACK_SECRETS") {
            return parse("CARTBACK_SECRETS", &json);
        }
        let name = required(PARAMETER)?;
        let answer = clients::ssm(sdk)
            .get_parameter()
            .name(&name)
            .with_decryption(true)
            .send()
            .await;
        let output = answer.map_err(|error| ConfigError {
            variable: PARAMETER,
            fault: format!(
                "`{name}` cannot be read from the parameter store ({}); see docs/deploy.md, step 2",
                error.code().unwrap_or("no answer")
            ),
        })?;
        let json = output.parameter().and_then(|parameter| parameter.value());
        parse(PARAMETER, json.unwrap_or_default())
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
                variable: PARAMETER,
                fault: "pepper: give base64 of 32 random bytes".into(),
            })
    }

    /// The link keys.
    ///
    /// # Errors
    /// [`ConfigError`] if there is none, or one is not base64 of at least 32 bytes.
    pub fn link_keys(&self) -> Result<LinkKeys, ConfigError> {
        let wrong = |fault: String| ConfigError {
            variable: PARAMETER,
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

fn parse(variable: &'static str, json: &str) -> Result<Secrets, ConfigError> {
    serde_json::from_str(json).map_err(|fault| ConfigError {
        variable,
        // Line and column only: the text of the error could hold a secret.
        fault: format!(
            "not the JSON of docs/deploy.md, see line {} column {}",
            fault.line(),
            fault.column()
        ),
    })
}
