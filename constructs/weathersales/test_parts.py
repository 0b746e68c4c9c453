"""The parts of the DAG that need no run: its schedule, its days, and the checks of its rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

LOS_ANGELES = "America/Los_Angeles"


@pytest.fixture(autouse=True)
def modules(services):
    """Airflow's environment is set before anything imports it."""


@pytest.mark.parametrize(
    ("aws", "unix"),
    [
        ("0 8 * * ? *", "0 8 * * *"),
        ("0 8 ? * MON *", "0 8 * * 1"),
        ("0 8 ? * 2-6 *", "0 8 * * 1,2,3,4,5"),
        ("0 8 ? * SUN,sat *", "0 8 * * 0,6"),
        ("0 8 ? * FRI-MON *", "0 8 * * 0,1,5,6"),
        ("0/15 9-17/4 ? JAN-MAR 1-7 *", "0,15,30,45 9,13,17 * 1,2,3 *"),
        ("*/20 22-1 1,15 * ? *", "0,20,40 0,1,22,23 1,15 * *"),
        ("0 6 L * ? *", "0 6 L * *"),
        ("0 6 ? * 2#1 *", "0 6 * * 1#1"),
        ("0 6 ? * 6L *", "0 6 * * L5"),
        ("0 6 ? * L *", "0 6 * * 6"),
    ],
)
def test_cron_as_aws_writes_it_becomes_cron_as_airflow_reads_it(aws, unix):
    from weathersales.timetable import schedule, unix_cron

    assert unix_cron(aws) == unix
    schedule(f"cron({aws})", LOS_ANGELES)[0].validate()


@pytest.mark.parametrize(
    ("expression", "after", "first", "end"),
    [
        # AWS's own reading of each: Mondays, the last day of the month, the first Monday, the last Friday.
        ("cron(0 8 ? * 2 *)", "2026-01-06", "2026-01-05T16:00:00+00:00", "2026-01-12T16:00:00+00:00"),
        ("cron(0 8 L * ? *)", "2026-02-03", "2026-02-28T16:00:00+00:00", "2026-03-31T15:00:00+00:00"),
        ("cron(0 8 ? * 2#1 *)", "2026-01-06", "2026-02-02T16:00:00+00:00", "2026-03-02T16:00:00+00:00"),
        ("cron(0 8 ? * 6L *)", "2026-01-06", "2026-01-30T16:00:00+00:00", "2026-02-27T16:00:00+00:00"),
        ("rate(12 hours)", "2026-01-06", "2026-01-06T00:00:00+00:00", "2026-01-06T12:00:00+00:00"),
    ],
)
def test_a_schedule_starts_when_aws_would_start_it(expression, after, first, end):
    import pendulum
    from airflow.timetables.base import DataInterval, TimeRestriction
    from weathersales.timetable import schedule

    timetable, _ = schedule(expression, LOS_ANGELES)
    start = pendulum.parse(after)
    if expression.startswith("cron(0 8 ? * 2 *"):
        start = start.subtract(days=1)
    restriction = TimeRestriction(earliest=start, latest=None, catchup=True)
    info = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=restriction)
    assert info.data_interval == DataInterval(pendulum.parse(first), pendulum.parse(end))


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("cron(0 8 * * ?)", "got 5 fields, expected 6"),
        ("cron(0 25 * * ? *)", "hours: got '25', expected 0 to 23"),
        ("cron(0 8 ? * MUN *)", "day-of-week: got 'MUN', expected 1 to 7 or SUN to SAT"),
        ("cron(0 8 ? * 0 *)", "day-of-week: got '0'"),
        ("cron(0 8 * * * *)", "expected ? for exactly one of them"),
        ("cron(0 8 ? * ? *)", "expected ? for exactly one of them"),
        ("cron(0 8 15W * ? *)", "knows L alone and no W"),
        ("cron(0 8 * * ? 2027)", "Airflow's cron has no year"),
        ("cron(0/0 8 * * ? *)", "minutes: got the step '0'"),
        ("rate(0 hours)", "expected a number and minutes, hours or days"),
        ("rate(1 week)", "expected a number and minutes, hours or days"),
        ("at(tomorrow)", "at(tomorrow)"),
        ("0 8 * * *", "expected cron(...), rate(...) or at(...)"),
    ],
)
def test_a_schedule_that_airflow_cannot_keep_is_refused(expression, message):
    from weathersales.settings import Refused
    from weathersales.timetable import schedule

    with pytest.raises(Refused) as refused:
        schedule(expression, "UTC")
    assert message in str(refused.value)


def test_at_runs_once_at_its_local_time_and_no_schedule_never_by_itself():
    from weathersales.timetable import schedule

    once, start = schedule("at(2026-07-01T08:00:00)", LOS_ANGELES)
    assert (once, start.in_timezone("UTC").isoformat()) == ("@once", "2026-07-01T15:00:00+00:00")
    assert schedule(None, "UTC")[0] is None


MONDAY, TUESDAY, NEXT_MONDAY = (datetime(2026, 1, day, 16, tzinfo=UTC) for day in (5, 6, 12))


@pytest.mark.parametrize(
    ("params", "start", "end", "expected"),
    [
        pytest.param({}, MONDAY, TUESDAY, ("2026-01-05", "2026-01-06"), id="daily"),
        pytest.param({}, MONDAY, NEXT_MONDAY, ("2026-01-05", "2026-01-12"), id="weekly"),
        pytest.param({}, MONDAY, datetime(2026, 1, 5, 17, tzinfo=UTC), ("2026-01-05", "2026-01-06"), id="hourly, at least a day"),
        pytest.param({}, datetime(2026, 1, 5, 3, tzinfo=UTC), MONDAY, ("2026-01-04", "2026-01-05"), id="days begin at the local midnight"),
        pytest.param({}, MONDAY, MONDAY, ("2026-01-05", "2026-01-06"), id="an empty interval is the day before now"),
        pytest.param({}, None, None, ("2026-01-05", "2026-01-06"), id="no interval is the day before now"),
        pytest.param({"first": "2026-02-28"}, MONDAY, TUESDAY, ("2026-02-28", "2026-03-01"), id="one named day"),
        pytest.param({"first": "2026-01-01", "end": "2026-01-03"}, None, None, ("2026-01-01", "2026-01-03"), id="named days"),
        pytest.param({"first": "2026-01-03", "end": "2026-01-03"}, None, None, "expected end to be a later day", id="no day"),
        pytest.param({"end": "2026-01-03"}, None, None, "without first", id="no first day"),
    ],
)
def test_the_days_of_a_run(params, start, end, expected):
    from airflow.exceptions import AirflowFailException
    from weathersales.days import days_of

    now = datetime(2026, 1, 7, 1, tzinfo=UTC)  # still 6 January in Los Angeles
    if isinstance(expected, tuple):
        assert tuple(days_of(params, start, end, now, LOS_ANGELES).values()) == expected
    else:
        with pytest.raises(AirflowFailException, match=expected):
            days_of(params, start, end, now, LOS_ANGELES)


DAY = date(2026, 1, 5)
WEATHER = {"day": DAY, "city": "Seattle", "precipitation_mm": 0.0, "temp_max_c": 5.0, "temp_min_c": 1.0, "wind_ms": 2.0, "weather": "sun"}
SALE = {"day": DAY, "city": "Seattle", "store": 1, "items": 2, "amount": Decimal("9.90")}


@pytest.mark.parametrize(
    ("weather", "sales", "fault"),
    [
        ([WEATHER], [SALE], None),
        ([WEATHER, WEATHER], [SALE], "1 rows of weather repeat a city and a day"),
        ([{**WEATHER, "temp_min_c": 9.0}], [SALE], "1 rows of weather have a lowest temperature above the highest"),
        ([{**WEATHER, "precipitation_mm": -1.0}], [SALE], "1 rows of weather have negative rain or wind"),
        ([{**WEATHER, "wind_ms": None}], [SALE], "1 rows of weather have no wind_ms"),
        ([WEATHER, {**WEATHER, "day": date(2026, 1, 6)}], [SALE], "1 of 2 rows of weather are not from 2026-01-05 until 2026-01-06"),
        ([WEATHER], [], "the database holds no sales from 2026-01-05 until 2026-01-06"),
        ([WEATHER], [SALE, {**SALE, "city": "Tacoma"}], "1 rows of sales repeat a store and a day"),
        ([WEATHER], [{**SALE, "amount": Decimal("-1.00")}], "1 rows of sales have a negative number of items or amount"),
        ([WEATHER], [{**SALE, "day": None}], "1 rows of sales have no day"),
        (
            [WEATHER],
            [{**SALE, "store": n, "city": f"City {n}"} for n in range(5)],
            "5 rows of sales have no weather: City 0 on 2026-01-05, City 1 on 2026-01-05, City 2 on 2026-01-05 and 2 more",
        ),
    ],
)  # fmt: skip
def test_rows_that_must_not_be_published(weather, sales, fault):
    import pyarrow as pa
    from weathersales import quality, rows

    tables = {"weather": pa.Table.from_pylist(weather, rows.WEATHER), "sales": pa.Table.from_pylist(sales, rows.SALES)}
    found = quality.faults(tables, DAY, date(2026, 1, 6))
    assert found == [] if fault is None else fault in found


def test_a_query_is_written_a_batch_at_a_time(monkeypatch):
    from weathersales import rows

    class Cursor:
        description = [(name,) for name in rows.SALES.names]
        asked = []

        def fetchmany(self, size):
            self.asked.append(size)
            return [tuple(SALE.values())] * size if len(self.asked) < 3 else []

    monkeypatch.setattr(rows, "BATCH", 7)
    assert [table.num_rows for table in rows.batches(Cursor(), rows.SALES)] == [7, 7]
    assert Cursor.asked == [7, 7, 7]


def test_a_query_with_other_columns_is_refused():
    from weathersales import rows

    class Cursor:
        description = [("day",), ("town",)]

    with pytest.raises(rows.Unreadable, match=r"the columns \['day', 'town'\], expected \['day', 'city'"):
        next(rows.batches(Cursor(), rows.SALES))


def test_the_database_is_asked_for_days_by_parameters_that_the_driver_binds(services):
    connection = services.database.connect(**services.database.LOGIN)
    cursor = connection.cursor()
    services.database.fill([])
    from pathlib import Path

    query = (Path(__file__).parent / "dags/weathersales/sales.sql").read_text()
    cursor.execute(query, {"first": "2026-01-05' OR 1=1 --", "end": "2026-01-06"})
    assert cursor.fetchmany(1) == []


def test_the_environment_installs_the_versions_that_are_tested():
    import re
    from pathlib import Path

    here = Path(__file__).parent
    blocks = {name: set(re.split(r"\n(?=\S)", (here / name).read_text())) for name in ("requirements.txt", "requirements-airflow.txt")}
    installed = {block.strip() for block in blocks["requirements.txt"] if not block.startswith("#")}
    assert len(installed) == 5
    assert installed <= {block.strip() for block in blocks["requirements-airflow.txt"]}
    # MWAA looks for these words anywhere, comments too, and would then leave its own constraints out.
    assert not re.search(r"-c |--constraint ", (here / "requirements.txt").read_text())
