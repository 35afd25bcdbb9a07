"""Fails if an alarm of the expanded template on standard input has no row in docs/deploy.md, or watches a metric of
ours that is not named there, or that no function tells."""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The functions' own alarms share a row.
SHARED = "Errors"


def metrics(alarm):
    yield alarm.get("Namespace"), alarm.get("MetricName")
    for query in alarm.get("Metrics", []):
        metric = query.get("MetricStat", {}).get("Metric", {})
        yield metric.get("Namespace"), metric.get("MetricName")


def faults(template, deploy, sources):
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::CloudWatch::Alarm":
            continue
        row = name.removesuffix("Alarm")
        is_told = re.search(rf"^\|[^|]*\b{row}\b[^|]*\|[^|]+\|[^|]+\|$", deploy, re.MULTILINE)
        if not row.endswith(SHARED) and not is_told:
            yield f"{name}: no row in docs/deploy.md"
        for namespace, metric in metrics(resource["Properties"]):
            if namespace != "Cartback":
                continue
            if f"`{metric}`" not in deploy:
                yield f"{name}: docs/deploy.md does not name {metric}"
            if f'"{metric}"' not in sources:
                yield f"{name}: no function tells {metric}"


deploy = (ROOT / "docs/deploy.md").read_text()
sources = "".join(path.read_text() for path in sorted(ROOT.glob("functions/*/src/handler.rs")))
found = list(faults(json.load(sys.stdin), deploy, sources))
print("\n".join(found) or "Every alarm has a row in docs/deploy.md.")
sys.exit(bool(found))
