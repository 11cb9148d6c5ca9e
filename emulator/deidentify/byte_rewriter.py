"""The fast rewriter: walks the encoded data set, copies runs of unchanged elements as they stand, edits the rest.

Nothing is decoded and nothing that stays is copied more than once, when the pieces are written. It knows well-formed
Explicit and Implicit VR Little Endian and declines the rest, which then goes to `dataset_rewriter`: unknown VRs, UN
that holds or may hold a sequence, elements out of order, lengths that do not fit together.
"""

from __future__ import annotations

import struct
from typing import Final

from emulator.deidentify.actions import Action, Decision, Scope
from emulator.deidentify.attributes import PIXEL_DATA
from emulator.deidentify.cleaning import Cleaner
from emulator.deidentify.instance import Instance
from emulator.deidentify.known import VALUE_BYTES, Memo, Unknowable
from emulator.deidentify.part10 import UNDEFINED_LENGTH, Buffer, Encoding, encode
from emulator.deidentify.profile import Profile
from emulator.deidentify.rewritten import (
    Identity,
    Piece,
    Rewritten,
    Span,
    is_lost,
    item,
    replaced,
    sequence,
)

_MAX_DEPTH: Final = 64
"""Nested sequences, more than any IOD has; the tolerant rewriter says what is wrong with deeper ones."""

_ITEM: Final = b"\xfe\xff\x00\xe0"
_ITEM_END: Final = b"\xfe\xff\x0d\xe0"
_SEQUENCE_END: Final = b"\xfe\xff\xdd\xe0"
_ENCAPSULATING: Final = frozenset({"OB", "OW"})

_unpack_length = struct.Struct("<I").unpack_from
_unpack_explicit = struct.Struct("<6sH").unpack_from
"""Tag and VR, and the length, or what is reserved before a length of four bytes (PS3.5 section 7.1.2)."""

_unpack_implicit = struct.Struct("<4sI").unpack_from
"""Tag and length (PS3.5 section 7.1.3)."""


class Declined(Exception):
    """The data set is not of the kind this rewriter knows."""


def rewrite(
    data: Buffer, size: int, position: int, profile: Profile, encoding: Encoding, instance: Instance | None
) -> Rewritten | None:
    """De-identify the data set at `position`, in the same encoding; None when that is for the other rewriter.

    `instance` is what its texts are judged by; None when the profile inspects none.

    `data` may be the beginning of a file of `size` bytes: that is enough when nothing has to be looked at in the rest,
    as when that is the value of Pixel Data. The pieces then name their places in it (`Span`).
    """
    if not encoding.little_endian:
        return None
    walker = _Walker(data, size, profile, encoding, Cleaner(profile, instance))
    try:
        pieces = walker.data_set(position)
    except (Declined, Unknowable, IndexError, struct.error):
        return None
    return Rewritten(pieces, walker.identities, encapsulated=walker.encapsulated)


class _Walker:
    """One walk over one file."""

    def __init__(self, data: Buffer, size: int, profile: Profile, encoding: Encoding, cleaner: Cleaner) -> None:
        self._data = data
        self._size = size
        self._view = memoryview(data)
        self._profile = profile
        self._encoding = encoding
        self._implicit = encoding.implicit
        self._cleaner = cleaner
        self._depth = 0
        self.identities: dict[int, Identity] = {}
        self.encapsulated = False

    def data_set(self, position: int) -> list[Piece]:
        """Pieces of the whole data set from `position` to the end of the file."""
        pieces, end = self._elements(position, self._size, Scope.TOP, delimited=False)
        return [self._original(position, end)] if pieces is None else pieces

    def _elements(
        self, position: int, end: int, scope: Scope | None, *, delimited: bool
    ) -> tuple[list[Piece] | None, int]:
        """Walk elements up to `end`, or up to an item delimitation item. Scope None keeps everything.

        Returns the new pieces, None when nothing changes, and the position after the last element and its delimiter.
        """
        data, view = self._data, self._view
        memo = Memo.of(self._profile, scope, self._encoding)
        headers = memo.headers
        unpack = _unpack_implicit if self._implicit else _unpack_explicit
        pieces: list[Piece] = []
        first = run = position  # run: where the bytes begin that are to be copied next
        last = -1
        while position < end:
            key, length = unpack(data, position)
            try:
                tag, plain, rest = headers[key]
            except KeyError:
                if delimited and key.startswith(_ITEM_END):
                    return self._joined(pieces, first, run, position), self._after_delimiter(position)
                tag, plain, rest = memo.learn(key)
            if tag <= last:
                raise Declined
            last = tag
            start = position + 8
            if plain and length != UNDEFINED_LENGTH:
                position = start + length
                continue
            decision, kept, new, long = rest
            if long:
                if length:
                    raise Declined
                (length,) = _unpack_length(data, start)
                start += 4
            after = start + length
            if not kept or length == UNDEFINED_LENGTH:
                if new is None or length == UNDEFINED_LENGTH:
                    new, after = self._change(key, tag, decision, start, length, end, memo)
                if new is not None:
                    if position > run:
                        pieces.append(view[run:position])
                    pieces += new
                    run = after
            position = after
        if delimited or position > end:
            raise Declined
        return self._joined(pieces, first, run, position), position

    def _change(
        self, key: bytes, tag: int, decision: Decision, start: int, length: int, end: int, memo: Memo
    ) -> tuple[list[Piece] | None, int]:
        """What is written in place of an element (None: itself), and the position after it."""
        if decision.action is Action.CHARACTER_SET:
            return self._change_character_set(tag, decision, start, length)
        if length <= VALUE_BYTES:
            value = self._data[start : start + length]
            remembered = memo.values.get((key, value))
            if remembered is not None and len(value) == length:
                self._note(tag, decision, value, remembered[1])
                return [remembered[0]], start + length
        if decision.vr == "SQ":
            return self._change_sequence(tag, decision, start, length, end)
        after = self._after_value(tag, decision.vr, start, length, end)
        if is_lost(decision, length):
            return [], after
        if decision.action is Action.KEEP and not decision.identity:
            return None, after
        value = self._data[start:after]
        if len(value) < length:
            raise Declined
        if decision.action is Action.KEEP:
            self._note(tag, decision, value, value)
            return None, after
        if decision.action is Action.CLEAN_TEXT:
            new = self._cleaner.clean(tag, decision.vr, value)
            return (None if new == value else [encode(tag, decision.vr, new, self._encoding)]), after
        written, new = memo.replaced(key, tag, decision, value)
        self._note(tag, decision, value, new)
        return [written], after

    def _change_character_set(
        self, tag: int, decision: Decision, start: int, length: int
    ) -> tuple[list[Piece] | None, int]:
        value = self._data[start : start + length]
        if len(value) < length:
            raise Declined
        written, new = replaced(decision, tag, value, self._encoding)
        self._cleaner.character_set(new)
        return (None if new == value else [written]), start + length

    def _note(self, tag: int, decision: Decision, old: bytes, new: bytes) -> None:
        if decision.identity:
            self.identities[tag] = Identity(old, new)

    def _after_value(self, tag: int, vr: str, start: int, length: int, end: int) -> int:
        if length != UNDEFINED_LENGTH:
            return start + length
        if vr not in _ENCAPSULATING:
            raise Declined
        self.encapsulated |= tag == PIXEL_DATA
        return self._after_fragments(start, end)

    def _change_sequence(
        self, tag: int, decision: Decision, start: int, length: int, end: int
    ) -> tuple[list[Piece] | None, int]:
        undefined = length == UNDEFINED_LENGTH
        items: list[Piece] | None = None
        after = start + length
        if undefined or decision.action is Action.RECURSE:
            items, after = self._items(start, end if undefined else after, decision.inside, delimited=undefined)
        if decision.action is Action.DELETE:
            return [], after
        if decision.action is Action.EMPTY:
            return sequence(tag, [], self._encoding, undefined=False), after
        if items is None:
            return None, after
        return sequence(tag, items, self._encoding, undefined=undefined), after

    def _items(
        self, position: int, end: int, scope: Scope | None, *, delimited: bool
    ) -> tuple[list[Piece] | None, int]:
        """Walk the items of a sequence; as `_elements`."""
        if end > self._size or self._depth == _MAX_DEPTH:
            raise Declined
        self._depth += 1
        data = self._data
        pieces: list[Piece] = []
        first = run = position
        while position < end:
            mark = data[position : position + 4]
            if delimited and mark == _SEQUENCE_END:
                self._depth -= 1
                return self._joined(pieces, first, run, position), self._after_delimiter(position)
            if mark != _ITEM:
                raise Declined
            (length,) = _unpack_length(data, position + 4)
            undefined = length == UNDEFINED_LENGTH
            item_end = end if undefined else position + 8 + length
            if item_end > end:
                raise Declined
            outside = self._cleaner.encodings
            elements, after = self._elements(position + 8, item_end, scope, delimited=undefined)
            self._cleaner.encodings = outside
            if elements is not None:
                if position > run:
                    pieces.append(self._original(run, position))
                pieces += item(elements, self._encoding, undefined=undefined)
                run = after
            position = after
        if delimited:
            raise Declined
        self._depth -= 1
        return self._joined(pieces, first, run, position), position

    def _joined(self, pieces: list[Piece], first: int, run: int, position: int) -> list[Piece] | None:
        """All pieces with the run of unchanged bytes before `position`; None when nothing was changed since `first`."""
        if run == first and not pieces:
            return None
        if position > run:
            pieces.append(self._original(run, position))
        return pieces

    def _original(self, start: int, stop: int) -> Piece:
        return self._view[start:stop] if stop <= len(self._view) else Span(start, stop)

    def _after_fragments(self, position: int, end: int) -> int:
        """Position after encapsulated pixel data (PS3.5 section A.4): fragments are stepped over, not searched."""
        data = self._data
        while position < end:
            mark = data[position : position + 4]
            if mark == _SEQUENCE_END:
                return self._after_delimiter(position)
            if mark != _ITEM:
                raise Declined
            (length,) = _unpack_length(data, position + 4)
            position += 8 + length
        raise Declined

    def _after_delimiter(self, position: int) -> int:
        if self._data[position + 4 : position + 8] != b"\0\0\0\0":
            raise Declined
        return position + 8
