"""objects.insert in several requests: https://cloud.google.com/storage/docs/performing-resumable-uploads."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import anyio.to_thread

from emulator.errors import GoogleError
from emulator.storage.calls import Call, parse_json_body
from emulator.storage.checksums import Expected
from emulator.storage.object_store import ObjectStore
from emulator.storage.receive import receive
from emulator.storage.records import ObjectRecord
from emulator.storage.resumable_store import Session, SessionStore
from emulator.storage.uploads import MAX_JSON_BYTES, collect, new_object

_CONTENT_RANGE = re.compile(r"bytes (?:([0-9]{1,18})-([0-9]{1,18})|\*)/([0-9]{1,18}|\*)")
_LENGTH = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class ContentRange:
    """A Content-Range header: first and last byte (None: no bytes, only a question), and the total if known."""

    first: int | None
    last: int | None
    total: int | None

    @classmethod
    def parse(cls, header: str | None) -> ContentRange | None:
        """`bytes 0-99/200`, `bytes 0-99/*`, `bytes */200`, `bytes */*`; None when there is no header.

        Raises:
            GoogleError: 400 for another form, or a last byte before the first or behind the total.
        """
        if header is None:
            return None
        match = _CONTENT_RANGE.fullmatch(header.strip())
        if not match:
            raise GoogleError(400, "Content-Range must be bytes FIRST-LAST/TOTAL, with * for what is not known.")
        first, last, total = (None if text in {None, "*"} else int(text) for text in match.groups())
        if first is not None and last is not None and (last < first or (total is not None and last >= total)):
            raise GoogleError(400, "The numbers of Content-Range contradict each other.")
        return cls(first, last, total)


@dataclass(frozen=True)
class Progress:
    """An answer 308: how many bytes are kept."""

    received: int


class ResumableUploads:
    """Sessions: begin, send chunks, ask, cancel."""

    def __init__(self, objects: ObjectStore, sessions: SessionStore) -> None:
        """Insert into `objects` when a session of `sessions` is complete."""
        self._objects = objects
        self._sessions = sessions

    async def begin(self, call: Call, chunks: AsyncIterator[bytes]) -> str:
        """Take the metadata, check what can be checked already, and return the URL to send the bytes to."""
        body = parse_json_body(await collect(chunks, MAX_JSON_BYTES))
        new = new_object(call, body, call.headers.get("x-upload-content-type"))
        declared = call.headers.get("x-upload-content-length")
        if declared is not None and not _LENGTH.fullmatch(declared):
            raise GoogleError(400, "X-Upload-Content-Length must be a whole number.")
        await anyio.to_thread.run_sync(self._objects.check_insert, new.ref)
        total = None if declared is None else int(declared)
        session = await anyio.to_thread.run_sync(self._sessions.begin, new, total)
        bucket = quote(call.bucket, safe="")
        return f"{call.base_url}/upload/storage/v1/b/{bucket}/o?uploadType=resumable&upload_id={session.id}"

    async def send(self, call: Call, chunks: AsyncIterator[bytes]) -> dict[str, Any] | Progress:
        """Take a chunk, or answer the state; the object's resource when the upload is complete."""
        session = await self._session(call)
        async with session.lock:
            if session.outcome is not None:
                return _replay(session.outcome)
            content_range = ContentRange.parse(call.headers.get("content-range"))
            if content_range is not None and content_range.first is None:
                total = content_range.total
                rest = b""
                complete = total is not None and total == session.writer.digest.size
            else:
                total = _total(content_range, session)
                rest = await receive(_new_bytes(chunks, content_range, session, call), session.writer)
                received = session.writer.digest.size + len(rest)
                complete = content_range is None or received == total
                if content_range is None and total not in {None, received}:
                    raise GoogleError(400, "The upload has another length than X-Upload-Content-Length declared.")
            if not complete:
                return Progress(session.writer.digest.size)
            return await anyio.to_thread.run_sync(self._finish, call, session, rest)

    async def cancel(self, call: Call) -> None:
        """Forget the session."""
        session = await self._session(call)
        async with session.lock:
            await anyio.to_thread.run_sync(self._sessions.cancel, session)

    async def _session(self, call: Call) -> Session:
        session = await anyio.to_thread.run_sync(self._sessions.get, call.query.text("upload_id") or "")
        if session.new.ref.bucket != call.bucket:
            raise GoogleError(404, "No such resumable upload in this bucket.")
        return session

    def _finish(self, call: Call, session: Session, rest: bytes) -> dict[str, Any]:
        """Insert the object and record the outcome in one step; a refusal is an outcome too."""
        new = session.new
        outcome: dict[str, Any] = {}

        def record_outcome(tx: sqlite3.Connection, record: ObjectRecord) -> None:
            outcome["object"] = record.resource(call.base_url)
            self._sessions.end(tx, session, outcome)

        try:
            expected = new.expected.merge(Expected.of({}, call.headers))
            session.writer.append(rest)
            expected.check(session.writer.digest)
            self._objects.insert(new.ref, session.writer.content(), new.fields, also=record_outcome)
        except GoogleError as error:
            self._sessions.refuse(session, error)
            raise
        except Exception:
            # The file may be gone or cut: nothing may be built on it. "410: start a new upload" is how Google says it.
            gone = GoogleError(410, "The upload broke inside the server; begin a new one.", reason="gone")
            self._sessions.refuse(session, gone)
            raise
        self._sessions.close(session, outcome)
        resource: dict[str, Any] = outcome["object"]
        return resource


def _total(content_range: ContentRange | None, session: Session) -> int | None:
    """The length of the whole object, so far as it is known."""
    given = content_range.total if content_range else None
    if None not in {given, session.total} and given != session.total:
        raise GoogleError(400, "Content-Range gives another total than X-Upload-Content-Length.")
    return session.total if given is None else given


async def _new_bytes(
    chunks: AsyncIterator[bytes], content_range: ContentRange | None, session: Session, call: Call
) -> AsyncIterator[bytes]:
    """The bytes of the request that the session does not have yet; sent again ones are passed over, as documented.

    Raises:
        GoogleError: 400 when bytes between are missing, or the body has another length than Content-Range says.
    """
    first = content_range.first or 0 if content_range else 0
    length = None if content_range is None or content_range.last is None else content_range.last - first + 1
    passed = session.writer.digest.size - first
    if passed < 0:
        raise GoogleError(400, "The chunk begins after the bytes received so far; ask for the state with bytes */*.")
    if length is not None and call.headers.get("content-length", str(length)) != str(length):
        raise GoogleError(400, "The body has another length than Content-Range says.")
    seen = 0
    async for chunk in chunks:
        start = min(max(passed - seen, 0), len(chunk))
        seen += len(chunk)
        if length is not None and seen > length:
            raise GoogleError(400, "The body has another length than Content-Range says.")
        yield chunk[start:]
    if length is not None and seen < length:
        raise GoogleError(400, "The body has another length than Content-Range says.")


def _replay(outcome: dict[str, Any]) -> dict[str, Any]:
    """The answer that ended the session, once more."""
    error = outcome.get("error")
    if error:
        raise GoogleError(error["code"], error["message"], reason=error["reason"])
    resource: dict[str, Any] = outcome["object"]
    return resource
