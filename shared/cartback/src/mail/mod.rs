//! What a reminder says and how it looks. Messages are typed, so that a mail can only state what
//! was built from a reading; rendering turns a message into a mail. Sending is the mailer's.

mod envelope;
mod message;

pub use envelope::Mail;
pub use message::{
    Brand, CartView, DeadlineStatement, Final, FollowUp, LineView, Message, Nudge, SavingsStatement,
};
