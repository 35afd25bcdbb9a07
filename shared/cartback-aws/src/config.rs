//! What a function is told by its environment. Read once, at the cold start; every fault names the
//! variable and the remedy.

use crate::web::StandIn;

/// The variable is missing or wrong.
#[derive(Debug, thiserror::Error)]
#[error("{variable}: {fault}")]
pub struct ConfigError {
    pub(crate) variable: &'static str,
    pub(crate) fault: String,
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

/// The URL of the queue of errands, from `CARTBACK_ERRANDS`.
///
/// # Errors
/// [`ConfigError`] if it is missing.
pub fn errands() -> Result<String, ConfigError> {
    required("CARTBACK_ERRANDS")
}

/// Where questions to storefronts go instead of to their own hosts, from `CARTBACK_STOREFRONT_URL`: a
/// stand-in on this machine, for tests. `None` if it is not set.
///
/// # Errors
/// [`ConfigError`] if it is not on this machine, or is set on AWS.
pub fn stand_in() -> Result<Option<StandIn>, ConfigError> {
    const VARIABLE: &str = "CARTBACK_STOREFRONT_URL";
    let Ok(url) = required(VARIABLE) else {
        return Ok(None);
    };
    let wrong = |fault: &str| ConfigError {
        variable: VARIABLE,
        fault: fault.to_owned(),
    };
    // Lambda says how it started an environment; nothing else does.
    if required("AWS_LAMBDA_INITIALIZATION_TYPE").is_ok() {
        return Err(wrong("is for tests; remove it"));
    }
    let stand_in = StandIn::new(&url);
    stand_in
        .map(Some)
        .ok_or_else(|| wrong("give a loopback address such as http://127.0.0.1:9100"))
}

/// The certificates in the file that `AWS_CA_BUNDLE` names, as PEM; `None` if it is not set.
///
/// # Errors
/// [`ConfigError`] if the file cannot be read or holds no certificate.
pub(crate) fn ca_bundle() -> Result<Option<Vec<u8>>, ConfigError> {
    const VARIABLE: &str = "AWS_CA_BUNDLE";
    let Some(path) = optional(VARIABLE) else {
        return Ok(None);
    };
    let wrong = |fault: String| ConfigError {
        variable: VARIABLE,
        fault: format!("`{path}` {fault}"),
    };
    let pem = std::fs::read(&path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let begin = b"-----BEGIN CERTIFICATE-----";
    if pem.windows(begin.len()).any(|window| window == begin) {
        Ok(Some(pem))
    } else {
        Err(wrong("holds no certificate in PEM".to_owned()))
    }
}

pub(crate) fn required(variable: &'static str) -> Result<String, ConfigError> {
    optional(variable).ok_or(ConfigError {
        variable,
        fault: "not set; see docs/deploy.md".into(),
    })
}

/// The variable's value; an empty one is none.
#[expect(
    clippy::disallowed_methods,
    reason = "this is where configuration is read"
)]
pub(crate) fn optional(variable: &str) -> Option<String> {
    std::env::var(variable)
        .ok()
        .filter(|value| !value.is_empty())
}
