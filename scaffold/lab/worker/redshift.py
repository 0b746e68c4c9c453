"""Turns SQL of Amazon Redshift into SQL of DuckDB, by sqlglot. What the two do differently is made equal here, or refused by its name and
place; nothing is left out that would change a result.

Source: Amazon Redshift Database Developer Guide, "SQL reference", "Table constraints", "Character types", "Math functions", read 2026-11.
"""

from __future__ import annotations

import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError, TokenError, UnsupportedError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema
from transfer import Refused, place

# Where rows lie on disk changes none of them.
PHYSICAL = (
    exp.DistKeyProperty,
    exp.DistStyleProperty,
    exp.SortKeyProperty,
    exp.BackupProperty,
    exp.EncodeColumnConstraint,
    exp.DistributedByProperty,
)
# Redshift takes these as a hint and enforces none. Source: "Table constraints".
HINTS = (exp.PrimaryKeyColumnConstraint, exp.UniqueColumnConstraint, exp.Reference, exp.PrimaryKey, exp.ForeignKey)

NOW = (exp.CurrentTimestamp, exp.CurrentDatetime, exp.CurrentTimestampLTZ)

# Types that DuckDB has not.
FOREIGN = {
    exp.DataType.Type.SUPER,
    exp.DataType.Type.GEOMETRY,
    exp.DataType.Type.GEOGRAPHY,
    exp.DataType.Type.HLLSKETCH,
}
TEXT = {exp.DataType.Type.VARCHAR: 256, exp.DataType.Type.NVARCHAR: 256, exp.DataType.Type.TEXT: 256, exp.DataType.Type.CHAR: 1, exp.DataType.Type.NCHAR: 1, exp.DataType.Type.BPCHAR: 256}
LONGEST = 65535  # VARCHAR(MAX)

SYSTEM = re.compile(r"^(stl|stv|svl|svv|svcs|sys|pg)_", re.IGNORECASE)

# What a statement must begin with, by what sqlglot makes of it. All others are refused.
PLAYED = (exp.Create, exp.Drop, exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Query, exp.TruncateTable, exp.Alter, exp.Set, exp.Analyze, exp.Comment)
KINDS = {"TABLE", "VIEW", "SCHEMA"}
# Session settings without an effect on rows.
LABELS = {"query_group", "application_name", "enable_result_cache_for_session", "wlm_query_slot_count", "describe_field_name_in_uppercase"}


def without_places(text: str) -> str:
    """A text without DISTKEY and SORTKEY at a column, which sqlglot cannot read; all else keeps its place."""
    if first_words(text)[:1] != ["CREATE"]:
        return text
    tokens = sqlglot.tokenize(text, read="redshift")
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.text.upper() in ("DISTKEY", "SORTKEY") and (following is None or following.text != "("):
            text = text[: token.start] + " " * len(token.text) + text[token.end + 1 :]
    return text


def parse(text: str) -> exp.Expression:
    """The one statement that a text has."""
    try:
        found = [tree for tree in sqlglot.parse(without_places(text), read="redshift", error_level=ErrorLevel.RAISE) if tree is not None]
    except (ParseError, TokenError) as error:
        details = getattr(error, "errors", None)
        where = f"line {details[0]['line']}, column {details[0]['col']}: {details[0]['description']}" if details else str(error)
        raise Refused(f"the lab cannot read this as SQL of Redshift: {where}") from None
    if len(found) != 1:
        raise Refused(f"got {len(found)} statements in one text, expected one\n  hint: the Data API takes several as Sqls")
    return found[0]


def first_words(text: str) -> list[str]:
    """The words that a statement begins with, in capitals, without comments."""
    text = re.sub(r"/\*.*?\*/|--[^\n]*", " ", text, flags=re.DOTALL)
    return text.upper().replace("(", " ( ").split()[:3]


def check(tree: exp.Expression, text: str) -> None:
    """Refuses what DuckDB cannot do."""

    def refuse(name: str, word: str = "") -> None:
        at = text.upper().find((word or name.split()[0]).upper())
        raise Refused(f"{place(text, max(at, 0))}: the lab's DuckDB has no {name}")

    words = first_words(text)
    if isinstance(tree, exp.Command) or not isinstance(tree, PLAYED):
        refuse(" ".join(words[:2] if words[:1] in (["CREATE"], ["ALTER"], ["DROP"]) else words[:1]))
    if isinstance(tree, (exp.Create, exp.Drop)) and tree.args.get("kind", "").upper() not in KINDS:
        refuse(" ".join(words[:2]))
    for table in tree.find_all(exp.Table):
        if SYSTEM.match(table.name):
            refuse(f"system table {table.name}", table.name)
    for kind in tree.find_all(exp.DataType):
        if kind.this in FOREIGN:
            refuse(f"type {kind.this.name}", kind.this.name)
    for _ in tree.find_all(exp.GeneratedAsIdentityColumnConstraint):
        refuse("IDENTITY columns", "IDENTITY")
    if isinstance(tree, exp.Alter):
        for column in tree.find_all(exp.ColumnDef):
            if column.kind and column.kind.this in TEXT and size_of(column.kind) < LONGEST:
                refuse("length of a column that is added, expected VARCHAR(MAX)", column.name)


def size_of(kind: exp.DataType) -> int:
    """How many bytes a text of this type has at most."""
    given = kind.expressions[0].name if kind.expressions else ""
    return LONGEST if given.upper() == "MAX" else int(given) if given.isdigit() else TEXT[kind.this]


def settle_columns(tree: exp.Expression) -> None:
    """Makes a new table's columns hold what Redshift's would hold, and no less."""
    for column in list(tree.find_all(exp.ColumnDef)):
        constraints = column.args.get("constraints") or []
        key = any(isinstance(c.kind, exp.PrimaryKeyColumnConstraint) for c in constraints)
        kept = [c for c in constraints if not isinstance(c.kind, HINTS + PHYSICAL)]
        if key and not any(isinstance(c.kind, exp.NotNullColumnConstraint) for c in kept):
            kept.append(exp.ColumnConstraint(kind=exp.NotNullColumnConstraint()))
        if column.kind and column.kind.this in TEXT:
            limit = exp.LTE(this=exp.Anonymous(this="STRLEN", expressions=[exp.column(column.name, quoted=True)]), expression=exp.Literal.number(size_of(column.kind)))
            kept.append(exp.ColumnConstraint(kind=exp.CheckColumnConstraint(this=limit)))
            column.set("kind", exp.DataType.build("VARCHAR"))
        column.set("constraints", kept)
    schema = tree.this
    if isinstance(schema, exp.Schema):
        for part in schema.expressions:
            if isinstance(part, exp.PrimaryKey):
                keys = {e.name for e in part.expressions}
                for column in schema.find_all(exp.ColumnDef):
                    if column.name in keys:
                        column.append("constraints", exp.ColumnConstraint(kind=exp.NotNullColumnConstraint()))
        schema.set("expressions", [part for part in schema.expressions if not isinstance(part, HINTS)])
    tree.set("no_schema_binding", None)  # DuckDB looks at a view's tables when it is read, in any case
    properties = tree.args.get("properties")
    if properties:
        kept = [p for p in properties.expressions if not isinstance(p, PHYSICAL)]
        tree.set("properties", exp.Properties(expressions=kept) if kept else None)


def settle_expression(node: exp.Expression, now: str) -> exp.Expression:
    """Gives a part of a statement the meaning that it has in Redshift."""
    if isinstance(node, NOW) or isinstance(node, exp.Anonymous) and node.name.upper() in ("NOW", "GETDATE", "SYSDATE"):
        return exp.cast(exp.Literal.string(now), "TIMESTAMP")
    if isinstance(node, exp.CurrentDate):
        return exp.cast(exp.Literal.string(now[:10]), "DATE")
    if isinstance(node, exp.CurrentTime):
        return exp.cast(exp.Literal.string(now[11:]), "TIME")
    if isinstance(node, exp.Cast) and node.to.this in TEXT and node.to.expressions:
        # An explicit cast to a shorter text cuts it; DuckDB would ignore the length.
        return exp.func("LEFT", exp.cast(node.this, "VARCHAR"), exp.Literal.number(size_of(node.to)))
    if isinstance(node, (exp.Div, exp.Mod)) and not divides_safely(node):
        # DuckDB's answer to a division by zero is NULL.
        zero = exp.EQ(this=exp.paren(node.expression.copy()), expression=exp.Literal.number(0))
        failing = exp.Anonymous(this="ERROR", expressions=[exp.Literal.string("Divide by zero")])
        node.set("expression", exp.paren(exp.Case(ifs=[exp.If(this=zero, true=failing)], default=node.expression)))
    return node


def divides_safely(node: exp.Expression) -> bool:
    divisor = node.expression
    return isinstance(divisor, exp.Literal) and divisor.is_number and float(divisor.name) != 0 or isinstance(divisor, exp.Nullif)


def quote_temporary(tree: exp.Expression) -> None:
    """A table whose name begins with # is temporary."""
    for identifier in tree.find_all(exp.Identifier):
        if identifier.name.startswith("#"):
            identifier.set("quoted", True)
            if isinstance(tree, exp.Create) and identifier.find_ancestor(exp.Table) is tree.find(exp.Table) and not tree.find(exp.TemporaryProperty):
                properties = tree.args.get("properties") or exp.Properties(expressions=[])
                properties.append("expressions", exp.TemporaryProperty())
                tree.set("properties", properties)


def bind(tree: exp.Expression, parameters: dict[str, str]) -> exp.Expression:
    """Puts the values of the named parameters in. They come as text, and take the type of their place."""

    def fill(node: exp.Expression) -> exp.Expression:
        if not isinstance(node, exp.Placeholder) or not node.name:
            return node
        if node.name not in parameters:
            raise Refused(f"the parameter :{node.name} has no value")
        return exp.Literal.string(parameters[node.name])

    return tree.transform(fill)


def translate(text: str, now: str, tables: dict, parameters: dict[str, str] | None = None) -> exp.Expression:
    """A statement of Redshift as the tree of one that DuckDB understands."""
    tree = parse(text)
    check(tree, text)
    if parameters:
        tree = bind(tree, parameters)
    tree = normalize_identifiers(tree, dialect="redshift")
    if isinstance(tree, exp.Create):
        settle_columns(tree)
    name_columns(tree)
    settle_averages(tree, tables)
    tree = tree.transform(lambda node: settle_expression(node, now))
    quote_temporary(tree)
    return tree


def name_columns(tree: exp.Expression) -> None:
    """Names the columns of a result as Redshift does: a function by its name, all else ?column?."""
    query = tree if isinstance(tree, exp.Query) else tree.args.get("expression")
    while isinstance(query, exp.SetOperation):
        query = query.this
    if not isinstance(query, exp.Select):
        return
    for part in query.expressions:
        inner = part
        while isinstance(inner, (exp.Cast, exp.Paren)):
            inner = inner.this
        if isinstance(part, (exp.Alias, exp.Column, exp.Star)):
            continue
        name = "?column?"
        if isinstance(inner, exp.Column):
            name = inner.name
        elif isinstance(inner, exp.Case):
            name = "case"
        elif isinstance(inner, exp.Anonymous):
            name = inner.name.lower()
        elif isinstance(inner, exp.Func) and not isinstance(inner, (exp.Cast, exp.Connector)):
            name = inner.sql("redshift").partition("(")[0].lower()
        part.replace(exp.alias_(part.copy(), name, quoted=True))


def settle_averages(tree: exp.Expression, tables: dict) -> None:
    """Gives AVG the type that it has in Redshift: of whole numbers a whole number, of decimals one of the same scale. Source: "AVG"."""
    averages = list(tree.find_all(exp.Avg))
    if not averages:
        return
    try:
        schema = MappingSchema(tables, dialect="redshift")
        options = {"validate_qualify_columns": False, "quote_identifiers": False, "identify": False, "expand_stars": False, "expand_alias_refs": False}
        known = annotate_types(qualify(tree.copy(), schema=schema, dialect="redshift", db="public", **options), schema=schema, dialect="redshift")
        types = [average.this.type for average in known.find_all(exp.Avg)]
    except SqlglotError:
        types = []
    if len(types) != len(averages):
        types = [None] * len(averages)
    for average, kind in zip(averages, types, strict=True):
        if kind is None or kind.this == exp.DataType.Type.UNKNOWN:
            raise Refused(f"{average.sql('redshift')}: the lab cannot tell the type of this, which decides whether AVG keeps digits\n  hint: AVG(CAST(... AS DECIMAL(18, 4)))")
        replaced = None
        if kind.this in exp.DataType.INTEGER_TYPES:
            replaced = exp.cast(exp.func("TRUNC", average.copy()), "BIGINT")
        elif kind.this == exp.DataType.Type.DECIMAL:
            scale = kind.expressions[1].name if len(kind.expressions) > 1 else "0"
            replaced = exp.cast(average.copy(), f"DECIMAL(38, {scale})")
        if replaced is not None:
            average.replace(replaced)


def duckdb_sql(tree: exp.Expression) -> str:
    try:
        return tree.sql("duckdb", unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        raise Refused(f"DuckDB does not have what this asks for: {error}") from None


def setting(text: str) -> tuple[str, str] | None:
    """The name and the value of a SET."""
    found = re.fullmatch(r"\s*SET\s+(?:SESSION\s+)?([\w.]+)\s*(?:=|\s+TO\s+)\s*(.+?)\s*;?\s*", text, flags=re.IGNORECASE | re.DOTALL)
    return (found[1].lower(), found[2].strip("'")) if found else None
