"""What the headers inside compressed frames say, read without decoding: a frame's true size, precision and coding.

Nothing may be allocated on the word of a few bytes, so this is looked at before any decoder is.
"""

from __future__ import annotations

import dataclasses
import struct
from typing import Final

from emulator.deidentify.errors import InstanceError
from emulator.deidentify.pixels.syntaxes import Coding

_SOI: Final = b"\xff\xd8"
_EOI: Final = b"\xff\xd9"
_J2K_START: Final = b"\xff\x4f\xff\x51"
_FRAME_MARKERS: Final = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}
"""SOF0 to SOF15 of ISO 10918-1 and SOF55 of ISO 14495-1, without DHT, JPG and DAC."""

_SOS: Final = 0xDA
_APP14: Final = 0xEE
_COD: Final = 0xFF52
_SOT: Final = 0xFF90

_SAMPLES_PER_BYTE: Final = {Coding.JPEG: 512, Coding.JPEG_LOSSLESS: 8}
"""What one byte can stand for at most: a block of 64 samples takes a bit or more in every scan, lossless coding a bit
for each sample (ISO 10918-1 annexes F and H). Subsampled components are counted with what they are spread over."""


@dataclasses.dataclass(frozen=True)
class Codestream:
    """The header of one frame.

    Attributes:
        rows: as coded.
        columns: as coded.
        components: samples per pixel.
        precision: bits per sample.
        reversible: whether nothing was lost in coding, as far as the header tells.
        adobe: whether an APP14 marker tells how colour is coded; decoders then give RGB.
        progression: the order of JPEG 2000 packets; 2 is RPCL.
    """

    rows: int
    columns: int
    components: int
    precision: int
    reversible: bool
    adobe: bool = False
    progression: int = -1


def parse(frame: bytes, coding: Coding) -> Codestream:
    """Read the header of a frame coded as JPEG, JPEG lossless, JPEG-LS, JPEG 2000 or HTJ2K.

    Raises:
        InstanceError: there is none, or it is incomplete.
    """
    try:
        found = _jpeg2000(frame) if coding in {Coding.JPEG_2000, Coding.HTJ2K} else _jpeg(frame)
    except (struct.error, IndexError):
        raise InstanceError("a compressed frame is truncated") from None
    if found.rows * found.columns * found.components > len(frame) * _SAMPLES_PER_BYTE.get(coding, 2**40):
        raise InstanceError("a compressed frame is truncated")
    return found


def _jpeg(frame: bytes) -> Codestream:
    if not frame.startswith(_SOI):
        raise InstanceError("a compressed frame does not begin as its transfer syntax says")
    position = 2
    size: tuple[int, int, int, int, int] | None = None
    adobe = False
    near = 0
    while True:
        while frame[position] == 0xFF and frame[position + 1] == 0xFF:  # fill bytes (ISO 10918-1 B.1.1.2)
            position += 1
        prefix, marker, length = struct.unpack_from(">BBH", frame, position)
        if prefix != 0xFF or length < 2:
            raise InstanceError("a compressed frame is malformed")
        content = frame[position + 4 : position + 2 + length]
        if marker in _FRAME_MARKERS:
            precision, rows, columns, components = struct.unpack_from(">BHHB", content)
            size = (rows, columns, components, precision, marker)
        elif marker == _APP14 and content.startswith(b"Adobe"):
            adobe = True
        elif marker == _SOS:
            near = content[1 + 2 * content[0]]
            if frame.find(_EOI, position) < 0:  # decoders fill up the rest, or look for it for seconds
                raise InstanceError("a compressed frame is truncated")
            break
        position += 2 + length
    if size is None:
        raise InstanceError("a compressed frame is malformed")
    rows, columns, components, precision, marker = size
    reversible = marker in {0xC3, 0xC7, 0xCB, 0xCF} or (marker == 0xF7 and near == 0)
    return Codestream(rows, columns, components, precision, reversible, adobe)


def _jpeg2000(frame: bytes) -> Codestream:
    position = frame.find(_J2K_START)  # some wrap the codestream in the boxes of a JP2 file
    if position < 0:
        raise InstanceError("a compressed frame does not begin as its transfer syntax says")
    position += 2
    _, length, right, bottom, left, top = struct.unpack_from(">HH2xIIII", frame, position)
    (components,) = struct.unpack_from(">H", frame, position + 38)
    sizes = frame[position + 40 : position + 40 + 3 * components : 3]
    precision = max(size & 0x7F for size in sizes) + 1
    reversible, progression = False, -1
    while True:
        position += 2 + length
        marker, length = struct.unpack_from(">HH", frame, position)
        if marker == _COD:
            progression, reversible = frame[position + 5], frame[position + 13] == 1
        if marker in {_COD, _SOT} or length < 2:
            return Codestream(bottom - top, right - left, components, precision, reversible, progression=progression)
