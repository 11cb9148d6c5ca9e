"""Which parts of an image the text detector sees, and how large, so that time and memory stay bounded."""

from __future__ import annotations

import dataclasses
import math
from typing import Final

from emulator.deidentify.pixels.boxes import Box

MIN_SIDE: Final = 8
"""An image with a side shorter than this holds no text that could be read: the smallest letters need 5 rows."""

WHOLE_SIDE: Final = 2000
"""Images up to this size are seen at once; larger ones reduced to it, and in tiles."""

TILE_SIDE: Final = 1600
OVERLAP: Final = 256
"""Tiles overlap by so much, so that lines up to this height lie within one of them."""

_MAX_AREA: Final = WHOLE_SIDE * WHOLE_SIDE
"""Pixels the detector sees at a time; four megapixels take about 1.1 GB."""

_MAX_SIDE: Final = 2 * WHOLE_SIDE
_STEP: Final = 32
"""The network wants sides that are multiples of this."""


@dataclasses.dataclass(frozen=True)
class Window:
    """A part of an image and the size at which it is shown.

    Attributes:
        box: the part.
        columns: its width as shown, a multiple of 32.
        rows: its height as shown, a multiple of 32.
    """

    box: Box
    columns: int
    rows: int


def windows(columns: int, rows: int, side_len: int) -> list[Window]:
    """The windows that cover an image of `columns` x `rows`.

    Args:
        columns: width of the image.
        rows: height of the image.
        side_len: the shorter side of a window is shown at least so long, where area and longer side allow it.
    """
    if min(columns, rows) < MIN_SIDE:
        return []
    parts = [Box(0, 0, columns, rows)]
    if max(columns, rows) > WHOLE_SIDE:
        parts += [Box(left, top, right, bottom) for top, bottom in _tiles(rows) for left, right in _tiles(columns)]
    return [Window(part, *_shown(part, side_len)) for part in parts]


def _tiles(length: int) -> list[tuple[int, int]]:
    """Starts and ends of equal tiles along one side, each at most TILE_SIDE long."""
    if length <= TILE_SIDE:
        return [(0, length)]
    count = math.ceil((length - OVERLAP) / (TILE_SIDE - OVERLAP))
    size = math.ceil((length + (count - 1) * OVERLAP) / count)
    starts = [round(index * (length - size) / (count - 1)) for index in range(count)]
    return [(start, start + size) for start in starts]


def _shown(part: Box, side_len: int) -> tuple[int, int]:
    """Width and height at which a part is shown."""
    scale = max(side_len / min(part.width, part.height), 1.0)
    if max(part.width, part.height) > WHOLE_SIDE:
        scale = WHOLE_SIDE / max(part.width, part.height)
    scale = min(scale, math.sqrt(_MAX_AREA / part.area), _MAX_SIDE / max(part.width, part.height))
    return _multiple(part.width * scale), _multiple(part.height * scale)


def _multiple(length: float) -> int:
    return max(round(length / _STEP), 1) * _STEP
