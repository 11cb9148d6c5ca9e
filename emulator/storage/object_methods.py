"""The methods of objects that read and write JSON. Each takes a call and returns the answer; None means 204."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from emulator.storage import object_fields
from emulator.storage.calls import Call
from emulator.storage.listing import ListRequest, decode_token, encode_token
from emulator.storage.object_store import Fields, ObjectRef, ObjectStore

Answer = dict[str, Any] | None


class ObjectMethods:
    """objects.get, list, patch, update, delete."""

    def __init__(self, objects: ObjectStore) -> None:
        """Work on `objects`."""
        self._objects = objects

    def get(self, call: Call) -> Answer:
        """One object's metadata."""
        return self._objects.get(object_ref(call)).resource(call.base_url)

    def list(self, call: Call) -> Answer:
        """The bucket's objects and prefixes, in pages."""
        query = call.query
        request = ListRequest(
            prefix=query.text("prefix") or "",
            delimiter=query.text("delimiter") or "",
            start=max(query.text("startOffset") or "", decode_token(query.text("pageToken") or "")),
            end=query.text("endOffset") or None,
            size=query.page_size(),
        )
        page, records = self._objects.page(call.bucket, request)
        answer: dict[str, Any] = {"kind": "storage#objects"}
        if records:
            answer["items"] = [record.resource(call.base_url) for record in records]
        if page.prefixes:
            answer["prefixes"] = page.prefixes
        if page.next_start is not None:
            answer["nextPageToken"] = encode_token(page.next_start)
        return answer

    def patch(self, call: Call) -> Answer:
        """Merge fields into the object's."""
        return self._change(call, functools.partial(object_fields.patched_fields, body=call.body))

    def update(self, call: Call) -> Answer:
        """Replace the object's fields."""
        return self._change(call, functools.partial(object_fields.replaced_fields, body=call.body))

    def delete(self, call: Call) -> Answer:
        """Remove the object."""
        self._objects.delete(object_ref(call))
        return None

    def _change(self, call: Call, change: Callable[[Fields], Fields]) -> Answer:
        return self._objects.update(object_ref(call), change).resource(call.base_url)


def object_ref(call: Call) -> ObjectRef:
    """The object that the path names, with the call's generation and preconditions."""
    query = call.query
    return ObjectRef(call.bucket, call.object, query.number("generation"), query.preconditions(headers=call.headers))
