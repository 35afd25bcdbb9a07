//! Consent to reminders: three-valued, dated and sourced. Unknown is not refused, and never granted.

use serde::{Deserialize, Serialize};

/// What a person said about reminders, and on what ground we may rely.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The answer.
    pub state: ConsentState,
    /// How it was given.
    pub basis: ConsentBasis,
    /// Where it was given, such as "checkout box"; at most 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Which version of the text the person saw; at most 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_version: Option<String>,
}

/// The answer. A storefront that says nothing leaves `Unknown`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ConsentState {
    /// Agreed.
    Granted,
    /// Declined or withdrawn.
    Refused,
    /// Never asked, or not told.
    Unknown,
}

/// The ground for mailing someone. Source: `PECR` reg. 22, ePrivacy art. 13.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ConsentBasis {
    /// An unticked box that the person ticked, or the like.
    Express,
    /// Express, and confirmed by a mail.
    DoubleOptIn,
    /// Address given during a sale or its negotiation, with an opt-out offered right there.
    SoftOptIn,
    /// No ground is claimed.
    None,
}
