"""Overlay planes, groups 6000 to 60FE (PS3.3 C.9.2): bits of their own, or in old files unused bits of the pixels."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Final

import numpy as np

from emulator.deidentify.errors import InstanceError
from emulator.deidentify.pixels.boxes import Box, merge
from emulator.deidentify.pixels.description import MAX_FRAME_SAMPLES, Description
from emulator.deidentify.pixels.elements import DataSet, Written
from emulator.deidentify.pixels.views import plane_views

_ROWS: Final = 0x0010
_COLUMNS: Final = 0x0011
_FRAMES: Final = 0x0015
_BITS_ALLOCATED: Final = 0x0100
_BIT_POSITION: Final = 0x0102
_DATA: Final = 0x3000

_GROUPS: Final = range(0x6000, 0x6100, 2)


def embedded_planes(data_set: DataSet, image: Description) -> list[int]:
    """Bits of the pixel cells in which overlays lie."""
    found: list[int] = []
    for group in _present(data_set):
        bit = data_set.number(group | _BIT_POSITION)
        own = group | _DATA in data_set
        if own or bit is None or image.is_float or bit >= image.allocated:
            continue
        if (bit > image.high_bit or bit < image.shift) and bit not in found:
            found.append(bit)
    return found


def clean_overlays(data_set: DataSet, find: Callable[[np.ndarray], list[Box]]) -> dict[int, Written]:
    """New OverlayData for the planes in which text is found; its bits are 0 there, in each frame of the overlay.

    Raises:
        InstanceError: an overlay has no size, or fewer bits than that.
    """
    changes: dict[int, Written] = {}
    for group in _present(data_set):
        tag = group | _DATA
        if not data_set.value(tag):
            continue
        plane = _Plane.of(data_set, group)
        boxes = merge(box for frame in range(plane.frames) for view in plane.views(frame) for box in find(view))
        boxes = merge(box.clip(plane.columns, plane.rows) for box in boxes)
        if boxes:
            changes[tag] = Written(data_set.elements[tag].vr or "OW", plane.blanked(boxes))
    return changes


def _present(data_set: DataSet) -> list[int]:
    groups = {tag & 0xFFFF0000 for tag in data_set.elements}
    return [group << 16 for group in _GROUPS if group << 16 in groups]


@dataclasses.dataclass
class _Plane:
    """One overlay with bits of its own.

    Attributes:
        rows: of each frame.
        columns: of each frame.
        frames: how many.
        bits: all of them, one a byte, with what follows them in the element.
        swapped: whether the bytes of the element are swapped in pairs, as in big endian OW.
    """

    rows: int
    columns: int
    frames: int
    bits: np.ndarray
    swapped: bool

    @classmethod
    def of(cls, data_set: DataSet, group: int) -> _Plane:
        rows, columns = data_set.number(group | _ROWS), data_set.number(group | _COLUMNS)
        frames = data_set.number(group | _FRAMES) or 1
        if data_set.number(group | _BITS_ALLOCATED) not in {None, 1} or not rows or not columns:
            raise InstanceError("an overlay does not say how its bits are to be read")
        element = data_set.elements[group | _DATA]
        value = data_set.value(element.tag)
        if rows * columns > MAX_FRAME_SAMPLES or rows * columns * frames > len(value) * 8:
            raise InstanceError("an overlay has fewer bits than its rows, columns and frames need")
        swapped = not data_set.encoding.little_endian and element.vr != "OB" and len(value) % 2 == 0
        packed = np.frombuffer(value, "u2").byteswap().view("u1") if swapped else np.frombuffer(value, "u1")
        return cls(rows, columns, frames, np.unpackbits(packed, bitorder="little"), swapped)

    def frame(self, index: int) -> np.ndarray:
        """The bits of a frame, shaped (rows, columns)."""
        size = self.rows * self.columns
        return self.bits[index * size : (index + 1) * size].reshape(self.rows, self.columns)

    def views(self, index: int) -> list[np.ndarray]:
        """The pictures of a frame."""
        return plane_views(self.frame(index))

    def blanked(self, boxes: list[Box]) -> bytes:
        """The element's value with 0 in the boxes of every frame."""
        for index in range(self.frames):
            frame = self.frame(index)
            for box in boxes:
                frame[box.slices] = 0
        packed = np.packbits(self.bits, bitorder="little")
        return (packed.view("u2").byteswap() if self.swapped else packed).tobytes()
