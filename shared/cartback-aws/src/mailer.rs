//! The mailer on SES: one request for each mail, paced to the account's rate, and an answer that says
//! whether the mail can be on its way.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types::{
    Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cartback::mail::Mail;
use cartback::ports::{Mailer, PushError, SendError, Source};
use cartback::push::Push;
use jiff::SignedDuration;
use tokio::time::Instant;

use crate::failure::never_connected;

/// Limits of SES that no emulator enforces. Source: API reference of SES v2, `MessageHeader` and
/// `MessageTag`; at most 15 headers of our own.
const MAX_HEADERS: usize = 15;
const MAX_HEADER_NAME: usize = 126;
const MAX_HEADER_VALUE: usize = 870;
const MAX_TAG: usize = 256;

/// Thousandths of a mail in a second that every account may send, in the sandbox too.
const SANDBOX_RATE: u128 = 1000;

/// Answers of SES that are not about this mail but about the account, its settings or our rights: the
/// next mail would get them too, and this one may leave once somebody has acted.
const TRANSIENT: [&str; 7] = [
    "AccountSuspendedException",
    "LimitExceededException",
    "MailFromDomainNotVerifiedException",
    "SendingPausedException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// Sends through SES with one configuration set, whose events carry the mail's tags.
#[derive(Debug)]
pub struct SesMailer {
    client: Client,
    configuration_set: String,
    /// Time between two mails of the account.
    spacing: Duration,
    turns: Mutex<Turns>,
}

/// When mails leave.
#[derive(Debug)]
struct Turns {
    /// Who send at the same time, each at its part of the rate.
    n_senders: u32,
    next_at: Instant,
}

impl SesMailer {
    /// A mailer that spaces its mails by `spacing`; zero does not wait. It is the only sender until
    /// [`Self::share_rate`] says otherwise. `client` must come from
    /// [`crate::clients::ses`], which never repeats a request.
    #[must_use]
    pub fn new(client: Client, configuration_set: impl Into<String>, spacing: Duration) -> Self {
        Self {
            client,
            configuration_set: configuration_set.into(),
            spacing,
            turns: Mutex::new(Turns {
                n_senders: 1,
                next_at: Instant::now(),
            }),
        }
    }

    /// A mailer at the account's rate.
    ///
    /// # Errors
    /// Whatever SES answered when asked for the rate.
    pub async fn from_account(
        client: Client,
        configuration_set: impl Into<String>,
    ) -> Result<Self, Source> {
        let account = client.get_account().send().await?;
        let rate = account.send_quota().map(|quota| quota.max_send_rate());
        let spacing = spacing(rate.unwrap_or_default());
        Ok(Self::new(client, configuration_set, spacing))
    }

    /// Keeps to its part of the rate from now on, as one of `n_senders` in processes of their own: a mail
    /// that SES refuses for the rate costs one of its tries.
    pub fn share_rate(&self, n_senders: u32) {
        self.turns().n_senders = n_senders;
    }

    /// When the next mail may leave, if that is not after `latest`; then the turn is taken.
    fn turn(&self, latest: Instant) -> Option<Instant> {
        let mut turns = self.turns();
        let turn = Instant::now().max(turns.next_at);
        if latest < turn {
            return None;
        }
        turns.next_at = turn + self.spacing * turns.n_senders;
        Some(turn)
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        // A poisoned lock still holds a good instant.
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailer for SesMailer {
    async fn permit(&self, within: SignedDuration) -> bool {
        let Ok(within) = Duration::try_from(within) else {
            return false;
        };
        let Some(turn) = self.turn(Instant::now() + within) else {
            return false;
        };
        tokio::time::sleep_until(turn).await;
        true
    }

    async fn push(&self, _: &Push) -> Result<(), PushError> {
        Err(PushError::Refused("SES takes no notifications".into()))
    }

    async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        check_limits(mail).map_err(|fault| SendError::Rejected(fault.into()))?;
        let content = content(mail).map_err(|error| SendError::Rejected(error.into()))?;
        let tags = tags(mail).map_err(|error| SendError::Rejected(error.into()))?;
        let sent = self
            .client
            .send_email()
            .from_email_address(mailbox(&mail.from))
            .destination(
                Destination::builder()
                    .to_addresses(mail.to.expose())
                    .build(),
            )
            .reply_to_addresses(mail.reply_to.expose())
            .content(content)
            .set_email_tags(Some(tags))
            .configuration_set_name(&self.configuration_set)
            .send()
            .await;
        sent.map(drop).map_err(classify)
    }
}

/// What SES answered, fit for a log: its message may name the address.
#[derive(Debug, thiserror::Error)]
#[error("SES answered {status} {code}")]
struct Answer {
    status: u16,
    code: String,
    #[source]
    error: SdkError<SendEmailError>,
}

impl Answer {
    fn new(status: u16, error: SdkError<SendEmailError>) -> Self {
        let code = error.code().unwrap_or("without a code").to_owned();
        Self {
            status,
            code,
            error,
        }
    }
}

/// Only the raw status tells: the SDK reports an unreadable reply as SES's error, whatever it was.
fn classify(error: SdkError<SendEmailError>) -> SendError {
    let status = error
        .raw_response()
        .map(|response| response.status().as_u16());
    let is_transient = error.code().is_some_and(|code| TRANSIENT.contains(&code));
    let was_built = !matches!(error, SdkError::ConstructionFailure(_));
    match status {
        // Rights, a missing configuration set, a slow request, too many requests.
        Some(status @ (401 | 403 | 404 | 408 | 429)) => {
            SendError::Refused(Answer::new(status, error).into())
        }
        Some(status @ 400..=499) if is_transient => {
            SendError::Refused(Answer::new(status, error).into())
        }
        Some(status @ 400..=499) => SendError::Rejected(Answer::new(status, error).into()),
        None if never_connected(&error) || !was_built => SendError::Refused(error.into()),
        Some(_) | None => SendError::Unknown(error.into()),
    }
}

fn check_limits(mail: &Mail) -> Result<(), String> {
    if MAX_HEADERS < mail.headers.len() {
        let n_headers = mail.headers.len();
        return Err(format!(
            "{n_headers} headers; SES takes at most {MAX_HEADERS}"
        ));
    }
    for (name, value) in &mail.headers {
        let is_name = (1..=MAX_HEADER_NAME).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_graphic() && b != b':');
        let is_value = (1..=MAX_HEADER_VALUE).contains(&value.len())
            && value.bytes().all(|b| (b' '..=b'~').contains(&b));
        if !is_name || !is_value {
            return Err(format!(
                "header `{name}` must have a name of 1 to {MAX_HEADER_NAME} and a value of 1 to \
                 {MAX_HEADER_VALUE} printable ASCII characters"
            ));
        }
    }
    for (name, value) in mail.tags() {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !(1..=MAX_TAG).contains(&value.len()) || !value.bytes().all(is_allowed) {
            return Err(format!(
                "tag `{name}` must be 1 to {MAX_TAG} of A-Z, a-z, 0-9, - and _"
            ));
        }
    }
    Ok(())
}

fn content(mail: &Mail) -> Result<EmailContent, BuildError> {
    let utf8 = |text: &str| Content::builder().data(text).charset("UTF-8").build();
    let body = Body::builder()
        .html(utf8(&mail.html)?)
        .text(utf8(&mail.text)?)
        .build();
    let mut message = Message::builder().subject(utf8(&mail.subject)?).body(body);
    for (name, value) in &mail.headers {
        message = message.headers(MessageHeader::builder().name(*name).value(value).build()?);
    }
    Ok(EmailContent::builder().simple(message.build()).build())
}

fn tags(mail: &Mail) -> Result<Vec<MessageTag>, BuildError> {
    let tag = |(name, value)| MessageTag::builder().name(name).value(value).build();
    mail.tags().into_iter().map(tag).collect()
}

/// `Name <address>` as SES wants it: a name beyond ASCII in encoded words (RFC 2047), one with
/// punctuation in quotes.
fn mailbox(from: &str) -> String {
    let Some((name, address)) = from.rsplit_once('<') else {
        return from.to_owned();
    };
    let name = name.trim().trim_matches('"');
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " !#$%&'*+-/=?^_`{|}~".contains(c);
    let name = if name.chars().all(is_plain) {
        name.to_owned()
    } else if name.chars().all(|c| (' '..='~').contains(&c)) {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        encoded_words(name)
    };
    format!("{name} <{address}")
}

/// An encoded word has at most 75 characters and ends with a whole letter: ten letters are at most 40
/// bytes, 56 in base 64.
fn encoded_words(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let words = letters.chunks(10).map(|letters| {
        let word: String = letters.iter().collect();
        format!("=?UTF-8?B?{}?=", STANDARD.encode(word))
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The time between two mails at `sends_per_second`, which SES gives as a fraction: taken for
/// thousandths, so that no arithmetic is done on it. Without a usable rate, the sandbox's.
fn spacing(sends_per_second: f64) -> Duration {
    let thousandths = Duration::try_from_secs_f64(sends_per_second)
        .map(|rate| rate.as_millis())
        .ok()
        .filter(|rate| *rate != 0)
        .unwrap_or(SANDBOX_RATE);
    let nanos = 1_000_000_000_000 / thousandths;
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_are_spaced_by_the_accounts_rate() {
        for (rate, millis) in [(1.0, 1000), (14.0, 71), (0.5, 2000), (200.0, 5)] {
            assert_eq!(spacing(rate).as_millis(), millis, "{rate}");
        }
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(spacing(rate), Duration::from_secs(1), "{rate}");
        }
    }

    #[test]
    fn a_sender_keeps_its_name_whatever_the_script() {
        for (from, expected) in [
            ("Shop <a@shop.example>", "Shop <a@shop.example>"),
            ("a@shop.example", "a@shop.example"),
            ("Ada, Inc. <a@b.example>", "\"Ada, Inc.\" <a@b.example>"),
            ("\"Ada, Inc.\" <a@b.example>", "\"Ada, Inc.\" <a@b.example>"),
            ("Café <a@b.example>", "=?UTF-8?B?Q2Fmw6k=?= <a@b.example>"),
        ] {
            assert_eq!(mailbox(from), expected);
        }
    }

    #[test]
    fn a_long_name_is_cut_into_words_of_75_characters() {
        let words = encoded_words(&"🛒".repeat(30));
        assert!(words.split(' ').all(|word| word.len() <= 75), "{words}");
    }

    #[test]
    fn mails_leave_one_spacing_apart_for_each_who_sends() {
        let sdk = crate::clients::local("http://127.0.0.1:1");
        let client = crate::clients::ses(&sdk);
        let spacing = Duration::from_secs(3600);
        let mailer = SesMailer::new(client, "set", spacing);
        let latest = Instant::now() + spacing * 24;
        let turn = || mailer.turn(latest).unwrap();
        let turns = [turn(), turn(), turn()];
        assert!(turns[0] <= Instant::now());
        assert_eq!(turns[1] - turns[0], spacing);
        assert_eq!(turns[2] - turns[1], spacing);
        mailer.share_rate(6);
        let turns = [turn(), turn()];
        assert_eq!(turns[1] - turns[0], spacing * 6);
    }

    #[tokio::test]
    async fn a_turn_that_comes_too_late_is_not_waited_for_and_not_taken() {
        let sdk = crate::clients::local("http://127.0.0.1:1");
        let hour = Duration::from_secs(3600);
        let mailer = SesMailer::new(crate::clients::ses(&sdk), "set", hour);
        assert!(mailer.permit(SignedDuration::from_mins(1)).await);
        assert!(!mailer.permit(SignedDuration::from_mins(59)).await);
        assert!(!mailer.permit(-SignedDuration::from_mins(1)).await);
        let latest = Instant::now() + hour;
        let turn = mailer.turn(latest).unwrap();
        assert!(turn <= latest, "the second turn was still free");
    }
}
