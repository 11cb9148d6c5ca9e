"""The catalogue: datasets and tables as stored, each with its JSON, inside the database of the rows.

A table's rows live in a DuckDB table of a generated name (`t42`): no name that a caller chose becomes SQL, and names
that differ only in case are different tables, as BigQuery has it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from emulator.bigquery.database import Cursor, every, one, quoted
from emulator.bigquery.names import DatasetRef, TableRef
from emulator.bigquery.schema import Schema, parse_schema, schema_as_api
from emulator.errors import GoogleError

DEFAULT_LOCATION = "US"


@dataclass(frozen=True)
class StoredDataset:
    """A dataset: its name and its resource as stored (`location`, `creationTime`, `lastModifiedTime` and settings)."""

    ref: DatasetRef
    body: dict[str, Any]

    @property
    def location(self) -> str:
        """Where it is, for example "US"."""
        return str(self.body["location"])


@dataclass(frozen=True)
class StoredTable:
    """A table or view.

    Attributes:
        ref: its name.
        physical: the DuckDB table of its rows; "" for a view.
        body: its resource as stored: `schema`, times in milliseconds as text, settings.
    """

    ref: TableRef
    physical: str
    body: dict[str, Any]

    @cached_property
    def schema(self) -> Schema:
        """Its columns."""
        return parse_schema(self.body["schema"])

    @property
    def is_view(self) -> bool:
        """Whether it is a view."""
        return "view" in self.body


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def etag(body: dict[str, Any]) -> str:
    """The etag of a stored resource: it changes whenever the resource does."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:24]


def find_dataset(cursor: Cursor, ref: DatasetRef) -> StoredDataset | None:
    """The dataset, None when it does not exist."""
    row = one(cursor, "SELECT body FROM catalogue.datasets WHERE project = ? AND dataset = ?", ref.project, ref.dataset)
    return StoredDataset(ref, json.loads(row[0])) if row else None


def get_dataset(cursor: Cursor, ref: DatasetRef, location: str | None = None) -> StoredDataset:
    """The dataset; raises GoogleError 404 when it does not exist, or not in the location a job runs in."""
    found = find_dataset(cursor, ref)
    if found is None:
        raise GoogleError(404, f"Not found: Dataset {ref}")
    if location and found.location.lower() != location.lower():
        raise GoogleError(404, f"Not found: Dataset {ref} was not found in location {location}")
    return found


def put_dataset(cursor: Cursor, dataset: StoredDataset) -> None:
    """Store a dataset, over the one of the same name."""
    ref = dataset.ref
    cursor.execute("DELETE FROM catalogue.datasets WHERE project = ? AND dataset = ?", [ref.project, ref.dataset])
    cursor.execute(
        "INSERT INTO catalogue.datasets VALUES (?, ?, ?)", [ref.project, ref.dataset, json.dumps(dataset.body)]
    )


def list_datasets(cursor: Cursor, project: str) -> list[StoredDataset]:
    """A project's datasets by name."""
    rows = every(cursor, "SELECT dataset, body FROM catalogue.datasets WHERE project = ? ORDER BY dataset", project)
    return [StoredDataset(DatasetRef(project, name), json.loads(body)) for name, body in rows]


def remove_dataset(cursor: Cursor, ref: DatasetRef) -> None:
    """Remove a dataset and all its tables."""
    for table in list_tables(cursor, ref):
        remove_table(cursor, table)
    cursor.execute("DELETE FROM catalogue.datasets WHERE project = ? AND dataset = ?", [ref.project, ref.dataset])


def find_table(cursor: Cursor, ref: TableRef) -> StoredTable | None:
    """The table, None when it does not exist."""
    row = one(
        cursor,
        "SELECT physical, body FROM catalogue.tables WHERE project = ? AND dataset = ? AND name = ?",
        ref.project,
        ref.dataset,
        ref.table,
    )
    return StoredTable(ref, row[0], json.loads(row[1])) if row else None


def get_table(cursor: Cursor, ref: TableRef) -> StoredTable:
    """The table; raises GoogleError 404 for it or its dataset."""
    found = find_table(cursor, ref)
    if found is None:
        get_dataset(cursor, ref.parent)
        raise GoogleError(404, f"Not found: Table {ref}")
    return found


def list_tables(cursor: Cursor, ref: DatasetRef) -> list[StoredTable]:
    """A dataset's tables and views by name."""
    rows = every(
        cursor,
        "SELECT name, physical, body FROM catalogue.tables WHERE project = ? AND dataset = ? ORDER BY name",
        ref.project,
        ref.dataset,
    )
    return [
        StoredTable(TableRef(ref.project, ref.dataset, name), physical, json.loads(body))
        for name, physical, body in rows
    ]


def hidden_tables(cursor: Cursor) -> list[StoredTable]:
    """The tables of all datasets that lists leave out."""
    rows = every(
        cursor,
        "SELECT project, dataset, name, physical, body FROM catalogue.tables WHERE starts_with(dataset, '_')",
    )
    return [
        StoredTable(TableRef(project, dataset, name), physical, json.loads(body))
        for project, dataset, name, physical, body in rows
    ]


def create_table(cursor: Cursor, ref: TableRef, body: dict[str, Any], schema: Schema) -> StoredTable:
    """Create a table or, when `body` has `view`, a view.

    Args:
        cursor: inside a writing transaction.
        ref: its name; the caller has made sure that it is free.
        body: the resource without schema and times.
        schema: its columns.
    """
    created = str(now_ms())
    full = {**body, "schema": schema_as_api(schema), "creationTime": created, "lastModifiedTime": created}
    physical = "" if "view" in body else create_rows(cursor, schema)
    table = StoredTable(ref, physical, full)
    _insert(cursor, table)
    return table


def create_rows(cursor: Cursor, schema: Schema) -> str:
    """An empty DuckDB table for rows of a schema; its generated name."""
    physical = new_physical(cursor)
    # A table needs a column; one without schema gets a column that nothing shows.
    columns = ", ".join(field.column for field in schema) or '"_no_columns" BOOLEAN'
    cursor.execute(f"CREATE TABLE {quoted(physical)} ({columns})")
    return physical


def new_physical(cursor: Cursor) -> str:
    """A name that no DuckDB table has had before."""
    row = one(cursor, "SELECT nextval('catalogue.physical_ids')")
    assert row is not None  # noqa: S101 - a sequence always answers
    return f"t{row[0]}"


def put_table(cursor: Cursor, table: StoredTable, *, modified: bool = True) -> StoredTable:
    """Store a changed table over the one of the same name, its modification time now unless told otherwise."""
    if modified:
        # Strictly later than before, so that the etag changes with every change.
        later = max(now_ms(), int(table.body["lastModifiedTime"]) + 1)
        table = replace(table, body={**table.body, "lastModifiedTime": str(later)})
    _delete(cursor, table.ref)
    _insert(cursor, table)
    return table


def touch_table(cursor: Cursor, table: StoredTable) -> None:
    """Record that the table's rows changed."""
    put_table(cursor, table)


def remove_table(cursor: Cursor, table: StoredTable) -> None:
    """Remove a table and its rows."""
    _delete(cursor, table.ref)
    if table.physical:
        cursor.execute(f"DROP TABLE {quoted(table.physical)}")


def count_rows(cursor: Cursor, table: StoredTable) -> int:
    """How many rows a table holds."""
    row = one(cursor, f"SELECT count(*) FROM {quoted(table.physical)}")  # noqa: S608 - generated name
    return int(row[0]) if row else 0


def replace_rows(cursor: Cursor, table: StoredTable, schema: Schema) -> StoredTable:
    """The table emptied and with these columns, not stored yet."""
    cursor.execute(f"DROP TABLE {quoted(table.physical)}")
    physical = create_rows(cursor, schema)
    return replace(table, physical=physical, body={**table.body, "schema": schema_as_api(schema)})


def names_of(tables: Sequence[StoredTable]) -> list[dict[str, str]]:
    """TableReferences, as `referencedTables` lists them."""
    return [table.ref.as_api() for table in tables]


def _insert(cursor: Cursor, table: StoredTable) -> None:
    ref = table.ref
    cursor.execute(
        "INSERT INTO catalogue.tables VALUES (?, ?, ?, ?, ?)",
        [ref.project, ref.dataset, ref.table, table.physical, json.dumps(table.body)],
    )


def _delete(cursor: Cursor, ref: TableRef) -> None:
    cursor.execute(
        "DELETE FROM catalogue.tables WHERE project = ? AND dataset = ? AND name = ?",
        [ref.project, ref.dataset, ref.table],
    )
