"""Checks a configuration against the Discovery schema and says how to cure what does not fit.

jsonschema's own messages repeat the offending value, which may be a key; only its error kinds are used here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from pipeline.config.discovery import (
    API_VERSIONS,
    ApiVersion,
    FieldPath,
    field_path,
    fields,
    json_schema,
)
from pipeline.config.errors import Findings, JsonPath, is_showable, render_path
from pipeline.config.key_bytes import decode_bytes

_KINDS = {
    "object": "an object {...}",
    "array": "a list [...]",
    "string": "text in quotes",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
}
_FORMATS = {
    "byte": "must be bytes in base64, for example the output of: openssl rand -base64 32",
    "int32": "must be a whole number between -2147483648 and 2147483647",
    "int64": 'must be a 64-bit whole number in quotes, for example "5"',
}
_formats = FormatChecker(formats=())


@_formats.checks("byte")
def _is_base64(value: object) -> bool:
    return not isinstance(value, str) or decode_bytes(value) is not None


@_formats.checks("int32")
def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


@_formats.checks("int64")
def _is_int64(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return re.fullmatch(r"-?[0-9]{1,19}", value) is not None and -(2**63) <= int(value) < 2**63


@cache
def _validator(version: ApiVersion) -> Draft202012Validator:
    return Draft202012Validator(json_schema(version), format_checker=_formats)


def check_schema(body: dict[str, Any], version: ApiVersion, findings: Findings) -> None:
    """Add one problem for each unknown field, wrong type, illegal enum value and malformed number or bytes.

    A null that `findings` already explains (a value YAML would have changed) is not reported again.
    """
    explained = {problem.json_path for problem in findings.problems}
    for error in sorted(_validator(version).iter_errors(body), key=_document_order):
        path: JsonPath = tuple(error.absolute_path)
        if error.instance is None and render_path(path) in explained:
            continue
        if error.validator == "enum" and not isinstance(error.instance, str):
            continue  # its type is reported
        if error.validator == "additionalProperties":
            legal = error.schema.get("properties", {})
            for name in error.instance:
                if name not in legal:
                    findings.refuse((*path, name), _unknown_field(name, path, legal, version))
        else:
            findings.refuse(path, _message(error, path, version))


def _document_order(error: ValidationError) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (-1, str(step)) for step in error.absolute_path]


def _message(error: ValidationError, path: JsonPath, version: ApiVersion) -> str:
    rule: Any = error.validator_value
    value: Any = error.instance
    if error.validator == "type":
        return _wrong_type(value, rule)
    if error.validator == "enum":
        return _bad_enum(value, rule, path, version)
    if error.validator == "format":
        return _FORMATS[rule]
    return f"does not fit the {version} schema ({error.validator})"


def _wrong_type(value: object, expected: str) -> str:
    wanted = f"must be {_KINDS[expected]}"
    if value is None:
        instead = "{} for an empty message" if expected == "object" else "a value"
        return f"{wanted} and is null; write {instead}, or leave the field out"
    if expected == "string" and isinstance(value, int | float):
        return f'{wanted} and is a number or a truth value; put it in quotes (a tag id: "00100010")'
    return f"{wanted}, and is {_kind_of(value)}"


def _kind_of(value: object) -> str:
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, str):
        return "text"
    if isinstance(value, dict):
        return "an object"
    return "a list" if isinstance(value, list) else "a number"


def _bad_enum(value: str, legal: list[str], path: JsonPath, version: ApiVersion) -> str:
    listed = ", ".join(legal)
    other = _other(version)
    if value in fields(other).get(field_path(path), {}).get("enum", []):
        return f"{value} exists in {other} only; {_move(other)}, or write one of {listed}"
    near = get_close_matches(value.upper(), legal, n=1, cutoff=0.6)
    return f"must be one of {listed}" + (f"; did you mean {near[0]}?" if near else "")


def _unknown_field(name: str, path: JsonPath, legal: Iterable[str], version: ApiVersion) -> str:
    here = field_path(path)
    other = _other(version)
    if (*here, name) in fields(other):
        return f"exists in {other} only; {_move(other)}, or remove the field"
    near = get_close_matches(name, sorted(legal), n=1, cutoff=0.7)
    if near:
        return f'{version} has no such field; did you mean "{near[0]}"?'
    homes = sorted({render_home(known[:-1]) for known in fields(version) if known[-1] == name})
    if homes and is_showable(name):
        return f"does not belong here; move it to {' or '.join(homes[:3])}"
    names = ", ".join(sorted(legal))
    return f"{version} has no such field here; " + (f"legal are {names}" if names else "write {}")


def render_home(path: FieldPath) -> str:
    """A field path for a message: `$.dicomTagConfig.actions[].queries`."""
    return "$" + "".join(step if step == "[]" else f".{step}" for step in path)


def _other(version: ApiVersion) -> ApiVersion:
    return API_VERSIONS[1 - API_VERSIONS.index(version)]


def _move(version: ApiVersion) -> str:
    return "use dicomTagConfig instead of dicom" if version == "v1beta1" else "use dicom instead of dicomTagConfig"
