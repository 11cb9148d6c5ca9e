"""Identifiers that have no form of their own: known by the word before them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from emulator.deidentify.text.finders.pattern import Match, Pattern, Patterns, Text

INFO_TYPES: Final = frozenset({"MEDICAL_RECORD_NUMBER", "PASSPORT", "US_DRIVERS_LICENSE_NUMBER"})

_NUMBER: Final = r"(?![^\W\d_])(?:\s?(?:no\b\.?|nr\b\.?|num(?:ber)?\b\.?|id\b|#|n[°º]))?[\s:#=.]{0,4}"


def _code(shortest: int, longest: int) -> str:
    return rf"(?P<value>[A-Z0-9][A-Z0-9./_-]{{{shortest - 2},{longest - 2}}}[A-Z0-9])(?![\w])"


def _has_digits(match: re.Match[str]) -> bool:
    """Three digits at least, and no date or size: those have finders of their own, or say nothing."""
    return sum(char.isdigit() for char in match["value"]) >= 3


_RECORDS: Final = (
    *(
        "mrn",
        r"mr\s?#",
        r"med(?:ical)?\.? rec(?:ord)?\.?",
        "pid",
        "uhid",
        "hrn",
        "urn",
        "chart",
        "record",
        "unit",
        "case",
    ),
    *(r"patient[\s_-]?(?:id|no|nr|number)", r"pat\.?[\s_-]?(?:id|nr|no)", r"patienten-?(?:id|nummer|nr)"),
    *(r"hosp(?:ital)?\.? (?:no|id|number|nr)", "accession", r"acc\.?", "acsn", "fall(?:nummer)?", "encounter"),
    *("visit (?:no|id|number)", "account", r"acct\.?", "specimen", "subject", "id"),
)

_PATTERNS: Final = Patterns(
    Pattern(
        "MEDICAL_RECORD_NUMBER",
        re.compile(rf"(?<!\w)(?:{'|'.join(_RECORDS)})" + _NUMBER + _code(4, 24), re.IGNORECASE),
        _has_digits,
        digits=3,
        words=(
            "mr",
            "rec",
            "id",
            "rn",
            "chart",
            "unit",
            "case",
            "pat",
            "hosp",
            "acc",
            "acsn",
            "fall",
            "enc",
            "visit",
            "spec",
            "subj",
        ),
    ),
    Pattern(
        "PASSPORT",
        re.compile(r"(?<!\w)(?:passport|reisepass|passeport|pasaporte)" + _NUMBER + _code(6, 12), re.IGNORECASE),
        _has_digits,
        digits=3,
        words=("pass", "pasap"),
    ),
    Pattern(
        "US_DRIVERS_LICENSE_NUMBER",
        re.compile(
            r"(?<!\w)(?:driver'?s?'? lic(?:en[cs]e)?\.?|dl|d\.l\.|lic(?:en[cs]e)?\.?)" + _NUMBER + _code(5, 18),
            re.IGNORECASE,
        ),
        _has_digits,
        digits=3,
        words=("lic", "dl", "d.l"),
    ),
)


def matches(text: Text, info_types: frozenset[str]) -> Iterator[Match]:
    """Identifiers after the word that says what they are."""
    return _PATTERNS.matches(text, info_types)
