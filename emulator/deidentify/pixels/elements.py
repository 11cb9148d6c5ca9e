"""A data set as places in the file: what no redaction touches is copied as the bytes it was."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from emulator.deidentify.attributes import effective_vr
from emulator.deidentify.errors import InstanceError
from emulator.deidentify.part10 import UNDEFINED_LENGTH, Buffer, Encoding, header
from emulator.deidentify.rewritten import SEQUENCE_DELIMITATION, delimiter


@dataclasses.dataclass(frozen=True, slots=True)
class Element:
    """Where a data element lies in the file.

    Attributes:
        tag: group and element.
        vr: as encoded; None in implicit VR.
        head: position of its tag.
        start: position of its value.
        stop: position after its value.
        end: position after it, which is after its delimiter when it has undefined length.
        undefined: whether its length is undefined.
    """

    tag: int
    vr: str | None
    head: int
    start: int
    stop: int
    end: int
    undefined: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """A new value: its VR, its bytes (for fragments everything before the delimiter) and whether it is in fragments."""

    vr: str
    value: bytes | bytearray
    encapsulated: bool = False


Changes = Mapping[int, Written | bytes | None]
"""By tag: a new value, a whole element ready to be written, or None for an element to be removed."""


@dataclasses.dataclass(frozen=True)
class DataSet:
    """The elements of one data set or item; of repeated ones the last.

    Attributes:
        data: the whole file, or the inflated data set.
        encoding: how the data set is written.
        elements: by tag, in order of appearance.
    """

    data: Buffer
    encoding: Encoding
    elements: Mapping[int, Element]

    def __contains__(self, tag: int) -> bool:
        return tag in self.elements

    def value(self, tag: int) -> bytes:
        """The encoded value; empty when there is no such element."""
        element = self.elements.get(tag)
        return bytes(self.data[element.start : element.stop]) if element else b""

    def raw(self, tag: int) -> bytes:
        """The whole encoded element; empty when there is none."""
        element = self.elements.get(tag)
        return bytes(self.data[element.head : element.end]) if element else b""

    def number(self, tag: int) -> int | None:
        """The first value of a US, or of an IS; None when there is none.

        Raises:
            InstanceError: it is no number.
        """
        value = self.value(tag)
        element = self.elements.get(tag)
        if not value or element is None:
            return None
        if effective_vr(tag, element.vr) == "IS":
            text = value.split(b"\\")[0].strip(b" \0")
            if not text.isdigit() or len(text) > 12:
                raise InstanceError("an attribute of its pixels that should be a whole number is not")
            return int(text)
        if len(value) < 2:
            raise InstanceError("an attribute of its pixels that should be a number is not")
        return int.from_bytes(value[:2], "little" if self.encoding.little_endian else "big")

    def words(self, tag: int) -> list[str]:
        """The values of a CS, trimmed."""
        return [word.strip(" \0") for word in self.value(tag).decode("latin-1").split("\\")]

    def written(self, changes: Changes) -> list[bytes | bytearray]:
        """The encoded data set with `changes`; new elements come in at their places."""
        new = dict(changes)
        pieces: list[bytes | bytearray] = []
        pending = sorted(tag for tag in new if tag not in self.elements)
        for tag, element in self.elements.items():
            while pending and pending[0] < tag:
                pieces += self._piece(pending[0], new[pending.pop(0)])
            pieces += self._piece(tag, new[tag]) if tag in new else [bytes(self.data[element.head : element.end])]
        for tag in pending:
            pieces += self._piece(tag, new[tag])
        return pieces

    def _piece(self, tag: int, change: Written | bytes | None) -> list[bytes | bytearray]:
        if change is None:
            return []
        if isinstance(change, bytes):
            return [change]
        if change.encapsulated:
            end = delimiter(SEQUENCE_DELIMITATION, 0, self.encoding)
            return [header(tag, change.vr, UNDEFINED_LENGTH, self.encoding), change.value, end]
        return [header(tag, change.vr, len(change.value), self.encoding), change.value]
