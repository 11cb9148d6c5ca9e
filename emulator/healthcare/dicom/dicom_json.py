"""DICOM JSON (PS3.18 Annex F) straight from a file's structure, value by value.

No value raises: what cannot be read as its VR is given as text, or left empty, so that one bad element neither
hides an instance nor puts a value into an exception. Text is decoded by its Specific Character Set and always
answered in UTF-8, so (0008,0005), where present, is answered as ISO_IR 192.
"""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Callable, Iterable
from typing import Any

from emulator.healthcare.dicom.charset import DEFAULT_ENCODINGS, decode, encodings_of
from emulator.healthcare.dicom.part10 import PIXEL_DATA, Element, Node, Part10

Attribute = dict[str, Any]
"""{"vr": "PN", "Value": [...]}; without Value when the element is empty."""

BulkUri = Callable[[str], str]
"""Makes a BulkDataURI of an element's path within its instance, such as "7FE00010" or "00540016/1/00181075"."""

SPECIFIC_CHARACTER_SET = 0x00080005
PIXEL_REPRESENTATION = 0x00280103
_PIXEL_TAGS = frozenset((PIXEL_DATA, 0x7FE00008, 0x7FE00009))
_ALWAYS_BULK = frozenset(("OB", "OW", "UN"))
_BULK_ABOVE_2_KIB = frozenset(("OD", "OF", "OL", "OV"))
_BULK_ABOVE_512_VALUES = frozenset(("AT", "FD", "FL", "UL", "US", "SV", "UV"))

_NUMBERS = {"FD": "d", "FL": "f", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q"}
_ONE_TEXT = frozenset(("LT", "ST", "UT", "UR"))
_MANY_TEXTS = frozenset(("AE", "AS", "CS", "DA", "DT", "LO", "SH", "TM", "UC", "UI"))
_IN_CHARACTER_SET = frozenset(("LO", "LT", "PN", "SH", "ST", "UC", "UT"))
_AMBIGUOUS = {"OB or OW": "OW", "US or OW": "OW", "US or SS or OW": "OW"}
_PN_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")


class JsonEncoder:
    """Turns the elements of one file into DICOM JSON attributes.

    Args:
        file: the open file.
        bulk_uri: makes BulkDataURIs of what the Healthcare API calls bulk data (pixel data, OB, OW, UN; OD, OF, OL, OV
            above 2 KiB; numbers and tags with more than 512 values). Without it, bulk data is left out.
    """

    def __init__(self, file: Part10, bulk_uri: BulkUri | None = None) -> None:
        self._file = file
        self._bulk_uri = bulk_uri
        self._signed = self._first_number(PIXEL_REPRESENTATION) == 1
        self._encodings = self._encodings_of(file.dataset, DEFAULT_ENCODINGS)

    def whole(self) -> dict[str, Attribute]:
        """All attributes of the dataset by eight hexadecimal digits, ascending; no group lengths, no padding."""
        return self._node(self._file.dataset, self._encodings, "")

    def selected(self, tags: Iterable[int]) -> dict[str, Attribute]:
        """The attributes among `tags` (ascending) that the dataset has."""
        found = {}
        for tag in tags:
            element = self._file.dataset.elements.get(tag)
            if element is not None:
                attribute = self._attribute(tag, element, self._file.dataset, self._encodings, "")
                if attribute is not None:
                    found[f"{tag:08X}"] = attribute
        return found

    def text(self, tag: int) -> str:
        """The first value of a top-level element as text without padding; "" when absent or empty.

        A person's name keeps its component groups, divided by "=".
        """
        element = self._file.dataset.elements.get(tag)
        if element is None or element.items is not None:
            return ""
        return self._texts(element, self._encodings)[0] if element.length else ""

    def _node(self, node: Node, encodings: tuple[str, ...], path: str) -> dict[str, Attribute]:
        encodings = self._encodings_of(node, encodings)
        found = {}
        for tag in sorted(node.elements):
            if tag & 0xFFFF == 0 or tag == 0xFFFCFFFC:
                continue
            attribute = self._attribute(tag, node.elements[tag], node, encodings, path)
            if attribute is not None:
                found[f"{tag:08X}"] = attribute
        return found

    def _attribute(
        self, tag: int, element: Element, node: Node, encodings: tuple[str, ...], path: str
    ) -> Attribute | None:
        vr = self._resolved_vr(element.vr)
        if tag == SPECIFIC_CHARACTER_SET:
            return {"vr": "CS", "Value": ["ISO_IR 192"]} if element.length else {"vr": "CS"}
        if element.items is not None:
            items = [
                self._node(item, encodings, f"{path}{tag:08X}/{number}/")
                for number, item in enumerate(element.items, 1)
            ]
            return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
        if element.length == 0:
            return {"vr": vr}
        if _is_bulk(tag, vr, element):
            return {"vr": vr, "BulkDataURI": self._bulk_uri(f"{path}{tag:08X}")} if self._bulk_uri else None
        if vr in _BULK_ABOVE_2_KIB:
            return {"vr": vr, "InlineBinary": base64.b64encode(self._little_endian(vr, element, node)).decode()}
        values = self._values(vr, element, node, encodings)
        return {"vr": vr, "Value": values} if any(value is not None for value in values) else {"vr": vr}

    def _values(self, vr: str, element: Element, node: Node, encodings: tuple[str, ...]) -> list[Any]:
        if vr in _NUMBERS:
            return _numbers(_NUMBERS[vr], self._file.value(element), little_endian=node.little_endian)
        if vr == "AT":
            pairs = _numbers("H", self._file.value(element), little_endian=node.little_endian)
            return [f"{group:04X}{number:04X}" for group, number in zip(pairs[::2], pairs[1::2], strict=False)]
        texts = self._texts(element, encodings)
        if vr == "PN":
            return [_person_name(text) for text in texts]
        if vr in ("DS", "IS"):
            return [_number_string(text, vr) for text in texts]
        return [text or None for text in texts]

    def _texts(self, element: Element, encodings: tuple[str, ...]) -> list[str]:
        raw = self._file.value(element)
        if element.vr in _IN_CHARACTER_SET:
            text = decode(raw, encodings, name=element.vr == "PN")
        else:
            text = raw.decode("latin-1")
        if element.vr in _ONE_TEXT:
            return [text.rstrip(" \0")]
        if element.vr in _MANY_TEXTS or element.vr == "PN":
            return [part.rstrip(" \0") for part in text.split("\\")]
        return [part.strip(" \0") for part in text.split("\\")]

    def _resolved_vr(self, vr: str) -> str:
        """`vr`, or what an ambiguous one is in this file (PS3.5 section 8.2 and Annex A.1)."""
        if vr == "US or SS":
            return "SS" if self._signed else "US"
        return _AMBIGUOUS.get(vr, vr)

    def _little_endian(self, vr: str, element: Element, node: Node) -> bytes:
        raw = self._file.value(element)
        if node.little_endian:
            return raw
        size = {"OD": 8, "OF": 4, "OL": 4, "OV": 8}[vr]
        return b"".join(raw[at : at + size][::-1] for at in range(0, len(raw), size))

    def _encodings_of(self, node: Node, inherited: tuple[str, ...]) -> tuple[str, ...]:
        """The Python encodings of a dataset or item; an item without character set inherits (PS3.3 C.12.1.1.2)."""
        element = node.elements.get(SPECIFIC_CHARACTER_SET)
        if element is None or element.items is not None:
            return inherited
        return encodings_of(self._file.value(element))

    def _first_number(self, tag: int) -> int | None:
        element = self._file.dataset.elements.get(tag)
        if element is None or element.length < 2 or element.items is not None:
            return None
        return int.from_bytes(self._file.value(element)[:2], "little" if self._file.dataset.little_endian else "big")


def _is_bulk(tag: int, vr: str, element: Element) -> bool:
    """Whether the Healthcare API counts an element as bulk data (its conformance statement, Retrieve metadata)."""
    if tag in _PIXEL_TAGS or vr in _ALWAYS_BULK or element.encapsulated:
        return True
    if vr in _BULK_ABOVE_2_KIB:
        return element.length > 2048
    if vr in _BULK_ABOVE_512_VALUES:
        return element.length > 512 * struct.calcsize("<" + _NUMBERS.get(vr, "I"))
    return False


def _numbers(code: str, raw: bytes, *, little_endian: bool) -> list[Any]:
    """The binary numbers of a value; bytes beyond the last whole number are ignored."""
    count = len(raw) // struct.calcsize("<" + code)
    numbers = struct.unpack_from(f"{'<' if little_endian else '>'}{count}{code}", raw)
    return [number if math.isfinite(number) else str(number) for number in numbers]


def _number_string(text: str, vr: str) -> int | float | str | None:
    """A DS or IS value as a JSON number; as text when it is none (PS3.18 F.2.2 allows both)."""
    if not text:
        return None
    try:
        number = int(text) if vr == "IS" else float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) and len(text) <= 16 else text


def _person_name(text: str) -> dict[str, str] | None:
    groups = zip(_PN_GROUPS, (group.rstrip(" \0") for group in text.split("=")), strict=False)
    return {name: group for name, group in groups if group} or None
