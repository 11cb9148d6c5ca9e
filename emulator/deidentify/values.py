"""New values for data elements, as bytes ready to be written: even in length and legal for their VR.

Works on encoded values, so that the rest of a value's meaning (character set, number of characters, syntax errors)
never has to be understood in order to be replaced.
"""

from __future__ import annotations

import struct
from typing import Final

from emulator.deidentify.actions import Action
from emulator.deidentify.attributes import COUNTS, ENUMERATED
from emulator.deidentify.character_sets import names_character_sets
from emulator.deidentify.uids import is_standard, regenerate_uid

PLACEHOLDER: Final = b"PLACEHOLDER"
"""What resetTag writes (Discovery v1beta1, ResetTag), and the how-to shows for leaves of sequences with code D."""

_TEXT: Final = {
    "DA": b"19000101",
    "TM": b"000000",
    "DT": b"19000101000000",
    "AS": b"001Y",
}
"""Dummies where PLACEHOLDER is not legal (PS3.5 table 6.2-1)."""

_NUMBERS: Final = {
    "FD": "d",
    "FL": "f",
    "OD": "d",
    "OF": "f",
    "SL": "i",
    "SS": "h",
    "SV": "q",
    "UL": "I",
    "US": "H",
    "UV": "Q",
}
_DECIMAL_STRINGS: Final = frozenset({"DS", "IS"})
_BYTES: Final = {"AT": b"\0" * 4, "OB": b"\0\0", "OL": b"\0" * 4, "OV": b"\0" * 8, "OW": b"\0\0", "UN": b"\0\0"}


def replacement(action: Action, tag: int, vr: str, value: bytes, *, little_endian: bool) -> bytes:
    """The value that takes the place of `value` under EMPTY, DUMMY, UID, UID_UNLESS_STANDARD or
    CHARACTER_SET.

    Raises:
        ValueError: the action replaces no value.
    """
    if action is Action.EMPTY:
        return b""
    if action is Action.DUMMY:
        return dummy(tag, vr, value, little_endian=little_endian)
    if action in {Action.UID, Action.UID_UNLESS_STANDARD}:
        return new_uids(value, vr, keep_standard=action is Action.UID_UNLESS_STANDARD)
    if action is Action.CHARACTER_SET:
        return value if names_character_sets(value) else b""
    raise ValueError(f"{action} replaces no value")


def new_uids(value: bytes, vr: str, *, keep_standard: bool) -> bytes:
    """Each UID of a value, which may hold several or none, replaced; empty ones stay empty."""
    uids = [text_of_uid(part) for part in value.split(b"\\")]
    new = [uid if not uid or (keep_standard and is_standard(uid)) else regenerate_uid(uid) for uid in uids]
    return pad("\\".join(new).encode("ascii"), vr)


def text_of_uid(value: bytes) -> str:
    """One UID as text, without the padding of PS3.5 section 9.1 or the blanks that some systems put instead."""
    return value.decode("latin-1").strip(" \0").strip()


def dummy(tag: int, vr: str, value: bytes, *, little_endian: bool) -> bytes:
    """A value that says nothing, legal for the VR and, where PS3.3 enumerates the attribute's values, one of those.

    Numbers become 1, as many as there were: counts, frame numbers and divisors may not be 0, and lengths that other
    elements repeat stay in step. Everything else becomes a single value.
    """
    if tag in COUNTS and vr == "US" and len(value) == struct.calcsize("H"):
        return value
    if vr == "CS" and tag in ENUMERATED:
        return pad(_enumerated(value, ENUMERATED[tag]), vr)
    if vr in _DECIMAL_STRINGS:
        return pad(b"\\".join([b"1"] * (value.count(b"\\") + 1)), vr)
    if vr in _NUMBERS:
        packed = struct.pack(("<" if little_endian else ">") + _NUMBERS[vr], 1)
        return packed * max(1, len(value) // len(packed))
    if vr in _BYTES:
        return _BYTES[vr]
    return pad(_TEXT.get(vr, PLACEHOLDER), vr)


def dummy_is_fixed(tag: int, vr: str) -> bool:
    """Whether the dummy is the same for every value."""
    return not (tag in COUNTS or tag in ENUMERATED or vr in _NUMBERS or vr in _DECIMAL_STRINGS)


def _enumerated(value: bytes, legal: tuple[str, ...]) -> bytes:
    text = value.decode("latin-1").strip(" \0")
    return (text if text in legal else legal[0]).encode("ascii")


def pad(value: bytes, vr: str) -> bytes:
    """`value` made even: with NUL for UI and bytes, with a blank for text (PS3.5 section 6.2)."""
    if len(value) % 2 == 0:
        return value
    return value + (b"\0" if vr in {"UI", "OB", "UN"} else b" ")
