"""Reading and writing whole files."""

from __future__ import annotations

import contextlib
import mmap
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from emulator.deidentify.errors import InstanceError
from emulator.deidentify.part10 import Buffer
from emulator.deidentify.rewritten import Piece, Span

MAPPED_FROM_BYTES: Final = 64 * 2**20
"""Files from this size on are mapped instead of read."""

_WRITEV_PIECES: Final = 1000
"""Below IOV_MAX, which is 1024 on Linux."""

_COPY_BYTES: Final = 2**20


@contextlib.contextmanager
def whole_file(file: int) -> Iterator[Buffer]:
    """The content of a file, mapped when it is large; views on it may not outlive the context.

    Args:
        file: a descriptor, open for reading; its position is not kept.
    """
    if os.fstat(file).st_size < MAPPED_FROM_BYTES:
        os.lseek(file, 0, os.SEEK_SET)
        with open(file, "rb", buffering=0, closefd=False) as whole:
            yield whole.readall()
        return
    mapped = mmap.mmap(file, 0, access=mmap.ACCESS_READ)
    try:
        yield mapped
    finally:
        with contextlib.suppress(BufferError):  # an error on its way out holds views; it goes when they go
            mapped.close()


def write_file(path: Path, pieces: Sequence[Piece], original: int) -> None:
    """Write a file under another name in the same folder, then give it its own: it appears whole or not at all.

    `original` is the descriptor of the file that spans are places in.

    Raises:
        InstanceError: the original ends before a span does: somebody has cut it meanwhile.
        OSError: it cannot be written.
    """
    final = os.fspath(path)
    folder, separator, _name = final.rpartition(os.sep)
    partial = f"{folder}{separator}.{secrets.token_hex(8)}.part"
    file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        try:
            _write(file, pieces, original)
        finally:
            os.close(file)
        os.replace(partial, final)  # noqa: PTH105 - paths made of strings, here and above, take a tenth of the time
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(partial)  # noqa: PTH108
        raise


def _write(file: int, pieces: Sequence[Piece], original: int) -> None:
    waiting: list[bytes | memoryview] = []
    for piece in pieces:
        if isinstance(piece, Span):
            _write_all(file, waiting)
            waiting = []
            _copy(file, original, piece)
        else:
            waiting.append(piece)
    _write_all(file, waiting)


def _write_all(file: int, pieces: Sequence[bytes | memoryview]) -> None:
    for first in range(0, len(pieces), _WRITEV_PIECES):
        some = pieces[first : first + _WRITEV_PIECES]
        written = os.writev(file, some)
        if written < sum(map(len, some)):
            rest = memoryview(b"".join(some))
            while written < len(rest):
                written += os.write(file, rest[written:])


def _copy(file: int, original: int, span: Span) -> None:
    position = span.start
    while position < span.stop:
        copied = _transfer(file, original, position, span.stop - position)
        if not copied:
            raise InstanceError("was cut short while it was read")
        position += copied


def _transfer(file: int, original: int, position: int, count: int) -> int:
    if sys.platform == "linux":  # elsewhere sendfile writes to sockets only
        return os.sendfile(file, original, position, count)
    return os.write(file, os.pread(original, min(count, _COPY_BYTES), position))
