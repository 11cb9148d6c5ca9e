"""What text a VR can hold (PS3.5 table 6.2-1), and how to make text fit."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

MOST_CHARACTERS: Final[Mapping[str, int]] = MappingProxyType(
    {"AE": 16, "SH": 16, "LO": 64, "PN": 64, "ST": 1024, "LT": 10240}
)
"""Characters of one value; of a name, of each of its component groups. UC and UT have no bound of their own."""

SINGLE_VALUED: Final = frozenset({"LT", "ST", "UT"})
"""A backslash in them is a character like others."""

MOST_BYTES: Final = 0xFFFE
"""Of all values of an element whose explicit length takes two bytes."""

_DATE = re.compile(r"([0-9]{4})\.?([0-9]{2})\.?([0-9]{2})")
_AGE = re.compile(r"[0-9]{3}[DWMY]")
_DATE_TIME = re.compile(
    r"[0-9]{4}(?:(?:0[1-9]|1[0-2])(?:(?:0[1-9]|[12][0-9]|3[01])(?:(?:[01][0-9]|2[0-3])"
    r"(?:[0-5][0-9](?:(?:[0-5][0-9]|60)(?:\.[0-9]{1,6})?)?)?)?)?)?(?:[+-][0-9]{4})?"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_LINE_CONTROLS = re.compile(r"[\t\n\f\r]")


def is_legal(vr: str, text: str) -> bool:
    """Whether a value of DA, DT or AS is one."""
    if vr == "DA":
        return _is_date(text)
    return bool((_AGE if vr == "AS" else _DATE_TIME).fullmatch(text))


def fitted(vr: str, text: str) -> str:
    """The text without characters that its VR cannot hold, and cut to its length.

    Args:
        vr: any but DA, DT and AS.
        text: one value.
    """
    text = _CONTROLS.sub("", text)
    if vr not in SINGLE_VALUED:
        text = _LINE_CONTROLS.sub(" ", text)
    if vr == "PN":
        return "=".join(_component_group(group) for group in text.split("=")[:3])
    return text[: MOST_CHARACTERS.get(vr)].rstrip(" ") if vr in MOST_CHARACTERS else text


def _component_group(group: str) -> str:
    """At most five components and 64 characters."""
    return "^".join(group.split("^")[:5])[: MOST_CHARACTERS["PN"]].rstrip(" ")


def _is_date(text: str) -> bool:
    match = _DATE.fullmatch(text)
    if match is None or len(text) == 9:
        return False
    try:
        datetime.date(*(int(part) for part in match.groups()))
    except ValueError:
        return False
    return True
