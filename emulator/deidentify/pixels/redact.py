"""Blanking what was found, and storing the frames again: in their own syntax, else uncompressed."""

from __future__ import annotations

import dataclasses
import struct
from typing import Final

import numpy as np
from pydicom.encaps import encapsulate, encapsulate_extended

from emulator.deidentify.attributes import PIXEL_DATA
from emulator.deidentify.errors import InstanceError
from emulator.deidentify.pixels.boxes import Box
from emulator.deidentify.pixels.decode import decode
from emulator.deidentify.pixels.description import (
    PHOTOMETRIC_INTERPRETATION,
    PLANAR_CONFIGURATION,
    Description,
)
from emulator.deidentify.pixels.elements import DataSet, Written
from emulator.deidentify.pixels.encode import NotCoded, encode
from emulator.deidentify.pixels.frames import (
    ENCAPSULATED_TOTAL_LENGTH,
    EXTENDED_OFFSET_TABLE,
    EXTENDED_OFFSET_TABLE_LENGTHS,
    EncapsulatedFrames,
    NativeFrames,
)
from emulator.deidentify.pixels.samples import cell_of, values_of
from emulator.deidentify.pixels.search import Blanks
from emulator.deidentify.pixels.syntaxes import Coding, coding_of

_BASIC_OFFSET_LIMIT: Final = 2**32 - 2**16
"""Offsets of the Basic Offset Table take four bytes (PS3.5 A.4)."""


def blank(cells: np.ndarray, image: Description, photometric: str, blanks: Blanks) -> np.ndarray:
    """The cells of a frame with the boxes black, and 0 in the overlay planes' boxes. May be the same array, changed."""
    cells = cells if cells.flags.writeable else cells.copy()
    extend = not blanks.planes
    black = [cell_of(value, image, extend=extend) for value in blanks.black]
    for box in blanks.boxes:
        if photometric.startswith("YBR") and image.subsampled:
            box = Box(box.left // 2 * 2, box.top, -(-box.right // 2) * 2, box.bottom)  # noqa: PLW2901 - whole pairs
        cells[box.slices] = np.array(black, cells.dtype)
    for bit, boxes in blanks.planes.items():
        for box in boxes:
            cells[box.slices] &= ~np.array(1 << bit, cells.dtype)
    return cells


def redact_native(frames: NativeFrames, data_set: DataSet, blanks: Blanks) -> dict[int, Written]:
    """The changed pixels of an uncompressed image. Bytes outside the boxes stay as they are."""
    image = frames.image
    for index in range(image.frames):
        cells, photometric = frames.read(index)
        frames.write(index, blank(cells, image, photometric, blanks))
    element = data_set.elements[image.tag]
    return {image.tag: Written(element.vr or "OW", frames.value)}


def redact_compressed(
    frames: EncapsulatedFrames, data_set: DataSet, blanks: Blanks, syntax: str
) -> dict[int, Written | bytes | None] | None:
    """The changed pixels, coded in `syntax`, and what describes them; None when they cannot be coded so.

    Every frame is decoded again to make sure that it is what was meant to be stored.

    Raises:
        InstanceError: a frame cannot be decoded.
    """
    image, coding = frames.image, coding_of(syntax)
    photometric = image.photometric
    coded: list[bytes] = []
    for index in range(image.frames):
        cells, found = _blanked(frames, index, blanks)
        if index == 0:
            photometric = _as_coded(image, found, coding)
        planar = image.planar and syntax == frames.syntax
        target = dataclasses.replace(image, photometric=photometric, planar=planar)
        precision = frames.precision(index)
        try:
            frame = encode(cells, target, syntax, found, precision)
            again, meaning = decode(frame, target, syntax, coding)
        except (NotCoded, InstanceError):
            return None
        if meaning != found or not _same(again, cells, image, whole=bool(blanks.planes)):
            return None
        coded.append(frame)
    changes = _encapsulated(coded, data_set)
    return changes | _described(image, photometric, data_set, planar=image.planar and syntax == frames.syntax)


def store_native(frames: EncapsulatedFrames, data_set: DataSet, blanks: Blanks) -> dict[int, Written | bytes | None]:
    """The changed pixels, uncompressed, and what describes them.

    Raises:
        InstanceError: a frame cannot be decoded.
    """
    image = frames.image
    value = bytearray()
    bits: list[np.ndarray] = []
    photometric = image.photometric
    for index in range(image.frames):
        cells, photometric = _blanked(frames, index, blanks)
        if not blanks.planes and image.signed and not image.shift:
            cells = values_of(cells, image).view(image.dtype)  # signs in the unused bits, as readers expect
        if image.allocated == 1:
            bits.append(cells.reshape(-1))
        else:
            value += cells.astype(image.dtype.newbyteorder("<"), copy=False).tobytes()
    if bits:
        value += np.packbits(np.concatenate(bits), bitorder="little").tobytes()
    value += b"\0" * (len(value) % 2)
    vr = "OB" if image.allocated <= 8 and not data_set.encoding.implicit else "OW"
    changes: dict[int, Written | bytes | None] = {PIXEL_DATA: Written(vr, value)}
    changes |= {tag: None for tag in _OFFSETS if tag in data_set}
    return changes | _described(image, photometric, data_set, planar=False)


_OFFSETS: Final = (EXTENDED_OFFSET_TABLE, EXTENDED_OFFSET_TABLE_LENGTHS, ENCAPSULATED_TOTAL_LENGTH)


def _blanked(frames: EncapsulatedFrames, index: int, blanks: Blanks) -> tuple[np.ndarray, str]:
    cells, photometric = frames.read(index)
    if len(blanks.black) != cells.shape[2]:
        raise InstanceError("its frames do not have the same kind of colour")
    return blank(cells, frames.image, photometric, blanks), photometric


def _same(one: np.ndarray, other: np.ndarray, image: Description, *, whole: bool) -> bool:
    """Whether two frames have the same samples; `whole`: also the same unused bits, which overlays lie in."""
    if not whole:
        one, other = values_of(one, image), values_of(other, image)
    return np.array_equal(one, other)


def _as_coded(image: Description, decoded: str, coding: Coding) -> str:
    """The photometric interpretation of coded frames: JPEG 2000 transforms RGB reversibly (PS3.5 8.2.4)."""
    if coding in {Coding.JPEG_2000, Coding.HTJ2K} and decoded == "RGB":
        return "RGB" if image.photometric == "RGB" else "YBR_RCT"
    return decoded


def _encapsulated(coded: list[bytes], data_set: DataSet) -> dict[int, Written | bytes | None]:
    """One fragment a frame, with the kind of offset table that the image had; a basic one is always filled."""
    changes: dict[int, Written | bytes | None] = {}
    if ENCAPSULATED_TOTAL_LENGTH in data_set:
        changes[ENCAPSULATED_TOTAL_LENGTH] = Written("UV", struct.pack("<Q", sum(map(len, coded))))
    if EXTENDED_OFFSET_TABLE not in data_set and sum(len(frame) + 9 for frame in coded) < _BASIC_OFFSET_LIMIT:
        return changes | {PIXEL_DATA: Written("OB", encapsulate(coded), encapsulated=True)}
    value, offsets, lengths = encapsulate_extended(coded)
    return changes | {
        EXTENDED_OFFSET_TABLE: Written("OV", offsets),
        EXTENDED_OFFSET_TABLE_LENGTHS: Written("OV", lengths),
        PIXEL_DATA: Written("OB", value, encapsulated=True),
    }


def _described(
    image: Description, photometric: str, data_set: DataSet, *, planar: bool
) -> dict[int, Written | bytes | None]:
    """Attributes that say how samples are coded, where they are not what they were."""
    changes: dict[int, Written | bytes | None] = {}
    if photometric != image.photometric:
        text = photometric.encode("ascii")
        changes[PHOTOMETRIC_INTERPRETATION] = Written("CS", text + b" " * (len(text) % 2))
    if image.samples > 1 and (planar != image.planar or PLANAR_CONFIGURATION not in data_set):
        changes[PLANAR_CONFIGURATION] = Written("US", b"\0\0")
    return changes
