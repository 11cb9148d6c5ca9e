"""CRC32C and MD5 of an object, in the base64 forms of the API."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import google_crc32c

from emulator.errors import GoogleError

_LENGTHS = {"md5": 16, "crc32c": 4}


class Digest:
    """Both checksums of bytes that come piece by piece."""

    def __init__(self) -> None:
        """Begin with no bytes."""
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._crc32c = google_crc32c.Checksum()
        self.size = 0

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        self._md5.update(data)
        self._crc32c.update(data)
        self.size += len(data)

    @property
    def md5(self) -> str:
        """Base64 of the 16 bytes, as in `md5Hash`."""
        return base64.b64encode(self._md5.digest()).decode()

    @property
    def crc32c(self) -> str:
        """Base64 of the 4 bytes, big-endian, as in `crc32c`."""
        return base64.b64encode(self._crc32c.digest()).decode()


@dataclass(frozen=True)
class Expected:
    """The checksums that a caller says the bytes have; None where nothing was said."""

    md5: str | None = None
    crc32c: str | None = None

    @classmethod
    def of(cls, body: Mapping[str, Any], headers: Mapping[str, str]) -> Expected:
        """From an object's metadata (`md5Hash`, `crc32c`) and the headers `x-goog-hash` and `content-md5`.

        Raises:
            GoogleError: 400 when a checksum has a wrong form or two places contradict each other.
        """
        given: list[tuple[str, Any]] = [("md5", body.get("md5Hash")), ("crc32c", body.get("crc32c"))]
        given.append(("md5", headers.get("content-md5")))
        for item in filter(None, (part.strip() for part in headers.get("x-goog-hash", "").split(","))):
            algorithm, _, value = item.partition("=")
            if algorithm not in _LENGTHS:
                raise GoogleError(400, "x-goog-hash names another algorithm than crc32c and md5.")
            given.append((algorithm, value))
        found: dict[str, str] = {}
        for algorithm, value in given:
            if value is None:
                continue
            _check_form(algorithm, value)
            if found.setdefault(algorithm, value) != value:
                raise GoogleError(400, f"The request gives two different values for {algorithm}.")
        return cls(**found)

    def merge(self, other: Expected) -> Expected:
        """Both together.

        Raises:
            GoogleError: 400 when they contradict each other.
        """
        for algorithm in _LENGTHS:
            mine, theirs = getattr(self, algorithm), getattr(other, algorithm)
            if mine is not None and theirs is not None and mine != theirs:
                raise GoogleError(400, f"The request gives two different values for {algorithm}.")
        return Expected(self.md5 or other.md5, self.crc32c or other.crc32c)

    def check(self, digest: Digest) -> None:
        """Hold the bytes against what was said.

        Raises:
            GoogleError: 400 naming both checksums.
        """
        for algorithm in _LENGTHS:
            wanted, got = getattr(self, algorithm), getattr(digest, algorithm)
            if wanted is not None and wanted != got:
                name = {"md5": "MD5 hash", "crc32c": "CRC32C"}[algorithm]
                raise GoogleError(
                    400, f'Provided {name} "{wanted}" doesn\'t match calculated {name} "{got}"; nothing was stored.'
                )


def _check_form(algorithm: str, value: object) -> None:
    try:
        decoded = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        decoded = b""
    if len(decoded) != _LENGTHS[algorithm]:
        raise GoogleError(400, f"The {algorithm} checksum must be base64 of {_LENGTHS[algorithm]} bytes.")
