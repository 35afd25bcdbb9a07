//! Turns a message into a mail: subject, HTML and text. Addresses and headers are the mailer's.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::value::Serde;
use minijinja::{Value, context};

use super::link::web_url;
use super::message::{Brand, DeadlineStatement, Message};
use super::offer::OfferStatement;
use super::plain::{greeting_name, one_line};
use super::template::fill;
use super::view::{BrandShown, CartShown};

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
}

/// Renders `message` in the look of `brand`. Reads no clock; the same message gives the same mail.
///
/// A picture with a bad URL becomes a placeholder, a logo the name. A deadline in an unknown time zone
/// is shown in UTC, which is as true.
///
/// # Errors
/// [`RenderError`] when a link is unfit, an amount too large, or a template is at fault.
pub fn render(message: &Message, brand: &Brand) -> Result<Rendered, RenderError> {
    let stage = message.stage();
    let context = context(message, brand)?;
    Ok(Rendered {
        subject: one_line(&fill(&format!("{stage}/subject.txt"), &context)?, 150),
        html: fill(&format!("{stage}/body.html"), &context)?,
        text: fill(&format!("{stage}/body.txt"), &context)?,
    })
}

/// What the templates of the message's stage may show.
fn context(message: &Message, brand: &Brand) -> Result<Value, RenderError> {
    // Each stage gets what its message has, so that a template cannot say more.
    let statements = match message {
        Message::Nudge(_) => context! {},
        Message::FollowUp(follow_up) => {
            let points = follow_up
                .selling_points
                .iter()
                .map(|point| one_line(point, 200));
            let points: Vec<_> = points.collect();
            context! { selling_points => points, offer => shown_offer(&follow_up.offer, brand) }
        }
        Message::Final(last) => {
            let shown = |deadline: DeadlineStatement| shown_moment(deadline.at(), &brand.time_zone);
            let deadline = last.deadline.map(shown);
            context! { deadline, offer => shown_offer(&last.offer, brand) }
        }
    };
    let cart = message.cart();
    let link = |url, name| web_url(url).ok_or(RenderError::BadLink(name));
    Ok(context! {
        brand => Serde(BrandShown::new(brand)?),
        cart => Serde(CartShown::new(&cart.lines, cart.total, cart.savings)?),
        first_name => cart.first_name.as_deref().and_then(greeting_name),
        restore_url => link(&cart.restore_url, "restore link")?,
        unsubscribe_url => link(&cart.unsubscribe_url, "unsubscribe link")?,
        preferences_url => link(&cart.preferences_url, "preferences link")?,
        statements,
    })
}

fn shown_offer(offer: &Option<OfferStatement>, brand: &Brand) -> Value {
    let offer = offer.as_ref().map(|offer| offer.shown(&brand.time_zone));
    Value::from(Serde(offer))
}

/// "Sunday, October 12, 2025 at 6:00 PM CEST": never later than `at`.
pub(crate) fn shown_moment(at: Timestamp, time_zone: &str) -> String {
    let time_zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    at.to_zoned(time_zone)
        .strftime("%A, %B %-d, %Y at %-I:%M %p %Z")
        .to_string()
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
