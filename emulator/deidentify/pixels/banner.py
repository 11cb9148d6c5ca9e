"""What identifies somebody in the banner of an image and would say nothing in running text.

A banner holds values without labels, cut off where the space ends: a name and a number below it, "CLEVELAN..." for the
clinic, in a corner its letters or those of the operator.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from emulator.deidentify.text.finding import CONTEXT, Finding
from emulator.deidentify.text.phrase import Phrase

ID: Final = "MEDICAL_RECORD_NUMBER"
NAME: Final = "PERSON_NAME"
DATE: Final = "DATE"
PLACES: Final = frozenset({"LOCATION", "ORGANIZATION_NAME"})

MIN_DIGITS: Final = 7
"""Numbers with so many digits are ids. Acquisition parameters have at most five."""

MIN_CUT: Final = 4
"""So many letters of a phrase have to be left for a cut one to be found."""

MIN_PLACE: Final = 4
"""So many letters has a short form of a place that is found."""

_NUMBER: Final = re.compile(rf"(?<![\w.,])[A-Za-z]{{0,3}}[\dOoIl|SB]{{{MIN_DIGITS},}}(?!\w|[.,]\d)")
_DATED: Final = re.compile(r"(?<![\d./-])\d{1,4}([./-])\d{1,2}\1\d{1,4}(?!\d|[./-]\d)")
_MIN_DATE_DIGITS: Final = 6
_MIN_SURE_DIGITS: Final = MIN_DIGITS - 1
_CUT: Final = re.compile(r"\s?(?:[.,:;!'’]{2,}|…)")
"""Dots; small ones are read as other marks."""
_WORD: Final = re.compile(r"[^\W_]+")


def find_in_banner(text: str, phrases: Iterable[Phrase], *, contextual: bool) -> Iterator[Finding]:
    """What a banner shows of somebody.

    Long numbers; what has the form of a date, also when a misread digit makes it none; phrases of the header that are
    cut; a text that is a name of the header; places by their letters.

    Args:
        text: of one or several lines; in numbers O may stand for 0, and I, l, S, B for 1, 1, 5, 8.
        phrases: of the instance's header.
        contextual: whether what is known from the header is found as `CONTEXT`.
    """
    for match in _NUMBER.finditer(text):
        if sum(character.isdigit() for character in match.group()) >= _MIN_SURE_DIGITS:
            yield Finding(match.start(), match.end(), ID)
    for match in _DATED.finditer(text):
        if sum(character.isdigit() for character in match.group()) >= _MIN_DATE_DIGITS:
            yield Finding(match.start(), match.end(), DATE)
    words = list(_WORD.finditer(text))
    cuts = [match.start() for match in _CUT.finditer(text)]
    whole = _letters(text)
    for phrase in phrases:
        info_type = CONTEXT if contextual else phrase.info_type
        if phrase.info_type == NAME and len(whole) > 1 and whole == _letters(phrase.text):
            yield Finding(0, len(text), info_type)
        if phrase.info_type in PLACES:
            components = {part.strip() for part in re.split(r"[\^,;]", phrase.text)}
            for word in words:
                if len(word.group()) >= MIN_PLACE and word.group().isupper() and word.group() in components:
                    yield Finding(word.start(), word.end(), info_type)
        for cut in cuts:
            start = _cut_phrase([word for word in words if word.end() <= cut], phrase)
            if start is not None:
                yield Finding(start, cut, info_type)


def _cut_phrase(before: list[re.Match[str]], phrase: Phrase) -> int | None:
    """Where the words right before a cut begin to be the beginning of a phrase, or of one of its words; or None.

    The last letter before a cut is often cut itself and read as another one, and does not count.
    """
    parts = [_letters(word) for word in _WORD.findall(phrase.text)]
    beginnings = ["".join(parts[index:]) for index in range(len(parts))]
    found = None
    tail = ""
    for word in reversed(before):
        tail = _letters(word.group()) + tail
        seen = tail[:-1] if len(tail) > MIN_CUT else tail
        if len(seen) >= MIN_CUT and any(beginning.startswith(seen) for beginning in beginnings):
            found = word.start()
    return found


def _letters(text: str) -> str:
    """The text without blanks and delimiters, in lower case."""
    return "".join(character for character in text.casefold() if character.isalnum())
