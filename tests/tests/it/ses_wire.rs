//! What really goes out to SES: one request for each mail whatever happens, and an answer that says
//! whether the mail may be on its way.

use std::time::Duration;

use cartback::ids::{Attempt, ContactKey};
use cartback::mail::Mail;
use cartback::ports::{Mailer, SendError};
use cartback::stage::Stage;
use cartback_aws::clients;
use cartback_aws::mailer::SesMailer;
use cartback_tests::samples::{NOON, cart};
use cartback_tests::wire::{Reply, Wire};
use serde_json::{Value, json};

#[tokio::test]
async fn an_answer_that_proves_nothing_is_unknown_and_never_repeated() {
    let accepted = r#"{"MessageId":"#;
    for reply in [
        status(500, "InternalFailure"),
        status(503, "ServiceUnavailable"),
        Reply::Close,
        Reply::Status(200, accepted.to_owned()),
        Reply::Status(200, "<html>".to_owned()),
        Reply::Status(302, String::new()),
    ] {
        let (answer, wire) = send(reply.clone()).await;
        assert!(
            matches!(answer, Err(SendError::Unknown(_))),
            "{reply:?}: {answer:?}"
        );
        assert_eq!(wire.requests().len(), 1, "{reply:?}");
    }
}

#[tokio::test]
async fn no_answer_in_time_is_unknown_and_never_repeated() {
    let wire = Wire::start(|_| Reply::Hang);
    let sdk = clients::local(&wire.url);
    let client = clients::ses_within(&sdk, Duration::from_millis(500));
    let mailer = SesMailer::new(client, "cartback", Duration::ZERO);
    let answer = mailer.send(&mail()).await;
    assert!(matches!(answer, Err(SendError::Unknown(_))), "{answer:?}");
    assert_eq!(wire.requests().len(), 1);
}

#[tokio::test]
async fn a_fault_of_the_mail_is_final() {
    for reply in [
        status(400, "BadRequestException"),
        status(400, "MessageRejected"),
        Reply::Status(400, "<html>".to_owned()),
        status(413, "RequestEntityTooLarge"),
    ] {
        let (answer, _) = send(reply.clone()).await;
        assert!(
            matches!(answer, Err(SendError::Rejected(_))),
            "{reply:?}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn a_refusal_that_is_not_about_the_mail_is_tried_again() {
    for reply in [
        status(429, "TooManyRequestsException"),
        status(400, "ThrottlingException"),
        status(400, "LimitExceededException"),
        status(400, "SendingPausedException"),
        status(400, "AccountSuspendedException"),
        status(400, "MailFromDomainNotVerifiedException"),
        status(403, "AccessDeniedException"),
        status(404, "NotFoundException"),
    ] {
        let (answer, wire) = send(reply.clone()).await;
        assert!(
            matches!(answer, Err(SendError::Refused(_))),
            "{reply:?}: {answer:?}"
        );
        assert_eq!(wire.requests().len(), 1, "{reply:?}");
    }
}

#[tokio::test]
async fn a_connection_that_was_never_made_sent_nothing() {
    let answer = mailer(&Wire::nobody()).send(&mail()).await;
    assert!(matches!(answer, Err(SendError::Refused(_))), "{answer:?}");
}

#[tokio::test]
async fn an_accepted_mail_is_sent() {
    let (answer, wire) = send(Reply::Status(200, r#"{"MessageId":"1"}"#.to_owned())).await;
    assert!(answer.is_ok(), "{answer:?}");
    assert_eq!(wire.requests().len(), 1);
}

#[tokio::test]
async fn the_request_says_all_that_the_mail_does() {
    let (_, wire) = send(Reply::Close).await;
    let request = &wire.requests()[0];
    assert!(
        request.head.starts_with("POST /v2/email/outbound-emails "),
        "{}",
        request.head
    );
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let mail = mail();
    let utf8 = |text: &str| json!({ "Data": text, "Charset": "UTF-8" });
    let expected = json!({
        "FromEmailAddress": "Demo <hello@shop.example>",
        "Destination": { "ToAddresses": ["ada@example.com"] },
        "ReplyToAddresses": ["help@shop.example"],
        "ConfigurationSetName": "cartback",
        "EmailTags": [
            { "Name": "attempt", "Value": mail.attempt.to_string() },
            { "Name": "stage", "Value": "nudge" },
            { "Name": "cart", "Value": mail.cart.to_string() },
            { "Name": "contact", "Value": mail.contact.to_string() },
        ],
        "Content": { "Simple": {
            "Subject": utf8("Grüße"),
            "Body": { "Html": utf8("<p>Grüße</p>"), "Text": utf8("Grüße") },
            "Headers": [
                { "Name": "List-Unsubscribe", "Value": "<https://links.shop.example/unsubscribe?t=x>" },
                { "Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click" },
            ],
        }},
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_mail_beyond_the_limits_of_ses_is_never_sent() {
    let wire = Wire::start(|_| Reply::Close);
    let header = |name, value: &str| (name, value.to_owned());
    for headers in [
        vec![header("X-Note", "1"); 16],
        vec![header("X-Note", "a\r\nBcc: all@example.com")],
        vec![header("X-Note", "ü")],
        vec![header("X-Note", "")],
        vec![header("X-Note", &"a".repeat(871))],
        vec![header("X Note", "1")],
        vec![header("X-Note:", "1")],
    ] {
        let mail = Mail { headers, ..mail() };
        let answer = mailer(&wire.url).send(&mail).await;
        assert!(
            matches!(answer, Err(SendError::Rejected(_))),
            "{:?}: {answer:?}",
            mail.headers
        );
    }
    assert!(wire.requests().is_empty());
}

#[tokio::test]
async fn the_rate_comes_from_the_account() {
    let account = json!({ "SendQuota": { "MaxSendRate": 14.0, "Max24HourSend": 50_000.0 } });
    let wire = Wire::start(move |_| Reply::Status(200, account.to_string()));
    let client = clients::ses(&clients::local(&wire.url));
    let mailer = SesMailer::from_account(client, "cartback").await.unwrap();
    assert!(
        format!("{mailer:?}").contains("spacing: 71.428571ms"),
        "{mailer:?}"
    );
}

async fn send(reply: Reply) -> (Result<(), SendError>, Wire) {
    let wire = Wire::start(move |_| reply.clone());
    let answer = mailer(&wire.url).send(&mail()).await;
    (answer, wire)
}

fn mailer(url: &str) -> SesMailer {
    let client = clients::ses(&clients::local(url));
    SesMailer::new(client, "cartback", Duration::ZERO)
}

fn status(status: u16, code: &str) -> Reply {
    Reply::Status(
        status,
        json!({ "__type": code, "message": "no" }).to_string(),
    )
}

fn mail() -> Mail {
    let cart = cart("c1").key;
    Mail {
        contact: ContactKey::nobody(cart.shop()),
        attempt: Attempt::new(1, &cart, 1, NOON),
        cart,
        stage: Stage::Nudge,
        from: "Demo <hello@shop.example>".to_owned(),
        to: "ada@example.com".parse().unwrap(),
        reply_to: "help@shop.example".parse().unwrap(),
        subject: "Grüße".to_owned(),
        html: "<p>Grüße</p>".to_owned(),
        text: "Grüße".to_owned(),
        headers: vec![
            (
                "List-Unsubscribe",
                "<https://links.shop.example/unsubscribe?t=x>".to_owned(),
            ),
            (
                "List-Unsubscribe-Post",
                "List-Unsubscribe=One-Click".to_owned(),
            ),
        ],
    }
}
