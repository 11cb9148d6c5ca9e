"""The rules of the ten checks, each a number between 0 (failed) and 1 (passed), from what the output file holds.

The rules are those of MIDI-B's `curation_validator`: text is compared in lower case, as numbers when both sides are
numbers, else as a whole, else token by token without stop words, and tokens are looked for anywhere in the value; an
element that is not there passes the checks of removal. Stricter here: names are split at `^` too; a patient id that is
gone is not consistent; and text in pixels is not hidden, whatever a reader sees, when its region is as it was.
One-character tokens do not count.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.midi.answer_key import Region

Image = NDArray[Any]
"""Decoded frames: (frames, rows, columns) or (frames, rows, columns, samples)."""

Reader = Callable[[NDArray[np.uint8]], list[str]]
"""Reads the text in an image of (rows, columns) bytes."""

_ENGLISH: Final = """
    a about after all also an and any are as at be been before but by can did do does for from had has have he her his
    i if in into is it its me my no not of off on only or our out she so such than that the their them then there they
    this to until up was we were what when where which who will with you your
"""
STOP_WORDS: Final = frozenset(_ENGLISH.split())
"""English words that carry no meaning of their own; the common part of the usual lists."""

_TOKEN: Final = re.compile(r"[^\s\"'`()\[\]{}<>,;:!?^=|\\“”‘’•]+")
_NUMBER: Final = re.compile(r"\d+\.?\d*|\.\d+")
_ALIKE: Final = 0.8
"""From this similarity on, what was read is taken for what was burned in: readers err by a character or two."""


def tokens(text: str) -> list[str]:
    """The words and numbers of a text that mean something, in lower case.

    >>> tokens("Seen by Dr. Okafor on 3/12/2011.")
    ['seen', 'dr', 'okafor', '3/12/2011']
    """
    found = (token.strip(".-/*#&+_~%$@") for token in _TOKEN.findall(text.lower()))
    return [token for token in found if len(token) > 1 and token not in STOP_WORDS]


def tag_retained(value: str | None) -> float:
    """The element is there, empty or not."""
    return float(value is not None)


def text_notnull(value: str | None) -> float:
    """The element is there and has a value."""
    return float(bool(value))


def text_retained(value: str | None, answer: str) -> float:
    """The part of the answer that is still in the value."""
    if not value:
        return 0.0
    return _part_in(value, answer)


def text_removed(value: str | None, answer: str) -> float:
    """The part of the answer that is gone from the value; all of it when the element is not there."""
    if not value:
        return 1.0
    if answer.lower() in value.lower() and not (_is_number(value) and _is_number(answer)):
        return 0.0
    return 1.0 - _part_in(value, answer)


def old_value_gone(value: str | None, answer: str) -> float:
    """`date_shifted` and `uid_changed`: the old value is not within the new one."""
    return float(not value or answer.replace("\\", "") not in value.replace("\\", ""))


def uid_consistent(value: str | None, expected: str | None) -> float:
    """The UID is what the old one became everywhere, or the element is gone.

    `expected` is None when the old UID has no single new one, or shares it with another.
    """
    return float(value is None or (expected is not None and value == expected))


def patid_consistent(value: str | None, expected: str | None) -> float:
    """The patient id is what the old one became everywhere, and nobody else's.

    Without one, patients cannot be told apart. `expected` is None as above.
    """
    return float(bool(value) and value == expected)


def pixels_retained(image: Image | None, answer: str, region: Region | None) -> float:
    """The pixels have the digest they had."""
    return float(image is not None and digest(crop(image, region)) == answer)


def pixels_hidden(image: Image | None, answer: str, region: Region, before: str, read: Reader | None) -> float:
    """The text burned into the region is gone.

    It is when the region is of one colour in every frame. It is not when the region is as it was before, or when there
    is no reader to ask. Otherwise it is when the reader finds nothing like any of the answer's tokens.
    """
    if image is None:
        return 0.0
    part = crop(image, region)
    if part.size == 0 or all(_is_flat(frame) for frame in part):
        return 1.0
    if digest(part) == before or read is None:
        return 0.0
    seen = tokens(" ".join(line for frame in part for line in read(to_gray(frame))))
    return float(not any(_alike(token, other) for token in tokens(answer) for other in seen))


def crop(image: Image, region: Region | None) -> Image:
    """The pixels of a region in every frame; all for None."""
    if region is None:
        return image
    return image[:, region.top : region.bottom, region.left : region.right]


def digest(image: Image) -> str:
    """Of shape and values, the same for every integer type that holds them.

    >>> digest(np.zeros((1, 2, 2), "uint8")) == digest(np.zeros((1, 2, 2), "int16"))
    True
    """
    values = np.ascontiguousarray(image).astype("<i8")
    return hashlib.sha256(repr(image.shape).encode() + values.tobytes()).hexdigest()


def to_gray(frame: Image) -> NDArray[np.uint8]:
    """(rows, columns) or (rows, columns, samples) as (rows, columns) bytes, stretched to the full range."""
    gray = frame.astype(float).max(axis=-1) if frame.ndim == 3 else frame.astype(float)
    low, high = float(gray.min()), float(gray.max())
    return np.rint((gray - low) * (255.0 / ((high - low) or 1.0))).astype(np.uint8)


def _is_flat(frame: Image) -> bool:
    flat = frame.reshape(-1, frame.shape[-1]) if frame.ndim == 3 else frame.reshape(-1, 1)
    return bool((flat == flat[0]).all())


def _alike(token: str, other: str) -> bool:
    return token in other or difflib.SequenceMatcher(None, token, other).ratio() >= _ALIKE


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text.strip()) is not None


def _part_in(value: str, answer: str) -> float:
    value, answer = value.lower(), answer.lower()
    if _is_number(value) and _is_number(answer):
        return float(float(value) == float(answer))
    if answer in value:
        return 1.0
    wanted = tokens(answer)
    return sum(token in value for token in wanted) / len(wanted) if wanted else 0.0
