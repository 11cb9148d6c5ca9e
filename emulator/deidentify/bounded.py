"""Reading bytes that may have been made to exhaust whoever reads them.

A data set of a few megabytes can make pydicom take gigabytes: an empty item of eight bytes becomes a `Dataset` of
nearly a thousand, and a value inside sequences with lengths is copied once for each sequence around it.
"""

from __future__ import annotations

import zlib
from typing import Final, Literal

from emulator.deidentify.errors import InstanceError
from emulator.deidentify.part10 import Buffer

MAX_READS: Final = 1_000_000
"""Reads of one file by the tolerant rewriter: two or three an element or item. The largest multi-frame images have as
many, but they are well-formed, and so are not for it."""

MAX_SCAN_READS: Final = 4_000_000
"""Reads while the header is scanned for what texts are judged by, which well-formed files have to pass as well."""

MAX_COPIES: Final = 4
"""How often the file as a whole may be copied while it is read, beside `FREE_COPY_BYTES`."""

FREE_COPY_BYTES: Final = 2**28

_INFLATE_BYTES: Final = 2**16
"""Taken at a time: deflated data grows at most about a thousandfold, so at most 64 MiB come of it."""


class Budget:
    """How much may still be read of one file.

    Attributes:
        exhausted: why no more is read, once that is so. pydicom turns exceptions from a read into others of its own,
            so whoever catches one asks here.
    """

    def __init__(self, size: int, reads: int = MAX_READS) -> None:
        """Allow for a file of `size` bytes, and for so many reads."""
        self._reads = reads
        self._bytes = MAX_COPIES * size + FREE_COPY_BYTES
        self.exhausted: InstanceError | None = None

    def spend(self, count: int) -> None:
        """Account for one read of so many bytes.

        Raises:
            InstanceError: it was one too many.
        """
        self._reads -= 1
        self._bytes -= count
        if self._reads < 0:
            self.exhausted = InstanceError("has more elements and items than can be taken apart")
        elif self._bytes < 0:
            self.exhausted = InstanceError("sequences are nested too deeply around values as large as these")
        if self.exhausted is not None:
            raise self.exhausted


class BoundedReader:
    """The part of a binary file that pydicom's reader uses, over bytes in memory or mapped ones, within a budget."""

    def __init__(self, data: Buffer, budget: Budget, position: int = 0) -> None:
        """Begin to read at `position`."""
        self._data = data
        self._budget = budget
        self._position = position

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes, or as many as there are; all for a negative size."""
        stop = self._position + size if size >= 0 else len(self._data)
        found = self._data[self._position : stop]
        self._budget.spend(len(found))
        self._position += len(found)
        return found

    def tell(self) -> int:
        """The position of the next byte."""
        return self._position

    def seek(self, offset: int, whence: Literal[0, 1, 2] = 0) -> int:
        """Move as `io.IOBase.seek` does, also beyond the end."""
        self._position = max(0, (0, self._position, len(self._data))[whence] + offset)
        return self._position


def inflate(data: Buffer, position: int, limit_bytes: int) -> bytes:
    """What the deflated data set at `position` holds (PS3.5 section A.5); stops as soon as that is over the limit.

    Raises:
        InstanceError: it is too large, ends early, or is not deflated data.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces: list[bytes] = []
    size = 0
    while not inflater.eof and position < len(data):
        try:
            pieces.append(inflater.decompress(data[position : position + _INFLATE_BYTES]))
        except zlib.error:
            raise InstanceError("the deflated data set cannot be inflated") from None
        position += _INFLATE_BYTES
        size += len(pieces[-1])
        if size > limit_bytes:
            raise InstanceError("the deflated data set is too large")
    if not inflater.eof:
        raise InstanceError("the deflated data set is truncated")
    return b"".join(pieces)
