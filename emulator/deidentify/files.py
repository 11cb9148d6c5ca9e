"""Reading and writing whole files."""

from __future__ import annotations

import contextlib
import io
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
def whole_file(file: io.FileIO) -> Iterator[Buffer]:
    """The content of a file from its beginning, mapped when it is large; views on it may not outlive the context."""
    size = os.fstat(file.fileno()).st_size
    if size < MAPPED_FROM_BYTES:
        yield file.readall()
        return
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        yield mapped


def write_file(path: Path, pieces: Sequence[Piece], original: int) -> None:
    """Write a file under another name in the same folder, then give it its own: it appears whole or not at all.

    `original` is the descriptor of the file that spans are places in.

    Raises:
        InstanceError: the original ends before a span does: somebody has cut it meanwhile.
        OSError: it cannot be written.
    """
    partial = path.with_name(f".{secrets.token_hex(8)}.part")
    file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        try:
            _write(file, pieces, original)
        finally:
            os.close(file)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
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
        rest = [piece for piece in pieces[first : first + _WRITEV_PIECES] if piece]
        while rest:
            written = os.writev(file, rest)
            while rest and written >= len(rest[0]):
                written -= len(rest.pop(0))
            if written:
                rest[0] = memoryview(rest[0])[written:]


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
