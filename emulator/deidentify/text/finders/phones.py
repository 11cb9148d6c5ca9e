"""PHONE_NUMBER."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import phonenumbers

from emulator.deidentify.text.finders.pattern import Match, Pattern, Patterns, Text

INFO_TYPES: Final = frozenset({"PHONE_NUMBER"})

_FEWEST_DIGITS: Final = 6


def _international(match: re.Match[str]) -> bool:
    number = match["value"]
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse("+" + number.removeprefix("00").lstrip("+"), None))
    except phonenumbers.NumberParseException:
        return False


def _enough_digits(match: re.Match[str]) -> bool:
    return sum(char.isdigit() for char in match["value"]) >= _FEWEST_DIGITS


_TWICE: Final = re.compile(r"(\d{3}) \1 ")


def _no_matrix(match: re.Match[str]) -> bool:
    """Whether it is no list of sizes: "256 256 1000"."""
    return _TWICE.search(match[0]) is None


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

_PATTERNS: Final = Patterns(
    Pattern(
        "PHONE_NUMBER",
        re.compile(rf"(?<![\w+])(?P<value>\+\d(?:[ ()./-]{{0,2}}\d){{6,17}}{_EXTENSION})(?!\d)"),
        _international,
        digits=7,
        words=("+",),
    ),
    Pattern(
        "PHONE_NUMBER",
        re.compile(rf"(?<![\w.+/-])(?P<value>00[1-9]\d?(?:[ ()/-]{{1,2}}\d{{1,8}}){{2,6}}{_EXTENSION})(?![\d]|\.\d)"),
        _international,
        digits=9,
        words=("00",),
    ),
    Pattern(
        "PHONE_NUMBER",
        re.compile(
            r"(?<![\w.-])(?:\+?1[-. ]{1,2})?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-. ])[2-9]\d{2}[-. ]\d{4}"
            + _EXTENSION
            + r"(?![\d]|[.-]\d)",
            re.IGNORECASE,
        ),
        _no_matrix,
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
    return _PATTERNS.matches(text, info_types)
