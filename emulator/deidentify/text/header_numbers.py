"""Numbers of the header, found again whatever separates their digits: 555-0199, 555 0199, 5550199."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from emulator.deidentify.text.header_dates import DATED, date_of, digits_of
from emulator.deidentify.text.phrase import Phrase

_GROUPS: Final = re.compile(r"(?<![0-9])[0-9]+(?:[ ./()_-]{1,2}[0-9]+)*")
_DIGITS: Final = re.compile("[0-9]+")
_NUMBER: Final = re.compile(r"[0-9()+./\s_-]+")
_PREFIXED: Final = re.compile(r"([A-Za-z]{1,6})[ ./_-]?[0-9][0-9 ./_-]*")
_SHORTEST: Final = 6
_NATIONAL: Final = 10
"""Digits of a North American number without its country code."""

_MOST_GROUPS: Final = 12


class Number(NamedTuple):
    """What a number of the header is.

    Attributes:
        info_type: of its phrase.
        letters: folded, those before its digits; they may be missing in a text.
    """

    info_type: str
    letters: str


class HeaderNumbers:
    """Ids and phone numbers of digits, and dates written without anything else."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self.numbers: dict[str, Number] = {}
        for phrase in phrases:
            letters = "" if (match := _PREFIXED.fullmatch(phrase.text)) is None else match[1].lower()
            for digits in _forms(phrase):
                if len(digits) >= _SHORTEST:
                    self.numbers.setdefault(digits, Number(phrase.info_type, letters))
        self._longest = max(map(len, self.numbers), default=0)

    def find(self, text: str, runs: Sequence[str]) -> Iterator[tuple[int, int, str]]:
        """Start, end and info type of each number in a text that is one of these.

        Args:
            text: folded.
            runs: its runs of digits.
        """
        if not self.numbers or sum(map(len, runs)) < _SHORTEST:
            return
        for match in _GROUPS.finditer(text):
            groups = [(one[0], one.start(), one.end()) for one in _DIGITS.finditer(text, *match.span())]
            for first in range(len(groups)):
                joined = ""
                for last in range(first, min(first + _MOST_GROUPS, len(groups))):
                    joined += groups[last][0]
                    if len(joined) > self._longest:
                        break
                    if number := self.numbers.get(joined):
                        start = _with_letters(text, groups[first][1], number.letters)
                        yield start, groups[last][2], number.info_type


def _with_letters(text: str, start: int, letters: str) -> int:
    """Where the number that begins at `start` begins with its letters, if they stand there."""
    for gap in (0, 1):
        first = start - gap - len(letters)
        if letters and first >= 0 and text.startswith(letters, first):
            return first
    return start


def _forms(phrase: Phrase) -> Iterator[str]:
    if phrase.info_type in DATED:
        date = date_of(phrase.text)
        yield from digits_of(date) if date else ()
        return
    digits = "".join(_DIGITS.findall(phrase.text))
    if _NUMBER.fullmatch(phrase.text):
        yield digits
        yield digits.lstrip("0")
    elif phrase.info_type == "MEDICAL_RECORD_NUMBER" and _PREFIXED.fullmatch(phrase.text):
        yield digits
    if phrase.info_type == "PHONE_NUMBER":
        yield digits
        yield digits[-_NATIONAL:]
