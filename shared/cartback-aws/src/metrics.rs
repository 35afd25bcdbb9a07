//! Counts as CloudWatch metrics: one line of JSON on standard output, which Lambda hands to CloudWatch.
//! No call, no permission, nothing to wait for. Source: CloudWatch guide, "Embedded metric format
//! specification".

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Under which all metrics are found.
const NAMESPACE: &str = "Cartback";

/// The line that adds `counts` of `stage` at `at`; `None` if all are zero. A count of zero is left out:
/// a metric costs by the hour in which it was told of.
///
/// Names are like `nudge` and `sent`; they become the dimension `stage` and the metrics' names.
#[must_use]
pub fn line<'a>(
    stage: &str,
    counts: impl IntoIterator<Item = (&'a str, usize)>,
    at: Timestamp,
) -> Option<String> {
    let counts: Map<String, Value> = counts
        .into_iter()
        .filter(|(_, n)| *n != 0)
        .map(|(name, n)| (name.to_owned(), json!(n)))
        .collect();
    if counts.is_empty() {
        return None;
    }
    let metrics: Vec<Value> = counts
        .keys()
        .map(|name| json!({ "Name": name, "Unit": "Count" }))
        .collect();
    let directive =
        json!({ "Namespace": NAMESPACE, "Dimensions": [["stage"]], "Metrics": metrics });
    let mut line = json!({
        "_aws": { "Timestamp": at.as_millisecond(), "CloudWatchMetrics": [directive] },
        "stage": stage,
    });
    if let Value::Object(fields) = &mut line {
        fields.extend(counts);
    }
    Some(line.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_each_metric_that_counted_and_gives_its_value() {
        let at = Timestamp::from_millisecond(1_795_348_800_123).unwrap();
        let counts = [("sent", 12), ("failed", 0), ("errors", 1)];
        let line = line("nudge", counts, at).unwrap();
        let expected = json!({
            "_aws": {
                "Timestamp": 1_795_348_800_123_i64,
                "CloudWatchMetrics": [{
                    "Namespace": "Cartback",
                    "Dimensions": [["stage"]],
                    "Metrics": [
                        { "Name": "errors", "Unit": "Count" },
                        { "Name": "sent", "Unit": "Count" },
                    ],
                }],
            },
            "stage": "nudge",
            "sent": 12,
            "errors": 1,
        });
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), expected);
        assert!(!line.contains('\n'));
    }

    #[test]
    fn a_sweep_that_found_nothing_says_nothing() {
        assert_eq!(line("nudge", [("sent", 0)], Timestamp::UNIX_EPOCH), None);
        assert_eq!(line("nudge", [], Timestamp::UNIX_EPOCH), None);
    }
}
