"""A Lambda function in Python that does what its event says."""

import os

calls = 0


class Refused(Exception):
    pass


def handler(event, context):
    global calls
    calls += 1
    if event == "error":
        raise Refused("as asked")
    return {"calls": calls, "arn": context.invoked_function_arn, "left": context.get_remaining_time_in_millis() > 0, "mine": os.environ["MINE"]}
