//! Wires the stage function.

use std::time::Instant;

use cartback_aws::clients::{self, Roots};
use cartback_aws::mailer::SesMailer;
use cartback_aws::push::{Notifying, VapidKey, WebPusher};
use cartback_aws::secrets::Secrets;
use cartback_aws::store::DynamoStore;
use cartback_aws::{config, log};
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use stage::handler::{Invocation, Report, StageRunner, Tick, handle};

/// Each stage's ticks, and each part's of a stage, run in an environment of their own and share the
/// account's rate.
const N_STAGES: u32 = 3;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::start();
    let sdk = clients::load(Roots::Amazon)?;
    let store = DynamoStore::new(
        clients::dynamodb(&sdk),
        config::table()?,
        config::n_shards()?,
    );
    let set = config::configuration_set()?;
    let (secrets, mailer, ()) = tokio::join!(
        Secrets::load(&sdk),
        SesMailer::from_account(clients::ses(&sdk), set),
        store.connect(),
    );
    let secrets = secrets?;
    let mailer = Notifying {
        mailer: mailer?,
        pusher: VapidKey::of(&secrets)?.map(|key| WebPusher::new(key, None)),
    };
    let runner = StageRunner {
        store,
        mailer,
        keys: secrets.link_keys()?,
    };
    let runner = &runner;
    run(service_fn(async move |event: LambdaEvent<Tick>| {
        let began = Instant::now();
        let started_at = now();
        let deadline_ms = i64::try_from(event.context.deadline)?;
        let invocation = Invocation {
            started_at,
            nonce: nonce()?,
            elapsed: &|| SignedDuration::try_from(began.elapsed()).unwrap_or(SignedDuration::MAX),
            time_limit: SignedDuration::from_millis(deadline_ms - started_at.as_millisecond()),
            on_decision: None,
        };
        let n_senders = N_STAGES * u32::from(event.payload.part.parts());
        runner.mailer.mailer.share_rate(n_senders);
        let report = handle(runner, event.payload, &invocation).await?;
        report.metrics().iter().for_each(|line| print_line(line));
        Ok::<Report, Error>(report)
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

fn nonce() -> Result<u128, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(u128::from_ne_bytes(bytes))
}
