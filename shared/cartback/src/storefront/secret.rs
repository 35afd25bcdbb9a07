//! Secrets that storefronts sign with.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A storefront's secret as its operator copied it. Whether it can be one, only the storefront knows:
/// [`super::Storefront::check_secret`]. `Debug` is masked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

/// The text cannot be a secret of this storefront; the message says what can and does not repeat it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSecret(pub(super) &'static str);

impl Secret {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Accepts any text but an empty one.
pub(super) fn check_not_empty(text: &str) -> Result<(), InvalidSecret> {
    if text.trim().is_empty() {
        return Err(InvalidSecret("an empty secret would let anybody sign"));
    }
    Ok(())
}
