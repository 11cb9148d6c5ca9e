"""Query parameters: the API's typed values -> SQL that DuckDB's prepared statement binds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.bigquery.binding import Parameter, invalid_query
from emulator.bigquery.schema import Field, parse_schema
from emulator.bigquery.values import RowError, canonical_value
from emulator.bigquery.wire import from_text, structure_json
from emulator.errors import GoogleError


def read_parameters(mode: str | None, given: Sequence[Mapping[str, Any]]) -> dict[str | int, Parameter]:
    """QueryParameters by name in lower case, or by position from 0.

    Raises:
        GoogleError: 400 for a parameter that does not fit its type, 501 for types that are not implemented.
    """
    if mode not in {None, "", "NAMED", "POSITIONAL"}:
        raise GoogleError(400, "parameterMode must be NAMED or POSITIONAL.")
    parameters: dict[str | int, Parameter] = {}
    for number, parameter in enumerate(given):
        name = parameter.get("name") or ""
        if name and mode == "POSITIONAL":
            raise invalid_query("Positional parameters have no name.")
        field = _field(parameter.get("parameterType"), name or f"p{number}")
        value = _plain(field, parameter.get("parameterValue") or {})
        try:
            canonical = canonical_value(field, value)
        except RowError as error:
            raise invalid_query(f"Invalid value of query parameter {name or number + 1}: {error.message}") from None
        placeholder = f"p{number}"
        nested = field.mode == "REPEATED" or field.type == "RECORD"
        bound = json.dumps(canonical) if nested and canonical is not None else canonical
        parameters[name.lower() or number] = Parameter(placeholder, _sql(field, placeholder), bound)
    return parameters


def _sql(field: Field, placeholder: str) -> str:
    if field.mode == "REPEATED" or field.type == "RECORD":
        structure = structure_json(field).replace("'", "''")
        return from_text(field, f"from_json_strict(CAST(${placeholder} AS JSON), '{structure}')")
    if field.type in {"BYTES", "JSON"}:
        return from_text(field, f"CAST(${placeholder} AS VARCHAR)")
    return f"CAST(${placeholder} AS {field.duckdb_type})"


def _field(kind: Any, name: str) -> Field:
    """A QueryParameterType as a field."""
    return parse_schema({"fields": [_field_body(kind, name)]})[0]


def _field_body(kind: Any, name: str) -> dict[str, Any]:
    if not isinstance(kind, Mapping) or not kind.get("type"):
        raise GoogleError(400, "Required parameter is missing: parameterType.type", reason="required")
    if kind["type"] == "ARRAY":
        element = _field_body(kind.get("arrayType"), name)
        if element.get("mode") == "REPEATED":
            raise GoogleError(400, "An array of arrays is not a type.")
        return {**element, "mode": "REPEATED"}
    if kind["type"] == "STRUCT":
        members = [_field_body(item.get("type"), item.get("name") or "") for item in kind.get("structTypes") or []]
        return {"name": name, "type": "RECORD", "fields": members}
    return {"name": name, "type": kind["type"]}


def _plain(field: Field, value: Mapping[str, Any]) -> Any:
    """A QueryParameterValue as the JSON that a row would hold."""
    if field.mode == "REPEATED":
        single = Field(field.name, field.type, fields=field.fields)
        return [_plain(single, item) for item in value.get("arrayValues") or []]
    if field.type == "RECORD":
        members = value.get("structValues")
        if members is None:
            return None
        return {member.name: _plain(member, members.get(member.name) or {}) for member in field.fields}
    return value.get("value")
