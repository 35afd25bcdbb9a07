//! Message files: Fluent, reduced to texts, variables and choices. What a translation must have in common
//! with the English file is checked, so that nobody reads a hole.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{
    Entry, Expression, InlineExpression, Message, Pattern, PatternElement, VariantKey,
};
use fluent_syntax::parser::parse;

use crate::language::Language;
use crate::urgency::urgent_phrase_in;
use crate::{Fault, STATEMENT, line_of};

/// Categories of CLDR: a choice by nothing else is one by number.
const PLURALS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// The messages of one file, by their ids.
#[derive(Debug, Clone, Default)]
pub struct Messages(BTreeMap<String, Shape>);

/// What must be the same in every language.
#[derive(Debug, Clone, Default)]
struct Shape {
    line: usize,
    variables: BTreeSet<String>,
    /// By the variable that chooses: the keys of all cases.
    choices: BTreeMap<String, BTreeSet<String>>,
    /// Texts without their variables, one after the other.
    text: String,
}

impl Messages {
    /// Reads the message file `file` in `language`.
    ///
    /// # Errors
    /// Every fault of the file taken alone: syntax, doubled ids, plurals that the language has and the
    /// message lacks, urging words outside statements.
    pub fn read(file: &str, source: &str, language: Language) -> Result<Self, Vec<Fault>> {
        let (resource, mut faults) = match parse(source) {
            Ok(resource) => (resource, Vec::new()),
            Err((resource, errors)) => {
                let fault = |at, what: String| Fault::new(file, line_of(source, at), what);
                let faults = errors.into_iter().map(|error| {
                    let what = format!("this is no message of Fluent ({})", error.kind);
                    fault(error.pos.start, what)
                });
                (resource, faults.collect())
            }
        };
        let mut messages = BTreeMap::new();
        for entry in &resource.body {
            match entry {
                Entry::Message(message) => {
                    let id = message.id.name;
                    let line = line_of_id(source, id);
                    match shape(message, line) {
                        Ok(shape) => {
                            faults.extend(own_faults(file, id, &shape, language));
                            if messages.insert(id.to_owned(), shape).is_some() {
                                let what = format!("`{id}` stands here twice; remove one");
                                faults.push(Fault::new(file, line, what));
                            }
                        }
                        Err(what) => faults.push(Fault::new(file, line, format!("`{id}`: {what}"))),
                    }
                }
                Entry::Term(term) => {
                    let what = "terms are not known here; write the words out";
                    faults.push(Fault::new(file, line_of_id(source, term.id.name), what));
                }
                Entry::Comment(_)
                | Entry::GroupComment(_)
                | Entry::ResourceComment(_)
                | Entry::Junk { .. } => {}
            }
        }
        if faults.is_empty() {
            Ok(Self(messages))
        } else {
            faults.sort();
            Err(faults)
        }
    }

    /// The variables of the message `id`; `None` if there is no such message.
    #[must_use]
    pub fn variables(&self, id: &str) -> Option<&BTreeSet<String>> {
        self.0.get(id).map(|shape| &shape.variables)
    }

    /// All ids, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// What keeps these messages, those of the file `file` of a shop, from taking the place of `known`
    /// ones. A statement must keep all that it states.
    #[must_use]
    pub fn override_faults(&self, file: &str, known: &Self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (id, own) in &self.0 {
            let Some(known) = known.0.get(id) else {
                let what = format!("there is no message `{id}`; docs/mails.md lists them");
                faults.push(Fault::new(file, own.line, what));
                continue;
            };
            for variable in own.variables.difference(&known.variables) {
                let what = format!(
                    "`{id}` has no variable `${variable}`; it has {}",
                    listed(&known.variables)
                );
                faults.push(Fault::new(file, own.line, what));
            }
            let lost = known.variables.difference(&own.variables).next();
            if let Some(variable) = lost.filter(|_| id.starts_with(STATEMENT)) {
                let what =
                    format!("`{id}` must say `${variable}`: it is what the statement states");
                faults.push(Fault::new(file, own.line, what));
            }
        }
        faults
    }
}

/// What `translated`, the file `file`, lacks or has too much, measured by the `english` messages.
#[must_use]
pub fn translation_faults(english: &Messages, translated: &Messages, file: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (id, shape) in &english.0 {
        let Some(own) = translated.0.get(id) else {
            faults.push(Fault::new(
                file,
                1,
                format!("the message `{id}` is missing"),
            ));
            continue;
        };
        if own.variables != shape.variables {
            let what = format!(
                "`{id}` must have the variables {}, and has {}",
                listed(&shape.variables),
                listed(&own.variables)
            );
            faults.push(Fault::new(file, own.line, what));
        }
        if !worded(&shape.choices).eq(worded(&own.choices)) {
            let what = format!("`{id}` must have the same cases as the English message");
            faults.push(Fault::new(file, own.line, what));
        }
    }
    for (id, own) in &translated.0 {
        if !english.0.contains_key(id) {
            let what = format!("the message `{id}` is not in the English file; remove it");
            faults.push(Fault::new(file, own.line, what));
        }
    }
    faults
}

fn own_faults(file: &str, id: &str, shape: &Shape, language: Language) -> Vec<Fault> {
    let fault = |what| Fault::new(file, shape.line, what);
    let mut faults = Vec::new();
    for (variable, keys) in &shape.choices {
        let is_by_number = keys.iter().all(|key| is_count(key));
        let mut lacking = language
            .plurals()
            .iter()
            .filter(|key| !keys.contains(**key));
        if let Some(key) = lacking.next().filter(|_| is_by_number) {
            faults.push(fault(format!(
                "`{id}` lacks the case [{key}] of `${variable}`, which {language} tells apart"
            )));
        }
    }
    if id.starts_with(STATEMENT) {
        if shape.text.chars().any(char::is_numeric) {
            let what = format!("`{id}` states a number of its own; only a variable may");
            faults.push(fault(what));
        }
    } else if let Some(phrase) = urgent_phrase_in(&shape.text, language) {
        faults.push(fault(format!(
            "`{id}` urges (\"{phrase}\"); only a message whose id begins with `{STATEMENT}` may, as it is shown with its proof alone"
        )));
    }
    faults
}

fn shape(message: &Message<&str>, line: usize) -> Result<Shape, String> {
    if !message.attributes.is_empty() {
        return Err("attributes are not known here".to_owned());
    }
    let mut shape = Shape {
        line,
        ..Shape::default()
    };
    let pattern = message.value.as_ref().ok_or("it has no text")?;
    walk(pattern, &mut shape)?;
    Ok(shape)
}

fn walk(pattern: &Pattern<&str>, shape: &mut Shape) -> Result<(), String> {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => shape.text.push_str(value),
            PatternElement::Placeable { expression } => match expression {
                Expression::Inline(inline) => walk_inline(inline, shape)?,
                Expression::Select { selector, variants } => {
                    let InlineExpression::VariableReference { id } = selector else {
                        return Err("only a variable can choose a case".to_owned());
                    };
                    shape.variables.insert(id.name.to_owned());
                    for variant in variants {
                        let key = match &variant.key {
                            VariantKey::Identifier { name } => name,
                            VariantKey::NumberLiteral { value } => value,
                        };
                        let keys = shape.choices.entry(id.name.to_owned()).or_default();
                        keys.insert((*key).to_owned());
                        shape.text.push(' ');
                        walk(&variant.value, shape)?;
                    }
                }
            },
        }
    }
    Ok(())
}

fn walk_inline(inline: &InlineExpression<&str>, shape: &mut Shape) -> Result<(), String> {
    match inline {
        InlineExpression::VariableReference { id } => {
            shape.variables.insert(id.name.to_owned());
            // A word must not grow together over a variable.
            shape.text.push(' ');
            Ok(())
        }
        InlineExpression::StringLiteral { value } => {
            shape.text.push_str(value);
            Ok(())
        }
        _ => Err("only texts, variables and cases are known here".to_owned()),
    }
}

/// The choices by word; which plurals there are is each language's own business.
fn worded(
    choices: &BTreeMap<String, BTreeSet<String>>,
) -> impl Iterator<Item = (&String, &BTreeSet<String>)> {
    let is_by_word = |keys: &BTreeSet<String>| !keys.iter().all(|key| is_count(key));
    choices.iter().filter(move |(_, keys)| is_by_word(keys))
}

fn is_count(key: &str) -> bool {
    PLURALS.contains(&key) || key.bytes().all(|byte| byte.is_ascii_digit())
}

fn listed(variables: &BTreeSet<String>) -> String {
    if variables.is_empty() {
        return "none".to_owned();
    }
    let named: Vec<_> = variables.iter().map(|name| format!("`${name}`")).collect();
    named.join(", ")
}

fn line_of_id(source: &str, id: &str) -> usize {
    let is_it = |line: &str| {
        let rest = line.strip_prefix('-').unwrap_or(line).strip_prefix(id);
        rest.is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    source.lines().position(is_it).map_or(1, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str, language: Language) -> Result<Messages, String> {
        Messages::read("x.ftl", source, language).map_err(|faults| {
            let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
            lines.join("\n")
        })
    }

    #[test]
    fn a_fault_names_file_line_and_remedy() {
        for (source, part) in [
            ("a = ok\nb =\n", "x.ftl:2: this is no message"),
            ("a = ok\na = again\n", "`a` stands here twice"),
            ("\n-term = x\n", "x.ftl:2: terms are not known"),
            ("a = { NUMBER($n) }\n", "x.ftl:1: `a`: only texts"),
            ("a = Hurry up\n", "x.ftl:1: `a` urges (\"hurry\")"),
            ("a = { $n ->\n   *[other] n\n }\n", "lacks the case [one]"),
            ("statement-a = { $n } of 3\n", "states a number of its own"),
        ] {
            let faults = read(source, Language::English).unwrap_err();
            assert!(faults.contains(part), "{source:?}: {faults}");
        }
    }

    #[test]
    fn a_statement_may_urge_and_a_placeable_is_no_text() {
        assert!(read("statement-a = Only { $n } left\n", Language::English).is_ok());
        assert!(read("a = { $only } items\n", Language::English).is_ok());
    }

    #[test]
    fn arabic_needs_six_plurals_and_japanese_one() {
        let plural = "a = { $n ->\n    [one] x\n   *[other] y\n }\n";
        let faults = read(plural, Language::Arabic).unwrap_err();
        assert!(faults.contains("[zero]"), "{faults}");
        assert!(read("a = { $n ->\n   *[other] y\n }\n", Language::Japanese).is_ok());
    }

    #[test]
    fn a_translation_that_differs_is_refused() {
        let english = "a = { $why ->\n    [costs] c\n   *[other] o\n }\nb = { $n } x\n";
        let english = read(english, Language::English).unwrap();
        for (source, part) in [
            ("b = { $n } x\n", "the message `a` is missing"),
            (
                "a = { $why ->\n    [pay] c\n   *[other] o\n }\nb = { $n }\n",
                "same cases",
            ),
            (
                "a = { $why ->\n    [costs] c\n   *[other] o\n }\nb = x\n",
                "must have the variables `$n`, and has none",
            ),
            (
                "a = { $why ->\n    [costs] c\n   *[other] o\n }\nb = { $n }\nc = x\n",
                "`c` is not in the English file",
            ),
        ] {
            let translated = read(source, Language::German).unwrap();
            let faults = translation_faults(&english, &translated, "de.ftl");
            let told = faults.iter().any(|fault| fault.what.contains(part));
            assert!(told, "{source}: {faults:?}");
        }
    }

    #[test]
    fn a_shop_changes_words_and_neither_ids_nor_what_is_stated() {
        let known = read(
            "a = { $shop }\nstatement-b = { $n } left\n",
            Language::English,
        )
        .unwrap();
        for (source, part) in [
            ("c = x\n", "x.ftl:1: there is no message `c`"),
            (
                "\na = { $price }\n",
                "x.ftl:2: `a` has no variable `$price`",
            ),
            ("statement-b = few left\n", "must say `$n`"),
        ] {
            let own = read(source, Language::English).unwrap();
            let faults = own.override_faults("x.ftl", &known);
            assert!(faults[0].to_string().contains(part), "{faults:?}");
        }
        let own = read("a = Hi\n", Language::English).unwrap();
        assert_eq!(own.override_faults("x.ftl", &known), []);
    }
}
