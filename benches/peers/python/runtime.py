"""The loop of a Lambda runtime, as short as it can be: less than AWS's own does for each event."""

import http.client
import json
import os
import sys
import traceback


def run(handler):
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    base = "/2018-06-01/runtime/invocation"
    while True:
        api.request("GET", f"{base}/next")
        response = api.getresponse()
        request_id = response.getheader("lambda-runtime-aws-request-id")
        event = json.loads(response.read())
        try:
            kind, answer = "response", handler(event)
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            kind, answer = "error", {"errorType": type(error).__name__, "errorMessage": str(error)}
        api.request("POST", f"{base}/{request_id}/{kind}", json.dumps(answer))
        api.getresponse().read()
