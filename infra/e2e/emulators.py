"""The emulators of `make e2e`: all of AWS but SES, SES, and a witness between Cartback and SES."""

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


class Witness:
    """Stands before the SES emulator: answers for the account, which the emulator has none of, and keeps
    each `SendEmail` as it came, since the emulator drops tags and configuration set."""

    def __init__(self, ses_url):
        self.requests = []
        witness = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                # 840 mails a minute, as a new production account has.
                self._answer(200, json.dumps({"SendQuota": {"MaxSendRate": 14.0}}).encode())

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                witness.requests.append(json.loads(body))
                forwarded = urllib.request.Request(
                    ses_url + self.path, body, {"content-type": "application/json"}
                )
                for name in ("authorization", "x-amz-date"):
                    forwarded.add_header(name, self.headers.get(name, ""))
                with urllib.request.urlopen(forwarded) as reply:
                    self._answer(reply.status, reply.read())

            def _answer(self, status, body):
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
