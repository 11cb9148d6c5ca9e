"""Which rectangles of an image hold text that a plan redacts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from emulator.deidentify.pixels.banner import find_in_banner
from emulator.deidentify.pixels.boxes import Box, merge
from emulator.deidentify.pixels.lines import Line, Quad
from emulator.deidentify.pixels.passages import passages
from emulator.deidentify.pixels.reader import TextReader, text_reader
from emulator.deidentify.text.finding import CONTEXT, find

if TYPE_CHECKING:
    from emulator.deidentify.instance import Instance
    from emulator.deidentify.pixels.config import ImagePlan
    from emulator.deidentify.pixels.reader import Image

_PAD: Final = 2
"""Pixels added around what is redacted: the soft edges of strokes."""

_LARGE: Final = 0.01
_HUGE: Final = 0.2
"""Shares of the image's area from which on a box must prove to be text: structures of a body can look like letters."""

_LINE_SHAPED: Final = 3.0
"""A box so many times as long as thick is a line of several characters."""

_LEGIBLE: Final = 0.3
_WELL_LEGIBLE: Final = 0.8
_CLEARLY_LEGIBLE: Final = 0.9
"""Confidence from which on a large box is text: a line of several characters, a short word, a single letter."""

_DOUBTFUL: Final = 0.6
"""A line read with less confidence is redacted as a whole: if something is found in it, and if it is line-shaped."""

_MOST: Final = 0.6
"""When so much of a line's text is redacted, all of the line is."""


def find_boxes(image: Image, plan: ImagePlan, instance: Instance) -> list[Box]:
    """What of an image to redact, sorted from the top; empty when there is nothing.

    "all": every detected line. Sensitive modes: the characters in which something is found, with about one character
    more on both sides; the whole line when most of it is found or when it was read badly. Lines are also looked at
    together with their neighbours (see `passages`).

    Args:
        image: uint8, (rows, columns) or (rows, columns, RGB): one frame as it is shown.
        plan: what to redact.
        instance: where the image comes from.

    Raises:
        InstanceError: the OCR engine failed, or a pattern of the plan did not come to an end.
        ReaderMissingError: the packages that read text in images are missing.
    """
    rows, columns = image.shape[:2]
    boxes = boxes_in(image, plan, instance, text_reader(plan.thorough))
    return merge(box.pad(_PAD).clip(columns, rows) for box in boxes)


def boxes_in(image: Image, plan: ImagePlan, instance: Instance, reader: TextReader) -> list[Box]:
    """What of an image to redact, by the given reader, without padding. See `find_boxes`."""
    quads = reader.detect(image)
    area = image.shape[0] * image.shape[1]
    if plan.mode == "all":
        return [Box.around(quad) for quad in _texts(image, quads, area, reader)]
    lines = [line for line in reader.read(image, quads) if _is_text(line, area)]
    return [
        box for line, spans in zip(lines, _spans(lines, plan, instance), strict=True) for box in _redacted(line, spans)
    ]


def _texts(image: Image, quads: Sequence[Quad], area: int, reader: TextReader) -> list[Quad]:
    """The quads without large ones in which nothing can be read; only those are read at all."""
    large = [quad for quad in quads if Box.around(quad).area > _LARGE * area]
    refuted = [line.box for line in reader.read(image, large) if not _is_text(line, area)]
    return [quad for quad in quads if Box.around(quad) not in refuted]


def _is_text(line: Line, area: int) -> bool:
    """Whether a line is no structure of the body that looks like a letter. Small ones are taken for text unread."""
    size = line.box.area
    characters = sum(character.isalnum() for character in line.text)
    if _line_shaped(line):
        return size <= _HUGE * area or (characters > 1 and line.score >= _LEGIBLE)
    if characters > 1:
        return size <= _LARGE * area or line.score >= _WELL_LEGIBLE
    return size <= _LARGE * area or (characters > 0 and size <= _HUGE * area and line.score >= _CLEARLY_LEGIBLE)


def _line_shaped(line: Line) -> bool:
    long, short = max(line.box.width, line.box.height), min(line.box.width, line.box.height)
    return long >= _LINE_SHAPED * short


def _spans(lines: Sequence[Line], plan: ImagePlan, instance: Instance) -> list[set[tuple[int, int]]]:
    """For each line the spans of its text to redact."""
    spans: list[set[tuple[int, int]]] = [set() for _ in lines]
    contextual = plan.mode == "sensitive_clean_descriptors"
    for passage in passages(lines):
        found = find(
            passage.text,
            info_types=plan.info_types,
            header=instance.header,
            contextual=contextual,
            ocr=True,
            finders=instance.finders,
        )
        banner = find_in_banner(passage.text, instance.phrases, contextual=contextual)
        found += [finding for finding in banner if finding.info_type in plan.info_types | {CONTEXT}]
        parts = [(finding.start, finding.end) for finding in found]
        parts += [span for pattern in plan.custom for span in pattern.spans(passage.text)]
        for start, end in parts:
            for index, first, last in passage.spans(start, end):
                spans[index].add((first, last))
    return spans


def _redacted(line: Line, spans: set[tuple[int, int]]) -> Iterator[Box]:
    """The boxes of a line to redact."""
    doubtful = line.score < _DOUBTFUL
    if not spans:
        if doubtful and _line_shaped(line):
            yield line.box
        return
    covered = {index for start, end in spans for index in range(start, end) if not line.text[index].isspace()}
    printed = sum(not character.isspace() for character in line.text)
    if doubtful or len(covered) >= _MOST * printed:
        yield line.box
    else:
        yield from (line.part(start, end) for start, end in spans)
