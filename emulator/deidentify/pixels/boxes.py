"""Rectangles of pixels: where text lies in an image, and what of it is blanked.

Rows grow downwards and columns to the right, as in the Pixel Data (PS3.3 C.7.6.3.1.4); the first pixel is (0, 0).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Box(NamedTuple):
    """A half-open rectangle: `left` and `top` belong to it, `right` and `bottom` do not.

    So `image[box.top:box.bottom, box.left:box.right]` is what it covers. A box whose right is not beyond its left,
    or whose bottom is not below its top, covers nothing.
    """

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(cls, points: Iterable[Sequence[float]]) -> Box:
        """The smallest box that covers every (x, y) of `points`, of which there is at least one."""
        xs, ys = zip(*((float(point[0]), float(point[1])) for point in points), strict=True)
        return cls(math.floor(min(xs)), math.floor(min(ys)), math.ceil(max(xs)), math.ceil(max(ys)))

    @property
    def width(self) -> int:
        """Columns covered."""
        return max(self.right - self.left, 0)

    @property
    def height(self) -> int:
        """Rows covered."""
        return max(self.bottom - self.top, 0)

    @property
    def area(self) -> int:
        """Pixels covered."""
        return self.width * self.height

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index of what it covers in an array of (rows, columns, ...). Meant for boxes clipped to the image."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def clip(self, columns: int, rows: int) -> Box:
        """The part of it within an image of `columns` x `rows`; covers nothing when it lies outside."""
        return Box(
            min(max(self.left, 0), columns),
            min(max(self.top, 0), rows),
            min(max(self.right, 0), columns),
            min(max(self.bottom, 0), rows),
        )

    def pad(self, columns: int, rows: int | None = None) -> Box:
        """The box grown by `columns` to the left and right and by `rows` (as many, if not given) up and down."""
        rows = columns if rows is None else rows
        return Box(self.left - columns, self.top - rows, self.right + columns, self.bottom + rows)

    def shift(self, columns: int, rows: int) -> Box:
        """The box moved right and down."""
        return Box(self.left + columns, self.top + rows, self.right + columns, self.bottom + rows)

    def scale(self, x: float, y: float) -> Box:
        """The box in an image whose columns are `x` and rows `y` times as many; never covers less than before."""
        return Box(
            math.floor(self.left * x), math.floor(self.top * y), math.ceil(self.right * x), math.ceil(self.bottom * y)
        )

    def union(self, other: Box) -> Box:
        """The smallest box that covers both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def intersection(self, other: Box) -> Box:
        """What both cover; covers nothing when they do not meet."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        return Box(left, top, max(min(self.right, other.right), left), max(min(self.bottom, other.bottom), top))

    def contains(self, other: Box) -> bool:
        """Whether every pixel of `other` is in it."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )


def merge(boxes: Iterable[Box]) -> list[Box]:
    """Boxes that cover exactly what `boxes` cover, sorted from the top, without those that lie within another.

    >>> merge([Box(0, 0, 9, 9), Box(2, 2, 4, 4), Box(3, 3, 3, 8)])
    [Box(left=0, top=0, right=9, bottom=9)]
    """
    kept: list[Box] = []
    for box in sorted({box for box in boxes if box.area}, key=lambda box: -box.area):
        if not any(other.contains(box) for other in kept):
            kept.append(box)
    return sorted(kept, key=lambda box: (box.top, box.left, box.bottom, box.right))


def coverage(box: Box, covering: Iterable[Box]) -> float:
    """The share of `box`'s area that `covering` cover together, 0 to 1; 1 for a box that covers nothing."""
    if not box.area:
        return 1.0
    parts = merge(box.intersection(other) for other in covering)
    edges = sorted({edge for part in parts for edge in (part.top, part.bottom)})
    covered = 0
    for top, bottom in itertools.pairwise(edges):
        reach = box.left
        for left, right in sorted((p.left, p.right) for p in parts if p.top <= top and p.bottom >= bottom):
            covered += max(right - max(left, reach), 0) * (bottom - top)
            reach = max(reach, right)
    return covered / box.area
