"""Runs the handler of a Python Lambda function: the part of Lambda's own image that asks for work and answers.

Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes", "Python function handlers"; read 2026-11.
"""

import http.client
import importlib
import json
import os
import sys
import time
import traceback

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
PATH = "/2018-06-01/runtime/"


class Context:
    """What a handler may ask of its invocation. Source: "Using the Lambda context object to retrieve Python function information"."""

    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.deadline = int(headers["Lambda-Runtime-Deadline-Ms"])
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]

    def get_remaining_time_in_millis(self):
        return max(0, self.deadline - int(time.time() * 1000))


def call(method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(API)
    connection.request(method, PATH + path, body, headers or {})
    response = connection.getresponse()
    return response.headers, response.read()


def failed(path, error):
    traceback.print_exception(error)
    message = {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }
    call("POST", path, json.dumps(message), {"Lambda-Runtime-Function-Error-Type": "Unhandled"})


def handler():
    module, name = os.environ["_HANDLER"].rsplit(".", 1)
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    return getattr(importlib.import_module(module.replace("/", ".")), name)


def main():
    try:
        handle = handler()
    except BaseException as error:
        failed("init/error", error)
        sys.exit(1)
    while True:
        headers, event = call("GET", "invocation/next")
        number = headers["Lambda-Runtime-Aws-Request-Id"]
        os.environ["_X_AMZN_TRACE_ID"] = headers["Lambda-Runtime-Trace-Id"]
        try:
            answer = json.dumps(handle(json.loads(event), Context(headers)))
        except Exception as error:
            failed(f"invocation/{number}/error", error)
            continue
        call("POST", f"invocation/{number}/response", answer)


main()
