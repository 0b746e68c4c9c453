"""Runs the DAG by Airflow itself against what local.py starts, as it should go and with a fault in each place."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import local
import pytest

HERE = Path(__file__).parent
# 09:00 on 6 January in Los Angeles; the last whole interval of a schedule at 08:00 there began on the 5th.
NOW = datetime(2026, 1, 6, 17, 0, tzinfo=UTC)
OUTPUT = "sales/weather_sales/2026-01-05_2026-01-06.parquet"


def build(services, **settings):
    import weather_sales
    from weathersales.settings import Settings

    document = {**services.settings, **settings}
    return weather_sales.build(Settings(**{**document, "work": tuple(document["work"])}))


def run(services, *, dag=None, tries=1, conf=None, logical_date=NOW, **settings) -> dict[str, tuple[str, int]]:
    """State and number of tries of each task."""
    done = local.run(dag or build(services, **settings), tries, logical_date=logical_date, run_conf=conf)
    return {ti.task_id: (str(ti.state), ti.try_number) for ti in done.get_task_instances()}


def all_of(states: dict) -> set[str]:
    return {state for state, _ in states.values()}


def joined(first: date) -> list[dict]:
    """The rows of a day, worked out without Arrow and SQL."""
    rows = {}
    for store, city, day, items, amount in local.receipts_on(first):
        row = rows.setdefault(store, {"day": day, "city": city, "store": store, "items": 0, "amount": 0})
        row["items"] += items
        row["amount"] += amount
    weather = {row["city"]: row for row in local.weather_on(first)}
    measures = ("precipitation_mm", "temp_max_c", "temp_min_c", "wind_ms", "weather")
    full = [{**row, **{name: weather[row["city"]][name] for name in measures}} for row in rows.values()]
    return sorted(full, key=lambda row: (row["city"], row["store"]))


def xcom_sizes() -> dict[str, int]:
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    with create_session() as session:
        return {f"{row.task_id} {row.key}": len(json.dumps(row.value)) for row in session.query(XComModel)}


# --- as it should go ---


def test_the_folder_imports_without_errors(services):
    from airflow.models.dagbag import DagBag

    bag = DagBag(str(HERE / "dags"), include_examples=False)
    assert bag.import_errors == {}
    assert list(bag.dags) == ["weather_sales"]


def test_sales_are_joined_with_the_weather_and_a_second_run_changes_nothing(world):
    assert all_of(run(world)) == {"success"}
    assert world.aws.rows(OUTPUT) == joined(date(2026, 1, 5))
    assert len(world.aws.rows(OUTPUT)) == 4
    keys = world.aws.keys()
    assert [key for key in keys if "/staging/" not in key] == [OUTPUT]
    assert world.api.asked == ["/v1/daily?from=2026-01-05&until=2026-01-06"]
    assert max(xcom_sizes().values()) < 200, "rows do not go through XCom"

    assert all_of(run(world)) == {"success"}
    assert world.aws.keys() == keys
    assert world.aws.rows(OUTPUT) == joined(date(2026, 1, 5))
    assert world.aws.messages() == []


def test_the_run_says_which_object_it_wrote(world):
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session

    run(world)
    with create_session() as session:
        event = session.query(AssetEvent).order_by(AssetEvent.id.desc()).first()
        assert event.asset.uri == "s3://lake/sales/weather_sales"
        assert event.extra == {"key": OUTPUT, "rows": 4, "first": "2026-01-05", "end": "2026-01-06"}


def test_the_api_alone_started_by_a_command_covers_the_day_before(world):
    states = run(world, work=["http-api"], schedule=None)
    assert set(states) == {"choose_days", "fetch_weather", "check_rows", "write_rows"}
    assert all_of(states) == {"success"}
    [key] = [key for key in world.aws.keys() if "/staging/" not in key]
    yesterday = date.fromisoformat(key.removeprefix("sales/weather/").split("_")[0])
    assert world.aws.rows(key) == [{**row, "day": yesterday} for row in local.weather_on(yesterday)]


def test_the_database_alone_covers_the_days_that_the_trigger_names(world):
    states = run(world, work=["sql-server"], schedule=None, logical_date=None, conf={"first": "2026-01-02", "end": "2026-01-05", "bucket": "x"})
    assert set(states) == {"choose_days", "extract_sales", "check_rows", "write_rows"}
    rows = world.aws.rows("sales/sales/2026-01-02_2026-01-05.parquet")
    assert [row["day"].day for row in rows] == [2] * 4 + [3] * 4 + [4] * 4
    assert sum(row["items"] for row in rows) == sum(receipt[3] for day in (2, 3, 4) for receipt in local.receipts_on(date(2026, 1, day)))


def test_a_failure_that_passes_is_tried_again(world):
    world.api.faults = [{"status": 503}, {}]
    states = run(world, tries=2, work=["http-api"])
    assert states["fetch_weather"] == ("success", 2)
    assert world.aws.messages() == [], "only the last try of a task is told"


# --- a fault in each place ---


def failed(services, states: dict, task: str, reason: str) -> None:
    """The task is the one that failed, the topic was told so, and nothing is published."""
    assert [name for name, (state, _) in states.items() if state == "failed"] == [task]
    assert states["write_rows"][0] in ("upstream_failed", "failed")
    [message] = services.aws.messages()
    assert message["Subject"] == f"weather_sales: {task} failed"
    assert reason in message["Message"]
    assert [key for key in services.aws.keys() if "/staging/" not in key] == []


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        pytest.param({"status": 500}, "500:Internal Server Error", id="answers 500"),
        pytest.param({"delay": 2}, "Read timed out", id="does not answer in time"),
        pytest.param({"body": "<html>"}, "something that is not JSON", id="answers in HTML"),
        pytest.param({"body": '{"cities": []}'}, "JSON of another shape", id="answers in another shape"),
        pytest.param({"body": '{"days": []}'}, "knows no weather for these days yet", id="answers with nothing"),
    ],
)
def test_the_api_fails(world, fault, reason):
    world.api.faults = [fault]
    dag = build(world, work=["http-api"])
    dag.get_task("fetch_weather").extra_options = {"timeout": 0.5}
    failed(world, run(world, dag=dag), "fetch_weather", reason)


def test_the_database_is_down(services, world):
    with local.no_database():
        failed(world, run(world, work=["sql-server"]), "extract_sales", "Unable to connect")


def test_s3_denies_the_result(world):
    world.aws.deny("sales/weather_sales/")
    failed(world, run(world), "write_rows", "(403)")


def test_rows_that_would_be_lost_fail_the_check_at_its_first_try(world):
    world.database.fill([*local.receipts_on(date(2026, 1, 5)), (9, "Spokane", date(2026, 1, 5), 1, "5.00")])
    states = run(world, tries=2)
    assert states["check_rows"] == ("failed", 1)
    failed(world, states, "check_rows", "1 rows of sales have no weather: Spokane on 2026-01-05")


def test_a_run_that_takes_too_long_is_told(services, world):
    dag = build(services)
    dag.on_failure_callback({"reason": "timed_out", "dag": dag, "run_id": "manual__1"})
    dag.on_failure_callback({"reason": "task_failure", "dag": dag, "run_id": "manual__1"})
    [message] = services.aws.messages()
    assert message["Message"] == "A run of DAG weather_sales failed: timed_out.\nRun: manual__1\n"


def test_a_message_tells_no_secret(services, world):
    from types import SimpleNamespace

    from airflow.sdk.execution_time.secrets_masker import mask_secret

    mask_secret("sample-password")
    ti = SimpleNamespace(dag_id="weather_sales", task_id="extract_sales", run_id="manual__1", try_number=4)
    build(services).get_task("extract_sales").on_failure_callback[0]({"ti": ti, "exception": ValueError("no login with sample-password")})
    [message] = services.aws.messages()
    assert message["Message"].endswith("no login with ***\n")


# --- what every task must have ---


@pytest.mark.parametrize("work", [["http-api", "sql-server"], ["sql-server", "http-api"], ["http-api"], ["sql-server"]])
def test_each_task_has_limits_and_tells_of_its_failure(services, work):
    dag = build(services, work=work)
    for task in dag.tasks:
        assert task.retries == 3 and task.retry_exponential_backoff and task.max_retry_delay
        assert task.execution_timeout.total_seconds() == 15 * 60
        assert task.on_failure_callback
    if "http-api" in work:
        connect, read = dag.get_task("fetch_weather").extra_options["timeout"]
        assert 0 < connect < read < 15 * 60
    assert dag.dagrun_timeout > 3 * dag.tasks[0].execution_timeout
    assert dag.max_active_runs == 1 and not dag.catchup


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "is not set"),
        ("{", "got no JSON"),
        ("[]", "got list, expected an object"),
        ('{"work": ["http-api"], "color": 1}', "unknown ['color']"),
        ({"work": ["glue-job"]}, "work: got ['glue-job'], expected http-api and sql-server"),
        ({"work": []}, "work: got []"),
        ({"work": ["http-api", "http-api"]}, "work: got"),
        ({"prefix": "sales"}, "prefix: got 'sales'"),
        ({"longest_minutes": 0}, "longest_minutes: got 0"),
        ({"schedule": "cron(0 8 * * ? 2027)"}, "year: got '2027'"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(services, monkeypatch, document, message):
    import weather_sales
    from weathersales.settings import VARIABLE, Refused, Settings

    if isinstance(document, dict):
        document = json.dumps({**services.settings, **document})
    monkeypatch.delenv(VARIABLE) if document is None else monkeypatch.setenv(VARIABLE, document)
    with pytest.raises(Refused) as refused:
        weather_sales.build(Settings.from_environment())
    assert message in str(refused.value)


def test_the_files_are_written_for_airflow_3():
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--isolated", "--select", "AIR,F,E9,B,S", str(HERE / "dags")]
    found = subprocess.run(ruff, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
