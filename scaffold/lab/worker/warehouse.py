"""Is the lab's data warehouse: DuckDB, which runs SQL of Amazon Redshift after redshift.py has translated it.

The lab sends one JSON object a line and gets one. "plan" says what a statement is and which objects of S3 it is about, "run" runs it within
the open transaction, "end" commits or rolls back, "script" runs a file of the user before all else. S3 is the lab's business: COPY gets
local files, UNLOAD leaves some. An answer has "error" when the statement fails in Redshift too, "refused" when only the lab cannot run it.
"""

from __future__ import annotations

import base64
import decimal
import json
import os
import re
import signal
import sys
from pathlib import Path

import duckdb
import origin
import redshift
import sqlglot
import transfer
from load import load
from sqlglot import exp
from transfer import Refused
from unload import unload

MOST_ROWS = 100_000  # of a result: it is held in memory, and sent as JSON


class Failed(Exception):
    """The statement fails, as it would in Redshift."""


# What DuckDB says, as Redshift does.
MESSAGES = [
    (r"Table with name (\S+) does not exist", 'relation "{0}" does not exist'),
    (r"(?:Table|View) with name \"?([^\" ]+)\"? already exists", 'Relation "{0}" already exists'),
    (r"Schema with name \"?([^\" !]+)\"? does not exist", 'schema "{0}" does not exist'),
    (r"Referenced column \"([^\"]+)\" not found", 'column "{0}" does not exist'),
    (r"does not have a column named \"([^\"]+)\"", 'column "{0}" does not exist'),
    (r"Referenced table \"([^\"]+)\" not found", 'relation "{0}" does not exist'),
    (r"NOT NULL constraint failed: \w+\.(\w+)", "Cannot insert a NULL value into column {0}"),
    (r"strlen\(\"?\w+\"?\) <= (\d+)", "Value too long for character type (the limit is {0} bytes)"),
    (r"columns but (\d+) values were supplied", "INSERT has another number of expressions than target columns"),
    (r"Divide by zero", "Divide by zero"),
]
# What DuckDB cannot read, or has not, is the lab's shortcoming, and no failure of the pipeline.
SHORTCOMINGS = (duckdb.ParserException, duckdb.NotImplementedException, duckdb.InternalException, duckdb.BinderException, duckdb.CatalogException)


def told(error: duckdb.Error) -> Exception:
    """An error of DuckDB as what the statement comes to."""
    text = str(error)
    for pattern, message in MESSAGES:
        found = re.search(pattern, text)
        if found:
            return Failed("ERROR: " + message.format(*found.groups()))
    first = text.split("\n", 1)[0]
    if isinstance(error, SHORTCOMINGS):
        return Refused(f"the lab's DuckDB cannot run this: {first}")
    return Failed("ERROR: " + first.split(": ", 1)[-1])


class Session:
    """A database, and the connection in which a transaction is open."""

    def __init__(self, file: str, seed: float) -> None:
        self.database = duckdb.connect(file)
        self.seed = seed
        self.database.execute("SET threads = 1")  # the order of rows, and of sums, would be chance
        self.database.execute("SET python_enable_replacements = false; SET autoinstall_known_extensions = false")
        self.database.execute("CREATE SCHEMA IF NOT EXISTS public; CHECKPOINT")
        self.open: duckdb.DuckDBPyConnection | None = None

    def connection(self) -> duckdb.DuckDBPyConnection:
        if self.open is None:
            self.open = self.database.cursor()
            # These are of a connection alone.
            self.open.execute("SET schema = 'public'; SET TimeZone = 'UTC'; SET integer_division = true; SET default_null_order = 'nulls_last'")
            self.open.execute(f"SELECT setseed({self.seed})")
            self.open.execute("BEGIN")
        return self.open

    def end(self, commit: bool) -> None:
        if self.open is None:
            return
        connection, self.open = self.open, None
        try:
            connection.execute("COMMIT" if commit else "ROLLBACK")
        finally:
            connection.close()
        if commit:
            self.database.execute("CHECKPOINT")  # all is in the file when the lab is killed


class Warehouse:
    """All databases of a run."""

    def __init__(self, folder: str, scratch: str, seed: int) -> None:
        self.folder, self.scratch, self.seed = folder, scratch, seed
        self.sessions: dict[str, Session] = {}

    def session(self, name: str) -> Session:
        if name not in self.sessions:
            file = ":memory:"
            if self.folder:
                os.makedirs(self.folder, exist_ok=True)
                file = str(Path(self.folder) / (re.sub(r"[^\w.@+-]", "_", name) + ".duckdb"))
            session = Session(file, (self.seed % 2000) / 1000 - 1)
            # Redshift reads no files of its clients; COPY reads those that the lab has fetched.
            session.database.execute(f"SET allowed_directories = ['{self.scratch}']; SET enable_external_access = false")
            self.sessions[name] = session
        return self.sessions[name]

    def plan(self, request: dict) -> dict:
        text = request["sql"]
        kind = (redshift.first_words(text) or [""])[0]
        if kind == "COPY":
            t = transfer.copy(text)
            return {"kind": kind, "about": t.table, "s3": t.s3, "role": t.role, "region": t.options.get("REGION", "")}
        if kind == "UNLOAD":
            t = transfer.unload(text)
            return {
                "kind": kind, "about": "to " + (t.s3.removeprefix("s3://").partition("/")[2] or t.s3), "s3": t.s3, "role": t.role, "region": t.options.get("REGION", ""), "clean": t.options.get("CLEANPATH", False),
                "overwrite": t.options.get("ALLOWOVERWRITE", False), "key": t.options.get("KMS_KEY_ID", ""), "partitioned": bool(t.partition),
            }  # fmt: skip
        if kind == "SET":
            return self.setting(text)
        tree = redshift.parse(text)
        redshift.check(tree, text)
        table = tree.find(exp.Table)
        name = ".".join(part.name for part in table.parts) if table and not isinstance(tree, exp.Query) else ""
        if kind in ("CREATE", "DROP", "ALTER"):
            kind += " " + tree.args.get("kind", "").upper()
        return {"kind": kind, "about": name}

    def setting(self, text: str) -> dict:
        found = redshift.setting(text)
        if not found:
            raise Refused("the lab cannot read this SET, expected SET name TO value")
        name, value = found
        if name == "statement_timeout" and value.isdigit():
            return {"kind": "SET", "about": name, "timeout": int(value)}
        if name == "search_path" or name in redshift.LABELS:
            return {"kind": "SET", "about": name}
        raise Refused(f"the lab does not know the setting {name}, expected statement_timeout, search_path or one without an effect on rows")

    def run(self, request: dict) -> dict:
        connection = self.session(request["database"]).connection()
        text, now = request["sql"], request["now"]
        kind = (redshift.first_words(text) or [""])[0]
        try:
            if kind == "COPY":
                t = transfer.copy(text)
                result = load(connection, t, request.get("files") or [])
                return result if "error" in result else result | origin.loaded(t.table, *named(connection), result["rows"])
            if kind == "UNLOAD":
                t = transfer.unload(text)
                tree = redshift.translate(t.query, now, tables(connection))
                result = unload(connection, t, tree, request["folder"])
                return result if "error" in result else result | origin.touched(tree, *named(connection))
            if kind == "SET":
                return self.search_path(connection, text)
            tree = redshift.translate(text, now, tables(connection), request.get("parameters"))
            result = self.execute(connection, tree.copy())
            return result | origin.touched(tree, *named(connection), result["rows"])
        except duckdb.Error as error:
            raise told(error) from None

    def search_path(self, connection: duckdb.DuckDBPyConnection, text: str) -> dict:
        name, value = redshift.setting(text) or ("", "")
        if name == "search_path":
            schemas = [s.strip().strip("'\"").lower() for s in value.split(",")]
            there = {row[0] for row in connection.execute("SELECT schema_name FROM information_schema.schemata").fetchall()}
            path = ",".join(schema for schema in schemas if schema in there)  # one that does not exist is passed over
            connection.execute(f"SET search_path = '{path or 'public'}'")
        return {"rows": -1}

    def execute(self, connection: duckdb.DuckDBPyConnection, tree: exp.Expression) -> dict:
        if isinstance(tree, exp.TruncateTable):
            # Redshift's TRUNCATE commits the transaction that it is in. Source: "TRUNCATE".
            for table in tree.expressions:
                connection.execute(f"DELETE FROM {table.sql('duckdb')}")
            connection.execute("COMMIT")
            connection.execute("BEGIN")
            return {"rows": -1}
        if isinstance(tree, exp.Insert) and isinstance(tree.expression, exp.Query) and reads_itself(tree):
            # DuckDB 1.4 would read rows again that the same statement has just put in.
            connection.execute(f"CREATE OR REPLACE TEMP TABLE selected AS {redshift.duckdb_sql(tree.expression)}")
            tree.set("expression", exp.select("*").from_("selected"))
        cursor = connection.execute(redshift.duckdb_sql(tree))
        if isinstance(tree, exp.Query):
            return result_of(cursor)
        if isinstance(tree, exp.Create):
            narrow(connection, tree)
            return {"rows": -1}
        counted = cursor.fetchone() if isinstance(tree, (exp.Insert, exp.Update, exp.Delete, exp.Merge)) else None
        return {"rows": counted[0] if counted else -1}

    def script(self, request: dict) -> dict:
        """Runs a file of the user, each statement by itself, as a person would in a query editor."""
        session, count = self.session(request["database"]), 0
        for number, text in enumerate(split(request["sql"]), 1):
            kind = (redshift.first_words(text) or [""])[0]
            try:
                if kind in ("COPY", "UNLOAD"):
                    raise Refused(f"{kind} does not run before the lab does\n  hint: INSERT INTO ... VALUES, or let the pipeline copy what --put lets land")
                self.run({**request, "sql": text})
                session.end(True)
                count += 1
            except (Failed, Refused, duckdb.Error) as error:
                session.end(False)
                raise Failed(f"statement {number} ({text.strip().split(chr(10))[0][:60]}): {error}") from None
        return {"rows": count}

    def answer(self, request: dict) -> dict:
        try:
            match request["do"]:
                case "plan":
                    return self.plan(request)
                case "run":
                    return self.run(request)
                case "script":
                    return self.script(request)
            self.session(request["database"]).end(request["commit"])
            return {}
        except Failed as error:
            return {"error": str(error)}
        except Refused as error:
            return {"refused": str(error)}
        except duckdb.Error as error:
            told_as = told(error)
            return {"refused" if isinstance(told_as, Refused) else "error": str(told_as)}


def split(text: str) -> list[str]:
    """The statements of a file, each as it is written. A semicolon within quotation marks or a comment ends none."""
    all, begin = [], 0
    for token in sqlglot.tokenize(text, read="redshift"):
        if token.token_type == sqlglot.TokenType.SEMICOLON:
            all.append(text[begin : token.start])
            begin = token.end + 1
    return [part for part in (*all, text[begin:]) if redshift.first_words(part)]


def tables(connection: duckdb.DuckDBPyConnection) -> dict:
    """The types of all columns, by schema and table."""
    all: dict = {}
    found = connection.execute("SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal")
    for schema, table, column, kind in found.fetchall():
        all.setdefault("public" if schema == "main" else schema, {}).setdefault(table, {})[column] = "BIGINT" if kind == "HUGEINT" else kind
    return all


def reads_itself(tree: exp.Insert) -> bool:
    """An INSERT with a query about its own table."""
    return any(table.name == tree.find(exp.Table).name for table in tree.expression.find_all(exp.Table))


def named(connection: duckdb.DuckDBPyConnection) -> tuple[dict, list[str]]:
    """The types of all columns, and the schemas in which a table without one is looked for."""
    path = connection.execute("SELECT current_schemas(false)").fetchone()[0]
    return tables(connection), ["public" if schema == "main" else schema for schema in path]


def narrow(connection: duckdb.DuckDBPyConnection, tree: exp.Create) -> None:
    """Gives sums of whole numbers in a new table the type that Redshift gives them."""
    if tree.args.get("kind", "").upper() != "TABLE" or not tree.expression:
        return
    table = tree.find(exp.Table).sql("duckdb")
    for name, kind, *_ in connection.execute(f"DESCRIBE {table}").fetchall():
        if kind in ("HUGEINT", "UHUGEINT"):
            connection.execute(f'ALTER TABLE {table} ALTER COLUMN "{name}" TYPE BIGINT')


# DuckDB's types as the Data API names them. Source: Amazon Redshift Data API, ColumnMetadata, typeName, read 2026-11.
TYPES = {
    "BIGINT": "int8", "HUGEINT": "int8", "INTEGER": "int4", "SMALLINT": "int2", "TINYINT": "int2", "DOUBLE": "float8", "FLOAT": "float4", "VARCHAR": "varchar",
    "DATE": "date", "TIMESTAMP": "timestamp", "TIMESTAMP WITH TIME ZONE": "timestamptz", "BOOLEAN": "bool", "TIME": "time", "DECIMAL": "numeric", "BLOB": "varbyte",
}  # fmt: skip


def result_of(cursor: duckdb.DuckDBPyConnection) -> dict:
    """The rows of a query, as GetStatementResult has them."""
    columns = []
    for name, kind, *_ in cursor.description:
        found = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", str(kind))
        columns.append({
            "Name": name, "Label": name, "TypeName": TYPES.get(str(kind).split("(")[0], str(kind).lower()), "Nullable": 1,
            "Precision": int(found[1]) if found else 0, "Scale": int(found[2]) if found else 0,
        })  # fmt: skip
    rows = cursor.fetchmany(MOST_ROWS + 1)
    if len(rows) > MOST_ROWS:
        raise Refused(f"the lab keeps results of {MOST_ROWS} rows at most\n  hint: UNLOAD writes any number to S3")
    return {"rows": len(rows), "columns": columns, "records": [[field_of(value) for value in row] for row in rows]}


def field_of(value: object) -> dict:
    """A value as the Data API has it. Source: Amazon Redshift Data API, Field, read 2026-11."""
    match value:
        case None:
            return {"IsNull": True}
        case bool():
            return {"BooleanValue": value}
        case int():
            return {"LongValue": value}
        case float():
            return {"DoubleValue": value}
        case bytes():
            return {"BlobValue": base64.b64encode(value).decode()}
        case decimal.Decimal():
            return {"StringValue": format(value, "f")}
    return {"StringValue": str(value)}


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the lab decides when a run is over
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever prints does not disturb the answers
    warehouse = Warehouse(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    for line in sys.stdin:
        print(json.dumps(warehouse.answer(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
