"""Fails if a role of the expanded template on standard input allows an action or a resource by wildcard.

checkov looks for the dangerous ones; this project allows none but those below.
"""

import json
import sys

# Calls that have no resource to name, or none yet. Source: AWS's service authorization reference.
ALLOWED = {("ses:GetAccount", "*"), ("dynamodb:ListStreams", "${Table.Arn}/stream/*")}


def as_list(value):
    return value if isinstance(value, list) else [value]


def texts(resource):
    """What a resource says, joins and substitutions resolved as far as they are text."""
    if isinstance(resource, dict):
        return "".join(texts(part) for part in resource.values())
    if isinstance(resource, list):
        return "".join(texts(part) for part in resource)
    return resource


def faults(template):
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        if resource["Properties"].get("ManagedPolicyArns"):
            yield f"{name}: a managed policy, which allows more than this role needs"
        for policy in resource["Properties"].get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                for action in as_list(statement["Action"]):
                    for target in map(texts, as_list(statement["Resource"])):
                        if "*" in action + target and (action, target) not in ALLOWED:
                            yield f"{name}: {action} on {target}"


found = list(faults(json.load(sys.stdin)))
print("\n".join(found) or "No wildcards in the roles.")
sys.exit(bool(found))
