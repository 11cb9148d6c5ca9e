"""Batch requests: up to 100 calls in one multipart/mixed body (https://cloud.google.com/storage/docs/batch)."""

from __future__ import annotations

import http
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.responses import Response

from emulator.errors import GoogleError
from emulator.storage.multipart import MultipartReader, boundary_of

MAX_CALLS = 100
MAX_BATCH_BYTES = 10 * 1024 * 1024
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_REQUEST_LINE = re.compile(r"([A-Z]+) (\S+)(?: HTTP/1\.[01])?")


@dataclass(frozen=True)
class InnerRequest:
    """One call of a batch: verb, raw path, query string, headers by lower-case name, body."""

    verb: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes


Answer = Callable[[InnerRequest], Awaitable[Response]]


async def answer_batch(content_type: str, chunks: AsyncIterator[bytes], answer: Answer) -> Response:
    """Call `answer` for one inner request after the other, and put the answers together in the same order.

    Raises:
        GoogleError: 400 when the batch itself cannot be read or is too large; a refused inner call is an answer.
    """
    reader = MultipartReader(_limited(chunks), boundary_of(content_type))
    requests: list[tuple[str | None, InnerRequest]] = []
    while (headers := await reader.next_part()) is not None:
        data = b"".join([piece async for piece in reader.body()])
        if len(requests) == MAX_CALLS:
            raise GoogleError(400, f"A batch has at most {MAX_CALLS} calls.")
        requests.append((headers.get("content-id"), _parse(headers, data)))
    if not requests:
        raise GoogleError(400, "The batch holds no call.")
    boundary = f"batch_{uuid.uuid4().hex}"
    parts = [_part(boundary, content_id, await answer(request)) for content_id, request in requests]
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return Response(body, media_type=f"multipart/mixed; boundary={boundary}")


async def _limited(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > MAX_BATCH_BYTES:
            raise GoogleError(413, "A batch has at most 10 MB.", reason="uploadTooLarge")
        yield chunk


def _parse(part_headers: Mapping[str, str], data: bytes) -> InnerRequest:
    """The HTTP request inside a part of type application/http."""
    if not part_headers.get("content-type", "").lower().startswith("application/http"):
        raise GoogleError(400, "Each part of a batch has Content-Type application/http.")
    head, *rest = _BLANK_LINE.split(data.lstrip(b"\r\n"), maxsplit=1)
    lines = head.decode("latin-1").splitlines()
    match = _REQUEST_LINE.fullmatch(lines[0].strip()) if lines else None
    if not match:
        raise GoogleError(400, "A part of a batch does not begin with a request line.")
    try:
        url = urlsplit(match[2])
    except ValueError:
        raise GoogleError(400, "A part of a batch names no valid URL.") from None
    pairs = (line.partition(":") for line in lines[1:])
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return InnerRequest(match[1], url.path, url.query, headers, rest[0] if rest else b"")


def _part(boundary: str, content_id: str | None, response: Response) -> bytes:
    """One answer as a part of type application/http."""
    status = http.HTTPStatus(response.status_code)
    lines = [f"--{boundary}", "Content-Type: application/http"]
    if content_id:
        lines.append(f"Content-ID: <response-{content_id.strip('<>')}>")
    lines += ["", f"HTTP/1.1 {status.value} {status.phrase}"]
    lines += [f"{name.title()}: {value}" for name, value in response.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + bytes(response.body) + b"\r\n"
