"""A table's schema may grow: columns are added at the end, REQUIRED becomes NULLABLE, descriptions change.

https://cloud.google.com/bigquery/docs/managing-table-schemas
"""

from __future__ import annotations

from dataclasses import replace

from emulator.bigquery.catalog import StoredTable
from emulator.bigquery.database import Cursor, quoted
from emulator.bigquery.schema import Field, Schema, find, walk
from emulator.errors import GoogleError


def evolve(cursor: Cursor, table: StoredTable, wanted: Schema) -> Schema:
    """Change a table's DuckDB columns to a wanted schema; the schema it has then.

    Raises:
        GoogleError: 400 for a change that BigQuery does not allow, 501 for a change inside a record.
    """
    names = {field.name.lower() for field in wanted}
    mismatch = f"Provided Schema does not match Table {table.ref}."
    for old in table.schema:
        if old.name.lower() not in names:
            raise GoogleError(400, f"{mismatch} Field {old.name} is missing in new schema")
    return tuple(_column(cursor, table, find(table.schema, field.name), field, mismatch) for field in wanted)


def _column(cursor: Cursor, table: StoredTable, old: Field | None, new: Field, mismatch: str) -> Field:
    physical, column = quoted(table.physical), quoted(new.name)
    if old is None:
        if new.mode == "REQUIRED":
            raise GoogleError(400, f"{mismatch} Cannot add required fields to an existing schema. (field: {new.name})")
        cursor.execute(f"ALTER TABLE {physical} ADD COLUMN {column} {new.duckdb_type}")
        return new
    if old.type != new.type:
        raise GoogleError(400, f"{mismatch} Field {old.name} has changed type from {old.type} to {new.type}")
    relaxed = (old.mode, new.mode) == ("REQUIRED", "NULLABLE")
    if old.mode != new.mode and not relaxed:
        raise GoogleError(400, f"{mismatch} Field {old.name} has changed mode from {old.mode} to {new.mode}")
    if _members(old) != _members(new):
        raise GoogleError(501, f"Changing the members of record {old.name} is not implemented.")
    if relaxed:
        cursor.execute(f"ALTER TABLE {physical} ALTER COLUMN {column} DROP NOT NULL")
    return replace(new, name=old.name)


def _members(record: Field) -> list[tuple[str, str, str]]:
    return [(field.name, field.type, field.mode) for field in walk(record.fields)]
