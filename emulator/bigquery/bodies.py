"""Request bodies held against the Discovery document that ships inside google-api-python-client.

What the document does not know is 400, as Google's JSON parser answers; what it knows and this service does not
implement is 501 with its name, so that nothing asked for is silently left out.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from emulator.errors import GoogleError

_INT64 = re.compile(r"-?\d{1,19}", re.ASCII)
# Set by the service; clients send back what they were given.
_OUTPUT_ONLY = {"kind", "etag", "id", "selfLink", "creationTime", "lastModifiedTime", "type", "numRows", "numBytes"}
# `projection` is in no description of jobs.get, and the official client sends it there.
_EVERYWHERE = {"uploadType", "upload_id", "trace", "projection"}
_OUTPUT_SCHEMAS = {"Dataset", "Table", "Job"}


@functools.cache
def document() -> dict[str, Any]:
    """The Discovery document of BigQuery v2."""
    documents = importlib.resources.files("googleapiclient.discovery_cache") / "documents"
    parsed: dict[str, Any] = json.loads((documents / "bigquery.v2.json").read_text(encoding="utf-8"))
    return parsed


def check_query(method: str, given: Collection[str]) -> None:
    """Refuse query parameters that a method does not have.

    Args:
        method: resource and name in the Discovery document, e.g. "tables.list".
        given: the parameters' names.

    Raises:
        GoogleError: 400 naming the parameter.
    """
    resource, _, name = method.partition(".")
    known = document()["resources"][resource]["methods"][name]["parameters"].keys() | document()["parameters"].keys()
    for parameter in given:
        if parameter not in known and not parameter.startswith("$") and parameter not in _EVERYWHERE:
            raise GoogleError(
                400,
                f'Invalid JSON payload received. Unknown name "{parameter[:100]}": Cannot bind query parameter. '
                "Field could not be found in request message.",
            )


def checked(schema: str, body: Any, *, keep_null: bool = False, at: str = "") -> dict[str, Any]:
    """`body` without output-only fields and, unless `keep_null`, without nulls.

    Args:
        schema: a schema of the Discovery document, e.g. "Table".
        body: parsed JSON.
        keep_null: keep null on the first level, where a patch clears a property by it.
        at: the place in the body that messages name, e.g. "configuration.load".

    Raises:
        GoogleError: 400 for an unknown field or a value of the wrong kind.
    """
    if not isinstance(body, dict):
        raise GoogleError(400, f"{at or 'The request body'} must be a JSON object ({schema}).")
    properties = document()["schemas"][schema].get("properties", {})
    result: dict[str, Any] = {}
    for name, value in body.items():
        where = f"{at}.{name}" if at else name
        if name not in properties:
            place = f" at '{at}'" if at else ""
            raise GoogleError(
                400, f'Invalid JSON payload received. Unknown name "{name[:100]}"{place}: Cannot find field.'
            )
        if properties[name].get("readOnly") or (schema in _OUTPUT_SCHEMAS and name in _OUTPUT_ONLY):
            continue
        if value is not None:
            result[name] = _value(properties[name], value, where)
        elif keep_null:
            result[name] = None
    return result


def implemented(body: Mapping[str, Any], names: Collection[str], at: str) -> None:
    """Refuse what is asked for and not implemented: a field outside `names` with a value that means something.

    False, zero, "" and empty lists and objects ask for nothing.

    Raises:
        GoogleError: 501 naming the field.
    """
    for name, value in body.items():
        if name not in names and value not in (False, 0, "", "0", [], {}, None):
            raise GoogleError(501, f"{at}.{name} is not implemented by the embedded BigQuery.")


def labels(body: Mapping[str, Any]) -> None:
    """Check `labels`; raises GoogleError 400."""
    for key, value in (body.get("labels") or {}).items():
        if not isinstance(value, str) or not 1 <= len(key) <= 63 or len(value) > 63:
            raise GoogleError(400, "Labels are strings of at most 63 characters, their keys not empty.")


def _value(description: Mapping[str, Any], value: Any, at: str) -> Any:
    if "$ref" in description:
        if description["$ref"] in {"TableSchema", "JsonObject", "JsonValue"}:
            return value  # a schema is checked by `parse_schema`; a row by its table
        return checked(description["$ref"], value, at=at)
    kind = description.get("type")
    if kind == "array":
        if not isinstance(value, list):
            raise GoogleError(400, f"{at} must be an array.")
        return [_value(description["items"], item, f"{at}[{n}]") for n, item in enumerate(value)]
    if kind == "object":
        if not isinstance(value, dict):
            raise GoogleError(400, f"{at} must be a JSON object.")
        inner = description.get("additionalProperties")
        return {name: _value(inner, item, f"{at}.{name}") if inner else item for name, item in value.items()}
    return _scalar(description, value, at)


def _scalar(description: Mapping[str, Any], value: Any, at: str) -> Any:
    kind, form = description.get("type"), description.get("format")
    if kind == "boolean":
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return value == "true"
        raise GoogleError(400, f"{at} must be true or false.")
    if kind == "string" and form in {"int64", "uint64"}:
        if isinstance(value, bool) or not _INT64.fullmatch(str(value)):
            raise GoogleError(400, f"{at} must be a whole number.")
        return str(value)
    if kind == "integer":
        if isinstance(value, bool) or not _INT64.fullmatch(str(value)):
            raise GoogleError(400, f"{at} must be a whole number.")
        return int(value)
    if kind == "string" and isinstance(value, (int, float)):
        return json.dumps(value)  # Google's parser takes numbers as text; the client sends FLOAT64 parameters so
    if kind == "string" and not isinstance(value, str):
        raise GoogleError(400, f"{at} must be a string.")
    return value
