//! The address a reminder goes to. Personal: masked wherever it could be printed by accident.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A syntactically valid mailbox, trimmed, with the ASCII letters of its domain in lower case, at
/// most 254 bytes, and without control characters (so it can stand in a header).
///
/// `Debug` and `Display` show `a***@example.com`; [`EmailAddress::expose`] gives the whole.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// The domains of providers that give addresses away, put together by `build.rs` from mailchecker's list, whose
/// own form, a reference for each of its 56,000 domains, is as many relocations at each cold start.
static DISPOSABLE: LazyLock<fst::Set<&[u8]>> = LazyLock::new(|| {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/disposable.fst"));
    fst::Set::new(&bytes[..]).expect("build.rs wrote a set")
});

/// The text is no e-mail address. The text is personal and therefore not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address; send one such as \"ada@example.com\"")]
pub struct InvalidEmail;

impl EmailAddress {
    /// The whole address, for the mail's header and the contact's item only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether its provider gives addresses away that are thrown away after an hour. Nobody reads a
    /// reminder there.
    #[must_use]
    pub fn is_disposable(&self) -> bool {
        let (_, mut domain) = self.0.rsplit_once('@').unwrap_or_default();
        // Whatever stands before a listed domain, such as a box of one's own, belongs to it.
        while let Some((_, parent)) = domain.split_once('.') {
            if DISPOSABLE.contains(domain) {
                return true;
            }
            domain = parent;
        }
        false
    }

    /// The form by which two spellings are one person: all in lower case.
    #[must_use]
    pub fn normalised(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let trimmed = text.trim();
        let is_clean = trimmed.len() <= 254
            && trimmed
                .chars()
                .all(|c| !c.is_control() && !c.is_whitespace());
        // Quoted local parts are legal and never a shopper's; they only help header injection.
        let is_plain = !trimmed.contains(['"', '<', '>', '\\', '(', ')', ',', ';']);
        let has_domain = trimmed.rsplit_once('@').is_some_and(|(_, domain)| {
            domain.split('.').count() >= 2 && domain.split('.').all(|label| !label.is_empty())
        });
        if !is_clean || !is_plain || !has_domain || !email_address::EmailAddress::is_valid(trimmed)
        {
            return Err(InvalidEmail);
        }
        let (local, domain) = trimmed.rsplit_once('@').ok_or(InvalidEmail)?;
        // Letters beyond ASCII can become others in lower case, which would not be read back.
        Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = InvalidEmail;

    fn try_from(text: String) -> Result<Self, InvalidEmail> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or(("", ""));
        write!(f, "{}***@{domain}", local.chars().next().unwrap_or('*'))
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_case_do_not_make_another_person() {
        let plain: EmailAddress = "ada@example.com".parse().unwrap();
        let loud: EmailAddress = "  ADA@Example.COM ".parse().unwrap();
        assert_eq!(plain.normalised(), loud.normalised());
    }

    #[test]
    fn addresses_to_throw_away_are_known_by_their_domain() {
        let is_disposable = |text: &str| text.parse::<EmailAddress>().unwrap().is_disposable();
        for text in [
            "ada@mailinator.com",
            "Ada@Guerrillamail.COM",
            "a@x.33mail.com",
        ] {
            assert!(is_disposable(text), "{text}");
        }
        for text in [
            "ada@example.com",
            "ada@gmail.com",
            "o'neill+tag@shop.co.uk",
            "ada@bücher.example",
            "ada@localhost.localdomain",
            "ada@123.museum",
        ] {
            assert!(!is_disposable(text), "{text}");
        }
    }

    #[test]
    fn nothing_that_could_break_a_header_is_an_address() {
        for text in [
            "",
            "ada",
            "ada@",
            "@example.com",
            "ada@example",
            "ada@example..com",
            "a b@example.com",
            "ada@example.com\r\nBcc: all@example.com",
            "\"ada,bob\"@example.com",
            "<ada@example.com>",
            "ada@example.com,bob@example.com",
        ] {
            assert!(text.parse::<EmailAddress>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn printing_never_shows_the_whole_address() {
        let address: EmailAddress = "ada.lovelace@example.com".parse().unwrap();
        assert_eq!(
            format!("{address} {address:?}"),
            "a***@example.com a***@example.com"
        );
    }

    #[test]
    fn an_address_has_at_most_254_bytes() {
        let of_length = |n: usize| {
            let domain = format!(
                "{}.{}.{}.example",
                "a".repeat(60),
                "b".repeat(60),
                "c".repeat(60)
            );
            let local = "l".repeat(n - domain.len() - 1);
            format!("{local}@{domain}").parse::<EmailAddress>()
        };
        assert_eq!(of_length(254).unwrap().expose().len(), 254);
        assert_eq!(of_length(255), Err(InvalidEmail));
    }

    #[test]
    fn only_the_domain_loses_its_case_and_the_edges_their_spaces() {
        let address: EmailAddress = "\t Ada.L+shop@Mail.Example.COM\n".parse().unwrap();
        assert_eq!(address.expose(), "Ada.L+shop@mail.example.com");
        assert_eq!(address.normalised(), "ada.l+shop@mail.example.com");
    }

    #[test]
    fn each_character_that_could_break_a_header_is_refused() {
        for bad in [
            '"', '<', '>', '\\', '(', ')', ',', ';', ' ', '\u{0}', '\r', '\n', '\u{a0}', '\u{2028}',
        ] {
            let text = format!("ada{bad}b@example.com");
            assert_eq!(text.parse::<EmailAddress>(), Err(InvalidEmail), "{bad:?}");
        }
        for text in [
            "ada@.example.com",
            "ada@example.com.",
            "ada@@example.com",
            "a@b@example.com",
        ] {
            assert_eq!(text.parse::<EmailAddress>(), Err(InvalidEmail), "{text}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]

        #[test]
        fn what_was_stored_is_read_again(text in "[ -~äİß\u{212a}]{1,12}@[a-zA-Z0-9äİß\u{212a}.-]{1,130}\\.[a-zA-Zİ]{2,60}") {
            if let Ok(address) = text.parse::<EmailAddress>() {
                let stored = serde_json::to_string(&address).unwrap();
                proptest::prop_assert_eq!(serde_json::from_str::<EmailAddress>(&stored).ok(), Some(address));
            }
        }
    }
}
