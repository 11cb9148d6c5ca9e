"""How many bytes rows are, as BigQuery counts them.

https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#data_type_sizes: NULL is 0 bytes, an INT64 8,
a STRING 2 and its UTF-8 bytes. JSON, whose size is not documented, is counted as the string of its text.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from emulator.bigquery import catalog
from emulator.bigquery.catalog import StoredTable
from emulator.bigquery.database import Cursor, one, quoted
from emulator.bigquery.schema import Field

_FIXED = {
    "INTEGER": 8,
    "FLOAT": 8,
    "NUMERIC": 16,
    "BOOLEAN": 1,
    "DATE": 8,
    "TIME": 8,
    "DATETIME": 8,
    "TIMESTAMP": 8,
}
_REMEMBERED = 1_000


class Sizes:
    """Sizes of tables, each counted once for each state of the table."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str, int], int] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, cursor: Cursor, table: StoredTable) -> int:
        """The bytes of all rows of a table; 0 for a view."""
        if table.is_view or not table.schema:
            return 0
        state = (table.physical, table.body["lastModifiedTime"], catalog.count_rows(cursor, table))
        with self._lock:
            if state in self._known:
                return self._known[state]
        total = " + ".join(_size(field, quoted(field.name)) for field in table.schema)
        row = one(cursor, f"SELECT coalesce(sum({total}), 0) FROM {quoted(table.physical)}")  # noqa: S608 - quoted
        size = int(row[0]) if row else 0
        with self._lock:
            self._known[state] = size
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return size


def _size(field: Field, value: str) -> str:
    """SQL of the bytes of one value."""
    if field.mode == "REPEATED":
        element = _size(Field(field.name, field.type, fields=field.fields), "x")
        return f"coalesce(list_sum(list_transform({value}, lambda x: {element})), 0)"
    if field.type == "RECORD":
        members = " + ".join(_size(member, f"{value}.{quoted(member.name)}") for member in field.fields)
        return f"(CASE WHEN {value} IS NULL THEN 0 ELSE {members} END)"
    if field.type in _FIXED:
        return f"(CASE WHEN {value} IS NULL THEN 0 ELSE {_FIXED[field.type]} END)"
    length = f"octet_length({value})" if field.type == "BYTES" else f"strlen(CAST({value} AS VARCHAR))"
    return f"(CASE WHEN {value} IS NULL THEN 0 ELSE 2 + {length} END)"
