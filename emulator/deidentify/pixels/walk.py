"""Finding the elements of a data set. Only headers are read.

Sequences of defined length are opened when asked for, so that whatever private or damaged content they have goes
through as it came.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Final

from emulator.deidentify.attributes import LONG_VRS, PIXEL_DATA, VALUE_REPRESENTATIONS, effective_vr
from emulator.deidentify.errors import InstanceError
from emulator.deidentify.part10 import IMPLICIT_LITTLE, UNDEFINED_LENGTH, Buffer, Encoding, header
from emulator.deidentify.pixels.elements import Changes, DataSet, Element
from emulator.deidentify.rewritten import ITEM, ITEM_DELIMITATION, SEQUENCE_DELIMITATION, delimiter

_MAX_DEPTH: Final = 100
"""Nested sequences; far more than any IOD has."""

_ENCAPSULATING: Final = frozenset({"OB", "OW"})


def read(data: Buffer, position: int, encoding: Encoding) -> DataSet:
    """The data set that begins at `position` and ends with `data`.

    Raises:
        InstanceError: its elements do not fit together.
    """
    found, _ = _walk(data, position, len(data), encoding, 0, delimited=False)
    return found


def items(data_set: DataSet, element: Element) -> list[tuple[DataSet, bool]]:
    """The items of a sequence, each with whether its length is undefined.

    Raises:
        InstanceError: it is no well-formed sequence.
    """
    encoding = _inner(element, data_set.encoding)
    found: list[tuple[DataSet, bool]] = []
    position = element.start
    while position < element.stop:
        item, position, undefined = _item(data_set.data, position, element.stop, encoding, 1)
        found.append((item, undefined))
    return found


def edited(data_set: DataSet, element: Element, edit: Callable[[DataSet], Changes]) -> bytes | None:
    """The whole sequence element with `edit` applied to each of its items; None when it changes none.

    Raises:
        InstanceError: it is no well-formed sequence, or `edit` says so.
    """
    encoding = _inner(element, data_set.encoding)
    pieces: list[bytes] = []
    changed = False
    for item, undefined in items(data_set, element):
        changes = edit(item)
        changed |= bool(changes)
        content = b"".join(item.written(changes))
        pieces.append(delimiter(ITEM, UNDEFINED_LENGTH if undefined else len(content), encoding) + content)
        if undefined:
            pieces.append(delimiter(ITEM_DELIMITATION, 0, encoding))
    if not changed:
        return None
    content = b"".join(pieces)
    outer = data_set.encoding
    head = header(element.tag, element.vr or "SQ", UNDEFINED_LENGTH if element.undefined else len(content), outer)
    return head + content + (delimiter(SEQUENCE_DELIMITATION, 0, encoding) if element.undefined else b"")


def sequences(data_set: DataSet, marks: tuple[bytes, ...]) -> Iterator[Element]:
    """Sequences, and UN that holds one, somewhere in whose bytes one of `marks` occurs."""
    for element in data_set.elements.values():
        if not _is_sequence(data_set, element):
            continue
        content = data_set.data[element.start : element.stop]
        if any(mark in content for mark in marks):
            yield element


def _is_sequence(data_set: DataSet, element: Element) -> bool:
    vr = effective_vr(element.tag, element.vr)
    if vr == "SQ":
        return True
    if vr != "UN" or element.stop - element.start < 8:
        return False
    return _tag(data_set.data, element.start, _inner(element, data_set.encoding)) == ITEM


def _inner(element: Element, encoding: Encoding) -> Encoding:
    """How the items of a sequence are written: those in UN in Implicit VR Little Endian (PS3.5 section 6.2.2)."""
    return IMPLICIT_LITTLE if element.vr == "UN" else encoding


def _tag(data: Buffer, position: int, encoding: Encoding) -> int:
    group, number = struct.unpack_from("<HH" if encoding.little_endian else ">HH", data, position)
    return int(group) << 16 | int(number)


def _walk(
    data: Buffer, position: int, end: int, encoding: Encoding, depth: int, *, delimited: bool
) -> tuple[DataSet, int]:
    """Elements up to `end`, or up to an item delimitation item; and the position after them."""
    if depth > _MAX_DEPTH:
        raise InstanceError("sequences are nested too deeply")
    elements: dict[int, Element] = {}
    while position < end:
        try:
            element = _element(data, position, end, encoding, depth)
        except struct.error:
            raise InstanceError("is truncated within an element") from None
        if element.tag == ITEM_DELIMITATION and delimited:
            return DataSet(data, encoding, elements), element.start
        if element.tag >> 16 == 0xFFFE:
            raise InstanceError("the data set is malformed and cannot be read")
        elements[element.tag] = element
        position = element.end
    if delimited:
        raise InstanceError("is truncated: an item has no end")
    return DataSet(data, encoding, elements), position


def _element(data: Buffer, position: int, end: int, encoding: Encoding, depth: int) -> Element:
    tag = _tag(data, position, encoding)
    order = "<" if encoding.little_endian else ">"
    (word,) = struct.unpack_from(order + "I", data, position + 4)
    vr, start, length = None, position + 8, word
    if not encoding.implicit and tag >> 16 != 0xFFFE:
        letters = bytes(data[position + 4 : position + 6])
        if letters.isalpha() and letters.isupper():  # else an implicit element in an explicit file
            vr = letters.decode("ascii")
            (length,) = struct.unpack_from(order + "H", data, position + 6)
            if vr in LONG_VRS:
                (length,) = struct.unpack_from(order + "I", data, position + 8)
                start = position + 12
    if length == UNDEFINED_LENGTH and tag >> 16 != 0xFFFE:
        fragments = tag == PIXEL_DATA or (vr in _ENCAPSULATING)
        if vr in VALUE_REPRESENTATIONS - _ENCAPSULATING - {"SQ", "UN"}:
            raise InstanceError("the data set is malformed and cannot be read")
        inner = IMPLICIT_LITTLE if vr == "UN" else encoding
        stop = _after_fragments(data, start, end) if fragments else _after_items(data, start, end, inner, depth + 1)
        return Element(tag, vr, position, start, stop, stop + 8, undefined=True)
    if start + length > end:
        raise InstanceError("is truncated: an element is longer than the rest of the file")
    return Element(tag, vr, position, start, start + length, start + length, undefined=False)


def _after_fragments(data: Buffer, position: int, end: int) -> int:
    """Position of the delimiter of encapsulated pixel data (PS3.5 section A.4)."""
    while position + 8 <= end:
        group, number, length = struct.unpack_from("<HHI", data, position)
        mark = group << 16 | number
        if mark == SEQUENCE_DELIMITATION:
            return position
        if mark != ITEM or length == UNDEFINED_LENGTH:
            raise InstanceError("the compressed pixel data is malformed")
        position += 8 + length
    raise InstanceError("is truncated within the compressed pixel data")


def _after_items(data: Buffer, position: int, end: int, encoding: Encoding, depth: int) -> int:
    """Position of the delimiter of a sequence of undefined length."""
    while position + 8 <= end:
        if _tag(data, position, encoding) == SEQUENCE_DELIMITATION:
            return position
        _, position, _ = _item(data, position, end, encoding, depth)
    raise InstanceError("is truncated within a sequence")


def _item(data: Buffer, position: int, end: int, encoding: Encoding, depth: int) -> tuple[DataSet, int, bool]:
    """The item at `position`, the position after it, and whether its length is undefined."""
    if position + 8 > end or _tag(data, position, encoding) != ITEM:
        raise InstanceError("the data set is malformed and cannot be read")
    (length,) = struct.unpack_from("<I" if encoding.little_endian else ">I", data, position + 4)
    undefined = length == UNDEFINED_LENGTH
    stop = end if undefined else position + 8 + length
    if stop > end:
        raise InstanceError("is truncated: an item is longer than its sequence")
    item, after = _walk(data, position + 8, stop, encoding, depth, delimited=undefined)
    return item, after, undefined
