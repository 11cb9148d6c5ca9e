"""What the Image Pixel module says of the pixels (PS3.3 C.7.6.3), checked before anything is made of it."""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np

from emulator.deidentify.attributes import PIXEL_DATA
from emulator.deidentify.errors import InstanceError
from emulator.deidentify.pixels.elements import DataSet

SAMPLES_PER_PIXEL: Final = 0x00280002
PHOTOMETRIC_INTERPRETATION: Final = 0x00280004
PLANAR_CONFIGURATION: Final = 0x00280006
NUMBER_OF_FRAMES: Final = 0x00280008
ROWS: Final = 0x00280010
COLUMNS: Final = 0x00280011
BITS_ALLOCATED: Final = 0x00280100
BITS_STORED: Final = 0x00280101
HIGH_BIT: Final = 0x00280102
PIXEL_REPRESENTATION: Final = 0x00280103
FLOAT_PIXEL_DATA: Final = 0x7FE00008
DOUBLE_FLOAT_PIXEL_DATA: Final = 0x7FE00009

PIXEL_ELEMENTS: Final = (PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA)

MAX_FRAME_SAMPLES: Final = 2**27
"""Samples of one frame: 11,585 x 11,585. Compressed frames of a few bytes may claim more than memory holds."""

_SAMPLES: Final = {
    "MONOCHROME1": 1,
    "MONOCHROME2": 1,
    "PALETTE COLOR": 1,
    "RGB": 3,
    "YBR_FULL": 3,
    "YBR_FULL_422": 3,
    "YBR_PARTIAL_422": 3,
    "YBR_ICT": 3,
    "YBR_RCT": 3,
}
"""Samples per pixel of the photometric interpretations that can be shown (PS3.3 C.7.6.3.1.2)."""

_INTEGER_BITS: Final = frozenset({1, 8, 16, 32, 64})


@dataclasses.dataclass(frozen=True)
class Description:
    """The pixels of one image.

    Attributes:
        tag: of the element they are in.
        frames: how many.
        rows: of each frame.
        columns: of each frame.
        samples: per pixel.
        photometric: photometric interpretation.
        planar: whether each frame is stored plane by plane.
        allocated: bits per sample.
        stored: bits of them in use.
        high_bit: the uppermost of those.
        signed: whether they are two's complement.
    """

    tag: int
    frames: int
    rows: int
    columns: int
    samples: int
    photometric: str
    planar: bool
    allocated: int
    stored: int
    high_bit: int
    signed: bool

    @property
    def is_float(self) -> bool:
        """Whether samples are floating point numbers."""
        return self.tag != PIXEL_DATA

    @property
    def subsampled(self) -> bool:
        """Whether two pixels share their colour when stored uncompressed (PS3.3 C.7.6.3.1.2)."""
        return self.photometric in {"YBR_FULL_422", "YBR_PARTIAL_422"}

    @property
    def frame_bits(self) -> int:
        """Bits of one uncompressed frame; frames of 1-bit samples need not end with a byte."""
        samples = 2 if self.subsampled else self.samples
        return self.rows * self.columns * samples * self.allocated

    @property
    def size_bytes(self) -> int:
        """Bytes of all frames as the API counts them (quotas page): no matter how they are stored."""
        return -(-self.frames * self.rows * self.columns * self.samples * self.allocated // 8)

    @property
    def dtype(self) -> np.dtype:
        """Type of the cells that samples lie in: unsigned, as stored bits and others have to be told apart first."""
        if self.is_float:
            return np.dtype(f"f{self.allocated // 8}")
        return np.dtype("u1") if self.allocated == 1 else np.dtype(f"u{self.allocated // 8}")

    @property
    def shift(self) -> int:
        """Unused bits below the stored ones."""
        return self.high_bit + 1 - self.stored


def describe(data_set: DataSet) -> Description | None:
    """The description of the image in a data set or item; None when it holds no pixels.

    Raises:
        InstanceError: something is missing, not legal, or does not fit together.
    """
    present = [tag for tag in PIXEL_ELEMENTS if tag in data_set]
    if not present:
        return None
    if len(present) > 1:
        raise InstanceError("has pixels in more than one element")
    tag = present[0]
    frames = data_set.number(NUMBER_OF_FRAMES)
    rows, columns = _required(data_set, ROWS), _required(data_set, COLUMNS)
    samples = data_set.number(SAMPLES_PER_PIXEL) or 1
    photometric = " ".join(data_set.words(PHOTOMETRIC_INTERPRETATION)[:1])
    if _SAMPLES.get(photometric) != samples:
        raise InstanceError("its photometric interpretation is none that can be shown, or does not fit its samples")
    if not rows or not columns or frames == 0:
        raise InstanceError("has no rows, columns or frames")
    if rows * columns * samples > MAX_FRAME_SAMPLES:
        raise InstanceError(f"a frame has more than {MAX_FRAME_SAMPLES} samples")
    bits = _float_bits(tag) if tag != PIXEL_DATA else _integer_bits(data_set)
    found = Description(
        tag=tag,
        frames=frames or 1,
        rows=rows,
        columns=columns,
        samples=samples,
        photometric=photometric,
        planar=samples > 1 and data_set.number(PLANAR_CONFIGURATION) == 1,
        allocated=bits[0],
        stored=bits[1],
        high_bit=bits[2],
        signed=tag != PIXEL_DATA or data_set.number(PIXEL_REPRESENTATION) == 1,
    )
    if found.subsampled and found.columns % 2:
        raise InstanceError("has an odd number of columns, which its photometric interpretation does not allow")
    return found


def _float_bits(tag: int) -> tuple[int, int, int]:
    bits = 32 if tag == FLOAT_PIXEL_DATA else 64
    return bits, bits, bits - 1


def _integer_bits(data_set: DataSet) -> tuple[int, int, int]:
    """Bits allocated and stored, and the high bit."""
    allocated = _required(data_set, BITS_ALLOCATED)
    stored = data_set.number(BITS_STORED) or allocated
    high_bit = data_set.number(HIGH_BIT)
    high_bit = stored - 1 if high_bit is None else high_bit
    if allocated not in _INTEGER_BITS:
        raise InstanceError("its BitsAllocated is none of 1, 8, 16, 32 and 64")
    if not stored <= high_bit + 1 <= allocated:
        raise InstanceError("its BitsAllocated, BitsStored and HighBit do not fit together")
    return allocated, stored, high_bit


def _required(data_set: DataSet, tag: int) -> int:
    number = data_set.number(tag)
    if number is None:
        raise InstanceError("lacks an attribute without which its pixels cannot be read")
    return number
