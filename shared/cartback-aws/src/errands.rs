//! The queue of errands on SQS. It is encrypted, and the one place where a message lies that is not yet
//! known to be genuine.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use cartback::errand::Errand;
use cartback::ports::{Errands, WriteError};
use jiff::SignedDuration;
use tracing::warn;

/// The longest delay of a new message, in seconds. Source: SQS guide, "delay queues".
const LONGEST_DELAY_SECONDS: i64 = 900;

/// The longest visibility time-out, in seconds. Source: SQS guide, "visibility timeout".
const LONGEST_TIMEOUT_SECONDS: i64 = 43_200;

/// One queue.
#[derive(Debug, Clone)]
pub struct SqsErrands {
    client: Client,
    queue_url: String,
}

impl SqsErrands {
    /// The queue at `queue_url`.
    #[must_use]
    pub fn new(client: Client, queue_url: impl Into<String>) -> Self {
        Self {
            client,
            queue_url: queue_url.into(),
        }
    }
}

impl Errands for SqsErrands {
    async fn put(&self, errand: &Errand, wait: SignedDuration) -> Result<(), WriteError> {
        let sent = self
            .client
            .send_message()
            .queue_url(&self.queue_url)
            .message_body(errand.to_json())
            .delay_seconds(seconds(wait, LONGEST_DELAY_SECONDS))
            .send()
            .await;
        // Whether it is there or not: putting it again does no harm.
        sent.map(drop)
            .map_err(|error| WriteError::Unknown(error.into()))
    }

    async fn postpone(&self, receipt: &str, wait: SignedDuration) -> Result<(), WriteError> {
        let changed = self
            .client
            .change_message_visibility()
            .queue_url(&self.queue_url)
            .receipt_handle(receipt)
            .visibility_timeout(seconds(wait, LONGEST_TIMEOUT_SECONDS))
            .send()
            .await;
        changed.map(drop).map_err(|error| {
            warn!(error = %DisplayErrorContext(&error), "An errand comes again earlier than it should");
            WriteError::Unknown(error.into())
        })
    }
}

fn seconds(wait: SignedDuration, most: i64) -> i32 {
    i32::try_from(wait.as_secs().clamp(0, most)).unwrap_or(i32::MAX)
}
