"""objects.insert in one request: uploadType=media and uploadType=multipart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import anyio.to_thread

from emulator.errors import GoogleError
from emulator.storage import object_fields
from emulator.storage.calls import Call, parse_json_body
from emulator.storage.checksums import Expected
from emulator.storage.contents import ContentFolder, ContentWriter
from emulator.storage.multipart import MultipartReader, boundary_of
from emulator.storage.names import check_object_name
from emulator.storage.object_store import Fields, ObjectRef, ObjectStore
from emulator.storage.receive import receive

MAX_JSON_BYTES = 1024 * 1024


@dataclass(frozen=True)
class NewObject:
    """What an upload says of the object before its bytes come."""

    ref: ObjectRef
    fields: Fields
    expected: Expected


def new_object(call: Call, body: Mapping[str, Any], content_type: str | None) -> NewObject:
    """From the query, the metadata in `body` and the content type of the bytes (the metadata's wins).

    Raises:
        GoogleError: 400 or 501 for what cannot be done.
    """
    query = call.query
    fields = object_fields.new_fields(
        {"contentType": content_type and content_type.strip(), "contentEncoding": query.text("contentEncoding"), **body}
    )
    if query.text("name") is not None and body.get("name", query.text("name")) != query.text("name"):
        raise GoogleError(400, "The name in the query and the name in the metadata differ.")
    name = check_object_name(query.text("name") if query.text("name") is not None else body.get("name"))
    ref = ObjectRef(call.bucket, name, None, query.preconditions())
    return NewObject(ref, fields, Expected.of(body, call.headers))


class SimpleUploads:
    """Uploads whose metadata and bytes come in one request."""

    def __init__(self, objects: ObjectStore, contents: ContentFolder) -> None:
        """Insert into `objects`, with bytes in `contents`."""
        self._objects = objects
        self._contents = contents

    async def media(self, call: Call, chunks: AsyncIterator[bytes]) -> dict[str, Any]:
        """uploadType=media: the body is the content."""
        return await self._store(call, new_object(call, {}, call.headers.get("content-type")), chunks)

    async def multipart(self, call: Call, chunks: AsyncIterator[bytes]) -> dict[str, Any]:
        """uploadType=multipart: a JSON part, then the content."""
        reader = MultipartReader(chunks, boundary_of(call.headers.get("content-type", "")))
        if await reader.next_part() is None:
            raise _not_two_parts()
        body = parse_json_body(await collect(reader.body(), MAX_JSON_BYTES))
        headers = await reader.next_part()
        if headers is None:
            raise _not_two_parts()
        if headers.get("content-transfer-encoding", "binary").lower() not in {"binary", "8bit", "7bit"}:
            raise GoogleError(501, "Content-Transfer-Encoding is implemented for binary only.")
        return await self._store(call, new_object(call, body, headers.get("content-type")), _last_part(reader))

    async def _store(self, call: Call, new: NewObject, chunks: AsyncIterator[bytes]) -> dict[str, Any]:
        writer = self._contents.new_writer()
        try:
            rest = await receive(chunks, writer)
            return await anyio.to_thread.run_sync(self._finish, call, new, writer, rest)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._contents.remove, [writer.id])
            raise

    def _finish(self, call: Call, new: NewObject, writer: ContentWriter, rest: bytes) -> dict[str, Any]:
        writer.append(rest)
        new.expected.check(writer.digest)
        return self._objects.insert(new.ref, writer.content(), new.fields).resource(call.base_url)


async def _last_part(reader: MultipartReader) -> AsyncIterator[bytes]:
    """The bytes of the current part, which must be the last."""
    async for data in reader.body():
        yield data
    if await reader.next_part() is not None:
        raise _not_two_parts()


async def collect(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    """All of `chunks`.

    Raises:
        GoogleError: 413 when they are more than `limit` bytes.
    """
    collected = bytearray()
    async for chunk in chunks:
        collected += chunk
        if len(collected) > limit:
            raise GoogleError(413, f"The JSON of a request has at most {limit} bytes.", reason="uploadTooLarge")
    return bytes(collected)


def _not_two_parts() -> GoogleError:
    return GoogleError(400, "A multipart upload has two parts: JSON metadata, then the content.", reason="badRequest")
