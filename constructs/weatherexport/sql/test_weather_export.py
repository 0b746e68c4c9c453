"""Runs weather_export.sql on the sample data: sqlglot reads it as Redshift's SQL, DuckDB runs what it means.

DuckDB has no COPY from S3 with a role and no UNLOAD. The tests take both statements apart, refuse what they do not know, and do with
local folders what they say. What S3, the role and the key do is tested nowhere but in an account.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import exp

HERE = Path(__file__).parent
SAMPLES = HERE.parent.parent / "sampledata"
TEXT = (HERE / "weather_export.sql").read_text(encoding="utf-8")


def statements() -> list[str]:
    """The statements as weatherexport.go gives them to the Data API: without comments, each ended by a semicolon at the end of a line."""
    lines = [line for line in TEXT.splitlines() if not line.startswith("--")]
    return [part.strip() for part in re.split(r";$", "\n".join(lines), flags=re.MULTILINE) if part.strip()]


CREATE, DELETE, COPY, UNLOAD = statements()
UNLOAD_SHAPE = re.compile(
    r"UNLOAD \('(?P<query>(?:[^']|'')*)'\)\s+TO '(?P<to>[^']*)'\s+IAM_ROLE '(?P<role>[^']*)'\s+(?P<options>.*)", re.DOTALL
)


def query() -> exp.Expression:
    """The query inside UNLOAD, strictly as Redshift's SQL."""
    text = UNLOAD_SHAPE.fullmatch(UNLOAD)["query"].replace("''", "'")
    return sqlglot.parse_one(text, read="redshift", error_level=sqlglot.ErrorLevel.RAISE)


def load(database: duckdb.DuckDBPyConnection, landing: Path) -> None:
    """Does what COPY says, by its own table, columns and parameters."""
    copy = sqlglot.parse_one(COPY, read="redshift", error_level=sqlglot.ErrorLevel.RAISE)
    assert isinstance(copy, exp.Copy)
    parameters = {p.this.name: p.expression.name for p in copy.args["params"]}
    assert parameters.pop("FORMAT") == "CSV"
    skip, dates = parameters.pop("IGNOREHEADER"), parameters.pop("DATEFORMAT")
    assert not parameters, "a parameter of COPY that the test does not know"
    assert dates == "YYYY-MM-DD"
    files = sorted(str(file) for file in landing.rglob("*") if file.is_file())
    if not files:
        raise duckdb.IOException("The specified S3 prefix does not exist")  # as COPY does
    table, columns = copy.this.this.name, ", ".join(column.name for column in copy.this.expressions)
    for file in files:
        database.execute(f"COPY {table} ({columns}) FROM '{file}' (FORMAT csv, HEADER false, SKIP {skip}, DATEFORMAT '%Y-%m-%d', AUTO_DETECT false, QUOTE '\"', DELIMITER ',')")


def unload(database: duckdb.DuckDBPyConnection, exports: Path) -> list[dict]:
    """Does what UNLOAD says and returns the rows of the Parquet files."""
    options = UNLOAD_SHAPE.fullmatch(UNLOAD)["options"].split()
    assert options == ["FORMAT", "AS", "PARQUET", "CLEANPATH", "KMS_KEY_ID", "'${Key}'", "ENCRYPTED"]
    shutil.rmtree(exports, ignore_errors=True)  # CLEANPATH
    exports.mkdir(parents=True)
    file = exports / "0000_part_00.parquet"
    database.execute(f"COPY ({query().sql('duckdb')}) TO '{file}' (FORMAT parquet)")
    rows = database.execute(f"SELECT * FROM '{exports}/*.parquet' ORDER BY 1")
    names = [column[0] for column in rows.description]
    return [dict(zip(names, row)) for row in rows.fetchall()]


def run(database: duckdb.DuckDBPyConnection, landing: Path, exports: Path) -> list[dict]:
    """One run, as the Data API does it: in order, in one transaction."""
    database.execute("BEGIN")
    try:
        database.execute(sqlglot.transpile(CREATE, read="redshift", write="duckdb", error_level=sqlglot.ErrorLevel.RAISE)[0])
        database.execute(sqlglot.transpile(DELETE, read="redshift", write="duckdb", error_level=sqlglot.ErrorLevel.RAISE)[0])
        load(database, landing)
        rows = unload(database, exports)
    except Exception:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
    return rows


@pytest.fixture
def database():
    with duckdb.connect() as connection:
        yield connection


def expected() -> list[dict]:
    """The months, worked out without SQL."""
    months = defaultdict(list)
    for file in sorted((SAMPLES / "weather").rglob("*.csv")):
        for row in csv.DictReader(file.open(encoding="utf-8")):
            months[row["date"][:7]].append(row)
    return [
        {
            "month": f"{month}-01",
            "days": len(days),
            "wet_days": sum(Decimal(d["precipitation"]) > 0 for d in days),
            "precipitation": sum(Decimal(d["precipitation"]) for d in days),
            "temp_max": max(Decimal(d["temp_max"]) for d in days),
            "temp_min": min(Decimal(d["temp_min"]) for d in days),
        }
        for month, days in sorted(months.items())
    ]


def plain(rows: list[dict]) -> list[dict]:
    return [{**row, "month": row["month"].isoformat()} for row in rows]


def test_the_export_is_the_months_of_the_sample_data(database, tmp_path):
    rows = plain(run(database, SAMPLES / "weather", tmp_path / "exports"))
    assert len(rows) == 48
    assert sum(row["days"] for row in rows) == 1461
    assert rows == expected()


def test_figures_stay_decimal(database, tmp_path):
    row = run(database, SAMPLES / "weather", tmp_path / "exports")[0]
    assert {name: type(value) for name, value in row.items() if name in ("precipitation", "temp_max", "temp_min")} == dict.fromkeys(
        ("precipitation", "temp_max", "temp_min"), Decimal
    )


def test_a_run_that_is_repeated_changes_nothing(database, tmp_path):
    first = run(database, SAMPLES / "weather", tmp_path / "exports")
    assert run(database, SAMPLES / "weather", tmp_path / "exports") == first
    assert len(list((tmp_path / "exports").iterdir())) == 1


def test_a_file_that_landed_twice_counts_once(database, tmp_path):
    shutil.copytree(SAMPLES / "weather", tmp_path / "landing")
    shutil.copy(SAMPLES / "weather/year=2012/month=01/weather.csv", tmp_path / "landing/again.csv")
    assert plain(run(database, tmp_path / "landing", tmp_path / "exports")) == expected()


@pytest.mark.parametrize("name", ["bad-rows.csv", "wrong-encoding.csv"])
def test_a_bad_file_stops_the_run_and_leaves_table_and_export_as_they_were(database, tmp_path, name):
    before = run(database, SAMPLES / "weather", tmp_path / "exports")
    shutil.copytree(SAMPLES / "weather", tmp_path / "landing")
    shutil.copy(SAMPLES / "bad" / name, tmp_path / "landing" / name)
    with pytest.raises(duckdb.Error):
        run(database, tmp_path / "landing", tmp_path / "exports")
    assert database.execute("SELECT COUNT(*) FROM weather_daily").fetchone() == (1461,)
    assert database.execute(f"SELECT COUNT(*) FROM '{tmp_path}/exports/*.parquet'").fetchone() == (len(before),)


def test_nothing_landed_stops_the_run(database, tmp_path):
    (tmp_path / "landing").mkdir()
    with pytest.raises(duckdb.Error, match="does not exist"):
        run(database, tmp_path / "landing", tmp_path / "exports")


def test_no_statement_commits_by_itself():
    for text in statements():
        assert not re.match(r"(TRUNCATE|COMMIT|VACUUM|ALTER TABLE .* APPEND)", text), text


def test_the_construct_replaces_every_placeholder():
    assert set(re.findall(r"\$\{(\w+)\}", TEXT)) == {"Landing", "Exports", "Role", "Key"}
    assert "'${Landing}'" in COPY and "'${Exports}'" in UNLOAD
    assert UNLOAD_SHAPE.fullmatch(UNLOAD)["role"] == "${Role}"


def test_the_query_reads_only_the_table_that_is_loaded():
    assert {table.name for table in query().find_all(exp.Table)} == {"weather_daily"}
