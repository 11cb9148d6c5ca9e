"""What a caller may set on an object: the writable fields of the Object resource, checked and merged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.errors import GoogleError

_TEXT = ("cacheControl", "contentDisposition", "contentEncoding", "contentLanguage", "contentType")
_WRITABLE = {*_TEXT, "metadata", "storageClass"}
_READ_ONLY = {  # sent back by clients that update what they have read; ignored
    "kind", "id", "selfLink", "mediaLink", "name", "bucket", "generation", "metageneration", "etag", "size", "md5Hash",
    "crc32c", "timeCreated", "updated", "timeFinalized", "timeStorageClassUpdated", "componentCount", "owner",
}  # fmt: skip
_NOT_IMPLEMENTED = {
    "acl", "contexts", "customTime", "customerEncryption", "eventBasedHold", "hardDeleteTime", "kmsKeyName",
    "restoreToken", "retention", "retentionExpirationTime", "softDeleteTime", "temporaryHold", "timeDeleted",
}  # fmt: skip
STORAGE_CLASSES = (
    "STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE", "MULTI_REGIONAL", "REGIONAL", "DURABLE_REDUCED_AVAILABILITY",
)  # fmt: skip
MAX_METADATA_BYTES = 8 * 1024  # https://cloud.google.com/storage/quotas#objects


def new_fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """The writable fields of a new object's body, `storageClass` filled in.

    Raises:
        GoogleError: 400 for an unknown field or a wrong value, 501 for a field that is not implemented.
    """
    fields = {name: value for name, value in _checked(body).items() if value is not None}
    if "metadata" in fields:
        fields["metadata"] = _merged_metadata({}, fields["metadata"])
    return {"storageClass": "STANDARD", **fields}


def replaced_fields(current: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields after objects.update, whose body replaces them all."""
    fields = new_fields({"storageClass": current["storageClass"], **body})
    return _same_class(current, fields)


def patched_fields(current: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields after objects.patch: null removes a field or a metadata key, the rest is merged (RFC 7396)."""
    fields = dict(current)
    for name, value in _checked(body).items():
        if value is None:
            fields.pop(name, None)
        elif name == "metadata":
            fields[name] = _merged_metadata(fields.get(name, {}), value)
        else:
            fields[name] = value
    return _same_class(current, fields)


def copied_fields(current: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a copy: the source's when the body sets none, else the body's alone.

    A body that sets only `storageClass` changes that and keeps the rest.
    """
    given = {name: value for name, value in _checked(body).items() if value is not None}
    if set(given) <= {"storageClass"}:
        return {**current, **given}
    return new_fields({"storageClass": current["storageClass"], **body})


def _same_class(current: Mapping[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    if fields.get("storageClass") != current["storageClass"]:
        raise GoogleError(400, "storageClass is changed by objects.rewrite only.")
    return fields


def _checked(body: Mapping[str, Any]) -> dict[str, Any]:
    """The writable fields of `body`, each of its right type or None."""
    for name, value in body.items():
        if name in _NOT_IMPLEMENTED and value:
            raise GoogleError(501, f"The object field {name} is not implemented by the embedded Cloud Storage.")
        if name not in _WRITABLE | _READ_ONLY | _NOT_IMPLEMENTED:
            raise GoogleError(400, "The body has a field that the Object resource does not have.")
    fields = {name: body[name] for name in body if name in _WRITABLE}
    for name in _TEXT:
        if fields.get(name) is not None and not _is_header_value(fields[name]):
            raise GoogleError(400, f"{name} must be text without control characters.")
    if fields.get("storageClass") not in {None, *STORAGE_CLASSES}:
        raise GoogleError(400, f"storageClass must be one of {', '.join(STORAGE_CLASSES)}.")
    return fields


def _is_header_value(value: object) -> bool:
    return isinstance(value, str) and value == value.strip() and value.isprintable()


def _merged_metadata(current: Mapping[str, str], change: object) -> dict[str, str]:
    if not isinstance(change, dict) or any(not isinstance(value, str | None) for value in change.values()):
        raise GoogleError(400, "metadata must be an object whose values are text.")
    merged = {key: value for key, value in {**current, **change}.items() if value is not None}
    try:
        size = sum(len(key.encode()) + len(value.encode()) for key, value in merged.items())
    except UnicodeEncodeError:
        raise GoogleError(400, "metadata must be valid UTF-8.") from None
    if size > MAX_METADATA_BYTES:
        raise GoogleError(400, f"metadata has at most {MAX_METADATA_BYTES} bytes of keys and values.")
    return merged
