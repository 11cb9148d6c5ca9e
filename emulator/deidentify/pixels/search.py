"""Looking for text in every frame of one image."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable

import numpy as np

from emulator.deidentify.pixels.boxes import Box, merge
from emulator.deidentify.pixels.description import Description
from emulator.deidentify.pixels.display import Display
from emulator.deidentify.pixels.frames import Frames
from emulator.deidentify.pixels.samples import black, extremes, values_of
from emulator.deidentify.pixels.views import colour_views, grey_views, palette_views, plane_views

Find = Callable[[np.ndarray], list[Box]]
"""Boxes of text in a picture, shaped (rows, columns) or (rows, columns, 3), of 8 bits."""


@dataclasses.dataclass(frozen=True)
class Blanks:
    """What is to be blanked in each frame of an image.

    Attributes:
        boxes: in the pixels.
        planes: for bits of the cells in which overlays lie, the boxes in those.
        black: the value of each sample of a black pixel.
    """

    boxes: list[Box]
    planes: dict[int, list[Box]]
    black: tuple[float, ...]

    def __bool__(self) -> bool:
        return bool(self.boxes) or any(self.planes.values())


def search(frames: Frames, display: Display, planes: list[int], find: Find) -> Blanks:
    """Look through every frame; what is found in one is to be blanked in all.

    A frame that is the same bytes as one before it, shown the same way, is not looked through again.

    Args:
        frames: the image's.
        display: how it is shown.
        planes: bits of the cells in which overlays lie.
        find: looks for text in a picture.

    Raises:
        InstanceError: a frame cannot be decoded, or there is no palette.
    """
    image = frames.image
    palette = display.palette() if image.photometric == "PALETTE COLOR" else None
    boxes: list[Box] = []
    in_planes: dict[int, list[Box]] = {bit: [] for bit in planes}
    ends: list[float] = []
    photometric = image.photometric
    seen: set[bytes] = set()
    for index in range(image.frames):
        digest = hashlib.sha256(frames.encoded(index)).digest()
        if digest in seen:
            continue
        if not display.per_frame:
            seen.add(digest)
        cells, photometric = frames.read(index)
        values = values_of(cells, image)
        ends += extremes(values) or ()
        for view in _views(values, photometric, image, display, palette, index):
            boxes = merge([*boxes, *find(view)])
        for bit in planes:
            plane = np.right_shift(cells[..., 0], bit) & 1
            in_planes[bit] = merge([*in_planes[bit], *(box for view in plane_views(plane) for box in find(view))])
    dark_index = 0 if palette is None else int(palette.astype("u2").sum(axis=1).argmin())
    value = black(image, photometric, min(ends, default=0), max(ends, default=0), dark_index)
    return Blanks(_within(boxes, image), {bit: _within(found, image) for bit, found in in_planes.items()}, value)


def _views(
    values: np.ndarray,
    photometric: str,
    image: Description,
    display: Display,
    palette: np.ndarray | None,
    index: int,
) -> list[np.ndarray]:
    if palette is not None:
        return palette_views(values[..., 0], palette)
    if image.samples == 1:
        transforms = display.transforms(index)
        return grey_views(values[..., 0], transforms, inverse=photometric == "MONOCHROME1")
    return colour_views(values, photometric, image)


def _within(boxes: list[Box], image: Description) -> list[Box]:
    return merge(box.clip(image.columns, image.rows) for box in boxes)
