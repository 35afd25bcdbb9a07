//! Log lines of the functions: to standard output, in the format and from the level on that Lambda's logging
//! controls say.

use tracing::level_filters::LevelFilter;

use crate::config::optional;

/// Starts to log, once for each process. `lambda_runtime` has the same with filters by module, whose
/// regular expressions are a tenth of a function's size.
pub fn start() {
    let level = optional("AWS_LAMBDA_LOG_LEVEL").and_then(|level| level.parse().ok());
    let lines = tracing_subscriber::fmt()
        .with_target(false)
        .without_time()
        .with_max_level(level.unwrap_or(LevelFilter::INFO));
    match optional("AWS_LAMBDA_LOG_FORMAT").as_deref() {
        Some("JSON") => lines.json().init(),
        _ => lines.init(),
    }
}
