"""The structure of a DICOM Part 10 file (PS3.10 section 7), walked element by element to its very last byte.

The walk never decodes a value: it notes where each one lies. That makes it fast enough to run on every file that
is stored, and it is what finds truncated files: pydicom accepts a file whose last value ends early.

What is tolerated because real files have it: a dataset whose encoding (implicit or explicit VR) differs from what
its transfer syntax says, single elements without VR inside an explicit dataset, and zero bytes after the last element.
"""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import NamedTuple

from pydicom.datadict import dictionary_VR

IMPLICIT_LE = "1.2.840.10008.1.2"
EXPLICIT_LE = "1.2.840.10008.1.2.1"
DEFLATED_LE = "1.2.840.10008.1.2.1.99"
EXPLICIT_BE = "1.2.840.10008.1.2.2"

PIXEL_DATA = 0x7FE00010
MAX_DEPTH = 64
"""Sequences nested deeper than this are refused: no IOD comes near, and the walk is recursive."""
MAX_ITEMS = 2_000_000
"""More sequence items than this in one file are refused; whole-slide images with one for each tile have 500,000."""
MAX_INFLATED_BYTES = 1 << 30
"""A deflated dataset (PS3.5 A.5) is inflated in memory; a larger one is refused."""

_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF
_LONG_VRS = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"UC", b"UN", b"UR", b"UT", b"SV", b"UV"))
_SHORT_VR_NAMES = {vr: vr.decode() for vr in b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split()}


class NotDicom(Exception):
    """The bytes are not a DICOM file that can be stored.

    Attributes:
        reason: a sentence without any value of the file.
        sop_class, sop: what the file says it is, when that much could be read.
    """

    def __init__(self, reason: str, *, sop_class: str | None = None, sop: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sop_class = sop_class
        self.sop = sop


class Element(NamedTuple):
    """One data element: where its value lies, and its items when it is a sequence.

    Attributes:
        vr: two letters; from the dictionary in implicit VR; "UN" when nobody knows.
        start: offset of the value in `Part10.data`.
        length: bytes of the value; for an encapsulated value, of its fragments with their item headers.
        items: the sequence's items, or None.
        encapsulated: the value is a sequence of fragments (PS3.5 A.4).
    """

    vr: str
    start: int
    length: int
    items: tuple[Node, ...] | None = None
    encapsulated: bool = False


class Node(NamedTuple):
    """A dataset or sequence item: its elements by tag, and how their values are encoded."""

    elements: dict[int, Element]
    little_endian: bool


@dataclass(frozen=True, slots=True)
class Part10:
    """A file whose structure holds to the end.

    Attributes:
        data: the bytes that offsets count in; the whole file, or the inflated dataset of a deflated one.
        transfer_syntax: UID of the dataset's transfer syntax, from the file meta information.
        dataset: the dataset's elements.
    """

    data: mmap.mmap | bytes
    transfer_syntax: str
    dataset: Node

    def value(self, element: Element) -> bytes:
        """The bytes of an element's value."""
        return self.data[element.start : element.start + element.length]


class _Encoding(NamedTuple):
    """How element headers are read."""

    implicit: bool
    little: bool
    tag: Struct
    header: Struct
    long: Struct


def _encoding(*, implicit: bool, little: bool) -> _Encoding:
    order = "<" if little else ">"
    return _Encoding(implicit, little, Struct(order + "HH"), Struct(order + "HH2sH"), Struct(order + "L"))


_IMPLICIT = _encoding(implicit=True, little=True)
_EXPLICIT = _encoding(implicit=False, little=True)
_EXPLICIT_BIG = _encoding(implicit=False, little=False)

_vr_cache: dict[int, str] = {}


def dictionary_vr(tag: int) -> str:
    """The VR of a public tag ("US or SS" where it is ambiguous), UL for a group length, UN for what is not known."""
    vr = _vr_cache.get(tag)
    if vr is None:
        try:
            vr = "UL" if tag & 0xFFFF == 0 else "UN" if (tag >> 16) & 1 else dictionary_VR(tag)
        except KeyError:
            vr = "UN"
        if len(_vr_cache) < 100_000:  # hostile files name tags without end
            _vr_cache[tag] = vr
    return vr


@contextmanager
def open_part10(path: Path) -> Iterator[Part10]:
    """The structure of the file at `path`; values can be read inside the `with` block.

    Raises:
        NotDicom: no Part 10 header, no transfer syntax, malformed, or truncated.
    """
    with path.open("rb") as file:
        if file.read(132)[128:] != b"DICM":
            raise NotDicom("not a DICOM file: no DICM prefix at byte 128")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield parse_part10(data)


def parse_part10(data: mmap.mmap | bytes) -> Part10:
    """The structure of a Part 10 file's bytes, preamble included.

    Raises:
        NotDicom: as `open_part10`.
    """
    transfer_syntax, start = _file_meta(data)
    if transfer_syntax == DEFLATED_LE:
        data, start = _inflate(data[start:]), 0
    encoding = {IMPLICIT_LE: _IMPLICIT, EXPLICIT_BE: _EXPLICIT_BIG}.get(transfer_syntax, _EXPLICIT)
    if encoding.little:
        encoding = _sniff(data, start, encoding)
    node, _ = _Walk(data).elements(start, len(data), encoding, depth=0)
    if not node.elements:
        raise NotDicom("the dataset is empty")
    return Part10(data, transfer_syntax, node)


def _file_meta(data: mmap.mmap | bytes) -> tuple[str, int]:
    """The transfer syntax UID, and where the file meta information (group 0002) ends."""
    pos, walk, uid = 132, _Walk(data), None
    while data[pos : pos + 2] == b"\x02\x00":
        tag, element, pos = walk.element(pos, len(data), _EXPLICIT, depth=0)
        if tag == 0x00020010:
            uid = data[element.start : element.start + min(element.length, 66)]
    if uid is None:
        raise NotDicom("the file meta information has no Transfer Syntax UID (0002,0010)")
    try:
        text = uid.decode("ascii").rstrip("\0 ")
    except UnicodeDecodeError:
        text = ""
    if not is_uid(text):
        raise NotDicom("the Transfer Syntax UID (0002,0010) is not a UID")
    return text, pos


def is_uid(text: str) -> bool:
    """Digits in components divided by single dots, at most 64 characters (PS3.5 section 9.1).

    A component may start with 0, which the standard forbids and stores in use accept.
    """
    return 0 < len(text) <= 64 and text.isascii() and all(part.isdigit() for part in text.split("."))


def _inflate(data: bytes) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = inflater.decompress(data, MAX_INFLATED_BYTES)
    except zlib.error:
        raise NotDicom("malformed: the deflated dataset cannot be inflated") from None
    if inflater.unconsumed_tail:
        raise NotDicom(f"the deflated dataset inflates to more than {MAX_INFLATED_BYTES} bytes")
    if not inflater.eof:
        raise NotDicom("truncated: the deflated dataset ends before its end mark")
    return inflated


def _sniff(data: mmap.mmap | bytes, start: int, encoding: _Encoding) -> _Encoding:
    """The encoding that the first element shows, as pydicom decides it: letters where a VR would be."""
    vr = data[start + 4 : start + 6]
    if len(vr) < 2:
        return encoding
    return _EXPLICIT if all(0x41 <= byte <= 0x5A for byte in vr) else _IMPLICIT


class _Walk:
    """One pass over the bytes. Methods return what they read and the offset after it."""

    def __init__(self, data: mmap.mmap | bytes) -> None:
        self.data = data
        self._item_count = 0

    def elements(
        self, pos: int, end: int, encoding: _Encoding, depth: int, *, until_item_end: bool = False
    ) -> tuple[Node, int]:
        found: dict[int, Element] = {}
        data, header, short_vr, new = self.data, encoding.header.unpack_from, _SHORT_VR_NAMES.get, tuple.__new__
        while pos < end:
            if not encoding.implicit and pos + 8 <= end:
                # nearly every element: explicit, with a two-byte length. Anything else goes the slower way below.
                group, number, raw_vr, length = header(data, pos)
                vr = short_vr(raw_vr)
                if vr is not None:
                    start = pos + 8
                    pos = start + length
                    if pos > end:
                        raise NotDicom("truncated: an element is longer than the bytes that are left")
                    found[group << 16 | number] = new(Element, (vr, start, length, None, False))
                    continue
            if until_item_end and self.tag(pos, end, encoding) == _ITEM_END:
                return Node(found, encoding.little), pos + 8
            if depth == 0 and self.data[pos : pos + 4] == b"\0\0\0\0" and self._only_zeros(pos, end):
                break
            tag, element, pos = self.element(pos, end, encoding, depth)
            found[tag] = element
        if until_item_end:
            raise NotDicom("truncated: a sequence item has no end")
        return Node(found, encoding.little), pos

    def element(self, pos: int, end: int, encoding: _Encoding, depth: int) -> tuple[int, Element, int]:
        tag = self.tag(pos, end, encoding)
        raw_vr = b"" if encoding.implicit else self.data[pos + 4 : pos + 6]
        if raw_vr in _LONG_VRS:
            if pos + 12 > end:
                raise NotDicom("truncated: the last element's header is incomplete")
            vr, length, start = raw_vr.decode(), encoding.long.unpack_from(self.data, pos + 8)[0], pos + 12
        elif raw_vr in _SHORT_VR_NAMES:
            vr, length, start = _SHORT_VR_NAMES[raw_vr], encoding.header.unpack_from(self.data, pos)[3], pos + 8
        elif raw_vr.isalpha() and raw_vr.isupper():
            raise NotDicom("malformed: an element has a value representation that does not exist")
        else:
            vr, length, start = dictionary_vr(tag), encoding.long.unpack_from(self.data, pos + 4)[0], pos + 8
        if length == _UNDEFINED:
            return self._undefined(tag, vr, start, end, encoding, depth)
        if start + length > end:
            raise NotDicom("truncated: an element is longer than the bytes that are left")
        if vr == "UN" and encoding.little:
            # PS3.5 6.2.2 note 2: whoever knows the tag may read a UN value as what it is, in implicit VR little endian
            known = dictionary_vr(tag)
            vr = known if known != "SQ" else vr
        items = None
        if vr == "SQ":
            items, _ = self._items(start, start + length, encoding, depth + 1, until_end_mark=False)
        elif tag >> 16 == 0xFFFE:
            raise NotDicom("malformed: an item or delimiter outside a sequence")
        return tag, Element(vr, start, length, items), start + length

    def _undefined(
        self, tag: int, vr: str, start: int, end: int, encoding: _Encoding, depth: int
    ) -> tuple[int, Element, int]:
        if tag == PIXEL_DATA or vr in ("OB", "OW"):
            after = self._fragments(start, end, encoding)
            return tag, Element(vr, start, after - 8 - start, encapsulated=True), after
        if vr == "UN":
            # PS3.5 6.2.2: a UN of undefined length is a sequence in implicit VR little endian
            encoding = _IMPLICIT
        elif vr != "SQ":
            raise NotDicom("malformed: undefined length in an element that is no sequence")
        items, after = self._items(start, end, encoding, depth + 1, until_end_mark=True)
        return tag, Element("SQ", start, after - 8 - start, items), after

    def _items(
        self, pos: int, end: int, encoding: _Encoding, depth: int, *, until_end_mark: bool
    ) -> tuple[tuple[Node, ...], int]:
        if depth > MAX_DEPTH:
            raise NotDicom(f"malformed: sequences nested deeper than {MAX_DEPTH}")
        items: list[Node] = []
        while pos < end:
            tag = self.tag(pos, end, encoding)
            length = encoding.long.unpack_from(self.data, pos + 4)[0]
            pos += 8
            if tag == _SEQUENCE_END and until_end_mark:
                return tuple(items), pos
            if tag != _ITEM:
                raise NotDicom("malformed: a sequence holds something that is no item")
            self._item_count += 1
            if self._item_count > MAX_ITEMS:
                raise NotDicom(f"malformed: more than {MAX_ITEMS} sequence items")
            if length == _UNDEFINED:
                node, pos = self.elements(pos, end, encoding, depth, until_item_end=True)
            elif pos + length > end:
                raise NotDicom("truncated: a sequence item is longer than the bytes that are left")
            else:
                node, pos = self.elements(pos, pos + length, encoding, depth)
            items.append(node)
        if until_end_mark:
            raise NotDicom("truncated: a sequence has no end")
        return tuple(items), pos

    def _fragments(self, pos: int, end: int, encoding: _Encoding) -> int:
        """Step over encapsulated fragments; the offset after the sequence delimiter."""
        while pos < end:
            tag = self.tag(pos, end, encoding)
            length = encoding.long.unpack_from(self.data, pos + 4)[0]
            pos += 8
            if tag == _SEQUENCE_END:
                return pos
            if tag != _ITEM:
                raise NotDicom("malformed: encapsulated pixel data holds something that is no fragment")
            if pos + length > end:
                raise NotDicom("truncated: a fragment of pixel data is longer than the bytes that are left")
            pos += length
        raise NotDicom("truncated: encapsulated pixel data has no end")

    def tag(self, pos: int, end: int, encoding: _Encoding) -> int:
        if pos + 8 > end:
            raise NotDicom("truncated: the last element's header is incomplete")
        group, element = encoding.tag.unpack_from(self.data, pos)
        return group << 16 | element

    def _only_zeros(self, pos: int, end: int) -> bool:
        return all(not any(self.data[at : at + 65536]) for at in range(pos, end, 65536))
