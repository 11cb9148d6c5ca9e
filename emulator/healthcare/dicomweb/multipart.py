"""multipart/related bodies (RFC 2046, RFC 2387): a push parser that holds no part in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_HEADER_BYTES = 16 * 1024
"""A part's header block; a longer one is refused, so that a body without line ends cannot fill the memory."""
_MAX_PADDING = 256
_AFTER_BOUNDARY = re.compile(rb"[ \t]*\r\n")


class MultipartError(ValueError):
    """The body is not a multipart body; the message says what is wrong with it, never what it holds."""


@dataclass(frozen=True, slots=True)
class PartBegin:
    """A part begins. Header names are in lower case."""

    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class PartData:
    """The next bytes of the part's body."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnd:
    """The part is complete."""


Event = PartBegin | PartData | PartEnd


class MultipartParser:
    """Give it the body in pieces of any size; it answers what they amount to.

    parser = MultipartParser(b"boundary")
    events = parser.feed(piece)    # for each piece
    parser.finish()                # raises unless the closing boundary was there
    """

    def __init__(self, boundary: str) -> None:
        """Expect this boundary, as the Content-Type header names it.

        Raises:
            MultipartError: not a boundary (RFC 2046 5.1.1: 1 to 70 characters; up to 200 are accepted).
        """
        if not 0 < len(boundary) <= 200 or not boundary.isascii() or not boundary.isprintable():
            raise MultipartError("the boundary parameter is not one to 200 printable ASCII characters")
        self._delimiter = b"\r\n--" + boundary.encode()
        # A boundary is looked for with the line end before it. The first one may come without, and the line end
        # that closes a header block may be the one of a boundary: such bytes are in the buffer but no content.
        self._buffer = bytearray(b"\r\n")
        self._not_content = 2
        self._state = "preamble"

    def feed(self, piece: bytes) -> list[Event]:
        """The events that `piece` completes, in order.

        Raises:
            MultipartError: a header block that is too long or cannot be read.
        """
        events: list[Event] = []
        if self._state != "epilogue":
            self._buffer += piece
        while self._step(events):
            pass
        return events

    def finish(self) -> None:
        """Say that the body ended.

        Raises:
            MultipartError: before its closing boundary.
        """
        if self._state == "preamble":
            raise MultipartError("the body does not contain the boundary that Content-Type names")
        if self._state != "epilogue":
            raise MultipartError("the body ends before its closing boundary")

    def _step(self, events: list[Event]) -> bool:
        if self._state == "epilogue":
            self._buffer.clear()
            return False
        if self._state == "headers":
            return self._headers(events)
        return self._until_boundary(events)

    def _until_boundary(self, events: list[Event]) -> bool:
        start = 0
        while (found := self._buffer.find(self._delimiter, start)) >= 0:
            after = found + len(self._delimiter)
            tail = bytes(self._buffer[after : after + _MAX_PADDING])
            line_end = _AFTER_BOUNDARY.match(tail)
            if tail.startswith(b"--") or line_end:
                self._emit(events, found)
                if self._state == "body":
                    events.append(PartEnd())
                self._state = "headers" if line_end else "epilogue"
                self._not_content = 0
                del self._buffer[: len(self._delimiter) + (line_end.end() if line_end else 2)]
                return True
            if len(tail) < _MAX_PADDING and re.fullmatch(rb"-|[ \t]*\r?", tail):
                self._emit(events, found)
                return False  # not decided before more bytes come
            start = found + 1  # a longer word than the boundary: content
        self._emit(events, len(self._buffer) - len(self._delimiter) + 1)
        return False

    def _emit(self, events: list[Event], end: int) -> None:
        """Take the bytes before `end` out of the buffer; they are the part's, or preamble."""
        if end <= 0:
            return
        if self._state == "body" and end > self._not_content:
            events.append(PartData(bytes(self._buffer[self._not_content : end])))
        self._not_content = max(0, self._not_content - end)
        del self._buffer[:end]

    def _headers(self, events: list[Event]) -> bool:
        if self._buffer.startswith(b"\r\n"):
            block, length = b"", 2
        else:
            end = self._buffer.find(b"\r\n\r\n", 0, MAX_HEADER_BYTES + 4)
            if end < 0:
                if len(self._buffer) >= MAX_HEADER_BYTES:
                    raise MultipartError(f"a part's header block is longer than {MAX_HEADER_BYTES} bytes")
                return False
            block, length = bytes(self._buffer[:end]), end + 4
        events.append(PartBegin(_parse_headers(block)))
        del self._buffer[: length - 2]
        self._not_content = 2
        self._state = "body"
        return True


def _parse_headers(block: bytes) -> dict[str, str]:
    headers = {}
    for line in block.decode("latin-1").split("\r\n"):
        name, colon, value = line.partition(":")
        if line and not colon:
            raise MultipartError("a part's header has no colon")
        if line:
            headers[name.strip().lower()] = value.strip()
    return headers
