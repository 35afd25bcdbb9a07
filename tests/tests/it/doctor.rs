//! `cartback doctor`, against an emulated table and stand-ins for the other services.

use std::process::Command;

use cartback::ports::CartStore;
use cartback_tests::emulator::Table;
use cartback_tests::samples::shop;
use cartback_tests::wire::{Reply, Request, Wire};
use serde_json::{Value, json};

use super::process::cartback;

const KEY: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
const WEBHOOK: &str = "whsec_dGhlIHNlY3JldCBvZiB0aGUgdGVzdHMsIDMyIGJ5dGVz";

#[tokio::test]
async fn the_doctor_sees_table_secrets_and_account_and_repeats_no_secret() {
    let table = Table::open().await;
    table.store.put_shop(&shop()).await.unwrap();
    let told = consult(&table, &Wire::start(answer));
    for (check, mark) in [
        ("SES account", "good"),
        ("identity of shop.example", "good"),
        ("DKIM of shop.example", "good"),
        ("MAIL FROM of shop.example", "weak"),
        ("SES events by EventBridge", "good"),
        ("SES events by SNS, the second way", "broken"),
        // The emulator knows no backups.
        ("table: point-in-time recovery", "unseen"),
        ("table: expiry of old items by `expires_at`", "good"),
        ("table: stream of old and new images", "good"),
        ("secrets", "good"),
        ("shop demo", "good"),
        ("shop gone", "broken"),
        ("schedules of nudge", "good"),
        ("schedules of final", "broken"),
    ] {
        assert_eq!(told.mark(check), mark, "{check}: {}", told.output);
    }
    assert!(!told.is_success);
    assert!(!told.output.contains(KEY) && !told.output.contains(WEBHOOK));
    table.close().await;
}

#[tokio::test]
async fn what_the_doctor_may_not_see_is_neither_good_nor_broken() {
    let table = Table::open().await;
    let denied = json!({ "__type": "AccessDeniedException", "message": "no" });
    let wire = Wire::start(move |_| Reply::Status(403, denied.to_string()));
    let told = consult(&table, &wire);
    for check in [
        "SES account",
        "SES events",
        "secrets",
        "schedules",
        "sweeps",
        "alarms",
    ] {
        assert_eq!(told.mark(check), "unseen", "{check}: {}", told.output);
    }
    assert_eq!(told.mark("shops"), "broken");
    assert!(!told.is_success);
    table.close().await;
}

struct Told {
    is_success: bool,
    output: String,
    findings: Vec<Value>,
}

impl Told {
    fn mark(&self, check: &str) -> &str {
        let found = self.findings.iter().find(|found| found["check"] == check);
        let found = found.unwrap_or_else(|| panic!("no {check} in {}", self.output));
        found["mark"].as_str().unwrap()
    }
}

fn consult(table: &Table, others: &Wire) -> Told {
    let ended = Command::new(cartback())
        .args(["doctor", "--json", "--table", table.name()])
        // Nobody is asked outside this machine.
        .args(["--name-server", "127.0.0.1:1"])
        .env_clear()
        .env("AWS_ENDPOINT_URL", &others.url)
        .env("AWS_ENDPOINT_URL_DYNAMODB", &table.url)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", "us-east-1")
        .output()
        .unwrap();
    let output = String::from_utf8(ended.stdout).unwrap();
    let told: Value = serde_json::from_str(&output).unwrap();
    Told {
        is_success: ended.status.success(),
        findings: told["findings"].as_array().unwrap().clone(),
        output,
    }
}

/// What the services answer, by path and target; those that are not here do not know the call.
fn answer(request: &Request) -> Reply {
    let head = &request.head;
    let secrets = json!({
        "pepper": KEY,
        "link_keys": [{ "id": 1, "secret": KEY }],
        "shops": {
            "demo": { "webhooks": { "cartback": [WEBHOOK] } },
            "gone": { "webhooks": { "cartback": [WEBHOOK] } },
        },
    });
    let answers = [
        (
            "/v2/email/account",
            json!({ "ProductionAccessEnabled": true, "SendingEnabled": true, "EnforcementStatus": "HEALTHY" }),
        ),
        (
            "/v2/email/identities/shop.example",
            json!({
                "VerifiedForSendingStatus": true,
                "DkimAttributes": { "SigningEnabled": true, "Status": "SUCCESS" },
            }),
        ),
        (
            "/v2/email/configuration-sets/cartback-reminders/event-destinations",
            json!({ "EventDestinations": [{
                "Name": "event-bridge",
                "Enabled": true,
                "MatchingEventTypes": ["SEND", "BOUNCE", "COMPLAINT"],
                "EventBridgeDestination": { "EventBusArn": "arn:aws:events:us-east-1:123456789012:event-bus/default" },
            }] }),
        ),
        (
            "AmazonSSM.GetParameter",
            json!({ "Parameter": { "Type": "SecureString", "Value": secrets.to_string() } }),
        ),
        (
            "/schedules/cartback-",
            json!({ "Target": { "Arn": "arn", "RoleArn": "arn", "Input": r#"{"part": 0, "parts": 1}"# } }),
        ),
        (
            "/schedules?",
            json!({ "Schedules": [
                { "Name": "cartback-nudge-0", "State": "ENABLED" },
                { "Name": "cartback-follow_up-0", "State": "ENABLED" },
                { "Name": "cartback-final-0", "State": "DISABLED" },
            ] }),
        ),
    ];
    let known = answers.into_iter().find(|(sign, _)| head.contains(sign));
    match known {
        Some((_, body)) => Reply::Status(200, body.to_string()),
        None => Reply::Status(
            400,
            json!({ "__type": "UnknownOperationException" }).to_string(),
        ),
    }
}
