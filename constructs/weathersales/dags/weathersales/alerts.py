"""Tells an SNS topic of what failed: a task by its name, and a run that no task's failure explains.

Airflow logs a callback that fails and goes on: a message that cannot be sent never hides the failure itself. SnsNotifier is not
used here: it renders its texts once and for all, and a callback is shared by all tasks of a DAG. An error may quote a password:
what Airflow masks in its logs is masked here too.
Source: Apache Airflow, "Callbacks", read 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.providers.amazon.aws.hooks.sns import SnsHook
from airflow.sdk.execution_time.secrets_masker import redact

# Characters of an error that a mail can still be read with.
LONGEST = 2000


def task_failed(topic: str) -> Callable[[Any], None]:
    """The callback for the last try of a task."""

    def tell(context: Any) -> None:
        ti = context["ti"]
        publish(
            topic,
            f"{ti.dag_id}: {ti.task_id} failed",
            f"Task {ti.task_id} of DAG {ti.dag_id} failed, try {ti.try_number} was the last.\n"
            f"Run: {ti.run_id}\n{redact(str(context.get('exception', '')))[:LONGEST]}\n",
        )

    return tell


def run_failed(topic: str) -> Callable[[Any], None]:
    """The callback for a run that failed, for example because it took too long. A failed task has told that itself."""

    def tell(context: Any) -> None:
        if context["reason"] != "task_failure":
            name = context["dag"].dag_id
            publish(topic, f"{name}: a run failed", f"A run of DAG {name} failed: {context['reason']}.\nRun: {context['run_id']}\n")

    return tell


def publish(topic: str, subject: str, message: str) -> None:
    SnsHook(aws_conn_id=None).publish_to_target(topic, message, subject=subject)
