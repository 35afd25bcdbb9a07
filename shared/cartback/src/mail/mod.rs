//! What a reminder says and how it looks. Messages are typed, so that a mail can only state what
//! was built from a reading; rendering turns a message into a mail. Sending is the mailer's.

mod color;
mod envelope;
mod link;
mod message;
mod offer;
mod plain;
mod price;
mod render;
#[cfg(test)]
pub(crate) mod samples;
pub(crate) mod template;
#[cfg(test)]
mod tests;
pub(crate) mod view;

pub use envelope::Mail;
pub(crate) use link::form_target;
pub use message::{
    Brand, CartView, DeadlineStatement, Final, FollowUp, LineView, Message, Nudge, SavingsStatement,
};
pub use offer::OfferStatement;
pub(crate) use render::shown_moment;
pub use render::{RenderError, Rendered, render};
