//! Languages, and how money, moments and sentences read in them. Which languages there are, and what
//! their message files must hold, is `cartback-wording`'s.

mod kept;
mod moment;
mod money;
mod signs;
mod words;

use std::fmt;

use icu_locale_core::locale;
use jiff::tz::TimeZone;

pub use cartback_wording::Language;
pub(crate) use kept::Kept;
pub(crate) use words::{Arg, Values, Words};
pub use words::{NoWords, Wording, messages};

use money::Layout;
use signs::Signs;

/// A language as it is written in one part of the world: one of those that are told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Locale(&'static Entry);

#[derive(PartialEq, Eq)]
struct Entry {
    tag: &'static str,
    language: Language,
    icu: icu_locale_core::Locale,
    layout: Layout,
    signs: Signs,
}

/// How many locales there are.
pub(crate) const N_LOCALES: usize = 10;

/// Those that are told apart, each language's own first. A country that is not here gets what its
/// language has. Austria and French-speaking Switzerland are left out on purpose: their money has
/// separators of its own, which ICU4X does not print.
static LOCALES: [Entry; N_LOCALES] = [
    entry(
        "en",
        Language::English,
        locale!("en"),
        Layout::Before,
        signs::EN,
    ),
    entry(
        "en-GB",
        Language::English,
        locale!("en-GB"),
        Layout::Before,
        signs::EN_GB,
    ),
    entry(
        "de",
        Language::German,
        locale!("de"),
        Layout::After,
        signs::DE,
    ),
    entry(
        "de-CH",
        Language::German,
        locale!("de-CH"),
        Layout::BeforeApart,
        signs::DE_CH,
    ),
    entry(
        "fr",
        Language::French,
        locale!("fr"),
        Layout::After,
        signs::FR,
    ),
    entry(
        "fr-CA",
        Language::French,
        locale!("fr-CA"),
        Layout::After,
        signs::FR_CA,
    ),
    entry(
        "es",
        Language::Spanish,
        locale!("es"),
        Layout::After,
        signs::ES,
    ),
    entry(
        "es-MX",
        Language::Spanish,
        locale!("es-MX"),
        Layout::Before,
        signs::ES_MX,
    ),
    entry(
        "ja",
        Language::Japanese,
        locale!("ja"),
        Layout::Before,
        signs::JA,
    ),
    entry(
        "ar",
        Language::Arabic,
        locale!("ar"),
        Layout::AfterFromRight,
        signs::AR,
    ),
];

const fn entry(
    tag: &'static str,
    language: Language,
    icu: icu_locale_core::Locale,
    layout: Layout,
    signs: Signs,
) -> Entry {
    Entry {
        tag,
        language,
        icu,
        layout,
        signs,
    }
}

impl Locale {
    /// English, for whom nothing else is known.
    pub const ENGLISH: Self = Self(&LOCALES[0]);

    /// The locale of a BCP 47 tag, such as `de-AT`; `None` if Cartback does not speak its language.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        let tag = tag.trim().replace('_', "-");
        let mut parts = tag.split('-');
        let language = parts.next()?.to_ascii_lowercase();
        // A script, such as `Latn`, may stand between.
        let region = parts.find(|part| part.len() == 2);
        let full = region.map(|region| format!("{language}-{}", region.to_ascii_uppercase()));
        let named = |name: &str| LOCALES.iter().find(|known| known.tag == name).map(Self);
        full.and_then(|full| named(&full))
            .or_else(|| named(&language))
    }

    /// The first of `tags` that Cartback speaks; English if there is none.
    #[must_use]
    pub fn choose<'a>(tags: impl IntoIterator<Item = &'a str>) -> Self {
        tags.into_iter().find_map(Self::of).unwrap_or(Self::ENGLISH)
    }

    /// The best of an `Accept-Language` header; `None` if it names no language of ours. Weights are not
    /// looked at: browsers put the best first.
    #[must_use]
    pub fn accepted(header: &str) -> Option<Self> {
        let tags = header
            .split(',')
            .map(|part| part.split(';').next().unwrap_or_default());
        tags.into_iter().find_map(Self::of)
    }

    /// All locales.
    pub fn all() -> impl Iterator<Item = Self> {
        LOCALES.iter().map(Self)
    }

    /// Its language.
    #[must_use]
    pub fn language(self) -> Language {
        self.0.language
    }

    /// Its BCP 47 tag, such as `de` or `de-CH`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.0.tag
    }

    /// Its place among all, below [`N_LOCALES`].
    pub(crate) fn place(self) -> usize {
        LOCALES
            .iter()
            .position(|known| known.tag == self.0.tag)
            .unwrap_or(0)
    }
}

/// The zone called `name`; UTC, which is as true, if there is none.
pub(crate) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_means_the_nearest_locale() {
        for (tag, locale) in [
            ("de", Some("de")),
            ("de-AT", Some("de")),
            ("de_CH", Some("de-CH")),
            ("DE-ch", Some("de-CH")),
            ("en-Latn-GB", Some("en-GB")),
            ("es-419", Some("es")),
            ("ar-EG", Some("ar")),
            ("pt-BR", None),
            ("", None),
            ("d", None),
        ] {
            assert_eq!(Locale::of(tag).map(Locale::tag), locale, "{tag}");
        }
        assert_eq!(Locale::choose(["pt", "ja-JP", "de"]).tag(), "ja");
        assert_eq!(Locale::choose(["pt"]).tag(), "en");
        let accepted = Locale::accepted("pt-BR,fr-CA;q=0.9,en;q=0.8");
        assert_eq!(accepted.map(Locale::tag), Some("fr-CA"));
        assert_eq!(Locale::accepted("*"), None);
    }
}
