"""Says which tables a statement reads and writes, and from which columns those that it writes come: for the lineage of a run.

What cannot be told for sure is left out: a column whose origin sqlglot does not find has none.
"""

from __future__ import annotations

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import MappingSchema

CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge)


def settled(tree: exp.Expression, known: dict, path: list[str]) -> exp.Expression:
    """The statement with the schema of each table: the first one of the search path that has it."""
    tree = tree.copy()
    within = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        name = table.name.lower()
        if not table.db and name not in within and not name.startswith("#"):
            table.set("db", exp.to_identifier(next((schema for schema in path if name in known.get(schema, {})), path[0])))
    return tree


def named(table: exp.Table) -> tuple[str, str]:
    return table.db.lower(), table.name.lower()


def target(tree: exp.Expression) -> exp.Table | None:
    """The table whose rows a statement makes or changes."""
    if isinstance(tree, exp.TruncateTable):
        return tree.find(exp.Table)
    makes = isinstance(tree, exp.Create) and tree.args.get("kind", "").upper() == "TABLE" and isinstance(tree.expression, exp.Query)
    if not makes and not isinstance(tree, CHANGES):
        return None
    into = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    return into if isinstance(into, exp.Table) else None


def lasting(table: exp.Table) -> bool:
    """A temporary table is gone after the statement, and one of WITH is none: neither has a schema."""
    return bool(table.db)


def touched(tree: exp.Expression, known: dict, path: list[str], rows: int = -1) -> dict:
    """What a statement has read and written. Known are the columns by schema and table, as they are after it."""
    tree = settled(tree, known, path)
    into, out = target(tree), {}
    if into is not None or isinstance(tree, exp.Query):
        reads = {named(table) for table in tree.find_all(exp.Table) if table is not into and lasting(table)}
        out["reads"] = [described(name, known) for name in sorted(reads)]
    if into is not None and lasting(into):
        counted = rows if isinstance(tree, (exp.Insert, exp.Update, exp.Merge)) else -1
        out["writes"] = described(named(into), known) | {"rows": counted, "from": origins(tree, into, known)}
    return out


def loaded(table: str, known: dict, path: list[str], rows: int) -> dict:
    """What COPY has written."""
    into = settled(exp.to_table(table, dialect="redshift"), known, path)
    return {"writes": described(named(into), known) | {"rows": rows, "from": {}}} if lasting(into) else {}


def described(name: tuple[str, str], known: dict) -> dict:
    schema, table = name
    return {"schema": schema, "table": table, "columns": [{"name": column, "type": kind.lower()} for column, kind in known.get(schema, {}).get(table, {}).items()]}


def origins(tree: exp.Expression, into: exp.Table, known: dict) -> dict:
    """The columns that each column of the table is computed from, when the rows of a query are put into it."""
    query = tree.expression if isinstance(tree, (exp.Insert, exp.Create)) else None
    if not isinstance(query, exp.Query):
        return {}
    schema, table = named(into)
    names = [column.name.lower() for column in tree.this.expressions] if isinstance(tree.this, exp.Schema) else list(known.get(schema, {}).get(table, {}))
    try:
        mapping = MappingSchema(known, dialect="redshift")
        query = qualify(query.copy(), schema=mapping, dialect="redshift", quote_identifiers=False, identify=False)
        first = query
        while isinstance(first, exp.SetOperation):
            first = first.this
        if not isinstance(first, exp.Select) or len(names) != len(first.expressions):
            return {}
        for number, part in enumerate(list(first.expressions)):  # names need not be different, and sqlglot looks for columns by them
            part.replace(exp.alias_(part.unalias().copy(), f"column_{number}"))
        scope = build_scope(query)
        return {name: leaves(f"column_{number}", query, scope) for number, name in enumerate(names)}
    except SqlglotError:
        return {}


def leaves(column: str, query: exp.Expression, scope: object) -> list[dict]:
    """The columns of lasting tables at which the way of a column ends."""
    found = set()
    for node in lineage(column, query, dialect="redshift", scope=scope).walk():
        if isinstance(node.expression, exp.Table) and lasting(node.expression):
            found.add((*named(node.expression), node.name.rpartition(".")[2].lower()))
    return [{"schema": schema, "table": table, "column": name} for schema, table, name in sorted(found)]
