"""The bytes of objects: alt=media, ranges, decompressive transcoding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import anyio
import anyio.to_thread
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from emulator.errors import GoogleError
from emulator.storage.calls import Call
from emulator.storage.gunzip import Gunzip, NotGzip
from emulator.storage.object_methods import object_ref
from emulator.storage.object_store import ObjectStore
from emulator.storage.ranges import accepts_gzip, parse_range
from emulator.storage.records import ObjectRecord

_CHUNK_BYTES = 1024 * 1024


class _Source(Protocol):
    def read(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Download:
    """An answer that is ready to be sent: the first chunk is read, the rest comes from `source` (None: no more)."""

    status: int
    headers: list[tuple[str, str]]
    first: bytes
    source: _Source | None
    length: int | None


class MediaResponse(Response):
    """Sends a download chunk by chunk and closes its file whatever happens."""

    def __init__(self, download: Download) -> None:
        """Send `download`."""
        self._download = download
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Send the headers, then every chunk.

        Raises:
            NotGzip: a transcoded object turned out to be damaged; the connection ends in the middle of the body.
        """
        download = self._download
        try:
            headers = [(name.encode(), value.encode()) for name, value in download.headers]
            await send({"type": "http.response.start", "status": download.status, "headers": headers})
            await send({"type": "http.response.body", "body": download.first, "more_body": download.source is not None})
            if download.source is None:
                return
            left = None if download.length is None else download.length - len(download.first)
            while left is None or left > 0:
                size = _CHUNK_BYTES if left is None else min(left, _CHUNK_BYTES)
                data = await anyio.to_thread.run_sync(download.source.read, size)
                if not data:
                    break
                left = None if left is None else left - len(data)
                await send({"type": "http.response.body", "body": data, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            if download.source is not None:
                download.source.close()


class Downloads:
    """objects.get with alt=media."""

    def __init__(self, objects: ObjectStore) -> None:
        """Read from `objects`."""
        self._objects = objects

    async def get(self, call: Call) -> Response:
        """The bytes; raises GoogleError 404, 412, 304, 416 or 501."""
        return MediaResponse(await anyio.to_thread.run_sync(self._open, call))

    def _open(self, call: Call) -> Download:
        record, file = self._objects.open(object_ref(call))
        try:
            if _is_transcoded(record, call):
                return _transcoded(record, Gunzip(file))
            wanted = parse_range(call.headers.get("range"), record.content.size)
            first, length = wanted or (0, record.content.size)
            headers = [*_headers(record), ("content-length", str(length)), ("accept-ranges", "bytes")]
            if record.body.get("contentEncoding"):
                headers.append(("content-encoding", record.body["contentEncoding"]))
            if wanted:
                headers.append(("content-range", f"bytes {first}-{first + length - 1}/{record.content.size}"))
            file.seek(first)
            data = file.read(min(length, _CHUNK_BYTES))
            source = None if len(data) == length else file
            if source is None:
                file.close()
            return Download(206 if wanted else 200, headers, data, source, length)
        except BaseException:
            file.close()
            raise


def _is_transcoded(record: ObjectRecord, call: Call) -> bool:
    """Whether a gzip object is sent decompressed: the caller does not accept gzip and nothing forbids it."""
    if record.body.get("contentEncoding", "").lower() != "gzip":
        return False
    no_transform = "no-transform" in record.body.get("cacheControl", "").lower()
    return not no_transform and not accepts_gzip(call.headers.get("accept-encoding"))


def _transcoded(record: ObjectRecord, source: Gunzip) -> Download:
    """The whole object decompressed; a Range header is passed over, as documented.

    About 1 MiB is decompressed before anything is sent, so that a small object that is damaged can still be refused.
    """
    start = bytearray()
    try:
        while len(start) < _CHUNK_BYTES and (data := source.read(_CHUNK_BYTES)):
            start += data
    except NotGzip:
        raise GoogleError(
            400, "contentEncoding is gzip but the bytes are not; read it with Accept-Encoding: gzip."
        ) from None
    headers = [*_headers(record), ("warning", "214 UploadServer gunzipped"), ("vary", "Accept-Encoding")]
    return Download(200, headers, bytes(start), source, None)


def _headers(record: ObjectRecord) -> list[tuple[str, str]]:
    """Headers that every answer with bytes has."""
    body, content = record.body, record.content
    hashes = [f"crc32c={content.crc32c}"] + ([f"md5={content.md5}"] if content.md5 else [])
    headers = [
        ("content-type", body.get("contentType") or "application/octet-stream"),
        ("etag", record.etag),
        ("cache-control", body.get("cacheControl") or "private, max-age=0"),
        ("x-goog-generation", str(record.generation)),
        ("x-goog-metageneration", str(record.metageneration)),
        ("x-goog-hash", ",".join(hashes)),
        ("x-goog-storage-class", body["storageClass"]),
        ("x-goog-stored-content-encoding", body.get("contentEncoding") or "identity"),
        ("x-goog-stored-content-length", str(content.size)),
    ]
    for name, field in (("content-disposition", "contentDisposition"), ("content-language", "contentLanguage")):
        if body.get(field):
            headers.append((name, body[field]))
    return headers
