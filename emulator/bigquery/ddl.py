"""CREATE TABLE, CREATE VIEW and DROP, read into what they do to the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from emulator.bigquery import catalog
from emulator.bigquery.binding import Binding, invalid_query
from emulator.bigquery.database import Cursor
from emulator.bigquery.layout import check_layout
from emulator.bigquery.names import TableRef
from emulator.bigquery.schema import Schema, parse_schema
from emulator.bigquery.statements import Select, copy_rows, prepare_select
from emulator.errors import GoogleError

_TEXT_OPTIONS = {"description": "description", "friendly_name": "friendlyName"}


@dataclass(frozen=True)
class Create:
    """CREATE [OR REPLACE] TABLE or VIEW [IF NOT EXISTS].

    Attributes:
        kind: CREATE_TABLE, CREATE_TABLE_AS_SELECT or CREATE_VIEW.
        target: the new table.
        body: `view`, `timePartitioning`, `clustering`, `description`, `friendlyName`.
        schema: the columns; None when the query gives them.
        query: of CREATE TABLE AS SELECT or of a view.
        replace: whether an existing one is replaced.
        skip: whether an existing one is left alone.
    """

    kind: str
    target: TableRef
    body: dict[str, Any]
    schema: Schema | None
    query: Select | None
    replace: bool
    skip: bool

    def run(self, cursor: Cursor) -> str:
        """Do it; `ddlOperationPerformed`."""
        catalog.get_dataset(cursor, self.target.parent)
        existing = catalog.find_table(cursor, self.target)
        if existing and self.skip:
            return "SKIP"
        if existing and not self.replace:
            raise GoogleError(409, f"Already Exists: Table {self.target}", reason="duplicate")
        if existing and existing.is_view != (self.kind == "CREATE_VIEW"):
            raise invalid_query(f"{self.target} exists with another type; drop it first.")
        schema = self.schema if self.schema is not None else self._query_schema(cursor)
        check_layout(self.body, schema)
        if self.kind == "CREATE_TABLE_AS_SELECT" and self.query:
            self.query.into(cursor, "created")
        if existing:
            catalog.remove_table(cursor, existing)
        table = catalog.create_table(cursor, self.target, dict(self.body), schema)
        if self.kind == "CREATE_TABLE_AS_SELECT":
            copy_rows(cursor, "created", schema, table.physical)
        return "REPLACE" if existing else "CREATE"

    def _query_schema(self, cursor: Cursor) -> Schema:
        assert self.query is not None  # noqa: S101 - without columns there is a query
        return self.query.describe(cursor)


@dataclass(frozen=True)
class Drop:
    """DROP TABLE or VIEW [IF EXISTS]."""

    kind: str
    target: TableRef
    if_exists: bool

    def run(self, cursor: Cursor) -> str:
        """Do it; `ddlOperationPerformed`."""
        catalog.get_dataset(cursor, self.target.parent)
        existing = catalog.find_table(cursor, self.target)
        if existing is None:
            if self.if_exists:
                return "SKIP"
            raise GoogleError(404, f"Not found: Table {self.target}")
        if existing.is_view != (self.kind == "DROP_VIEW"):
            what = "VIEW" if existing.is_view else "TABLE"
            raise invalid_query(f"{self.target} is a {what}; use DROP {what}.")
        catalog.remove_table(cursor, existing)
        return "DROP"


def prepare_create(tree: exp.Create, binding: Binding) -> Create:
    """A CREATE statement; raises GoogleError 400, or 501 for forms that are not implemented."""
    kind = str(tree.args.get("kind", "")).upper()
    if kind not in {"TABLE", "VIEW"} or tree.args.get("clone"):
        raise GoogleError(501, f"CREATE {kind} in this form is not implemented by the embedded BigQuery.")
    node = tree.this
    columns = node.expressions if isinstance(node, exp.Schema) else []
    table = node.this if isinstance(node, exp.Schema) else node
    body = _properties(tree.args.get("properties"))
    source = tree.args.get("expression")
    if (kind == "VIEW" or source is not None) and columns:
        raise GoogleError(501, "A list of columns together with a query is not implemented; name them in the query.")
    target = binding.resolve(table)
    query = None
    if source is not None:
        if kind == "VIEW":
            # As it will be read again: without default dataset or parameters.
            binding = Binding(binding.lookup, target.project, referenced=binding.referenced)
            body["view"] = {"query": source.sql(dialect="bigquery"), "useLegacySql": False}
        query = prepare_select(source, binding)
    if query is None and not columns:
        raise invalid_query("CREATE needs columns or a query.")
    statement = "CREATE_VIEW" if kind == "VIEW" else "CREATE_TABLE_AS_SELECT" if query else "CREATE_TABLE"
    schema = None if query else parse_schema({"fields": [_column(column) for column in columns]})
    return Create(statement, target, body, schema, query, bool(tree.args.get("replace")), bool(tree.args.get("exists")))


def prepare_drop(tree: exp.Drop, binding: Binding) -> Drop:
    """A DROP statement; raises GoogleError 501 for anything but one table or view."""
    kind = str(tree.args.get("kind", "")).upper()
    tables = tree.args.get("tables") or [tree.this]
    if kind not in {"TABLE", "VIEW"} or len(tables) != 1:
        raise GoogleError(501, f"DROP {kind} in this form is not implemented by the embedded BigQuery.")
    return Drop(f"DROP_{kind}", binding.resolve(tables[0]), bool(tree.args.get("exists")))


def _properties(properties: exp.Properties | None) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for one in properties.expressions if properties else []:
        if isinstance(one, exp.PartitionedByProperty):
            body["timePartitioning"] = _partitioning(one.this)
        elif isinstance(one, exp.Cluster | exp.ClusterProperty):
            body["clustering"] = {"fields": [column.name for column in one.expressions]}
        elif type(one) is exp.Property and one.name.lower() in _TEXT_OPTIONS:
            body[_TEXT_OPTIONS[one.name.lower()]] = one.args["value"].name
        else:
            raise GoogleError(501, "This option of CREATE is not implemented by the embedded BigQuery.")
    return body


def _partitioning(node: exp.Expression) -> dict[str, str]:
    """`column`, `DATE(column)` or `TIMESTAMP_TRUNC(column, DAY)`."""
    while isinstance(node, (exp.Paren, exp.Schema)) or (isinstance(node, exp.Tuple) and len(node.expressions) == 1):
        node = node.expressions[0] if isinstance(node, (exp.Tuple, exp.Schema)) else node.this
    unit = "DAY"
    if isinstance(node, (exp.TimestampTrunc, exp.DateTrunc, exp.DatetimeTrunc)):
        unit = node.text("unit").upper() or "DAY"
        node = node.this
    elif isinstance(node, (exp.Date, exp.TsOrDsToDate)) or (isinstance(node, exp.Cast) and node.is_type("date")):
        node = node.this
    if not isinstance(node, (exp.Column, exp.Identifier)):
        raise GoogleError(501, "This form of PARTITION BY is not implemented.")
    return {"type": unit, "field": node.name}


def _column(column: exp.Expression) -> dict[str, Any]:
    if not isinstance(column, exp.ColumnDef) or column.args.get("kind") is None:
        raise GoogleError(501, "This form of a column is not implemented by the embedded BigQuery.")
    body = {"name": column.name, **_type(column.args["kind"])}
    for constraint in column.args.get("constraints") or []:
        if isinstance(constraint.kind, exp.NotNullColumnConstraint) and not constraint.kind.args.get("allow_null"):
            body["mode"] = "REQUIRED"
        elif isinstance(constraint.kind, exp.Properties):
            body |= _properties(constraint.kind)
        else:
            raise GoogleError(501, "This constraint of a column is not implemented by the embedded BigQuery.")
    return body


def _type(kind: exp.DataType) -> dict[str, Any]:
    if kind.is_type("array"):
        return {**_type(kind.expressions[0]), "mode": "REPEATED"}
    if kind.is_type("struct"):
        return {"type": "RECORD", "fields": [_column(member) for member in kind.expressions]}
    return {"type": kind.sql(dialect="bigquery").upper()}
