"""One call of the API, read from HTTP: what every method gets."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.requests import Request

from emulator.bigquery.wire import page_offset, page_token
from emulator.errors import GoogleError

MAX_JSON_BYTES = 10 * 1024 * 1024  # https://cloud.google.com/bigquery/quotas#streaming_inserts: request size 10 MB
Item = TypeVar("Item")


@dataclass(frozen=True)
class Call:
    """A call.

    Attributes:
        path: parameters in the path: `project`, `dataset`, `table`, `job`.
        query: parameters after the question mark; of repeated ones the last.
        body: the parsed JSON; {} when there is none.
        base_url: under which the client reached the server.
        if_match: the etag that the resource must still have, if the client said so.
    """

    path: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = field(default_factory=dict)
    base_url: str = ""
    if_match: str | None = None

    def number(self, name: str, default: int) -> int:
        """A query parameter that is a number, zero or more; raises GoogleError 400."""
        text = self.query.get(name)
        if not text:
            return default
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            raise GoogleError(400, f"Invalid value of {name}: a number, zero or more, is needed.")
        return int(text)

    def flag(self, name: str) -> bool:
        """A query parameter that is true or false; raises GoogleError 400."""
        text = self.query.get(name, "false").lower()
        if text not in {"true", "false"}:
            raise GoogleError(400, f"Invalid value of {name}: use true or false.")
        return text == "true"

    def offset(self) -> int:
        """The place of the first item of the page asked for, by `pageToken`."""
        token = self.query.get("pageToken")
        return page_offset(token) if token else 0

    def page(self, items: Sequence[Item], default_size: int) -> tuple[list[Item], dict[str, str]]:
        """The items of the page asked for, and `{"nextPageToken": ...}` when more follow."""
        offset, size = self.offset(), self.number("maxResults", default_size) or default_size
        chosen = list(items[offset : offset + size])
        more = offset + size < len(items)
        return chosen, {"nextPageToken": page_token(offset + size)} if more else {}

    def url(self, path: str) -> str:
        """A resource's own URL."""
        return f"{self.base_url}/bigquery/v2/{path}"


def check_match(call: Call, current: str) -> None:
    """Refuse a change of a resource that is no longer the one the client read; raises GoogleError 412."""
    if call.if_match and call.if_match.strip('"') not in {current, "*"}:
        raise GoogleError(412, "Precondition check failed: the resource has changed; get it and try again.")


async def read_body(request: Request, limit: int = MAX_JSON_BYTES) -> bytes:
    """The body, unpacked when it is gzip.

    Raises:
        GoogleError: 413 when it is larger than `limit` bytes, 400 when it is not gzip though it says so.
    """
    gzipped = request.headers.get("content-encoding", "identity").lower() == "gzip"
    unpacker = zlib.decompressobj(wbits=31) if gzipped else None
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += unpacker.decompress(chunk, limit + 1 - len(body)) if unpacker else chunk
            if len(body) > limit:
                raise GoogleError(413, f"Request payload size exceeds the limit: {limit} bytes.")
    except zlib.error as error:
        raise GoogleError(400, "The request body is not gzip, as its Content-Encoding says.") from error
    if unpacker and not unpacker.eof and body:
        raise GoogleError(400, "The gzip request body is cut short.")
    return bytes(body)


def parse_json(raw: bytes) -> Any:
    """The value of a body, {} when it is empty; raises GoogleError 400."""
    if not raw.strip():
        return {}
    try:
        return json.loads(raw, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise GoogleError(400, "Parse Error: the request body is not valid JSON.", reason="parseError") from None


def _refuse(_name: str) -> Any:
    """NaN and Infinity, which Python's parser takes, are not JSON."""
    raise ValueError
