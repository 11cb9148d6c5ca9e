"""Reads multipart bodies (RFC 2046) as they come in, without holding a part in memory.

Lines end in CRLF, or in LF alone throughout, as gcloud writes them; the line of the first boundary decides which.
"""

from __future__ import annotations

import email.message
import email.parser
from collections.abc import AsyncIterator, Mapping

from emulator.errors import GoogleError

_MAX_HEADER_BYTES = 64 * 1024


def boundary_of(content_type: str) -> bytes:
    """The boundary of a `multipart/...; boundary=...` header.

    Raises:
        GoogleError: 400 when there is none.
    """
    message = email.message.Message()
    message["content-type"] = content_type
    boundary = message.get_param("boundary")
    if message.get_content_maintype() != "multipart" or not isinstance(boundary, str) or not 1 <= len(boundary) <= 200:
        raise GoogleError(400, "Content-Type must be multipart with a boundary.")
    if len(boundary) > 2 and boundary[0] == boundary[-1] == "'":  # apitools (gcloud) writes the boundary as Python does
        boundary = boundary[1:-1]
    return boundary.encode("latin-1", "replace")


class MultipartReader:
    """The parts of a body, one after the other: `next_part`, then `body`, and again."""

    def __init__(self, chunks: AsyncIterator[bytes], boundary: bytes) -> None:
        """Read from `chunks`."""
        self._chunks = chunks
        self._dash_boundary = b"--" + boundary
        self._delimiter = b""
        self._buffer = bytearray()
        self._ended = False

    async def next_part(self) -> Mapping[str, str] | None:
        """Headers of the next part, by lower-case name; None when the closing boundary was reached.

        Raises:
            GoogleError: 400 when the body ends or is no multipart body.
        """
        if not self._delimiter:
            await self._find_first()
        while len(self._buffer) < 2 and await self._more():
            pass
        if self._buffer[:2] == b"--":
            return None
        line = await self._line()
        if line.strip():
            raise _malformed("a boundary is followed by other text")
        header = bytearray()
        while (line := await self._line()).strip():
            header += line
            if len(header) > _MAX_HEADER_BYTES:
                raise _malformed("the headers of a part are too long")
        message = email.parser.BytesHeaderParser().parsebytes(bytes(header))
        return {name.lower(): str(value) for name, value in message.items()}

    async def body(self) -> AsyncIterator[bytes]:
        """The bytes of the part whose headers were read last; must be read to the end.

        Raises:
            GoogleError: 400 when the body ends before a boundary.
        """
        keep = len(self._delimiter)
        while len(self._buffer) < keep and await self._more():
            pass
        if self._buffer.startswith(self._dash_boundary):  # the blank line before is also the line break of the boundary
            del self._buffer[: len(self._dash_boundary)]
            return
        while (at := self._buffer.find(self._delimiter)) < 0:
            ready = len(self._buffer) - keep + 1
            if ready > 0:
                data = bytes(self._buffer[:ready])
                del self._buffer[:ready]
                yield data
            if not await self._more():
                raise _malformed("it ends before the closing boundary")
        data = bytes(self._buffer[:at])
        del self._buffer[: at + keep]
        if data:
            yield data

    async def _find_first(self) -> None:
        """Pass over the preamble and the first boundary; learn how lines end."""
        while (at := _line_start(self._buffer, self._dash_boundary)) < 0:
            if len(self._buffer) > _MAX_HEADER_BYTES:
                raise _malformed("no boundary at its beginning")
            if not await self._more():
                raise _malformed("it does not hold the boundary")
        del self._buffer[: at + len(self._dash_boundary)]
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _MAX_HEADER_BYTES or not await self._more():
                raise _malformed("it ends after the first boundary")
        line_break = b"\r\n" if self._buffer[:end].endswith(b"\r") else b"\n"
        self._delimiter = line_break + self._dash_boundary

    async def _line(self) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _MAX_HEADER_BYTES or not await self._more():
                raise _malformed("it ends within the headers of a part")
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        return line

    async def _more(self) -> bool:
        """Read on; False at the end of the request."""
        async for chunk in self._chunks:
            if chunk:
                self._buffer += chunk
                return True
        return False


def _line_start(buffer: bytearray, text: bytes) -> int:
    """Where `text` begins a line, or -1."""
    if buffer.startswith(text):
        return 0
    at = buffer.find(b"\n" + text)
    return at + 1 if at >= 0 else -1


def _malformed(why: str) -> GoogleError:
    return GoogleError(400, f"Malformed multipart body: {why}.", reason="badRequest")
