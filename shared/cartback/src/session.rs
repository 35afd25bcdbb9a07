//! Sessions of a shop's page. The shop's backend mints one for the cart of the visitor before it, and
//! the page may tell of that cart alone, for a while. Signed for this one purpose: no link and no
//! webhook is opened by it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};

use crate::ids::CartId;
use crate::storefront::signature::hmac_sha256;

/// The longest that a session may last; half an hour is usual.
pub const MAX_SESSION_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// What the MAC begins with, so that nothing else that the same key may sign is a session.
const PURPOSE: &str = "cartback-session.1";

/// A page's right to tell of one cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The cart, by the storefront's id.
    pub cart: CartId,
    /// When the session ends, in whole seconds.
    pub expires_at: Timestamp,
}

impl Session {
    /// The token: `<Unix seconds>.<base64url of the cart's id>.<base64url of the MAC>`.
    #[must_use]
    pub fn mint(&self, key: &[u8]) -> String {
        let cart = URL_SAFE_NO_PAD.encode(self.cart.as_str());
        let claims = format!("{}.{cart}", self.expires_at.as_second());
        format!("{claims}.{}", mac(key, &claims))
    }

    /// The session that `token` claims to be, its claims and its MAC. Nothing is checked.
    pub(crate) fn read(token: &str) -> Option<(Self, &str, &str)> {
        let (claims, mac) = token.rsplit_once('.')?;
        let (seconds, cart) = claims.split_once('.')?;
        let cart = URL_SAFE_NO_PAD.decode(cart).ok()?;
        let session = Self {
            cart: String::from_utf8(cart).ok()?.parse().ok()?,
            expires_at: Timestamp::from_second(seconds.parse().ok()?).ok()?,
        };
        Some((session, claims, mac))
    }

    /// Whether it is good at `now`: not over, and not made to last.
    pub(crate) fn is_live(&self, now: Timestamp) -> bool {
        let left = self.expires_at.duration_since(now);
        left.is_positive() && left <= MAX_SESSION_LIFE
    }
}

/// The MAC of a session's `claims`.
pub(crate) fn mac(key: &[u8], claims: &str) -> String {
    let parts = [PURPOSE.as_bytes(), b".", claims.as_bytes()];
    URL_SAFE_NO_PAD.encode(hmac_sha256(key, &parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_what_the_documents_compute() {
        // claims="1782909000.Y2FydC0x"; printf 'cartback-session.1.%s' "$claims" | openssl dgst -sha256
        // -hmac a-secret-of-twenty-four-bytes -binary | basenc --base64url
        let session = Session {
            cart: "cart-1".parse().unwrap(),
            expires_at: "2026-07-01T12:30:00Z".parse().unwrap(),
        };
        let token = session.mint(b"a-secret-of-twenty-four-bytes");
        assert_eq!(
            token,
            "1782909000.Y2FydC0x.smqPo0N44jqUZ7zWrXa8xuyXGQyEEXlRaXO74IwMJC0"
        );
        let (read, claims, _) = Session::read(&token).unwrap();
        assert_eq!((read, claims), (session, "1782909000.Y2FydC0x"));
    }

    #[test]
    fn a_session_is_live_until_its_end_and_never_longer_than_a_day() {
        let now: Timestamp = "2026-07-01T12:00:00Z".parse().unwrap();
        for (seconds, is_live) in [
            (-1, false),
            (0, false),
            (1, true),
            (86_400, true),
            (86_401, false),
        ] {
            let session = Session {
                cart: "c".parse().unwrap(),
                expires_at: now + SignedDuration::from_secs(seconds),
            };
            assert_eq!(session.is_live(now), is_live, "{seconds}");
        }
    }
}
