"""The emulators of `make e2e`: all of AWS but SES, SES, and who listens between Cartback and both."""

import json
import os
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

READY_WITHIN_S = 30


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Process:
    """A program that we started, its output in a file, ended when we are."""

    def __init__(self, name, command, log_folder, url, **environment):
        self.log = log_folder / f"{name}.log"
        self.url = url
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env=os.environ | environment
            )
        self._wait_until_ready(name)

    def _wait_until_ready(self, name):
        end = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < end and self.process.poll() is None:
            try:
                urllib.request.urlopen(self.url, timeout=1)
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"{name} does not answer at {self.url}; see {self.log}")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def aws(tools, folder) -> Process:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    # It runs what it is given, so it must hear this machine only.
    settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "LOG_LEVEL": "INFO"}
    return Process("aws", [f"{tools}/bin/ministack"], folder, url, **settings)


def ses(node_modules, folder) -> Process:
    port = free_port()
    command = [f"{node_modules}/.bin/aws-ses-v2-local", "--host", "127.0.0.1", "--port", str(port)]
    return Process("ses", command, folder, f"http://127.0.0.1:{port}")


class Listener(BaseHTTPRequestHandler):
    """Answers and hands on; tells nothing."""

    # Clients keep their connection, as they do on AWS.
    protocol_version = "HTTP/1.1"

    def read(self):
        return self.rfile.read(int(self.headers.get("content-length", 0)))

    def hand_on(self, url, body, headers):
        request = urllib.request.Request(url, body, headers, method=self.command)
        try:
            with urllib.request.urlopen(request) as reply:
                self.answer(reply.status, reply.read(), reply.headers)
        except urllib.error.HTTPError as error:
            self.answer(error.code, error.read(), error.headers)

    def answer(self, status, body, headers=None):
        self.send_response(status)
        for name, value in (headers or {"content-type": "application/json"}).items():
            if name.lower() not in ("content-length", "connection", "date", "server", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server:
    """Serves one kind of listener on this machine."""

    def __init__(self, listener):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), listener)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()


class Gate(Server):
    """Stands before the emulator of AWS, and notes which actions each function needs: the emulator does not
    enforce roles. The first part of a path is the name of the function."""

    # What the requests of a transaction need, by its own names.
    PARTS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
    SERVICES = {"DynamoDB_20120810": "dynamodb", "AmazonSSM": "ssm", "AmazonSQS": "sqs", "AWSEvents": "events"}

    def __init__(self, aws_url):
        self.needed = {}
        gate = self

        class Handler(Listener):
            def do_POST(self):
                body = self.read()
                _, function, path = self.path.split("/", 2)
                gate.needed.setdefault(function, set()).update(gate.actions(self.headers["x-amz-target"], body))
                headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
                self.hand_on(f"{aws_url}/{path}", body, headers)

        super().__init__(Handler)

    def actions(self, target, body):
        service, action = target.split(".")
        if action == "TransactWriteItems":
            names = [self.PARTS[kind] for item in json.loads(body)["TransactItems"] for kind in item]
        else:
            names = [action]
        return [f"{self.SERVICES[service]}:{name}" for name in names]


class Witness(Server):
    """Stands before the SES emulator: answers for the account, which the emulator has none of, and keeps
    each `SendEmail` as it came, since the emulator drops tags and configuration set."""

    def __init__(self, ses_url):
        self.requests = []
        witness = self

        class Handler(Listener):
            def do_GET(self):
                # 840 mails a minute, as a new production account has.
                self.answer(200, json.dumps({"SendQuota": {"MaxSendRate": 14.0}}).encode())

            def do_POST(self):
                body = self.read()
                witness.requests.append(json.loads(body))
                headers = {name: self.headers.get(name, "") for name in ("authorization", "x-amz-date")}
                self.hand_on(ses_url + self.path, body, headers | {"content-type": "application/json"})

        super().__init__(Handler)
