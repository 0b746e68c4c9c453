"""What the DAG talks to, on this machine: the API, S3 and SNS, and the database, with sample data that is made up.

No SQL Server can be had here. The connection is of type mssql and the hook and the query are the real ones; only the driver below,
pymssql, is replaced by one that has sqlglot read the query as T-SQL and SQLite run it. What differs between the two is seen only in
an account. S3, SNS and SQS are moto's.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlparse

HERE = Path(__file__).parent
BUCKET, PREFIX = "lake", "sales/"
CITIES = ("Portland", "Seattle", "Tacoma")
STORES = {1: "Seattle", 2: "Seattle", 3: "Portland", 4: "Tacoma"}
CLOSED_PORT = 9  # "discard": nothing listens there


def weather_on(day: date) -> list[dict]:
    """The weather of a day in each city."""
    return [
        {
            "day": day.isoformat(),
            "city": city,
            "precipitation_mm": float((day.day * 3 + number) % 7),
            "temp_max_c": 8.0 + number + day.day % 5,
            "temp_min_c": 2.0 - number,
            "wind_ms": 1.5 + number,
            "weather": "rain" if (day.day * 3 + number) % 7 else "sun",
        }
        for number, city in enumerate(CITIES)
    ]


def receipts_on(day: date) -> list[tuple]:
    """Two rows of a day for each store: the table has them as they were sold."""
    return [
        (store, city, day, store + part, Decimal(f"{store * 10 + day.day}.{25 * (part + 1)}"))
        for store, city in STORES.items()
        for part in (0, 1)
    ]


# --- the API ---


class WeatherApi:
    """GET /v1/daily?from=DAY&until=DAY, until not included. The next answers can be replaced, to see what a failure looks like."""

    KEY = "sample-key"

    def __init__(self) -> None:
        self.faults: list[dict] = []  # each: status, body or delay of one answer; the last one stays
        self.asked: list[str] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                api.asked.append(self.path)
                fault = (api.faults.pop(0) if len(api.faults) > 1 else api.faults[0]) if api.faults else {}
                time.sleep(fault.get("delay", 0))
                status, body = api.answer(self.path, self.headers)
                body = fault.get("body", body).encode()
                self.send_response(fault.get("status", status))
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except BrokenPipeError:
                    pass  # the client waited no longer

            def log_message(self, *args) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path: str, headers) -> tuple[int, str]:
        url = urlparse(path)
        if headers.get("x-api-key") != self.KEY:
            return 401, '{"message": "unknown key"}'
        if url.path != "/v1/daily":
            return 404, '{"message": "not found"}'
        asked = parse_qs(url.query)
        first, until = (date.fromisoformat(asked[name][0]) for name in ("from", "until"))
        days = (first + timedelta(days=n) for n in range((until - first).days))
        return 200, json.dumps({"days": [row for day in days for row in weather_on(day)]})


# --- the database ---


class SalesDatabase:
    """Takes the place of pymssql.connect: the table dbo.sales in SQLite, asked in T-SQL."""

    LOGIN = {"server": "sales.example.internal", "user": "airflow", "password": "sample-password", "database": "shop", "port": "1433"}

    def __init__(self, file: Path) -> None:
        self.file = file
        sqlite3.register_adapter(Decimal, str)
        sqlite3.register_adapter(date, date.isoformat)

    def fill(self, rows: list[tuple]) -> None:
        with sqlite3.connect(self.file) as connection:
            connection.execute("DROP TABLE IF EXISTS sales")
            connection.execute("CREATE TABLE sales (store_id INT, city TEXT, sold_on TEXT, items INT, amount NUMERIC)")
            connection.executemany("INSERT INTO sales VALUES (?, ?, ?, ?, ?)", rows)

    def connect(self, **given) -> Connection:
        if wrong := {name: given.get(name) for name, value in self.LOGIN.items() if given.get(name) != value}:
            raise AssertionError(f"the hook connected with {wrong}, expected {self.LOGIN}")
        return Connection(self.file)


class Connection:
    autocommit_state = False

    def __init__(self, file: Path) -> None:
        self.sqlite = sqlite3.connect(":memory:")
        self.sqlite.execute("ATTACH ? AS dbo", [f"{file}"])

    def autocommit(self, on: bool) -> None:
        self.autocommit_state = on

    def cursor(self) -> Cursor:
        return Cursor(self.sqlite)

    def commit(self) -> None:
        self.sqlite.commit()

    def close(self) -> None:
        self.sqlite.close()


class Cursor:
    """Gives the types that pymssql gives for the columns of the query: date, Decimal, int and str."""

    READ = {"day": date.fromisoformat, "amount": lambda value: Decimal(str(value)).quantize(Decimal("0.01"))}

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.found = connection.cursor()

    def execute(self, query: str, parameters: dict) -> None:
        import sqlglot

        named = re.sub(r"%\((\w+)\)s", r"@\1", query)  # as a variable of T-SQL, which SQLite takes as a parameter
        [text] = sqlglot.transpile(named, read="tsql", write="sqlite", error_level=sqlglot.ErrorLevel.RAISE)
        self.found.execute(text, parameters)

    rowcount = -1  # as a driver says that does not know it yet

    @property
    def description(self):
        return self.found.description

    def fetchmany(self, size: int) -> list[tuple]:
        names = [column[0] for column in self.description]
        return [tuple(self.READ.get(name, lambda value: value)(value) for name, value in zip(names, row)) for row in self.found.fetchmany(size)]

    def close(self) -> None:
        self.found.close()


# --- AWS ---


class Aws:
    """moto's S3, with the bucket, and SNS, with a topic that a queue listens to."""

    def __init__(self) -> None:
        from moto.server import ThreadedMotoServer

        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        self.endpoint = "http://localhost:%d" % self.server.get_host_and_port()[1]

    def fill(self) -> None:
        import boto3

        client = lambda name: boto3.client(name, endpoint_url=self.endpoint)  # noqa: E731
        self.s3, sns, self.sqs = client("s3"), client("sns"), client("sqs")
        self.s3.create_bucket(Bucket=BUCKET)
        self.topic = sns.create_topic(Name="failures")["TopicArn"]
        self.queue = self.sqs.create_queue(QueueName="failures")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn)

    def messages(self) -> list[dict]:
        """What the topic was told since the last call."""
        all_messages = []
        while found := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
                all_messages.append(json.loads(message["Body"]))
        return all_messages

    def keys(self) -> list[str]:
        return [item["Key"] for item in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def rows(self, key: str) -> list[dict]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        return pq.read_table(pa.BufferReader(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())).to_pylist()

    def deny(self, prefix: str) -> None:
        """No object below the prefix may be written any more."""
        statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{BUCKET}/{prefix}*"}
        self.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    def allow(self) -> None:
        self.s3.delete_bucket_policy(Bucket=BUCKET)

    def clear(self) -> None:
        for key in self.keys():
            self.s3.delete_object(Bucket=BUCKET, Key=key)


# --- all of it ---


def start(home: Path, **settings) -> SimpleNamespace:
    """Starts what the DAG talks to and sets the environment of an Airflow of its own below home. Airflow must not be imported yet."""
    assert "airflow" not in sys.modules, "Airflow reads its configuration when it is imported"
    services = SimpleNamespace(api=WeatherApi(), database=SalesDatabase(home / "shop.sqlite"), aws=Aws())
    os.environ.update(
        AWS_ACCESS_KEY_ID="sample", AWS_SECRET_ACCESS_KEY="sample", AWS_DEFAULT_REGION="us-east-1", AWS_ENDPOINT_URL=services.aws.endpoint,
        AWS_EC2_METADATA_DISABLED="true", AWS_MAX_ATTEMPTS="1",
    )  # fmt: skip
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        os.environ.pop(name, None)
    services.aws.fill()
    services.settings = {
        "work": ["http-api", "sql-server"], "bucket": BUCKET, "prefix": PREFIX, "topic": services.aws.topic,
        "schedule": "cron(0 8 * * ? *)", "timezone": "America/Los_Angeles", "longest_minutes": 15, **settings,
    }  # fmt: skip
    os.environ.update(
        AIRFLOW_HOME=str(home),
        AIRFLOW__CORE__DAGS_FOLDER=str(HERE / "dags"),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{home}/airflow.db",
        AIRFLOW__USAGE_DATA_COLLECTION__ENABLED="False",
        AIRFLOW__WEATHERSALES__SETTINGS=json.dumps(services.settings),
        AIRFLOW_CONN_WEATHER_API=json.dumps(
            {"conn_type": "http", "host": "http://localhost", "port": services.api.port, "extra": {"x-api-key": WeatherApi.KEY}}
        ),
    )
    connect_to_database(SalesDatabase.LOGIN)
    sys.path.insert(0, str(HERE / "dags"))  # as Airflow does with the folder of the DAGs
    with (home / "migrate.log").open("w") as log:
        subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, stdout=log, stderr=log)
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.sdk.execution_time import supervisor

    DagBundlesManager().sync_bundles_to_db()
    # dag.test() makes an API server for each task, which takes longer than the tasks here; one is enough.
    supervisor.in_process_api_server = cache(supervisor.in_process_api_server)
    return services


def run(dag, tries: int = 1, **given):
    """One run of the DAG by Airflow itself, in this process. A task is tried again without delay."""
    from airflow.models.dag import DAG
    from airflow.sdk.execution_time import task_runner
    from airflow.serialization.serialized_objects import SerializedDAG

    for task in dag.tasks:
        task.retries, task.retry_delay, task.retry_exponential_backoff = tries - 1, timedelta(0), False
    # Two things that dag.test() of Airflow 3.0 leaves out: what the DAG processor does, else its assets are inactive and tasks fail;
    # and what the main() of a task does, else its callback does not see the error.
    DAG.bulk_write_to_db("dags-folder", None, [SerializedDAG.deserialize_dag(SerializedDAG.serialize_dag(dag))])
    finalize = task_runner.finalize

    def with_error(ti, state, context, log, error=None):
        if error:
            context["exception"] = error
        finalize(ti, state, context, log, error)

    task_runner.finalize = with_error
    try:
        return dag.test(**given)
    finally:
        task_runner.finalize = finalize


def connect_to_database(login: dict) -> None:
    os.environ["AIRFLOW_CONN_SALES_DB"] = json.dumps(
        {
            "conn_type": "mssql",
            "host": login["server"],
            "port": int(login["port"]),
            "login": login["user"],
            "password": login["password"],
            "schema": login["database"],
            "extra": {"login_timeout": 5, "timeout": 300},
        }
    )


@contextmanager
def driver(database: SalesDatabase):
    """pymssql, replaced."""
    import pymssql

    real, pymssql.connect = pymssql.connect, database.connect
    try:
        yield
    finally:
        pymssql.connect = real


@contextmanager
def no_database():
    """The real driver, and nothing that listens."""
    import pymssql

    replaced, pymssql.connect = pymssql.connect, pymssql._pymssql.connect
    connect_to_database({**SalesDatabase.LOGIN, "server": "127.0.0.1", "port": str(CLOSED_PORT)})
    try:
        yield
    finally:
        pymssql.connect = replaced
        connect_to_database(SalesDatabase.LOGIN)
