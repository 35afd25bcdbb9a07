"""Fails if the expanded template on standard input has another route than `cargo lambda watch` serves."""

import json
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def of_template(template):
    """The function behind each path."""
    for path, methods in template["Resources"]["Api"]["Properties"]["Body"]["paths"].items():
        for operation in methods.values():
            uri = operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
            yield path, uri.split("${")[-1].split(".Arn")[0].lower()


manifest = tomllib.loads((ROOT / "Cargo.toml").read_text())
watched = manifest["workspace"]["metadata"]["lambda"]["watch"]["router"]
found = set(watched.items()) ^ set(of_template(json.load(sys.stdin)))
for path, function in sorted(found):
    print(f"{path} of {function} is in only one of infra/template.yaml and the router of Cargo.toml")
if not found:
    print("Every route of the template is one of `cargo lambda watch`.")
sys.exit(bool(found))
