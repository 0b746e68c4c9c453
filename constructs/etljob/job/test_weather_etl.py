"""Runs weather_etl.py as a program, on real Spark and on Sail, and compares what it wrote row by row.

The engines live in virtual environments of their own, because pyspark and pyspark-client cannot be installed together.
"""

from __future__ import annotations

import ast
import gzip
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

HERE = Path(__file__).parent
SCRIPT = HERE / "weather_etl.py"
SAMPLES = HERE.parent.parent / "sampledata"
ROOT = next(folder for folder in HERE.parents if (folder / "go.mod").exists())
SPARK_PYTHON = os.environ.get("PIPEWRIGHT_SPARK_PYTHON", str(ROOT / ".venv/spark/bin/python"))
SAIL_PYTHON = os.environ.get("PIPEWRIGHT_SAIL_PYTHON", sys.executable)


@pytest.fixture(scope="session")
def sail():
    """A Spark Connect server in this process, as the lab runs it."""
    os.environ.setdefault("RUST_LOG", "error")
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_REGION="us-east-1", AWS_DEFAULT_REGION="us-east-1")
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    os.environ.update(AWS_ENDPOINT_URL=f"http://localhost:{port}", AWS_ALLOW_HTTP="true")
    moto = subprocess.Popen([Path(SAIL_PYTHON).parent / "moto_server", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    yield f"sc://localhost:{server.listening_address[1]}"
    server.stop()
    moto.terminate()
    moto.wait()


def run(folder: Path | None, python: str, remote: str | None, *more: str, uris: dict[str, str] | None = None, code: int = 0) -> list[dict]:
    """Runs the job and returns its log lines. Without uris it works on folder/landing, /curated and /quarantine."""
    uris = uris or {name: str(folder / name) for name in ("landing", "curated", "quarantine")}
    command = [python, str(SCRIPT), "--JOB_NAME", "etl", "--WORKFLOW_RUN_ID", "wr_1"]
    for name, uri in uris.items():
        command += [f"--{name}", uri]
    environment = {key: value for key, value in os.environ.items() if key != "SPARK_REMOTE"}
    environment["PYSPARK_PYTHON"] = python
    if remote:
        environment["SPARK_REMOTE"] = remote
    done = subprocess.run([*command, *more], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stderr[-3000:]
    if code:
        return [{"stderr": done.stderr}]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def land(folder: Path, bad: dict[str, str] | None = None) -> Path:
    """Lands the 48 partitions, and files of bad/ under the given paths."""
    shutil.copytree(SAMPLES / "weather", folder / "landing")
    for path, name in (bad or {}).items():
        target = folder / "landing" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLES / "bad" / name, target)
    return folder


def rows(folder: Path) -> dict[str, list[dict]]:
    """Partition -> its rows, in a stable order."""
    found: dict[str, list[dict]] = {}
    for file in sorted(folder.rglob("*.parquet")):
        partition = file.parent.relative_to(folder).as_posix()
        found.setdefault(partition, []).extend(pq.ParquetFile(file).read().to_pylist())
    return {name: sorted(group, key=str) for name, group in found.items() if group}


BAD = {
    "year=2012/month=01/weather.csv": "bad-rows.csv",  # instead of the good one
    "year=2012/month=02/header.csv": "missing-header.csv",  # beside good ones
    "year=2012/month=03/column.csv": "wrong-column.csv",
    "year=2012/month=04/empty.csv": "empty.csv",
    "year=2012/month=05/encoding.csv": "wrong-encoding.csv",
    "year=2016/month=01/bom.csv": "bom.csv",  # alone, and of another month than its partition
}


HEADER = "date,precipitation,temp_max,temp_min,wind,weather"
GOOD = b"2017-%s-01,0.0,9.4,5.0,4.7,sun\n"
# What is wrong with some lines of a file, in 2017: by month, the file, the rows that are good, and why others are bad.
LINES = {
    "01": (b"2017-01-02,0.0,9.4,5.0,4.7\n" + GOOD % b"01", 1, ["the row has 5 columns, expected 6"]),
    "02": (b"2017-02-02,0.0,9.4,5.0,4.7,sun,late\n" + GOOD % b"02", 1, ["the row has 7 columns, expected 6"]),
    "03": (GOOD % b"03" * 999 + b"2017-03-02,1\xa02,9.4,5.0,4.7,sun\n", 999, ["precipitation is not a number"]),  # not UTF-8 there
    "04": (b'2017-04-01,0.0,9.4,"5.0",4.7,"rain, then ""snow"""\n', 1, []),
    "05": (b'2017-05-02,0.0,9.4,"5.0"5,4.7,sun\n' + GOOD % b"05", 1, ["a value goes on after its quotes"]),
    "06": (b"\r\n   \r\n" + (GOOD % b"06").replace(b"\n", b"\r\n") + b"\r\n", 1, []),
    "07": (b"", 0, []),  # a header and nothing else
    "08": (b"\x00\x01,0.0,9.4,5.0,4.7,sun\n" + GOOD % b"08", 1, ["date is not a date"]),
    "09": (b'2017-09-02,"0.0,9.4,5.0,4.7,sun\n' + GOOD % b"09", 1, ["precipitation is not a number"]),  # the quotes are not closed
    "10": (b",,,,,\n" + GOOD % b"10", 1, ["date is not a date"]),
    "11": ((HEADER + "\n").encode() + GOOD % b"11", 1, ["date is not a date"]),  # once more in the middle
}
WHOLE = {
    "year=2012/month=06/semicolons.csv": (HEADER.replace(",", ";") + "\n").encode(),
    "year=2012/month=07/zipped.csv": gzip.compress(HEADER.encode() + b"\n" + bytes(50_000_000), 9),  # a thousand times as large as it looks
    "year=2012/month=08/binary.csv": bytes(range(256)) * 40,
}


@pytest.fixture(scope="session")
def both(sail, tmp_path_factory) -> dict[str, Path]:
    """The same landed files, processed by both engines."""
    folders = {}
    for engine, python, remote in (("spark", SPARK_PYTHON, None), ("sail", SAIL_PYTHON, sail)):
        folders[engine] = land(tmp_path_factory.mktemp(engine), BAD)
        files = {f"year=2017/month={month}/lines.csv": (HEADER + "\n").encode() + lines for month, (lines, _, _) in LINES.items()}
        for path, data in {**WHOLE, **files}.items():
            (folders[engine] / "landing" / path).parent.mkdir(parents=True, exist_ok=True)
            (folders[engine] / "landing" / path).write_bytes(data)
        (folders[engine] / "log.json").write_text(json.dumps(run(folders[engine], python, remote)))
    return folders


def test_both_engines_write_equal_rows(both):
    for name in ("curated/monthly", "quarantine"):
        spark, sail = rows(both["spark"] / name), rows(both["sail"] / name)
        assert spark == sail
        assert spark


@pytest.mark.parametrize("engine", ["spark", "sail"])
def test_counts(both, engine):
    log = json.loads((both[engine] / "log.json").read_text())
    assert log[-1] == {
        "message": "run finished",
        "partitions": 49 + len(LINES),
        "files_refused": 4 + len(WHOLE),
        # 1,461 days; January 2012 has one row more, the repeated one; the 31 rows of January 2012 landed again under 2016
        "rows": 1461 + 1 + 31 + sum(good + len(reasons) for _, good, reasons in LINES.values()),
        "bad": 4 + 31 + sum(len(reasons) for _, _, reasons in LINES.values()),
        "duplicates": 1 + 998,
    }


@pytest.mark.parametrize("engine", ["spark", "sail"])
@pytest.mark.parametrize("month", LINES)
def test_a_bad_line_is_set_aside_and_the_others_load(both, engine, month):
    _, good, reasons = LINES[month]
    partition = f"year=2017/month={month}"
    assert [row["reason"] for row in rows(both[engine] / "quarantine").get(partition, [])] == reasons
    days = [row["days"] for row in rows(both[engine] / "curated/monthly").get(partition, [])]
    assert days == [1] * min(good, 1), "each day counts once"


def test_a_quoted_value_is_read_without_its_quotes(both):
    assert [row["weather"] for row in rows(both["sail"] / "curated/monthly")["year=2017/month=04"]] == ['rain, then "snow"']


def by_hand(month: str, skip: set[str] = frozenset()) -> list[dict]:
    """The summary of a month in plain Python."""
    year, number = month.split("-")
    text = (SAMPLES / f"weather/year={year}/month={number}/weather.csv").read_text()
    days = [line.split(",") for line in text.splitlines()[1:] if line.split(",")[0] not in skip]
    groups: dict[str, list[list[str]]] = {}
    for day in days:
        groups.setdefault(day[5], []).append(day)
    return [
        {
            "weather": weather,
            "days": len(group),
            "precipitation_mm": round(sum(float(day[1]) for day in group), 6),
            "temp_max_c": max(float(day[2]) for day in group),
            "temp_min_c": min(float(day[3]) for day in group),
            "temp_mean_c": round(sum((float(day[2]) + float(day[3])) / 2 for day in group) / len(group), 6),
            "wind_max_ms": max(float(day[4]) for day in group),
        }
        for weather, group in sorted(groups.items())
    ]


def test_every_month_is_what_plain_python_computes(both):
    written = rows(both["sail"] / "curated/monthly")
    bad_days = {"2012-01-02", "2012-01-03", "2012-01-04", "2012-01-05"}
    for year in range(2012, 2016):
        for month in range(1, 13):
            partition = f"year={year}/month={month:02}"
            expected = by_hand(f"{year}-{month:02}", bad_days if partition == "year=2012/month=01" else set())
            assert len(written[partition]) == len(expected)
            for got, want in zip(sorted(written[partition], key=lambda row: row["weather"]), expected):
                assert got == pytest.approx(want, abs=2e-6)


def test_bad_rows_are_set_aside_as_they_were_with_the_reason(both):
    january = rows(both["sail"] / "quarantine")["year=2012/month=01"]
    assert {row["reason"] for row in january} == {
        "temp_max is not a number",
        "date is not a date",
        "precipitation is negative",
        "temp_min is above temp_max",
    }
    assert "warm" in {row["temp_max"] for row in january}


def test_files_that_cannot_be_read_are_set_aside_and_the_others_load(both):
    quarantine = rows(both["sail"] / "quarantine")
    for partition, reason in {
        "year=2012/month=02": "the header is",
        "year=2012/month=03": "the header is",
        "year=2012/month=04": "the file is empty",
        "year=2012/month=05": "the file is not UTF-8",
        "year=2012/month=06": "the header is",
        "year=2012/month=07": "the file is not UTF-8",
        "year=2012/month=08": "the header is",
    }.items():
        assert [row["reason"].startswith(reason) for row in quarantine[partition]] == [True]
        assert partition in rows(both["sail"] / "curated/monthly")
    assert {row["reason"] for row in quarantine["year=2016/month=01"]} == {"date is not in 2016-01"}


def test_only_what_changed_is_processed_again(sail, tmp_path):
    folder = land(tmp_path)
    assert run(folder, SAIL_PYTHON, sail)[-1]["partitions"] == 48
    before = {file: file.stat().st_mtime_ns for file in (folder / "curated").rglob("*.parquet")}

    again = run(folder, SAIL_PYTHON, sail)[-1]
    assert (again["partitions"], again["rows"]) == (0, 0), "a repeated event does no work"

    march = folder / "landing/year=2013/month=03"
    (march / "late.csv").write_text((march / "weather.csv").read_text())
    (folder / "landing/year=2014/month=07/weather.csv").unlink()
    late = run(folder, SAIL_PYTHON, sail)
    assert sorted(line["partition"] for line in late[:-1]) == ["year=2013/month=03", "year=2014/month=07"]
    assert late[-1]["duplicates"] == 31
    monthly = rows(folder / "curated/monthly")
    assert "year=2014/month=07" not in monthly, "what was made from a deleted file is gone"
    assert sum(row["days"] for row in monthly["year=2013/month=03"]) == 31, "a day counts once"
    for file, written in before.items():
        if "year=2013/month=03" not in str(file) and "year=2014/month=07" not in str(file):
            assert file.stat().st_mtime_ns == written, "other partitions are not touched"


def test_running_everything_again_writes_the_same_rows(sail, tmp_path):
    folder = land(tmp_path)
    run(folder, SAIL_PYTHON, sail)
    first = rows(folder / "curated/monthly")
    assert run(folder, SAIL_PYTHON, sail, "--partitions", "all")[-1]["partitions"] == 48
    assert rows(folder / "curated/monthly") == first


def test_a_mended_file_leaves_quarantine(sail, tmp_path):
    folder = land(tmp_path, {"year=2012/month=01/weather.csv": "bad-rows.csv"})
    run(folder, SAIL_PYTHON, sail, "--partitions", "year=2012/month=01")
    assert list(rows(folder / "quarantine")) == ["year=2012/month=01"]
    shutil.copy(SAMPLES / "weather/year=2012/month=01/weather.csv", folder / "landing/year=2012/month=01/weather.csv")
    run(folder, SAIL_PYTHON, sail, "--object", "raw/year=2012/month=01/weather.csv")
    assert rows(folder / "quarantine") == {}
    assert list(rows(folder / "curated/monthly")) == ["year=2012/month=01"], "only the object's partition was processed"


def test_on_s3(sail):
    import boto3

    s3 = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    for attempt in range(100):
        try:
            s3.create_bucket(Bucket="landing")
            break
        except Exception:
            assert attempt < 99, "moto_server did not answer within 10 s"
            time.sleep(0.1)
    s3.create_bucket(Bucket="curated")
    for month in ("01", "02"):
        s3.upload_file(str(SAMPLES / f"weather/year=2012/month={month}/weather.csv"), "landing", f"raw/year=2012/month={month}/weather.csv")
    s3.upload_file(str(SAMPLES / "bad/empty.csv"), "landing", "raw/year=2012/month=02/empty.csv")
    uris = {"landing": "s3://landing/raw/", "curated": "s3://curated/", "quarantine": "s3://curated/quarantine/"}
    assert run(None, SAIL_PYTHON, sail, uris=uris)[-1]["rows"] == 60
    assert run(None, SAIL_PYTHON, sail, uris=uris)[-1]["partitions"] == 0
    s3.delete_object(Bucket="landing", Key="raw/year=2012/month=01/weather.csv")
    assert run(None, SAIL_PYTHON, sail, uris=uris)[-1]["partitions"] == 1
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket="curated")["Contents"]]
    assert not [key for key in keys if "month=01" in key], keys
    assert [key for key in keys if key.startswith("monthly/year=2012/month=02/") and key.endswith(".parquet")]
    assert [key for key in keys if key.startswith("quarantine/year=2012/month=02/")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--object", "raw/weather.csv"], "expected a key with year=YYYY/month=MM/"),
        (["--partitions", "yesterday"], "expected all, changed, or year=YYYY/month=MM"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(sail, tmp_path, arguments, message):
    [failure] = run(land(tmp_path), SAIL_PYTHON, sail, *arguments, code=1)
    assert message in failure["stderr"]
    assert not (tmp_path / "curated").exists(), "nothing was written"


def test_spark_submit_runs_it_as_emr_serverless_does(tmp_path):
    """EMR Serverless hands the script to spark-submit, with none of Glue's own arguments."""
    land(tmp_path)
    command = [str(Path(SPARK_PYTHON).parent / "spark-submit"), "--conf", "spark.driver.memory=1g", "--conf", "spark.executor.instances=1", str(SCRIPT)]
    for name in ("landing", "curated", "quarantine"):
        command += [f"--{name}", str(tmp_path / name)]
    environment = {key: value for key, value in os.environ.items() if key != "SPARK_REMOTE"}
    environment["PYSPARK_PYTHON"] = SPARK_PYTHON
    done = subprocess.run(
        [*command, "--object", "raw/year=2012/month=03/weather.csv"], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    written = rows(tmp_path / "curated/monthly")
    assert list(written) == ["year=2012/month=03"]
    assert sum(row["days"] for row in written["year=2012/month=03"]) == 31


def test_the_oldest_python_that_it_meets_can_read_it():
    """EMR Serverless 7 has Python 3.9, Glue 5.1 has 3.11."""
    ast.parse(SCRIPT.read_text(), feature_version=(3, 9))
