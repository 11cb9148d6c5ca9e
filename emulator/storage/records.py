"""Buckets and objects as they are recorded, and the JSON resources the API answers for them."""

from __future__ import annotations

import base64
import datetime
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from emulator.storage.contents import Content

_MULTI_REGIONS = {"US", "EU", "ASIA"}


@dataclass(frozen=True)
class BucketRecord:
    """A bucket; times in microseconds since the epoch; `body` holds the writable fields as the API spells them."""

    name: str
    project: str
    metageneration: int
    created: int
    updated: int
    body: dict[str, Any]
    generation: int = 0

    @property
    def etag(self) -> str:
        """Entity tag."""
        return _etag(self.metageneration)

    def resource(self, base_url: str) -> dict[str, Any]:
        """The `storage#bucket` resource."""
        location = self.body["location"]
        return {
            "kind": "storage#bucket",
            "selfLink": f"{base_url}/storage/v1/b/{self.name}",
            "id": self.name,
            "name": self.name,
            "projectNumber": _project_number(self.project),
            "generation": str(self.created),
            "metageneration": str(self.metageneration),
            "locationType": "multi-region" if location in _MULTI_REGIONS else "region",
            "etag": self.etag,
            "timeCreated": _rfc3339(self.created),
            "updated": _rfc3339(self.updated),
            "softDeletePolicy": {"retentionDurationSeconds": "0"},
            **self.body,
        }


@dataclass(frozen=True)
class ObjectRecord:
    """A live object; its generation is its creation in microseconds since the epoch; `body` as in BucketRecord."""

    bucket: str
    name: str
    generation: int
    metageneration: int
    content: Content
    component_count: int | None
    updated: int
    body: dict[str, Any]

    @property
    def etag(self) -> str:
        """Entity tag."""
        return _etag(self.generation, self.metageneration)

    def resource(self, base_url: str) -> dict[str, Any]:
        """The `storage#object` resource."""
        path = f"storage/v1/b/{self.bucket}/o/{quote(self.name, safe='')}"
        created = _rfc3339(self.generation)
        resource = {
            "kind": "storage#object",
            "id": f"{self.bucket}/{self.name}/{self.generation}",
            "selfLink": f"{base_url}/{path}",
            "mediaLink": f"{base_url}/download/{path}?generation={self.generation}&alt=media",
            "name": self.name,
            "bucket": self.bucket,
            "generation": str(self.generation),
            "metageneration": str(self.metageneration),
            "size": str(self.content.size),
            "crc32c": self.content.crc32c,
            "etag": self.etag,
            "timeCreated": created,
            "updated": _rfc3339(self.updated),
            "timeStorageClassUpdated": created,
            "timeFinalized": created,
            **self.body,
        }
        if self.content.md5 is not None:
            resource["md5Hash"] = self.content.md5
        if self.component_count is not None:
            resource["componentCount"] = self.component_count
        return resource


def _etag(*fields: int) -> str:
    """Google's form: base64 of a protocol buffer whose fields 1, 2 ... are these numbers."""
    encoded = b"".join(bytes([number << 3]) + _varint(field) for number, field in enumerate(fields, 1))
    return base64.b64encode(encoded).decode()


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _rfc3339(micros: int) -> str:
    """`2026-11-21T09:54:44.123Z`."""
    moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(microseconds=micros)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _project_number(project: str) -> str:
    """A number that is always the same for a project id."""
    return project if project.isdecimal() else str(int.from_bytes(hashlib.sha256(project.encode()).digest()[:5]))
