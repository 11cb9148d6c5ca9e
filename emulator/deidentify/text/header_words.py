"""Phrases of an instance's own header, ready to be found again in its texts and pixels.

The Clean Descriptors Option (PS3.15 E.3.9) and the API's contextual de-identification replace what matches the values
of attributes that are removed. What counts, beside a value as a whole:

- of names each part of three letters or more, also where it is a word of the language: a patient called Wall takes the
  "wall" of every description along, as Google's how-to says; parts of two letters only beside another part;
- of ids the same with and without separators;
- of dates the same day in the usual forms;
- of places and institutions the parts between commas, and words of five letters or more that are no kind of place.

Other values count as a whole only, and not when they are so short or so common that they say nothing about a person.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from emulator.deidentify.text.fuzzy import FuzzyWords
from emulator.deidentify.text.header_dates import forms_of
from emulator.deidentify.text.phrase import Phrase

_SHORTEST: Final = 3
_SHORTEST_PLACE: Final = 5
_SHORTEST_OTHER: Final = 4
_SEPARATORS: Final = re.compile(r"[\s^=,;'’`_-]+")
_ID_SEPARATORS: Final = re.compile(r"[\s./_-]+")
_DATED: Final = frozenset({"DATE", "DATE_OF_BIRTH"})
_PLACED: Final = frozenset({"LOCATION", "ORGANIZATION_NAME"})

_NAME_WORDS_TEXT: Final = """
    the and von van der den del dos las los anonymous anonymized anonymised unknown none name patient test
    phantom doctor prof mrs miss md phd rdms service hospital clinic null
"""
_NAME_WORDS: Final = frozenset(_NAME_WORDS_TEXT.split())
"""Parts of names that are no name, or that say that there is none."""

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


@dataclasses.dataclass(frozen=True)
class HeaderWords:
    """Phrases and their parts by what they are: folded text (no case, no accents) -> info type."""

    words: Mapping[str, str]

    @classmethod
    def of(cls, phrases: Iterable[Phrase]) -> HeaderWords:
        """What has to be looked for, for these phrases."""
        words: dict[str, str] = {}
        for phrase in phrases:
            for word in _parts(phrase):
                folded = _fold(word)[0].strip()
                if folded:
                    words.setdefault(folded, phrase.info_type)
        return cls(words)

    def __repr__(self) -> str:
        """Say nothing: the words identify a patient."""
        return f"HeaderWords({len(self.words)} words)"

    def matches(self, text: str, *, ocr: bool = False) -> Iterator[tuple[int, int, str]]:
        """Where the phrases stand in a text: start, end, info type. Longer ones first at each place; they may overlap.

        Args:
            text: any text.
            ocr: whether it was read from pixels.
        """
        if not self.words:
            return
        folded, places = _fold(text)
        for match in self._expression.finditer(folded):
            word = re.sub(r"[\s^=,;'’`_-]+", " ", match[0])
            info_type = self.words.get(match[0]) or self._by_joined.get(_joined(word), "")
            yield places[match.start()], places[match.end() - 1] + 1, info_type
        if ocr:
            yield from self._fuzzy.matches(text)

    @functools.cached_property
    def _expression(self) -> re.Pattern[str]:
        longest_first = sorted(self.words, key=len, reverse=True)
        # A possessive or plural ending belongs to it; letters and digits around it do not.
        any_of = "|".join(_pattern(word) for word in longest_first)
        return re.compile(rf"(?<!\w)(?:{any_of})(?:['’]s)?(?!\w)")

    @functools.cached_property
    def _by_joined(self) -> dict[str, str]:
        return {_joined(word): info_type for word, info_type in reversed(list(self.words.items()))}

    @functools.cached_property
    def _fuzzy(self) -> FuzzyWords:
        return FuzzyWords.of(self.words)


def _pattern(word: str) -> str:
    """A phrase with any blanks or separators between its words."""
    return r"[\s^=,;'’`_-]{1,3}".join(re.escape(part) for part in _SEPARATORS.split(word) if part)


def _joined(word: str) -> str:
    return re.sub(r"\W|_", "", re.sub(r"['’]s\Z", "", word))


def _parts(phrase: Phrase) -> Iterator[str]:
    """The texts that a phrase is looked for as."""
    text = phrase.text.strip()
    if phrase.info_type == "PERSON_NAME":
        yield from _name_parts(text)
    elif phrase.info_type in _DATED:
        yield from forms_of(text)
    elif phrase.info_type == "MEDICAL_RECORD_NUMBER":
        yield from _id_parts(text)
    elif phrase.info_type == "PHONE_NUMBER":
        yield from _id_parts(text, shortest=6)
    elif phrase.info_type in _PLACED:
        yield from _place_parts(text)
    elif (
        len(text) >= _SHORTEST_OTHER and any(char.isalpha() for char in text) and text.casefold() not in _ORDINARY
    ) or (len(text) >= _SHORTEST_OTHER and sum(char.isdigit() for char in text) >= _SHORTEST_OTHER):
        yield text


def _name_parts(text: str) -> Iterator[str]:
    parts = [part.strip(".") for part in _SEPARATORS.split(text)]
    known = [part for part in parts if part and part.casefold() not in _NAME_WORDS]
    if sum(map(len, known)) < _SHORTEST:
        return
    if len(known) > 1:
        yield " ".join(known)
        for first, second in itertools.pairwise(known):
            yield f"{first} {second}"
            yield f"{second} {first}"
    for part in known:
        if len(part) >= _SHORTEST or not part.isascii():
            yield part


def _id_parts(text: str, shortest: int = _SHORTEST) -> Iterator[str]:
    plain = _ID_SEPARATORS.sub("", text)
    if len(plain) >= shortest and text.casefold() not in _ORDINARY and any(char.isdigit() for char in plain):
        yield text
        yield plain
    elif len(plain) >= _SHORTEST_OTHER and text.casefold() not in _ORDINARY | _NAME_WORDS:
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


def _fold(text: str) -> tuple[str, Sequence[int]]:
    """The text without case and accents, and for each of its characters the place it comes from."""
    if text.isascii():
        return text.casefold(), range(len(text))
    folded: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for one in unicodedata.normalize("NFKD", char.casefold()):
            if not unicodedata.combining(one):
                folded.append(one)
                places.append(place)
    return "".join(folded), places
