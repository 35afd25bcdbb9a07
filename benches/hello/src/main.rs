//! Answers every event with the same words: what the runtime alone costs.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(async |_: LambdaEvent<Value>| {
        Ok::<Value, Error>(json!({ "statusCode": 200, "body": "hello" }))
    }))
    .await
}
