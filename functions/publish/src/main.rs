//! Wires the publish function.

use aws_lambda_events::dynamodb::Event;
use cartback_aws::bus::EventBridgeBus;
use cartback_aws::clients::{self, Roots};
use cartback_aws::{config, log};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use publish::handler::{BatchAnswer, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::start();
    let sdk = clients::load(Roots::Amazon)?;
    let bus = EventBridgeBus::new(clients::eventbridge(&sdk), config::bus()?);
    bus.connect().await;
    let bus = &bus;
    run(service_fn(async move |event: LambdaEvent<Event>| {
        Ok::<BatchAnswer, Error>(handle(bus, &event.payload).await)
    }))
    .await
}
