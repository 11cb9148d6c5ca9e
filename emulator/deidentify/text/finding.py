"""Finding what is sensitive in a text: by its form, by what stands before it, and by the instance's own header."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Final, NamedTuple

from emulator.deidentify.text.finders import dates, identifiers, names, network, numbers, phones, places
from emulator.deidentify.text.finders.pattern import Match, Text
from emulator.deidentify.text.header_words import HeaderWords
from emulator.deidentify.text.plugins import load

__all__ = ["CONTEXT", "DEFAULT_INFO_TYPES", "INFO_TYPES", "Finding", "HeaderWords", "find"]

CONTEXT: Final = "CTX"
"""What a phrase of the header is found as when descriptors are cleaned; the API writes [CTX] in its place."""

_FINDERS: Final = (dates, numbers, identifiers, network, phones, places, names)

INFO_TYPES: Final = frozenset().union(*(finder.INFO_TYPES for finder in _FINDERS))
"""Every info type that can be found, by the names of Google's Sensitive Data Protection."""

_DEFAULT: Final = """
    AGE CREDIT_CARD_NUMBER DATE DATE_OF_BIRTH EMAIL_ADDRESS IP_ADDRESS LOCATION MAC_ADDRESS
    MEDICAL_RECORD_NUMBER ORGANIZATION_NAME PASSPORT PERSON_NAME PHONE_NUMBER SWIFT_CODE URL
    US_DRIVERS_LICENSE_NUMBER US_INDIVIDUAL_TAXPAYER_IDENTIFICATION_NUMBER US_SOCIAL_SECURITY_NUMBER
    US_VEHICLE_IDENTIFICATION_NUMBER
"""
DEFAULT_INFO_TYPES: Final = frozenset(_DEFAULT.split())
"""What is looked for when a configuration names nothing. The API's own list is not published; this one is declared."""

_SHORT: Final = 256
"""Characters of the longest text that is remembered."""


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """Part of a text: `text[start:end]` is of `info_type`."""

    start: int
    end: int
    info_type: str


class _Candidate(NamedTuple):
    rank: int
    start: int
    end: int
    info_type: str


def find(
    text: str,
    *,
    info_types: frozenset[str],
    header: HeaderWords,
    contextual: bool = False,
    ocr: bool = False,
    finders: Sequence[str] = (),
) -> list[Finding]:
    """What is sensitive in a text; sorted, not overlapping.

    Of findings that overlap, those of the header come first, then the longer ones; what a shorter one has left over
    stays found as what it is.

    Args:
        text: any text.
        info_types: what to look for; others are not found.
        header: phrases of the instance's header. Names and ids among them are found as what they are.
        contextual: whether every phrase of the header is found, as `CONTEXT`.
        ocr: whether the text was read from pixels: blanks may be missing, and letters be taken for others.
        finders: further ones that people bring, by name (`plugins`).

    Raises:
        PluginError: one of those failed.
    """
    if not text or text.isspace():
        return []
    candidates = [
        _Candidate(0, start, end, CONTEXT if contextual else info_type)
        for start, end, info_type in header.matches(text, ocr=ocr)
        if contextual or info_type in info_types
    ]
    candidates += [_Candidate(1, *match) for match in _by_form(text, info_types)]
    for name in finders:
        candidates += [_Candidate(1, *match) for match in load(name)(text) if match.info_type in info_types]
    return _apart(text, candidates)


def _by_form(text: str, info_types: frozenset[str]) -> Sequence[Match]:
    return _remembered(text, info_types) if len(text) <= _SHORT else _searched(text, info_types)


@functools.lru_cache(maxsize=8192)
def _remembered(text: str, info_types: frozenset[str]) -> Sequence[Match]:
    """What was found in a short text last time: all instances of a series have the same descriptions."""
    return _searched(text, info_types)


def _searched(text: str, info_types: frozenset[str]) -> Sequence[Match]:
    looked = Text(text)
    return tuple(
        match
        for finder in _FINDERS
        if not info_types.isdisjoint(finder.INFO_TYPES)
        for match in finder.matches(looked, info_types)
    )


def _apart(text: str, candidates: list[_Candidate]) -> list[Finding]:
    """Findings that do not overlap and together cover every candidate but blanks and punctuation."""
    if not candidates:
        return []
    ordered = sorted(candidates, key=lambda one: (one.rank, one.start - one.end, one.start))
    owners: list[int | None] = [None] * len(text)
    for index, one in enumerate(ordered):
        for place in range(one.start, one.end):
            if owners[place] is None:
                owners[place] = index
    findings: list[Finding] = []
    start = 0
    for place in range(1, len(text) + 1):
        if place < len(text) and owners[place] == owners[start]:
            continue
        owner = owners[start]
        if owner is not None and any(char.isalnum() for char in text[start:place]):
            findings.append(Finding(start, place, ordered[owner].info_type))
        start = place
    return findings
