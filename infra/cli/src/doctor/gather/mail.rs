//! SES, and what the domain of a sender publishes.

use std::net::SocketAddr;
use std::time::Duration;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::operation::get_email_identity::GetEmailIdentityOutput;
use aws_sdk_sesv2::types::EventDestination;
use domain::base::iana::Rcode;
use domain::base::{Name, Record, Rtype};
use domain::rdata::Txt;
use domain::resolv::StubResolver;
use domain::resolv::stub::conf::{ResolvConf, ServerConf, Transport};

use super::super::dmarc::with_parents;
use super::super::facts::{Account, Destination, Identity, Seen, Sender, Unseen, Way};
use super::unseen;

pub(super) async fn account(ses: &Client) -> Seen<Account> {
    let answer = ses.get_account().send().await.map_err(|e| unseen(&e))?;
    Ok(Account {
        is_in_sandbox: !answer.production_access_enabled(),
        can_send: answer.sending_enabled(),
        standing: answer.enforcement_status().unwrap_or("HEALTHY").to_owned(),
    })
}

pub(super) async fn destinations(ses: &Client, set: &str) -> Seen<Vec<Destination>> {
    let request = ses.get_configuration_set_event_destinations();
    let answer = request.configuration_set_name(set).send().await;
    let answer = answer.map_err(|error| unseen(&error))?;
    Ok(answer
        .event_destinations()
        .iter()
        .map(destination)
        .collect())
}

fn destination(found: &EventDestination) -> Destination {
    let way = if found.event_bridge_destination().is_some() {
        Way::EventBridge
    } else if found.sns_destination().is_some() {
        Way::Sns
    } else {
        Way::Other
    };
    let kinds = found.matching_event_types().iter();
    Destination {
        way,
        is_on: found.enabled(),
        kinds: kinds.map(|kind| kind.as_str().to_owned()).collect(),
    }
}

/// What SES and the DNS know of the domain of `address`.
pub(super) async fn sender(ses: &Client, address: &str, name_server: Option<SocketAddr>) -> Sender {
    let (_, domain) = address.rsplit_once('@').unwrap_or(("", address));
    let domain = domain.to_ascii_lowercase();
    Sender {
        identity: identity(ses, address, &domain).await,
        dmarc: dmarc(&domain, name_server).await,
        domain,
    }
}

/// SES takes the domain, or the nearest above it that is an identity. An address counts where no domain does.
async fn identity(ses: &Client, address: &str, domain: &str) -> Seen<Identity> {
    let names = with_parents(domain).into_iter().chain([address]);
    for name in names {
        match ses.get_email_identity().email_identity(name).send().await {
            Ok(found) => return Ok(read_identity(name, &found)),
            Err(error) => match unseen(&error) {
                Unseen::Missing => {}
                unanswered @ Unseen::Unanswered(_) => return Err(unanswered),
            },
        }
    }
    Err(Unseen::Missing)
}

fn read_identity(name: &str, found: &GetEmailIdentityOutput) -> Identity {
    let dkim = found.dkim_attributes();
    let status = dkim.and_then(|dkim| dkim.status());
    let mail_from = found.mail_from_attributes().map(|mail_from| {
        let status = mail_from.mail_from_domain_status().as_str();
        (mail_from.mail_from_domain().to_owned(), status.to_owned())
    });
    Identity {
        name: name.to_owned(),
        is_verified: found.verified_for_sending_status(),
        signs: dkim.is_some_and(|dkim| dkim.signing_enabled()),
        dkim: status
            .map_or("NOT_STARTED", |status| status.as_str())
            .to_owned(),
        mail_from: mail_from.filter(|(domain, _)| !domain.is_empty()),
    }
}

async fn dmarc(domain: &str, name_server: Option<SocketAddr>) -> Seen<Vec<String>> {
    for name in with_parents(domain) {
        let texts = texts(resolver(name_server), &format!("_dmarc.{name}")).await?;
        if !texts.is_empty() {
            return Ok(texts);
        }
    }
    Err(Unseen::Missing)
}

/// The TXT records of `name`, each put together of its parts; none if there are none.
async fn texts(conf: ResolvConf, name: &str) -> Seen<Vec<String>> {
    let unanswered = |what: String| Unseen::Unanswered(format!("DNS: {what}"));
    let name: Name<Vec<u8>> = name
        .parse()
        .map_err(|error| unanswered(format!("`{name}` is not a name: {error}")))?;
    let answer = StubResolver::from_conf(conf)
        .query((name, Rtype::TXT))
        .await;
    let answer = answer.map_err(|error| unanswered(error.to_string()))?;
    let code = answer.header().rcode();
    if code != Rcode::NOERROR && code != Rcode::NXDOMAIN {
        return Err(unanswered(code.to_string()));
    }
    let section = answer
        .answer()
        .map_err(|error| unanswered(error.to_string()))?;
    let records = section.limit_to::<Txt<_>>().filter_map(Result::ok);
    let text = |record: Record<_, Txt<_>>| {
        let bytes: Vec<u8> = record.data().iter().flatten().copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    Ok(records.map(text).collect())
}

/// As the machine says, but soon: an operator waits for it.
fn resolver(name_server: Option<SocketAddr>) -> ResolvConf {
    let mut conf = ResolvConf::default();
    if let Some(address) = name_server {
        conf.servers = vec![ServerConf::new(address, Transport::UdpTcp)];
    }
    conf.options.timeout = Duration::from_secs(3);
    conf.options.attempts = 1;
    conf
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::thread;

    use domain::base::iana::Class;
    use domain::base::{Message, MessageBuilder, ToName, Ttl};

    use super::*;

    /// A name server on a free port that answers every question with `code` and `texts`.
    fn name_server(code: Rcode, texts: Vec<String>) -> ResolvConf {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        let address = socket.local_addr().unwrap();
        thread::spawn(move || {
            let mut bytes = [0; 512];
            while let Ok((n_bytes, from)) = socket.recv_from(&mut bytes) {
                let query = Message::from_octets(&bytes[..n_bytes]).unwrap();
                let name = query.first_question().unwrap().qname().to_name::<Vec<u8>>();
                let mut answer = MessageBuilder::new_vec()
                    .start_answer(&query, code)
                    .unwrap();
                for text in &texts {
                    let text = Txt::<Vec<u8>>::build_from_slice(text.as_bytes()).unwrap();
                    let record = (&name, Class::IN, Ttl::from_secs(60), text);
                    answer.push(record).unwrap();
                }
                socket.send_to(&answer.finish(), from).unwrap();
            }
        });
        resolver(Some(address))
    }

    #[tokio::test]
    async fn text_records_come_whole_and_no_records_are_none() {
        // Longer than the 255 bytes that one part of a record holds.
        let long = format!(
            "v=DMARC1; p=none; rua=mailto:{}@shop.example",
            "a".repeat(300)
        );
        let records = vec!["v=spf1 -all".to_owned(), long];
        let server = name_server(Rcode::NOERROR, records.clone());
        assert_eq!(texts(server, "_dmarc.shop.example").await, Ok(records));
        for code in [Rcode::NOERROR, Rcode::NXDOMAIN] {
            let server = name_server(code, Vec::new());
            assert_eq!(texts(server, "_dmarc.shop.example").await, Ok(Vec::new()));
        }
    }

    #[tokio::test]
    async fn a_name_server_that_fails_does_not_say_that_there_is_no_record() {
        let server = name_server(Rcode::SERVFAIL, Vec::new());
        let answer = texts(server, "_dmarc.shop.example").await;
        assert!(matches!(answer, Err(Unseen::Unanswered(_))), "{answer:?}");
        let absurd = texts(resolver(None), "_dmarc.shop..example").await;
        assert!(matches!(absurd, Err(Unseen::Unanswered(_))), "{absurd:?}");
    }
}
