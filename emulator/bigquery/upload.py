"""Uploads of load jobs: multipart in one request, or resumable in several.

https://cloud.google.com/bigquery/docs/reference/api-uploads
"""

from __future__ import annotations

import re
import secrets
import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass
from email.message import Message
from typing import IO, Any

from emulator.bigquery.calls import Call
from emulator.errors import GoogleError

MAX_SESSIONS = 100  # the oldest is forgotten when more are open
_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


@dataclass
class Session:
    """A resumable upload that goes on: the call that started it, and what has arrived."""

    call: Call
    data: IO[bytes]
    size: int = 0


class Sessions:
    """Resumable uploads by their id, in temporary files; forgotten when the server ends."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, call: Call) -> str:
        """Open an upload; its id."""
        with self._lock:
            name = secrets.token_urlsafe(24)
            self._sessions[name] = Session(call, tempfile.TemporaryFile())  # noqa: SIM115 - lives as long as the upload
            while len(self._sessions) > MAX_SESSIONS:
                self._sessions.popitem(last=False)[1].data.close()
            return name

    def receive(self, name: str, content_range: str | None, chunk: bytes) -> tuple[Call, bytes] | int:
        """Take the next bytes of an upload.

        Returns:
            The call and all bytes when the upload is complete, else how many bytes have arrived.

        Raises:
            GoogleError: 404 for an upload that is not open, 400 for bytes that do not follow the last.
        """
        with self._lock:
            session = self._sessions.get(name)
            if session is None:
                raise GoogleError(404, "Not found: Upload; start it again.")
            first, total = _range(content_range, len(chunk))
            if first is not None and first > session.size:
                raise GoogleError(400, "The bytes do not follow the last ones that arrived.")
            if first is not None and chunk:
                session.data.seek(first)
                session.data.write(chunk)
                session.size = max(session.size, first + len(chunk))
            if total is None or session.size < total:
                return session.size
            del self._sessions[name]
        session.data.seek(0)
        data = session.data.read()
        session.data.close()
        return session.call, data

    def close(self) -> None:
        """Forget all."""
        with self._lock:
            for session in self._sessions.values():
                session.data.close()
            self._sessions.clear()


def _range(content_range: str | None, length: int) -> tuple[int | None, int | None]:
    """First byte of a chunk and total size, None where not given."""
    if content_range is None:
        return 0, length
    match = _RANGE.fullmatch(content_range.strip())
    if match is None:
        raise GoogleError(400, "Invalid Content-Range: use bytes FIRST-LAST/TOTAL.")
    total = None if match[3] == "*" else int(match[3])
    if match[1] is None:
        return None, total
    if int(match[2]) - int(match[1]) + 1 != length:
        raise GoogleError(400, "Content-Range does not fit the number of bytes sent.")
    return int(match[1]), total


def split_multipart(content_type: str, body: bytes) -> tuple[bytes, bytes]:
    """A multipart/related body -> (JSON, data); raises GoogleError 400."""
    bad = GoogleError(400, "Malformed multipart body: a JSON part and a data part are needed.")
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_param("boundary")
    if header.get_content_maintype() != "multipart" or not isinstance(boundary, str) or not boundary:
        raise bad
    delimiter = b"--" + boundary.encode("latin-1")
    # Only delimiters at the beginning of a line count; lines may end with LF alone.
    pieces = re.split(rb"(?:^|\r?\n)" + re.escape(delimiter) + rb"(?=--|[ \t]*\r?\n)", body)
    if len(pieces) != 4 or not pieces[3].startswith(b"--"):
        raise bad
    parts = [re.split(rb"\r?\n\r?\n", piece, maxsplit=1) for piece in pieces[1:3]]
    if any(len(part) != 2 for part in parts):
        raise bad
    return parts[0][1], parts[1][1]


def upload_type(query: dict[str, str]) -> str:
    """`uploadType`, "multipart" or "resumable"; raises GoogleError 400."""
    kind: Any = query.get("uploadType")
    if kind not in {"multipart", "resumable"}:
        raise GoogleError(400, "uploadType must be multipart or resumable.")
    return str(kind)
