//! Cartback's ports on AWS: the table on DynamoDB, the mailer on SES and push services, the bus on EventBridge, the
//! queue of errands on SQS. The only library that names an AWS SDK. It decides nothing: what an answer means is said once, here,
//! in the words of `cartback::ports`.

pub mod bus;
pub mod clients;
pub mod config;
pub mod errands;
mod failure;
pub mod gateway;
pub mod log;
pub mod mailer;
pub mod metrics;
#[cfg(feature = "push")]
pub mod push;
pub mod secrets;
pub mod store;
pub mod web;
