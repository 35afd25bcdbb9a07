//! Counts as CloudWatch metrics: one line of JSON on standard output, which Lambda hands to CloudWatch.
//! No call, no permission, nothing to wait for. Source: CloudWatch guide, "Embedded metric format
//! specification".

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// What is told under one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// So many; nothing is not told, as a metric costs by the hour in which it was told of.
    Count(usize),
    /// So many, told even if none: an alarm compares it with another.
    Share(usize),
    /// So long; told whatever it is, so that silence means something.
    Seconds(u64),
}

/// Under which all metrics are found.
const NAMESPACE: &str = "Cartback";

/// The line that tells `amounts` of `stage` at `at`; `None` if there is nothing to tell.
///
/// Names are like `nudge` and `sent`; they become the dimension `stage` and the metrics' names. Each
/// metric is told a second time without a dimension, over all stages: an alarm takes no sum of its own.
#[must_use]
pub fn line<'a, A: Into<Amount>>(
    stage: &str,
    amounts: impl IntoIterator<Item = (&'a str, A)>,
    at: Timestamp,
) -> Option<String> {
    let mut values = Map::new();
    let mut metrics = Vec::new();
    for (name, amount) in amounts {
        let (value, unit) = match amount.into() {
            Amount::Count(0) => continue,
            Amount::Count(n) | Amount::Share(n) => (json!(n), "Count"),
            Amount::Seconds(seconds) => (json!(seconds), "Seconds"),
        };
        values.insert(name.to_owned(), value);
        metrics.push(json!({ "Name": name, "Unit": unit }));
    }
    if metrics.is_empty() {
        return None;
    }
    let directive =
        json!({ "Namespace": NAMESPACE, "Dimensions": [["stage"], []], "Metrics": metrics });
    let mut line = json!({
        "_aws": { "Timestamp": at.as_millisecond(), "CloudWatchMetrics": [directive] },
        "stage": stage,
    });
    if let Value::Object(fields) = &mut line {
        fields.extend(values);
    }
    Some(line.to_string())
}

impl From<usize> for Amount {
    fn from(n: usize) -> Self {
        Self::Count(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_each_metric_that_counted_and_gives_its_value() {
        let at = Timestamp::from_millisecond(1_795_348_800_123).unwrap();
        let amounts = [
            ("sent", Amount::Count(12)),
            ("failed", Amount::Count(0)),
            ("left", Amount::Share(0)),
            ("overdue_seconds", Amount::Seconds(0)),
        ];
        let line = line("nudge", amounts, at).unwrap();
        let expected = json!({
            "_aws": {
                "Timestamp": 1_795_348_800_123_i64,
                "CloudWatchMetrics": [{
                    "Namespace": "Cartback",
                    "Dimensions": [["stage"], []],
                    "Metrics": [
                        { "Name": "sent", "Unit": "Count" },
                        { "Name": "left", "Unit": "Count" },
                        { "Name": "overdue_seconds", "Unit": "Seconds" },
                    ],
                }],
            },
            "stage": "nudge",
            "sent": 12,
            "left": 0,
            "overdue_seconds": 0,
        });
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), expected);
        assert!(!line.contains('\n'));
    }

    #[test]
    fn counts_of_nothing_are_not_told() {
        assert_eq!(line("nudge", [("sent", 0)], Timestamp::UNIX_EPOCH), None);
        let none: [(&str, Amount); 0] = [];
        assert_eq!(line("nudge", none, Timestamp::UNIX_EPOCH), None);
    }
}
