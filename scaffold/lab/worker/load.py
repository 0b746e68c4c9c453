"""What COPY does: reads the files that the lab has fetched from S3 into a table, or says which row of which file stops it.

Source: Amazon Redshift Database Developer Guide, "Data conversion parameters", "Data format parameters", "DATEFORMAT and TIMEFORMAT
strings", read 2026-11.
"""

from __future__ import annotations

import duckdb
from transfer import Refused, Transfer

# Parts of DATEFORMAT and TIMEFORMAT, the longest first.
PATTERNS = [("YYYY", "%Y"), ("HH24", "%H"), ("HH12", "%I"), ("MON", "%b"), ("YY", "%y"), ("MM", "%m"), ("DD", "%d"), ("HH", "%H"), ("MI", "%M"), ("SS", "%S"), ("US", "%f"), ("AM", "%p"), ("PM", "%p"), ("OF", "%z")]
EPOCHS = {"EPOCHSECS": 1_000_000, "EPOCHMILLISECS": 1_000}
TEXTS = ("VARCHAR",)


def pattern(written: str, of: str) -> str:
    """A format of Redshift as one of strptime."""
    out, rest = "", written
    while rest:
        for part, becomes in PATTERNS:
            if rest.upper().startswith(part):
                out, rest = out + becomes, rest[len(part) :]
                break
        else:
            if rest[0].isalpha() and rest[0] != "T":
                raise Refused(f"COPY: the lab does not know {of} '{written}', expected one of YYYY, MM, DD, MON, HH24, MI, SS and what is between them")
            out, rest = out + rest[0], rest[1:]
    return out


def columns_of(connection: duckdb.DuckDBPyConnection, t: Transfer) -> list[tuple[str, str]]:
    """Name and type of the columns that are loaded, in their order."""
    table = ".".join(f'"{part}"' for part in t.table.split("."))
    types = {name: kind for name, kind, *_ in connection.execute(f"DESCRIBE {table}").fetchall()}
    for name in t.columns:
        if name not in types:
            raise duckdb.BinderException(f'Referenced column "{name}" not found')
    return [(name, types[name]) for name in t.columns or types]


def limits(connection: duckdb.DuckDBPyConnection, t: Transfer) -> dict[str, int]:
    """How many bytes the texts of each column have at most: what redshift.py made a constraint of."""
    schema, _, table = t.table.rpartition(".")
    found = connection.execute(
        "SELECT constraint_column_names[1], regexp_extract(expression, '<= (\\d+)', 1) FROM duckdb_constraints() "
        "WHERE constraint_type = 'CHECK' AND table_name = ? AND schema_name = ?",
        [table, schema or "public"],
    )
    return {name: int(size) for name, size in found.fetchall() if size}


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def source(t: Transfer, file: str, names: list[str]) -> str:
    """The table function that reads a file, each column as text."""
    o, columns = t.options, "{" + ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in names) + "}"
    packed = "gzip" if o.get("GZIP") else "zstd" if o.get("ZSTD") else "none"
    if t.format == "PARQUET":
        return f"read_parquet({quoted(file)})"
    if t.format == "JSON":
        return f"read_json({quoted(file)}, columns = {columns}, format = 'auto', compression = '{packed}')"
    default, quote = (",", '"') if t.format == "CSV" else ("|", "")
    quote = o.get("QUOTE", quote)
    delimiter = o.get("DELIMITER", default).replace("\\t", "\t")
    return (
        f"read_csv({quoted(file)}, columns = {columns}, auto_detect = false, header = false, skip = {o.get('IGNOREHEADER', 0)}, delim = {quoted(delimiter)}, "
        f"quote = {quoted(quote)}, escape = {quoted(quote)}, nullstr = {quoted(o.get('NULL', chr(92) + 'N'))}, allow_quoted_nulls = false, "
        f"strict_mode = true, null_padding = false, compression = '{packed}')"
    )


def converted(t: Transfer, name: str, kind: str, limit: int | None, attempt: bool) -> str:
    """The expression that makes a column's value of its text. An attempt gives NULL where that fails."""
    o, column = t.options, f'"{name}"'
    cast = "TRY_CAST" if attempt else "CAST"
    parse = "try_strptime" if attempt else "strptime"
    if kind in TEXTS:
        if o.get("BLANKSASNULL"):
            column = f"CASE WHEN trim({column}) = '' THEN NULL ELSE {column} END"
        elif o.get("EMPTYASNULL"):
            column = f"NULLIF({column}, '')"
        if o.get("TRUNCATECOLUMNS") and limit:
            column = f"left({column}, {limit})"
        elif limit and attempt:
            column = f"CASE WHEN strlen({column}) <= {limit} THEN {column} END"
        return column
    column = f"NULLIF({column}, '')"
    if kind.startswith("DECIMAL") and not o.get("ROUNDEC"):
        # COPY cuts digits that do not fit the scale, unless ROUNDEC is there.
        scale = int(kind[:-1].split(",")[1])
        column = rf"regexp_replace({column}, '(\.\d{{{scale}}})\d+$', '\1')"
    if kind == "DATE" and "DATEFORMAT" in o:
        return f"CAST({parse}({column}, {quoted(pattern(o['DATEFORMAT'], 'DATEFORMAT'))}) AS DATE)"
    if kind.startswith("TIMESTAMP") and "TIMEFORMAT" in o:
        factor = EPOCHS.get(o["TIMEFORMAT"].upper())
        if factor:
            return f"make_timestamp({cast}({column} AS BIGINT) * {factor})"
        return f"CAST({parse}({column}, {quoted(pattern(o['TIMEFORMAT'], 'TIMEFORMAT'))}) AS {kind})"
    return f"{cast}({column} AS {kind})"


def failure(t: Transfer, file: dict, detail: str) -> str:
    """What Redshift Serverless says, and what its table would say."""
    return f"ERROR: Load into table '{t.table}' failed. Check 'sys_load_error_detail' system table for details. (the lab's: {file['object']}: {detail})"


def load(connection: duckdb.DuckDBPyConnection, t: Transfer, files: list[dict]) -> dict:
    """Loads the files in their order; returns the number of rows, or the error."""
    columns, sizes = columns_of(connection, t), limits(connection, t)
    table, rows = ".".join(f'"{part}"' for part in t.table.split(".")), 0
    names = ", ".join(f'"{name}"' for name, _ in columns)
    for file in files:
        reads = source(t, file["file"], [name for name, _ in columns])
        try:
            if t.format == "PARQUET":
                connection.execute(f"CREATE OR REPLACE TEMP TABLE copied AS SELECT * FROM {reads}")
                found = len(connection.execute("DESCRIBE copied").fetchall())
                if found != len(columns):
                    return {"error": failure(t, file, f"the file has {found} columns, the table {len(columns)}")}
                values = "*"
            else:
                connection.execute(f"CREATE OR REPLACE TEMP TABLE copied AS SELECT * FROM {reads}")
                values = ", ".join(converted(t, name, kind, sizes.get(name), False) for name, kind in columns)
                bad = first_bad(connection, t, columns, sizes)
                if bad:
                    return {"error": failure(t, file, bad)}
            rows += connection.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM copied").fetchone()[0]
        except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.ConstraintException, duckdb.IOException, duckdb.OutOfRangeException) as error:
            return {"error": failure(t, file, readable(str(error)))}
    connection.execute("DROP TABLE IF EXISTS copied")
    return {"rows": rows}


def readable(text: str) -> str:
    """The lines of DuckDB's message that are about the data."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return " ".join(lines[:3])[:300]


def first_bad(connection: duckdb.DuckDBPyConnection, t: Transfer, columns: list[tuple[str, str]], sizes: dict[str, int]) -> str:
    """The first row with a value that its column cannot hold."""
    faults = {}
    for name, kind in columns:
        given = f'"{name}" IS NOT NULL' + ("" if kind in TEXTS else f" AND \"{name}\" <> ''")
        if kind in TEXTS and (name not in sizes or t.options.get("EMPTYASNULL") or t.options.get("BLANKSASNULL")):
            if name not in sizes or t.options.get("TRUNCATECOLUMNS"):
                continue
            faults[name] = f'{given} AND strlen("{name}") > {sizes[name]}'
            continue
        faults[name] = f"{given} AND ({converted(t, name, kind, sizes.get(name), True)}) IS NULL"
    if not faults:
        return ""
    cases = " ".join(f"WHEN {fault} THEN {quoted(name)}" for name, fault in faults.items())
    found = connection.execute(
        f"SELECT line, bad, text FROM (SELECT rowid - (SELECT min(rowid) FROM copied) + 1 + {t.options.get('IGNOREHEADER', 0)} AS line, CASE {cases} END AS bad, "
        f"CASE {' '.join(f'WHEN {fault} THEN {chr(34)}{name}{chr(34)}' for name, fault in faults.items())} END AS text FROM copied) WHERE bad IS NOT NULL ORDER BY line LIMIT 1"
    ).fetchone()
    if not found:
        return ""
    line, name, value = found
    kind = dict(columns)[name]
    limit = f"({sizes[name]})" if kind in TEXTS else ""
    return f"line {line}, column {name}: {value[:60]!r} is no {kind}{limit}"
