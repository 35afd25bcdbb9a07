//! The secrets of an installation: one encrypted parameter, read once at the cold start.

use std::collections::HashMap;
use std::fmt;

use aws_sdk_ssm::error::ProvideErrorMetadata;
use aws_types::SdkConfig;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cartback::ids::{Pepper, ShopId};
use cartback::link::{LinkKey, LinkKeys, LinkKeysError};
use cartback::storefront::fetch::Access;
use cartback::storefront::secret::Secret;
use cartback::storefront::{self, Storefront};
use serde::{Deserialize, Serialize};

use crate::clients;
use crate::config::{ConfigError, required};

/// Names the parameter; faults are told in its name.
pub(crate) const PARAMETER: &str = "CARTBACK_SECRETS_PARAMETER";

/// The secrets of an installation, as the JSON of docs/deploy.md holds them.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// Base64 of at least 32 random bytes; see [`Pepper`].
    pub pepper: String,
    /// The keys of links: the first signs, all are accepted.
    pub link_keys: Vec<LinkSecret>,
    /// The key for push services; base64 of a P-256 key in PKCS #8, see docs/push.md. Without one nothing is notified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vapid_key: Option<String>,
    /// The secrets of each shop.
    pub shops: HashMap<ShopId, ShopSecrets>,
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

/// The secrets of one shop.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShopSecrets {
    /// The live webhook secrets by the name of their storefront: the current one first, then the
    /// previous one while it is being replaced.
    #[serde(default)]
    webhooks: HashMap<String, Vec<Secret>>,
    /// What opens the APIs of storefronts that are asked back, by their names.
    #[serde(default, skip_serializing_if = "HashMap::is_empty")]
    api: HashMap<String, Access>,
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
                "`{name}` cannot be read from the parameter store ({}); see docs/deploy.md, step 4",
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

impl ShopSecrets {
    /// What signs the messages of `storefront`; empty if the shop has none.
    #[must_use]
    pub fn webhooks(&self, storefront: &dyn Storefront) -> &[Secret] {
        self.webhooks
            .get(storefront.name())
            .map_or(&[], Vec::as_slice)
    }

    /// Whether the shop has no secret of any storefront.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.webhooks.values().all(Vec::is_empty)
    }

    /// What opens the API of `storefront`; `None` if the shop gave nothing.
    #[must_use]
    pub fn access(&self, storefront: &dyn Storefront) -> Option<&Access> {
        self.api.get(storefront.name())
    }

    /// The first secret that cannot be one, and what can.
    fn fault(&self) -> Option<String> {
        self.webhook_fault().or_else(|| self.api_fault())
    }

    fn api_fault(&self) -> Option<String> {
        self.api.iter().find_map(|(name, access)| {
            let Some(fetch) = storefront::named(name).and_then(Storefront::fetch) else {
                return Some(format!("api: there is no storefront `{name}` to ask"));
            };
            let fault = fetch.check_access(access).err()?;
            Some(format!("api.{name}: {fault}"))
        })
    }

    fn webhook_fault(&self) -> Option<String> {
        self.webhooks.iter().find_map(|(name, secrets)| {
            let Some(storefront) = storefront::named(name) else {
                return Some(format!("webhooks: there is no storefront `{name}`"));
            };
            secrets.iter().find_map(|secret| {
                let fault = storefront.check_secret(secret.text()).err()?;
                Some(format!("webhooks.{name}: {fault}"))
            })
        })
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets")
            .field("shops", &self.shops.keys())
            .finish_non_exhaustive()
    }
}

/// Reads the JSON of docs/deploy.md, which was found at `variable`.
///
/// # Errors
/// [`ConfigError`] in the name of `variable` if it is none; it repeats no secret.
pub fn parse(variable: &'static str, json: &str) -> Result<Secrets, ConfigError> {
    let secrets: Secrets = serde_json::from_str(json).map_err(|fault| ConfigError {
        variable,
        // Line and column only: the text of the error could hold a secret.
        fault: format!(
            "not the JSON of docs/deploy.md, see line {} column {}",
            fault.line(),
            fault.column()
        ),
    })?;
    let fault = secrets.shops.iter().find_map(|(shop, secrets)| {
        let fault = secrets.fault()?;
        Some(format!("shops.{shop}.{fault}"))
    });
    match fault {
        None => Ok(secrets),
        Some(fault) => Err(ConfigError { variable, fault }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fault(webhooks: serde_json::Value) -> Option<String> {
        let secrets = json!({
            "pepper": "", "link_keys": [], "shops": { "demo": { "webhooks": webhooks } },
        });
        parse("SECRETS", &secrets.to_string())
            .err()
            .map(|error| error.fault)
    }

    #[test]
    fn a_secret_that_can_be_none_is_named_by_its_place_and_not_repeated() {
        let good = "whsec_dGhlIHNlY3JldCBvZiB0aGUgdGVzdHMsIDMyIGJ5dGVz";
        assert_eq!(
            fault(json!({ "cartback": [good], "shopify": ["hush"] })),
            None
        );
        for (webhooks, expected) in [
            (
                json!({ "shopfy": ["hush"] }),
                "shops.demo.webhooks: there is no storefront `shopfy`",
            ),
            (
                json!({ "cartback": [good, "hush!"] }),
                "shops.demo.webhooks.cartback: not base64 after `whsec_`",
            ),
            (
                json!({ "shopify": [" "] }),
                "shops.demo.webhooks.shopify: an empty secret would let anybody sign",
            ),
        ] {
            assert_eq!(fault(webhooks).as_deref(), Some(expected));
        }
    }
}
