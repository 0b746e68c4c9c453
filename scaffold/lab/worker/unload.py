"""What UNLOAD does: writes the rows of a query into files that the lab then puts into S3.

The lab writes as one slice of Redshift does, whatever the number of slices: one file, or one for each partition.
Source: Amazon Redshift Database Developer Guide, "UNLOAD" (name-prefix, PARALLEL, PARTITION BY), read 2026-11.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import duckdb
import redshift
from load import quoted
from sqlglot import exp
from transfer import Refused, Transfer

ENDINGS = {"PARQUET": ".parquet"}


def unload(connection: duckdb.DuckDBPyConnection, t: Transfer, query: exp.Expression, folder: str) -> dict:
    """Writes the files below the folder; returns them with their names below the prefix, and the number of rows."""
    if query.args.get("limit"):
        return {"error": "ERROR: Limit clause is not supported"}  # Source: "UNLOAD", Limitations
    connection.execute(f"CREATE OR REPLACE TEMP TABLE unloaded AS {redshift.duckdb_sql(query)}")
    try:
        return written(connection, t, Path(folder))
    finally:
        connection.execute("DROP TABLE unloaded")


def written(connection: duckdb.DuckDBPyConnection, t: Transfer, folder: Path) -> dict:
    rows = connection.execute("SELECT COUNT(*) FROM unloaded").fetchone()[0]
    columns = [(name, kind) for name, kind, *_ in connection.execute("DESCRIBE unloaded").fetchall()]
    for name in t.partition:
        if name not in dict(columns):
            return {"error": f'ERROR: column "{name}" of PARTITION BY is not in the query'}
    # DuckDB's sum of whole numbers is wider than Redshift's, and would become a floating-point number in Parquet.
    kept = [c for c in columns if t.include or c[0] not in t.partition]
    select = ", ".join(f'CAST("{name}" AS BIGINT) AS "{name}"' if kind in ("HUGEINT", "UHUGEINT") else f'"{name}"' for name, kind in kept)
    files = []
    for path, condition in partitions(connection, t):
        target = folder / f"{len(files):06d}"
        write(connection, t, f"SELECT {select} FROM unloaded{condition}", target)
        if target.stat().st_size > t.options.get("MAXFILESIZE", 6200 << 20):
            raise Refused(f"UNLOAD: the lab writes one file, which is larger than MAXFILESIZE {t.options.get('MAXFILESIZE')}")
        files.append({"file": str(target), "name": path + name_of(t)})
    return {"rows": rows, "written": files}


def name_of(t: Transfer) -> str:
    name = "0000_part_00" if t.options.get("PARALLEL", True) else "000"
    if "EXTENSION" in t.options:
        return name + "." + t.options["EXTENSION"]
    return name + ENDINGS.get(t.format, "") + (".gz" if t.options.get("GZIP") else "")


def partitions(connection: duckdb.DuckDBPyConnection, t: Transfer) -> list[tuple[str, str]]:
    """The folder of each partition, and the condition of its rows; sorted, so that runs are equal."""
    if not t.partition:
        return [("", "")]
    names = ", ".join(f'"{name}"' for name in t.partition)
    all = []
    for values in connection.execute(f"SELECT DISTINCT {names} FROM unloaded ORDER BY {names}").fetchall():
        folder, conditions = "", []
        for name, value in zip(t.partition, values, strict=True):
            folder += f"{name}={'__HIVE_DEFAULT_PARTITION__' if value is None else value}/"
            conditions.append(f'"{name}" IS NULL' if value is None else f'"{name}" = {quoted(str(value))}')
        all.append((folder, " WHERE " + " AND ".join(conditions)))
    return all


def write(connection: duckdb.DuckDBPyConnection, t: Transfer, select: str, target: Path) -> None:
    o = t.options
    if t.format == "PARQUET":
        connection.execute(f"COPY ({select}) TO {quoted(str(target))} (FORMAT parquet, COMPRESSION snappy)")
    elif t.format == "JSON":
        packed = ", COMPRESSION gzip" if o.get("GZIP") else ""
        connection.execute(f"COPY ({select}) TO {quoted(str(target))} (FORMAT json{packed})")
    elif t.format == "CSV":
        header, packed = str(bool(o.get("HEADER"))).lower(), ", COMPRESSION gzip" if o.get("GZIP") else ""
        options = f"HEADER {header}, DELIMITER {quoted(o.get('DELIMITER', ','))}, NULLSTR {quoted(o.get('NULL', ''))}{packed}"
        connection.execute(f"COPY ({select}) TO {quoted(str(target))} (FORMAT csv, {options})")
    else:
        write_text(connection, t, select, target)


def write_text(connection: duckdb.DuckDBPyConnection, t: Transfer, select: str, target: Path) -> None:
    """Fields between delimiters, as they are. Without ADDQUOTES a delimiter within a text is not told from one between two."""
    o = t.options
    delimiter, quote = o.get("DELIMITER", "|").replace("\\t", "\t"), '"' if o.get("ADDQUOTES") else ""
    cursor = connection.execute(select)
    names = [column[0] for column in cursor.description]
    opened = gzip.open(target, "wt", encoding="utf-8") if o.get("GZIP") else open(target, "w", encoding="utf-8")
    with opened as out:
        if o.get("HEADER"):
            out.write(delimiter.join(names) + "\n")
        while rows := cursor.fetchmany(10_000):
            for row in rows:
                out.write(delimiter.join(o.get("NULL", "") if v is None else f"{quote}{text_of(v)}{quote}" for v in row) + "\n")


def text_of(value: object) -> str:
    return ("t" if value else "f") if isinstance(value, bool) else str(value)
