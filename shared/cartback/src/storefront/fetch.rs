//! Asking a storefront back: for what its message leaves out, or whether the message is its own. The
//! adapter says what to ask and reads the answers; somebody else asks. No IO here.
//!
//! A question cannot lead astray: its host is named by the adapter, its path is made of checked parts.

use std::collections::BTreeMap;
use std::fmt;

use http::HeaderMap;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::secret::{InvalidSecret, Secret};
use super::{Malformed, Message, Reception};
use crate::event::CartEvent;
use crate::product::ProductReading;

/// Questions about one message, at most: a longer talk is a fault of ours.
pub const MAX_QUESTIONS: usize = 8;

/// The longest wait between two tries. Source: SQS guide, "visibility timeout".
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(12);

/// How long to wait when only the operator can mend it, such as a wrong password.
const OPERATOR_WAIT: SignedDuration = SignedDuration::from_mins(15);

/// A storefront whose messages do not suffice. Pure.
pub trait Fetch: Sync {
    /// The headers of a message that [`Fetch::next`] reads, in lower case; no other is kept meanwhile.
    fn headers(&self) -> &'static [&'static str];

    /// Whether `access` opens its API, as far as can be told without trying.
    ///
    /// # Errors
    /// [`InvalidSecret`] says what is missing or wrong.
    fn check_access(&self, access: &Access) -> Result<(), InvalidSecret>;

    /// What comes next for `message`, after `replies` to the questions so far, in order.
    ///
    /// # Errors
    /// [`Malformed`] names the fault of the message or of a reply; asking again later may mend it.
    fn next(
        &self,
        access: &Access,
        message: Message<'_>,
        reception: Reception,
        replies: &[Reply],
    ) -> Result<Next, Malformed>;
}

/// What opens a storefront's API: names and values as the storefront gives them. Masked when printed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Access(BTreeMap<String, Secret>);

/// The next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Ask this first.
    Ask(Question),
    /// All is known: events to record, never empty.
    Record(Vec<CartEvent>),
    /// All is known: readings of what the shop sells, never empty.
    Products(Vec<ProductReading>),
    /// Genuine and of no use, for this reason.
    Ignore(String),
    /// Surely not the storefront's message.
    Forged,
    /// The storefront does not know the message, or knows it no more: forged, or asked about before.
    Unknown,
}

impl Next {
    /// The `events`; without any, what there is to say of the message.
    pub(super) fn told(events: Vec<CartEvent>, nothing: &str) -> Self {
        if events.is_empty() {
            Self::Ignore(nothing.to_owned())
        } else {
            Self::Record(events)
        }
    }
}

/// A GET over HTTPS.
#[derive(Clone, PartialEq, Eq)]
pub struct Question {
    host: String,
    path: String,
    headers: Vec<(&'static str, Secret)>,
    is_once: bool,
}

/// What came back, as far as an adapter reads it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// HTTP status: 2xx, or a 4xx that answers the question.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// Why there is no reply yet, and when to ask again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// From now, up to [`LONGEST_WAIT`].
    pub duration: SignedDuration,
    /// For people; repeats nothing of what came back.
    pub reason: String,
    /// Time alone will not mend it.
    pub needs_operator: bool,
}

impl Access {
    /// The value of `name`.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(Secret::text)
    }

    /// The value of `name` as a secret.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<&Secret> {
        self.0.get(name)
    }

    /// Accepts exactly `names`, each with a value.
    pub(super) fn check_names(
        &self,
        names: &[&str],
        fault: &'static str,
    ) -> Result<(), InvalidSecret> {
        let is_known = self.0.keys().all(|name| names.contains(&name.as_str()));
        let is_there = |name: &&str| self.of(name).is_some_and(|text| !text.trim().is_empty());
        if is_known && names.iter().all(is_there) {
            return Ok(());
        }
        Err(InvalidSecret(fault))
    }
}

impl Question {
    /// A question to `host` about the resource at `parts`, the path between slashes; `None` if the host
    /// is no public name, or a part could be more than a part.
    #[must_use]
    pub fn get(host: &str, parts: &[&str]) -> Option<Self> {
        let is_good = is_public_name(host) && !parts.is_empty() && parts.iter().all(is_part);
        is_good.then(|| Self {
            host: host.to_owned(),
            path: format!("/{}", parts.join("/")),
            headers: Vec::new(),
            is_once: false,
        })
    }

    /// The same with a query.
    #[must_use]
    pub fn query(mut self, query: &'static str) -> Self {
        self.path = format!("{}?{query}", self.path);
        self
    }

    /// The same with a query of one name and its value; `None` if the value could be more than one.
    #[must_use]
    pub fn query_of(mut self, name: &'static str, value: &str) -> Option<Self> {
        self.path = format!("{}?{name}={value}", self.path);
        is_part(&value).then_some(self)
    }

    /// The same with a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: Secret) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same, to be asked once only: a second time the answer would be another.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.is_once = true;
        self
    }

    /// The host, a public name.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Path and query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The headers, all of them secret.
    #[must_use]
    pub fn headers(&self) -> &[(&'static str, Secret)] {
        &self.headers
    }

    /// Whether it may be asked only once.
    #[must_use]
    pub fn is_once(&self) -> bool {
        self.is_once
    }

    /// Whether anybody gets the same answer at any time, such as a public key.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.headers.is_empty() && !self.is_once
    }
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A path may hold a token, a header a password.
        write!(f, "Question({})", self.host)
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({}, {} bytes)", self.status, self.body.len())
    }
}

/// What `status` with `headers` and `body`, which came at `now` to try number `attempt`, is: a reply, or
/// a reason to wait.
///
/// # Errors
/// [`Wait`] as long as the storefront asks for, or longer from try to try.
pub fn judge(
    status: u16,
    headers: &HeaderMap,
    body: String,
    attempt: u32,
    now: Timestamp,
) -> Result<Reply, Wait> {
    let wait = |duration, needs_operator| {
        Err(Wait {
            duration,
            reason: format!("the storefront answered {status}"),
            needs_operator,
        })
    };
    match status {
        401 | 403 => wait(OPERATOR_WAIT, true),
        // Never followed: a host that we did not choose could stand there.
        300..=399 => wait(OPERATOR_WAIT, true),
        200..=299 | 400 | 404..=428 | 430..=499 => Ok(Reply { status, body }),
        _ => {
            let asked = asked_wait(headers, now).unwrap_or_default();
            wait(asked.max(backoff(attempt)).min(LONGEST_WAIT), false)
        }
    }
}

/// 15 seconds after the first try, then twice as long each time, up to a quarter of an hour.
#[must_use]
pub fn backoff(attempt: u32) -> SignedDuration {
    let doublings = attempt.saturating_sub(1).min(6);
    SignedDuration::from_secs(15 << doublings).min(OPERATOR_WAIT)
}

/// What the storefront asks for: seconds or a date in `Retry-After`, or BigCommerce's milliseconds.
fn asked_wait(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let millis = || {
        let text = text("x-rate-limit-time-reset-ms")?;
        Some(SignedDuration::from_millis(text.parse().ok()?))
    };
    text("retry-after")
        .and_then(|text| wait_in(text, now))
        .or_else(millis)
}

fn wait_in(text: &str, now: Timestamp) -> Option<SignedDuration> {
    if let Ok(seconds) = text.parse() {
        return Some(SignedDuration::from_secs(seconds));
    }
    let at = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(at.duration_since(now))
}

/// A host name in lower case with a dot in it, no address and no name of this machine or its network.
fn is_public_name(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let Some((_, last)) = host.rsplit_once('.') else {
        return false;
    };
    let is_private = matches!(
        last,
        "local" | "internal" | "localhost" | "localdomain" | "arpa"
    );
    host.len() <= 253
        && host.split('.').all(is_label)
        && last.bytes().any(|byte| byte.is_ascii_lowercase())
        && !is_private
}

/// Letters, digits, `-`, `_` and single dots inside: nothing that leads out of its place in a path.
fn is_part(part: &&str) -> bool {
    (1..=128).contains(&part.len())
        && !part.starts_with('.')
        && !part.contains("..")
        && part
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(status: u16, header: Option<(&'static str, &str)>, attempt: u32) -> Option<i64> {
        let mut headers = HeaderMap::new();
        if let Some((name, value)) = header {
            headers.insert(name, value.parse().unwrap());
        }
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let judged = judge(status, &headers, String::new(), attempt, now);
        judged.err().map(|wait| wait.duration.as_secs())
    }

    #[test]
    fn a_storefront_is_left_alone_as_long_as_it_asks() {
        for (status, header, attempt, expected) in [
            (200, None, 1, None),
            (404, None, 1, None),
            (422, Some(("retry-after", "9")), 1, None),
            (429, None, 1, Some(15)),
            (429, None, 2, Some(30)),
            (500, None, 4, Some(120)),
            (500, None, 99, Some(900)),
            (429, Some(("retry-after", "40")), 1, Some(40)),
            (429, Some(("retry-after", "1")), 3, Some(60)),
            (429, Some(("retry-after", "-5")), 1, Some(15)),
            (429, Some(("retry-after", "999999")), 1, Some(43_200)),
            (
                429,
                Some(("retry-after", "9223372036854775807")),
                1,
                Some(43_200),
            ),
            (429, Some(("retry-after", "soon")), 1, Some(15)),
            (
                503,
                Some(("retry-after", "Sun, 22 Nov 2026 12:05:00 GMT")),
                1,
                Some(300),
            ),
            (
                429,
                Some(("x-rate-limit-time-reset-ms", "29500")),
                1,
                Some(29),
            ),
            (401, None, 1, Some(900)),
            (302, None, 1, Some(900)),
        ] {
            assert_eq!(
                waits(status, header, attempt),
                expected,
                "{status} {header:?} {attempt}"
            );
        }
    }

    #[test]
    fn a_question_goes_to_a_public_name_and_to_no_other_path() {
        let ask = |host: &str, part: &str| Question::get(host, &["v3", part]).is_some();
        assert!(ask("api.bigcommerce.com", "3cae6525-d0e8_4252.pem"));
        for host in [
            "",
            "localhost",
            "127.0.0.1",
            "169.254.169.254",
            "[::1]",
            "metadata.google.internal",
            "printer.local",
            "a.b:8080",
            "user@a.com",
            "a..com",
            "-a.com",
            "A.com",
            "a.com/x",
            "a.com.",
        ] {
            assert!(!ask(host, "1"), "{host}");
        }
        for part in [
            "", "..", ".", "a/b", "a?b", "a#b", "%2e%2e", "a b", "a\r\n", "é", "a..b",
        ] {
            assert!(!ask("a.com", part), "{part}");
        }
        assert!(Question::get("a.com", &[]).is_none());
    }

    #[test]
    fn nothing_secret_is_printed() {
        let question = Question::get("a.com", &["token-1"]).unwrap();
        let question = question.header("authorization", Secret("hush".to_owned()));
        assert_eq!(format!("{question:?}"), "Question(a.com)");
        let access: Access = serde_json::from_str(r#"{"token": "hush"}"#).unwrap();
        assert!(!format!("{access:?}").contains("hush"));
    }
}
