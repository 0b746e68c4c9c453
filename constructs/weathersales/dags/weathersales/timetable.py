"""Turns a schedule as AWS writes it into one of Airflow's: cron(), rate() and at(), in a time zone.

Airflow reads cron as Unix does: five fields, no ?, and Sunday is 0 where AWS counts it as 1. Fields are therefore read here and
written out as lists. What Airflow's cron cannot say (W, a year) is refused.
Source: Amazon EventBridge Scheduler User Guide, "Schedule types in EventBridge Scheduler"; Apache Airflow, "Timetables", read 2026-11.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

import pendulum
from airflow.timetables.base import Timetable
from airflow.timetables.interval import CronDataIntervalTimetable, DeltaDataIntervalTimetable

from weathersales.settings import Refused

# No run is wanted from before the project; since the DAG does not catch up, the date decides nothing else.
START = (2026, 1, 1)

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True)
class Field:
    """One field of AWS's cron."""

    name: str
    first: int
    last: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int:
        if text.upper() in self.names:
            return self.first + self.names.index(text.upper())
        if not text.isascii() or not text.isdigit() or not self.first <= int(text) <= self.last:
            named = f" or {self.names[0]} to {self.names[-1]}" if self.names else ""
            raise Refused(f"{self.name}: got {text!r}, expected {self.first} to {self.last}{named}")
        return int(text)

    def values(self, item: str) -> set[int]:
        """What one item of the list means: 3, 3-5, 3/5, 3-5/2, or * with or without a step. A range may wrap around: FRI-MON."""
        span, _, step = item.partition("/")
        every = self.step(step) if "/" in item else 1
        start, _, end = span.partition("-")
        first = self.first if span == "*" else self.number(start)
        last = self.number(end) if "-" in span else (self.last if span == "*" or "/" in item else first)
        size = self.last - self.first + 1
        return {self.first + (first - self.first + offset) % size for offset in range(0, (last - first) % size + 1, every)}

    def step(self, text: str) -> int:
        if not text.isascii() or not text.isdigit() or int(text) == 0:
            raise Refused(f"{self.name}: got the step {text!r}, expected a number from 1")
        return int(text)

    def unix(self, text: str, shift: int = 0) -> str:
        if text in ("*", "?"):
            return "*"
        every = set().union(*(self.values(item) for item in text.split(",")))
        if len(every) == self.last - self.first + 1:
            return "*"
        return ",".join(str(value - shift) for value in sorted(every))


MINUTES = Field("minutes", 0, 59)
HOURS = Field("hours", 0, 23)
MONTH_DAYS = Field("day-of-month", 1, 31)
MONTH = Field("month", 1, 12, MONTHS)
WEEK_DAYS = Field("day-of-week", 1, 7, WEEKDAYS)


def month_days(text: str) -> str:
    if text == "L":
        return "L"
    if "W" in text.upper() or "L" in text.upper():
        raise Refused(f"day-of-month: got {text!r}, Airflow's cron knows L alone and no W\n  hint: name the days")
    return MONTH_DAYS.unix(text)


def week_days(text: str) -> str:
    """The field with Sunday as 0. 2#1 is the first Monday of the month, 6L the last Friday, L alone the week's last day."""
    if text == "L":
        return "6"
    if nth := re.fullmatch(r"([^#,]+)#([1-5])", text):
        return f"{WEEK_DAYS.number(nth[1]) - 1}#{nth[2]}"
    if last := re.fullmatch(r"([1-7]|[A-Za-z]{3})L", text):
        return f"L{WEEK_DAYS.number(last[1]) - 1}"
    return WEEK_DAYS.unix(text, shift=1)


def unix_cron(fields: str) -> str:
    """The five fields that Airflow reads, from the six that AWS does."""
    parts = fields.split()
    if len(parts) != 6:
        raise Refused(f"got {len(parts)} fields, expected 6: minutes hours day-of-month month day-of-week year")
    minutes, hours, days, month, weekdays, year = parts
    if year not in ("*", "?"):
        raise Refused(f"year: got {year!r}, Airflow's cron has no year\n  hint: write * for the year")
    if (days == "?") == (weekdays == "?"):
        raise Refused(f"got {days} for day-of-month and {weekdays} for day-of-week, expected ? for exactly one of them")
    return " ".join((MINUTES.unix(minutes), HOURS.unix(hours), month_days(days), MONTH.unix(month), week_days(weekdays)))


def schedule(expression: str | None, timezone: str) -> tuple[Timetable | str | None, pendulum.DateTime]:
    """What a DAG takes as its schedule, and its start date. Without an expression a run is started by a command or an event.

    The timetables are those with a data interval, since a run writes the days of its interval; what Airflow 3 makes of a cron text
    by itself has none.
    """
    zone = pendulum.timezone(timezone)
    start = pendulum.datetime(*START, tz=zone)
    if not expression:
        return None, start
    match = re.fullmatch(r"(cron|rate|at)\((.+)\)", expression)
    if not match:
        raise Refused(f"schedule: got {expression!r}, expected cron(...), rate(...) or at(...)")
    kind, inside = match.groups()
    try:
        if kind == "cron":
            return CronDataIntervalTimetable(unix_cron(inside), zone), start
        if kind == "rate":
            return DeltaDataIntervalTimetable(rate(inside)), start
        return "@once", pendulum.from_format(inside, "YYYY-MM-DDTHH:mm:ss", tz=zone)
    except ValueError as error:
        raise Refused(f"schedule: {expression}: {error}") from None


def rate(text: str) -> timedelta:
    match = re.fullmatch(r"([1-9][0-9]*) (minute|hour|day)s?", text)
    if not match:
        raise Refused(f"got {text!r}, expected a number and minutes, hours or days")
    return int(match[1]) * UNITS[match[2]]
