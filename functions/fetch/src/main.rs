//! Wires the fetch function.

// The SDK's futures nest deeply within ours.
#![recursion_limit = "256"]

use std::sync::Mutex;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use cartback_aws::clients::{self, Roots};
use cartback_aws::errands::SqsErrands;
use cartback_aws::secrets::Secrets;
use cartback_aws::store::DynamoStore;
use cartback_aws::web::Web;
use cartback_aws::{config, log};
use fetch::handler::{Fetcher, handle};
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
    let (secrets, ()) = tokio::join!(Secrets::load(&sdk), store.connect());
    let secrets = secrets?;
    let fetcher = Fetcher {
        store,
        errands: SqsErrands::new(clients::sqs(&sdk), config::errands()?),
        pepper: secrets.pepper()?,
        secrets: secrets.shops,
        web: Web::new(config::stand_in()?),
        public: Mutex::default(),
    };
    let fetcher = &fetcher;
    run(service_fn(async move |event: LambdaEvent<SqsEvent>| {
        Ok::<SqsBatchResponse, Error>(handle(fetcher, &event.payload, now()).await)
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
