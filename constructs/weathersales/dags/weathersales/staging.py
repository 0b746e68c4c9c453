"""Where the two sources put what they found: in S3, so that XCom, which is a table of Airflow's database, holds keys and counts alone.

Source: Apache Airflow, "XComs", and "Best Practices", Communication, read 2026-11.
"""

from __future__ import annotations

from typing import Any

from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.providers.http.operators.http import HttpOperator

# Both operators bind their method when they run: Airflow renders the fields of a copy, which a method bound before would not see.


class WeatherOperator(HttpOperator):
    """Asks the API and writes the rows of its answer to S3.

    It is not deferrable: a deferred HttpOperator gets the answer through Airflow's database, and waiting for it takes seconds.
    """

    template_fields = (*HttpOperator.template_fields, "bucket", "key")

    def __init__(self, *, bucket: str, key: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bucket = bucket
        self.key = key

    def execute(self, context: Any) -> Any:
        self.response_filter = self.stage
        return super().execute(context)

    def stage(self, response: Any) -> dict[str, Any]:
        from weathersales import rows

        return rows.save(iter([rows.parse_weather(response.text)]), rows.WEATHER, self.bucket, self.key)


class SalesOperator(SQLExecuteQueryOperator):
    """Runs the query and writes what it finds to S3, a batch at a time.

    SQLExecuteQueryOperator would return all rows, to XCom; SqlToS3Operator would hold them all in a pandas data frame.
    """

    template_fields = (*SQLExecuteQueryOperator.template_fields, "bucket", "key")

    def __init__(self, *, bucket: str, key: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bucket = bucket
        self.key = key

    def execute(self, context: Any) -> Any:
        self.handler = self.stage
        return super().execute(context)

    def stage(self, cursor: Any) -> dict[str, Any]:
        from weathersales import rows

        return rows.save(rows.batches(cursor, rows.SALES), rows.SALES, self.bucket, self.key)
