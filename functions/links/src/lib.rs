//! The pages behind the links in mails: restore a cart, unsubscribe. Looking changes nothing.

pub mod handler;
