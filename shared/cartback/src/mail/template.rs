//! The templates of mails and pages, parsed at first use and kept. Mails come from MJML, compiled by
//! `build.rs`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use minijinja::{AutoEscape, Environment, Error, Output, State, UndefinedBehavior, Value};

use crate::language::{Kept, N_LOCALES, Wording, Words};

macro_rules! text {
    ($name:literal) => {
        ($name, include_str!(concat!("../../templates/", $name)))
    };
}

macro_rules! compiled {
    ($stage:literal) => {
        (
            concat!($stage, "/body.html"),
            include_str!(concat!(env!("OUT_DIR"), "/", $stage, ".html")),
        )
    };
}

pub(super) const TEMPLATES: [(&str, &str); 23] = [
    text!("nudge/subject.txt"),
    text!("nudge/body.txt"),
    compiled!("nudge"),
    text!("follow_up/subject.txt"),
    text!("follow_up/body.txt"),
    compiled!("follow_up"),
    text!("final/subject.txt"),
    text!("final/body.txt"),
    compiled!("final"),
    text!("partials/items.txt"),
    text!("partials/offer.html"),
    text!("partials/offer.txt"),
    text!("partials/footer.txt"),
    text!("page/base.html"),
    text!("page/branded.html"),
    text!("page/restore.html"),
    text!("page/ordered.html"),
    text!("page/unsubscribe.html"),
    text!("page/unsubscribed.html"),
    text!("page/preferences.html"),
    text!("page/gone.html"),
    text!("page/reason.html"),
    text!("page/thanks.html"),
];

/// How a call of a message without variables stands in a template.
const CALL: (&str, &str) = ("{{ t(\"", "\") }}");

/// Fills the template called `name`: that of the shop if `wording` has one. `words` are those of `wording`.
///
/// # Errors
/// A fault of the template: unknown, or it asks for a value that `context` does not have.
pub(crate) fn fill(
    name: &str,
    context: &Value,
    words: &Words,
    wording: &Wording,
) -> Result<String, Error> {
    if wording.is_empty() {
        return known(words).get_template(name)?.render(context);
    }
    static OWN: Kept<Environment<'static>> = Kept::new();
    let own = OWN.of(words.locale(), wording, || {
        environment(words, wording.templates.clone())
    });
    own.get_template(name)?.render(context)
}

/// Cartback's own templates in the locale of `words`, which are Cartback's own.
fn known(words: &Words) -> &'static Environment<'static> {
    static KNOWN: [OnceLock<Environment<'static>>; N_LOCALES] =
        [const { OnceLock::new() }; N_LOCALES];
    KNOWN[words.locale().place()].get_or_init(|| environment(words, BTreeMap::new()))
}

/// The templates, with those of `own` in their place.
fn environment(words: &Words, own: BTreeMap<String, String>) -> Environment<'static> {
    let words = words.clone();
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(escape_of);
    environment.set_formatter(write_escaped);
    environment.set_loader(move |name| {
        let known = TEMPLATES.iter().find(|(known, _)| *known == name);
        let own = own.get(name).map(String::as_str);
        let source = own.or(known.map(|(_, source)| *source));
        Ok(source.map(|source| spoken(name, source, &words)))
    });
    environment
}

/// `source` with all that reads the same in every mail said: its messages that have no variables, which most
/// have not, and which way it is written.
fn spoken(name: &str, source: &str, words: &Words) -> String {
    let known = words.constants().into_iter();
    let source = known.fold(source.to_owned(), |source, (name, value)| {
        source.replace(&format!("{{{{ {name} }}}}"), value)
    });
    let mut said = String::with_capacity(source.len());
    let mut rest = source.as_str();
    while let Some((before, call)) = rest.split_once(CALL.0) {
        said.push_str(before);
        let told = call.split_once(CALL.1).and_then(|(id, after)| {
            let text = words.say(id, &[]).ok()?;
            // A brace would be read as a tag.
            (!text.contains('{')).then_some((text, after))
        });
        rest = match told {
            Some((text, after)) if escape_of(name) == AutoEscape::Html => {
                // Writing to a string cannot fail.
                let _ = write_html(&mut said, &text);
                after
            }
            Some((text, after)) => {
                said.push_str(&text);
                after
            }
            None => {
                said.push_str(CALL.0);
                call
            }
        };
    }
    said.push_str(rest);
    said
}

fn escape_of(name: &str) -> AutoEscape {
    if name.ends_with(".html") {
        AutoEscape::Html
    } else {
        AutoEscape::None
    }
}

/// Escapes what goes into HTML. No value counts as safe, so none gets around it.
fn write_escaped(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    let printed = value
        .as_str()
        .map_or_else(|| Cow::Owned(value.to_string()), Cow::Borrowed);
    if matches!(state.auto_escape(), AutoEscape::None) {
        return out.write_str(&printed).map_err(Error::from);
    }
    write_html(out, &printed).map_err(Error::from)
}

/// Minijinja's own escaping without `/`, which needs none and would make every URL unreadable.
fn write_html(out: &mut impl fmt::Write, text: &str) -> fmt::Result {
    let mut rest = text;
    let is_special = |byte: u8| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'');
    while let Some(at) = rest.bytes().position(is_special) {
        out.write_str(&rest[..at])?;
        out.write_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        })?;
        rest = &rest[at + 1..];
    }
    out.write_str(rest)
}

#[cfg(test)]
mod tests {
    use minijinja::{ErrorKind, context};

    use super::*;
    use crate::language::Locale;

    fn english() -> Words {
        Words::new(Locale::ENGLISH, &Wording::default())
    }

    #[test]
    fn an_undefined_variable_fails() {
        let (words, wording) = (english(), Wording::default());
        let context = Value::from_object(words.values());
        let error = fill("nudge/subject.txt", &context, &words, &wording).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UndefinedError);
        let unnamed = context! { brand => context! {}, ..context };
        let error = fill("nudge/subject.txt", &unnamed, &words, &wording).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UndefinedError);
    }

    #[test]
    fn even_a_value_marked_safe_is_escaped() {
        let brand = context! { name => Value::from_safe_string("<b>\"&'".to_owned()) };
        let page = environment(&english(), BTreeMap::new())
            .render_named_str("a.html", "{{ brand.name }}", context! { brand })
            .unwrap();
        assert_eq!(page, "&lt;b&gt;&quot;&amp;&#39;");
    }

    #[test]
    fn what_is_said_beforehand_is_escaped_and_what_cannot_be_is_left() {
        let source =
            "{{ t(\"support\") }}|{{ t(\"cart-title\", shop=x) }}|{{ t(\"item-each\") }}|{{ t(\"";
        let rest = "|{{ t(\"cart-title\", shop=x) }}|{{ t(\"item-each\") }}|{{ t(\"";
        let messages = [("en".to_owned(), "support = A <b> & \"c\"".to_owned())];
        let wording = Wording {
            messages: messages.into(),
            ..Wording::default()
        };
        let words = Words::new(Locale::ENGLISH, &wording);
        let html = spoken("a.html", source, &words);
        assert_eq!(html, format!("A &lt;b&gt; &amp; &quot;c&quot;{rest}"));
        let text = spoken("a.txt", source, &words);
        assert_eq!(text, format!("A <b> & \"c\"{rest}"));
    }

    #[test]
    fn every_template_reads() {
        for locale in Locale::all() {
            let words = Words::new(locale, &Wording::default());
            for (name, _) in TEMPLATES {
                assert!(
                    known(&words).get_template(name).is_ok(),
                    "{name} {locale:?}"
                );
            }
        }
    }
}
