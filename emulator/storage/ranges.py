"""The Range header (RFC 9110, section 14) and Accept-Encoding (section 12.5.3)."""

from __future__ import annotations

import re

from emulator.errors import GoogleError

_ONE_RANGE = re.compile(r"bytes=\s*([0-9]*)-([0-9]*)\s*", re.IGNORECASE)


class NotSatisfiable(GoogleError):
    """416: no byte of the object is in the range; `size` is the length of the object."""

    def __init__(self, size: int) -> None:
        """Say so."""
        super().__init__(416, f"The requested range cannot be satisfied: the object has {size} bytes.")
        self.size = size


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and number of bytes to send of `size` bytes; None for all, as if no range were asked.

    A header that is no range of bytes is passed over, as the RFC allows; a range that ends behind the object is cut.

    Raises:
        NotSatisfiable: no byte is in the range.
        GoogleError: 501 for several ranges.
    """
    if header is None:
        return None
    if header.lower().startswith("bytes=") and "," in header:
        raise GoogleError(501, "Several ranges in one request are not implemented by the embedded Cloud Storage.")
    match = _ONE_RANGE.fullmatch(header)
    if not match or match.groups() == ("", ""):
        return None
    first_text, last_text = match.groups()
    if not first_text:
        length = min(_number(last_text), size)
        first = size - length
    else:
        first = _number(first_text)
        last = _number(last_text) if last_text else size - 1
        if last_text and last < first:
            return None
        length = min(last, size - 1) - first + 1
    if length <= 0:
        raise NotSatisfiable(size)
    return first, length


def accepts_gzip(header: str | None) -> bool:
    """Whether an Accept-Encoding header names gzip with a quality above 0."""
    for item in (header or "").lower().split(","):
        coding, _, parameters = item.partition(";")
        if coding.strip() in {"gzip", "x-gzip", "*"}:
            quality = parameters.replace(" ", "").removeprefix("q=") or "1"
            return not re.fullmatch(r"0(\.0*)?", quality)
    return False


def _number(text: str) -> int:
    """The number; one with more digits than any object's size counts as huge."""
    return int(text) if len(text) <= 18 else 10**18
