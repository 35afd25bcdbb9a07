use jiff::Timestamp;

use super::*;
use crate::doctor::finding::Mark;

const NOON: Timestamp = Timestamp::constant(1_795_348_800, 0);

/// An installation in which all is as it should be.
fn well() -> Facts {
    let kinds = ["SEND", "BOUNCE", "COMPLAINT"].map(str::to_owned);
    let destination = |way| Destination {
        way,
        is_on: true,
        kinds: kinds.to_vec(),
    };
    let schedule = |stage: Stage| Schedule {
        name: format!("cartback-{stage}-0"),
        is_on: true,
        parts: Some(1),
    };
    Facts {
        now: NOON,
        account: Ok(Account {
            is_in_sandbox: false,
            can_send: true,
            standing: "HEALTHY".to_owned(),
        }),
        destinations: Ok([Way::EventBridge, Way::Sns].map(destination).to_vec()),
        table: Ok(Table {
            has_stream: true,
            has_expiry: Ok(true),
            has_point_in_time_recovery: Ok(true),
            is_protected: true,
        }),
        secrets: Ok(SecretFacts {
            is_encrypted: true,
            fault: None,
            shops: vec!["demo".parse().unwrap()],
        }),
        shops: Ok(vec![ShopFacts {
            id: "demo".parse().unwrap(),
            settings: Ok(()),
            held: None,
        }]),
        senders: vec![Sender {
            domain: "shop.example".to_owned(),
            identity: Ok(Identity {
                name: "shop.example".to_owned(),
                is_verified: true,
                signs: true,
                dkim: "SUCCESS".to_owned(),
                mail_from: Some(("bounce.shop.example".to_owned(), "SUCCESS".to_owned())),
            }),
            dmarc: Ok(vec!["v=DMARC1; p=none".to_owned()]),
        }],
        schedules: Ok(Stage::ALL.map(schedule).to_vec()),
        sweeps: Ok(Stage::ALL.map(|stage| (stage, Some(NOON))).to_vec()),
        alarms: Ok(vec![Alarm {
            name: "cartback-OverdueAlarm-1".to_owned(),
            rings: false,
            is_told: true,
        }]),
        topics: Ok(vec![Topic {
            arn: "arn:aws:sns:eu-central-1:123456789012:alarms".to_owned(),
            n_confirmed: 1,
            n_pending: 0,
        }]),
    }
}

fn identity(facts: &mut Facts) -> &mut Identity {
    facts.senders[0].identity.as_mut().unwrap()
}

fn dmarc(facts: &mut Facts, record: &str) {
    facts.senders[0].dmarc = Ok(vec![record.to_owned()]);
}

/// What is not good once `change` was made.
fn ill(change: fn(&mut Facts)) -> Vec<Finding> {
    let mut facts = well();
    change(&mut facts);
    let findings = judge(&facts).into_iter();
    findings
        .filter(|finding| finding.mark != Mark::Good)
        .collect()
}

/// A change of the facts, and the one check that it must show in.
type Case = (&'static str, Mark, fn(&mut Facts));

fn assert_shown(cases: &[Case]) {
    for (check, mark, change) in cases {
        let ill = ill(*change);
        let [finding] = &ill[..] else {
            panic!("{check}: {ill:?}");
        };
        assert!(finding.check.starts_with(check), "{check}: {finding:?}");
        assert_eq!(finding.mark, *mark, "{check}: {finding:?}");
        let remedy = finding.remedy.as_deref().unwrap_or_default();
        assert!(!remedy.is_empty(), "{check}: {finding:?}");
    }
}

#[test]
fn where_all_is_well_every_check_is_good() {
    let findings = judge(&well());
    for finding in &findings {
        assert_eq!(finding.mark, Mark::Good, "{finding:?}");
        assert_eq!(finding.remedy, None, "{finding:?}");
    }
    assert_eq!(findings.len(), 21);
}

#[test]
fn each_ill_of_mail_shows_in_its_check_and_has_a_remedy() {
    use Mark::{Broken, Unseen as NotSeen, Weak};
    assert_shown(&[
        ("SES account", Weak, |facts| {
            facts.account.as_mut().unwrap().is_in_sandbox = true;
        }),
        ("SES account", Broken, |facts| {
            facts.account.as_mut().unwrap().can_send = false;
        }),
        ("SES account", Weak, |facts| {
            facts.account.as_mut().unwrap().standing = "PROBATION".to_owned();
        }),
        ("SES account", Broken, |facts| {
            facts.account.as_mut().unwrap().standing = "SHUTDOWN".to_owned();
        }),
        ("SES account", NotSeen, |facts| {
            facts.account = Err(Unseen::Unanswered("AccessDeniedException".to_owned()));
        }),
        ("identity of shop.example", Broken, |facts| {
            facts.senders[0].identity = Err(Unseen::Missing);
        }),
        ("identity of shop.example", Broken, |facts| {
            identity(facts).is_verified = false;
        }),
        ("DKIM of shop.example", Broken, |facts| {
            identity(facts).signs = false;
        }),
        ("DMARC of shop.example", Broken, |facts| {
            facts.senders[0].dmarc = Err(Unseen::Missing);
        }),
        ("DMARC of shop.example", Broken, |facts| {
            dmarc(facts, "v=spf1 -all");
        }),
        ("DMARC of shop.example", NotSeen, |facts| {
            facts.senders[0].dmarc = Err(Unseen::Unanswered("DNS: timed out".to_owned()));
        }),
        ("DMARC of shop.example", Weak, |facts| {
            dmarc(facts, "v=DMARC1; p=reject; aspf=s");
        }),
        ("DMARC of shop.example", Weak, |facts| {
            identity(facts).name = "hello@shop.example".to_owned();
        }),
        ("SES events by EventBridge", Broken, |facts| {
            facts.destinations.as_mut().unwrap()[0].is_on = false;
        }),
        ("SES events by SNS", Broken, |facts| {
            facts.destinations.as_mut().unwrap()[1].kinds.pop();
        }),
        ("SES events", Broken, |facts| {
            facts.destinations = Err(Unseen::Missing);
        }),
    ]);
}

#[test]
fn a_record_that_is_not_found_shows_by_itself_and_in_the_alignment() {
    let shown = |change| {
        let ill = ill(change).into_iter();
        ill.map(|finding| (finding.check, finding.mark))
            .collect::<Vec<_>>()
    };
    let check = |name: &str, mark| (format!("{name} of shop.example"), mark);
    assert_eq!(
        shown(|facts| identity(facts).dkim = "PENDING".to_owned()),
        [check("DKIM", Mark::Broken), check("DMARC", Mark::Weak)]
    );
    assert_eq!(
        shown(|facts| identity(facts).mail_from = None),
        [check("MAIL FROM", Mark::Weak), check("DMARC", Mark::Weak)]
    );
    assert_eq!(
        shown(|facts| {
            let pending = ("bounce.shop.example".to_owned(), "PENDING".to_owned());
            identity(facts).mail_from = Some(pending);
        }),
        [check("MAIL FROM", Mark::Broken), check("DMARC", Mark::Weak)]
    );
    assert_eq!(
        shown(|facts| {
            identity(facts).dkim = "FAILED".to_owned();
            identity(facts).mail_from = None;
        }),
        [
            check("DKIM", Mark::Broken),
            check("MAIL FROM", Mark::Weak),
            check("DMARC", Mark::Broken)
        ]
    );
}

#[test]
fn each_ill_of_table_secrets_and_shops_shows_in_its_check_and_has_a_remedy() {
    use Mark::{Broken, Unseen as NotSeen, Weak};
    assert_shown(&[
        ("table: point-in-time recovery", Broken, |facts| {
            facts.table.as_mut().unwrap().has_point_in_time_recovery = Ok(false);
        }),
        ("table: expiry", Broken, |facts| {
            facts.table.as_mut().unwrap().has_expiry = Ok(false);
        }),
        ("table: expiry", NotSeen, |facts| {
            let denied = Unseen::Unanswered("AccessDeniedException".to_owned());
            facts.table.as_mut().unwrap().has_expiry = Err(denied);
        }),
        ("table: protection", Broken, |facts| {
            facts.table.as_mut().unwrap().is_protected = false;
        }),
        ("table: stream", Broken, |facts| {
            facts.table.as_mut().unwrap().has_stream = false;
        }),
        ("table", Broken, |facts| {
            facts.table = Err(Unseen::Missing);
        }),
        ("secrets", Broken, |facts| {
            facts.secrets = Err(Unseen::Missing);
        }),
        ("secrets", NotSeen, |facts| {
            facts.secrets = Err(Unseen::Unanswered("AccessDeniedException".to_owned()));
        }),
        ("secrets", Broken, |facts| {
            facts.secrets.as_mut().unwrap().fault = Some("pepper: too short".to_owned());
        }),
        ("secrets", Broken, |facts| {
            facts.secrets.as_mut().unwrap().is_encrypted = false;
        }),
        ("shop demo", Broken, |facts| {
            facts.secrets.as_mut().unwrap().shops.clear();
        }),
        ("shop other", Broken, |facts| {
            let other = "other".parse().unwrap();
            facts.secrets.as_mut().unwrap().shops.push(other);
        }),
        ("shop demo", Broken, |facts| {
            facts.shops.as_mut().unwrap()[0].settings = Err(Unseen::Missing);
        }),
        ("shop demo", Weak, |facts| {
            facts.shops.as_mut().unwrap()[0].held = Some("paused by the operator".to_owned());
        }),
        ("shops", Broken, |facts| {
            facts.shops = Ok(Vec::new());
        }),
    ]);
}

#[test]
fn each_ill_of_what_wakes_and_watches_shows_in_its_check_and_has_a_remedy() {
    use Mark::{Broken, Weak};
    assert_shown(&[
        ("schedules of nudge", Broken, |facts| {
            facts.schedules.as_mut().unwrap()[0].is_on = false;
        }),
        ("schedules of final", Broken, |facts| {
            facts.schedules.as_mut().unwrap().pop();
        }),
        ("schedules of follow_up", Broken, |facts| {
            facts.schedules.as_mut().unwrap()[1].parts = Some(2);
        }),
        ("last sweep of follow_up", Broken, |facts| {
            facts.sweeps.as_mut().unwrap()[1].1 = None;
        }),
        ("last sweep of follow_up", Broken, |facts| {
            let long_ago = NOON - LATEST_SWEEP - SignedDuration::from_secs(1);
            facts.sweeps.as_mut().unwrap()[1].1 = Some(long_ago);
        }),
        ("alarms", Broken, |facts| {
            facts.alarms.as_mut().unwrap()[0].is_told = false;
        }),
        ("alarms", Broken, |facts| {
            facts.alarms = Ok(Vec::new());
        }),
        ("ringing alarms", Weak, |facts| {
            facts.alarms.as_mut().unwrap()[0].rings = true;
        }),
        ("who hears of alarms", Broken, |facts| {
            facts.topics.as_mut().unwrap()[0].n_confirmed = 0;
        }),
        ("who hears of alarms", Broken, |facts| {
            let topic = &mut facts.topics.as_mut().unwrap()[0];
            (topic.n_confirmed, topic.n_pending) = (0, 1);
        }),
    ]);
}

#[test]
fn a_sweep_of_ten_minutes_ago_is_recent_enough() {
    let mut facts = well();
    facts.sweeps.as_mut().unwrap()[0].1 = Some(NOON - LATEST_SWEEP);
    assert!(judge(&facts).iter().all(Finding::is_well));
}

#[test]
fn what_could_not_be_looked_at_is_not_called_well() {
    let unseen = Unseen::Unanswered("AccessDeniedException".to_owned());
    let finding = Finding::unseen("secrets", &unseen, "store them");
    assert!(!finding.is_well());
    assert!(finding.text.contains("AccessDeniedException"));
}

#[test]
fn a_finding_has_its_remedy_on_the_line_below() {
    let finding = Finding::broken("shops", "none has settings", "run `cartback shop apply`");
    let lines = [
        "✗ shops: none has settings",
        "    → run `cartback shop apply`",
    ];
    assert_eq!(finding.lines(), lines);
    let good = Finding::good("secrets", "encrypted");
    assert_eq!(good.lines(), ["✓ secrets: encrypted"]);
}
