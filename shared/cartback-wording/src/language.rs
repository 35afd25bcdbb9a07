//! The languages that Cartback speaks.

use std::fmt;
use std::str::FromStr;

/// A language of mails and pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// English, whose messages are the measure of all others.
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Japanese.
    Japanese,
    /// Arabic, from right to left.
    Arabic,
}

impl Language {
    /// All, English first.
    pub const ALL: [Self; 6] = [
        Self::English,
        Self::German,
        Self::French,
        Self::Spanish,
        Self::Japanese,
        Self::Arabic,
    ];

    /// ISO 639-1, as in the names of the message files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Japanese => "ja",
            Self::Arabic => "ar",
        }
    }

    /// Its own name for itself.
    #[must_use]
    pub fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Spanish => "Español",
            Self::Japanese => "日本語",
            Self::Arabic => "العربية",
        }
    }

    /// Whether it is written from right to left.
    #[must_use]
    pub fn is_right_to_left(self) -> bool {
        self == Self::Arabic
    }

    /// Plural categories of counts that the language tells apart, without those of CLDR for millions
    /// (`many` of French and Spanish). Source: CLDR, `plurals.xml`.
    #[must_use]
    pub fn plurals(self) -> &'static [&'static str] {
        match self {
            Self::English | Self::German | Self::French | Self::Spanish => &["one", "other"],
            Self::Japanese => &["other"],
            Self::Arabic => &["zero", "one", "two", "few", "many", "other"],
        }
    }
}

impl FromStr for Language {
    type Err = ();

    /// Reads a code such as `de`, in lower case.
    fn from_str(code: &str) -> Result<Self, ()> {
        let language = Self::ALL.into_iter().find(|known| known.code() == code);
        language.ok_or(())
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
