"""What a GoogleSQL statement does: SELECT into a result, rows changed, tables made and removed.

`prepare` reads a statement and resolves its names; what it answers runs inside a transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlglot.errors
from sqlglot import exp

from emulator.bigquery import catalog
from emulator.bigquery.binding import Binding, invalid_query, physical_table
from emulator.bigquery.database import Cursor, quoted
from emulator.bigquery.result_types import result_schema
from emulator.bigquery.rewrite import rewrite
from emulator.bigquery.schema import Schema
from emulator.errors import GoogleError

_DML = {exp.Insert: "INSERT", exp.Update: "UPDATE", exp.Delete: "DELETE", exp.Merge: "MERGE"}


@dataclass(frozen=True)
class Select:
    """A query that answers rows; `sql` in DuckDB's dialect."""

    sql: str
    values: Mapping[str, Any]

    def describe(self, cursor: Cursor) -> Schema:
        """The columns it answers, without running it."""
        names = _run(cursor, f"DESCRIBE {self.sql}", self.values).fetchall()
        types = _run(cursor, f"SELECT * FROM ({self.sql}) LIMIT 0", self.values).description or []  # noqa: S608
        return result_schema([(name[0], kind[1]) for name, kind in zip(names, types, strict=True)])

    def into(self, cursor: Cursor, temporary: str) -> None:
        """Run it into a temporary table, in order."""
        _run(cursor, f"CREATE TEMPORARY TABLE {quoted(temporary)} AS {self.sql}", self.values)


@dataclass(frozen=True)
class Dml:
    """A statement that changes the rows of one table."""

    kind: str
    sql: str
    values: Mapping[str, Any]
    target: catalog.StoredTable

    def check(self, cursor: Cursor) -> None:
        """Hold it against the tables without running it."""
        _run(cursor, f"EXPLAIN {self.sql}", self.values).fetchall()

    def run(self, cursor: Cursor) -> int:
        """Change the rows; how many."""
        row = _run(cursor, self.sql, self.values).fetchone()
        catalog.touch_table(cursor, self.target)
        return int(row[0]) if row else 0


@dataclass(frozen=True)
class Truncate:
    """TRUNCATE TABLE."""

    target: catalog.StoredTable
    kind: str = field(default="TRUNCATE_TABLE")

    def run(self, cursor: Cursor) -> int:
        """Remove all rows; how many."""
        count = catalog.count_rows(cursor, self.target)
        cursor.execute(f"DELETE FROM {quoted(self.target.physical)}")  # noqa: S608 - generated name
        catalog.touch_table(cursor, self.target)
        return count


def prepare_select(tree: exp.Expression, binding: Binding) -> Select:
    """A query with its names resolved; raises GoogleError."""
    return Select(to_duckdb(binding.bind(rewrite(tree))), binding.values)


def prepare_dml(tree: exp.Expression, binding: Binding) -> Dml:
    """INSERT, UPDATE, DELETE or MERGE with its names resolved; raises GoogleError."""
    kind = _DML[type(tree)]
    tree = rewrite(tree)
    if isinstance(tree, exp.Delete) and not tree.args.get("this"):  # DELETE without FROM
        tree.set("this", tree.args["tables"][0])
        tree.set("tables", None)
    if kind in {"UPDATE", "DELETE"} and not tree.args.get("where"):
        raise invalid_query(f"{kind} must have a WHERE clause")
    for insert in tree.find_all(exp.Insert):
        if isinstance(insert.this, exp.Var) and insert.this.name.upper() == "ROW":  # MERGE ... INSERT ROW
            insert.set("this", exp.Var(this=""))
    target_node = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    target = binding.target(target_node)
    if kind == "INSERT":
        target_node.replace(physical_table(target))
        source = tree.args.get("expression")
        if source is None or tree.args.get("with_"):
            raise GoogleError(501, "This form of INSERT is not implemented; use INSERT ... SELECT or VALUES.")
        binding.bind(source)
        bound = tree
    else:
        bound = binding.bind(tree)
    return Dml(kind, to_duckdb(bound), binding.values, target)


def prepare_truncate(tree: exp.TruncateTable, binding: Binding) -> Truncate:
    """TRUNCATE TABLE; raises GoogleError."""
    if len(tree.expressions) != 1:
        raise GoogleError(501, "TRUNCATE of several tables is not implemented.")
    return Truncate(binding.target(tree.expressions[0]))


def is_query(tree: exp.Expression) -> bool:
    """Whether a statement answers rows."""
    return isinstance(tree, exp.Query)


def is_dml(tree: exp.Expression) -> bool:
    """Whether a statement changes rows."""
    return type(tree) in _DML


def copy_rows(cursor: Cursor, temporary: str, schema: Schema, physical: str) -> None:
    """Append the rows of a temporary table, in their order, to one whose columns have these names."""
    columns = ", ".join(quoted(column.name) for column in schema)
    chosen = ", ".join(
        f"coalesce(CAST({quoted(column.name)} AS {column.duckdb_type}), [])"
        if column.mode == "REPEATED"
        else f"CAST({quoted(column.name)} AS {column.duckdb_type})"
        for column in schema
    )
    cursor.execute(
        f"INSERT INTO {quoted(physical)} ({columns}) "  # noqa: S608 - names are quoted
        f"SELECT {chosen} FROM temp.{quoted(temporary)} ORDER BY rowid"
    )


def to_duckdb(tree: exp.Expression) -> str:
    """SQL in DuckDB's dialect; raises GoogleError 501 for what cannot be said in it."""
    try:
        return tree.sql(dialect="duckdb", unsupported_level=sqlglot.errors.ErrorLevel.RAISE, comments=False)
    except sqlglot.errors.UnsupportedError:
        raise GoogleError(501, "The query uses a form that the embedded BigQuery does not implement.") from None


def _run(cursor: Cursor, sql: str, values: Mapping[str, Any]) -> Cursor:
    return cursor.execute(sql, dict(values)) if values else cursor.execute(sql)
