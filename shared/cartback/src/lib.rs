//! The rules of abandoned-cart recovery, pure: events, carts, contacts, policies, decisions, mails
//! and links, and the use cases over two ports. No AWS, no clock, no environment, no async runtime.

pub mod consent;
pub mod email;
pub mod event;
pub mod ids;
pub mod mail;
pub mod money;
pub mod page;
pub mod stage;
pub mod storefront;
