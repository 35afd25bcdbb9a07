//! Notifications to a browser: where one takes them, and what a nudge says there. Sending is the
//! mailer's, and which way a reminder goes is decided in [`crate::decide`].

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::ids::{Attempt, CartKey};
use crate::stage::Stage;

/// Push services of the browsers: Chrome and its kin, Firefox, Safari, Edge. An endpoint elsewhere is
/// not taken, so that no page can have us call a host of its choice.
const HOSTS: [&str; 3] = [
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "web.push.apple.com",
];

/// The same for services that have a host for each region.
const HOST_SUFFIXES: [&str; 3] = [
    ".push.services.mozilla.com",
    ".push.apple.com",
    ".notify.windows.com",
];

/// Longer than any that a browser has.
const MAX_ENDPOINT_CHARS: usize = 1024;

/// For how long a push service keeps a notification for a browser that is off: a nudge that comes later
/// is none.
pub const PUSH_LIFE: SignedDuration = SignedDuration::from_mins(60);

/// Where a browser takes notifications: its push service's address for it, and the keys that only it
/// can decrypt by. Whoever has all three can write to it, so nothing of it is printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Subscribed", into = "Subscribed")]
pub struct PushSubscription(Subscribed);

/// A subscription as `PushSubscription.toJSON()` has it in a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribed {
    /// The push service's address.
    pub endpoint: String,
    /// The keys.
    pub keys: PushKeys,
}

/// The keys of a subscription, each base64url. Source: RFC 8291.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushKeys {
    /// The browser's public key: 65 bytes, a point on P-256.
    pub p256dh: String,
    /// The secret that both share: 16 bytes.
    pub auth: String,
}

/// What is known of a cart's browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushState {
    /// It takes notifications here.
    Allowed(PushSubscription),
    /// It took some once: its push service knows it no more.
    Gone,
}

/// A nudge as a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// About which cart.
    pub cart: CartKey,
    /// Of which stage; the nudge so far.
    pub stage: Stage,
    /// By which attempt.
    pub attempt: Attempt,
    /// To which browser.
    pub to: PushSubscription,
    /// Who the push service may write to about us, `mailto:`.
    pub sender: String,
    /// What the service worker shows.
    pub notice: Notice,
}

/// What the service worker shows, as JSON. It goes encrypted; the push service cannot read it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The shop's name.
    pub title: String,
    /// One sentence.
    pub body: String,
    /// Where a tap leads: the restore link.
    pub url: String,
    /// A later notification with the same tag takes the place of this one.
    pub tag: String,
}

/// The subscription is none that we write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSubscription(&'static str);

impl PushSubscription {
    /// The push service's address for the browser, `https` and on one of the known hosts.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.0.endpoint
    }

    /// The browser's public key, 65 bytes.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        URL_SAFE_NO_PAD
            .decode(&self.0.keys.p256dh)
            .unwrap_or_default()
    }

    /// The secret that both share, 16 bytes.
    #[must_use]
    pub fn auth(&self) -> Vec<u8> {
        URL_SAFE_NO_PAD
            .decode(&self.0.keys.auth)
            .unwrap_or_default()
    }
}

impl TryFrom<Subscribed> for PushSubscription {
    type Error = InvalidSubscription;

    fn try_from(told: Subscribed) -> Result<Self, InvalidSubscription> {
        if !is_of_push_service(&told.endpoint) {
            return Err(InvalidSubscription(
                "the endpoint is not of a known push service",
            ));
        }
        let has_bytes = |text: &str, first: Option<u8>, n_bytes: usize| {
            let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
            bytes.len() == n_bytes && first.is_none_or(|first| bytes[0] == first)
        };
        // 4 says that both coordinates follow.
        if !has_bytes(&told.keys.p256dh, Some(4), 65) || !has_bytes(&told.keys.auth, None, 16) {
            return Err(InvalidSubscription("the keys are not those of RFC 8291"));
        }
        Ok(Self(told))
    }
}

impl From<PushSubscription> for Subscribed {
    fn from(subscription: PushSubscription) -> Self {
        subscription.0
    }
}

impl PushState {
    /// Where the browser takes notifications, if it does.
    #[must_use]
    pub fn subscription(&self) -> Option<&PushSubscription> {
        match self {
            Self::Allowed(subscription) => Some(subscription),
            Self::Gone => None,
        }
    }
}

fn is_of_push_service(endpoint: &str) -> bool {
    let Some(url) = Url::parse(endpoint).ok().filter(|_| {
        endpoint.len() <= MAX_ENDPOINT_CHARS && endpoint.bytes().all(|byte| byte.is_ascii_graphic())
    }) else {
        return false;
    };
    let host = url.host_str().unwrap_or_default();
    let is_known = HOSTS.contains(&host)
        || HOST_SUFFIXES
            .iter()
            .any(|suffix| host.ends_with(suffix) && suffix.len() < host.len());
    let is_plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    // Parsers forgive much; what is not printed as it was read is not taken.
    url.scheme() == "https" && is_known && is_plain && url.as_str() == endpoint
}

impl fmt::Debug for PushSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PushSubscription(***)")
    }
}

impl fmt::Debug for Notice {
    /// Without the link, which is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notice")
            .field("title", &self.title)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscribed(endpoint: &str) -> Subscribed {
        let mut point = vec![7; 65];
        point[0] = 4;
        Subscribed {
            endpoint: endpoint.to_owned(),
            keys: PushKeys {
                p256dh: URL_SAFE_NO_PAD.encode(point),
                auth: URL_SAFE_NO_PAD.encode([9; 16]),
            },
        }
    }

    #[test]
    fn only_the_browsers_push_services_are_written_to() {
        for (endpoint, is_taken) in [
            ("https://fcm.googleapis.com/fcm/send/abc:def", true),
            (
                "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
                true,
            ),
            ("https://web.push.apple.com/QGuQ", true),
            ("https://sg2p.notify.windows.com/w/?token=BQYAAA%3d", true),
            ("http://fcm.googleapis.com/fcm/send/abc", false),
            ("https://fcm.googleapis.com:8443/fcm/send/abc", false),
            ("https://user@fcm.googleapis.com/fcm/send/abc", false),
            ("https://fcm.googleapis.com.evil.example/x", false),
            ("https://evil.example/fcm.googleapis.com", false),
            ("https://.notify.windows.com/x", false),
            ("https://notify.windows.com.evil.example/x", false),
            ("https://169.254.169.254/latest/meta-data", false),
            ("https://127.0.0.1/x", false),
            ("https:\\\\fcm.googleapis.com/x", false),
            ("https://fcm.googleapis.com/a b", false),
            ("", false),
        ] {
            let taken = PushSubscription::try_from(subscribed(endpoint));
            assert_eq!(taken.is_ok(), is_taken, "{endpoint}");
        }
        let long = format!("https://fcm.googleapis.com/{}", "a".repeat(1024));
        assert!(PushSubscription::try_from(subscribed(&long)).is_err());
    }

    #[test]
    fn keys_of_another_shape_are_refused_also_from_the_table() {
        let good = subscribed("https://fcm.googleapis.com/fcm/send/abc");
        let read = |told: &Subscribed| {
            let json = serde_json::to_string(told).unwrap();
            serde_json::from_str::<PushSubscription>(&json)
        };
        let kept = read(&good).unwrap();
        assert_eq!((kept.public_key().len(), kept.auth().len()), (65, 16));
        for (p256dh, auth) in [
            ("", good.keys.auth.as_str()),
            (&URL_SAFE_NO_PAD.encode([7; 65]), &good.keys.auth),
            (&URL_SAFE_NO_PAD.encode([4; 64]), &good.keys.auth),
            (&good.keys.p256dh, ""),
            (&good.keys.p256dh, &URL_SAFE_NO_PAD.encode([9; 15])),
            (&good.keys.p256dh, "!"),
        ] {
            let keys = PushKeys {
                p256dh: p256dh.to_owned(),
                auth: auth.to_owned(),
            };
            let told = Subscribed {
                keys,
                ..good.clone()
            };
            assert!(read(&told).is_err());
        }
    }

    #[test]
    fn a_subscription_prints_nothing() {
        let kept = PushSubscription::try_from(subscribed("https://fcm.googleapis.com/x")).unwrap();
        assert_eq!(format!("{kept:?}"), "PushSubscription(***)");
    }
}
