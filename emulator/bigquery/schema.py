"""BigQuery table schemas: checked, and spelt in DuckDB's types.

TIMESTAMP is DuckDB's TIMESTAMPTZ and DATETIME its TIMESTAMP, as in sqlglot's translation of queries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emulator.bigquery.database import quoted
from emulator.errors import GoogleError

DUCKDB_TYPES = {
    "STRING": "VARCHAR",
    "BYTES": "BLOB",
    "INTEGER": "BIGINT",
    "FLOAT": "DOUBLE",
    "BOOLEAN": "BOOLEAN",
    "TIMESTAMP": "TIMESTAMPTZ",
    "DATE": "DATE",
    "TIME": "TIME",
    "DATETIME": "TIMESTAMP",
    "NUMERIC": "DECIMAL(38,9)",  # 38 digits, 9 of them after the point, as NUMERIC is documented
    "JSON": "JSON",
}
# The API answers with the older names whatever was sent.
_ALIASES = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN", "STRUCT": "RECORD"}
_OTHER_TYPES = {"BIGNUMERIC", "GEOGRAPHY", "INTERVAL", "RANGE"}
_MODES = {"NULLABLE", "REQUIRED", "REPEATED"}
# https://cloud.google.com/bigquery/docs/schemas#column_names
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,299}")
_RESERVED = ("_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier")
_MAX_DEPTH = 15
_MAX_COLUMNS = 10_000
_TEXTS = ("description",)
_NOT_IMPLEMENTED = (
    "defaultValueExpression", "policyTags", "dataPolicies", "collation", "maxLength", "precision", "scale",
    "roundingMode", "rangeElementType", "foreignTypeDefinition", "timestampPrecision", "generatedColumn",
)  # fmt: skip
_COLUMN_KEYS = {"name", "type", "mode", "fields", *_TEXTS, *_NOT_IMPLEMENTED}


@dataclass(frozen=True)
class Field:
    """One column or member of a record, for example `Field("recorded_at", "TIMESTAMP", "REQUIRED")`.

    Attributes:
        type: one of DUCKDB_TYPES, or RECORD.
        mode: NULLABLE, REQUIRED or REPEATED.
        fields: the members of a RECORD.
        description: as given; None when not.
    """

    name: str
    type: str
    mode: str = "NULLABLE"
    fields: tuple[Field, ...] = ()
    description: str | None = None

    def as_api(self) -> dict[str, Any]:
        """The TableFieldSchema."""
        answer: dict[str, Any] = {"name": self.name, "type": self.type, "mode": self.mode}
        if self.description is not None:
            answer["description"] = self.description
        if self.fields:
            answer["fields"] = [field.as_api() for field in self.fields]
        return answer

    @property
    def element_type(self) -> str:
        """The DuckDB type of one value."""
        if self.type == "RECORD":
            members = ", ".join(f"{quoted(field.name)} {field.duckdb_type}" for field in self.fields)
            return f"STRUCT({members})"
        return DUCKDB_TYPES[self.type]

    @property
    def duckdb_type(self) -> str:
        """The DuckDB type of the column."""
        return f"{self.element_type}[]" if self.mode == "REPEATED" else self.element_type

    @property
    def column(self) -> str:
        """The column as CREATE TABLE takes it."""
        return f"{quoted(self.name)} {self.duckdb_type}{' NOT NULL' if self.mode == 'REQUIRED' else ''}"


Schema = tuple[Field, ...]


def parse_schema(body: Any) -> Schema:
    """A TableSchema `{"fields": [...]}`.

    Raises:
        GoogleError: 400 for what BigQuery does not allow, 501 for types and column features that are not implemented.
    """
    fields = body.get("fields") if isinstance(body, dict) else None
    if not isinstance(fields, list):
        raise GoogleError(400, 'The schema must be {"fields": [...]}.')
    schema = _fields(fields, "", 1)
    if sum(1 for _ in walk(schema)) > _MAX_COLUMNS:
        raise GoogleError(400, "Too many fields in the schema: at most 10,000 are allowed.")
    return schema


def schema_as_api(schema: Schema) -> dict[str, Any]:
    """The TableSchema."""
    return {"fields": [field.as_api() for field in schema]}


def walk(schema: Sequence[Field]) -> Iterator[Field]:
    """Every field, those of records too."""
    for field in schema:
        yield field
        yield from walk(field.fields)


def find(schema: Schema, name: str) -> Field | None:
    """The top-level field of this name, whatever its case."""
    return next((field for field in schema if field.name.lower() == name.lower()), None)


def _fields(bodies: Sequence[Any], path: str, depth: int) -> Schema:
    if depth > _MAX_DEPTH:
        raise GoogleError(400, "Record fields may be nested at most 15 deep.")
    fields = tuple(_field(body, path, depth) for body in bodies)
    seen: set[str] = set()
    for field in fields:
        if field.name.lower() in seen:
            raise GoogleError(400, f"Duplicate field name {path}{field.name}: names differ in more than case.")
        seen.add(field.name.lower())
    return fields


def _field(body: Any, path: str, depth: int) -> Field:
    if not isinstance(body, dict):
        raise GoogleError(400, "A field of the schema must be a JSON object.")
    given = {key: value for key, value in body.items() if value is not None}
    name = _name(given, path)
    where = f"{path}{name}"
    if unknown := sorted(set(given) - _COLUMN_KEYS):
        raise GoogleError(400, f"Unknown property of field {where}: {unknown[0]}")
    for key in _NOT_IMPLEMENTED:
        if given.get(key):
            raise GoogleError(501, f"{key} (of field {where}) is not implemented by the embedded BigQuery.")
    kind = _type(given, where)
    mode = str(given.get("mode") or "NULLABLE").upper()
    if mode not in _MODES:
        raise GoogleError(400, f"Invalid mode of field {where}: use NULLABLE, REQUIRED or REPEATED.")
    members = given.get("fields") or []
    if not isinstance(members, list) or (kind == "RECORD") != bool(members):
        raise GoogleError(400, f"Field {where} is type {kind}: a RECORD has fields, any other type has none.")
    description = given.get("description")
    if description is not None and not isinstance(description, str):
        raise GoogleError(400, f"The description of field {where} must be a string.")
    return Field(name, kind, mode, _fields(members, f"{where}.", depth + 1) if members else (), description)


def _name(given: Mapping[str, Any], path: str) -> str:
    name = given.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise GoogleError(
            400,
            f"Invalid field name{f' in {path[:-1]}' if path else ''}: fields must contain only letters, numbers and "
            "underscores, start with a letter or underscore, and be at most 300 characters long.",
        )
    if name.lower().startswith(_RESERVED):
        raise GoogleError(400, f"Invalid field name {path}{name}: the prefix is reserved.")
    return name


def _type(given: Mapping[str, Any], where: str) -> str:
    kind = str(given.get("type") or "").upper()
    kind = _ALIASES.get(kind, kind)
    if kind in _OTHER_TYPES:
        raise GoogleError(501, f"Type {kind} (of field {where}) is not implemented by the embedded BigQuery.")
    if kind != "RECORD" and kind not in DUCKDB_TYPES:
        raise GoogleError(400, f"Invalid type of field {where}.")
    return kind
