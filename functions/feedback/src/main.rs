//! Wires the feedback function.

// The SDK's futures nest deeply within ours.
#![recursion_limit = "256"]

use aws_lambda_events::sqs::SqsBatchResponse;
use cartback_aws::clients::{self, Roots};
use cartback_aws::store::DynamoStore;
use cartback_aws::{config, log};
use feedback::handler::{Trigger, handle};
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::start();
    let sdk = clients::load(Roots::Amazon)?;
    let store = DynamoStore::new(
        clients::dynamodb(&sdk),
        config::table()?,
        config::n_shards()?,
    );
    store.connect().await;
    let store = &store;
    run(service_fn(async move |event: LambdaEvent<Trigger>| {
        let report = handle(store, &event.payload, now()).await?;
        report.metrics().iter().for_each(|line| print_line(line));
        Ok::<SqsBatchResponse, Error>(report.response)
    }))
    .await
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where this function reads the clock"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

#[expect(clippy::print_stdout, reason = "CloudWatch reads metrics there")]
fn print_line(line: &str) {
    println!("{line}");
}
