"""PHONE_NUMBER."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import phonenumbers

from emulator.deidentify.text.finders.pattern import Match, Pattern, Text
from emulator.deidentify.text.finders.pattern import matches as _matches

INFO_TYPES: Final = frozenset({"PHONE_NUMBER"})

_FEWEST_DIGITS: Final = 6


def _international(match: re.Match[str]) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(match["value"], None))
    except phonenumbers.NumberParseException:
        return False


def _enough_digits(match: re.Match[str]) -> bool:
    return sum(char.isdigit() for char in match["value"]) >= _FEWEST_DIGITS


_EXTENSION: Final = r"(?:\s?(?:x|ext\.?)\s?\d{1,6})?"
_CUES: Final = (
    *(
        "tel(?:efon|ephone|éfono)?",
        "phone",
        "ph",
        "fon",
        "fax",
        "telefax",
        "mobile?",
        "cell(?:ular)?",
        "pager",
        "beeper",
    ),
    *("call", "contact", "handy"),
)

_PATTERNS: Final = (
    Pattern(
        "PHONE_NUMBER",
        re.compile(rf"(?<![\w+])(?P<value>\+\d(?:[ ()./-]{{0,2}}\d){{6,17}}{_EXTENSION})(?!\d)"),
        _international,
        digits=7,
        words=("+",),
    ),
    Pattern(
        "PHONE_NUMBER",
        re.compile(
            r"(?<![\w.-])(?:\+?1[-. ]{1,2})?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-. ])[2-9]\d{2}[-. ]\d{4}"
            + _EXTENSION
            + r"(?![\d]|[.-]\d)",
            re.IGNORECASE,
        ),
        digits=10,
    ),
    Pattern(
        "PHONE_NUMBER",
        re.compile(
            rf"(?<!\w)(?:{'|'.join(_CUES)})\b\.?(?:\s?(?:no\.?|nr\.?|number|#))?[\s:=]{{0,3}}(?:at |is )?"
            rf"(?P<value>[+(]{{0,2}}\d(?:[ ()./-]{{0,2}}\d){{5,17}}{_EXTENSION})(?!\d)",
            re.IGNORECASE,
        ),
        _enough_digits,
        digits=_FEWEST_DIGITS,
        words=("tel", "ph", "fon", "fax", "mobil", "cell", "pager", "beeper", "call", "contact", "handy"),
    ),
)


def matches(text: Text, info_types: frozenset[str]) -> Iterator[Match]:
    """Telephone numbers: international ones, those of North America, and what is said to be one."""
    return _matches(_PATTERNS, text, info_types)
