//! Signed links in mails. A token is a capability for one purpose: it names its subject by an opaque
//! key, ends at a time, and carries a MAC; there is no login and nothing personal in it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::ids::{Attempt, CartKey, ContactKey};

/// Bytes of the MAC that a token carries: 128 bits, beyond any guessing.
const MAC_BYTES: usize = 16;
/// Version, key id, purpose, expiry (4) and attempt (16), before the subject.
const HEAD_BYTES: usize = 23;
const VERSION: u8 = 1;
/// Larger than any token that we sign; refused before any work is done.
const MAX_TOKEN_CHARS: usize = 256;

/// What a link may do, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// Show one cart and go on to its checkout.
    Restore(CartKey),
    /// Stop mails to one person in one shop.
    Unsubscribe(ContactKey),
    /// Show and change what one person gets, and tell why they got a mail about this cart.
    Preferences(ContactKey, CartKey),
    /// Say what was in the way of one cart.
    Answer(CartKey),
}

/// A link of one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it may do, and for whom.
    pub purpose: Purpose,
    /// The mail's attempt.
    pub attempt: Attempt,
    /// When it ends, in whole seconds up to the year 2106; `None` never.
    pub expires_at: Option<Timestamp>,
}

/// The keys that sign and check links: the first signs, all are accepted.
#[derive(Clone)]
pub struct LinkKeys(Vec<LinkKey>);

/// One signing key.
#[derive(Clone)]
pub struct LinkKey {
    /// Which key a token was signed with; ids of live keys differ.
    pub id: u8,
    /// At least 32 random bytes.
    pub secret: Vec<u8>,
}

/// The token opens nothing. One answer for all faults, so that nobody learns which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the link is not valid, or no longer")]
pub struct InvalidLink;

/// The keys cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkKeysError {
    /// None given.
    #[error("no link key is configured; give at least one of 32 random bytes")]
    Missing,
    /// Too short to be safe.
    #[error("link key {0} is shorter than 32 bytes")]
    Short(u8),
}

impl LinkKeys {
    /// Keys to sign with (the first) and to accept (all).
    ///
    /// # Errors
    /// [`LinkKeysError`] if there is none, or one is too short.
    pub fn new(keys: Vec<LinkKey>) -> Result<Self, LinkKeysError> {
        if keys.is_empty() {
            return Err(LinkKeysError::Missing);
        }
        if let Some(short) = keys.iter().find(|key| key.secret.len() < 32) {
            return Err(LinkKeysError::Short(short.id));
        }
        Ok(Self(keys))
    }

    /// The token of `link`: under 120 characters of `A-Za-z0-9_-` for shop ids of usual length, under
    /// 160 for preferences.
    #[must_use]
    pub fn sign(&self, link: &Link) -> String {
        let key = &self.0[0];
        let (purpose, subject) = match &link.purpose {
            Purpose::Restore(cart) => (1, cart.to_string()),
            Purpose::Unsubscribe(contact) => (2, contact.to_string()),
            // No key has a space.
            Purpose::Preferences(contact, cart) => (3, format!("{contact} {cart}")),
            Purpose::Answer(cart) => (5, cart.to_string()),
        };
        // 0 stands for never, so a link that had ended by then ends a second later.
        let expires_s = link.expires_at.map_or(0, |at| {
            u32::try_from(at.as_second().max(1)).unwrap_or(u32::MAX)
        });
        let mut bytes = vec![VERSION, key.id, purpose];
        bytes.extend(expires_s.to_be_bytes());
        bytes.extend(link.attempt.to_bytes());
        bytes.extend(subject.as_bytes());
        let mac = mac(&key.secret, &bytes).finalize().into_bytes();
        bytes.extend(&mac[..MAC_BYTES]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Checks `token` and says what it may do at `now`.
    ///
    /// # Errors
    /// [`InvalidLink`] if it is forged, damaged, signed with a retired key, or has ended.
    pub fn open(&self, token: &str, now: Timestamp) -> Result<Link, InvalidLink> {
        if MAX_TOKEN_CHARS < token.len() {
            return Err(InvalidLink);
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| InvalidLink)?;
        let signed_bytes = bytes
            .len()
            .checked_sub(MAC_BYTES)
            .filter(|n| HEAD_BYTES < *n)
            .ok_or(InvalidLink)?;
        let (signed, tag) = bytes.split_at(signed_bytes);
        let key = self
            .0
            .iter()
            .find(|key| key.id == signed[1])
            .ok_or(InvalidLink)?;
        mac(&key.secret, signed)
            .verify_truncated_left(tag)
            .map_err(|_| InvalidLink)?;
        let link = read(signed).ok_or(InvalidLink)?;
        if link.expires_at.is_some_and(|end| end <= now) {
            return Err(InvalidLink);
        }
        Ok(link)
    }
}

fn read(signed: &[u8]) -> Option<Link> {
    let (head, subject) = signed.split_at_checked(HEAD_BYTES)?;
    if head[0] != VERSION {
        return None;
    }
    let subject = std::str::from_utf8(subject).ok()?;
    let purpose = match head[2] {
        1 => Purpose::Restore(subject.parse().ok()?),
        2 => Purpose::Unsubscribe(subject.parse().ok()?),
        3 => {
            let (contact, cart) = subject.split_once(' ')?;
            Purpose::Preferences(contact.parse().ok()?, cart.parse().ok()?)
        }
        5 => Purpose::Answer(subject.parse().ok()?),
        _ => return None,
    };
    let expires_at = match u32::from_be_bytes(head[3..7].try_into().ok()?) {
        0 => None,
        seconds => Some(Timestamp::from_second(i64::from(seconds)).ok()?),
    };
    Some(Link {
        purpose,
        attempt: Attempt::from_bytes(head[7..].try_into().ok()?),
        expires_at,
    })
}

fn mac(secret: &[u8], bytes: &[u8]) -> Hmac<Sha256> {
    // HMAC takes keys of any length, so a block-sized fallback key is never reached.
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret).unwrap_or_else(|_| Hmac::new(&[0; 64].into()));
    mac.update(bytes);
    mac
}

impl std::fmt::Debug for LinkKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|key| key.id))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> LinkKeys {
        LinkKeys::new(vec![
            LinkKey {
                id: 2,
                secret: vec![7; 32],
            },
            LinkKey {
                id: 1,
                secret: vec![9; 32],
            },
        ])
        .unwrap()
    }

    fn link(expires_s: i64) -> Link {
        let cart = CartKey::new(&"demo".parse().unwrap(), &"c1".parse().unwrap());
        Link {
            attempt: Attempt::new(1, &cart, 1, Timestamp::UNIX_EPOCH),
            purpose: Purpose::Restore(cart),
            expires_at: Some(Timestamp::from_second(expires_s).unwrap()),
        }
    }

    #[test]
    fn a_link_opens_until_it_ends() {
        let token = keys().sign(&link(1000));
        assert!(token.len() < 120, "{}", token.len());
        assert_eq!(
            keys().open(&token, Timestamp::from_second(999).unwrap()),
            Ok(link(1000))
        );
        assert_eq!(
            keys().open(&token, Timestamp::from_second(1000).unwrap()),
            Err(InvalidLink)
        );
    }

    #[test]
    fn no_changed_bit_opens_anything() {
        let token = keys().sign(&link(1000));
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                keys().open(&URL_SAFE_NO_PAD.encode(forged), Timestamp::UNIX_EPOCH),
                Err(InvalidLink),
                "{bit}"
            );
        }
        for end in 0..token.len() {
            assert_eq!(
                keys().open(&token[..end], Timestamp::UNIX_EPOCH),
                Err(InvalidLink)
            );
        }
    }

    #[test]
    fn a_retired_key_opens_nothing_and_a_previous_one_still_does() {
        let old = LinkKeys::new(vec![LinkKey {
            id: 1,
            secret: vec![9; 32],
        }])
        .unwrap();
        let retired = LinkKeys::new(vec![LinkKey {
            id: 3,
            secret: vec![9; 32],
        }])
        .unwrap();
        assert!(
            keys()
                .open(&old.sign(&link(1000)), Timestamp::UNIX_EPOCH)
                .is_ok()
        );
        assert_eq!(
            keys().open(&retired.sign(&link(1000)), Timestamp::UNIX_EPOCH),
            Err(InvalidLink)
        );
    }

    #[test]
    fn short_keys_are_refused() {
        assert_eq!(LinkKeys::new(vec![]).unwrap_err(), LinkKeysError::Missing);
        let short = LinkKey {
            id: 1,
            secret: vec![0; 31],
        };
        assert_eq!(
            LinkKeys::new(vec![short]).unwrap_err(),
            LinkKeysError::Short(1)
        );
    }

    #[test]
    fn every_link_reads_back_as_itself() {
        let cart = CartKey::new(&"demo".parse().unwrap(), &"c1".parse().unwrap());
        let contact = ContactKey::nobody(cart.shop());
        let preferences = Purpose::Preferences(contact.clone(), cart.clone());
        for purpose in [
            Purpose::Restore(cart.clone()),
            Purpose::Unsubscribe(contact),
            Purpose::Answer(cart),
            preferences,
        ] {
            for expires_s in [None, Some(1), Some(1_000), Some(i64::from(u32::MAX))] {
                let expires_at = expires_s.map(|end| Timestamp::from_second(end).unwrap());
                let link = Link {
                    purpose: purpose.clone(),
                    expires_at,
                    ..link(1)
                };
                let opened = keys().open(&keys().sign(&link), Timestamp::UNIX_EPOCH);
                assert_eq!(opened, Ok(link));
            }
        }
    }

    #[test]
    fn a_link_that_ended_before_any_clock_never_opens() {
        for expires_s in [-1, 0, 1] {
            let token = keys().sign(&link(expires_s));
            assert_eq!(
                keys().open(
                    &token,
                    Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(2)
                ),
                Err(InvalidLink),
                "{expires_s}"
            );
        }
    }

    #[test]
    fn keys_print_without_their_secrets() {
        assert_eq!(format!("{:?}", keys()), "[2, 1]");
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { cases: 10_000, failure_persistence: None, ..Default::default() })]

        #[test]
        fn no_made_up_token_opens_anything(token in "[A-Za-z0-9_-]{0,300}|.{0,40}") {
            proptest::prop_assert_eq!(keys().open(&token, Timestamp::UNIX_EPOCH), Err(InvalidLink));
        }

        #[test]
        fn no_changed_token_opens_anything(
            places in proptest::collection::vec(proptest::arbitrary::any::<proptest::sample::Index>(), 1..4),
            letters in "[A-Za-z0-9_=+/. -]{3}",
            change in 0..3,
        ) {
            let token = keys().sign(&link(1000));
            let mut forged: Vec<char> = token.chars().collect();
            for (place, letter) in places.iter().zip(letters.chars()) {
                let place = place.index(forged.len());
                match change {
                    0 => forged[place] = letter,
                    1 => forged.insert(place, letter),
                    _ => drop(forged.remove(place)),
                }
            }
            let forged: String = forged.into_iter().collect();
            proptest::prop_assume!(forged != token);
            proptest::prop_assert_eq!(keys().open(&forged, Timestamp::UNIX_EPOCH), Err(InvalidLink));
        }
    }
}
