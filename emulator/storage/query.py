"""The query parameters of a call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from emulator.errors import GoogleError
from emulator.storage.preconditions import Preconditions

_EVERYWHERE = {  # they say how to answer or who pays, not what to do
    "alt", "fields", "prettyPrint", "key", "quotaUser", "userIp", "oauth_token", "access_token", "userProject",
    "projection",
}  # fmt: skip
_OFF = {"softDeleted", "includeTrailingDelimiter", "returnPartialSuccess", "enableObjectRetention"}
_INT64 = re.compile(r"[0-9]{1,19}")
CONDITIONS = frozenset({"GenerationMatch", "GenerationNotMatch", "MetagenerationMatch", "MetagenerationNotMatch"})


class Query:
    """Parameters by name, each given once."""

    def __init__(self, values: Mapping[str, str]) -> None:
        """Take decoded parameters."""
        self._values = dict(values)

    @classmethod
    def parse(cls, query_string: str, implemented: Iterable[str]) -> Query:
        """Decode and check.

        Args:
            query_string: as in the URL.
            implemented: parameters that the method takes besides those that every method takes.

        Raises:
            GoogleError: 400 when it cannot be read or names a parameter twice; 501 for a parameter that is not
                implemented (boolean ones may be sent as false).
        """
        try:
            pairs = parse_qsl(query_string, keep_blank_values=True, errors="strict")
        except ValueError:
            raise GoogleError(400, "The query string is not valid UTF-8.") from None
        values = dict(pairs)
        if len(values) != len(pairs):
            raise GoogleError(400, "The query string gives a parameter twice.")
        known = _EVERYWHERE.union(implemented)
        for name, value in pairs:
            if name not in known and not (name in _OFF and value.lower() == "false"):
                shown = name if re.fullmatch(r"[A-Za-z_]{1,40}", name) else "with this name"
                raise GoogleError(
                    501, f"The parameter {shown} is not implemented for this method by the embedded Cloud Storage."
                )
        if values.get("alt", "json") not in {"json", "media"}:
            raise GoogleError(501, "alt is implemented for json and media.")
        return cls(values)

    def text(self, name: str) -> str | None:
        """A parameter's value; None when it was not given."""
        return self._values.get(name)

    def number(self, name: str) -> int | None:
        """A parameter that is a whole number from 0; None when it was not given.

        Raises:
            GoogleError: 400 for another value.
        """
        value = self._values.get(name)
        if value is None:
            return None
        if not _INT64.fullmatch(value) or int(value) >= 2**63:
            raise GoogleError(400, f"{name} must be a whole number from 0 that fits in 64 bits.")
        return int(value)

    def page_size(self) -> int:
        """`maxResults`: 1 to 1000, larger values count as 1000 as documented; 1000 when not given.

        Raises:
            GoogleError: 400 for 0 or another value.
        """
        size = self.number("maxResults")
        if size == 0:
            raise GoogleError(400, "maxResults must be at least 1.")
        return min(size or 1000, 1000)

    def preconditions(self, prefix: str = "if", headers: Mapping[str, str] | None = None) -> Preconditions:
        """The conditions `ifGenerationMatch` ... (`ifSourceGenerationMatch` ...), and the ETags of `headers`."""
        headers = headers or {}
        return Preconditions(
            generation_match=self.number(f"{prefix}GenerationMatch"),
            generation_not_match=self.number(f"{prefix}GenerationNotMatch"),
            metageneration_match=self.number(f"{prefix}MetagenerationMatch"),
            metageneration_not_match=self.number(f"{prefix}MetagenerationNotMatch"),
            etag_match=_etags(headers.get("if-match")),
            etag_not_match=_etags(headers.get("if-none-match")),
            prefix=prefix,
        )


def _etags(header: str | None) -> tuple[str, ...] | None:
    if header is None:
        return None
    return tuple(tag.strip().removeprefix("W/").strip('"') for tag in header.split(","))
