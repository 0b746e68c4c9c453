"""Which days a run covers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pendulum
from airflow.exceptions import AirflowFailException

ONE_DAY = timedelta(days=1)


def days_of(params: Mapping[str, Any], start: datetime | None, end: datetime | None, now: datetime, timezone: str) -> dict[str, str]:
    """The first day of a run, and the one after its last.

    Those that the trigger names; else those of the data interval, at least one; else, as a run that is started by a command or an
    event has no interval, the day before.
    """
    if params.get("first"):
        first = date.fromisoformat(params["first"])
        after = date.fromisoformat(params["end"]) if params.get("end") else first + ONE_DAY
        if after <= first:
            raise AirflowFailException(f"got first {first} and end {after}, expected end to be a later day, which is not included")
    elif params.get("end"):
        raise AirflowFailException(f"got end {params['end']} without first, expected both, or first alone")
    elif start and end and start < end:
        first = local_day(start, timezone)
        after = max(local_day(end, timezone), first + ONE_DAY)
    else:
        after = local_day(now, timezone)
        first = after - ONE_DAY
    return {"first": first.isoformat(), "end": after.isoformat()}


def local_day(moment: datetime, timezone: str) -> date:
    return pendulum.instance(moment).in_timezone(timezone).date()
