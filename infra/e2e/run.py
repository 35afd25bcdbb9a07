"""`make e2e`: the template on an AWS emulator, driven through its public doors only.

A signed webhook goes in by HTTP; real schedules fire the real binaries; the mail is read at the SES
emulator; its events come back through the real queue; the stream reaches the bus; an order stops what
would have come next. Takes two to four minutes, since the schedules tick once a minute.

    run.py [BOOTSTRAP]    where the binaries are, `{}` for the function; `cargo lambda build`'s by default
"""

import base64
import hashlib
import hmac
import io
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import boto3
from botocore.config import Config

import emulators

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = sorted(folder.name for folder in (ROOT / "functions").iterdir())
STACK = "cartback"
SHOP = "test-shop"
PARAMETER = "/cartback/secrets"
SENDER = "arn:aws:ses:us-east-1:000000000000:identity/shop.example"
# What the emulator does not know, besides alarms that calculate. None of it takes part in what is tested here.
UNKNOWN = ["AWS::Events::Archive"]
SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
PATIENCE_S = 200
# Checks of `cartback doctor` that the emulator can answer.
SEEN_WELL = [
    "SES account",
    "SES events by EventBridge",
    "SES events by SNS, the second way",
    "table: protection against deletion",
    "table: stream of old and new images",
    "secrets",
    f"shop {SHOP}",
    "schedules of nudge",
    "schedules of follow_up",
    "schedules of final",
]


def say(text):
    print(f"{time.monotonic() - STARTED:6.1f} s  {text}", flush=True)


def check(is_so, what):
    if not is_so:
        raise SystemExit(f"FAILED: {what}\nlogs: {FOLDER}")
    say(f"ok: {what}")


def wait_for(what, look):
    """Looks again until `look` finds something; schedules tick once a minute, so that takes its time."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = look()
        if found:
            say(f"ok: {what}")
            return found
        time.sleep(1)
    raise SystemExit(f"FAILED: not within {PATIENCE_S} s: {what}\nlogs: {FOLDER}")


class Installation:
    """The template, deployed on the emulator."""

    def __init__(self, aws_url, gate, ses_url):
        self.aws_url = aws_url
        self.gate = gate
        self.environment = {
            "AWS_ENDPOINT_URL": aws_url,
            "AWS_ENDPOINT_URL_SESV2": ses_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }
        self.webhook_key = secrets.token_bytes(32)
        self._put_secrets()
        self._put_code()
        self._create_stack()
        self._watch_bus()

    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=self.aws_url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 1}),
        )

    def _put_secrets(self):
        key = lambda: base64.b64encode(secrets.token_bytes(32)).decode()
        self.webhook = "whsec_" + base64.b64encode(self.webhook_key).decode()
        value = {
            "pepper": key(),
            "link_keys": [{"id": 1, "secret": key()}],
            "shops": {SHOP: {"webhooks": {"cartback": [self.webhook]}}},
        }
        self.client("ssm").put_parameter(
            Name=PARAMETER, Type="SecureString", Value=json.dumps(value)
        )

    def _put_code(self):
        s3 = self.client("s3")
        s3.create_bucket(Bucket="code")
        for function in FUNCTIONS:
            package = io.BytesIO()
            with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
                entry = zipfile.ZipInfo("bootstrap")
                entry.external_attr = 0o755 << 16
                archive.writestr(entry, Path(BOOTSTRAP.format(function)).read_bytes())
            s3.put_object(Bucket="code", Key=f"{function}.zip", Body=package.getvalue())

    def _template(self):
        expand = [f"{ROOT}/.tools/template/bin/python", f"{ROOT}/infra/checks/expand.py"]
        text = subprocess.check_output([*expand, f"{ROOT}/infra/template.yaml"])
        template = json.loads(text)
        kept = {}
        for name, resource in template["Resources"].items():
            is_math = resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]
            if resource["Type"] in UNKNOWN or is_math:
                say(f"left out, the emulator does not know it: {name}")
                continue
            if resource["Type"] == "AWS::Lambda::Function":
                # On AWS functions find their endpoints and credentials by themselves.
                own = {"AWS_ENDPOINT_URL": f"{self.gate.url}/{name}"}
                resource["Properties"]["Environment"]["Variables"] |= self.environment | own
            if resource["Type"] == "AWS::Scheduler::Schedule":
                # The emulator does not fill in the time; the function then takes its own.
                tick = resource["Properties"]["Target"]["Input"]
                tick["Fn::Sub"] = tick["Fn::Sub"].replace(f', "now": "{SCHEDULED_TIME}"', "")
            kept[name] = resource
        self.allowed = {name: actions(kept[f"{name}Role"]) for name in map(str.capitalize, FUNCTIONS)}
        kept |= routes(kept["Api"]["Properties"].pop("Body"))
        kept["Api"]["Properties"] |= {"Name": STACK, "ProtocolType": "HTTP"}
        return template | {"Resources": kept}

    def _create_stack(self):
        # In one piece a request takes 51,200 bytes; `sam deploy` goes by S3 as well.
        body = json.dumps(self._template())
        self.client("s3").put_object(Bucket="code", Key="template.json", Body=body)
        cloudformation = self.client("cloudformation")
        cloudformation.create_stack(
            StackName=STACK,
            TemplateURL=f"{self.aws_url}/code/template.json",
            Parameters=[
                {"ParameterKey": "SenderIdentityArns", "ParameterValue": SENDER},
                {"ParameterKey": "Architecture", "ParameterValue": "x86_64"},
                # So that each stage is worked off in parts.
                {"ParameterKey": "SchedulesPerStage", "ParameterValue": "2"},
                {"ParameterKey": "AlarmEmail", "ParameterValue": "ops@shop.example"},
            ],
            Capabilities=["CAPABILITY_IAM"],
        )

        def stack():
            found = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
            status = found["StackStatus"]
            if "FAILED" in status or "ROLLBACK" in status:
                events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
                reasons = [event.get("ResourceStatusReason") for event in events]
                check(False, f"stack {status}: {[reason for reason in reasons if reason]}")
            return found if status == "CREATE_COMPLETE" else None

        outputs = wait_for("the expanded template is a stack", stack)["Outputs"]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in outputs}
        resources = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
        self.ids = {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in resources
        }

    def _watch_bus(self):
        sqs, events = self.client("sqs"), self.client("events")
        self.facts_url = sqs.create_queue(QueueName="facts")["QueueUrl"]
        bus = f"{STACK}-facts"
        pattern = json.dumps({"source": ["cartback"]})
        events.put_rule(Name="all", EventBusName=bus, EventPattern=pattern)
        arn = "arn:aws:sqs:us-east-1:000000000000:facts"
        events.put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "facts", "Arn": arn}])
        self.seen_facts = []

    def facts(self):
        sqs = self.client("sqs")
        answer = sqs.receive_message(QueueUrl=self.facts_url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            self.seen_facts.append(json.loads(message["Body"]))
        return [fact["detail-type"] for fact in self.seen_facts]

    def post(self, event):
        body = json.dumps(event)
        message_id, at = f"msg_{secrets.token_hex(8)}", str(int(time.time()))
        signed = f"{message_id}.{at}.{body}".encode()
        signature = hmac.new(self.webhook_key, signed, hashlib.sha256).digest()
        return self.request(
            "POST",
            f"/events/{SHOP}",
            body,
            {
                "content-type": "application/json",
                "webhook-id": message_id,
                "webhook-timestamp": at,
                "webhook-signature": "v1," + base64.b64encode(signature).decode(),
            },
        )

    def request(self, method, path, body="", headers=None):
        url = f"{self.aws_url}/_aws/execute-api/{self.ids['Api']}/$default{path}"
        request = urllib.request.Request(url, body.encode(), headers or {}, method=method)
        try:
            with urllib.request.urlopen(request) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def run(self, *arguments, **environment):
        environment = os.environ | self.environment | environment
        environment |= {"CARTBACK_TABLE": self.outputs["TableName"]}
        command = [f"{ROOT}/target/debug/cartback", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    def cartback(self, *arguments):
        done = self.run(*arguments)
        answer = "" if done.returncode == 0 else f": {done.stdout}{done.stderr}"
        check(done.returncode == 0, f"`cartback {arguments[0]} {arguments[1]}`{answer}")
        return done.stdout

    def doctor(self):
        """What `cartback doctor` finds, by the name of the check."""
        # The emulator's own SES has identities and configuration sets.
        asked = ["doctor", "--stack", STACK, "--name-server", "127.0.0.1:1", "--json"]
        done = self.run(*asked, AWS_ENDPOINT_URL_SESV2=self.aws_url)
        check(done.stdout.startswith("{"), f"`cartback doctor` answers: {done.stderr.strip()}")
        check(self.webhook not in done.stdout + done.stderr, "and repeats no secret")
        return {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}

    def tell(self, mail, by_topic):
        """Says what SES would of `mail`, at the default bus or at the topic: the emulator tells nothing."""
        tags = {tag["Name"]: [tag["Value"]] for tag in mail["EmailTags"]}
        tags["ses:configuration-set"] = [mail["ConfigurationSetName"]]
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        event = json.dumps({"eventType": "Send", "mail": {"timestamp": now, "tags": tags}, "send": {}})
        if by_topic:
            self.client("sns").publish(TopicArn=self.ids["EvidenceTopic"], Message=event)
        else:
            entry = {"Source": "aws.ses", "DetailType": "Email Sent", "Detail": event}
            self.client("events").put_events(Entries=[entry])

    def keep_logs(self):
        """Writes what the functions told into a file of their own."""
        logs = self.client("logs")
        with (FOLDER / "functions.log").open("w") as file:
            for group in logs.describe_log_groups()["logGroups"]:
                events = logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
                file.writelines(f"{group['logGroupName']}: {event['message'].rstrip()}\n" for event in events)

    def deploy_alone(self, function):
        """Replaces the code of one function as docs/deploy.md says; its settings stay."""
        name = self.ids[function.capitalize()]
        before = self.client("lambda").get_function_configuration(FunctionName=name)
        # As `cargo lambda build` leaves it.
        built = FOLDER / "lambda" / function
        built.mkdir(parents=True)
        shutil.copy(BOOTSTRAP.format(function), built / "bootstrap")
        command = [f"{ROOT}/.tools/e2e/bin/cargo-lambda", "lambda", "deploy", "--binary-name", function, name]
        command += ["--lambda-dir", built.parent, "--endpoint-url", self.aws_url]
        done = subprocess.run(
            command, cwd=ROOT, env=os.environ | self.environment, capture_output=True, text=True
        )
        check(done.returncode == 0, f"`cargo lambda deploy` of {function} alone {done.stderr}")
        after = self.client("lambda").get_function_configuration(FunctionName=name)
        kept = ["Environment", "MemorySize", "Timeout", "Role", "Architectures"]
        changed = [setting for setting in kept if before.get(setting) != after.get(setting)]
        check(not changed, f"leaves its settings alone {changed or ''}")


def actions(role):
    """What a role allows."""
    statements = [
        statement
        for policy in role["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    lists = [statement["Action"] for statement in statements]
    return {action for some in lists for action in (some if isinstance(some, list) else [some])}


def routes(definition):
    """The routes of the API as resources of their own: the emulator reads no OpenAPI document."""
    resources = {}
    for path, methods in definition["paths"].items():
        for method, operation in methods.items():
            uri = operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
            function = uri.split("${")[-1].split(".Arn")[0]
            name = f"Route{len(resources)}"
            resources[f"{name}Integration"] = {
                "Type": "AWS::ApiGatewayV2::Integration",
                "Properties": {
                    "ApiId": {"Ref": "Api"},
                    "IntegrationType": "AWS_PROXY",
                    "IntegrationUri": {"Fn::GetAtt": [function, "Arn"]},
                    "PayloadFormatVersion": "2.0",
                },
            }
            resources[name] = {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {
                    "ApiId": {"Ref": "Api"},
                    "RouteKey": f"{method.upper()} {path}",
                    "Target": {"Fn::Sub": f"integrations/${{{name}Integration}}"},
                },
            }
    return resources


def cart(name, email):
    return {
        "type": "cart.updated",
        "cart": {
            "id": name,
            "currency": "USD",
            "items": [{"id": "a", "title": "Lantern", "quantity": 1, "price": "49.00"}],
            "checkout_url": f"https://shop.example/checkout/{name}",
        },
        "contact": {"email": email},
        "consent": {"state": "granted", "basis": "express"},
    }


def journey(shop, witness, ses_url):
    shop.cartback("shop", "apply", f"{ROOT}/infra/e2e/test-shop.toml")
    status, answer = shop.post(cart("c1", "ada@example.com"))
    check(status == 202, f"a signed event is recorded: {answer[:80]}")
    status, _ = shop.request("POST", f"/events/{SHOP}", "{}", {"content-type": "application/json"})
    check(status == 401, "an unsigned event is refused")
    shop.post(cart("c2", "bob@example.com"))

    mails = wait_for(
        "the schedule fires the nudge of both carts",
        lambda: len(witness.requests) >= 2 and list(witness.requests),
    )
    mail = next(mail for mail in mails if mail["Destination"]["ToAddresses"] == ["ada@example.com"])
    simple = mail["Content"]["Simple"]
    headers = {header["Name"]: header["Value"] for header in simple["Headers"]}
    check("List-Unsubscribe" in headers, "the request has List-Unsubscribe")
    check(
        headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click",
        "and its one-click companion",
    )
    tags = {tag["Name"] for tag in mail["EmailTags"]}
    check({"attempt", "stage", "cart", "contact"} <= tags, "and the tags that evidence needs")
    check(mail["ConfigurationSetName"] == f"{STACK}-reminders", "and the configuration set")
    with urllib.request.urlopen(f"{ses_url}/store") as reply:
        inbox = json.loads(reply.read())["emails"]
    check(len(inbox) == len(witness.requests), "the emulator's inbox has as many mails")

    for n, mail in enumerate(mails):
        shop.tell(mail, by_topic=n % 2)
    wait_for("the stream reaches the bus", lambda: shop.facts().count("ReminderSent") >= 2)
    check("example.com" not in json.dumps(shop.seen_facts), "and tells nothing personal")
    shop.deploy_alone("ingest")

    status, _ = shop.post({"type": "order.placed", "cart_id": "c1", "order": {"id": "1001"}})
    check(status == 202, "an order comes in")
    wait_for(
        "the follow-up goes out to who did not order",
        lambda: [mail for mail in witness.requests if "bob@example.com" in str(mail["Destination"])][1:],
    )
    to_ada = [mail for mail in witness.requests if "ada@example.com" in str(mail["Destination"])]
    check(len(to_ada) == 1, "and not to who did")

    link = headers["List-Unsubscribe"].strip("<>").split("/unsubscribe/")[1]
    check(shop.request("GET", f"/unsubscribe/{link}")[0] == 200, "the unsubscribe page opens")
    form = {"content-type": "application/x-www-form-urlencoded"}
    status, _ = shop.request("POST", f"/unsubscribe/{link}", "List-Unsubscribe=One-Click", form)
    check(status == 200, "one click unsubscribes")
    wait_for("and the bus hears of it", lambda: "ContactSuppressed" in shop.facts())
    say(shop.cartback("why", SHOP, "c1").strip().splitlines()[0])
    consult(shop.doctor())
    for function, needed in sorted(shop.gate.needed.items()):
        beyond = sorted(needed - shop.allowed[function])
        check(not beyond, f"the role of {function} allows what it asked for: {', '.join(beyond or sorted(needed))}")


def consult(found):
    """What the doctor must see here; of the rest the emulator knows too little."""
    for finding in found.values():
        say(f"  {finding['mark']}: {finding['check']}, {finding['text']}")
    ill = [name for name in SEEN_WELL if found.get(name, {}).get("mark") != "good"]
    check(not ill, f"the doctor finds well what is{f', but not {ill}' if ill else ''}")
    missing = [finding for finding in found.values() if finding["mark"] != "good"]
    check(missing and all(finding["remedy"] for finding in missing), "and has a remedy for the rest")


def main():
    tools, node_modules = ROOT / ".tools/e2e", ROOT / ".tools/e2e-node/node_modules"
    started = []
    try:
        started.append(aws := emulators.aws(tools, FOLDER))
        started.append(ses := emulators.ses(node_modules, FOLDER))
        started.append(witness := emulators.Witness(ses.url))
        started.append(gate := emulators.Gate(aws.url))
        say(f"emulators are up; logs in {FOLDER}")
        shop = Installation(aws.url, gate, witness.url)
        try:
            journey(shop, witness, ses.url)
        finally:
            shop.keep_logs()
    finally:
        for process in reversed(started):
            process.stop()
    say("All of it works.")


STARTED = time.monotonic()
FOLDER = Path(tempfile.mkdtemp(prefix="cartback-e2e-"))
BOOTSTRAP = sys.argv[1] if len(sys.argv) > 1 else f"{ROOT}/target/lambda/{{}}/bootstrap"
main()
