"""Prints the template as CloudFormation sees it, after the SAM transform, as JSON.

    expand.py TEMPLATE [CODE_URI]

Without CODE_URI the code of every function stands for itself: checks do not look at it.
"""

import json
import os
import sys
from pathlib import Path

from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


# The transform asks where it is, and of the answer takes the partition only.
os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")


def expand(text: str, code_uri: str) -> dict:
    template = yaml_parse(text)
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code_uri.format(function=name.lower())
    template["Globals"]["Function"].pop("CodeUri")
    defaults = {
        name: parameter["Default"]
        for name, parameter in template["Parameters"].items()
        if "Default" in parameter
    }
    # No managed policy is named, so none has to be looked up.
    return transform(template, defaults, ManagedPolicyLoader(None))


if __name__ == "__main__":
    code_uri = sys.argv[2] if len(sys.argv) > 2 else "s3://code/{function}.zip"
    json.dump(expand(Path(sys.argv[1]).read_text(), code_uri), sys.stdout, indent=1)
