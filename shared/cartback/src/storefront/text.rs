//! Untrusted text, made fit for keeping: one line, no control characters, cut on a character.

use std::fmt::Write;

/// The most characters of an address on the web that we keep.
pub(super) const MAX_URL_CHARS: usize = 2000;

/// `text` with single spaces, without control characters, cut to `n_chars`; `None` if nothing is
/// left.
pub(super) fn clip(text: &str, n_chars: usize) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line: String = words
        .join(" ")
        .chars()
        .filter(|c| !c.is_control())
        .take(n_chars)
        .collect();
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

/// A first name as given, at most 60 characters; `None` for what is no name but an advertisement.
///
/// Anybody can type a name beside a stranger's address, and our mail would carry it there: whatever
/// a mail program makes a link of is dropped.
pub(super) fn first_name(text: &str) -> Option<String> {
    let is_domain = |word: &str| {
        word.split_once('.')
            .is_some_and(|(_, rest)| rest.chars().nth(1).is_some_and(char::is_alphanumeric))
    };
    clip(text, 60)
        .filter(|name| !name.contains(['/', '@', ':', '<']) && !name.split(' ').any(is_domain))
}

/// Whether a mail program would make a link or an address of a word of `text`.
pub(super) fn has_link(text: &str) -> bool {
    let is_domain = |word: &str| {
        let word = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        word.rsplit_once('.').is_some_and(|(host, last)| {
            !host.is_empty() && 2 <= last.chars().count() && last.chars().all(char::is_alphabetic)
        })
    };
    text.contains("://")
        || text
            .split(|c: char| {
                c.is_whitespace() || matches!(c, '/' | '(' | ')' | '<' | '>' | ',' | '|')
            })
            .any(|word| word.contains('@') || is_domain(word))
}

/// A BCP 47 language tag such as `de-AT`; `_` counts as `-`.
pub(super) fn locale(text: &str) -> Option<String> {
    let tag = text.trim().replace('_', "-");
    let is_subtag = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let mut parts = tag.split('-');
    let is_language = parts.next().is_some_and(|part| {
        (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    (is_language && tag.len() <= 35 && parts.all(is_subtag)).then_some(tag)
}

/// ISO 3166-1 alpha-2 in upper case; that the letters name a country is not checked.
pub(super) fn country(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    (code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())).then_some(code)
}

/// `bytes` in hexadecimal, two small digits each.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// An id of 1 to 128 printable ASCII characters without spaces.
pub(super) fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_characters_and_kept_on_one_line() {
        assert_eq!(
            clip(" Grüße\r\nBcc:\u{0} x ", 60).as_deref(),
            Some("Grüße Bcc: x")
        );
        assert_eq!(clip("ééé", 2).as_deref(), Some("éé"));
        assert_eq!(clip(" \n\u{7} ", 5), None);
    }

    #[test]
    fn a_name_carries_no_link() {
        for name in [
            "Ada",
            "J. R.",
            "J.R.",
            "Zoë-Marie",
            "Анна",
            "O'Neill",
            "Dr. Ada",
        ] {
            assert_eq!(first_name(name).as_deref(), Some(name));
        }
        for spam in [
            "Win at http://evil.example",
            "evil.example",
            "see evil.co now",
            "x@evil.example",
            "a/b",
        ] {
            assert_eq!(first_name(spam), None, "{spam}");
        }
    }

    #[test]
    fn a_title_with_a_link_is_known() {
        for title in [
            "Linen shirt",
            "Blue / M",
            "Tea: green, 1.5 l",
            "Vol. 2. The end",
            "5.5 inch",
            "Nr.7",
            "Größe 42,5",
        ] {
            assert!(!has_link(title), "{title}");
        }
        for spam in [
            "Win at https://evil",
            "see evil.example now",
            "evil.example.",
            "(evil.co)",
            "write to a@b",
            "x/evil.рф",
        ] {
            assert!(has_link(spam), "{spam}");
        }
    }

    #[test]
    fn a_locale_is_a_language_tag() {
        assert_eq!(locale("de_AT").as_deref(), Some("de-AT"));
        assert_eq!(locale("zh-Hant-TW").as_deref(), Some("zh-Hant-TW"));
        for text in [
            "",
            "d",
            "de-",
            "de--AT",
            "english please",
            "1e",
            "de-aaaaaaaaa",
        ] {
            assert_eq!(locale(text), None, "{text}");
        }
    }
}
