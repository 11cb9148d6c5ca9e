"""Google's Discovery documents as the authority on methods and on request bodies.

The documents ship inside google-api-python-client (`googleapiclient/discovery_cache/documents`), so nothing is
fetched. A request body is held against the schema of its method as Google's JSON parser does it (proto3 JSON):
an unknown field is 400, a field may be written in camelCase or in snake_case, null means absent.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import functools
import importlib.resources
import json
import re
from collections.abc import Iterator
from typing import Any

from emulator.errors import GoogleError
from emulator.healthcare.single_quotes import in_double_quotes

API_VERSIONS = ("v1", "v1beta1")

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_INTEGER = re.compile(r"-?\d{1,20}")


@functools.cache
def document(api_version: str) -> dict[str, Any]:
    """The Discovery document of "v1" or "v1beta1"."""
    documents = importlib.resources.files("googleapiclient.discovery_cache") / "documents"
    text = (documents / f"healthcare.{api_version}.json").read_text(encoding="utf-8")
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def snake_case(name: str) -> str:
    """The proto field name of a JSON name: "gcsConfigUri" is "gcs_config_uri"."""
    return _CAPITAL.sub("_", name).lower()


def methods(api_version: str) -> Iterator[dict[str, Any]]:
    """Every method of a version, as the Discovery document describes it."""
    pending = [document(api_version)]
    while pending:
        resource = pending.pop()
        yield from resource.get("methods", {}).values()
        pending.extend(resource.get("resources", {}).values())


def parse_json(raw: bytes) -> Any:
    """The value of a request body, whose strings may be in single quotes; an empty body is an empty object.

    Raises:
        GoogleError: 400 when it is not JSON, or an object names a field twice.
    """
    if not raw.strip():
        return {}
    try:
        parsed = _loads(raw)
        json.dumps(parsed, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise GoogleError(400, "Invalid JSON payload received. The body is not valid JSON.") from error
    return parsed


def _loads(raw: bytes) -> Any:
    """`raw` as JSON; when it is none, what it is with its strings in double quotes."""
    try:
        return json.loads(raw, object_pairs_hook=_refuse_repeated, parse_constant=_refuse_constant)
    except ValueError:
        text = in_double_quotes(raw.decode())
        return json.loads(text, object_pairs_hook=_refuse_repeated, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> Any:
    """NaN and Infinity, which Python's parser takes, are not JSON."""
    raise ValueError(name)


def _refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise GoogleError(400, "Invalid JSON payload received. An object names the same field twice.")
    return mapping


@dataclasses.dataclass(frozen=True)
class _Violation:
    """One mistake: the proto path of the place it is at ("" at the top), and the sentence Google answers."""

    path: str
    sentence: str


def normalise(api_version: str, schema: str, body: Any, at: str = "") -> dict[str, Any]:
    """`body` in camelCase and without nulls and output-only fields, as the schema describes it.

    Args:
        api_version: "v1" or "v1beta1".
        schema: a schema's name in the Discovery document, e.g. "DeidentifyDicomStoreRequest".
        body: the parsed JSON.
        at: proto path that error messages start from, e.g. "dataset".

    Raises:
        GoogleError: 400 with a sentence for each mistake and google.rpc.BadRequest details.
    """
    checker = _Checker(document(api_version)["schemas"])
    result = checker.message(schema, body, at)
    if checker.violations:
        raise GoogleError(
            400,
            "\n".join(violation.sentence for violation in checker.violations),
            details=[
                {
                    "@type": "type.googleapis.com/google.rpc.BadRequest",
                    "fieldViolations": [
                        {"field": violation.path, "description": violation.sentence} for violation in checker.violations
                    ],
                }
            ],
        )
    return result


class _Checker:
    """Walks a body along its schema and gathers every mistake."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self._schemas = schemas
        self.violations: list[_Violation] = []

    def message(self, schema: str, body: Any, at: str) -> dict[str, Any]:
        """`body` as the message `schema`."""
        if not isinstance(body, dict):
            self._invalid(at, f"must be a JSON object ({schema})")
            return {}
        properties: dict[str, Any] = self._schemas[schema].get("properties", {})
        names = {snake_case(name): name for name in properties} | {name: name for name in properties}
        result: dict[str, Any] = {}
        for written, value in body.items():
            name = names.get(written)
            if name is None:
                self._unknown(at, written)
            elif value is None or properties[name].get("readOnly"):
                continue
            elif name in result:
                self._invalid(_join(at, snake_case(name)), "is given twice")
            else:
                result[name] = self._value(properties[name], value, _join(at, snake_case(name)))
        return result

    def _value(self, described: dict[str, Any], value: Any, at: str) -> Any:
        if "$ref" in described:
            return self.message(described["$ref"], value, at)
        kind = described.get("type")
        if kind == "array":
            if not isinstance(value, list):
                return self._invalid(at, "must be a JSON array")
            return [self._value(described["items"], item, f"{at}[{index}]") for index, item in enumerate(value)]
        if kind == "object":
            if not isinstance(value, dict):
                return self._invalid(at, "must be a JSON object")
            described_item = described.get("additionalProperties", {"type": "any"})
            return {key: self._value(described_item, item, f"{at}[]") for key, item in value.items()}
        return self._scalar(described, value, at)

    def _scalar(self, described: dict[str, Any], value: Any, at: str) -> Any:
        kind, form = described.get("type"), described.get("format")
        if kind == "boolean":
            return value if isinstance(value, bool) else self._invalid(at, "must be true or false")
        if kind == "integer" or form in ("int64", "uint64"):
            return self._integer(value, at, as_string=kind == "string")
        if kind == "number":
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            return value if is_number else self._invalid(at, "must be a number")
        if kind == "string":
            return self._string(described, value, at)
        return value

    def _integer(self, value: Any, at: str, *, as_string: bool) -> Any:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole and not (isinstance(value, str) and _INTEGER.fullmatch(value)):
            return self._invalid(at, "must be a whole number")
        return str(value) if as_string else int(value)

    def _string(self, described: dict[str, Any], value: Any, at: str) -> Any:
        if not isinstance(value, str):
            return self._invalid(at, "must be a string")
        if "enum" in described and value not in described["enum"]:
            return self._invalid(at, f"must be one of {', '.join(described['enum'])}")
        if described.get("format") == "byte":
            try:
                base64.b64decode(value.replace("-", "+").replace("_", "/"), validate=True)
            except (binascii.Error, ValueError):
                return self._invalid(at, "must be base64")
        return value

    def _unknown(self, at: str, name: str) -> None:
        where = f" at '{at}'" if at else ""
        sentence = f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.'
        self.violations.append(_Violation(at, sentence))

    def _invalid(self, at: str, wanted: str) -> None:
        """Google's answer repeats the value here; ours says what would be right, as a value may be a secret."""
        where = f"at '{at}'" if at else "in the request body"
        self.violations.append(_Violation(at, f"Invalid value {where}: it {wanted}."))


def _join(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
