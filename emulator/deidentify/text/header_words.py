"""Phrases of an instance's own header, ready to be found again in its texts and pixels.

The Clean Descriptors Option (PS3.15 E.3.9) and the API's contextual de-identification replace what matches the values
of attributes that are removed. What counts, beside a value as a whole:

- of names each part of three letters or more, also where it is a word of the language: a patient called Wall takes the
  "wall" of every description along, as Google's how-to says; shorter parts and initials only beside another part;
- of ids and phone numbers the same with and without separators;
- of dates the same day in the usual forms;
- of places and institutions the parts between commas, and words of five letters or more that are no kind of place.

Other values count as a whole only, and not when they are so short or so common that they say nothing about a person.
Case, accents, blanks and punctuation make no difference; letters and digits around a phrase do, unless a number ends
where letters begin ("MRN12345").
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from emulator.deidentify.text.fold import UNSPACED, Folded, folded
from emulator.deidentify.text.fuzzy import FuzzyWords
from emulator.deidentify.text.header_dates import DATED, HeaderDates, forms_of
from emulator.deidentify.text.header_names import HeaderNames
from emulator.deidentify.text.header_numbers import HeaderNumbers
from emulator.deidentify.text.phrase import Phrase
from emulator.deidentify.text.runs import Phrases, runs_of, words_of

_NAME: Final = "PERSON_NAME"
_ID: Final = "MEDICAL_RECORD_NUMBER"
_SHORTEST: Final = 3
_SHORTEST_PLACE: Final = 5
_SHORTEST_OTHER: Final = 4
_LONG_NUMBER: Final = 5
"""Digits from which on a number is an id whatever stands beside it."""

_PLACED: Final = frozenset({"LOCATION", "ORGANIZATION_NAME"})
_POSSESSIVE: Final = re.compile(r"['’`´]s(?![^\W_])")

_PLACE_WORDS_TEXT: Final = """
    street avenue boulevard place square hospital clinic medical center centre university general memorial
    regional children childrens health healthcare department radiology imaging institute institution national
    community county state north south east west united states america germany france england services system
    group saint klinikum krankenhaus strasse straße hopital hôpital ospedale research cancer cardiology surgery
"""
_PLACE_WORDS: Final = frozenset(_PLACE_WORDS_TEXT.split())

_ORDINARY_TEXT: Final = """
    yes none normal unknown other null original primary derived secondary axial supine prone default standard
    routine adult child male female left right head chest abdomen pelvis spine brain neck body test auto manual
    true false image images local research anonymous anonymized
"""
_ORDINARY: Final = frozenset(_ORDINARY_TEXT.split())
"""Values that say nothing about a person whatever attribute they stand in."""


class HeaderWords:
    """Phrases and their parts, compiled once for an instance; see `of`."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self._names = HeaderNames([phrase.text for phrase in phrases if phrase.info_type == _NAME])
        self._numbers = HeaderNumbers(phrases)
        self._dates = HeaderDates(phrases)
        self._dated = [phrase for phrase in phrases if phrase.info_type in DATED]
        self._others: dict[str, str] = {}
        for phrase in phrases:
            for part in _parts(phrase):
                self._others.setdefault(part.strip(), phrase.info_type)
        self._phrases = Phrases()
        self._unspaced: dict[str, str] = dict.fromkeys(self._names.unspaced, _NAME)
        for part, info_type in self._others.items():
            for words in _variants(part, info_type):
                self._phrases.add(words, info_type)
            if UNSPACED.search(part):
                self._unspaced.setdefault(folded(part).text, info_type)

    @staticmethod
    def of(phrases: Iterable[Phrase]) -> HeaderWords:
        """What has to be looked for, for these phrases; not made anew for those of late."""
        return _compiled(tuple(phrases))

    def __repr__(self) -> str:
        """Say nothing: the words identify a patient."""
        return f"HeaderWords({len(self._others)} phrases)"

    def matches(self, text: str, *, ocr: bool = False) -> Iterator[tuple[int, int, str]]:
        """Where the phrases stand in a text: start, end, info type. They may overlap.

        Args:
            text: any text.
            ocr: whether it was read from pixels.
        """
        what = folded(text)
        for start, end, info_type in self._found(what):
            first, last = what.span(start, end)
            possessive = _POSSESSIVE.match(text, last) if text[last - 1].isalpha() else None
            yield first, possessive.end() if possessive else last, info_type
        if ocr:
            yield from self._fuzzy.matches(text)

    def _found(self, what: Folded) -> Iterator[tuple[int, int, str]]:
        """The phrases in a folded text, as places in it."""
        text = what.text
        if self._unspaced and not text.isascii():
            for phrase, info_type in self._unspaced.items():
                yield from ((match.start(), match.end(), info_type) for match in re.finditer(re.escape(phrase), text))
        words = words_of(text)
        numbers = [word for word in words if word.isdigit()]
        named, told = not self._names.telling.isdisjoint(words), not self._phrases.first_runs.isdisjoint(words)
        if not (named or told or numbers):
            return
        runs = runs_of(text)
        for first, last in self._names.find(runs, what) if named else ():
            yield runs[first].start, runs[last - 1].end, _NAME
        for first, last, info_type in self._phrases.find(runs) if told else ():
            start, end = runs[first].start, runs[last - 1].end
            if last - first > 1 or end - start >= _LONG_NUMBER or _stands_alone(text, start, end):
                yield start, end, info_type
        for first, last, info_type in self._dates.find(runs) if len(numbers) > 1 else ():
            yield runs[first].start, runs[last - 1].end, info_type
        yield from self._numbers.find(text, numbers)

    @functools.cached_property
    def _fuzzy(self) -> FuzzyWords:
        words: dict[str, str] = dict.fromkeys([*self._names.words, *self._names.joined], _NAME)
        words |= {folded(part).text: info_type for part, info_type in self._others.items()}
        words |= {digits: number.info_type for digits, number in self._numbers.numbers.items()}
        for phrase in self._dated:
            words |= dict.fromkeys((form.lower() for form in forms_of(phrase.text)), phrase.info_type)
        return FuzzyWords.of(words)


@functools.lru_cache(maxsize=64)
def _compiled(phrases: tuple[Phrase, ...]) -> HeaderWords:
    return HeaderWords(phrases)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a short number is no part of something else: "400" of WW400 or of 3.400."""
    if not text[start].isdigit():
        return True
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if before[-1:].isalpha() or after[:1].isalpha() or (before[-1:] in {".", ","} and before[:1].isdigit()):
        return False
    return not (len(after) == 2 and after[0] in ".," and after[1].isdigit())


def _parts(phrase: Phrase) -> Iterator[str]:
    """The texts that a phrase which is no name and no date is looked for as."""
    text = phrase.text.strip()
    if phrase.info_type == _NAME:
        if not any(char.isalpha() for char in text):
            yield from _id_parts(text)
    elif phrase.info_type in DATED:
        yield text
    elif phrase.info_type == _ID:
        yield from _id_parts(text)
    elif phrase.info_type == "PHONE_NUMBER":
        if sum(char.isdigit() for char in text) > _LONG_NUMBER:
            yield text
    elif phrase.info_type in _PLACED:
        yield from _place_parts(text)
    elif _is_telling(text):
        yield text


def _is_telling(text: str) -> bool:
    """Whether a value of some other kind says enough to be looked for."""
    if len(text) < _SHORTEST_OTHER or text.casefold() in _ORDINARY:
        return False
    return any(char.isalpha() for char in text) or sum(char.isdigit() for char in text) >= _SHORTEST_OTHER


def _id_parts(text: str) -> Iterator[str]:
    size = sum(char.isalnum() for char in text)
    shortest = _SHORTEST if any(char.isdigit() for char in text) else _SHORTEST_OTHER
    if size >= shortest and text.casefold() not in _ORDINARY:
        yield text


def _place_parts(text: str) -> Iterator[str]:
    if len(text) >= _SHORTEST_OTHER and text.casefold() not in _ORDINARY | _PLACE_WORDS:
        yield text
    for part in re.split(r"[,;\n\r]+", text):
        if len(part.strip()) >= _SHORTEST_PLACE and part.strip().casefold() not in _PLACE_WORDS | _ORDINARY:
            yield part.strip()
    for word in re.findall(r"[^\W_]+", text):
        if len(word) >= _SHORTEST_PLACE and word.casefold() not in _PLACE_WORDS | _ORDINARY:
            yield word


def _variants(part: str, info_type: str) -> Iterator[Sequence[str]]:
    """The runs by which a phrase is recognised."""
    words = words_of(folded(part).text)
    yield words
    if info_type == _ID:
        merged = _merged(words)
        yield merged
        if merged and merged[-1].isdigit() and len(short := merged[-1].lstrip("0")) >= _LONG_NUMBER:
            yield [*merged[:-1], short]


def _merged(words: Sequence[str]) -> list[str]:
    """Neighbouring runs of digits, and of letters, as one: "AB 12-34" as "AB", "1234"."""
    merged: list[str] = []
    for word in words:
        if merged and merged[-1].isdigit() == word.isdigit():
            merged[-1] += word
        else:
            merged.append(word)
    return merged
