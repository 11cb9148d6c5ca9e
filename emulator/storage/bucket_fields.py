"""What a caller may set on a bucket: the writable fields of the Bucket resource, checked and merged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.errors import GoogleError
from emulator.storage.object_fields import STORAGE_CLASSES

_KEPT = {"iamConfiguration", "labels"}  # kept and answered; they change nothing here
_FIXED = {"location", "storageClass"}
_READ_ONLY = {
    "kind", "id", "selfLink", "name", "projectNumber", "generation", "metageneration", "etag", "timeCreated",
    "updated", "locationType", "owner", "satisfiesPZI", "satisfiesPZS",
}  # fmt: skip
_NOT_IMPLEMENTED = {
    "acl", "autoclass", "billing", "cors", "customPlacementConfig", "defaultEventBasedHold", "defaultObjectAcl",
    "encryption", "hardDeleteTime", "hierarchicalNamespace", "ipFilter", "lifecycle", "logging", "objectRetention",
    "retentionPolicy", "rpo", "softDeletePolicy", "softDeleteTime", "versioning", "website",
}  # fmt: skip


def new_fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a new bucket, location and storage class filled in.

    Raises:
        GoogleError: 400 for an unknown field or a wrong value, 501 for a field that is not implemented.
    """
    _check(body)
    location = body.get("location") or "US"
    if not isinstance(location, str):
        raise GoogleError(400, "location must be text.")
    storage_class = body.get("storageClass") or "STANDARD"
    return patched_fields({"location": location.upper(), "storageClass": storage_class}, {**body, "location": None})


def patched_fields(current: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields after buckets.patch; null removes a label or a field.

    Raises:
        GoogleError: as `new_fields`; 400 also for another location.
    """
    _check(body)
    fields = dict(current)
    if (body.get("location") or current["location"]).upper() != current["location"]:
        raise GoogleError(400, "The location of a bucket cannot be changed.")
    fields["storageClass"] = body.get("storageClass") or current["storageClass"]
    if fields["storageClass"] not in STORAGE_CLASSES:
        raise GoogleError(400, f"storageClass must be one of {', '.join(STORAGE_CLASSES)}.")
    for name in _KEPT & body.keys():
        value = body[name]
        merged = {**fields.get(name, {}), **value} if isinstance(value, dict) else None
        fields[name] = {key: item for key, item in (merged or {}).items() if item is not None}
        if not fields[name]:
            del fields[name]
    return fields


def replaced_fields(current: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields after buckets.update, whose body replaces them all."""
    return patched_fields({name: current[name] for name in _FIXED}, body)


def _check(body: Mapping[str, Any]) -> None:
    for name, value in body.items():
        if name in _NOT_IMPLEMENTED and not _changes_nothing(value):
            raise GoogleError(501, f"The bucket field {name} is not implemented by the embedded Cloud Storage.")
        if name not in _KEPT | _FIXED | _READ_ONLY | _NOT_IMPLEMENTED:
            raise GoogleError(400, "The body has a field that the Bucket resource does not have.")
        if name in _KEPT and not isinstance(value, dict | None):
            raise GoogleError(400, f"{name} must be an object.")
        if name in _FIXED and not isinstance(value, str | None):
            raise GoogleError(400, f"{name} must be text.")
    labels = body.get("labels") or {}
    if any(not isinstance(value, str | None) for value in labels.values()):
        raise GoogleError(400, "labels must be an object whose values are text.")


def _changes_nothing(value: object) -> bool:
    """Whether the value leaves its feature off: `{"enabled": false}`, `{"retentionDurationSeconds": "0"}`, empty."""
    if isinstance(value, dict):
        return all(_changes_nothing(item) for item in value.values())
    return not value or value == "0"
