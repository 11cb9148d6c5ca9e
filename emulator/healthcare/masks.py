"""Applying a patch: which fields an `updateMask` names, and the fields after it."""

from __future__ import annotations

from typing import Any

from emulator.errors import GoogleError
from emulator.healthcare import discovery


def patched(
    api_version: str, schema: str, stored: dict[str, Any], body: dict[str, Any], mask: str | None
) -> dict[str, Any]:
    """`stored` with the fields that `mask` names taken from `body`; a named field absent from `body` is cleared.

    Args:
        api_version: "v1" or "v1beta1".
        schema: schema of the resource, e.g. "DicomStore".
        stored: the resource now, with "name".
        body: the patch, normalised.
        mask: `updateMask`: field paths in camelCase or snake_case, comma separated, e.g.
            "labels,notificationConfig.pubsubTopic"; "*" replaces every field.

    Raises:
        GoogleError: 400 when the mask is absent, or names a field that does not exist or cannot be changed.
    """
    if not mask:
        raise GoogleError(400, "updateMask is required: name the fields to change, e.g. updateMask=labels.")
    if mask == "*":
        return {**body, "name": stored["name"]}
    schemas = discovery.document(api_version)["schemas"]
    result = _copy(stored)
    for written in mask.split(","):
        path = _field_path(schemas, schema, written.strip())
        if path == ["name"]:
            raise GoogleError(400, "updateMask: the field name cannot be changed.")
        _set(result, path, _get(body, path))
    return result


def _field_path(schemas: dict[str, Any], schema: str, written: str) -> list[str]:
    """The camelCase names of one mask path, e.g. ["notificationConfig", "pubsubTopic"]."""
    path: list[str] = []
    described: dict[str, Any] = {"$ref": schema}
    for part in written.split("."):
        if "$ref" in described:
            properties = schemas[described["$ref"]].get("properties", {})
            names = {discovery.snake_case(name): name for name in properties} | {name: name for name in properties}
            if part not in names or properties[names[part]].get("readOnly"):
                raise GoogleError(400, f'updateMask: "{written}" is not a field that can be changed.')
            path.append(names[part])
            described = properties[names[part]]
        elif "additionalProperties" in described:
            path.append(part)
            described = described["additionalProperties"]
        else:
            raise GoogleError(400, f'updateMask: "{written}" is not a field that can be changed.')
    return path


def _get(body: dict[str, Any], path: list[str]) -> Any:
    value: Any = body
    for name in path:
        if not isinstance(value, dict) or name not in value:
            return None
        value = value[name]
    return value


def _set(resource: dict[str, Any], path: list[str], value: Any) -> None:
    target = resource
    for name in path[:-1]:
        target = target.setdefault(name, {})
    if value is None:
        target.pop(path[-1], None)
    else:
        target[path[-1]] = value


def _copy(value: Any) -> Any:
    return {key: _copy(item) for key, item in value.items()} if isinstance(value, dict) else value
