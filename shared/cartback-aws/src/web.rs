//! Questions to storefronts over HTTPS, and nothing else: to the host of the question alone, with the
//! public roots of the web, without redirects or proxies, within 5 seconds and a limit of size.

use std::time::Duration;

use cartback::storefront::fetch::{Question, Reply, Wait, backoff, judge};
use jiff::Timestamp;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

/// From the first byte to the last, and for finding the host as well.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The longest reply, in bytes. An order of 200 lines has a tenth of it.
const MAX_REPLY_BYTES: u64 = 1024 * 1024;

/// Asks storefronts.
#[derive(Debug, Clone)]
pub struct Web {
    agent: Agent,
    stand_in: Option<StandIn>,
}

/// An address on this machine that answers for every storefront, in tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandIn(String);

/// Speaks HTTPS with the public roots of the web, or HTTP as well to a stand-in: without redirects or
/// proxies, each answer as it is, `timeout` from the first byte to the last.
pub(crate) fn agent(is_stand_in: bool, timeout: Duration) -> Agent {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::WebPki)
        .build();
    let config = Agent::config_builder()
        .https_only(!is_stand_in)
        .tls_config(tls)
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .timeout_global(Some(timeout))
        .user_agent("cartback")
        .build();
    config.into()
}

impl StandIn {
    /// Its address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.0
    }

    /// The stand-in at `url`, `http` and a loopback address with a port; `None` for any other.
    #[must_use]
    pub fn new(url: &str) -> Option<Self> {
        let authority = url.strip_prefix("http://")?.trim_end_matches('/');
        let (host, port) = authority.rsplit_once(':')?;
        let is_here = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
        (is_here && port.parse::<u16>().is_ok()).then(|| Self(format!("http://{authority}")))
    }
}

impl Web {
    /// Asks the storefronts themselves, or `stand_in` for all of them.
    #[must_use]
    pub fn new(stand_in: Option<StandIn>) -> Self {
        Self::within(stand_in, TIMEOUT)
    }

    /// The same with another time-out, for tests in which nobody answers.
    #[must_use]
    pub fn within(stand_in: Option<StandIn>, timeout: Duration) -> Self {
        Self {
            agent: agent(stand_in.is_some(), timeout),
            stand_in,
        }
    }

    /// Asks `question` for the `attempt`-th time.
    ///
    /// # Errors
    /// [`Wait`] says when to ask again.
    pub async fn ask(
        &self,
        question: &Question,
        attempt: u32,
        now: Timestamp,
    ) -> Result<Reply, Wait> {
        let (web, question) = (self.clone(), question.clone());
        let asked = tokio::task::spawn_blocking(move || web.ask_and_wait(&question, attempt, now));
        asked
            .await
            .unwrap_or_else(|_| Err(unanswered(attempt, "the question could not be asked")))
    }

    fn ask_and_wait(
        &self,
        question: &Question,
        attempt: u32,
        now: Timestamp,
    ) -> Result<Reply, Wait> {
        let request = self.agent.get(self.url(question));
        let mut request = request.header("accept", "application/json");
        for (name, value) in question.headers() {
            request = request.header(*name, value.text());
        }
        // Its text could hold the path, and the path a token.
        let answer = request.call();
        let mut answer =
            answer.map_err(|_| unanswered(attempt, "the storefront did not answer"))?;
        let body = answer.body_mut().with_config().limit(MAX_REPLY_BYTES);
        let body = body
            .read_to_vec()
            .map_err(|_| unanswered(attempt, "the answer broke off, or was too long"))?;
        let body =
            String::from_utf8(body).map_err(|_| unanswered(attempt, "the answer is not UTF-8"))?;
        judge(
            answer.status().as_u16(),
            answer.headers(),
            body,
            attempt,
            now,
        )
    }

    fn url(&self, question: &Question) -> String {
        match &self.stand_in {
            None => format!("https://{}{}", question.host(), question.path()),
            Some(StandIn(url)) => format!("{url}{}", question.path()),
        }
    }
}

fn unanswered(attempt: u32, reason: &str) -> Wait {
    Wait {
        duration: backoff(attempt),
        reason: reason.to_owned(),
        needs_operator: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stand_in_is_on_this_machine() {
        for url in [
            "http://127.0.0.1:9100",
            "http://localhost:1/",
            "http://[::1]:80",
        ] {
            assert!(StandIn::new(url).is_some(), "{url}");
        }
        for url in [
            "https://127.0.0.1:9100",
            "http://127.0.0.1",
            "http://127.0.0.1:9100/x",
            "http://127.0.0.1:1@evil.example:80",
            "http://evil.example:80",
            "http://localhost.evil.example:80",
            "",
        ] {
            assert!(StandIn::new(url).is_none(), "{url}");
        }
    }
}
