//! JSON at the edge: a fault is named by its path and never repeats what was sent, which may be
//! personal.

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::Malformed;

/// Reads the whole of `body` as a `T`.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Malformed> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| fault(&error.path().to_string(), error.inner()))?;
    deserializer.end().map_err(|error| fault(".", &error))?;
    Ok(value)
}

fn fault(path: &str, error: &serde_json::Error) -> Malformed {
    if error.classify() != Category::Data {
        let place = format!("line {}, column {}", error.line(), error.column());
        return Malformed::new(".", format!("not valid JSON at {place}"));
    }
    let text = error.to_string();
    let text = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(message, _)| message);
    if let Some(field) = text
        .strip_prefix("missing field `")
        .and_then(|rest| rest.strip_suffix('`'))
    {
        return Malformed::new(join(path, field), "is missing");
    }
    if let Some(field) = text
        .strip_prefix("duplicate field `")
        .and_then(|rest| rest.strip_suffix('`'))
    {
        return Malformed::new(join(path, field), "is given twice");
    }
    // "invalid type: string \"ada@example.com\", expected ...": what was sent stays here.
    let sent = text.strip_prefix("invalid type: ");
    match (sent, text.rsplit_once(", expected ")) {
        (Some(sent), Some((_, expected))) => {
            let fault = format!("is {}; send {}", sent_word(sent), expected_word(expected));
            Malformed::new(path, fault)
        }
        (None, Some((_, expected))) => Malformed::new(
            path,
            format!("has a wrong value; send {}", expected_word(expected)),
        ),
        (_, None) => Malformed::new(path, "cannot be read"),
    }
}

/// What serde calls what was sent, in the words of JSON.
fn sent_word(sent: &str) -> &'static str {
    match sent.split([' ', ',']).next().unwrap_or_default() {
        "integer" | "floating" => "a number",
        "string" => "a text",
        "boolean" => "true or false",
        "map" => "an object",
        "sequence" => "an array",
        "null" => "null",
        _ => "of another type",
    }
}

/// What serde expected, in the words of JSON.
fn expected_word(expected: &str) -> &str {
    match expected {
        "u32" => "a whole number of 1 or more",
        "a string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "an array",
        name if name.starts_with("struct ") => "an object",
        other => other,
    }
}

fn join(path: &str, field: &str) -> String {
    if path == "." {
        field.to_owned()
    } else {
        format!("{path}.{field}")
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        items: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Inner {
        quantity: u32,
        step: Option<crate::event::CheckoutStep>,
    }

    #[test]
    fn a_fault_names_its_path_and_repeats_nothing() {
        for (body, expected) in [
            (
                r#"{"items":[{"quantity":1},{}]}"#,
                "items[1].quantity: is missing",
            ),
            (
                r#"{"items":[{"quantity":"ada, expected x"}]}"#,
                "items[0].quantity: is a text; send a whole number of 1 or more",
            ),
            (
                r#"{"items":[{"quantity":-1}]}"#,
                "items[0].quantity: has a wrong value; send a whole number of 1 or more",
            ),
            (
                r#"{"items":[{"quantity":1,"step":"ada"}]}"#,
                "items[0].step: has a wrong value; send one of `contact`, `address`, `shipping`, `payment`",
            ),
            (r#"{"items":[],"items":[]}"#, "items: is given twice"),
            (r#"{"items":[}"#, ".: not valid JSON at line 1, column 11"),
            (
                r#"{"items":[]} ada"#,
                ".: not valid JSON at line 1, column 14",
            ),
            ("", ".: not valid JSON at line 1, column 0"),
        ] {
            assert_eq!(
                read::<Outer>(body.as_bytes()).unwrap_err().to_string(),
                expected,
                "{body}"
            );
        }
    }
}
