//! The rules of abandoned-cart recovery, pure: events, carts, contacts, policies, decisions, mails
//! and links, and the use cases over two ports. No AWS, no clock, no environment, no async runtime.

pub mod brake;
pub mod cart;
pub mod compose;
pub mod consent;
pub mod contact;
pub mod decide;
pub mod email;
pub mod entry;
pub mod event;
pub mod evidence;
pub mod fact;
pub mod ids;
pub mod link;
pub mod mail;
pub mod memory;
pub mod money;
pub mod page;
pub mod policy;
pub mod ports;
pub mod pulse;
pub mod record;
pub mod recorded;
pub mod remind;
pub mod rhythm;
pub mod sequence;
pub mod session;
pub mod shop;
pub mod stage;
pub mod stamp;
pub mod standing;
pub mod storefront;
pub mod story;
pub mod sweep;
pub mod visit;
