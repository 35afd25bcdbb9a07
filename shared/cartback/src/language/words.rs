//! Sentences: Fluent messages in each language, and a shop's own in their place.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, OnceLock};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use intl_memoizer::Memoizable;
use intl_memoizer::concurrent::IntlLangMemoizer;
use minijinja::value::{Kwargs, Object};
use minijinja::{Error, ErrorKind, State, Value};
use serde::{Deserialize, Serialize};
use unic_langid::LanguageIdentifier;

use super::kept::Kept;
use super::{Language, Locale, N_LOCALES};

/// What a shop says in words of its own. `cartback shop check` and `apply` read it from files; empty for
/// most shops.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wording {
    /// Message files by language code, in Fluent; each holds what differs.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub messages: BTreeMap<String, String>,
    /// Templates by name, such as `nudge/body.html`, compiled.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub templates: BTreeMap<String, String>,
}

impl Wording {
    /// Whether the shop has no words of its own.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.templates.is_empty()
    }
}

/// A sentence is missing or lacks a value: the fault of a file that was not checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the message `{id}` cannot be told: {fault}")]
pub struct NoWords {
    /// Which.
    pub id: String,
    /// What Fluent says.
    pub fault: String,
}

/// What a template may ask for, by name. In one map: of contexts that are merged each is asked for each name.
pub(crate) type Values = BTreeMap<&'static str, Value>;

/// The messages of one locale; in templates the function `t`.
#[derive(Clone)]
pub(crate) struct Words {
    locale: Locale,
    bundle: Arc<Bundle>,
}

type Bundle = FluentBundle<FluentResource>;

impl Words {
    /// The words of `locale`, as `wording` has them.
    pub(crate) fn new(locale: Locale, wording: &Wording) -> Self {
        static OWN: Kept<Bundle> = Kept::new();
        let own = wording.messages.get(locale.language().code());
        let bundle = match own {
            Some(own) => OWN.of(locale, wording, || bundle(locale, Some(own))),
            None => Arc::clone(known(locale)),
        };
        Self { locale, bundle }
    }

    /// The language of the words.
    pub(crate) fn locale(&self) -> Locale {
        self.locale
    }

    /// What every template needs to speak: the function `t`, and which way to write.
    pub(crate) fn values(&self) -> Values {
        let t = Value::from_object(self.clone());
        let constants = self.constants();
        let constants = constants.map(|(name, value)| (name, Value::from(value)));
        [("t", t)].into_iter().chain(constants).collect()
    }

    /// Those of the values that are the same in every text of the locale.
    pub(crate) fn constants(&self) -> [(&'static str, &'static str); 4] {
        let (dir, start, end) = if self.locale.language().is_right_to_left() {
            ("rtl", "right", "left")
        } else {
            ("ltr", "left", "right")
        };
        let lang = self.locale.tag();
        [("lang", lang), ("dir", dir), ("start", start), ("end", end)]
    }

    /// The message `id` with `args`.
    ///
    /// # Errors
    /// [`NoWords`] if there is no such message or it asks for more.
    pub(crate) fn say(&self, id: &str, args: &[(&str, Arg<'_>)]) -> Result<String, NoWords> {
        let mut known = FluentArgs::with_capacity(args.len());
        for (name, arg) in args {
            match arg {
                Arg::Text(text) => known.set(*name, *text),
                Arg::Count(count) => known.set(*name, *count),
            }
        }
        self.format(id, &known)
    }

    fn format(&self, id: &str, args: &FluentArgs<'_>) -> Result<String, NoWords> {
        let fault = |fault: String| NoWords {
            id: id.to_owned(),
            fault,
        };
        let message = self
            .bundle
            .get_message(id)
            .and_then(|message| message.value());
        let pattern = message.ok_or_else(|| fault("there is none".to_owned()))?;
        let mut errors = Vec::new();
        let said = self.bundle.format_pattern(pattern, Some(args), &mut errors);
        match errors.first() {
            Some(error) => Err(fault(error.to_string())),
            None => Ok(said.into_owned()),
        }
    }
}

/// What fills a place in a message.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Arg<'a> {
    /// As it stands.
    Text(&'a str),
    /// A count, by which plurals are chosen.
    Count(u64),
}

impl Object for Words {
    /// `t("items-more", n=3)`.
    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let (id, named): (&str, Kwargs) = minijinja::value::from_args(args)?;
        // Looked at, not taken: noting what was taken is a twentieth of what a mail costs.
        let values = named.args().map(|name| Ok((name, named.peek(name)?)));
        let values: Vec<(&str, Value)> = values.collect::<Result<_, Error>>()?;
        let mut known = FluentArgs::with_capacity(values.len());
        for (name, value) in &values {
            match (value.as_str(), value.as_i64()) {
                (Some(text), _) => known.set(*name, text),
                (None, Some(number)) if value.is_number() => known.set(*name, number),
                _ if value.is_undefined() => {
                    let fault = format!("`{name}` of the message `{id}` has no value");
                    return Err(Error::new(ErrorKind::UndefinedError, fault));
                }
                _ => known.set(*name, value.to_string()),
            }
        }
        let said = self.format(id, &known);
        let said =
            said.map_err(|fault| Error::new(ErrorKind::InvalidOperation, fault.to_string()))?;
        Ok(Value::from(said))
    }
}

/// The messages that Cartback brings, read once for each locale.
fn known(locale: Locale) -> &'static Arc<Bundle> {
    static KNOWN: [OnceLock<Arc<Bundle>>; N_LOCALES] = [const { OnceLock::new() }; N_LOCALES];
    KNOWN[locale.place()].get_or_init(|| Arc::new(bundle(locale, None)))
}

fn bundle(locale: Locale, own: Option<&str>) -> Bundle {
    let tag: LanguageIdentifier = locale.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Fluent's marks around values matter where text runs from right to left; elsewhere they only
    // make a mail's text look strange to filters.
    bundle.set_use_isolating(locale.language().is_right_to_left());
    bundle.set_formatter(Some(print_number));
    for source in [Some(messages(locale.language())), own]
        .into_iter()
        .flatten()
    {
        // The build and `shop check` have read both; of a file with a fault the rest is as good.
        let resource = FluentResource::try_new(source.to_owned());
        bundle.add_resource_overriding(resource.unwrap_or_else(|(rest, _)| rest));
    }
    bundle
}

/// The message file that Cartback brings in `language`, in Fluent.
#[must_use]
pub fn messages(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("../../messages/en.ftl"),
        Language::German => include_str!("../../messages/de.ftl"),
        Language::French => include_str!("../../messages/fr.ftl"),
        Language::Spanish => include_str!("../../messages/es.ftl"),
        Language::Japanese => include_str!("../../messages/ja.ftl"),
        Language::Arabic => include_str!("../../messages/ar.ftl"),
    }
}

/// Prints counts with the locale's separators, as Fluent does not.
fn print_number(value: &FluentValue<'_>, memoizer: &IntlLangMemoizer) -> Option<String> {
    let FluentValue::Number(number) = value else {
        return None;
    };
    memoizer
        .with_try_get::<Place, _, _>((), |place| place.0.decimal(&number.as_string()))
        .ok()
}

/// How Fluent hands on the locale of a bundle.
struct Place(Locale);

impl Memoizable for Place {
    type Args = ();
    type Error = Infallible;

    fn construct(tag: LanguageIdentifier, (): ()) -> Result<Self, Self::Error> {
        Ok(Self(Locale::choose([tag.to_string().as_str()])))
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({:?})", self.locale)
    }
}

impl fmt::Debug for Wording {
    /// Names: the texts are long.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.messages.keys().chain(self.templates.keys()).collect();
        f.debug_tuple("Wording").field(&names).finish()
    }
}
