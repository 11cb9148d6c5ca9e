"""Rows between DuckDB and JSON: what `tabledata.list` and `getQueryResults` answer, and how canonical rows go in.

Both directions are SQL expressions made from the schema, so that DuckDB converts and Python only moves strings:
TIMESTAMP as microseconds, DATE as YYYY-MM-DD, DATETIME as YYYY-MM-DDTHH:MM:SS[.ffffff], BYTES as base64,
JSON as its text, every cell `{"v": ...}`, every row `{"f": [...]}`. Discovery: TableRow; DataFormatOptions.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

from emulator.bigquery.database import Cursor, quoted
from emulator.bigquery.schema import Field, Schema
from emulator.errors import GoogleError

MAX_PAGE_ROWS = 100_000
MAX_PAGE_BYTES = 10_000_000  # https://cloud.google.com/bigquery/docs/paging-results: pages are cut by their size
_FETCH_ROWS = 1_000


def insert_rows(cursor: Cursor, physical: str, schema: Schema, rows: Sequence[dict[str, Any]]) -> None:
    """Append rows made by `values.canonical_row` to a table, all in one statement."""
    if not rows:
        return
    structure = json.dumps([{field.name: _structure(field) for field in schema}])
    columns = ", ".join(quoted(field.name) for field in schema)
    chosen = ", ".join(from_text(field, f"r.{quoted(field.name)}") for field in schema)
    cursor.execute(
        f"INSERT INTO {quoted(physical)} ({columns}) "  # noqa: S608 - names are quoted, values are parameters
        f"SELECT {chosen} FROM (SELECT unnest(from_json_strict(?, ?)) AS r)",
        [json.dumps(rows), structure],
    )


def from_text(field: Field, value: str) -> str:
    """SQL that turns `value` (a column of `_structure`) into the field's own type."""
    if field.mode == "REPEATED":
        element = from_text(Field(field.name, field.type, fields=field.fields), "x")
        return value if element == "x" else f"list_transform({value}, lambda x: {element})"
    if field.type == "BYTES":
        return f"unhex({value})"
    if field.type == "JSON":
        return f"CAST({value} AS JSON)"
    if field.type == "RECORD":
        members = [(field, from_text(field, f"{value}.{quoted(field.name)}")) for field in field.fields]
        packed = ", ".join(f"{quoted(member.name)} := {sql}" for member, sql in members)
        if all(sql == f"{value}.{quoted(member.name)}" for member, sql in members):
            return value
        return f"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack({packed}) END"
    return value


def _structure(field: Field) -> Any:
    """The shape `from_json_strict` reads: BYTES and JSON still as text."""
    if field.type == "RECORD":
        single: Any = {member.name: _structure(member) for member in field.fields}
    else:
        single = "VARCHAR" if field.type in {"BYTES", "JSON"} else field.duckdb_type.removesuffix("[]")
    return [single] if field.mode == "REPEATED" else single


def structure_json(field: Field) -> str:
    """`_structure` as the text DuckDB takes."""
    return json.dumps(_structure(field))


def read_page(
    cursor: Cursor, physical: str, schema: Schema, *, offset: int, limit: int, int64_timestamp: bool
) -> list[dict[str, Any]]:
    """Rows from `offset` on as TableRow, in the order they were written: `limit` of them, or fewer that fill a page."""
    chosen = ", ".join(_to_text(field, quoted(field.name)) for field in schema)
    cursor.execute(
        f"SELECT {chosen} FROM {quoted(physical)} ORDER BY rowid LIMIT ? OFFSET ?",  # noqa: S608 - names are quoted
        [limit, offset],
    )
    page: list[dict[str, Any]] = []
    size = 0
    while rows := cursor.fetchmany(_FETCH_ROWS):
        for row in rows:
            size += _size(row)
            if size > MAX_PAGE_BYTES and page:
                return page
            page.append({"f": [_cell(f, v, int64_timestamp) for f, v in zip(schema, row, strict=True)]})
    return page


def _size(value: Any) -> int:
    """About how many bytes of JSON a value of a row makes."""
    if isinstance(value, str):
        return len(value) + 8
    if isinstance(value, dict):
        return sum(map(_size, value.values())) + 8
    if isinstance(value, (list, tuple)):
        return sum(map(_size, value)) + 8
    return 16


def _to_text(field: Field, value: str) -> str:
    """SQL that answers a value for `_cell`: text, or lists and structs of text."""
    if field.mode == "REPEATED":
        element = _to_text(Field(field.name, field.type, fields=field.fields), "x")
        return f"list_transform({value}, lambda x: {element})"
    if field.type == "RECORD":
        packed = ", ".join(
            f"m{n} := {_to_text(member, f'{value}.{quoted(member.name)}')}" for n, member in enumerate(field.fields)
        )
        return f"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack({packed}) END"
    return _SCALARS.get(field.type, "CAST({0} AS VARCHAR)").format(value)


_SCALARS = {
    "STRING": "{0}",
    "FLOAT": "{0}",
    "BYTES": "to_base64({0})",
    "TIMESTAMP": "epoch_us({0})",
    # Six digits of the second, or none, as for TIME: the client library reads both and nothing else.
    "DATETIME": "replace(strftime({0}, '%Y-%m-%dT%H:%M:%S.%f'), '.000000', '')",
    "DATE": "strftime({0}, '%Y-%m-%d')",
}


def _cell(field: Field, value: Any, int64_timestamp: bool) -> dict[str, Any]:
    if field.mode == "REPEATED":
        single = Field(field.name, field.type, fields=field.fields)
        return {"v": [_cell(single, item, int64_timestamp) for item in value or ()]}
    if value is None:
        return {"v": None}
    if field.type == "RECORD":
        return {"v": {"f": [_cell(m, v, int64_timestamp) for m, v in zip(field.fields, value.values(), strict=True)]}}
    return {"v": _scalar(field, value, int64_timestamp)}


def _scalar(field: Field, value: Any, int64_timestamp: bool) -> str:
    if field.type == "TIMESTAMP":
        return str(value) if int64_timestamp else seconds_text(value)
    if field.type == "FLOAT":
        return float_text(value)
    if field.type == "TIME":
        clock, point, fraction = value.partition(".")
        return f"{clock}{point}{fraction.ljust(6, '0')}" if point else value
    if field.type == "NUMERIC":
        return value.rstrip("0").rstrip(".") if "." in value else value
    return value


def float_text(value: float) -> str:
    """A FLOAT64 as JSON text: "1.5", "NaN", "Infinity"."""
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def seconds_text(micros: int) -> str:
    """A TIMESTAMP as seconds since the epoch, as the API answers without useInt64Timestamp: "1.577836800123456E9"."""
    if micros == 0:
        return "0.0"
    sign, digits = ("-" if micros < 0 else ""), str(abs(micros))
    exponent = len(digits) - 7
    if -3 <= exponent < 7:
        whole, fraction = divmod(abs(micros), 1_000_000)
        return f"{sign}{whole}.{f'{fraction:06d}'.rstrip('0') or '0'}"
    return f"{sign}{digits[0]}.{digits[1:].rstrip('0') or '0'}E{exponent}"


def page_token(offset: int) -> str:
    """The opaque token of the page that begins at a row."""
    return base64.urlsafe_b64encode(f"offset:{offset}".encode()).decode().rstrip("=")


def page_offset(token: str) -> int:
    """The row at which a token's page begins; raises GoogleError 400."""
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        prefix, _, number = text.partition(":")
        if prefix == "offset" and number.isascii() and number.isdigit():
            return int(number)
    except ValueError:
        pass
    raise GoogleError(400, "Invalid page token: give the one that the last page answered.")


def select_fields(schema: Schema, names: Iterable[str]) -> Schema:
    """The top-level fields of these names, in the schema's order; raises GoogleError 400 for one that is not there."""
    wanted = {name.strip().lower() for name in names}
    if any("." in name for name in wanted):
        raise GoogleError(501, "selectedFields of members of records is not implemented; name whole columns.")
    chosen = tuple(field for field in schema if field.name.lower() in wanted)
    if len(chosen) != len(wanted):
        raise GoogleError(400, "selectedFields names a column that the table does not have.")
    return chosen
