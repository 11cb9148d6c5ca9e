"""Google's Discovery documents as JSON Schema.

The documents ship inside google-api-python-client, so the schema of a `DeidentifyConfig` needs no network. They
describe fields, types and enums; what they say only in prose is in the rule modules beside this one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

from pipeline.config.errors import JsonPath

ApiVersion = Literal["v1", "v1beta1"]
API_VERSIONS: tuple[ApiVersion, ...] = ("v1", "v1beta1")
ROOT_MESSAGE = "DeidentifyConfig"

_KEPT_KEYWORDS = ("type", "enum", "format")

FieldPath = tuple[str, ...]
"""Where a field may stand, array indexes written `[]`: `("dicomTagConfig", "actions", "[]", "queries")`."""


@cache
def _schemas(version: ApiVersion) -> dict[str, Any]:
    folder = resources.files("googleapiclient") / "discovery_cache" / "documents"
    text = (folder / f"healthcare.{version}.json").read_text(encoding="utf-8")
    schemas: dict[str, Any] = json.loads(text)["schemas"]
    return schemas


@cache
def json_schema(version: ApiVersion) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a `DeidentifyConfig` in that API version; unknown fields are not allowed."""
    schemas = _schemas(version)
    definitions: dict[str, Any] = {}
    pending = [ROOT_MESSAGE]
    while pending:
        name = pending.pop()
        if name in definitions:
            continue
        definitions[name] = _compile(schemas[name], pending)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": f"#/$defs/{ROOT_MESSAGE}",
        "$defs": definitions,
    }


def _compile(node: Mapping[str, Any], referenced: list[str]) -> dict[str, Any]:
    """One Discovery schema as JSON Schema; names it refers to are appended to `referenced`."""
    if "$ref" in node:
        referenced.append(node["$ref"])
        return {"$ref": f"#/$defs/{node['$ref']}"}
    compiled = {keyword: node[keyword] for keyword in _KEPT_KEYWORDS if keyword in node}
    if compiled.get("type") == "any":
        del compiled["type"]
    if "items" in node:
        compiled["items"] = _compile(node["items"], referenced)
    if "properties" in node:
        compiled["properties"] = {name: _compile(value, referenced) for name, value in node["properties"].items()}
    if node.get("type") == "object":
        extra = node.get("additionalProperties")
        compiled["additionalProperties"] = _compile(extra, referenced) if extra else False
    return compiled


@cache
def fields(version: ApiVersion) -> dict[FieldPath, dict[str, Any]]:
    """Every field a `DeidentifyConfig` may hold, by its path, with its compiled schema."""
    schema = json_schema(version)
    return dict(_fields(schema["$defs"], schema["$defs"][ROOT_MESSAGE], ()))


def _fields(
    definitions: Mapping[str, Any], node: Mapping[str, Any], path: FieldPath
) -> Iterator[tuple[FieldPath, dict[str, Any]]]:
    if len(path) > 30:  # messages of this API do not contain themselves; a future one that did would not end
        return
    for name, declared in node.get("properties", {}).items():
        here = (*path, name)
        yield here, declared
        while declared.get("type") == "array":
            here, declared = (*here, "[]"), declared["items"]  # noqa: PLW2901
        if "$ref" in declared:
            declared = definitions[declared["$ref"].removeprefix("#/$defs/")]  # noqa: PLW2901
        yield from _fields(definitions, declared, here)


def field_path(path: JsonPath) -> FieldPath:
    """The field a value belongs to: indexes become `[]`."""
    return tuple("[]" if isinstance(step, int) else step for step in path)


@cache
def snake_case_aliases() -> dict[str, str]:
    """`profile_type` -> `profileType` for every field of either version, as proto3 JSON accepts them.

    https://protobuf.dev/programming-guides/json/: parsers accept the lowerCamelCase name and the original one.
    """
    names = {path[-1] for version in API_VERSIONS for path in fields(version)}
    return {snake: name for name in names if (snake := _snake_case(name)) != name}


def _snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
