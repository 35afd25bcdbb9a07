//! Which URLs may stand in a mail or page.

/// As escaped. Longer ones are refused: a mail of 30 pictures must stay below the 102 KB at which
/// Gmail clips.
const MAX_URL_BYTES: usize = 500;

/// `url` if a shopper may be sent there: `https`, or `http` on this machine for the local runner.
///
/// Printable ASCII without quotes, brackets and backslashes, no user part, at most 500 bytes once escaped.
pub(crate) fn web_url(url: &str) -> Option<&str> {
    let (is_secure, rest) = match url.strip_prefix("https://") {
        Some(rest) => (true, rest),
        None => (false, url.strip_prefix("http://")?),
    };
    let host = rest.split(['/', '?', '#']).next()?;
    let is_host = if is_secure {
        is_public_host(host)
    } else {
        is_loopback(host)
    };
    (is_host && is_plain(url)).then_some(url)
}

/// `url` if a form may be posted there: a path of the same host, or as [`web_url`].
pub(crate) fn form_target(url: &str) -> Option<&str> {
    let is_path = url.starts_with('/') && !url.starts_with("//") && is_plain(url);
    if is_path { Some(url) } else { web_url(url) }
}

fn is_plain(url: &str) -> bool {
    let is_refused = |byte: u8| {
        matches!(
            byte,
            b'"' | b'\'' | b'<' | b'>' | b'\\' | b'`' | b'{' | b'}' | b'|' | b'^'
        )
    };
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && !is_refused(byte);
    let n_ampersands = url.matches('&').count();
    url.len() + 4 * n_ampersands <= MAX_URL_BYTES && url.bytes().all(is_allowed)
}

fn is_public_host(host: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    host.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '[')
        && host.bytes().all(is_allowed)
}

fn is_loopback(host: &str) -> bool {
    ["127.0.0.1", "localhost", "[::1]"]
        .iter()
        .filter_map(|name| host.strip_prefix(name))
        .any(|port| {
            port.is_empty()
                || port
                    .strip_prefix(':')
                    .is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_linked() {
        for url in [
            "https://shop.example",
            "https://shop.example:8443/a?b=c&d=%20#e",
            "https://[2001:db8::1]/",
            "http://127.0.0.1:9000/r/1",
            "http://localhost",
            "http://[::1]:80/",
        ] {
            assert_eq!(web_url(url), Some(url));
        }
        for url in [
            "",
            "shop.example",
            "//shop.example",
            "http://shop.example",
            "http://localhost.evil.example",
            "http://127.0.0.1@evil.example",
            "http://localhost:80@evil.example",
            "https://",
            "https:///evil.example",
            "https://shop.example@evil.example",
            "https://evil.example\\@shop.example",
            "https:\\\\evil.example",
            "https://shop.example/\" onerror=\"x",
            "https://shop.example/a b",
            "https://shop.example/\r\nX: y",
            "https://shop.example/ü",
            "javascript:alert(1)",
            "data:text/html,x",
            "HTTPS://shop.example",
        ] {
            assert_eq!(web_url(url), None, "{url}");
        }
        assert_eq!(
            web_url(&format!("https://shop.example/{}", "a".repeat(500))),
            None
        );
    }

    #[test]
    fn a_form_stays_on_its_host_or_goes_to_a_web_address() {
        assert!(form_target("/r/token").is_some());
        assert!(form_target("https://links.shop.example/u/token").is_some());
        for url in [
            "//evil.example",
            "/\\evil.example",
            "r/token",
            "javascript:alert(1)",
            "",
        ] {
            assert_eq!(form_target(url), None, "{url}");
        }
    }
}
