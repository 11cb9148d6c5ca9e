"""Media types of Content-Type and Accept headers (RFC 9110), with the parameters that DICOMweb uses (PS3.18 8.7)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_PARAMETER = re.compile(r';\s*([A-Za-z0-9!#$&^_.+\-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;,\s"]*)\s*')
_TYPE = re.compile(r"\s*([A-Za-z0-9!#$&^_.+\-*]+/[A-Za-z0-9!#$&^_.+\-*]+)\s*")
MAX_HEADER_CHARACTERS = 8192


class BadMediaType(ValueError):
    """A header that is no media type; the message does not repeat it."""


@dataclass(frozen=True, slots=True)
class MediaType:
    """`name` in lower case, such as "multipart/related"; parameter names in lower case, values unquoted."""

    name: str
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def part_type(self) -> str:
        """The `type` parameter of a multipart/related, in lower case; "" when absent."""
        return self.parameters.get("type", "").lower()

    @property
    def quality(self) -> float:
        """The `q` parameter; 1 when absent or no number between 0 and 1."""
        try:
            quality = float(self.parameters.get("q", "1"))
        except ValueError:
            return 1.0
        return quality if 0 <= quality <= 1 else 1.0


def parse_media_type(header: str) -> MediaType:
    """One media type, as Content-Type holds it.

    Raises:
        BadMediaType: it is none.
    """
    media_type, end = _parse_one(header, 0)
    if header[end:].strip(" ;"):
        raise BadMediaType("the media type cannot be read")
    return media_type


def parse_accept(header: str) -> list[MediaType]:
    """The media ranges of an Accept header, best first; those with q=0 are left out. "" accepts everything.

    Raises:
        BadMediaType: the header cannot be read.
    """
    if not header.strip():
        return [MediaType("*/*")]
    ranges, position = [], 0
    while position < len(header):
        media_type, position = _parse_one(header, position)
        ranges.append(media_type)
        if header[position : position + 1] not in ("", ","):
            raise BadMediaType("the Accept header cannot be read: expected ',' or ';' after a media type")
        position += 1
    return sorted((item for item in ranges if item.quality > 0), key=lambda item: -item.quality)


def _parse_one(header: str, start: int) -> tuple[MediaType, int]:
    if len(header) > MAX_HEADER_CHARACTERS:
        raise BadMediaType(f"a media type header is longer than {MAX_HEADER_CHARACTERS} characters")
    match = _TYPE.match(header, start)
    if match is None:
        raise BadMediaType("the media type cannot be read: expected type/subtype")
    parameters = {}
    end = match.end()
    while parameter := _PARAMETER.match(header, end):
        value = parameter[2]
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        parameters[parameter[1].lower()] = value
        end = parameter.end()
    return MediaType(match[1].lower(), parameters), end
