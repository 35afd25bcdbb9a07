//! What a failed call proves about the request: whether the service can have acted on it.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::config::interceptors::FinalizerInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;

/// Whether no connection was made (refused, no such host, TLS failed): nothing left the machine.
pub(crate) fn never_connected(error: &(dyn Error + 'static)) -> bool {
    let mut sources = std::iter::successors(Some(error), |&error| error.source());
    sources.any(|error| {
        error
            .downcast_ref::<hyper_util::client::legacy::Error>()
            .is_some_and(hyper_util::client::legacy::Error::is_connect)
    })
}

/// Watches the SDK's own retries of one call: set once any of them may have reached the service
/// without a clear answer. The last answer alone does not tell: "throttled" may follow a lost reply.
#[derive(Debug, Clone, Default)]
pub(crate) struct Doubt(Arc<AtomicBool>);

impl Doubt {
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Intercept for Doubt {
    fn name(&self) -> &'static str {
        "Doubt"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(Err(error)) = context.output_or_error() else {
            return Ok(());
        };
        let is_definite = match context.response() {
            Some(response) => response.status().is_client_error(),
            None => error
                .as_connector_error()
                .is_some_and(|error| never_connected(error)),
        };
        if !is_definite {
            self.0.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}
