"""A line of text in an image, and where each of its characters lies."""

from __future__ import annotations

import dataclasses
import math

from emulator.deidentify.pixels.boxes import Box

Point = tuple[float, float]
"""(x, y) in pixels."""

Quad = tuple[Point, Point, Point, Point]
"""Corners of a line, which may be slanted, as its reader sees them: top left, top right, bottom right, bottom left."""


@dataclasses.dataclass(frozen=True)
class Line:
    """What was read at one place of an image.

    Attributes:
        quad: its corners in the image, in reading direction: from the first corner to the second the text goes on.
        text: what was read; may be empty.
        score: mean confidence of its characters, 0 to 1.
        centres: for each character of `text` how far along the line its middle lies, 0 (start) to 1 (end), ascending.
    """

    quad: Quad
    text: str
    score: float
    centres: tuple[float, ...]

    @property
    def box(self) -> Box:
        """The smallest box around it."""
        return Box.around(self.quad)

    @property
    def length(self) -> float:
        """Pixels from its start to its end."""
        return math.dist(self.quad[0], self.quad[1])

    @property
    def thickness(self) -> float:
        """Pixels from its top to its bottom, across the reading direction."""
        return math.dist(self.quad[0], self.quad[3])

    @property
    def upright(self) -> bool:
        """Whether it reads from left to right, give or take a slant of one in four."""
        (x0, y0), (x1, y1) = self.quad[0], self.quad[1]
        return x1 > x0 and abs(y1 - y0) * 4 <= x1 - x0

    def part(self, start: int, end: int, spare: float = 0.5) -> Box:
        """A box around the characters `start` to `end` (not included) of `text`.

        Args:
            start: index of the first one.
            end: index after the last one, beyond `start`.
            spare: how much further it reaches on both sides, in thicknesses of the line. Positions are those of the
                recognizer's columns, about a quarter of a thickness apart; half a thickness is about one character.
        """
        first = (self.centres[start - 1] + self.centres[start]) / 2 if start else 0.0
        last = (self.centres[end - 1] + self.centres[end]) / 2 if end < len(self.centres) else 1.0
        more = spare * self.thickness / max(self.length, 1.0)
        first, last = max(first - more, 0.0), min(last + more, 1.0)
        top_left, top_right, bottom_right, bottom_left = self.quad
        return Box.around(
            [
                _between(top_left, top_right, first),
                _between(top_left, top_right, last),
                _between(bottom_left, bottom_right, last),
                _between(bottom_left, bottom_right, first),
            ]
        )


def _between(start: Point, end: Point, share: float) -> Point:
    """The point on the way from `start` to `end` after `share` of it."""
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
