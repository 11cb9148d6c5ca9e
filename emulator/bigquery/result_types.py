"""DuckDB's types of a query's columns -> the BigQuery schema of its result."""

from __future__ import annotations

from typing import Any

from emulator.bigquery.schema import Field, Schema
from emulator.errors import GoogleError

_TYPES = {
    "varchar": "STRING",
    "uuid": "STRING",
    "enum": "STRING",
    "blob": "BYTES",
    "boolean": "BOOLEAN",
    "null": "INTEGER",  # SELECT NULL is an INT64
    "float": "FLOAT",
    "double": "FLOAT",
    "decimal": "NUMERIC",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "DATETIME",
    "timestamp_s": "DATETIME",
    "timestamp_ms": "DATETIME",
    "timestamp_ns": "DATETIME",
    "timestamp with time zone": "TIMESTAMP",
    **dict.fromkeys(
        ("tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint"),
        "INTEGER",
    ),
}


def result_schema(description: Any) -> Schema:
    """The columns of a cursor's `description`.

    Raises:
        GoogleError: 400 for two columns of one name, 501 for a type that BigQuery or this service does not have.
    """
    schema = tuple(_field(column[0], column[1]) for column in description)
    seen: set[str] = set()
    for field in schema:
        if field.name.lower() in seen:
            raise GoogleError(
                400,
                f"Duplicate column names in the result are not supported. Found duplicate(s): {field.name}",
                reason="invalidQuery",
            )
        seen.add(field.name.lower())
    return schema


def _field(name: str, kind: Any) -> Field:
    if kind.id in {"list", "array"}:
        element = _field(name, kind.children[0][1])
        if element.mode == "REPEATED":
            raise GoogleError(400, f"Column {name} is an array of arrays, which is not a type.", reason="invalidQuery")
        return Field(name, element.type, "REPEATED", element.fields)
    if kind.id == "struct":
        return Field(name, "RECORD", fields=tuple(_field(member, inner) for member, inner in kind.children))
    if str(kind).upper() == "JSON":
        return Field(name, "JSON")
    if kind.id not in _TYPES:
        raise GoogleError(501, f"Column {name} has a type that the embedded BigQuery does not implement.")
    return Field(name, _TYPES[kind.id])
