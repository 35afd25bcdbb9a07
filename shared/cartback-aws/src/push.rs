//! Notifications to browsers: encrypted for the browser (RFC 8291), signed with the installation's key
//! (VAPID, RFC 8292), handed to the browser's push service in one request that is never repeated.

use std::io::ErrorKind;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cartback::mail::Mail;
use cartback::ports::{Mailer, PushError, SendError, Source};
use cartback::push::{PUSH_LIFE, Push, PushSubscription};
use jiff::{SignedDuration, Timestamp};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;
use ureq::Agent;
use web_push_native::p256::PublicKey;
use web_push_native::{Auth, encrypt};

use crate::config::ConfigError;
use crate::secrets::{PARAMETER, Secrets};
use crate::web::{StandIn, agent};

/// From the first byte to the last. A worker has 20 s for its reservation.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long a signature holds; push services take at most a day (RFC 8292).
const SIGNATURE_LIFE: SignedDuration = SignedDuration::from_hours(12);

/// The installation's key for push services: whoever subscribed under it can be notified with it alone.
pub struct VapidKey {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

/// The text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("give base64 of a P-256 key in PKCS #8, as `openssl` of docs/push.md makes it")]
pub struct InvalidVapidKey;

/// A mailer that hands notifications to push services.
#[derive(Debug)]
pub struct Notifying<M> {
    /// The way out for mails.
    pub mailer: M,
    /// `None` where the installation has no key: its notifications are refused and go by mail.
    pub pusher: Option<WebPusher>,
}

/// Hands notifications to push services.
pub struct WebPusher {
    key: VapidKey,
    agent: Agent,
    stand_in: Option<String>,
}

impl VapidKey {
    /// The installation's, if it has one.
    ///
    /// # Errors
    /// [`ConfigError`] if it is given and is none.
    pub fn of(secrets: &Secrets) -> Result<Option<Self>, ConfigError> {
        let read = |text: &String| {
            Self::read(text).map_err(|fault| ConfigError {
                variable: PARAMETER,
                fault: format!("vapid_key: {fault}"),
            })
        };
        secrets.vapid_key.as_ref().map(read).transpose()
    }

    /// Reads base64 of PKCS #8 (DER) with the public key in it.
    ///
    /// # Errors
    /// [`InvalidVapidKey`], which repeats nothing of the text.
    pub fn read(text: &str) -> Result<Self, InvalidVapidKey> {
        let random = SystemRandom::new();
        let bytes = STANDARD.decode(text.trim()).map_err(|_| InvalidVapidKey)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &bytes, &random);
        let pair = pair.map_err(|_| InvalidVapidKey)?;
        Ok(Self { pair, random })
    }

    /// The public half as browsers want it: base64url of 65 bytes.
    #[must_use]
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.pair.public_key())
    }

    /// What proves to the push service at `origin` that the request is ours. Source: RFC 8292.
    fn authorization(&self, origin: &str, sender: &str, now: Timestamp) -> Result<String, Source> {
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let expires_at = (now + SIGNATURE_LIFE).as_second();
        let head = part(json!({ "typ": "JWT", "alg": "ES256" }));
        let claims = part(json!({ "aud": origin, "exp": expires_at, "sub": sender }));
        let signed = format!("{head}.{claims}");
        let signature = self.pair.sign(&self.random, signed.as_bytes());
        let signature = signature.map_err(|_| Source::from("the key does not sign"))?;
        let signature = URL_SAFE_NO_PAD.encode(signature);
        Ok(format!("vapid t={signed}.{signature}, k={}", self.public()))
    }
}

impl<M: Mailer> Mailer for Notifying<M> {
    async fn permit(&self, within: SignedDuration) -> bool {
        self.mailer.permit(within).await
    }

    async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        self.mailer.send(mail).await
    }

    async fn push(&self, push: &Push) -> Result<(), PushError> {
        match &self.pusher {
            Some(pusher) => pusher.push(push).await,
            None => Err(PushError::Refused(
                "the installation has no `vapid_key`; see docs/push.md".into(),
            )),
        }
    }
}

impl WebPusher {
    /// Hands notifications to the push services themselves, or to `stand_in` for all of them.
    #[must_use]
    pub fn new(key: VapidKey, stand_in: Option<&StandIn>) -> Self {
        Self {
            key,
            agent: agent(stand_in.is_some(), TIMEOUT),
            stand_in: stand_in.map(|stand_in| stand_in.url().to_owned()),
        }
    }

    /// Hands `push` over, decided on at its attempt's time.
    ///
    /// # Errors
    /// [`PushError`] says whether the notification can be on its way.
    pub async fn push(&self, push: &Push) -> Result<(), PushError> {
        let request = self.request(push).map_err(PushError::Refused)?;
        let sent = tokio::task::spawn_blocking(move || request.send()).await;
        sent.unwrap_or_else(|error| Err(PushError::Unknown(error.into())))
    }

    fn request(&self, push: &Push) -> Result<Request, Source> {
        let endpoint = push.to.endpoint();
        let host = endpoint
            .strip_prefix("https://")
            .and_then(|rest| rest.split('/').next());
        let host = host.ok_or("the endpoint has no host")?;
        let origin = format!("https://{host}");
        let authorization = self
            .key
            .authorization(&origin, &push.sender, push.attempt.at())?;
        let url = match &self.stand_in {
            None => endpoint.to_owned(),
            Some(stand_in) => format!("{stand_in}{}", &endpoint[origin.len()..]),
        };
        Ok(Request {
            agent: self.agent.clone(),
            url,
            authorization,
            body: encrypted(&push.to, &serde_json::to_vec(&push.notice)?)?,
        })
    }
}

struct Request {
    agent: Agent,
    url: String,
    authorization: String,
    body: Vec<u8>,
}

impl Request {
    fn send(self) -> Result<(), PushError> {
        let answer = self
            .agent
            .post(&self.url)
            .header("authorization", &self.authorization)
            .header("content-encoding", "aes128gcm")
            .header("content-type", "application/octet-stream")
            .header("ttl", &PUSH_LIFE.as_secs().to_string())
            .header("urgency", "normal")
            .send(&self.body[..]);
        match answer {
            Ok(answer) => judge(answer.status().as_u16()),
            // Its text could hold the address, which is the browser's secret.
            Err(error) if never_reached(&error) => Err(PushError::Refused(
                "the push service cannot be reached".into(),
            )),
            Err(_) => Err(PushError::Unknown("the push service gave no answer".into())),
        }
    }
}

/// Whether no byte can have left.
fn never_reached(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => true,
        ureq::Error::Io(error) => error.kind() == ErrorKind::ConnectionRefused,
        _ => false,
    }
}

/// What the push service's status says. Source: RFC 8030, sections 5 and 7.3.
fn judge(status: u16) -> Result<(), PushError> {
    match status {
        200..=299 => Ok(()),
        404 | 410 => Err(PushError::Gone),
        300..=499 => Err(PushError::Refused(
            format!("the push service answered {status}").into(),
        )),
        _ => Err(PushError::Unknown(
            format!("the push service answered {status}").into(),
        )),
    }
}

fn encrypted(to: &PushSubscription, plain: &[u8]) -> Result<Vec<u8>, Source> {
    let key = PublicKey::from_sec1_bytes(&to.public_key());
    // A point off the curve: no browser has such a key.
    let key = key.map_err(|_| "the browser's key is none")?;
    let auth: [u8; 16] = to
        .auth()
        .try_into()
        .map_err(|_| "the browser's secret is none")?;
    encrypt(plain.to_vec(), &key, &Auth::from(auth)).map_err(|error| error.to_string().into())
}

impl std::fmt::Debug for VapidKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VapidKey({})", self.public())
    }
}

impl std::fmt::Debug for WebPusher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebPusher")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_that_proves_it_says_that_nothing_is_on_its_way() {
        for (status, expected) in [
            (201, "sent"),
            (200, "sent"),
            (301, "refused"),
            (400, "refused"),
            (401, "refused"),
            (404, "gone"),
            (410, "gone"),
            (413, "refused"),
            (429, "refused"),
            (500, "unknown"),
            (503, "unknown"),
        ] {
            let told = match judge(status) {
                Ok(()) => "sent",
                Err(PushError::Refused(_)) => "refused",
                Err(PushError::Gone) => "gone",
                Err(PushError::Unknown(_)) => "unknown",
            };
            assert_eq!(told, expected, "{status}");
        }
    }

    #[test]
    fn a_key_is_read_as_the_commands_of_the_guide_make_it() {
        let private = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVVCw9/XvasW3zdw4JK3DG/Ct8/n9kaDZP07QsvQKSJGhRANCAAQAd20xAVaOIrOG8emerZhP3mrD9EkmB+YSo4SixH36ZTY+CxC5AzlgUg1X8VRJyc2bZVMwymzNXxAi9zeWgDRS\n";
        let public = "BAB3bTEBVo4is4bx6Z6tmE_easP0SSYH5hKjhKLEffplNj4LELkDOWBSDVfxVEnJzZtlUzDKbM1fECL3N5aANFI";
        assert_eq!(VapidKey::read(private).unwrap().public(), public);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "!", "AAAA", "dGhpcyBpcyBubyBrZXkgYXQgYWxs"] {
            assert!(VapidKey::read(text).is_err(), "{text}");
        }
    }
}
