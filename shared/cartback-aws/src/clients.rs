//! The SDK's clients: one HTTP stack (rustls with ring), region and credentials from the environment,
//! and for each service the retries that it can bear. Endpoints follow `AWS_ENDPOINT_URL` and
//! `AWS_ENDPOINT_URL_<SERVICE>`, as in every SDK.

use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider, SharedHttpClient,
    StalledStreamProtectionConfig,
};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_types::SdkConfig;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use crate::config::{self, ConfigError};

/// How long a mail may take. The reservation is fresh for 20 s, so a slow answer is no answer.
const SES_TIMEOUT: Duration = Duration::from_secs(8);

/// The roots of every AWS endpoint: Amazon Root CA 1 to 4 (until 2038 or 2040) and Starfield
/// Services G2 (until 2037). Source: <https://www.amazontrust.com/repository/>.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// Whose signature an endpoint's certificate needs, unless `AWS_CA_BUNDLE` names a file of other roots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Roots {
    /// Amazon's. For functions: reading the machine's store costs 4 ms at each cold start.
    Amazon,
    /// Whatever this machine trusts. For an operator behind a company's proxy.
    Machine,
}

/// Reads region, credentials, endpoints and roots from the environment, once for each process. Lambda's
/// credentials live as long as the process; `aws-config` would bring all other ways to get some.
///
/// # Errors
/// [`ConfigError`] if region or credentials are missing, or `AWS_CA_BUNDLE` is set and names no file of
/// certificates.
pub fn load(roots: Roots) -> Result<SdkConfig, ConfigError> {
    let trust_store = match (config::ca_bundle()?, roots) {
        (Some(bundle), _) => TrustStore::empty().with_pem_certificate(bundle),
        (None, Roots::Amazon) => amazon(),
        (None, Roots::Machine) => TrustStore::default(),
    };
    let credentials = Credentials::new(
        config::required("AWS_ACCESS_KEY_ID")?,
        config::required("AWS_SECRET_ACCESS_KEY")?,
        config::optional("AWS_SESSION_TOKEN"),
        None,
        "environment",
    );
    let mut sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http_client(trust_store))
        .region(Region::new(config::required("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        // Each of our clients has a time-out for the whole answer; watching its bytes as well only costs.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .service_config(Endpoints);
    sdk.set_endpoint_url(config::optional("AWS_ENDPOINT_URL"));
    Ok(sdk.build())
}

/// `AWS_ENDPOINT_URL_<SERVICE>`, which the SDK leaves to its user to read.
#[derive(Debug)]
struct Endpoints;

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace(' ', "_");
        config::optional(&format!("{}_{service}", key.env()))
    }
}

/// Settings for a stand-in at `endpoint_url` on this machine, such as `http://127.0.0.1:8200`: it
/// takes any credentials and any region.
#[must_use]
pub fn local(endpoint_url: &str) -> SdkConfig {
    let credentials = Credentials::new("local", "local", None, None, "local");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http_client(amazon()))
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint_url)
        .build()
}

/// DynamoDB with the SDK's retries: every write of ours is conditional or may be repeated.
#[must_use]
pub fn dynamodb(sdk: &SdkConfig) -> aws_sdk_dynamodb::Client {
    let config = aws_sdk_dynamodb::config::Builder::from(sdk)
        .retry_config(RetryConfig::standard())
        .timeout_config(patient())
        .build();
    aws_sdk_dynamodb::Client::from_conf(config)
}

/// DynamoDB at `endpoint_url` on this machine.
#[must_use]
pub fn local_dynamodb(endpoint_url: &str) -> aws_sdk_dynamodb::Client {
    dynamodb(&local(endpoint_url))
}

/// The parameter store with the SDK's retries: it is only read.
#[must_use]
pub fn ssm(sdk: &SdkConfig) -> aws_sdk_ssm::Client {
    let config = aws_sdk_ssm::config::Builder::from(sdk)
        .retry_config(RetryConfig::standard())
        .timeout_config(patient())
        .build();
    aws_sdk_ssm::Client::from_conf(config)
}

/// EventBridge with the SDK's retries: facts carry an id, so that consumers know a repeated one.
#[must_use]
pub fn eventbridge(sdk: &SdkConfig) -> aws_sdk_eventbridge::Client {
    let config = aws_sdk_eventbridge::config::Builder::from(sdk)
        .retry_config(RetryConfig::standard())
        .timeout_config(patient())
        .build();
    aws_sdk_eventbridge::Client::from_conf(config)
}

/// SQS with the SDK's retries: an errand that is queued twice does no harm.
#[must_use]
pub fn sqs(sdk: &SdkConfig) -> aws_sdk_sqs::Client {
    let config = aws_sdk_sqs::config::Builder::from(sdk)
        .retry_config(RetryConfig::standard())
        .timeout_config(patient())
        .build();
    aws_sdk_sqs::Client::from_conf(config)
}

/// SES without retries, answering within 8 s. SES knows no idempotency token: with the
/// SDK's default settings one lost reply puts three mails on the wire.
#[must_use]
pub fn ses(sdk: &SdkConfig) -> aws_sdk_sesv2::Client {
    ses_within(sdk, SES_TIMEOUT)
}

/// The same with another `timeout`, for tests in which nobody answers.
#[must_use]
pub fn ses_within(sdk: &SdkConfig, timeout: Duration) -> aws_sdk_sesv2::Client {
    let timeouts = TimeoutConfig::builder().operation_timeout(timeout).build();
    let config = aws_sdk_sesv2::config::Builder::from(sdk)
        .retry_config(RetryConfig::standard().with_max_attempts(1))
        .timeout_config(timeouts)
        .build();
    aws_sdk_sesv2::Client::from_conf(config)
}

/// An answer takes milliseconds; after 3 s a new connection is the better bet, and after 10 s the
/// caller's own caller has given up.
fn patient() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(10))
        .build()
}

fn amazon() -> TrustStore {
    TrustStore::empty().with_pem_certificate(AMAZON_ROOTS)
}

fn http_client(trust_store: TrustStore) -> SharedHttpClient {
    let tls = TlsContext::builder().with_trust_store(trust_store).build();
    Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls.unwrap_or_default())
        .build_https()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_five_roots_of_amazon_are_there() {
        let pem = std::str::from_utf8(AMAZON_ROOTS).unwrap();
        assert_eq!(pem.matches("BEGIN CERTIFICATE").count(), 5);
    }

    #[test]
    fn a_mail_has_eight_seconds_and_one_request() {
        let client = ses(&local("http://127.0.0.1:1"));
        let timeouts = client.config().timeout_config().unwrap();
        assert_eq!(timeouts.operation_timeout(), Some(Duration::from_secs(8)));
        let retries = client.config().retry_config().unwrap();
        assert_eq!(retries.max_attempts(), 1);
    }

    #[tokio::test]
    async fn the_roots_are_readable_certificates() {
        // The stack reads them when it first connects, and panics on one that it cannot read.
        let sdk = local("https://127.0.0.1:1");
        let refused = dynamodb(&sdk).list_tables().send().await;
        assert!(refused.is_err());
    }
}
