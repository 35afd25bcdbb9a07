//! Takes SES's events: evidence of sends, and bounces and complaints that stop mail at once.

pub mod handler;
