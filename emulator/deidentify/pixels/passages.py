"""Lines of text put together as a person would read them: a label and its value, a name in two boxes.

A detector cuts text at wide blanks, so that "Name:" and what follows it may be two lines side by side, or one below the
other. Whatever is looked for is looked for in each line alone, in lines that follow each other in a row, and in lines
that stand close below each other.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from emulator.deidentify.pixels.lines import Line

_ROW_GAP: Final = 4.0
"""Lines in a row belong together when no more than so many of their heights lie between them."""

_COLUMN_GAP: Final = 1.0
"""Lines below each other belong together when no more than so many of their heights lie between them."""

_SAME_ROW: Final = 0.5
"""Share of the lower line's height in which two lines in a row overlap."""


@dataclasses.dataclass(frozen=True)
class Passage:
    """Text of one or several lines.

    Attributes:
        text: theirs, with a blank or a line feed between them.
        places: for each character of `text` the index of its line and its own index within that line's text; None for
            what stands between lines.
    """

    text: str
    places: tuple[tuple[int, int] | None, ...]

    def spans(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Which characters of which lines `text[start:end]` is: index of the line, start and end in its text."""
        lines: dict[int, list[int]] = {}
        for place in self.places[start:end]:
            if place is not None:
                lines.setdefault(place[0], []).append(place[1])
        for line, indexes in lines.items():
            yield line, min(indexes), max(indexes) + 1


def passages(lines: Sequence[Line]) -> list[Passage]:
    """Each line alone, then rows of two and more, then pairs of lines below each other. Lines without text are
    left out.
    """
    written = [index for index, line in enumerate(lines) if line.text.strip()]
    level = [index for index in written if lines[index].upright]
    groups = [(" ", [index]) for index in written]
    groups += [(" ", row) for row in _rows(lines, level) if len(row) > 1]
    groups += [("\n", [upper, lower]) for upper, lower in _pairs(lines, level)]
    return [_joined(lines, group, between) for between, group in groups]


def _joined(lines: Sequence[Line], group: Iterable[int], between: str) -> Passage:
    text = ""
    places: list[tuple[int, int] | None] = []
    for index in group:
        if text:
            text += between
            places.append(None)
        text += lines[index].text
        places += [(index, position) for position in range(len(lines[index].text))]
    return Passage(text, tuple(places))


def _rows(lines: Sequence[Line], indexes: Iterable[int]) -> list[list[int]]:
    """Groups of lines that follow each other from left to right."""
    rows: list[list[int]] = []
    for index in sorted(indexes, key=lambda index: lines[index].box.left):
        for row in rows:
            if _follows(lines[row[-1]], lines[index]):
                row.append(index)
                break
        else:
            rows.append([index])
    return rows


def _follows(left: Line, right: Line) -> bool:
    a, b = left.box, right.box
    common = min(a.bottom, b.bottom) - max(a.top, b.top)
    height = min(a.height, b.height)
    return common >= _SAME_ROW * height and -height <= b.left - a.right <= _ROW_GAP * height


def _pairs(lines: Sequence[Line], indexes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Each line with the nearest ones below it that share some of its columns."""
    for upper in indexes:
        a = lines[upper].box
        below = [
            (lines[lower].box.top, lower)
            for lower in indexes
            if lower != upper
            and _is_below(a.bottom, a.height, lines[lower])
            and _share_columns(lines[upper], lines[lower])
        ]
        if below:
            yield upper, min(below)[1]


def _is_below(bottom: int, height: int, line: Line) -> bool:
    box = line.box
    smaller = min(height, box.height)
    return -_SAME_ROW * smaller < box.top - bottom <= _COLUMN_GAP * smaller and box.bottom > bottom


def _share_columns(upper: Line, lower: Line) -> bool:
    a, b = upper.box, lower.box
    return 2 * (min(a.right, b.right) - max(a.left, b.left)) >= min(a.width, b.width)
