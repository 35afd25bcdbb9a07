//! Wires the publish function.

use aws_lambda_events::dynamodb::Event;
use cartback_aws::bus::EventBridgeBus;
use cartback_aws::clients::{self, Roots};
use cartback_aws::config;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use publish::handler::{BatchAnswer, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let sdk = clients::load(Roots::Amazon).await;
    let bus = EventBridgeBus::new(clients::eventbridge(&sdk), config::bus()?);
    let bus = &bus;
    run(service_fn(async move |event: LambdaEvent<Event>| {
        Ok::<BatchAnswer, Error>(handle(bus, &event.payload).await)
    }))
    .await
}
