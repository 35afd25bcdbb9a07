//! DMARC: what a domain asks of whoever receives its mails, and whether ours comply. Source: RFC 7489.

/// How close the domains must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alignment {
    /// One of them may be below the other.
    Relaxed,
    /// The same.
    Strict,
}

/// A domain's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dmarc {
    /// `none`, `quarantine` or `reject`.
    pub(crate) policy: String,
    /// For the domain that signs.
    pub(crate) dkim: Alignment,
    /// For the MAIL FROM domain.
    pub(crate) spf: Alignment,
}

impl Dmarc {
    /// The record among `texts`; `None` if there is not exactly one, as receivers see it.
    pub(crate) fn among(texts: &[String]) -> Option<Self> {
        let mut records = texts.iter().filter_map(|text| Self::parse(text));
        records.next().filter(|_| records.next().is_none())
    }

    fn parse(text: &str) -> Option<Self> {
        let mut tags = text.split(';').filter_map(|tag| {
            let (name, value) = tag.split_once('=')?;
            Some((name.trim(), value.trim()))
        });
        // The version must come first.
        tags.next().filter(|tag| *tag == ("v", "DMARC1"))?;
        let mut record = Self {
            policy: String::new(),
            dkim: Alignment::Relaxed,
            spf: Alignment::Relaxed,
        };
        for (name, value) in tags {
            match name.to_ascii_lowercase().as_str() {
                "p" => record.policy = value.to_ascii_lowercase(),
                "adkim" => record.dkim = alignment(value),
                "aspf" => record.spf = alignment(value),
                _ => {}
            }
        }
        let is_policy = matches!(record.policy.as_str(), "none" | "quarantine" | "reject");
        is_policy.then_some(record)
    }
}

impl Alignment {
    /// Whether `domain` is as close to the one of the From address as this asks.
    pub(crate) fn holds(self, domain: &str, from: &str) -> bool {
        let is_below = |lower: &str, upper: &str| {
            let rest = lower.strip_suffix(upper);
            rest.is_some_and(|rest| rest.ends_with('.'))
        };
        let is_same = domain.eq_ignore_ascii_case(from);
        let (domain, from) = (domain.to_ascii_lowercase(), from.to_ascii_lowercase());
        // Siblings below one registered domain pass as well, but without the list of public suffixes that
        // cannot be told.
        let is_near = is_below(&domain, &from) || is_below(&from, &domain);
        is_same || (self == Self::Relaxed && is_near)
    }
}

/// The domain and those above it, nearest first, down to two labels.
pub(crate) fn with_parents(domain: &str) -> Vec<&str> {
    let mut domains = vec![domain];
    let mut rest = domain;
    while let Some((_, parent)) = rest.split_once('.')
        && parent.contains('.')
    {
        domains.push(parent);
        rest = parent;
    }
    domains
}

fn alignment(value: &str) -> Alignment {
    if value.eq_ignore_ascii_case("s") {
        Alignment::Strict
    } else {
        Alignment::Relaxed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among(texts: &[&str]) -> Option<Dmarc> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        Dmarc::among(&texts)
    }

    #[test]
    fn a_record_is_read_as_receivers_read_it() {
        let record = among(&[
            "v=spf1 -all",
            "v=DMARC1; p=Reject; adkim=s; rua=mailto:a@b.example",
        ]);
        let expected = Dmarc {
            policy: "reject".to_owned(),
            dkim: Alignment::Strict,
            spf: Alignment::Relaxed,
        };
        assert_eq!(record, Some(expected));
        assert_eq!(
            among(&["v=DMARC1;p=none;aspf=s"]).unwrap().spf,
            Alignment::Strict
        );
        for useless in [
            &["p=none; v=DMARC1"][..],
            &["v=DMARC1"],
            &["v=DMARC1; p=maybe"],
            &["v=DMARC2; p=none"],
            &["v=DMARC1; p=none", "v=DMARC1; p=reject"],
            &[],
        ] {
            assert_eq!(among(useless), None, "{useless:?}");
        }
    }

    #[test]
    fn a_domain_is_aligned_with_itself_and_if_relaxed_with_its_parents_and_children() {
        use Alignment::{Relaxed, Strict};
        for (domain, from, relaxed, strict) in [
            ("shop.example", "shop.example", true, true),
            ("Shop.example", "shop.EXAMPLE", true, true),
            ("bounce.shop.example", "shop.example", true, false),
            ("shop.example", "news.shop.example", true, false),
            ("myshop.example", "shop.example", false, false),
            ("amazonses.com", "shop.example", false, false),
        ] {
            assert_eq!(Relaxed.holds(domain, from), relaxed, "{domain} {from}");
            assert_eq!(Strict.holds(domain, from), strict, "{domain} {from}");
        }
    }

    #[test]
    fn the_parents_of_a_domain_end_before_the_last_label() {
        assert_eq!(
            with_parents("a.b.shop.example"),
            ["a.b.shop.example", "b.shop.example", "shop.example"]
        );
        assert_eq!(with_parents("shop.example"), ["shop.example"]);
        assert_eq!(with_parents("localhost"), ["localhost"]);
    }
}
