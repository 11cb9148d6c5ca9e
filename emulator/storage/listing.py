"""objects.list: names in UTF-8 order, prefixes rolled up at a delimiter, pages."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from emulator.errors import GoogleError

_LAST = "\U0010ffff"


@dataclass(frozen=True)
class ListRequest:
    """What to list. `start` is included, `end` is not; "" and None mean no limit."""

    prefix: str = ""
    delimiter: str = ""
    start: str = ""
    end: str | None = None
    size: int = 1000

    @property
    def first(self) -> str:
        """The least name that may be listed."""
        return max(self.prefix, self.start)

    @property
    def limit(self) -> str | None:
        """The least name that may not be listed any more; None when there is none."""
        ends = [end for end in (successor(self.prefix), self.end or None) if end is not None]
        return min(ends, default=None)


@dataclass(frozen=True)
class Page:
    """Names and prefixes of one page, each in order; `next_start` is where the next page starts, None at the end."""

    names: list[str]
    prefixes: list[str]
    next_start: str | None


def list_page(names_from: Callable[[str], Iterable[str]], request: ListRequest) -> Page:
    """One page.

    Args:
        names_from: the names from a given one on, in code point order (which is the order of their UTF-8 bytes), up
            to `request.limit`; read only as far as needed.
        request: what to list; a group that a delimiter rolls up is passed over without reading its names.
    """
    names: list[str] = []
    prefixes: list[str] = []
    start: str | None = request.first
    while start is not None:
        start, again = _read_run(names_from(start), request, names, prefixes)
        if not again:
            return Page(names, prefixes, start)
        if start is not None and request.limit is not None and start >= request.limit:
            break
    return Page(names, prefixes, None)


def _read_run(
    run: Iterable[str], request: ListRequest, names: list[str], prefixes: list[str]
) -> tuple[str | None, bool]:
    """Read names up to the first that is rolled up; returns where to go on, and whether in this same page."""
    for name in run:
        if len(names) + len(prefixes) == request.size:
            return name, False
        group = _group(name, request)
        if group is not None:
            prefixes.append(group)
            return successor(group), True
        names.append(name)
    return None, False


def _group(name: str, request: ListRequest) -> str | None:
    """The prefix that `name` is rolled up under, with its delimiter; None when it is listed itself."""
    if not request.delimiter:
        return None
    at = name.find(request.delimiter, len(request.prefix))
    return None if at < 0 else name[: at + len(request.delimiter)]


def successor(prefix: str) -> str | None:
    """The least text greater than all that begin with `prefix`; None when there is none."""
    stem = prefix.rstrip(_LAST)
    if not stem:
        return None
    code = ord(stem[-1]) + 1
    return stem[:-1] + chr(0xE000 if 0xD800 <= code <= 0xDFFF else code)


def encode_token(start: str) -> str:
    """The page token of the page that starts at a name."""
    return base64.urlsafe_b64encode(start.encode()).decode()


def decode_token(token: str) -> str:
    """Where the page of a token starts.

    Raises:
        GoogleError: 400 when it is no token of ours.
    """
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise GoogleError(400, "Invalid pageToken: give the nextPageToken of the previous answer.") from None
