"""`make invoke`: every function in `cargo lambda watch`, invoked with each of its sample triggers, and its
routes by HTTP. Table and bus are the template's own, on the emulator."""

import json
import os
import subprocess
import tempfile
import urllib.request
from pathlib import Path

import boto3

import emulators

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / ".tools/e2e/bin"
# The secrets with which the sample triggers are signed.
SECRETS = {
    "pepper": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
    "link_keys": [{"id": 1, "secret": "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="}],
    "shops": {
        "demo": {
            "webhooks": {"cartback": ["whsec_dGhlIHNlY3JldCBvZiB0aGUgdGVzdHMsIDMyIGJ5dGVz"]},
            "api": {"bigcommerce": {"store_hash": "abc123", "access_token": "test"}},
        }
    },
}
# What each sample trigger is answered.
SAMPLES = [
    ("ingest", "event", lambda answer: answer["statusCode"] == 202),
    ("links", "unsubscribe", lambda answer: answer["statusCode"] == 200),
    ("stage", "nudge", lambda answer: answer["stage"] == "nudge" and answer["n_errors"] == 0),
    ("feedback", "send", lambda answer: answer == {"batchItemFailures": []}),
    ("feedback", "queue", lambda answer: [item["itemIdentifier"] for item in answer["batchItemFailures"]] == ["4"]),
    # The first is another store's, and so nobody is asked; the second is no errand.
    ("fetch", "errands", lambda answer: [item["itemIdentifier"] for item in answer["batchItemFailures"]] == ["2"]),
    ("publish", "stream", lambda answer: answer == {"batchItemFailures": []}),
]


def create_stack(aws_url, folder):
    """The template's table, bus and queue of errands; the rest of it takes no part."""
    expand = [f"{ROOT}/.tools/template/bin/python", f"{ROOT}/infra/checks/expand.py"]
    template = json.loads(subprocess.check_output([*expand, f"{ROOT}/infra/template.yaml"]))
    resources = {name: template["Resources"][name] for name in ("Table", "Bus", "Errands", "DeadLetters")}
    cloudformation = boto3.client(
        "cloudformation",
        endpoint_url=aws_url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    cloudformation.create_stack(StackName="cartback", TemplateBody=json.dumps({"Resources": resources}))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="cartback")
    found = cloudformation.describe_stack_resources(StackName="cartback")["StackResources"]
    return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found}


def settings(folder):
    text = (ROOT / "infra/e2e/test-shop.toml").read_text().replace('"test-shop"', '"demo"')
    # Only a shop whose id begins with `test-` may have a faster clock.
    lines = [line for line in text.splitlines() if not line.startswith("test_speed")]
    file = folder / "demo.toml"
    file.write_text("\n".join(lines))
    return file


def invoke(function, sample, port, environment):
    data = ROOT / f"functions/{function}/fixtures/{sample}.json"
    command = [BIN / "cargo-lambda", "lambda", "invoke", function, "--data-file", data]
    command += ["--invoke-address", "127.0.0.1", "--invoke-port", str(port), "--output-format", "json"]
    # The first call of a function builds it.
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"FAILED: {function} {sample}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def main():
    folder = Path(tempfile.mkdtemp(prefix="cartback-invoke-"))
    started = []
    try:
        started.append(aws := emulators.aws(ROOT / ".tools/e2e", folder))
        started.append(witness := emulators.Witness(aws.url))
        ids = create_stack(aws.url, folder)
        environment = os.environ | {
            "AWS_ENDPOINT_URL": aws.url,
            "AWS_ENDPOINT_URL_SESV2": witness.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "CARTBACK_TABLE": ids["Table"],
            "CARTBACK_BUS": ids["Bus"],
            "CARTBACK_ERRANDS": ids["Errands"],
            "CARTBACK_CONFIGURATION_SET": "reminders",
            "CARTBACK_SECRETS": json.dumps(SECRETS),
        }
        subprocess.run(["cargo", "build", "--workspace", "--bin", "cartback"], cwd=ROOT, check=True)
        apply = [ROOT / "target/debug/cartback", "shop", "apply"]
        subprocess.run([*apply, settings(folder)], env=environment, cwd=ROOT, check=True)
        port = emulators.free_port()
        watch = [f"{BIN}/cargo-lambda", "lambda", "watch", "--invoke-address", "127.0.0.1"]
        url = f"http://127.0.0.1:{port}"
        watched = emulators.Process(
            "watch", [*watch, "--invoke-port", str(port), "--ignore-changes"], folder, url, **environment
        )
        started.append(watched)
        for function, sample, is_right in SAMPLES:
            print(f"{function:<9} {sample:<12}", end=" ", flush=True)
            answer = invoke(function, sample, port, environment)
            if not is_right(answer):
                raise SystemExit(f"FAILED: {answer}\nlogs: {folder}")
            print("ok", flush=True)
        request = urllib.request.Request(f"{url}/events/demo", b"{}", method="POST")
        try:
            urllib.request.urlopen(request)
            raise SystemExit("FAILED: an unsigned event was taken")
        except urllib.error.HTTPError as error:
            if error.code != 401:
                raise SystemExit(f"FAILED: POST /events/demo: {error.code}") from error
        print("POST /events/demo without a signature: 401, ok")
    finally:
        for process in reversed(started):
            process.stop()


main()
