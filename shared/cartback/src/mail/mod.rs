//! What a reminder says and how it looks. Messages are typed, so that a mail can only state what
//! was built from a reading; rendering turns a message into a mail. Sending is the mailer's.

mod color;
mod envelope;
mod link;
mod message;
mod offer;
mod plain;
mod render;
#[cfg(test)]
pub(crate) mod samples;
pub(crate) mod shown;
mod statement;
pub(crate) mod template;
#[cfg(test)]
mod tests;
pub(crate) mod view;

pub use envelope::Mail;
pub(crate) use link::form_target;
pub use message::{
    Brand, CartView, DeadlineStatement, Facts, Final, FollowUp, LineState, LineView, Message,
    Nudge, SavingsStatement, Substitute,
};
pub use offer::OfferStatement;
pub use render::{RenderError, Rendered, render};
pub use statement::{OrdersStatement, SoldOutStatement, StockStatement, ThresholdStatement};
