"""What rows must fulfil before they are published. Each fault is a sentence; the run fails with all of them."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc


def faults(tables: dict[str, pa.Table], first: date, end: date) -> list[str]:
    """All that is wrong with what was staged for the days from first until end, which is not included."""
    found = []
    if "weather" in tables:
        found += weather_faults(tables["weather"], first, end)
    if "sales" in tables:
        found += sales_faults(tables["sales"], first, end)
    if len(tables) > 1:
        found += join_faults(**tables)
    return found


def weather_faults(weather: pa.Table, first: date, end: date) -> list[str]:
    faults = []
    if outside := weather.num_rows - within(weather, first, end):
        faults.append(f"{outside} of {weather.num_rows} rows of weather are not from {first} until {end}")
    if repeated := weather.num_rows - weather.group_by(["day", "city"]).aggregate([]).num_rows:
        faults.append(f"{repeated} rows of weather repeat a city and a day")
    if swapped := count(pc.greater(weather["temp_min_c"], weather["temp_max_c"])):
        faults.append(f"{swapped} rows of weather have a lowest temperature above the highest")
    if negative := count(pc.or_(pc.less(weather["precipitation_mm"], 0), pc.less(weather["wind_ms"], 0))):
        faults.append(f"{negative} rows of weather have negative rain or wind")
    return faults + null_faults(weather, "weather")


def sales_faults(sales: pa.Table, first: date, end: date) -> list[str]:
    if not sales.num_rows:
        return [f"the database holds no sales from {first} until {end}"]
    faults = []
    if outside := sales.num_rows - within(sales, first, end):
        faults.append(f"{outside} of {sales.num_rows} rows of sales are not from {first} until {end}")
    if repeated := sales.num_rows - sales.group_by(["day", "store"]).aggregate([]).num_rows:
        faults.append(f"{repeated} rows of sales repeat a store and a day")
    if negative := count(pc.or_(pc.less(sales["items"], 0), pc.less(sales["amount"], 0))):
        faults.append(f"{negative} rows of sales have a negative number of items or amount")
    return faults + null_faults(sales, "sales")


def join_faults(sales: pa.Table, weather: pa.Table) -> list[str]:
    """A sale without weather would be lost by the join, unseen."""
    lost = sales.join(weather, keys=["day", "city"], join_type="left anti")
    if not lost.num_rows:
        return []
    places = sorted({f"{row['city']} on {row['day']}" for row in lost.select(["city", "day"]).to_pylist()})
    more = f" and {len(places) - 3} more" if len(places) > 3 else ""
    return [f"{lost.num_rows} rows of sales have no weather: {', '.join(places[:3])}{more}"]


def null_faults(rows: pa.Table, what: str) -> list[str]:
    missing = {name: rows[name].null_count for name in rows.column_names}
    return [f"{number} rows of {what} have no {name}" for name, number in missing.items() if number]


def within(rows: pa.Table, first: date, end: date) -> int:
    return count(pc.and_(pc.greater_equal(rows["day"], pa.scalar(first)), pc.less(rows["day"], pa.scalar(end))))


def count(mask: pa.ChunkedArray) -> int:
    return pc.sum(mask).as_py() or 0
