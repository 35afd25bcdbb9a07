//! What each fact means, and what to do about it. Pure: everything that was seen is an argument.

use cartback::stage::Stage;
use jiff::SignedDuration;

use super::dmarc::Dmarc;
use super::facts::{
    Account, Alarm, Destination, Facts, Identity, Schedule, SecretFacts, Seen, Sender, ShopFacts,
    Table, Topic, Unseen, Way,
};
use super::finding::Finding;

/// A sweep each minute, and what CloudWatch takes to show it.
const LATEST_SWEEP: SignedDuration = SignedDuration::from_mins(10);

/// Everything that was looked at, in the order in which an installation is set up.
pub(crate) fn judge(facts: &Facts) -> Vec<Finding> {
    let mut findings = vec![account(&facts.account)];
    findings.extend(facts.senders.iter().flat_map(sender));
    findings.extend(destinations(&facts.destinations));
    findings.extend(table(&facts.table));
    findings.push(secrets(&facts.secrets));
    findings.extend(shops(&facts.shops, &facts.secrets));
    findings.extend(schedules(&facts.schedules));
    findings.extend(sweeps(facts));
    findings.extend(alarms(&facts.alarms, &facts.topics));
    findings
}

fn account(account: &Seen<Account>) -> Finding {
    const CHECK: &str = "SES account";
    let account = match account {
        Ok(account) => account,
        Err(unseen) => return Finding::unseen(CHECK, unseen, "use SES in this region"),
    };
    if !account.can_send || account.standing == "SHUTDOWN" {
        return Finding::broken(
            CHECK,
            format!("sending is paused ({})", account.standing),
            "read what SES wrote to you, mend the cause, and ask SES to let you send again",
        );
    }
    if account.is_in_sandbox {
        return Finding::weak(
            CHECK,
            "in the sandbox: mails reach verified addresses only",
            "ask for production access in the SES console; until then verify the address that you try with",
        );
    }
    if account.standing != "HEALTHY" {
        return Finding::weak(
            CHECK,
            format!("under review ({})", account.standing),
            "find out why mails bounce or are reported as spam before SES pauses the account",
        );
    }
    Finding::good(CHECK, "out of the sandbox, and may send")
}

fn sender(sender: &Sender) -> Vec<Finding> {
    let domain = &sender.domain;
    let identity = match &sender.identity {
        Ok(identity) => identity,
        Err(unseen) => {
            let remedy = format!("verify {domain} in SES with Easy DKIM");
            return vec![Finding::unseen(
                format!("identity of {domain}"),
                unseen,
                &remedy,
            )];
        }
    };
    vec![
        Finding::either(
            identity.is_verified,
            &format!("identity of {domain}"),
            ["verified", "not verified"],
            &format!("finish the verification of {} in SES", identity.name),
        ),
        dkim(domain, identity),
        mail_from(domain, identity),
        dmarc(sender, identity),
    ]
}

fn dkim(domain: &str, identity: &Identity) -> Finding {
    let check = format!("DKIM of {domain}");
    if !identity.signs {
        return Finding::broken(
            check,
            "mails are not signed",
            format!("switch DKIM on for {} in SES", identity.name),
        );
    }
    Finding::either(
        identity.dkim == "SUCCESS",
        &check,
        [
            "signs, and the keys are found",
            &format!("the keys are not found ({})", identity.dkim),
        ],
        "publish the three CNAME records that SES shows, as they are",
    )
}

fn mail_from(domain: &str, identity: &Identity) -> Finding {
    let check = format!("MAIL FROM of {domain}");
    match &identity.mail_from {
        None => Finding::weak(
            check,
            "SES's own, so SPF is not aligned with the sender",
            format!(
                "set up a custom MAIL FROM domain below {} in SES",
                identity.name
            ),
        ),
        Some((name, status)) => Finding::either(
            status == "SUCCESS",
            &check,
            [name, &format!("{name} is not ready ({status})")],
            "publish the MX and the TXT record that SES shows for it",
        ),
    }
}

fn dmarc(sender: &Sender, identity: &Identity) -> Finding {
    let domain = &sender.domain;
    let check = format!("DMARC of {domain}");
    let remedy = format!(
        "publish one TXT record at _dmarc.{domain}: \"v=DMARC1; p=none; rua=mailto:<your address>\""
    );
    let record = match &sender.dmarc {
        Ok(texts) => Dmarc::among(texts),
        Err(Unseen::Missing) => None,
        Err(unseen) => return Finding::unseen(check, unseen, &remedy),
    };
    let Some(record) = record else {
        return Finding::broken(check, "no record, or more than one", remedy);
    };
    let is_signed = identity.dkim == "SUCCESS" && record.dkim.holds(&identity.name, domain);
    let mail_from = identity.mail_from.as_ref();
    let is_from = mail_from
        .is_some_and(|(name, status)| status == "SUCCESS" && record.spf.holds(name, domain));
    let policy = &record.policy;
    match (is_signed, is_from) {
        (true, true) => Finding::good(check, format!("p={policy}, DKIM and SPF are aligned")),
        (true, false) => Finding::weak(
            check,
            format!("p={policy}, DKIM is aligned and SPF is not"),
            "set up a custom MAIL FROM domain; with aspf=s in the record none can be aligned: use aspf=r",
        ),
        (false, true) => Finding::weak(
            check,
            format!("p={policy}, SPF is aligned and DKIM is not"),
            format!("verify {domain} itself in SES, and not one above or an address alone"),
        ),
        (false, false) => Finding::broken(
            check,
            format!("p={policy}, and neither DKIM nor SPF is aligned: mails fail it"),
            format!("verify {domain} itself in SES with Easy DKIM, and publish its records"),
        ),
    }
}

fn destinations(destinations: &Seen<Vec<Destination>>) -> Vec<Finding> {
    const CHECK: &str = "SES events";
    const REMEDY: &str =
        "deploy the template again: it makes the configuration set and its two event destinations";
    let destinations = match destinations {
        Ok(destinations) => destinations,
        Err(unseen) => return vec![Finding::unseen(CHECK, unseen, REMEDY)],
    };
    let ways = [
        (Way::EventBridge, "EventBridge"),
        (Way::Sns, "SNS, the second way"),
    ];
    let needed = ["SEND", "BOUNCE", "COMPLAINT"];
    let finding = |(way, name): (Way, &str)| {
        let tells = |destination: &&Destination| {
            let kinds = &destination.kinds;
            let has_all = needed.iter().all(|kind| kinds.iter().any(|k| k == kind));
            destination.way == way && destination.is_on && has_all
        };
        Finding::either(
            destinations.iter().any(|destination| tells(&destination)),
            &format!("{CHECK} by {name}"),
            ["on", "off, or it leaves out sends, bounces or complaints"],
            REMEDY,
        )
    };
    ways.into_iter().map(finding).collect()
}

fn table(table: &Seen<Table>) -> Vec<Finding> {
    const REMEDY: &str = "deploy the template, and give the output TableName as CARTBACK_TABLE";
    let table = match table {
        Ok(table) => table,
        Err(unseen) => return vec![Finding::unseen("table", unseen, REMEDY)],
    };
    let restored =
        "a restored table has lost it: switch it on, see \"After a restore\" in docs/deploy.md";
    let checks = [
        (
            table.has_point_in_time_recovery.clone(),
            "point-in-time recovery",
        ),
        (
            table.has_expiry.clone(),
            "expiry of old items by `expires_at`",
        ),
        (Ok(table.is_protected), "protection against deletion"),
        (Ok(table.has_stream), "stream of old and new images"),
    ];
    let finding = |(seen, what)| {
        let check = format!("table: {what}");
        match seen {
            Ok(is_on) => Finding::either(is_on, &check, ["on", "off"], restored),
            Err(unseen) => Finding::unseen(check, &unseen, restored),
        }
    };
    checks.into_iter().map(finding).collect()
}

fn secrets(secrets: &Seen<SecretFacts>) -> Finding {
    const CHECK: &str = "secrets";
    const REMEDY: &str = "store the JSON of docs/deploy.md, step 4, as a SecureString";
    let secrets = match secrets {
        Ok(secrets) => secrets,
        Err(unseen) => return Finding::unseen(CHECK, unseen, REMEDY),
    };
    if let Some(fault) = &secrets.fault {
        return Finding::broken(CHECK, fault, REMEDY);
    }
    Finding::either(
        secrets.is_encrypted,
        CHECK,
        [
            "encrypted and well-formed",
            "well-formed, and not encrypted",
        ],
        "delete the parameter, and store the JSON again as a SecureString",
    )
}

fn shops(shops: &Seen<Vec<ShopFacts>>, secrets: &Seen<SecretFacts>) -> Vec<Finding> {
    const REMEDY: &str = "run `cartback shop apply` with the shop's settings";
    let shops = match shops {
        Ok(shops) if shops.is_empty() => {
            return vec![Finding::broken("shops", "none has settings", REMEDY)];
        }
        Ok(shops) => shops,
        Err(unseen) => return vec![Finding::unseen("shops", unseen, REMEDY)],
    };
    let with_secrets = secrets.as_ref().map_or(&[][..], |secrets| &secrets.shops);
    let without_settings = with_secrets
        .iter()
        .filter(|id| shops.iter().all(|shop| shop.id != **id))
        .map(|id| {
            let text = "has secrets and no settings: its events are refused";
            Finding::broken(format!("shop {id}"), text, REMEDY)
        });
    let has_secret = |shop: &ShopFacts| secrets.is_err() || with_secrets.contains(&shop.id);
    let known = shops.iter().map(|shop| match (&shop.settings, &shop.held) {
        (Err(unseen), _) => Finding::unseen(format!("shop {}", shop.id), unseen, REMEDY),
        (Ok(()), _) if !has_secret(shop) => Finding::broken(
            format!("shop {}", shop.id),
            "has no webhook secret: its events are refused",
            "add its secret to the parameter, raise SecretsVersion and deploy: functions read it at their cold start",
        ),
        (Ok(()), Some(brake)) => Finding::weak(
            format!("shop {}", shop.id),
            "its reminders wait",
            brake.as_str(),
        ),
        (Ok(()), None) => Finding::good(format!("shop {}", shop.id), "has settings and secrets"),
    });
    known.chain(without_settings).collect()
}

fn schedules(schedules: &Seen<Vec<Schedule>>) -> Vec<Finding> {
    const REMEDY: &str =
        "deploy the template again, and enable the schedule in EventBridge Scheduler";
    let schedules = match schedules {
        Ok(schedules) => schedules,
        Err(unseen) => return vec![Finding::unseen("schedules", unseen, REMEDY)],
    };
    let finding = |stage: Stage| {
        let of_stage: Vec<_> = schedules
            .iter()
            .filter(|schedule| schedule.name.contains(&format!("-{stage}-")))
            .collect();
        let off: Vec<_> = of_stage
            .iter()
            .filter(|schedule| !schedule.is_on)
            .map(|schedule| schedule.name.as_str())
            .collect();
        let check = format!("schedules of {stage}");
        if of_stage.is_empty() {
            return Finding::broken(check, "none", REMEDY);
        }
        // Carts of a part that no schedule asks for are never reminded.
        let parts = of_stage.iter().filter_map(|schedule| schedule.parts).max();
        let parts = usize::from(parts.unwrap_or(1));
        if of_stage.len() < parts {
            let text = format!("{} of {parts}", of_stage.len());
            return Finding::broken(check, &text, REMEDY);
        }
        Finding::either(
            off.is_empty(),
            &check,
            [
                &format!("{} on", of_stage.len()),
                &format!("off: {}", off.join(", ")),
            ],
            REMEDY,
        )
    };
    Stage::ALL.into_iter().map(finding).collect()
}

fn sweeps(facts: &Facts) -> Vec<Finding> {
    const REMEDY: &str = "see that the schedule is on, then read the log of the stage function: each sweep is told of there";
    let sweeps = match &facts.sweeps {
        Ok(sweeps) => sweeps,
        Err(unseen) => return vec![Finding::unseen("sweeps", unseen, REMEDY)],
    };
    let finding = |(stage, last): &(Stage, Option<jiff::Timestamp>)| {
        let check = format!("last sweep of {stage}");
        match last {
            None => Finding::broken(check, "none in the last hour", REMEDY),
            Some(at) => Finding::either(
                facts.now.duration_since(*at) <= LATEST_SWEEP,
                &check,
                [&format!("at {at}"), &format!("at {at}, and none since")],
                REMEDY,
            ),
        }
    };
    sweeps.iter().map(finding).collect()
}

fn alarms(alarms: &Seen<Vec<Alarm>>, topics: &Seen<Vec<Topic>>) -> Vec<Finding> {
    const REMEDY: &str = "deploy the template again, with AlarmEmail";
    let alarms = match alarms {
        Ok(alarms) if alarms.is_empty() => {
            return vec![Finding::broken("alarms", "none", REMEDY)];
        }
        Ok(alarms) => alarms,
        Err(unseen) => return vec![Finding::unseen("alarms", unseen, REMEDY)],
    };
    let names = |wanted: &dyn Fn(&Alarm) -> bool| {
        let wanted = alarms.iter().filter(|alarm| wanted(alarm));
        let names: Vec<_> = wanted.map(|alarm| alarm.name.as_str()).collect();
        names.join(", ")
    };
    let (mute, ringing) = (names(&|alarm| !alarm.is_told), names(&|alarm| alarm.rings));
    let wired = Finding::either(
        mute.is_empty(),
        "alarms",
        [
            &format!("{}, all told to a topic", alarms.len()),
            &format!("told to nobody: {mute}"),
        ],
        REMEDY,
    );
    let mut findings = vec![wired];
    if !ringing.is_empty() {
        let remedy = "see \"When an alarm rings\" in docs/deploy.md";
        findings.push(Finding::weak("ringing alarms", ringing, remedy));
    }
    match topics {
        Ok(topics) => findings.extend(topics.iter().map(topic)),
        Err(unseen) => findings.push(Finding::unseen("topic of the alarms", unseen, REMEDY)),
    }
    findings
}

fn topic(topic: &Topic) -> Finding {
    let check = format!("who hears of alarms ({})", topic.arn);
    if topic.n_confirmed != 0 {
        return Finding::good(check, format!("{} confirmed", topic.n_confirmed));
    }
    if topic.n_pending != 0 {
        let remedy = "follow the link in the mail that AWS sent to AlarmEmail";
        return Finding::broken(check, "nobody has confirmed yet", remedy);
    }
    let remedy = "set AlarmEmail and deploy, or subscribe what you use to the topic";
    Finding::broken(check, "nobody", remedy)
}

#[cfg(test)]
mod tests;
