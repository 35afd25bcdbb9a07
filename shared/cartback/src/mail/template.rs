//! The templates of mails and pages, parsed at first use and kept. Mails come from MJML, compiled by
//! `build.rs`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use minijinja::{AutoEscape, Environment, Error, Output, State, UndefinedBehavior, Value};

use crate::language::Wording;

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

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| environment(BTreeMap::new()));

/// The templates, with those of `own` in their place.
fn environment(own: BTreeMap<String, String>) -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| {
        if name.ends_with(".html") {
            AutoEscape::Html
        } else {
            AutoEscape::None
        }
    });
    environment.set_formatter(write_escaped);
    environment.set_loader(move |name| {
        let known = TEMPLATES.iter().find(|(known, _)| *known == name);
        let own = own.get(name).map(String::as_str);
        Ok(own.or(known.map(|(_, source)| *source)).map(str::to_owned))
    });
    environment
}

/// Fills the template called `name`, of the shop if `wording` has one.
///
/// # Errors
/// A fault of the template: unknown, or it asks for a value that `context` does not have.
pub(crate) fn fill(name: &str, context: &Value, wording: &Wording) -> Result<String, Error> {
    if wording.templates.is_empty() {
        return ENVIRONMENT.get_template(name)?.render(context);
    }
    // Few shops have templates of their own; reading them costs less than a hundredth of the mail's sending.
    environment(wording.templates.clone())
        .get_template(name)?
        .render(context)
}

/// Minijinja's own escaping without `/`, which needs none and would make every URL unreadable. No
/// value counts as safe, so none gets around it.
fn write_escaped(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    let printed = value
        .as_str()
        .map_or_else(|| Cow::Owned(value.to_string()), Cow::Borrowed);
    if matches!(state.auto_escape(), AutoEscape::None) {
        return out.write_str(&printed).map_err(Error::from);
    }
    let mut rest = &*printed;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
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
    out.write_str(rest).map_err(Error::from)
}

#[cfg(test)]
mod tests {
    use minijinja::{ErrorKind, context};

    use super::*;
    use crate::language::{Locale, Words};

    #[test]
    fn an_undefined_variable_fails() {
        let wording = Wording::default();
        let words = Words::new(Locale::ENGLISH, &wording).context();
        let error = fill("nudge/subject.txt", &words, &wording).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UndefinedError);
        let unnamed = context! { brand => context! {}, ..words };
        let error = fill("nudge/subject.txt", &unnamed, &wording).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UndefinedError);
    }

    #[test]
    fn even_a_value_marked_safe_is_escaped() {
        let brand = context! { name => Value::from_safe_string("<b>\"&'".to_owned()) };
        let page = ENVIRONMENT
            .render_named_str("a.html", "{{ brand.name }}", context! { brand })
            .unwrap();
        assert_eq!(page, "&lt;b&gt;&quot;&amp;&#39;");
    }

    #[test]
    fn every_template_reads() {
        for (name, _) in TEMPLATES {
            assert!(ENVIRONMENT.get_template(name).is_ok(), "{name}");
        }
    }
}
