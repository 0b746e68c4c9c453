"""Turns landed CSV partitions into Parquet: clean rows, bad rows with a reason, and one summary per month.

Plain PySpark that runs unchanged on AWS Glue 5.1, on Spark 3.5 and on Sail. It does not import awsglue. What the engines do
differently is avoided: casts are try_cast, partition values are strings, and each partition is written to a path of its own,
which makes a second run of the same input harmless everywhere.

Which partitions a run concerns: --object names one; --partitions names some, or all, or those that changed since they were
last processed. For the last, a ledger keeps for each partition which objects it was made from. Events may be lost,
repeated or late; the ledger tells what is really new.

Source: AWS Glue Developer Guide, "AWS Glue version 5.1"; Amazon S3 User Guide, "Amazon S3 data consistency model".
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlparse

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

COLUMNS = ["date", "precipitation", "temp_max", "temp_min", "wind", "weather"]
HEADER = ",".join(COLUMNS)
NUMBERS = ["precipitation", "temp_max", "temp_min", "wind"]
KEY = ["date"]  # what makes a row one of its kind: of several with the same, one counts
PARTITION = re.compile(r"(?:^|/)(year=\d{4}/month=(?:0[1-9]|1[0-2]))/[^/]+$")
LEDGER = "_processed"


class Refused(Exception):
    """An input that the job cannot work with; the message says what was got and what was expected."""


# --- storage: S3 through boto3, or a local folder ---


class Folder:
    """Small objects under a URI: s3://bucket/prefix, file:///path or /path."""

    def __init__(self, uri: str) -> None:
        parsed = urlparse(uri)
        if parsed.scheme not in ("", "file", "s3", "s3a"):
            raise Refused(f"{uri}: got the scheme {parsed.scheme}, expected s3:// or a local folder")
        self.uri = uri.rstrip("/")
        self.bucket = parsed.netloc if parsed.scheme.startswith("s3") else None
        self.root = parsed.path.strip("/") if self.bucket else parsed.path.rstrip("/")
        if self.bucket:
            import boto3

            self.s3 = boto3.client("s3")

    def list(self) -> dict[str, str]:
        """Path below the folder -> version: what changes when the content does."""
        if not self.bucket:
            found = (path for path in sorted(Path(self.root).rglob("*")) if path.is_file())
            return {
                path.relative_to(self.root).as_posix(): f"{path.stat().st_size}-{path.stat().st_mtime_ns}"
                for path in found
            }
        prefix = self.root + "/" if self.root else ""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        objects = (item for page in pages for item in page.get("Contents", []))
        return {item["Key"][len(prefix) :]: f"{item['Size']}-{item['ETag'].strip(chr(34))}" for item in objects}

    def read(self, path: str, size: int = -1) -> bytes | None:
        """The first bytes of an object, or all; None if there is none."""
        if not self.bucket:
            file = Path(self.root, path)
            if not file.is_file():
                return None
            with file.open("rb") as opened:
                return opened.read(size)
        key = f"{self.root}/{path}" if self.root else path
        try:
            body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"]
        except self.s3.exceptions.NoSuchKey:
            return None
        return body.read(size if size >= 0 else None)

    def write(self, path: str, data: bytes) -> None:
        """Replaces an object."""
        if self.bucket:
            self.s3.put_object(Bucket=self.bucket, Key=f"{self.root}/{path}" if self.root else path, Body=data)
            return
        file = Path(self.root, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(file.name + ".part")
        part.write_bytes(data)
        part.replace(file)

    def remove(self, path: str) -> None:
        """Removes everything below a path; nothing there is fine."""
        if not self.bucket:
            shutil.rmtree(Path(self.root, path), ignore_errors=True)
            return
        prefix = f"{self.root}/{path}/" if self.root else path + "/"
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            keys = [{"Key": item["Key"]} for item in page.get("Contents", [])]
            if keys:
                self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": keys, "Quiet": True})

    def remove_one(self, path: str) -> None:
        """Removes one object; nothing there is fine."""
        if self.bucket:
            self.s3.delete_object(Bucket=self.bucket, Key=f"{self.root}/{path}" if self.root else path)
        else:
            Path(self.root, path).unlink(missing_ok=True)

    def path(self, below: str) -> str:
        """The URI of something below the folder, as an engine takes it."""
        return f"{self.uri}/{below}"


# --- which partitions a run concerns ---


def by_partition(objects: dict[str, str]) -> dict[str, dict[str, str]]:
    """Groups CSV objects by their partition; what lies elsewhere is left alone."""
    grouped: dict[str, dict[str, str]] = {}
    for path, version in objects.items():
        match = PARTITION.search(path)
        if match and path.endswith(".csv"):
            grouped.setdefault(match[1], {})[path] = version
    return grouped


def concerned(args: argparse.Namespace, landed: dict[str, dict[str, str]], curated: Folder) -> list[str]:
    """The partitions of this run, sorted. A partition whose objects are all gone is concerned too."""
    if args.object:
        match = PARTITION.search(args.object)
        if not match:
            raise Refused(f"--object {args.object}: expected a key with year=YYYY/month=MM/")
        return [match[1]]
    known = {path.removesuffix(".json"): None for path in Folder(curated.path(LEDGER)).list()}
    if args.partitions == "all":
        return sorted({*landed, *known})
    if args.partitions == "changed":
        return sorted(name for name in {*landed, *known} if ledger(curated, name) != landed.get(name, {}))
    names = args.partitions.split(",")
    for name in names:
        if not PARTITION.search(name + "/x"):
            raise Refused(f"--partitions {name}: expected all, changed, or year=YYYY/month=MM")
    return sorted(set(names))


def ledger(curated: Folder, partition: str) -> dict[str, str] | None:
    """What the partition was last made from: object -> version. None if it never was."""
    data = curated.read(f"{LEDGER}/{partition}.json")
    return None if data is None else json.loads(data)


# --- the transformation ---


def header_problem(start: bytes) -> str | None:
    """Why a file cannot be read at all, from its first bytes. A byte order mark is tolerated."""
    if not start:
        return "the file is empty"
    try:
        line = start.split(b"\n", 1)[0].decode("utf-8-sig").rstrip("\r")
    except UnicodeDecodeError:
        return "the file is not UTF-8"
    if line != HEADER:
        return f"the header is {line[:80]!r}, expected {HEADER!r}"
    return None


BLANK = ""  # what is wrong with a line that has nothing: it is no row


def split(lines: DataFrame, quotes: bool = True) -> DataFrame:
    """The values of each line as raw_COLUMN, and the problem if it has not one for each column; null for a line that has.

    The engines' own CSV readers do not agree on lines with too few or too many values, or with quotes: one fails the run, the other
    leaves a value out and says nothing. So a line is split here: at commas, outside of quotes, as RFC 4180 has it; a quoted value
    does not span lines. A partition without any takes a shorter plan.
    """
    # What is needed often is computed once, and the blank are left in: filters would compute it again.
    quoted = F.expr("instr(line, '\"') > 0") if quotes else F.lit(False)
    parts = F.split("line", ",", -1)
    if quotes:
        parts = F.when(quoted, F.expr("""regexp_extract_all(concat(',', line), ',("([^"]|"")*"|[^,]*)', 1)""")).otherwise(parts)
    whole = lines.select("partition", "line", quoted.alias("quoted"), parts.alias("parts"))
    number = F.concat(F.lit("the row has "), F.size("parts").cast("string"), F.lit(f" columns, expected {len(COLUMNS)}"))
    problem = F.when(F.size("parts") != len(COLUMNS), F.when(F.expr("trim(line) = ''"), F.lit(BLANK)).otherwise(number))
    if quotes:
        problem = problem.when(F.expr("quoted and array_join(parts, ',') != line"), F.lit("a value goes on after its quotes"))
    values = []
    for position, name in enumerate(COLUMNS, 1):
        value = f"try_element_at(parts, {position})"
        if quotes:
            value = f"""case when quoted then replace(regexp_replace({value}, '^"(.*)"$', '$1'), '""', '"') else {value} end"""
        values.append(F.expr(f"nullif({value}, '')").alias("raw_" + name))
    return whole.select("partition", "quoted", *values, problem.alias("problem"))


def judged(rows: DataFrame) -> DataFrame:
    """Typed columns beside the raw text, and the reason why a row is bad; null for a good one."""
    month = F.regexp_replace("partition", "^year=([0-9]+)/month=([0-9]+)$", "$1-$2")
    typed = rows.select(
        "partition",
        "quoted",
        *("raw_" + name for name in COLUMNS),
        "problem",
        F.expr("try_cast(raw_date as date)").alias("date"),
        *(F.expr(f"try_cast(raw_{name} as double)").alias(name) for name in NUMBERS),
        F.trim("raw_weather").alias("weather"),
    )
    reason = F.when(F.col("problem").isNotNull(), F.col("problem")).when(F.col("date").isNull(), F.lit("date is not a date")).when(
        F.date_format("date", "yyyy-MM") != month, F.concat(F.lit("date is not in "), month)
    )
    for name in NUMBERS:
        reason = reason.when(F.col(name).isNull() | F.isnan(name), F.lit(f"{name} is not a number"))
    reason = (
        reason.when(F.col("precipitation") < 0, F.lit("precipitation is negative"))
        .when(F.col("wind") < 0, F.lit("wind is negative"))
        .when(F.col("temp_min") > F.col("temp_max"), F.lit("temp_min is above temp_max"))
        .when(F.col("weather").isNull() | (F.length("weather") == 0), F.lit("weather is missing"))
    )
    return typed.withColumn("reason", reason)


def distinct(good: DataFrame) -> DataFrame:
    """One row for each key. Which of several wins does not depend on the engine or on the order of the files."""
    order = [F.col(name).desc() for name in COLUMNS if name not in KEY]
    ranked = good.withColumn("rank", F.row_number().over(Window.partitionBy(*KEY).orderBy(*order)))
    return ranked.where("rank = 1").drop("rank")


def summary(good: DataFrame) -> DataFrame:
    """One row per kind of weather of the month: days, and what was measured on them."""
    return (
        distinct(good)
        .groupBy("weather")
        .agg(
            F.count("*").alias("days"),
            F.round(F.sum("precipitation"), 6).alias("precipitation_mm"),
            F.max("temp_max").alias("temp_max_c"),
            F.min("temp_min").alias("temp_min_c"),
            F.round(F.avg((F.col("temp_max") + F.col("temp_min")) / 2), 6).alias("temp_mean_c"),
            F.max("wind").alias("wind_max_ms"),
        )
        .orderBy("weather")
    )


# --- one run ---


class Run:
    """One run of the job over some partitions."""

    def __init__(self, spark: SparkSession, args: argparse.Namespace) -> None:
        self.spark = spark
        self.landing, self.curated = Folder(args.landing), Folder(args.curated)
        self.quarantine = Folder(args.quarantine)
        self.landed = by_partition(self.landing.list())
        self.partitions = concerned(args, self.landed, self.curated)
        self.refused: dict[str, dict[str, str]] = {}  # partition -> file -> why it cannot be read at all
        self.frames: dict[str, DataFrame] = {}

    def go(self) -> dict[str, int]:
        """Processes every partition; the ledger of one is written when it is done, whatever becomes of the others."""
        with ThreadPoolExecutor(max_workers=8) as pool:
            for partition, refused in zip(self.partitions, pool.map(self.refusals, self.partitions)):
                self.refused[partition] = refused
            lines = {name: found for name in self.partitions if (found := self.lines(name)) is not None}
            counts, quotes = self.count(lines)
            self.frames = {name: judged(split(found, name in quotes)) for name, found in lines.items()}
            list(pool.map(lambda name: self.process(name, counts.get(name, {})), self.partitions))
        totals = {"partitions": len(self.partitions), "files_refused": sum(map(len, self.refused.values()))}
        for key in ("rows", "bad", "duplicates"):
            totals[key] = sum(count[key] for count in counts.values())
        return totals

    def refusals(self, partition: str) -> dict[str, str]:
        """The files of the partition that cannot be read, with the reason."""
        found = {}
        for path in self.landed.get(partition, {}):
            problem = header_problem(self.landing.read(path, 4096) or b"")
            if problem:
                found[path] = problem
        return found

    def lines(self, partition: str) -> DataFrame | None:
        """The lines of the partition's readable files."""
        files = [path for path in self.landed.get(partition, {}) if path not in self.refused[partition]]
        if not files:
            return None
        # Whole lines, without the header: separated and quoted by control characters, which text has not.
        reader = self.spark.read.schema("line string").option("header", True).option("sep", "\x1f").option("quote", "\x1e")
        lines = reader.csv([self.landing.path(path) for path in files])
        return lines.select("line", F.lit(partition).alias("partition"))

    def count(self, lines: dict[str, DataFrame]) -> tuple[dict[str, dict[str, int]], set[str]]:
        """Rows, bad rows and duplicates of each partition, and which partitions have quotes: all counted in one go."""
        if not lines:
            return {}, set()
        first, *others = lines.values()
        for other in others:
            first = first.unionByName(other)
        # The partitions become one before their rows are judged: else each brings a plan of its own, which takes longer than its rows do.
        kind = F.when(F.col("reason").isNull(), "good").when(F.col("reason") == BLANK, "blank").otherwise("bad").alias("kind")
        every = judged(split(first)).select("partition", kind, F.col("quoted").cast("int").alias("quoted"), *KEY)
        # By key first: to count what is distinct in one step takes ten times as long.
        keys = every.groupBy("partition", "kind", *KEY).agg(F.count("*").alias("times"), F.max("quoted").alias("quoted"))
        counted = keys.groupBy("partition", "kind").agg(F.sum("times").alias("rows"), F.count("*").alias("keys"), F.max("quoted").alias("quoted"))
        counts = {name: {"rows": 0, "bad": 0, "duplicates": 0} for name in lines}
        quotes = set()
        for row in counted.collect():
            count = counts[row["partition"]]
            count["rows"] += row["rows"] if row["kind"] != "blank" else 0
            if row["kind"] == "bad":
                count["bad"] = row["rows"]
            if row["kind"] == "good":
                count["duplicates"] = row["rows"] - row["keys"]
            if row["quoted"]:
                quotes.add(row["partition"])
        return counts, quotes

    def process(self, partition: str, counts: dict[str, int]) -> None:
        """Replaces what was made from the partition. Running it again with the same input changes nothing."""
        monthly = f"monthly/{partition}"
        if partition in self.frames:
            good = self.frames[partition].where("reason is null")
            summary(good).coalesce(1).write.mode("overwrite").parquet(self.curated.path(monthly))
        else:
            self.curated.remove(monthly)
        self.set_aside(partition, counts)
        objects = self.landed.get(partition)
        if objects:
            self.curated.write(f"{LEDGER}/{partition}.json", json.dumps(objects, sort_keys=True).encode())
        else:
            self.curated.remove_one(f"{LEDGER}/{partition}.json")
        log("partition processed", partition=partition, files_refused=self.refused[partition], **counts)

    def set_aside(self, partition: str, counts: dict[str, int]) -> None:
        """Replaces the partition's quarantine: bad rows as they were, and files that cannot be read, each with the reason."""
        bad = []
        if counts.get("bad"):
            raw = [F.col("raw_" + name).alias(name) for name in COLUMNS]
            bad.append(self.frames[partition].where(F.col("reason") != BLANK).select(*raw, F.lit(None).cast("string").alias("file"), "reason"))
        for path, problem in self.refused[partition].items():
            nothing = [F.lit(None).cast("string").alias(name) for name in COLUMNS]
            bad.append(self.spark.range(1).select(*nothing, F.lit(path).alias("file"), F.lit(problem).alias("reason")))
        if not bad:
            self.quarantine.remove(partition)
            return
        every = bad[0]
        for part in bad[1:]:
            every = every.unionByName(part)
        every.coalesce(1).write.mode("overwrite").parquet(self.quarantine.path(partition))


def log(message: str, **fields: object) -> None:
    """One JSON line on stdout, which Glue sends to CloudWatch Logs."""
    # One write, newline included: several partitions are processed at once.
    sys.stdout.write(json.dumps({"message": message, **fields}) + "\n")
    sys.stdout.flush()


def arguments(argv: list[str]) -> argparse.Namespace:
    """Glue passes arguments of its own besides ours (--JOB_NAME, --WORKFLOW_RUN_ID ...), which are left alone."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0], allow_abbrev=False)
    parser.add_argument("--landing", required=True, help="folder of year=YYYY/month=MM/*.csv")
    parser.add_argument("--curated", required=True, help="folder for monthly/ and the ledger")
    parser.add_argument("--quarantine", required=True, help="folder for bad rows and files")
    parser.add_argument("--partitions", default="changed", help="changed, all, or year=YYYY/month=MM,...")
    parser.add_argument("--object", default="", help="key of one object: its partition is processed")
    return parser.parse_known_args(argv)[0]


def main(argv: list[str]) -> int:
    """Runs the job; 0 when every partition is done, 1 when the input cannot be used."""
    args = arguments(argv)
    spark = SparkSession.builder.appName("weather_etl").getOrCreate()
    try:
        log("run finished", **Run(spark, args).go())
    except Refused as refused:
        print(f"weather_etl: {refused}", file=sys.stderr)
        return 1
    finally:
        spark.stop()
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    if code:
        sys.exit(code)  # Glue reports any SystemExit as a failure, so a good run ends without one
