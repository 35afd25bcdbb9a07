//! Templates: which messages they ask for, which values, and what they say themselves.

use std::collections::BTreeSet;

use minijinja::Environment;

use crate::messages::Messages;
use crate::urgency::urgent_phrase;
use crate::{Fault, STATEMENT, line_of};

/// A template's call of a message, such as `t("items-more", n=cart.n_more)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Where it stands in the source, in bytes.
    pub at: usize,
    /// The message's id; `None` if it is not written out.
    pub id: Option<String>,
    /// Names of what is passed.
    pub arguments: BTreeSet<String>,
}

/// What is wrong with the template `source` of the file `file`: it must read, call messages that are
/// there with just their variables, ask for no value but those of `known`, and urge nobody.
#[must_use]
pub fn template_faults(
    file: &str,
    source: &str,
    messages: &Messages,
    known: &BTreeSet<&str>,
) -> Vec<Fault> {
    let mut environment = Environment::empty();
    if let Err(error) = environment.add_template("template", source) {
        return vec![Fault::new(
            file,
            error.line().unwrap_or(1),
            error.to_string(),
        )];
    }
    let mut faults = call_faults(file, source, messages);
    if let Ok(template) = environment.get_template("template") {
        let mut asked: Vec<_> = template.undeclared_variables(true).into_iter().collect();
        asked.sort();
        for name in asked {
            let is_known = name.split('.').scan(String::new(), |path, part| {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(part);
                Some(path.clone())
            });
            if !is_known
                .into_iter()
                .all(|path| known.contains(path.as_str()))
            {
                let line = source.find(&name).map_or(1, |at| line_of(source, at));
                let what = format!("there is no value `{name}` here; docs/mails.md lists them");
                faults.push(Fault::new(file, line, what));
            }
        }
    }
    for (at, line) in visible_text(source).lines().enumerate() {
        if let Some(phrase) = urgent_phrase(line) {
            let what = format!("the template urges (\"{phrase}\"); only a statement may");
            faults.push(Fault::new(file, at + 1, what));
        }
    }
    faults.sort();
    faults
}

fn call_faults(file: &str, source: &str, messages: &Messages) -> Vec<Fault> {
    let mut faults = Vec::new();
    for call in calls(source) {
        let line = line_of(source, call.at);
        let fault = |what: String| Fault::new(file, line, what);
        let Some(id) = call.id else {
            faults.push(fault(
                "write the message's id out, as in t(\"greeting\")".into(),
            ));
            continue;
        };
        if id.starts_with(STATEMENT) {
            let what = format!("`{id}` is a statement: show the value of `statements` that has it");
            faults.push(fault(what));
            continue;
        }
        match messages.variables(&id) {
            None => faults.push(fault(format!("there is no message `{id}`"))),
            Some(variables) if *variables != call.arguments => {
                let names: Vec<_> = variables.iter().map(|name| format!("{name}=…")).collect();
                let what = format!("`{id}` needs just these: {}", names.join(", "));
                faults.push(fault(what));
            }
            Some(_) => {}
        }
    }
    faults
}

/// All calls of messages in `source`.
#[must_use]
pub fn calls(source: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    for (at, _) in source.match_indices("t(") {
        let before = source[..at].chars().next_back();
        if before.is_some_and(|char| char.is_alphanumeric() || "_.".contains(char)) {
            continue;
        }
        if is_in_tag(source, at) {
            calls.push(read_call(source, at));
        }
    }
    calls
}

fn is_in_tag(source: &str, at: usize) -> bool {
    let before = &source[..at];
    let opened = before.rfind("{{").max(before.rfind("{%"));
    let closed = before.rfind("}}").max(before.rfind("%}"));
    opened > closed
}

fn read_call(source: &str, at: usize) -> Call {
    let mut parts = vec![String::new()];
    let (mut depth, mut quote) = (0_usize, None);
    for char in source[at + 2..].chars() {
        match (char, quote) {
            (_, Some(open)) if char == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) => quote = Some(char),
            ('(' | '[', None) => depth += 1,
            (')', None) if depth == 0 => break,
            (')' | ']', None) => depth = depth.saturating_sub(1),
            (',', None) if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(char);
        }
    }
    let first = parts[0].trim();
    let unquoted = |quote| first.strip_prefix(quote)?.strip_suffix(quote);
    let inner = unquoted('"').or_else(|| unquoted('\''));
    let is_id = |text: &&str| {
        text.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let names = parts[1..].iter().filter_map(|part| part.split_once('='));
    Call {
        at,
        id: inner.filter(is_id).map(str::to_owned),
        arguments: names.map(|(name, _)| name.trim().to_owned()).collect(),
    }
}

/// `source` without style sheets, HTML tags and template tags, line by line as it was.
#[must_use]
pub fn visible_text(source: &str) -> String {
    let mut text = source.to_owned();
    for (open, close) in [
        ("{#", "#}"),
        ("<mj-style", "</mj-style>"),
        ("<style", "</style>"),
        ("{%", "%}"),
        ("{{", "}}"),
        ("<", ">"),
    ] {
        while let Some(from) = text.find(open) {
            let end = text[from..].find(close);
            let to = end.map_or(text.len(), |at| from + at + close.len());
            let n_lines = text[from..to].matches('\n').count();
            text.replace_range(from..to, &format!(" {}", "\n".repeat(n_lines)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    fn faults(source: &str) -> Vec<String> {
        let messages = "a = x\nb = { $n } y\nstatement-c = z { $n }\n";
        let messages = Messages::read("en.ftl", messages, Language::English).unwrap();
        let known = BTreeSet::from(["t", "brand", "brand.name", "items"]);
        let faults = template_faults("f.txt", source, &messages, &known);
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_a_template_may_do_is_no_fault() {
        let good = "{{ t(\"a\") }} {% for item in items %}{{ t(\"b\", n=(item.n, [1, 2])|first) }}{% endfor %}\n{{ brand.name }}";
        assert_eq!(faults(good), Vec::<String>::new());
    }

    #[test]
    fn a_fault_names_its_line() {
        for (source, told) in [
            ("\n{{ t(\"x\") }}", "f.txt:2: there is no message `x`"),
            ("{{ t(\"b\") }}", "f.txt:1: `b` needs just these: n=…"),
            ("{{ t(\"a\", n=1) }}", "f.txt:1: `a` needs just these: "),
            (
                "{{ t(\"a\" ~ brand.name) }}",
                "f.txt:1: write the message's id out",
            ),
            (
                "\n\n{{ t(\"statement-c\", n=1) }}",
                "f.txt:3: `statement-c` is a statement",
            ),
            (
                "\n{{ brand.price }}",
                "f.txt:2: there is no value `brand.price` here",
            ),
            ("{{ other }}", "f.txt:1: there is no value `other` here"),
            ("<p>\nHurry!</p>", "f.txt:2: the template urges (\"hurry\")"),
            ("{% if x %}", "f.txt:1: "),
        ] {
            let faults = faults(source);
            assert!(
                faults.iter().any(|fault| fault.starts_with(told)),
                "{source}: {faults:?}"
            );
        }
    }
}
