"""What the byte rewriter remembers from one element, and one instance, to the next.

All of it follows from the bytes it is remembered by, the profile and the encoding: it saves time and changes nothing.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from emulator.deidentify.actions import Action, Decision, Scope
from emulator.deidentify.attributes import (
    LONG_VRS,
    VALUE_REPRESENTATIONS,
    dictionary_vr,
    effective_vr,
)
from emulator.deidentify.part10 import Encoding
from emulator.deidentify.profile import Profile
from emulator.deidentify.rewritten import Piece, replaced, replacement_is_fixed

_KNOWN_LIMIT: Final = 65536
"""Headers remembered for one scope: more than PS3.6 has tags, and a bound for files with endless private ones."""

_VALUES_LIMIT: Final = 1024
"""Values remembered for one scope: enough for the UIDs that the instances of a study share."""

VALUE_BYTES: Final = 64
"""Longer values are not remembered."""


class Unknowable(Exception):
    """No element of a well-formed data set begins like this."""


Rest = tuple[Decision, bool, list[Piece] | None, bool]
"""What is known about elements that are not plain: what to do; whether that is to keep them and to note nothing; what
is written instead, whatever the value (nothing when they are deleted, else None); whether the length takes four bytes,
after two reserved ones."""

Known = tuple[int, bool, Rest]
"""What is known about all elements that begin with the same bytes (tag, and VR when it is explicit): the tag; whether
they are plain, the common case at a glance: keep, nothing to note, and the value follows after eight bytes; the rest.

Tuples without names: those that have some take four times as long to unpack, and this is done for every element."""


@dataclasses.dataclass(frozen=True)
class Memo:
    """What is remembered for one profile, scope and encoding.

    Attributes:
        headers: what is known about elements, by the bytes they begin with.
        values: by those and the value, what is written instead: the element, and its value alone.
    """

    profile: Profile
    scope: Scope | None
    encoding: Encoding
    headers: dict[bytes, Known] = dataclasses.field(default_factory=dict)
    values: dict[tuple[bytes, bytes], tuple[bytes, bytes]] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, profile: Profile, scope: Scope | None, encoding: Encoding) -> Memo:
        """The profile's own, which lives as long as it does. Scope None keeps everything."""
        key = (scope, encoding.implicit)
        memo: Memo | None = profile.memos.get(key)
        if memo is None:
            memo = profile.memos[key] = cls(profile, scope, encoding)
        return memo

    def learn(self, key: bytes) -> Known:
        """What to do with elements that begin with `key`, found out once.

        Raises:
            Unknowable: with a VR that there is not, an item's tag, or UN where a sequence should be.
        """
        tag = (key[0] | key[1] << 8) << 16 | key[2] | key[3] << 8
        vr = None if self.encoding.implicit else key[4:6].decode("latin-1")
        hidden = vr == "UN" and dictionary_vr(tag) == "SQ"
        if tag >> 16 == 0xFFFE or hidden or (vr is not None and vr not in VALUE_REPRESENTATIONS):
            raise Unknowable
        decision = Decision(Action.KEEP, effective_vr(tag, vr))
        if self.scope is not None:
            decision = self.profile.decide(self.scope, tag, vr)
        kept = decision.action is Action.KEEP and not decision.identity
        fixed: list[Piece] | None = None
        if decision.action is Action.DELETE:
            fixed = []
        elif replacement_is_fixed(decision, tag):
            fixed = [replaced(decision, tag, b"", self.encoding)[0]]
        long = vr in LONG_VRS
        if len(self.headers) >= _KNOWN_LIMIT:
            self.headers.clear()
        known = tag, kept and not long, (decision, kept, fixed, long)
        self.headers[key] = known
        return known

    def replaced(self, key: bytes, tag: int, decision: Decision, value: bytes) -> tuple[bytes, bytes]:
        """As `rewritten.replaced`; remembered for short values."""
        new = replaced(decision, tag, value, self.encoding)
        if len(value) <= VALUE_BYTES:
            if len(self.values) >= _VALUES_LIMIT:
                self.values.clear()
            self.values[key, value] = new
        return new
