//! Wires the ingest function.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use cartback_aws::clients::{self, Roots};
use cartback_aws::errands::SqsErrands;
use cartback_aws::gateway::{Call, Response};
use cartback_aws::secrets::Secrets;
use cartback_aws::store::DynamoStore;
use cartback_aws::{config, log};
use ingest::doubts::Doubts;
use ingest::handler::{Ingest, handle};
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
    let (secrets, ()) = tokio::join!(Secrets::load(&sdk), store.connect());
    let secrets = secrets?;
    let ingest = Ingest {
        store,
        errands: SqsErrands::new(clients::sqs(&sdk), config::errands()?),
        pepper: secrets.pepper()?,
        secrets: secrets.shops,
        doubts: Doubts::default(),
    };
    let ingest = &ingest;
    run(service_fn(
        async move |event: LambdaEvent<ApiGatewayV2httpRequest>| {
            let response = match Call::read(event.payload) {
                Ok(call) => handle(ingest, &call, &[call.received_at]).await,
                Err(refusal) => *refusal,
            };
            Ok::<Response, Error>(response)
        },
    ))
    .await
}
