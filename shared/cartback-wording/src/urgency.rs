//! Words that hurry people along. They may stand only where a statement gives the reason.

use crate::language::Language;

const ENGLISH: &[&str] = &[
    "hurry",
    "last chance",
    "only",
    "today",
    "tonight",
    "now",
    "expires",
    "expiring",
    "ends soon",
    "act fast",
    "limited",
    "selling out",
    "almost gone",
    "running out",
    "while supplies last",
    "before it's gone",
    "don't miss",
    "miss out",
    "final hours",
    "urgent",
    "immediately",
    "quick",
    "low stock",
    "deal",
    "exclusive",
];
const GERMAN: &[&str] = &[
    "beeilen",
    "beeil",
    "letzte chance",
    "nur noch",
    "nur",
    "heute",
    "jetzt",
    "sofort",
    "läuft ab",
    "endet bald",
    "schnell",
    "begrenzt",
    "limitiert",
    "fast weg",
    "fast ausverkauft",
    "solange",
    "verpassen",
    "verpasse",
    "letzte stunden",
    "dringend",
    "exklusiv",
    "angebot",
];
const FRENCH: &[&str] = &[
    "dépêchez",
    "dépêche",
    "dernière chance",
    "plus que",
    "seulement",
    "aujourd'hui",
    "aujourd’hui",
    "maintenant",
    "expire",
    "bientôt",
    "vite",
    "limité",
    "limitée",
    "limités",
    "presque épuisé",
    "jusqu'à épuisement",
    "manquez",
    "dernières heures",
    "urgent",
    "immédiatement",
    "exclusif",
    "offre",
];
const SPANISH: &[&str] = &[
    "prisa",
    "última oportunidad",
    "solo",
    "sólo",
    "hoy",
    "ahora",
    "caduca",
    "termina pronto",
    "rápido",
    "limitado",
    "limitada",
    "limitadas",
    "casi agotado",
    "hasta agotar",
    "te pierdas",
    "se pierda",
    "últimas horas",
    "urgente",
    "inmediatamente",
    "exclusivo",
    "exclusiva",
    "oferta",
];
const JAPANESE: &[&str] = &[
    "お急ぎ",
    "急いで",
    "最後のチャンス",
    "ラストチャンス",
    "残り",
    "本日",
    "今日",
    "今だけ",
    "今すぐ",
    "まもなく",
    "限定",
    "お見逃しなく",
    "売り切れ間近",
    "至急",
    "早い者勝ち",
];
const ARABIC: &[&str] = &[
    "أسرع",
    "سارع",
    "الفرصة الأخيرة",
    "فرصة أخيرة",
    "لم يتبق",
    "اليوم",
    "الآن",
    "ينتهي قريب",
    "لا تفوت",
    "عاجل",
    "فور",
    "محدود",
    "حصري",
    "قبل نفاد",
];

/// The first phrase in `text` that urges in any language; `None` if it urges nobody.
#[must_use]
pub fn urgent_phrase(text: &str) -> Option<&'static str> {
    let urges = |language| urgent_phrase_in(text, language);
    Language::ALL.into_iter().find_map(urges)
}

/// The same for a text in `language`.
#[must_use]
pub fn urgent_phrase_in(text: &str, language: Language) -> Option<&'static str> {
    let lower = text.to_lowercase();
    match language {
        Language::English => find_words(ENGLISH, &lower),
        Language::German => find_words(GERMAN, &lower),
        Language::French => find_words(FRENCH, &lower),
        Language::Spanish => find_words(SPANISH, &lower),
        // Both join words with what stands around them.
        Language::Japanese => find(JAPANESE, &lower),
        Language::Arabic => find(ARABIC, &lower),
    }
}

fn find_words(phrases: &[&'static str], text: &str) -> Option<&'static str> {
    let plain = text.replace(
        |char: char| !char.is_alphanumeric() && !matches!(char, '\'' | '’'),
        " ",
    );
    let words: Vec<_> = plain.split_whitespace().collect();
    let text = format!(" {} ", words.join(" "));
    let is_there = |phrase: &&&str| text.contains(&format!(" {phrase} "));
    phrases.iter().find(is_there).copied()
}

fn find(phrases: &[&'static str], text: &str) -> Option<&'static str> {
    phrases
        .iter()
        .find(|phrase| text.contains(**phrase))
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urging_is_seen_in_every_language() {
        for (text, language) in [
            ("Hurry, it is going!", Language::English),
            ("LAST  CHANCE", Language::English),
            ("Nur noch drei", Language::German),
            ("Dépêchez-vous", Language::French),
            ("¡Date prisa!", Language::Spanish),
            ("お急ぎください", Language::Japanese),
            ("والآن", Language::Arabic),
        ] {
            assert!(urgent_phrase_in(text, language).is_some(), "{text}");
            assert!(urgent_phrase(text).is_some(), "{text}");
        }
    }

    #[test]
    fn words_that_only_contain_one_do_not_urge() {
        for text in [
            "Known ideals of commonly nowhere",
            "Schnellhefter",
            "Take the time you need.",
        ] {
            assert_eq!(urgent_phrase(text), None, "{text}");
        }
    }
}
