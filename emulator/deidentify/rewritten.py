"""What both rewriters have in common: their result, and how a walked or replaced element is put down."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Sequence
from typing import Final

from emulator.deidentify.actions import Action, Decision
from emulator.deidentify.part10 import UNDEFINED_LENGTH, Encoding, encode, header
from emulator.deidentify.values import dummy_is_fixed, replacement


@dataclasses.dataclass(frozen=True)
class Span:
    """Bytes of the original that were not read: from one position in the file to before another."""

    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


Piece = bytes | memoryview | Span
"""Part of the new file: bytes made anew, a view on the original, or a place in it."""

ITEM: Final = 0xFFFEE000
ITEM_DELIMITATION: Final = 0xFFFEE00D
SEQUENCE_DELIMITATION: Final = 0xFFFEE0DD


@dataclasses.dataclass
class Identity:
    """One of the instance's ids, or its SOP class: the value as it was and as it is written."""

    old: bytes
    new: bytes


@dataclasses.dataclass
class Rewritten:
    """A de-identified data set.

    Attributes:
        pieces: its parts in order.
        identities: by tag what identifies the instance.
        encapsulated: whether its Pixel Data is in fragments, as compressed transfer syntaxes have it.
    """

    pieces: list[Piece]
    identities: dict[int, Identity]
    encapsulated: bool


def size(pieces: Sequence[Piece]) -> int:
    """Bytes in all pieces."""
    return sum(len(piece) for piece in pieces)


def replacement_is_fixed(decision: Decision, tag: int) -> bool:
    """Whether `replaced` gives the same for every value."""
    return decision.action is Action.EMPTY or (decision.action is Action.DUMMY and dummy_is_fixed(tag, decision.vr))


def replaced(decision: Decision, tag: int, value: bytes, encoding: Encoding) -> tuple[bytes, bytes]:
    """The element with its new value, and that value."""
    new = replacement(decision.action, tag, decision.vr, value, little_endian=encoding.little_endian)
    return encode(tag, decision.vr, new, encoding), new


def is_lost(decision: Decision, length: int) -> bool:
    """Whether an element is not written: by decision, or because a value of undefined length has no replacement.

    Undefined length outside sequences means encapsulated pixel data; a legal dummy for it would have to be an image.
    """
    undefined = length == UNDEFINED_LENGTH and decision.vr != "SQ"
    return decision.action is Action.DELETE or (undefined and decision.action is not Action.KEEP)


def delimiter(tag: int, length: int, encoding: Encoding) -> bytes:
    """An item tag, or one of the delimitation items, with its length (PS3.5 section 7.5)."""
    return struct.pack(("<" if encoding.little_endian else ">") + "HHI", tag >> 16, tag & 0xFFFF, length)


def sequence(tag: int, items: Sequence[Piece], encoding: Encoding, *, undefined: bool) -> list[Piece]:
    """A sequence element around its written items, of the same kind of length as the original."""
    if not undefined:
        return [header(tag, "SQ", size(items), encoding), *items]
    head = header(tag, "SQ", UNDEFINED_LENGTH, encoding)
    return [head, *items, delimiter(SEQUENCE_DELIMITATION, 0, encoding)]


def item(elements: Sequence[Piece], encoding: Encoding, *, undefined: bool) -> list[Piece]:
    """An item around its written elements, of the same kind of length as the original."""
    if not undefined:
        return [delimiter(ITEM, size(elements), encoding), *elements]
    head = delimiter(ITEM, UNDEFINED_LENGTH, encoding)
    return [head, *elements, delimiter(ITEM_DELIMITATION, 0, encoding)]
