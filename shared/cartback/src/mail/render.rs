//! Turns a message into a mail: subject, HTML and text. Addresses and headers are the mailer's.

use std::fmt;

use super::message::{Brand, Message};
use super::plain::one_line;
use super::shown::{Look, context};
use super::template::fill;
use crate::language::NoWords;

/// A mail without addresses.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line of at most 150 characters, without control characters; not yet encoded for a header.
    pub subject: String,
    /// The HTML part, UTF-8, below 100 KB for any cart.
    pub html: String,
    /// The plain-text part, UTF-8, with the same links.
    pub text: String,
}

/// Why a message did not become a mail. Trying again changes nothing.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A link that the mail or page cannot do without is not `https` (or `http` on this machine), or
    /// too long. Names the link, not the URL: a restore link is a secret.
    #[error("the {0} is not a URL that a shopper may be sent to")]
    BadLink(&'static str),
    /// Price times quantity exceeds 64 bits of minor units.
    #[error("an amount is too large to print")]
    AmountTooLarge,
    /// The template and this code disagree.
    #[error("a template could not be filled")]
    Template(#[from] minijinja::Error),
    /// The messages and this code disagree.
    #[error(transparent)]
    Words(#[from] NoWords),
}

/// Renders `message` in the look and the language of `brand`. Reads no clock; the same message gives the
/// same mail.
///
/// A picture with a bad URL becomes a placeholder, a logo the name. A moment in an unknown time zone
/// is shown in UTC, which is as true.
///
/// # Errors
/// [`RenderError`] when a link is unfit, an amount too large, or a template is at fault.
pub fn render(message: &Message, brand: &Brand) -> Result<Rendered, RenderError> {
    let stage = message.stage();
    let context = context(message, &Look::new(brand))?;
    let fill = |part: &str| fill(&format!("{stage}/{part}"), &context, &brand.wording);
    Ok(Rendered {
        subject: one_line(&fill("subject.txt")?, 150),
        html: fill("body.html")?,
        text: fill("body.txt")?,
    })
}

impl fmt::Debug for Rendered {
    /// Sizes: a mail greets a person and carries their links.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Rendered({} bytes of HTML, {} of text)",
            self.html.len(),
            self.text.len()
        )
    }
}
