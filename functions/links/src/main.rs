//! Wires the links function.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use cartback_aws::clients::{self, Roots};
use cartback_aws::config;
use cartback_aws::gateway::{Call, Response};
use cartback_aws::secrets::Secrets;
use cartback_aws::store::DynamoStore;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use links::handler::{Links, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let sdk = clients::load(Roots::Amazon).await;
    let links = Links {
        store: DynamoStore::new(
            clients::dynamodb(&sdk),
            config::table()?,
            config::n_shards()?,
        ),
        keys: Secrets::load(&sdk).await?.link_keys()?,
    };
    let links = &links;
    run(service_fn(
        async move |event: LambdaEvent<ApiGatewayV2httpRequest>| {
            let response = match Call::read(event.payload) {
                Ok(call) => handle(links, &call).await,
                Err(refusal) => *refusal,
            };
            Ok::<Response, Error>(response)
        },
    ))
    .await
}
