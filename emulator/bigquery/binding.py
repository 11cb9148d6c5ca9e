"""The names in a query: tables and views of the catalogue, common table expressions, parameters.

Every table of a query must resolve to the catalogue; nothing else of DuckDB (files, system tables, table functions)
can be named. A view is put in place of its name as the query it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlglot
import sqlglot.errors
from sqlglot import exp

from emulator.bigquery.catalog import StoredTable
from emulator.bigquery.names import DatasetRef, TableRef
from emulator.bigquery.rewrite import rewrite
from emulator.errors import GoogleError

MAX_VIEW_DEPTH = 16  # https://cloud.google.com/bigquery/quotas#view_limits: "Maximum number of nested view levels"
_TABLE_ARGS = {"this", "db", "catalog", "alias", "joins", "laterals", "pivots"}


def parse(sql: str) -> exp.Expression:
    """The one statement of a GoogleSQL text.

    Raises:
        GoogleError: 400 invalidQuery for a syntax error, 501 for scripts.
    """
    if not sql.strip():
        raise GoogleError(400, "Required parameter is missing: query", reason="required")
    try:
        statements = [one for one in sqlglot.parse(sql, dialect="bigquery") if one is not None]
    except sqlglot.errors.ParseError as error:
        raise invalid_query(_syntax_error(error)) from None
    except (sqlglot.errors.TokenError, RecursionError):
        raise invalid_query("Syntax error: the query cannot be read (an unclosed literal or comment?)") from None
    if not statements:
        raise invalid_query("Syntax error: Unexpected end of statement")
    if len(statements) > 1:
        raise GoogleError(501, "Scripts of several statements are not implemented; send one statement at a time.")
    statement: Any = statements[0]
    return statement


def _syntax_error(error: sqlglot.errors.ParseError) -> str:
    first = error.errors[0] if error.errors else {}
    where = f" at [{first['line']}:{first['col']}]" if first.get("line") else ""
    return f"Syntax error: {str(first.get('description', 'the query cannot be read')).rstrip('.')}{where}"


def invalid_query(message: str) -> GoogleError:
    """The error of a query that is wrong."""
    return GoogleError(400, message, reason="invalidQuery")


@dataclass(frozen=True)
class Parameter:
    """A query parameter: its placeholder's name, the SQL that reads it, and the value bound to it.

    Example: `Parameter("p0", "CAST($p0 AS DATE)", "2026-01-31")`.
    """

    placeholder: str
    sql: str
    value: Any


@dataclass
class Binding:
    """Resolves the names of one query.

    Attributes:
        lookup: the table of a reference; raises GoogleError 404.
        project: the project that a name without one belongs to.
        default_dataset: the dataset that a name without one belongs to; None when there is none.
        parameters: by name in lower case, or by position from 0.
        referenced: the tables and views met, in order, views' own tables among them.
        values: the values of the parameters met, as DuckDB's prepared statement takes them.
    """

    lookup: Callable[[TableRef], StoredTable]
    project: str
    default_dataset: DatasetRef | None = None
    parameters: Mapping[str | int, Parameter] = field(default_factory=dict)
    referenced: list[StoredTable] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def bind(self, tree: exp.Expression, *, depth: int = 0) -> exp.Expression:
        """Replace every name in the tree; raises GoogleError."""
        for table in list(tree.find_all(exp.Table)):
            if not _is_cte(table):
                self._replace(table, depth)
        self._bind_parameters(tree, allowed=depth == 0)
        return tree

    def resolve(self, table: exp.Table) -> TableRef:
        """The reference that a table's name means."""
        if not isinstance(table.this, exp.Identifier):
            raise GoogleError(501, "Table functions are not implemented by the embedded BigQuery.")
        for name, value in table.args.items():
            if value and name not in _TABLE_ARGS:
                raise GoogleError(501, f"{name.upper()} of a table is not implemented by the embedded BigQuery.")
        parts = ".".join(part.name for part in table.parts)
        if "INFORMATION_SCHEMA" in parts.upper() or "*" in parts:
            raise GoogleError(501, "INFORMATION_SCHEMA and wildcard tables are not implemented.")
        return self.reference(parts)

    def reference(self, text: str) -> TableRef:
        """`table`, `dataset.table`, `project.dataset.table` or `project:dataset.table`."""
        head, colon, tail = text.rpartition(":")
        parts = tail.split(".")
        if colon and len(parts) == 2:
            return TableRef.of(head, *parts)
        if colon and len(parts) == 3:
            return TableRef.of(f"{head}:{parts[0]}", parts[1], parts[2])
        if len(parts) == 3:
            return TableRef.of(*parts)
        if len(parts) == 2:
            return TableRef.of(self.project, *parts)
        if len(parts) == 1 and self.default_dataset is not None:
            return TableRef.of(self.default_dataset.project, self.default_dataset.dataset, parts[0])
        raise GoogleError(
            400, "A table must be qualified with a dataset (e.g. dataset.table), or a default dataset be set."
        )

    def target(self, table: exp.Table) -> StoredTable:
        """The table that a statement writes; raises GoogleError 400 for a view."""
        found = self.lookup(self.resolve(table))
        if found.is_view:
            raise invalid_query(f"Cannot modify a view: {found.ref}")
        self.referenced.append(found)
        return found

    def _replace(self, table: exp.Table, depth: int) -> None:
        ref = self.resolve(table)
        found = self.lookup(ref)
        self.referenced.append(found)
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(ref.table, quoted=True)))
        if not found.is_view:
            if not found.schema:
                raise invalid_query(f"Table {ref} does not have a schema.")
            for name, value in physical_table(found).args.items():
                table.set(name, value)
            return
        if depth >= MAX_VIEW_DEPTH:
            raise invalid_query("Too many nested views: at most 16 levels.")
        query = rewrite(parse(str(found.body["view"]["query"])))
        inner = Binding(self.lookup, ref.project, referenced=self.referenced)
        bound = inner.bind(query, depth=depth + 1)
        kept = {name: table.args.get(name) for name in ("alias", "joins", "laterals", "pivots")}
        table.replace(exp.Subquery(this=bound, **{name: value for name, value in kept.items() if value}))

    def _bind_parameters(self, tree: exp.Expression, *, allowed: bool) -> None:
        position = 0
        for node in list(tree.find_all(exp.Parameter, exp.Placeholder, bfs=False)):
            if isinstance(node.parent, exp.Parameter):
                continue
            if isinstance(node.this, exp.Parameter):
                raise GoogleError(501, "System variables are not implemented by the embedded BigQuery.")
            if not allowed:
                raise invalid_query("A view cannot contain query parameters.")
            key: str | int = position if isinstance(node, exp.Placeholder) else node.name.lower()
            position += isinstance(node, exp.Placeholder)
            if key not in self.parameters:
                what = f"position {position}" if isinstance(key, int) else f"name '{key[:128]}'"
                raise invalid_query(f"Query parameter with {what} not found")
            parameter = self.parameters[key]
            self.values[parameter.placeholder] = parameter.value
            node.replace(exp.Var(this=parameter.sql))


def physical_table(table: StoredTable) -> exp.Table:
    """The DuckDB table of the rows, qualified so that no common table expression can stand for it."""
    return exp.Table(
        this=exp.to_identifier(table.physical, quoted=True), db=exp.to_identifier("main", quoted=True), catalog=None
    )


def _is_cte(table: exp.Table) -> bool:
    """Whether a name means a common table expression that is visible where it stands."""
    if len(table.parts) != 1 or not isinstance(table.this, exp.Identifier):
        return False
    name = table.name.lower()
    inside: exp.Expression = table
    scope: Any = table.parent
    while scope is not None:
        clause = inside if isinstance(inside, exp.With) else scope.args.get("with_")
        if isinstance(clause, exp.With) and _visible(clause, name, table):
            return True
        inside, scope = scope, scope.parent
    return False


def _visible(clause: exp.With, name: str, table: exp.Table) -> bool:
    """Whether a WITH clause defines the name before (or, when recursive, at) the place of the table."""
    for definition in clause.expressions:
        holds_table = any(parent is definition for parent in _ancestors(table))
        if definition.alias.lower() == name:
            return bool(clause.recursive) or not holds_table
        if holds_table and not clause.recursive:
            return False
    return False


def _ancestors(node: exp.Expression) -> list[exp.Expression]:
    found: list[exp.Expression] = []
    parent: Any = node.parent
    while parent is not None:
        found.append(parent)
        parent = parent.parent
    return found
