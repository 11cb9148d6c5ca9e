"""Putting elements into a written data set, each at its place, instead of those of the same tags that are there."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from emulator.deidentify.attributes import LONG_VRS
from emulator.deidentify.errors import InstanceError
from emulator.deidentify.part10 import UNDEFINED_LENGTH, Encoding
from emulator.deidentify.rewritten import ITEM_DELIMITATION, SEQUENCE_DELIMITATION, Piece, Span


class _Cut(NamedTuple):
    """Bytes of the data set from `start` to before `stop` give way to `new`."""

    start: int
    stop: int
    new: bytes


def insert(pieces: Sequence[Piece], elements: Mapping[int, bytes], encoding: Encoding) -> list[Piece]:
    """The data set with `elements`, encoded and by tag, at the top level.

    Walks the data set as far as the last of the tags; what follows, Pixel Data for one, is not looked at.

    Raises:
        InstanceError: the data set is not as the rewriters write it.
    """
    wanted = sorted(elements, reverse=True)
    cuts: list[_Cut] = []
    reader = _Reader(pieces, encoding)
    for start, tag in reader.elements():
        while wanted and wanted[-1] < tag:
            cuts.append(_Cut(start, start, elements[wanted.pop()]))
        if not wanted:
            break
        reader.skip_value()
        if wanted[-1] == tag:
            cuts.append(_Cut(start, reader.position, elements[wanted.pop()]))
    end = sum(map(len, pieces))
    cuts += [_Cut(end, end, elements[tag]) for tag in reversed(wanted)]
    return list(_applied(pieces, cuts))


def _applied(pieces: Sequence[Piece], cuts: Sequence[_Cut]) -> Iterator[Piece]:
    """The pieces with the cuts made, which are in order and do not overlap."""
    offset = done = 0  # where the piece begins; up to where all is yielded
    left = list(reversed(cuts))
    for piece in pieces:
        end = offset + len(piece)
        while left and left[-1].start < end:
            cut = left.pop()
            if cut.start > done:
                yield _part(piece, done - offset, cut.start - offset)
            yield cut.new
            done = max(done, cut.stop)
        if done < end:
            yield _part(piece, max(0, done - offset), len(piece))
            done = end
        offset = end
    for cut in reversed(left):
        yield cut.new


def _part(piece: Piece, start: int, stop: int) -> Piece:
    if isinstance(piece, Span):
        return Span(piece.start + start, piece.start + stop)
    return piece[start:stop]


class _Reader:
    """Reads headers of elements across pieces, and steps over values."""

    def __init__(self, pieces: Sequence[Piece], encoding: Encoding) -> None:
        self._pieces = pieces
        self._index = self._offset = self.position = 0
        end = "<" if encoding.little_endian else ">"
        self._tag = struct.Struct(end + "HH")
        self._long = struct.Struct(end + "I")
        self._short = struct.Struct(end + "H")
        self._implicit = encoding.implicit
        self._length = 0

    def elements(self) -> Iterator[tuple[int, int]]:
        """Position and tag of each element at the top; before the next one is asked for, its value is stepped over."""
        while self._more():
            start = self.position
            yield start, self._header()

    def skip_value(self) -> None:
        """Step over the value of the element whose header was read last, with its delimiters."""
        if self._length != UNDEFINED_LENGTH:
            self._skip(self._length)
            return
        inside = ["sequence"]
        while inside:
            in_sequence = inside[-1] == "sequence"
            tag = self._item_header() if in_sequence else self._header()
            if tag == (SEQUENCE_DELIMITATION if in_sequence else ITEM_DELIMITATION):
                inside.pop()
            elif self._length == UNDEFINED_LENGTH:
                inside.append("item" if in_sequence else "sequence")
            else:
                self._skip(self._length)

    def _header(self) -> int:
        tag = self._read_tag()
        if self._implicit or tag >> 16 == 0xFFFE:
            (self._length,) = self._long.unpack(self._take(4))
        elif self._take(2).decode("latin-1") in LONG_VRS:
            self._take(2)
            (self._length,) = self._long.unpack(self._take(4))
        else:
            (self._length,) = self._short.unpack(self._take(2))
        return tag

    def _item_header(self) -> int:
        tag = self._read_tag()
        (self._length,) = self._long.unpack(self._take(4))
        return tag

    def _read_tag(self) -> int:
        group, element = self._tag.unpack(self._take(4))
        return int(group << 16 | element)

    def _more(self) -> bool:
        while self._index < len(self._pieces) and self._offset >= len(self._pieces[self._index]):
            self._offset -= len(self._pieces[self._index])
            self._index += 1
        return self._index < len(self._pieces)

    def _take(self, count: int) -> bytes:
        taken = b""
        while len(taken) < count and self._more():
            piece = self._pieces[self._index]
            if isinstance(piece, Span):
                break
            part = bytes(piece[self._offset : self._offset + count - len(taken)])
            taken += part
            self._offset += len(part)
        if len(taken) < count:
            raise InstanceError("the data set cannot be marked as de-identified: an element ends after the file does")
        self.position += count
        return taken

    def _skip(self, count: int) -> None:
        self._offset += count
        self.position += count
