#!/usr/bin/env python3
"""Writes shapes.json: what the actions of AWS services answer, for checking the mocks of TestState.

Source: the service models in botocore (Apache-2.0), pip install botocore==1.43.11. A shape is a list of fields
[name, type, required]; types are s (string), n (number), b (boolean), t (timestamp), x (blob), [..]T (list), {}T (map),
e:Name (one of the values of Name) or the name of another shape; min..max are the bounds of length or value.
"""
import json
import os

import botocore.session

# The name in a resource ARN (aws-sdk:NAME:action, or an optimized integration), botocore's name, and the actions that
# matter to data pipelines where a service has hundreds.
SERVICES = {
    "athena": ("athena", "startQueryExecution stopQueryExecution getQueryExecution getQueryResults"),
    "batch": ("batch", "submitJob describeJobs terminateJob"),
    "dynamodb": ("dynamodb", ""),
    "ecs": ("ecs", "runTask describeTasks stopTask"),
    "emrserverless": ("emr-serverless", ""),
    "eventbridge": ("events", "putEvents"),
    "glue": ("glue", "startJobRun getJobRun getJobRuns getJob startCrawler getCrawler getTable getTables getPartitions "
                     "startWorkflowRun getWorkflowRun createPartition batchCreatePartition"),
    "kms": ("kms", ""),
    "lambda": ("lambda", "invoke getFunction listFunctions getFunctionConfiguration createFunction"),
    "redshiftdata": ("redshift-data", ""),
    "s3": ("s3", ""),
    "scheduler": ("scheduler", ""),
    "secretsmanager": ("secretsmanager", ""),
    "sfn": ("stepfunctions", ""),
    "sns": ("sns", ""),
    "sqs": ("sqs", ""),
    "ssm": ("ssm", "getParameter getParameters getParametersByPath putParameter sendCommand getCommandInvocation"),
}

# Step Functions still checks these as it did when its behaviour was recorded (2025-11), not as the models say today.
RECORDED = {("lambda", "FunctionConfiguration", "MemorySize"): "n128..10240"}


def bounds(shape):
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is None and high is None:
        return ""
    return f"{'' if low is None else low}..{'' if high is None else high}"


def describe(shape, shapes):
    kind = shape.type_name
    if kind == "structure":
        if shape.name not in shapes:
            shapes[shape.name] = None
            shapes[shape.name] = [
                [name[0].upper() + name[1:], describe(member, shapes), *([1] if name in shape.required_members else [])]
                for name, member in shape.members.items()
            ]
        return shape.name
    if kind == "list":
        return f"[{bounds(shape)}]{describe(shape.member, shapes)}"
    if kind == "map":
        return "{}" + describe(shape.value, shapes)
    if kind == "string" and shape.enum:
        shapes["e:" + shape.name] = list(shape.enum)
        return "e:" + shape.name
    letters = {"string": "s", "character": "s", "boolean": "b", "timestamp": "t", "blob": "x"}
    return letters.get(kind, "n") + bounds(shape)


def main():
    session = botocore.session.get_session()
    lines = []
    for name, (model_name, actions) in SERVICES.items():
        model = session.get_service_model(model_name)
        shapes, operations = {}, {}
        for operation in model.operation_names:
            action = operation[0].lower() + operation[1:]
            output = model.operation_model(operation).output_shape
            if output is not None and (not actions or action in actions.split()):
                operations[action] = describe(output, shapes)
        for (service, shape, field), kind in RECORDED.items():
            if service == name:
                for member in shapes[shape]:
                    if member[0] == field:
                        member[1] = kind
        parts = [f' "operations":{json.dumps(operations, separators=(",", ":"))}']
        parts += [f' {json.dumps(key)}:{json.dumps(value, separators=(",", ":"))}' for key, value in sorted(shapes.items())]
        lines.append(f'"{name}":{{\n' + ",\n".join(parts) + "}")
    path = os.path.join(os.path.dirname(__file__), "..", "shapes.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
