"""Tells an SNS topic of what failed: a task by its name, and a run that no task's failure explains.

The notifiers use the worker's own role, and fail quietly: a message that cannot be sent never hides the failure itself.
Source: Apache Airflow, "Callbacks"; apache-airflow-providers-amazon, "Publish notifications to Amazon SNS", read 2026-11.
"""

from __future__ import annotations

from typing import Any

from airflow.providers.amazon.aws.notifications.sns import SnsNotifier


def task_failed(topic: str) -> SnsNotifier:
    """After the last try of a task."""
    return SnsNotifier(
        aws_conn_id=None,
        target_arn=topic,
        subject="{{ dag.dag_id }}: {{ ti.task_id }} failed",
        message=(
            "Task {{ ti.task_id }} of DAG {{ dag.dag_id }} failed at its last try, {{ ti.try_number }}.\n"
            "Run: {{ run_id }}\n"
            "{{ exception | string | truncate(2000) }}\n"
        ),
    )


class RunFailed(SnsNotifier):
    """Says that a run failed for another reason than a task, such as its timeout: a failed task has told that itself."""

    def notify(self, context: Any) -> None:
        if context.get("reason") != "task_failure":
            super().notify(context)


def run_failed(topic: str) -> RunFailed:
    return RunFailed(
        aws_conn_id=None,
        target_arn=topic,
        subject="{{ dag.dag_id }}: a run failed",
        message="A run of DAG {{ dag.dag_id }} failed: {{ reason }}.\nRun: {{ run_id }}\n",
    )
