"""objects.copy, rewrite and compose."""

from __future__ import annotations

import contextlib
import functools
from typing import Any

from emulator.errors import GoogleError
from emulator.storage import object_fields
from emulator.storage.calls import Call
from emulator.storage.contents import ContentFolder
from emulator.storage.names import check_object_name
from emulator.storage.object_store import ObjectRef, ObjectStore
from emulator.storage.preconditions import Preconditions
from emulator.storage.records import ObjectRecord

MAX_SOURCES = 32  # https://cloud.google.com/storage/docs/composite-objects
_READ_BYTES = 1024 * 1024


class CopyMethods:
    """Objects made of objects."""

    def __init__(self, objects: ObjectStore, contents: ContentFolder) -> None:
        """Work on `objects`, whose bytes are in `contents`."""
        self._objects = objects
        self._contents = contents

    def copy(self, call: Call) -> dict[str, Any]:
        """The copy's metadata."""
        return self._copy(call).resource(call.base_url)

    def rewrite(self, call: Call) -> dict[str, Any]:
        """A rewrite is done in one call, whatever its size."""
        record = self._copy(call)
        size = str(record.content.size)
        return {
            "kind": "storage#rewriteResponse",
            "totalBytesRewritten": size,
            "objectSize": size,
            "done": True,
            "resource": record.resource(call.base_url),
        }

    def compose(self, call: Call) -> dict[str, Any]:
        """The concatenation of up to 32 objects of the bucket; it has a CRC32C and no MD5, as documented."""
        _check_compose_body(call.body)
        fields = object_fields.new_fields(call.body.get("destination") or {})
        refs = [_source(call.bucket, item) for item in call.body["sourceObjects"]]
        destination = ObjectRef(call.bucket, check_object_name(call.object), None, call.query.preconditions())
        self._objects.check_insert(destination)
        opened = self._objects.open_all(refs)
        writer = self._contents.new_writer()
        with contextlib.ExitStack() as stack:
            for _, file in opened:
                stack.enter_context(file)
            try:
                for _, file in opened:
                    while data := file.read(_READ_BYTES):
                        writer.append(data)
                content = writer.composed_content()
            except BaseException:
                self._contents.remove([writer.id])
                raise
        components = sum(record.component_count or 1 for record, _ in opened)
        return self._objects.insert(destination, content, fields, components).resource(call.base_url)

    def _copy(self, call: Call) -> ObjectRecord:
        query = call.query
        source = ObjectRef(call.bucket, call.object, query.number("sourceGeneration"), query.preconditions("ifSource"))
        name = check_object_name(call.destination_object)
        destination = ObjectRef(call.destination_bucket, name, None, query.preconditions())
        return self._objects.copy(source, destination, functools.partial(object_fields.copied_fields, body=call.body))


def _check_compose_body(body: dict[str, Any]) -> None:
    if body.get("deleteSourceObjects"):
        raise GoogleError(501, "deleteSourceObjects is not implemented by the embedded Cloud Storage.")
    if not body.keys() <= {"kind", "destination", "sourceObjects", "deleteSourceObjects"}:
        raise GoogleError(400, "The body has a field that ComposeRequest does not have.")
    if not isinstance(body.get("destination"), dict | None):
        raise GoogleError(400, "destination must be an object.")
    sources = body.get("sourceObjects")
    if not isinstance(sources, list) or not 1 <= len(sources) <= MAX_SOURCES:
        raise GoogleError(400, f"sourceObjects must name 1 to {MAX_SOURCES} objects.")


def _source(bucket: str, item: object) -> ObjectRef:
    """`{"name", "generation"?, "objectPreconditions": {"ifGenerationMatch"}?}` of a ComposeRequest."""
    if not isinstance(item, dict) or not item.keys() <= {"name", "generation", "objectPreconditions"}:
        raise GoogleError(400, "Each of sourceObjects has a name, and may have generation and objectPreconditions.")
    conditions = item.get("objectPreconditions") or {}
    if not isinstance(conditions, dict) or not conditions.keys() <= {"ifGenerationMatch"}:
        raise GoogleError(400, "objectPreconditions may have ifGenerationMatch only.")
    match = _int64(conditions.get("ifGenerationMatch"), "ifGenerationMatch")
    name = check_object_name(item.get("name"))
    return ObjectRef(bucket, name, _int64(item.get("generation"), "generation"), Preconditions(generation_match=match))


def _int64(value: object, field: str) -> int | None:
    """An int64 of a JSON body: a number, or text as Google writes it."""
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 18:
        return int(value)
    raise GoogleError(400, f"{field} must be a whole number from 0.")
