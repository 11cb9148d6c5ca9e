"""How the values of an image become grey or colour on a screen: windows, look-up tables, palettes (PS3.3 C.11).

What is damaged here is left out: an image is searched over its full range of values too.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.pixels import apply_color_lut

from emulator.deidentify.attributes import tag_of
from emulator.deidentify.errors import InstanceError
from emulator.deidentify.pixels.description import Description
from emulator.deidentify.pixels.elements import DataSet

_KEYWORDS: Final = """WindowCenter WindowWidth RescaleIntercept RescaleSlope RescaleType ModalityLUTSequence
    VOILUTSequence SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence"""
_TAGS: Final = (
    *(tag_of(keyword) for keyword in _KEYWORDS.split()),
    *(0x00281101, 0x00281102, 0x00281103),  # palette descriptors
    *(0x00281201, 0x00281202, 0x00281203, 0x00281221, 0x00281222, 0x00281223),  # palettes, segmented ones
    0x00280103,  # PixelRepresentation, which says how descriptors are to be read
)

_MAX_WINDOWS: Final = 8
"""Windows of one frame that are looked through; more say nothing new about its text."""

_MAX_PALETTE_BITS: Final = 16

Transform = Callable[[np.ndarray], np.ndarray]
"""From stored values to floating point grey, black at 0 and white at 1, not yet clipped."""


class Display:
    """How one image is shown."""

    def __init__(self, data_set: DataSet, image: Description) -> None:
        """Read what the data set, or the item of an icon, says about it."""
        self._image = image
        raw = b"".join(data_set.raw(tag) for tag in sorted(_TAGS) if tag in data_set)
        encoding = data_set.encoding
        self._dataset = read_dataset(io.BytesIO(raw), encoding.implicit, encoding.little_endian)

    @property
    def per_frame(self) -> bool:
        """Whether equal frames may be shown differently."""
        return "PerFrameFunctionalGroupsSequence" in self._dataset

    def palette(self) -> np.ndarray:
        """The colours of PALETTE COLOR, one row of red, green and blue (0 to 255) for each value that can be stored.

        Raises:
            InstanceError: there is no palette, or it cannot be read.
        """
        if self._image.signed or self._image.stored > _MAX_PALETTE_BITS:
            raise InstanceError("its palette has signed or too large indices")
        indices = np.arange(1 << self._image.stored, dtype="u2" if self._image.stored > 8 else "u1")
        try:
            colours = apply_color_lut(indices.reshape(1, -1), self._dataset)[0]
        except Exception:  # noqa: BLE001 - pydicom raises many kinds for damaged palettes
            raise InstanceError("its palette is missing or damaged") from None
        return (colours.astype("f4") * (255 / max(int(colours.max()), 1))).astype("u1")

    def transforms(self, frame: int) -> list[Transform]:
        """The windows and VOI look-up tables of a frame, counted from 0."""
        found: list[Transform] = []
        with contextlib.suppress(Exception):  # damaged values come out as errors of many kinds
            found = list(self._transforms(frame))
        return found[:_MAX_WINDOWS]

    def _transforms(self, frame: int) -> Iterator[Transform]:
        modality = self._modality(frame)
        voi = self._group(frame, "FrameVOILUTSequence")
        for center, width in zip(_floats(voi, "WindowCenter"), _floats(voi, "WindowWidth"), strict=False):
            if width > 0:
                yield _window(modality, center, width)
        for item in voi.get("VOILUTSequence") or []:
            first, table = _lut(item)
            yield _table(modality, first, table / max(float(table.max()), 1.0))

    def _modality(self, frame: int) -> Transform:
        for item in self._dataset.get("ModalityLUTSequence") or []:
            first, table = _lut(item)
            return _table(lambda values: values, first, table)
        rescale = self._group(frame, "PixelValueTransformationSequence")
        slope, intercept = _floats(rescale, "RescaleSlope"), _floats(rescale, "RescaleIntercept")
        factor, offset = (slope or [1.0])[0], (intercept or [0.0])[0]
        return lambda values: values.astype("f4") * np.float32(factor) + np.float32(offset)

    def _group(self, frame: int, keyword: str) -> Dataset:
        """The item of a functional group that holds for a frame; without groups the data set itself (C.7.6.16)."""
        groups = list(self._dataset.get("PerFrameFunctionalGroupsSequence") or [])[frame : frame + 1]
        for group in [*groups, *(self._dataset.get("SharedFunctionalGroupsSequence") or [])]:
            for item in group.get(keyword) or []:
                return item
        return self._dataset


def _floats(dataset: Dataset, keyword: str) -> list[float]:
    value: Any = dataset.get(keyword)
    if value is None or value == "":
        return []
    return [float(part) for part in (value if hasattr(value, "__iter__") and not isinstance(value, str) else [value])]


def _window(modality: Transform, center: float, width: float) -> Transform:
    """A linear window, which also stands for SIGMOID and LINEAR_EXACT: they differ in nothing that hides text."""
    low = center - width / 2
    return lambda values: (modality(values) - np.float32(low)) / np.float32(width)


def _table(before: Transform, first: int, table: np.ndarray) -> Transform:
    return lambda values: table[np.clip(before(values).astype("i8") - first, 0, len(table) - 1)]


def _lut(item: Dataset) -> tuple[int, np.ndarray]:
    """First value mapped, and the entries (C.11.1.1)."""
    count, first, _ = (int(part) for part in item.LUTDescriptor)
    data = item["LUTData"].value
    entries = np.frombuffer(data, "<u2") if isinstance(data, bytes) else np.atleast_1d(np.asarray(data))
    return first, entries[: count or 2**16].astype("f4")
