"""Where a job writes: dispositions of load and query jobs, applied inside the job's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.bigquery import catalog
from emulator.bigquery.catalog import StoredTable
from emulator.bigquery.database import Cursor
from emulator.bigquery.layout import check_layout
from emulator.bigquery.names import TableRef
from emulator.bigquery.schema import Schema, find
from emulator.errors import GoogleError

_WRITE = {"WRITE_APPEND", "WRITE_EMPTY", "WRITE_TRUNCATE"}
_CREATE = {"CREATE_IF_NEEDED", "CREATE_NEVER"}


@dataclass(frozen=True)
class Destination:
    """A job's destination.

    Attributes:
        ref: the table.
        write: WRITE_APPEND, WRITE_EMPTY or WRITE_TRUNCATE.
        create: CREATE_IF_NEEDED or CREATE_NEVER.
        layout: `timePartitioning` and `clustering` for a table that is created.
    """

    ref: TableRef
    write: str
    create: str
    layout: dict[str, Any]

    @classmethod
    def from_api(cls, config: Mapping[str, Any], project: str, default_write: str) -> Destination:
        """Read it from a load or query configuration.

        Raises:
            GoogleError: 400 for dispositions that do not exist, 501 for WRITE_TRUNCATE_DATA.
        """
        write = config.get("writeDisposition") or default_write
        create = config.get("createDisposition") or "CREATE_IF_NEEDED"
        if write == "WRITE_TRUNCATE_DATA":
            raise GoogleError(501, "WRITE_TRUNCATE_DATA is not implemented; use WRITE_TRUNCATE.")
        if write not in _WRITE or create not in _CREATE:
            raise GoogleError(400, "Invalid disposition: use WRITE_APPEND, WRITE_EMPTY or WRITE_TRUNCATE, and "
                                   "CREATE_IF_NEEDED or CREATE_NEVER.")  # fmt: skip
        layout = {name: config[name] for name in ("timePartitioning", "clustering") if name in config}
        return cls(TableRef.from_api(config.get("destinationTable"), project), write, create, layout)

    def open(self, cursor: Cursor, schema: Schema | None, location: str | None) -> StoredTable:
        """The table, ready to be appended to: created or emptied as the dispositions say.

        Args:
            cursor: inside the job's transaction.
            schema: the columns that the job brings; None when it takes those of the table.
            location: the job's, None when it was not given.

        Raises:
            GoogleError: what becomes the job's error.
        """
        catalog.get_dataset(cursor, self.ref.parent, location)
        table = catalog.find_table(cursor, self.ref)
        if table is None:
            return self._created(cursor, schema)
        if table.is_view:
            raise GoogleError(400, f"Cannot write to a view: {self.ref}")
        if self.write == "WRITE_EMPTY" and catalog.count_rows(cursor, table):
            raise GoogleError(409, f"Already Exists: Table {self.ref}", reason="duplicate")
        if self.write == "WRITE_TRUNCATE" or (not table.schema and schema):
            new = catalog.replace_rows(cursor, table, schema if schema is not None else table.schema)
            check_layout(new.body, new.schema)
            table = catalog.put_table(cursor, new)
        elif schema is not None:
            self._check_fits(table, schema)
        if not table.schema:
            raise GoogleError(400, "No schema specified on job or table.")
        return table

    def _created(self, cursor: Cursor, schema: Schema | None) -> StoredTable:
        if self.create == "CREATE_NEVER":
            raise GoogleError(404, f"Not found: Table {self.ref}")
        if not schema:
            raise GoogleError(400, "No schema specified on job or table.")
        check_layout(self.layout, schema)
        return catalog.create_table(cursor, self.ref, dict(self.layout), schema)

    def _check_fits(self, table: StoredTable, schema: Schema) -> None:
        mismatch = f"Provided Schema does not match Table {self.ref}."
        for field in schema:
            column = find(table.schema, field.name)
            if column is None:
                raise GoogleError(400, f"{mismatch} Cannot add fields (field: {field.name})")
            if column.type != field.type:
                raise GoogleError(
                    400, f"{mismatch} Field {field.name} has changed type from {column.type} to {field.type}"
                )
            if (column.mode == "REPEATED") != (field.mode == "REPEATED"):
                raise GoogleError(
                    400, f"{mismatch} Field {field.name} has changed mode from {column.mode} to {field.mode}"
                )
