"""### The weather that an API tells, with the sales that a SQL Server holds

A run covers the days of its data interval, in the schedule's time zone. Each source is staged in S3; the rows are checked, joined,
and replace one object, whose key is those days. A run that is repeated changes nothing, and a run that fails publishes nothing.

To run it for other days, trigger it with `{"first": "2026-01-05", "end": "2026-01-12"}`; `end` is not included.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from airflow.exceptions import AirflowFailException
from airflow.sdk import DAG, Asset, Param, XComArg, task
from weathersales import alerts, timetable
from weathersales.days import days_of
from weathersales.settings import HTTP_API, SQL_SERVER, Settings
from weathersales.staging import SalesOperator, WeatherOperator

# The connections, which are also the names of the sources in the lineage.
WEATHER_API = "weather_api"
SALES_DB = "sales_db"

# Seconds to connect to the API, and between two pieces of its answer.
API_TIMEOUT = (10, 60)
RETRIES = 3

# The days of the run, for fields that Airflow renders.
FIRST = "{{ ti.xcom_pull('choose_days')['first'] }}"
END = "{{ ti.xcom_pull('choose_days')['end'] }}"


def fetch_weather(settings: Settings, staging: str) -> XComArg:
    return WeatherOperator(
        task_id="fetch_weather",
        # Host, key and other headers of the API are in the connection.
        http_conn_id=WEATHER_API,
        method="GET",
        endpoint="v1/daily",
        data={"from": FIRST, "until": END},
        extra_options={"timeout": API_TIMEOUT},
        bucket=settings.bucket,
        key=staging + "weather.parquet",
    ).output


def extract_sales(settings: Settings, staging: str) -> XComArg:
    return SalesOperator(
        task_id="extract_sales",
        conn_id=SALES_DB,
        sql="weathersales/sales.sql",
        parameters={"first": FIRST, "end": END},
        bucket=settings.bucket,
        key=staging + "sales.parquet",
    ).output


# Each step of the settings: what its rows are, where they come from, and the task that stages them.
SOURCES = {HTTP_API: ("weather", WEATHER_API, fetch_weather), SQL_SERVER: ("sales", SALES_DB, extract_sales)}


def build(settings: Settings) -> DAG:
    """The DAG for the steps of the settings."""
    schedule, start = timetable.schedule(settings.schedule, settings.timezone)
    longest = timedelta(minutes=settings.longest_minutes)
    name = "weather_sales" if len(settings.work) > 1 else SOURCES[settings.work[0]][0]
    output = Asset(name=name, uri=f"s3://{settings.bucket}/{settings.prefix}{name}")
    staging = f"{settings.prefix}staging/{FIRST}_{END}/"

    with DAG(
        dag_id="weather_sales",
        doc_md=__doc__,
        schedule=schedule,
        start_date=start,
        # What was missed is not made up for by itself; `airflow backfill create` does that when it is wanted.
        catchup=False,
        # Two runs of the same days would write the same keys.
        max_active_runs=1,
        # Three of the tasks follow each other, and each may use up all its tries.
        dagrun_timeout=3 * (RETRIES + 1) * longest,
        params={
            "first": Param(None, type=["null", "string"], format="date", description="first day; default: of the data interval"),
            "end": Param(None, type=["null", "string"], format="date", description="the day after the last"),
        },
        default_args={
            "retries": RETRIES,
            "retry_delay": timedelta(minutes=1),
            "retry_exponential_backoff": True,
            "max_retry_delay": timedelta(minutes=10),
            "execution_timeout": longest,
            "on_failure_callback": alerts.task_failed(settings.topic),
        },
        on_failure_callback=alerts.run_failed(settings.topic),
        tags=["weather", "sales"],
    ) as dag:

        @task
        def choose_days(params=None, data_interval_start=None, data_interval_end=None, dag_run=None) -> dict[str, str]:
            return days_of(params, data_interval_start, data_interval_end, dag_run.run_after, settings.timezone)

        @task
        def check_rows(days: dict[str, str], staged: dict[str, Any]) -> None:
            from weathersales import quality, rows

            tables = {what: rows.load(settings.bucket, source["key"]) for what, source in staged.items()}
            if found := quality.faults(tables, date.fromisoformat(days["first"]), date.fromisoformat(days["end"])):
                # Not tried again: the same rows would be found.
                raise AirflowFailException("; ".join(found))

        @task(outlets=[output], inlets=[Asset(SOURCES[step][1]) for step in settings.work])
        def write_rows(days: dict[str, str], staged: dict[str, Any], outlet_events=None) -> dict[str, Any]:
            from weathersales import rows

            tables = {what: rows.load(settings.bucket, source["key"]) for what, source in staged.items()}
            result = rows.join(**tables) if len(tables) > 1 else tables.popitem()[1]
            written = rows.save(iter([result]), result.schema, settings.bucket, f"{settings.prefix}{name}/{days['first']}_{days['end']}.parquet")
            outlet_events[output].extra = {**written, **days}
            return written

        days = choose_days()
        staged = {}
        for step in settings.work:
            what, _, source = SOURCES[step]
            staged[what] = source(settings, staging)
            days >> staged[what]
        check_rows(days, staged) >> write_rows(days, staged)
    return dag


dag = build(Settings.from_environment())
