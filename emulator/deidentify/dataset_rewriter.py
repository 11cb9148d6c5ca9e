"""The tolerant rewriter: pydicom reads the data set, elements are written one by one.

It takes what the byte rewriter declines: big endian, sequences hidden in UN, elements out of order, implicit elements
in explicit files. Values are never decoded; what stays is written as the bytes it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.sequence import Sequence

from emulator.deidentify.actions import Action, Decision, Scope
from emulator.deidentify.attributes import (
    PIXEL_DATA,
    VALUE_REPRESENTATIONS,
    effective_vr,
)
from emulator.deidentify.bounded import Budget
from emulator.deidentify.cleaning import Cleaner
from emulator.deidentify.errors import InstanceError
from emulator.deidentify.instance import Instance
from emulator.deidentify.part10 import UNDEFINED_LENGTH, Buffer, Encoding, encode, header
from emulator.deidentify.profile import Profile
from emulator.deidentify.rewritten import (
    SEQUENCE_DELIMITATION,
    Identity,
    Piece,
    Rewritten,
    delimiter,
    is_lost,
    item,
    replaced,
    sequence,
)
from emulator.deidentify.tolerant_reader import Element, is_in_fragments, items_of, raw_elements, read_elements, reading


def rewrite(
    data: Buffer, position: int, found: Encoding, target: Encoding, profile: Profile, instance: Instance | None
) -> Rewritten:
    """De-identify the data set at `position`, read as `found`, written as `target`.

    `instance` is what its texts are judged by; None when the profile inspects none.

    Raises:
        InstanceError: it cannot be read to its end, pydicom cannot make sense of it, or that takes too much.
    """
    budget = Budget(len(data))
    writer = _Writer(profile, target, Cleaner(profile, instance), budget)
    with reading(budget):
        pieces = writer.elements(read_elements(data, position, found, budget), Scope.TOP)
    return Rewritten(pieces, writer.identities, encapsulated=writer.encapsulated)


class _Writer:
    """Writes elements as the profile decides, in one encoding."""

    def __init__(self, profile: Profile, encoding: Encoding, cleaner: Cleaner, budget: Budget) -> None:
        self._profile = profile
        self._encoding = encoding
        self._cleaner = cleaner
        self._budget = budget
        self.identities: dict[int, Identity] = {}
        self.encapsulated = False

    def elements(self, elements: Iterable[Element], scope: Scope | None) -> list[Piece]:
        """The elements of one data set, in order of tags; of repeated ones the last. Scope None keeps all."""
        by_tag = {int(element.tag): element for element in elements}
        pieces: list[Piece] = []
        for tag in sorted(by_tag):
            pieces += self._element(tag, by_tag[tag], scope)
        return pieces

    def _element(self, tag: int, element: Element, scope: Scope | None) -> list[Piece]:
        if isinstance(element, DataElement):
            return self._parsed_sequence(tag, element, scope)
        value = element.value or b""
        if element.length not in {UNDEFINED_LENGTH, len(value)}:
            raise InstanceError("is truncated: an element is longer than the rest of the file")
        decision = self._decide(tag, element.VR, scope)
        if is_lost(decision, element.length):
            return []
        if decision.vr == "SQ" and decision.action is Action.KEEP and self._is_written_so(element):
            return [encode(tag, "SQ", value, self._encoding)]
        if decision.vr == "SQ" and decision.action is not Action.EMPTY:
            items = items_of(element, value, self._budget)
            return sequence(tag, self._items(items, decision.inside), self._encoding, undefined=False)
        if decision.action is Action.KEEP:
            self._note(tag, decision, value, value)
            return self._kept(tag, element, decision, value)
        if decision.action is Action.CLEAN_TEXT:
            return [encode(tag, decision.vr, self._cleaner.clean(tag, decision.vr, value), self._encoding)]
        written, new = replaced(decision, tag, value, self._encoding)
        if decision.action is Action.CHARACTER_SET:
            self._cleaner.character_set(new)
        self._note(tag, decision, value, new)
        return [written]

    def _is_written_so(self, element: RawDataElement) -> bool:
        """Whether the sequence's bytes can be copied: they are in the encoding that is written, not in UN."""
        encoding = Encoding(implicit=element.is_implicit_VR, little_endian=element.is_little_endian)
        return encoding == self._encoding and element.VR in {"SQ", None}

    def _decide(self, tag: int, encoded_vr: str | None, scope: Scope | None) -> Decision:
        if scope is None:
            return Decision(Action.KEEP, effective_vr(tag, encoded_vr))
        return self._profile.decide(scope, tag, encoded_vr)

    def _note(self, tag: int, decision: Decision, old: bytes, new: bytes) -> None:
        if decision.identity:
            self.identities[tag] = Identity(old, new)

    def _kept(self, tag: int, element: RawDataElement, decision: Decision, value: bytes) -> list[Piece]:
        vr = element.VR if element.VR in VALUE_REPRESENTATIONS else decision.vr
        if element.length != UNDEFINED_LENGTH:
            return [encode(tag, vr, value, self._encoding)]
        if vr not in {"OB", "OW"} or not is_in_fragments(value, little_endian=element.is_little_endian):
            raise InstanceError("has a value of undefined length that is neither a sequence nor in fragments")
        self.encapsulated |= tag == PIXEL_DATA
        head = header(tag, vr, UNDEFINED_LENGTH, self._encoding)
        return [head, value, delimiter(SEQUENCE_DELIMITATION, 0, self._encoding)]

    def _parsed_sequence(self, tag: int, element: DataElement, scope: Scope | None) -> list[Piece]:
        decision = self._decide(tag, "SQ", scope)
        if decision.action is Action.DELETE:
            return []
        if decision.action is Action.EMPTY:
            return sequence(tag, [], self._encoding, undefined=False)
        items = self._items(cast(Sequence, element.value or []), decision.inside)
        return sequence(tag, items, self._encoding, undefined=element.is_undefined_length)

    def _items(self, items: Sequence, scope: Scope | None) -> list[Piece]:
        pieces: list[Piece] = []
        for dataset in items:
            undefined = bool(getattr(dataset, "is_undefined_length_sequence_item", False))
            outside = self._cleaner.encodings
            elements = self.elements(raw_elements(dataset), scope)
            self._cleaner.encodings = outside
            pieces += item(elements, self._encoding, undefined=undefined)
        return pieces
