"""A DICOM file opened for its pixels: read, and put together again with another transfer syntax if need be."""

from __future__ import annotations

import dataclasses
import struct
import zlib
from typing import Final

from emulator.deidentify import part10
from emulator.deidentify.attributes import TRANSFER_SYNTAX_UID
from emulator.deidentify.bounded import inflate
from emulator.deidentify.part10 import EXPLICIT_LITTLE, Buffer, Meta
from emulator.deidentify.pixels import walk
from emulator.deidentify.pixels.elements import Changes, DataSet
from emulator.deidentify.values import pad

_HEAD_BYTES: Final = part10.PREAMBLE_BYTES + 4


@dataclasses.dataclass(frozen=True)
class ImageFile:
    """A whole Part 10 file.

    Attributes:
        head: preamble and prefix.
        meta: file meta information.
        syntax: the transfer syntax stated, or the one found when none is.
        data_set: the main data set, inflated.
    """

    head: bytes
    meta: Meta
    syntax: str
    data_set: DataSet

    def written(self, changes: Changes, syntax: str) -> bytes:
        """The file with changes to its data set, which is now in `syntax`."""
        body = b"".join(self.data_set.written(changes))
        if part10.is_deflated(syntax):
            deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
            body = deflater.compress(body) + deflater.flush()
            body += b"\0" * (len(body) % 2)
        meta = dict(self.meta)
        if syntax != self.syntax or TRANSFER_SYNTAX_UID in meta:
            meta[TRANSFER_SYNTAX_UID] = ("UI", pad(syntax.encode("ascii"), "UI"))
        group = b"".join(part10.encode(tag, vr, value, EXPLICIT_LITTLE) for tag, (vr, value) in sorted(meta.items()))
        length = part10.encode(0x00020000, "UL", struct.pack("<I", len(group)), EXPLICIT_LITTLE)
        return b"".join([self.head, length, group, body])


def read_file(data: Buffer, inflated_limit_bytes: int) -> ImageFile:
    """Open a file.

    Raises:
        InstanceError: it is no DICOM file, is malformed, or its deflated data set exceeds the limit.
    """
    meta, position = part10.read_meta(data)
    syntax = part10.transfer_syntax(meta) or part10.guess_syntax(data, position)
    head = bytes(data[:_HEAD_BYTES])
    if part10.is_deflated(syntax):
        data, position = inflate(data, position, inflated_limit_bytes), 0
    encoding = part10.encoding_found(data, position, part10.encoding_of(syntax))
    return ImageFile(head, meta, syntax, walk.read(data, position, encoding))
