"""Rows between S3 and memory, as Arrow tables. Only tasks import this module: pyarrow takes longer to load than a DAG file may.

Everything that is written to S3 is written to a local file first and uploaded whole, so that nobody sees half an object; a second
run replaces it.
Source: Amazon S3 User Guide, "Amazon S3 data consistency model", read 2026-11.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from tempfile import NamedTemporaryFile
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from airflow.providers.amazon.aws.hooks.s3 import S3Hook

WEATHER = pa.schema(
    [
        ("day", pa.date32()),
        ("city", pa.string()),
        ("precipitation_mm", pa.float64()),
        ("temp_max_c", pa.float64()),
        ("temp_min_c", pa.float64()),
        ("wind_ms", pa.float64()),
        ("weather", pa.string()),
    ]
)
SALES = pa.schema(
    [
        ("day", pa.date32()),
        ("city", pa.string()),
        ("store", pa.int32()),
        ("items", pa.int64()),
        ("amount", pa.decimal128(18, 2)),
    ]
)

# Rows fetched from the database at a time: the most that a task holds in memory.
BATCH = 10_000


class Unreadable(ValueError):
    """What a source gave is not what it promised; the message says what was got and what was expected."""


@cache
def s3() -> S3Hook:
    # None: the worker's own role, without asking the secrets backend for a connection aws_default.
    return S3Hook(aws_conn_id=None)


def parse_weather(text: str) -> pa.Table:
    """The API's answer: {"days": [{"day": "2012-01-05", "city": "Seattle", ...}]}, with a row for each city and day."""
    try:
        days = json.loads(text)["days"]
        rows = [{**row, "day": date.fromisoformat(row["day"])} for row in days]
    except json.JSONDecodeError as error:
        raise Unreadable(f"the API answered with something that is not JSON: {error}; it begins with {text[:80]!r}") from None
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable(f'the API answered with JSON of another shape, expected {{"days": [{{"day": ..., "city": ...}}]}}: {error!r}') from None
    if not rows:
        raise Unreadable("the API knows no weather for these days yet")
    try:
        return pa.Table.from_pylist(rows, schema=WEATHER)
    except pa.ArrowException as error:
        raise Unreadable(f"the API answered with a value of another type: {error}") from None


def batches(cursor: Any, schema: pa.Schema) -> Iterator[pa.Table]:
    """What a query found, a batch at a time."""
    names = [column[0] for column in cursor.description]
    if names != schema.names:
        raise Unreadable(f"the query found the columns {names}, expected {schema.names}")
    while rows := cursor.fetchmany(BATCH):
        yield table(rows, schema)


def table(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table([pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)], schema=schema)


def save(tables: Iterator[pa.Table], schema: pa.Schema, bucket: str, key: str) -> dict[str, Any]:
    """Writes the tables as one Parquet object. What it returns is small: it goes through XCom."""
    with NamedTemporaryFile(suffix=".parquet") as file:
        count = 0
        with pq.ParquetWriter(file.name, schema) as writer:
            for part in tables:
                writer.write_table(part)
                count += part.num_rows
        s3().load_file(file.name, key=key, bucket_name=bucket, replace=True)
    return {"key": key, "rows": count}


def load(bucket: str, key: str) -> pa.Table:
    with NamedTemporaryFile(suffix=".parquet") as file:
        s3().get_conn().download_fileobj(bucket, key, file)
        file.flush()
        return pq.read_table(file.name)


def join(sales: pa.Table, weather: pa.Table) -> pa.Table:
    """Each sale with the weather of its city and day, in an order that does not depend on threads."""
    joined = sales.join(weather, keys=["day", "city"], join_type="inner")
    return joined.select([*SALES.names, *WEATHER.names[2:]]).sort_by([("day", "ascending"), ("city", "ascending"), ("store", "ascending")])
