//! What SpamAssassin makes of a mail, by the rules that need no network, as `make mails` asks it. Only if it
//! is installed here: Cartback does not need it.

use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};

use cartback::mail::Mail;
use cartback::shop::Shop;
use mail_builder::MessageBuilder;
use mail_builder::headers::raw::Raw;

use crate::Failure;

/// As SES hands a mail over; without it the mail would seem to come from nowhere.
const RECEIVED: &str = "from a1-2.smtp-out.eu-west-1.amazonses.com \
    (a1-2.smtp-out.eu-west-1.amazonses.com [54.240.1.2]) by mx.example.com with ESMTPS id 1";

const ARGS: [&str; 8] = [
    "--local",
    "--test-mode",
    "--cf",
    "use_bayes 0",
    "--cf",
    "report_safe 0",
    // Seconds after which it gives up on a mail.
    "--cf",
    "time_limit 60",
];

/// What was found, in one line: points, and the rules that gave or took some. Takes seconds, most of them to
/// read the rules.
///
/// # Errors
/// Why there is no score; how to get one, if SpamAssassin is not installed.
pub(crate) fn judge(mail: &Mail, shop: &Shop) -> Result<String, Failure> {
    let letter = letter(mail, shop)?;
    let mut command = Command::new("spamassassin");
    let command = command.args(ARGS).stdin(Stdio::piped());
    let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = command.spawn().map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            "SpamAssassin is not installed here (Debian: apt-get install spamassassin)".to_owned()
        }
        _ => format!("SpamAssassin does not start: {error}"),
    })?;
    if let Some(mut input) = running.stdin.take() {
        input.write_all(&letter)?;
    }
    let judged = running.wait_with_output()?.stdout;
    let found = found(&String::from_utf8_lossy(&judged));
    found.ok_or_else(|| "SpamAssassin gave no score; try `spamassassin --lint`".into())
}

/// The mail as it travels.
fn letter(mail: &Mail, shop: &Shop) -> Result<Vec<u8>, Failure> {
    let mut letter = MessageBuilder::new()
        .header("Received", Raw::new(RECEIVED))
        .from((shop.name.as_str(), shop.from.expose()))
        .to(mail.to.expose())
        .reply_to(mail.reply_to.expose())
        .subject(mail.subject.as_str())
        .message_id("attempt@eu-west-1.amazonses.com")
        .text_body(mail.text.as_str())
        .html_body(mail.html.as_str());
    for (name, value) in &mail.headers {
        letter = letter.header(*name, Raw::new(value.as_str()));
    }
    Ok(letter.write_to_vec()?)
}

/// The score in the head of what SpamAssassin hands back.
fn found(judged: &str) -> Option<String> {
    let (_, status) = judged.split_once("X-Spam-Status:")?;
    let (_, score) = status.split_once("score=")?;
    let points: f32 = score.split_whitespace().next()?.parse().ok()?;
    let (_, rules) = score.split_once("tests=")?;
    let rules = rules
        .split_once("autolearn")
        .map_or(rules, |(rules, _)| rules);
    let rules: Vec<_> = rules
        .split([',', ' ', '\t', '\r', '\n'])
        .filter(|rule| !rule.is_empty())
        .collect();
    Some(format!(
        "{points:.1} points by SpamAssassin ({})",
        rules.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_is_read_from_a_folded_header() {
        let cases = [
            (
                "X-Spam-Level: *\nX-Spam-Status: No, score=1.3 required=5.0 tests=HTML_MESSAGE,\n\tMISSING_DATE\n\tautolearn=no autolearn_force=no version=4.0.1\n",
                Some("1.3 points by SpamAssassin (HTML_MESSAGE, MISSING_DATE)"),
            ),
            (
                "X-Spam-Status: No, score=-0.0 required=5.0 tests=none autolearn=ham\n",
                Some("-0.0 points by SpamAssassin (none)"),
            ),
            ("Subject: score=1.0 tests=A\n", None),
            ("X-Spam-Status: No, score=many tests=A\n", None),
        ];
        for (judged, expected) in cases {
            assert_eq!(found(judged).as_deref(), expected, "{judged}");
        }
    }
}
