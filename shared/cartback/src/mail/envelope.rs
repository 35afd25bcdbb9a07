//! A mail ready to be handed to the provider.

use std::fmt;

use crate::email::EmailAddress;
use crate::ids::{Attempt, CartKey, ContactKey};
use crate::stage::Stage;

/// A rendered reminder with its headers and tags. Shows only opaque keys when printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Whose cart.
    pub cart: CartKey,
    /// Who gets it.
    pub contact: ContactKey,
    /// Which reminder.
    pub stage: Stage,
    /// Which attempt; SES returns it in every event of the mail.
    pub attempt: Attempt,
    /// Sender, `Name <address>`.
    pub from: String,
    /// Where it goes.
    pub to: EmailAddress,
    /// Where answers go.
    pub reply_to: EmailAddress,
    /// One line.
    pub subject: String,
    /// The HTML part.
    pub html: String,
    /// The text part, with the same links.
    pub text: String,
    /// Further headers: name and value, without line breaks.
    pub headers: Vec<(&'static str, String)>,
}

impl Mail {
    /// Tags by which SES's events find their way back: names and values of `A-Za-z0-9_-` only.
    #[must_use]
    pub fn tags(&self) -> [(&'static str, String); 4] {
        [
            ("attempt", self.attempt.to_string()),
            ("stage", self.stage.to_string()),
            ("cart", self.cart.to_string()),
            ("contact", self.contact.to_string()),
        ]
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("cart", &self.cart)
            .field("stage", &self.stage)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}
