"""JSON values of rows -> the values BigQuery would store, or the reason why it would refuse them.

A message names the field and what is wrong, never the value: rows hold what a log must not.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import decimal
import json
import math
import re
import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any

from emulator.bigquery.schema import Field, Schema

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_NUMERIC_MAX = decimal.Decimal("99999999999999999999999999999.999999999")
_NUMERIC = decimal.Context(prec=60)
_INTEGER = re.compile(r"[+-]?\d{1,19}")
_DATE = r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2})(?:\.(?P<fraction>\d{1,6}))?"
_DATE_FORM = re.compile(_DATE, re.ASCII)
_TIME_FORM = re.compile(_TIME, re.ASCII)
_DATETIME_FORM = re.compile(rf"{_DATE}(?:[ Tt]{_TIME})?", re.ASCII)
_ZONE = r"\s*(?P<zone>[Zz]|UTC|[+-]\d{1,2}(?::?\d{2})?|[A-Za-z]+(?:/[A-Za-z_+\-0-9]+)+)?"
_TIMESTAMP_FORM = re.compile(rf"{_DATE}(?:[ Tt]{_TIME})?{_ZONE}", re.ASCII)


class RowError(Exception):
    """One mistake in one row.

    Attributes:
        location: the field, for example `address.city`.
        message: what is wrong, without the value.
    """

    def __init__(self, location: str, message: str) -> None:
        super().__init__(message)
        self.location = location
        self.message = message


class _Bad(Exception):
    """A value that its type does not take; the text says what is wrong."""


def canonical_row(schema: Schema, row: Any, *, ignore_unknown: bool, json_text: bool) -> dict[str, Any]:
    """The row as JSON for `insert_rows`: every field present, under its own name, in DuckDB's spelling.

    Args:
        schema: the table's fields.
        row: the JSON object given.
        ignore_unknown: leave out fields that the schema does not have instead of refusing them.
        json_text: whether a string for a JSON column holds JSON text (insertAll) or is itself the value (load).

    Raises:
        RowError: the first mistake.
    """
    return _record(schema, row, "", ignore_unknown, json_text)


def canonical_value(field: Field, value: Any) -> Any:
    """One value, of a query parameter; raises RowError."""
    return _value(field, value, "", ignore_unknown=False, json_text=True)


def _record(schema: Schema, row: Any, path: str, ignore_unknown: bool, json_text: bool) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise RowError(path[:-1], "This field is a record: a JSON object is needed." if path else "A row is an object.")
    given: dict[str, Any] = {}
    names = {field.name.lower() for field in schema}
    for name, value in row.items():
        if name.lower() in names:
            if name.lower() in given:
                raise RowError(path + name, f"Field {path}{name} is given twice, in different case.")
            given[name.lower()] = value
        elif not ignore_unknown:
            raise RowError(path + name, f"no such field: {path}{name}.")
    return {
        field.name: _value(
            field, given.get(field.name.lower()), path, ignore_unknown, json_text, field.name.lower() in given
        )
        for field in schema
    }


def _value(field: Field, value: Any, path: str, ignore_unknown: bool, json_text: bool, given: bool = True) -> Any:
    where = path + field.name
    if field.mode == "REPEATED":
        if value is None and not given:
            return []
        if value is None:
            raise RowError(where, f"Only optional fields can be set to NULL. Field: {where}; Value: NULL")
        if not isinstance(value, list):
            raise RowError(where, f"Field {where} is repeated: an array is needed.")
        if any(item is None for item in value):
            raise RowError(where, f"Field {where} is repeated: its array must not hold null.")
        return [_single(field, item, where, ignore_unknown, json_text) for item in value]
    if value is None:
        if field.mode == "REQUIRED":
            raise RowError(where, f"Missing required field: {where}.")
        return None
    return _single(field, value, where, ignore_unknown, json_text)


def _single(field: Field, value: Any, where: str, ignore_unknown: bool, json_text: bool) -> Any:
    if field.type == "RECORD":
        return _record(field.fields, value, f"{where}.", ignore_unknown, json_text)
    if field.type == "JSON":
        return _json(value, where, json_text)
    if isinstance(value, list):
        raise RowError(where, f"Array specified for non-repeated field: {where}.")
    if isinstance(value, Mapping):
        raise RowError(where, f"This field: {where} is not a record.")
    try:
        return _PARSERS[field.type](value)
    except _Bad as error:
        raise RowError(where, f"{error} Field: {where}") from None


def _string(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else json.dumps(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _Bad("The string is not valid Unicode.") from None
    return text


def _bytes(value: Any) -> str:
    """Base64 -> hexadecimal, which DuckDB's `unhex` reads."""
    try:
        padded = str(value).replace("-", "+").replace("_", "/")
        return base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True).hex()
    except (binascii.Error, ValueError):
        raise _Bad("Could not decode base64 string to bytes.") from None


def _integer(value: Any) -> int:
    bad = _Bad("Cannot convert value to integer (bad value).")
    if isinstance(value, bool):
        raise bad
    if isinstance(value, float):
        if not value.is_integer():
            raise bad
        number = int(value)
    elif isinstance(value, int):
        number = value
    else:
        if not _INTEGER.fullmatch(value.strip()):
            raise bad
        number = int(value)
    if not INT64_MIN <= number <= INT64_MAX:
        raise _Bad("Cannot convert value to integer (out of range).")
    return number


def _float(value: Any) -> float | str:
    """A number; the three that JSON lacks as text, which DuckDB casts."""
    bad = _Bad("Cannot convert value to floating point (bad value).")
    if isinstance(value, bool):
        raise bad
    if isinstance(value, str) and ("_" in value or not value.isascii()):
        raise bad
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise bad from None
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else ("Infinity" if number > 0 else "-Infinity")


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise _Bad("Cannot convert value to boolean (bad value).")


def _numeric(value: Any) -> str:
    bad = _Bad("Invalid NUMERIC value.")
    if isinstance(value, bool):
        raise bad
    try:
        number = decimal.Decimal(repr(value) if isinstance(value, float) else str(value).strip())
    except decimal.InvalidOperation:
        raise bad from None
    if not number.is_finite() or number.copy_abs() > _NUMERIC_MAX:
        raise bad
    # Half away from zero: https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#decimal_types
    rounded = number.quantize(decimal.Decimal("1e-9"), decimal.ROUND_HALF_UP, _NUMERIC)
    if rounded.copy_abs() > _NUMERIC_MAX:
        raise bad
    return format(rounded, "f")


def _json(value: Any, where: str, json_text: bool) -> str:
    try:
        parsed = json.loads(value) if json_text and isinstance(value, str) else value
        text = json.dumps(parsed, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
        text.encode()
    except (ValueError, RecursionError):
        raise RowError(where, f"Invalid JSON. Field: {where}") from None
    return text


def _date(value: Any) -> str:
    match = _DATE_FORM.fullmatch(value) if isinstance(value, str) else None
    return _moment(match, "Invalid date: YYYY-MM-DD is needed.").date().isoformat()


def _time(value: Any) -> str:
    match = _TIME_FORM.fullmatch(value) if isinstance(value, str) else None
    return _moment(match, "Invalid time: HH:MM:SS[.ffffff] is needed.").time().isoformat()


def _datetime(value: Any) -> str:
    match = _DATETIME_FORM.fullmatch(value) if isinstance(value, str) else None
    return _moment(match, "Invalid datetime: YYYY-MM-DD[ HH:MM:SS[.ffffff]] is needed.").isoformat(" ")


def _timestamp(value: Any) -> str:
    """A timestamp literal, or seconds since the epoch as a number or numeric text."""
    bad = "Could not parse the value as a timestamp. Required format is YYYY-MM-DD[ HH:MM:SS[.ffffff]][ zone]."
    if isinstance(value, bool):
        raise _Bad(bad)
    try:
        if isinstance(value, (int, float)) or re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", value, re.ASCII):
            micros = decimal.Decimal(repr(value) if isinstance(value, float) else str(value)) * 1_000_000
            moment = _EPOCH + datetime.timedelta(microseconds=int(micros))
        else:
            match = _TIMESTAMP_FORM.fullmatch(value.strip())
            local = _moment(match, bad)
            zone = _zone(match["zone"]) if match else datetime.UTC
            moment = local.replace(tzinfo=zone).astimezone(datetime.UTC)
    except (ValueError, OverflowError, decimal.InvalidOperation, zoneinfo.ZoneInfoNotFoundError):
        raise _Bad(bad) from None
    return moment.replace(tzinfo=None).isoformat(" ") + "+00"


def _zone(text: str | None) -> datetime.tzinfo:
    if text is None or text in {"Z", "z", "UTC"}:
        return datetime.UTC
    if text[0] not in "+-":
        return zoneinfo.ZoneInfo(text)
    hours, minutes = text[1:3].rstrip(":"), text[3:].lstrip(":")
    if ":" in text:
        hours, minutes = text[1:].split(":")
    offset = datetime.timedelta(hours=int(hours), minutes=int(minutes or 0))
    return datetime.timezone(-offset if text[0] == "-" else offset)


def _moment(match: re.Match[str] | None, complaint: str) -> datetime.datetime:
    if match is None:
        raise _Bad(complaint)
    parts = {"year": "1970", "month": "1", "day": "1", **{k: v for k, v in match.groupdict().items() if v}}
    try:
        return datetime.datetime(  # noqa: DTZ001 - the caller knows the zone
            int(parts["year"]),
            int(parts["month"]),
            int(parts["day"]),
            int(parts.get("hour", 0)),
            int(parts.get("minute", 0)),
            int(parts.get("second", 0)),
            int(parts.get("fraction", "0").ljust(6, "0")),
        )
    except ValueError:
        raise _Bad(complaint) from None


_PARSERS: dict[str, Callable[[Any], Any]] = {
    "STRING": _string,
    "BYTES": _bytes,
    "INTEGER": _integer,
    "FLOAT": _float,
    "BOOLEAN": _boolean,
    "NUMERIC": _numeric,
    "DATE": _date,
    "TIME": _time,
    "DATETIME": _datetime,
    "TIMESTAMP": _timestamp,
}
