"""Runs the DAG on this machine and shows what each task did: python run_local.py [--fail api|database|s3].

Airflow is the real one; what the DAG talks to is local.py's, with made-up data. Exit code 1 tells that a task failed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import local

# 09:00 on 6 January in Los Angeles: the schedule of the sample began its last whole day at 08:00 on the 5th.
NOW = datetime(2026, 1, 6, 17, 0, tzinfo=UTC)
TRIES = 2


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Runs the DAG weather_sales on this machine, with sample data.", epilog="for example: run_local.py --fail database"
    )
    parser.add_argument("--fail", choices=["api", "database", "s3"], help="let one of the things that the DAG talks to fail")
    parser.add_argument("--work", default="http-api,sql-server", help="steps of the run, with commas (default: %(default)s)")
    options = parser.parse_args()

    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="weathersales-"))
        log = stack.enter_context(tempfile.NamedTemporaryFile(prefix="weathersales-", suffix=".log", delete=False))
        print("starting Airflow, the API, S3 and the database ...", file=sys.stderr, flush=True)
        with to_file(log):
            run, messages, written = weather_sales(Path(home), options)
    show(run)
    for message in messages:
        print(f"\nSNS was told: {message['Subject']}\n" + "".join(f"  {line}\n" for line in message["Message"].splitlines()), end="")
    for key, rows in written.items():
        show_rows(key, rows)
    print(f"\nAirflow's log: {log.name}", file=sys.stderr)
    return 0 if str(run.state) == "success" else 1


def weather_sales(home: Path, options: argparse.Namespace):
    services = local.start(home, work=options.work.split(","))
    services.database.fill(local.receipts_on(date(2026, 1, 5)))
    if options.fail == "api":
        services.api.faults = [{"status": 500}]
    if options.fail == "s3":
        services.aws.deny(local.PREFIX)
    with ExitStack() as stack:
        stack.enter_context(local.no_database() if options.fail == "database" else local.driver(services.database))
        import weather_sales

        run = local.run(weather_sales.dag, TRIES, logical_date=NOW)
    written = {key: services.aws.rows(key) for key in services.aws.keys() if "/staging/" not in key}
    return run, services.aws.messages(), written


@contextmanager
def to_file(log):
    """Airflow and moto write their logs to both outputs, from several threads; here they go to a file."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for target, original in enumerate(kept, start=1):
            os.dup2(original, target)
            os.close(original)


def show(run) -> None:
    print(f"{'task':<16}{'state':<18}{'tries':>5}{'seconds':>9}")
    order = {name: number for number, name in enumerate(("choose_days", "fetch_weather", "extract_sales", "check_rows", "write_rows"))}
    for ti in sorted(run.get_task_instances(), key=lambda ti: order[ti.task_id]):
        print(f"{ti.task_id:<16}{ti.state:<18}{ti.try_number:>5}{ti.duration or 0:>9.1f}")


def show_rows(key: str, rows: list[dict]) -> None:
    print(f"\ns3://{local.BUCKET}/{key}: {len(rows)} rows")
    texts = [[str(value) for value in line] for line in ([list(rows[0])] + [list(row.values()) for row in rows])] if rows else []
    widths = [max(map(len, column)) for column in zip(*texts)]
    for line in texts:
        print("  " + "  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip())


if __name__ == "__main__":
    # Airflow's threads would keep the process; nothing is left to be done.
    code = main()
    sys.stdout.flush()
    os._exit(code)
