//! The domains of providers that give addresses away.

use std::cmp::Ordering;

/// Sorted, a line each, by `build.rs` from mailchecker's list. Its own form, a reference for each of 56,000
/// domains, is as many relocations at each cold start, and to be sorted before the first event.
static DOMAINS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/disposable.txt"));

/// Whether `domain`, in lower case, is listed itself.
pub(crate) fn is_listed(domain: &str) -> bool {
    // What is left to search, in whole lines.
    let mut lines = DOMAINS;
    while !lines.is_empty() {
        let (before, after) = lines.split_at(lines.len() / 2);
        let start = before.iter().rposition(|byte| *byte == b'\n');
        let (before, line) = lines.split_at(start.map_or(0, |at| at + 1));
        let length = after.iter().position(|byte| *byte == b'\n');
        let end = length.map_or(lines.len(), |at| lines.len() / 2 + at) - before.len();
        let (line, after) = line.split_at(end);
        lines = match line.cmp(domain.as_bytes()) {
            Ordering::Equal => return true,
            Ordering::Less => after.get(1..).unwrap_or_default(),
            Ordering::Greater => before,
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_listed_domain_is_found_and_nothing_beside_it() {
        let text = std::str::from_utf8(DOMAINS).unwrap();
        let listed: std::collections::BTreeSet<&str> = text.lines().collect();
        assert!(50_000 < listed.len(), "{}", listed.len());
        for domain in &listed {
            assert!(is_listed(domain), "{domain}");
            for near in [
                &domain[1..],
                &domain[..domain.len() - 1],
                &format!("{domain}x"),
            ] {
                assert_eq!(is_listed(near), listed.contains(near), "{near}");
            }
        }
        assert!(!is_listed(""));
        assert!(!is_listed("zzzz.zzzz"));
    }
}
