//! Wires the links function.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use cartback_aws::clients::{self, Roots};
use cartback_aws::gateway::{Call, Response};
use cartback_aws::secrets::Secrets;
use cartback_aws::store::DynamoStore;
use cartback_aws::{config, log};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use links::handler::{Links, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::start();
    let sdk = clients::load(Roots::Amazon)?;
    let store = DynamoStore::new(
        clients::dynamodb(&sdk),
        config::table()?,
        config::n_shards()?,
    );
    let (secrets, ()) = tokio::join!(Secrets::load(&sdk), store.connect());
    let links = Links {
        store,
        keys: secrets?.link_keys()?,
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
