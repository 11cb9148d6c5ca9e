"""Decompresses a stored gzip object while it is sent (https://cloud.google.com/storage/docs/transcoding)."""

from __future__ import annotations

import zlib
from typing import BinaryIO

_READ_BYTES = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS


class NotGzip(Exception):
    """The stored bytes are not a whole gzip file."""


class Gunzip:
    """A gzip file, read as what was compressed; several members follow each other. Memory stays bounded."""

    def __init__(self, file: BinaryIO) -> None:
        """Read from `file`, which `close` closes."""
        self._file = file
        self._decoder = zlib.decompressobj(_GZIP)
        self._pending = b""
        self._started = False

    def read(self, size: int) -> bytes:
        """At least 1 and at most `size` bytes; b"" at the end.

        Raises:
            NotGzip: the bytes are damaged or end too early.
        """
        while True:
            if not self._pending:
                self._pending = self._file.read(_READ_BYTES)
            if not self._pending:
                if self._started or self._decoder.unused_data:
                    raise NotGzip
                return b""
            data = self._decompress(size)
            if data:
                return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _decompress(self, size: int) -> bytes:
        self._started = True
        try:
            data = self._decoder.decompress(self._pending, size)
        except zlib.error:
            raise NotGzip from None
        self._pending = self._decoder.unconsumed_tail
        if self._decoder.eof:
            self._pending = self._decoder.unused_data
            self._decoder = zlib.decompressobj(_GZIP)
            self._started = False
        return data
